import { Component, useState } from "@odoo/owl";
import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

// A phone that finds no satellite must not keep anybody waiting at the gate.
const PATIENCE = 6_000;

/** Checks in at the customer's: the time, and the place where the browser tells it. */
export class CheckIn extends Component {
    static template = "key_account_mgmt.CheckIn";
    static props = { ...standardWidgetProps };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ busy: false });
    }

    /** @returns {Promise<number[]>} latitude and longitude; nothing where they are not told */
    place() {
        const { geolocation } = browser.navigator;
        if (!geolocation) {
            return Promise.resolve([]);
        }
        return new Promise((resolve) => {
            browser.setTimeout(() => resolve([]), PATIENCE);
            geolocation.getCurrentPosition(
                ({ coords }) => resolve([coords.latitude, coords.longitude]),
                () => resolve([]),
                { enableHighAccuracy: true, timeout: PATIENCE }
            );
        });
    }

    async checkIn() {
        const { record } = this.props;
        this.state.busy = true;
        try {
            if (await record.save()) {
                const place = await this.place();
                await this.orm.call("kam.visit", "action_check_in", [[record.resId], ...place]);
                await record.load();
            }
        } finally {
            this.state.busy = false;
        }
    }
}

registry.category("view_widgets").add("kam_check_in", { component: CheckIn });
