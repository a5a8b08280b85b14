import { Component, onWillStart, onWillUpdateProps, useState } from "@odoo/owl";
import { useService } from "@web/core/utils/hooks";

const MODEL = "kam.week.item";
const GROUPING = ["groupBy", "dateGroupBy"];

/** Above My Week: numbers that filter the list, and figures of my accounts. */
export class WeekBanner extends Component {
    static template = "key_account_mgmt.WeekBanner";
    static props = { list: { type: Object, optional: true } };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.state = useState({ tiles: [], figures: [] });
        onWillStart(() => this.load());
        onWillUpdateProps(() => this.load());
    }

    async load() {
        Object.assign(this.state, await this.orm.call(MODEL, "action_retrieve_dashboard", []));
    }

    /** The list shows exactly what the number counts, grouped as before. */
    filter(tile) {
        const searchModel = this.env.searchModel;
        const items = searchModel.getSearchItems((item) => tile.filters.includes(item.name));
        searchModel.query = searchModel.query.filter(({ searchItemId }) =>
            GROUPING.includes(searchModel.searchItems[searchItemId].type)
        );
        for (const item of items) {
            searchModel.toggleSearchItem(item.id);
        }
    }

    async open(figure) {
        if (figure.method) {
            this.action.doAction(await this.orm.call(MODEL, figure.method, []));
        }
    }
}
