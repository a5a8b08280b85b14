import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/views/fields/formatters";
import { parseFloat } from "@web/views/fields/parsers";

const DIGITS = { digits: [16, 6], trailingZeros: false };

/**
 * The bottom line of a negotiation: opened on demand, which is written down, and set.
 *
 * What is shown lives in this dialog only: in no form, no draft, no address.
 */
export class FloorDialog extends Component {
    static template = "key_account_mgmt.FloorDialog";
    static props = ["*"];

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.notification = useService("notification");
        this.id = this.props.action.params.negotiation_id;
        this.state = useState({ items: [], figures: {}, shown: null, busy: false });
        onWillStart(async () => {
            Object.assign(this.state, await this.call("action_floor_form"));
        });
    }

    call(method, ...args) {
        return this.orm.call("kam.negotiation", method, [[this.id], ...args]);
    }

    format(value) {
        return value === null || value === undefined ? "–" : formatFloat(value, DIGITS);
    }

    /** @param {number} id of an item */
    opened(id) {
        return this.state.shown && this.state.shown.items.find((item) => item.id === id);
    }

    async busy(work) {
        if (this.state.busy) {
            return;
        }
        this.state.busy = true;
        try {
            await work();
        } finally {
            this.state.busy = false;
        }
    }

    show() {
        return this.busy(async () => {
            this.state.shown = await this.call("action_reveal");
            for (const item of this.state.shown.items) {
                if (item.floor !== null && item.floor !== undefined) {
                    this.state.figures[item.id] = this.format(item.floor);
                }
            }
        });
    }

    figures() {
        const values = {};
        for (const [id, text] of Object.entries(this.state.figures)) {
            if (text.trim()) {
                values[id] = parseFloat(text);
            }
        }
        return values;
    }

    set() {
        return this.busy(async () => {
            let values;
            try {
                values = this.figures();
            } catch {
                this.notification.add(_t("Please give numbers only."), { type: "danger" });
                return;
            }
            await this.call("action_set_floor", values);
            this.notification.add(_t("The bottom line is set."), { type: "success" });
            await this.close();
        });
    }

    close() {
        this.state.shown = null;
        this.state.figures = {};
        return this.action.doAction({ type: "ir.actions.act_window_close" });
    }
}

registry.category("actions").add("kam_negotiation_floor", FloorDialog);
