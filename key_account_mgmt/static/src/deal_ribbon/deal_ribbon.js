import { Component, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

/** Where a deal stands: its steps, who holds them, and the one next button. */
export class DealRibbon extends Component {
    static template = "key_account_mgmt.DealRibbon";
    static props = { ...standardFieldProps };

    setup() {
        this.action = useService("action");
        this.state = useState({ busy: false });
    }

    get ribbon() {
        return this.props.record.data[this.props.name] || { steps: [], next: null };
    }

    /** The opportunity and its documents call the same thing by different names. */
    method(name) {
        return this.props.record.resModel === "crm.lead"
            ? `action_kam_deal_${name}`
            : `action_deal_${name}`;
    }

    async call(name, args) {
        const { record } = this.props;
        if (this.state.busy || !(await record.save())) {
            return;
        }
        this.state.busy = true;
        try {
            // As a button of the form: what the method returns is completed on the server.
            await this.action.doActionButton({
                type: "object",
                name: this.method(name),
                resModel: record.resModel,
                resId: record.resId,
                args: JSON.stringify(args),
                onClose: () => record.load(),
            });
        } finally {
            this.state.busy = false;
        }
    }

    open(step) {
        return (step.open || step.start) && this.call("open", [step.code]);
    }

    next() {
        return this.call("next", []);
    }
}

export const dealRibbon = {
    component: DealRibbon,
    displayName: _t("Deal"),
    supportedTypes: ["json"],
};

registry.category("fields").add("kam_deal_ribbon", dealRibbon);
