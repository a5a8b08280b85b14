from odoo import api, models
from odoo.tools.misc import format_date, formatLang

INSIGHTS = 12


class KamProfilePaper(models.AbstractModel):
    """What the papers about a customer have in common.

    Everything is read with the rights of the person who prints.
    """

    _name = "kam.profile.paper"
    _description = "Papers About a Customer"

    @api.model
    def _label(self, record, name):
        """The value of a field as people read it; a dash where it is empty."""
        field, value = record._fields[name], record[name]
        if field.type == "selection":
            text = dict(field._description_selection(self.env)).get(value)
        elif field.type == "date":
            text = format_date(self.env, value)
        elif field.type == "monetary":
            text = value and record.company_id._kam_format_amount(value)
        elif field.type in ("float", "integer"):
            text = value and formatLang(self.env, value, digits=0 if field.type == "integer" else 1)
        elif field.relational:
            text = ", ".join(value.mapped("display_name"))
        else:
            text = value
        return text or "–"

    @api.model
    def _facts(self, record, names):
        """``[(label, value)]`` of fields, in the reader's language."""
        return [
            (record._fields[name]._description_string(self.env), self._label(record, name))
            for name in names
        ]

    @api.model
    def _pack(self, pack):
        """A service pack as facts and rows; ``None`` where there is none."""
        if not pack:
            return None
        kinds = dict(pack.item_ids._fields["kind"]._description_selection(self.env))
        return {
            "name": pack.name,
            "description": pack.description,
            "facts": [
                (self.env._("Hotline"), pack.hotline or "–"),
                (self.env._("Service Channel"), pack.channel or "–"),
                (self.env._("Service Times"), pack._sla_text()),
            ],
            "items": [
                {
                    "kind": kinds[item.kind],
                    "name": item.name,
                    "content": item.content or "",
                    "procedure": item.procedure or "",
                    "standard": item.standard or "",
                }
                for item in pack.item_ids
            ],
        }


class AccountFile(models.AbstractModel):
    """Account file 客户档案 (P7).  Source: S0-60, S0-153, S1m-08, S1q-07, (f) P7."""

    _name = "report.key_account_mgmt.report_account_file"
    _inherit = ["kam.profile.paper"]
    _description = "Account File on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        accounts = self.env["kam.account"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": accounts._name,
            "docs": accounts,
            "papers": {account.id: self._paper(account) for account in accounts},
        }

    def _paper(self, account):
        return {
            "head": self._head(account),
            "blocks": self._blocks(account),
            "figures": self._figures(account),
            "competitors": self._competitors(account),
            "team": self._team(account),
            "people": self._people(account),
            "pack": self._pack(account.service_pack_id),
            "deviations": self._deviations(account),
            "insights": self._insights(account),
        }

    def _head(self, account):
        return [
            (self.env._("Tier"), account.tier_id.name or "–"),
            (self.env._("Since"), format_date(self.env, account.tier_since) or "–"),
            *self._facts(
                account,
                ["state", "user_id", "executive_sponsor_id", "parent_id", "profile_completeness"],
            ),
            (
                self.env._("Profile Reviewed"),
                format_date(self.env, account.profile_reviewed_on) or "–",
            ),
        ]

    def _blocks(self, account):
        """The six blocks, the computed buying behaviour beside what was declared."""
        labels = account._block_labels()
        return [
            (
                labels["basic"],
                self._facts(
                    account,
                    [
                        "partner_address", "partner_phone", "partner_email",
                        "legal_representative", "business_scope", "source_channel_id",
                        "referrer_id",
                    ],
                ),
            ),
            (
                labels["organisation"],
                self._facts(
                    account, ["organisation", "decision_process", "communication_channel"]
                ),
            ),
            (
                labels["business"],
                self._facts(
                    account,
                    [
                        "business_scale", "main_products", "market_share", "background",
                        "positioning", "strategy_plan", "strategy_reviewed_on",
                        "customer_goals",
                    ],
                ),
            ),
            (
                labels["purchasing"],
                self._facts(
                    account,
                    [
                        "purchase_need", "purchase_frequency", "purchase_budget",
                        "purchase_criteria", "delivery_cycle", "delivery_method",
                        "order_count", "order_interval", "order_average", "order_categories",
                    ],
                ),
            ),
            (
                labels["relationship"],
                self._facts(account, ["customer_since", "cooperation_history"]),
            ),
        ]  # fmt: skip

    def _figures(self, account):
        if not account._has_field_access(account._fields["metric_value_ids"], "read"):
            return []
        return [
            (value.metric_id.name, value.window_label, value.value_label)
            for value in account.metric_value_ids
        ]

    def _competitors(self, account):
        return [
            (
                insight.competitor_id.name or "–",
                insight.product or "",
                self._label(insight, "share"),
                insight.opinion or "",
            )
            for insight in account.competitor_insight_ids
            if insight.competitor_id
        ]

    def _team(self, account):
        """Who is in the team today, as (role, person, since)."""
        today = account.company_id._kam_today()
        members = account.member_ids.filtered(
            lambda m: m.date_from <= today <= (m.date_to or today)
        )
        return [
            (member.role_id.name, member.user_id.name, format_date(self.env, member.date_from))
            for member in members
        ]

    def _people(self, account):
        """People who matter at the customer, as (name, role, attitude, our owner)."""
        people = self.env["kam.stakeholder"].search([("account_id", "=", account.id)])
        return [
            (
                person.partner_id.name,
                self._label(person, "role_id"),
                self._label(person, "attitude"),
                self._label(person, "owner_id"),
            )
            for person in people
        ]

    def _deviations(self, account):
        return [
            (
                deviation.name,
                deviation.reason,
                format_date(self.env, deviation.date_from),
                format_date(self.env, deviation.date_to) or "",
            )
            for deviation in account.deviation_ids
        ]

    def _insights(self, account):
        return [
            (format_date(self.env, insight.date), insight.kind_id.name, insight.name)
            for insight in account.insight_ids[:INSIGHTS]
        ]


class CustomerAnalysis(models.AbstractModel):
    """Customer analysis with the three-way comparison (P8).  Source: S0-67, S1r-09, (f) P8."""

    _name = "report.key_account_mgmt.report_customer_analysis"
    _inherit = ["kam.profile.paper"]
    _description = "Customer Analysis on Paper"

    @api.model
    def _get_report_values(self, docids, data=None):
        insights = self.env["kam.insight"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": insights._name,
            "docs": insights,
            "papers": {insight.id: self._paper(insight) for insight in insights},
        }

    def _paper(self, insight):
        head = ["kind_id", "account_id", "date", "state", "leader_id", "user_id"]
        head += ["participant_ids", "value_score", "potential_score"]
        names = [
            "needs", "pain_points", "behaviour", "market_demand", "business_model",
            "strengths", "weaknesses", "value_offered", "bottom_line", "competitor_id",
            "product", "share", "opinion", "strategy", "service_plan",
        ]  # fmt: skip
        known = [name for name in names if insight[name]]
        return {
            "head": self._facts(insight, head),
            "texts": self._facts(insight, known),
            "comparison": [
                (row.aspect_id.name, row.competitor or "", row.customer or "", row.us or "")
                for row in insight.comparison_ids
            ],
        }


class ServiceSheet(models.AbstractModel):
    """Service sheet of a level (P31).  Source: S0-22, S1d-06, S2-50, (f) P31."""

    _name = "report.key_account_mgmt.report_service_sheet"
    _inherit = ["kam.profile.paper"]
    _description = "Service Sheet of a Level"

    @api.model
    def _get_report_values(self, docids, data=None):
        tiers = self.env["kam.tier"].browse(docids)
        return {
            "doc_ids": docids,
            "doc_model": tiers._name,
            "docs": tiers,
            "papers": {tier.id: self._paper(tier) for tier in tiers},
        }

    def _paper(self, tier):
        return {
            "head": [
                (self.env._("Scheme"), tier.scheme_id.name),
                (self.env._("Level"), tier.name),
                (self.env._("Who Reaches It"), tier.criteria_text or "–"),
                *self._facts(tier, ["strategy"]),
                (self.env._("New Products First"), self._yes(tier.new_product_priority)),
                (self.env._("Deliveries First"), self._yes(tier.delivery_priority)),
            ],
            "pack": self._pack(tier.service_pack_id),
        }

    def _yes(self, value):
        return self.env._("yes") if value else self.env._("no")
