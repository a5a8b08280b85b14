import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { nbsp } from "@web/core/utils/strings";
import { formatMonetary } from "@web/views/fields/formatters";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";
import { session } from "@web/session";

/**
 * What a company divides amounts by before it shows them.
 *
 * @param {number} [companyId] default: the active company
 * @returns {number} 1, 10000 or 1000000
 */
export function amountUnit(companyId) {
    return session.kam_amount_units?.[companyId || user.activeCompany?.id] || 1;
}

/**
 * An amount in the unit the company chose: “¥ 2,120.00 万”.
 *
 * @param {number|false} value full amount
 * @param {Object} [options] those of formatMonetary, and companyId
 * @returns {string}
 */
export function formatKamAmount(value, options = {}) {
    const { companyId, ...monetaryOptions } = options;
    const unit = amountUnit(companyId || options.data?.company_id?.id);
    if (value === false || unit === 1) {
        return formatMonetary(value, monetaryOptions);
    }
    const amount = formatMonetary(value / unit, { ...monetaryOptions, digits: [16, 2] });
    return amount + nbsp + (unit === 10000 ? _t("万") : _t("million"));
}
formatKamAmount.extractOptions = formatMonetary.extractOptions;

/** Shows an amount in the company's unit; the full amount on hover and while editing. */
export class KamAmountField extends MonetaryField {
    static template = "key_account_mgmt.KamAmountField";

    get companyId() {
        return this.props.record.data.company_id?.id;
    }

    get fullAmount() {
        return amountUnit(this.companyId) === 1 ? undefined : super.formattedValue;
    }

    get formattedValue() {
        if (!this.props.readonly) {
            return super.formattedValue;
        }
        return formatKamAmount(this.value, {
            companyId: this.companyId,
            digits: this.currencyDigits,
            currencyId: this.currencyId,
            noSymbol: this.props.hideSymbol,
            trailingZeros: this.props.trailingZeros,
        });
    }
}

export const kamAmountField = {
    ...monetaryField,
    component: KamAmountField,
    displayName: _t("Amount in Company Unit"),
    // Wider than a plain amount: a cut-off unit would tell another amount.
    listViewWidth: [130, 180],
};

registry.category("fields").add("kam_amount", kamAmountField);
registry.category("formatters").add("kam_amount", formatKamAmount);
