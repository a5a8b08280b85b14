import { Component, onWillStart, useState } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { deserializeDate, formatDate } from "@web/core/l10n/dates";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { Layout } from "@web/search/layout";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";

const LEVELS = [1, 2, 3, 4, 5];
// A larger map opens with its upper levels only.
const MANY = 40;
const SHOWN_LEVELS = 3;
const SPECIFICATION = {
    account_id: { fields: {} },
    partner_id: { fields: { display_name: {} } },
    function: {},
    role_id: { fields: { display_name: {} } },
    attitude: {},
    influence: {},
    strength: {},
    owner_id: { fields: { display_name: {} } },
    reports_to_id: { fields: {} },
    last_contact_date: {},
    is_silent: {},
    left_on: {},
    write_date: {},
};

/** One person on the map; a click opens him. */
export class InfluenceCard extends Component {
    static template = "key_account_mgmt.InfluenceCard";
    static props = { node: Object, levels: Array, labels: Object, open: Function };

    get person() {
        return this.props.node.person;
    }

    get name() {
        return this.person.partner_id.display_name.split(", ").at(-1);
    }

    get photo() {
        return `/web/image/res.partner/${this.person.partner_id.id}/avatar_128`;
    }

    get ownerPhoto() {
        return `/web/image/res.users/${this.person.owner_id.id}/avatar_128`;
    }

    get lastContact() {
        const day = this.person.last_contact_date;
        return day ? formatDate(deserializeDate(day)) : "";
    }

    get influenceTitle() {
        return _t("Influence: %s of 5", this.person.influence || 0);
    }

    get strengthTitle() {
        return _t("Strength of our relation: %s of 5", this.person.strength || 0);
    }

    onKeydown(ev) {
        if (ev.key === "Enter" || ev.key === " ") {
            ev.preventDefault();
            this.props.open(this.person.id);
        }
    }
}

/** A person with everybody below. */
export class InfluenceBranch extends Component {
    static template = "key_account_mgmt.InfluenceBranch";
    static components = { InfluenceCard };
    static props = {
        node: Object,
        levels: Array,
        labels: Object,
        open: Function,
        folded: Object,
        toggle: Function,
    };

    get isFolded() {
        return Boolean(this.props.folded[this.props.node.person.id]);
    }
}
InfluenceBranch.components.InfluenceBranch = InfluenceBranch;

/** Who decides at a customer, and how they think of us: a map for each company of a group. */
export class InfluenceMap extends Component {
    static template = "key_account_mgmt.InfluenceMap";
    static components = { Layout, InfluenceBranch };
    static props = { ...standardActionServiceProps };

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.dialog = useService("dialog");
        this.levels = LEVELS;
        this.display = { controlPanel: {} };
        this.accountId = this.props.action.context.active_id;
        this.state = useState({ sections: [], labels: {}, folded: {}, mayAdd: false });
        onWillStart(async () => {
            const [fields, mayAdd] = await Promise.all([
                this.orm.call("kam.stakeholder", "fields_get", [["attitude"], ["selection"]]),
                user.checkAccessRight("kam.stakeholder", "create"),
            ]);
            this.state.labels = Object.fromEntries(fields.attitude.selection);
            this.state.mayAdd = mayAdd;
            await this.load();
        });
    }

    get attitudes() {
        return Object.keys(this.state.labels);
    }

    async load() {
        if (!this.accountId) {
            return;
        }
        const inGroup = [["id", "child_of", this.accountId]];
        const [accounts, people] = await Promise.all([
            this.orm.webSearchRead("kam.account", inGroup, {
                specification: { display_name: {}, stakeholder_warning: {} },
            }),
            this.orm.webSearchRead(
                "kam.stakeholder",
                [["account_id", "child_of", this.accountId]],
                { specification: SPECIFICATION }
            ),
        ]);
        const sections = accounts.records.map((account) =>
            this.section(
                account,
                people.records.filter((person) => person.account_id.id === account.id)
            )
        );
        // The account that was asked for first; of its group, those with people.
        this.state.sections = [
            ...sections.filter((one) => one.account.id === this.accountId),
            ...sections.filter((one) => one.account.id !== this.accountId && one.count),
        ];
    }

    section(account, people) {
        const nodes = new Map(
            people.map((person) => [person.id, { person, below: [], depth: 0, size: 0 }])
        );
        const top = [];
        for (const node of nodes.values()) {
            const boss = nodes.get(node.person.reports_to_id?.id);
            (boss ? boss.below : top).push(node);
        }
        this.arrange(top, 0);
        if (people.length > MANY) {
            for (const node of nodes.values()) {
                if (node.depth >= SHOWN_LEVELS - 1 && node.below.length) {
                    this.state.folded[node.person.id] ??= true;
                }
            }
        }
        const there = people.filter((person) => !person.left_on);
        return {
            account,
            top,
            count: people.length,
            warnings: (account.stakeholder_warning || "").split("\n").filter(Boolean),
            shares: this.attitudes.map((code) => ({
                code,
                count: there.filter((person) => person.attitude === code).length,
            })),
        };
    }

    /** The most influential first, on every level. */
    arrange(nodes, depth) {
        nodes.sort((a, b) => Number(b.person.influence || 0) - Number(a.person.influence || 0));
        let size = nodes.length;
        for (const node of nodes) {
            node.depth = depth;
            node.size = this.arrange(node.below, depth + 1);
            size += node.size;
        }
        return size;
    }

    toggle(id) {
        this.state.folded[id] = !this.state.folded[id];
    }

    open(resId, context = {}) {
        this.dialog.add(FormViewDialog, {
            resModel: "kam.stakeholder",
            resId,
            context: {
                ...context,
                form_view_ref: "key_account_mgmt.kam_stakeholder_view_form_quick",
            },
            title: resId ? _t("Stakeholder") : _t("New Stakeholder"),
            onRecordSaved: () => this.load(),
        });
    }

    openPerson(resId) {
        this.open(resId);
    }

    add(accountId) {
        this.open(false, { default_account_id: accountId });
    }

    async openList() {
        this.action.doAction(
            await this.orm.call("kam.account", "action_open_stakeholders", [[this.accountId]])
        );
    }
}

registry.category("actions").add("key_account_mgmt.influence_map", InfluenceMap);
