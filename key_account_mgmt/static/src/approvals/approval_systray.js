import { Component, onWillUnmount, useState } from "@odoo/owl";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { session } from "@web/session";

const ACTION = "key_account_mgmt.kam_approval_request_step_action_mine";
// Screens change often: the number is asked for at most once in this time.
const PATIENCE = 10_000;

/** How many approvals wait for me; a click opens them. Hidden while there are none. */
export class ApprovalSystray extends Component {
    static template = "key_account_mgmt.ApprovalSystray";
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ count: session.kam_approval_count });
        this.asked = Date.now();
        useBus(this.env.bus, "ACTION_MANAGER:UI-UPDATED", () => this.refresh());
        this.timer = setInterval(() => this.refresh(), 300_000);
        onWillUnmount(() => clearInterval(this.timer));
    }

    async refresh() {
        const now = Date.now();
        if (now - this.asked < PATIENCE) {
            return;
        }
        this.asked = now;
        this.state.count = await this.orm.silent.searchCount("kam.approval.request.step", [
            ["is_mine", "=", true],
        ]);
    }

    open() {
        this.action.doAction(ACTION, { clearBreadcrumbs: true });
    }
}

export const approvalSystray = {
    Component: ApprovalSystray,
    isDisplayed: () => session.kam_approval_count !== undefined,
};

registry.category("systray").add("key_account_mgmt.approvals", approvalSystray, { sequence: 26 });
