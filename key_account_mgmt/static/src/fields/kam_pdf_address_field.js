import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** The PDF behind an address of this server, page by page. */
export class KamPdfAddressField extends Component {
    static template = "key_account_mgmt.PdfAddressField";
    static props = { ...standardFieldProps };

    get viewer() {
        const address = this.props.record.data[this.props.name] || "";
        // Of this server only, whatever the value says.
        if (!/^\/web\/content\/\d+$/.test(address)) {
            return null;
        }
        return `/web/static/lib/pdfjs/web/viewer.html?file=${encodeURIComponent(address)}#page=1`;
    }
}

export const kamPdfAddressField = {
    component: KamPdfAddressField,
    displayName: _t("PDF by Address"),
    supportedTypes: ["char"],
};

registry.category("fields").add("kam_pdf_address", kamPdfAddressField);
