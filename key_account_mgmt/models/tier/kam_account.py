from odoo import api, fields, models
from odoo.fields import Domain

from ...policy.periods import add_months
from ..account.kam_account import KamAccount as AccountFile

ENGINE_FIELDS = {
    "tier_id": False,
    "tier_rank": 9999,
    "tier_since": False,
    "is_key_account": False,
    "last_evaluation_date": False,
}


class KamAccount(models.Model):
    _inherit = "kam.account"
    _order = "tier_rank, id"

    _guarded_initial = AccountFile._guarded_initial | ENGINE_FIELDS

    # Copies of the open assignment of the primary scheme, on our own small table.
    tier_id = fields.Many2one(
        "kam.tier", readonly=True, index="btree_not_null", copy=False,
        group_expand="_group_expand_tier",
    )  # fmt: skip
    tier_rank = fields.Integer(readonly=True, default=9999, copy=False, aggregator=None)
    tier_since = fields.Date(readonly=True, copy=False)
    is_key_account = fields.Boolean(
        "Key Account",
        readonly=True,
        copy=False,
        help="The tier of the primary scheme, or a label held, makes it one.",
    )
    last_evaluation_date = fields.Date("Last Evaluated", readonly=True, copy=False)
    evaluation_overdue = fields.Boolean(
        "Not Evaluated for a Year",
        compute="_compute_evaluation_overdue",
        search="_search_evaluation_overdue",
    )
    assignment_ids = fields.One2many("kam.tier.assignment", "account_id", "Tier History")
    label_ids = fields.Many2many(
        "kam.tier", string="Labels", compute="_compute_label_ids", search="_search_label_ids"
    )
    suggestion_ids = fields.One2many("kam.tier.suggestion", "account_id", "Suggestions")
    suggested_tier_id = fields.Many2one(
        "kam.tier", compute="_compute_suggested_tier_id", compute_sudo=True
    )
    qualification_ids = fields.One2many(related="partner_id.kam_qualification_ids")
    standing_ids = fields.One2many(related="partner_id.kam_standing_ids")
    expected_sales_ids = fields.One2many(related="partner_id.kam_expected_sales_ids")
    metric_value_ids = fields.One2many(
        "kam.metric.value",
        compute="_compute_metric_value_ids",
        string="Figures",
        groups="key_account_mgmt.group_kam_member,key_account_mgmt.group_kam_auditor",
    )
    color = fields.Integer(related="tier_id.color")

    def _group_expand_tier(self, tiers, domain):
        """Kanban columns: every level of the primary scheme, in rank order."""
        scheme = self.env["kam.tier.scheme"]._primary(self.env.company)
        return (tiers | scheme.sudo(False).tier_ids).sorted("rank")

    @api.depends("last_evaluation_date")
    def _compute_evaluation_overdue(self):
        limit = self._evaluation_limit()
        for account in self:
            last = account.last_evaluation_date
            account.evaluation_overdue = not last or last < limit

    def _search_evaluation_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = Domain("last_evaluation_date", "=", False) | Domain(
            "last_evaluation_date", "<", self._evaluation_limit()
        )
        return overdue if True in value else ~overdue

    @api.model
    def _evaluation_limit(self):
        """Who was last evaluated before this day is overdue.  Source: S0-35."""
        scheme = self.env["kam.tier.scheme"]._primary(self.env.company)
        months = scheme.evaluation_interval_months or 12
        return add_months(fields.Date.context_today(self), -months)

    def _compute_label_ids(self):
        groups = self.env["kam.tier.assignment"]._read_group(
            [
                ("account_id", "in", self.ids),
                ("date_to", "=", False),
                ("exclusive", "=", False),
            ],
            ["account_id"],
            ["tier_id:recordset"],
        )
        labels = dict(groups)
        for account in self:
            account.label_ids = labels.get(account._origin, self.env["kam.tier"])

    def _search_label_ids(self, operator, value):
        open_labels = Domain("date_to", "=", False) & Domain("exclusive", "=", False)
        return Domain("assignment_ids", "any", open_labels & Domain("tier_id", operator, value))

    @api.depends("suggestion_ids")
    def _compute_suggested_tier_id(self):
        for account in self:
            suggestion = account.suggestion_ids.filtered(
                lambda s, a=account: s.scheme_id == a.tier_id.scheme_id or s.scheme_id.is_primary
            )[:1]
            account.suggested_tier_id = suggestion.suggested_tier_id

    def _compute_metric_value_ids(self):
        Value = self.env["kam.metric.value"]
        for account in self:
            account.metric_value_ids = Value.search(
                [
                    ("partner_id", "=", account.partner_id.id),
                    ("company_id", "=", account.company_id.id),
                    ("kind", "=", "latest"),
                    ("metric_id.show_on_account", "=", True),
                ]
            )

    # Deciding ---------------------------------------------------------------------

    def _assign_tier(
        self, scheme, tier, date, origin, line=None, label=None, inherited=False, reason=False
    ):
        """Close the open assignment and open the next one.

        :param tier: new level; empty: hold none
        :param label: in label schemes, the label that is given or taken away
        :return: list with one change ``{account, scheme, old, new}``, or empty

        A level decided for a later day stands: this one is skipped.  Source: S0-36.
        """
        self.ensure_one()
        Assignment = self.env["kam.tier.assignment"].sudo()._as_engine()
        domain = Assignment._open_domain(scheme, self.company_id)
        domain &= Domain("account_id", "=", self.id)
        if label:
            domain &= Domain("tier_id", "=", label.id)
        current = Assignment.search(domain)
        if current.tier_id == tier or any(a.date_from > date for a in current):
            return []
        old = current.tier_id
        current._close(date)
        if tier:
            Assignment.create(
                {
                    "account_id": self.id,
                    "company_id": self.company_id.id,
                    "scheme_id": scheme.id,
                    "exclusive": scheme.exclusive,
                    "tier_id": tier.id,
                    "previous_tier_id": old.id,
                    "direction": self._direction(scheme, old, tier),
                    "date_from": date,
                    "origin": origin,
                    "is_inherited": inherited,
                    "evaluation_line_id": line.id if line else False,
                    "reason": reason,
                }
            )
        self._sync_tier()
        return [{"account": self, "scheme": scheme, "old": old, "new": tier}]

    @api.model
    def _direction(self, scheme, old, new):
        if not scheme.exclusive:
            return "added"
        if not old:
            return "new"
        return "up" if new.rank < old.rank else "down"

    def _sync_tier(self):
        """Copy what the open assignments say onto the file.

        The tier is that of the primary scheme; a key account is made by it or by a
        label, not by another exclusive scheme standing beside.  Source: S0-08, S1n-03.
        """
        # sudo: written by the decision, whoever triggers it.
        Assignment = self.env["kam.tier.assignment"].sudo()
        for company, accounts in self.grouped("company_id").items():
            scheme = self.env["kam.tier.scheme"]._primary(company)
            counting = Domain("scheme_id", "=", scheme.id) | Domain("exclusive", "=", False)
            held = Assignment.search(
                Domain("date_to", "=", False) & Domain("account_id", "in", accounts.ids) & counting
            ).grouped("account_id")
            for account in accounts:
                assignments = held.get(account.sudo(), Assignment)
                primary = assignments.filtered(lambda a, s=scheme: a.scheme_id == s)
                tier = primary.tier_id
                vals = {
                    "tier_id": tier.id,
                    "tier_rank": tier.rank if tier else 9999,
                    "tier_since": primary.date_from,
                    "is_key_account": any(assignments.tier_id.mapped("is_key_account")),
                }
                account.sudo()._as_engine().with_context(tracking_disable=True).write(vals)

    @api.model
    def _sync_primary_tier(self, company):
        """After another scheme became primary: every file shows its tier."""
        domain = [("company_id", "=", company.id)] if company else []
        self.sudo().search(domain)._sync_tier()

    def _on_tier_changed(self, changes, date):
        """Hook for later domains.

        :param changes: ``[(account, scheme, old tier, new tier), …]``
        """

    def action_reevaluate(self):
        """An ad-hoc evaluation of these accounts, on the same road as the yearly one."""
        return self.env["kam.tier.evaluation"]._open_adhoc(self.partner_id, self.company_id)

    def action_qualify(self):
        """Record standing, qualifications and expected sales of these accounts."""
        return self.partner_id._kam_qualify_action()

    # Merging ----------------------------------------------------------------------

    def _merge_into(self, kept):
        """The kept file keeps its tier; a conflict opens an ad-hoc evaluation."""
        today = fields.Date.context_today(self)
        lost_tier, kept_tier = self.tier_id, kept.tier_id
        assignments = self.assignment_ids.sudo()._as_engine()
        for assignment in assignments.filtered(lambda a: not a.date_to):
            if kept._holds_in_place_of(assignment):
                assignment._close(max(today, assignment.date_from))
        assignments.write({"account_id": kept.id})
        self.suggestion_ids.sudo()._as_engine().unlink()
        result = super()._merge_into(kept)
        (self | kept)._sync_tier()
        if lost_tier and kept_tier and lost_tier != kept_tier:
            kept._open_merge_evaluation(lost_tier)
        return result

    def _holds_in_place_of(self, assignment):
        """Whether an open assignment here excludes another file's open one."""
        mine = self.assignment_ids.filtered(
            lambda a: not a.date_to and a.scheme_id == assignment.scheme_id
        )
        return bool(mine) and (assignment.exclusive or assignment.tier_id in mine.tier_id)

    def _open_merge_evaluation(self, lost_tier):
        evaluation = (
            self.env["kam.tier.evaluation"]
            .sudo()
            ._without_engine()
            .create(
                {
                    "name": self.env._("After merging: %(name)s", name=self.name),
                    "company_id": self.company_id.id,
                    "partner_ids": [fields.Command.set(self.partner_id.ids)],
                    "scheme_ids": [fields.Command.set(self.tier_id.scheme_id.ids)],
                }
            )
        )
        self.message_post(
            body=self.env._(
                "The merged file held %(tier)s: “%(evaluation)s” waits for a decision.",
                tier=lost_tier.name,
                evaluation=evaluation.name,
            )
        )

    @api.model
    def _merge_partner_records(self, sources, destination):
        self.env["kam.opening.classification"]._merge_partners(sources, destination)
        # Compared anew tonight.
        suggestions = self.env["kam.tier.suggestion"].sudo()._as_engine()
        suggestions.search([("partner_id", "in", sources.ids)]).unlink()
        return super()._merge_partner_records(sources, destination)
