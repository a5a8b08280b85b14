from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..core.guarded import ondelete_always

OFFICE = "key_account_mgmt.group_kam_officer"
GUARDED = {"state": "draft", "confirmed_on": False, "confirmed_by_id": False}


class KamInsight(models.Model):
    """Something learned about a customer, a competitor, a market, or from a deal.

    Draft until it is confirmed; then it stays as it is, and only the office archives it.
    An analysis is led by the lead account manager and gives the scores the tier may rest
    on.  Without an account it belongs to the company and everybody of it may read it.
    Source: S0-65, S0-67 … S0-70, S1r-08, S1r-12.
    """

    _name = "kam.insight"
    _inherit = ["kam.guarded", "mail.thread"]
    _description = "Insight"
    _order = "date desc, id desc"
    _check_company_auto = True

    _guarded_initial = GUARDED

    name = fields.Char("Subject", required=True)
    kind_id = fields.Many2one("kam.insight.kind", required=True, index=True, ondelete="restrict")
    shows_needs = fields.Boolean(related="kind_id.shows_needs")
    shows_competitor = fields.Boolean(related="kind_id.shows_competitor")
    shows_comparison = fields.Boolean(related="kind_id.shows_comparison")
    needs_scores = fields.Boolean(related="kind_id.needs_scores")
    without_account = fields.Boolean(related="kind_id.without_account")
    active = fields.Boolean("In Use", default=True)
    account_id = fields.Many2one(
        "kam.account", index="btree_not_null", ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        compute="_compute_company_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    user_id = fields.Many2one(
        "res.users",
        "Author",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    leader_id = fields.Many2one(
        "res.users",
        "Led By",
        domain=[("share", "=", False)],
        help="Leads an analysis: the lead account manager of the account.",
    )
    participant_ids = fields.Many2many(
        "res.users", "kam_insight_participant_rel", "insight_id", "user_id", "Participants"
    )
    state = fields.Selection(
        [("draft", "Draft"), ("confirmed", "Confirmed")],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        tracking=True,
    )
    confirmed_on = fields.Datetime(readonly=True, copy=False)
    confirmed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    description = fields.Html("What We Learned")
    attachment_ids = fields.Many2many("ir.attachment", string="Files")

    # Needs and market
    needs = fields.Text(help="Needs in products and in services.")
    pain_points = fields.Text()
    behaviour = fields.Text("Purchasing Behaviour")
    market_demand = fields.Text()
    business_model = fields.Text()
    strengths = fields.Text()
    weaknesses = fields.Text()
    value_offered = fields.Text(help="What we are worth to them.")
    bottom_line = fields.Text("Their Bottom Line", help="What we believe they cannot go below.")

    # Competitor
    competitor_id = fields.Many2one(
        "res.partner",
        ondelete="restrict",
        domain=lambda self: self._competitor_domain(),
        help="A contact with the category Competitor.",
    )
    product = fields.Char("Their Product or Service")
    share = fields.Float("Their Share (%)", aggregator="avg")
    opinion = fields.Text("Customer's Opinion")

    # Analysis
    value_score = fields.Integer(
        "Customer Value", aggregator="avg", help="1 to 100; 0 is not yet scored."
    )
    potential_score = fields.Integer(
        "Potential", aggregator="avg", help="1 to 100; 0 is not yet scored."
    )
    strategy = fields.Text("Marketing Strategy")
    service_plan = fields.Text("Preliminary Service Plan")
    comparison_ids = fields.One2many(
        "kam.insight.comparison", "insight_id", "Three-Way Comparison", copy=True
    )

    _score_check = models.Constraint(
        "CHECK (value_score BETWEEN 0 AND 100 AND potential_score BETWEEN 0 AND 100 "
        "AND share BETWEEN 0 AND 100)",
        "Scores and shares are between 0 and 100.",
    )

    @api.model
    def _competitor_domain(self):
        category = self.env.ref(
            "key_account_mgmt.kam_partner_category_competitor", raise_if_not_found=False
        )
        return [("category_id", "in", category.ids)] if category else []

    @api.depends("account_id")
    def _compute_company_id(self):
        for insight in self:
            company = insight.account_id.company_id or insight.company_id or self.env.company
            insight.company_id = company.root_id

    @api.onchange("kind_id")
    def _onchange_kind_id(self):
        if self.kind_id.shows_comparison and not self.comparison_ids:
            self.comparison_ids = self._default_comparison()
        if self.kind_id.needs_scores and not self.leader_id:
            self.leader_id = self.account_id.user_id

    @api.model
    def _default_comparison(self):
        return [
            Command.create({"aspect_id": aspect.id, "sequence": aspect.sequence})
            for aspect in self.env["kam.insight.aspect"].search([])
        ]

    @api.constrains("account_id", "kind_id", "company_id")
    def _check_account(self):
        for insight in self:
            if not insight.account_id and not insight.kind_id.without_account:
                raise ValidationError(
                    self.env._(
                        "“%(kind)s” is about a customer: choose the account.",
                        kind=insight.kind_id.name,
                    )
                )
            if insight.account_id and insight.account_id.company_id != insight.company_id:
                raise ValidationError(
                    self.env._("An insight belongs to the company of its account file.")
                )
            if insight.company_id.root_id != insight.company_id:
                raise ValidationError(
                    self.env._(
                        "%(branch)s is a branch: insights belong to %(company)s.",
                        branch=insight.company_id.name,
                        company=insight.company_id.root_id.name,
                    )
                )

    # Rights ---------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        kinds = self.env["kam.insight.kind"]
        for vals in vals_list:
            self._check_author(vals)
            kind = kinds.browse(vals.get("kind_id"))
            if kind.shows_comparison and "comparison_ids" not in vals:
                vals["comparison_ids"] = self._default_comparison()
        insights = super().create(vals_list)
        insights._own_files()
        return insights

    def write(self, vals):
        self._check_unconfirmed(vals)
        if "user_id" in vals:
            self._check_author(vals)
        result = super().write(vals)
        if "attachment_ids" in vals:
            self._own_files()
        return result

    def _check_author(self, vals):
        """Who writes it down is its author; the office may name somebody else."""
        if self._is_office() or self._is_engine():
            return
        author = vals.get("user_id", self.env.uid)
        if author != self.env.uid:
            raise AccessError(
                self.env._("You are the author of what you write down: leave it to your name.")
            )

    def _is_office(self):
        return self.env.su or self.env.user.has_group(OFFICE)

    def _check_unconfirmed(self, vals):
        """A confirmed insight stays as it is; the office may archive it."""
        confirmed = self.filtered(lambda i: i.state == "confirmed")
        if self._is_engine() or not (confirmed or "active" in vals):
            return
        if vals.keys() == {"active"} and self._is_office():
            return
        if confirmed:
            raise UserError(
                self.env._(
                    "“%(name)s” is confirmed and stays as it is. Write a new insight; the KAM "
                    "office can archive this one.",
                    name=confirmed[0].name,
                )
            )
        if not vals["active"] and self.filtered(lambda i: i.user_id != self.env.user):
            raise AccessError(self.env._("Only the author or the KAM office archives a draft."))

    def _own_files(self):
        """A file that belongs to no record could be read by nobody but its author."""
        for insight in self:
            loose = insight.attachment_ids.filtered(
                lambda a: not a.res_id and a.create_uid == self.env.user
            )
            loose.write({"res_model": self._name, "res_id": insight.id})

    @ondelete_always
    def _unlink_except_own_draft(self):
        for insight in self:
            mine = insight.user_id == self.env.user or insight._is_office()
            if insight.state != "draft" or not mine:
                raise UserError(
                    self.env._(
                        "“%(name)s” cannot be deleted: only the author or the KAM office deletes "
                        "a draft, and nobody a confirmed insight.",
                        name=insight.name,
                    )
                )

    # Confirming -----------------------------------------------------------------------

    def action_confirm(self):
        """Confirm what was learned; from then on it stays as it is.

        Raises ``UserError`` for an analysis without scores or not led by the lead account
        manager, ``AccessError`` for who is neither author, leader, lead account manager
        nor office.  Source: S0-67, S0-69.
        """
        self.check_access("write")
        drafts = self.filtered(lambda i: i.state == "draft")
        for insight in drafts:
            insight._check_may_confirm()
            if insight.kind_id.needs_scores:
                insight._check_analysis()
        drafts._as_engine().write(
            {
                "state": "confirmed",
                "confirmed_on": fields.Datetime.now(),
                "confirmed_by_id": self.env.uid,
            }
        )
        drafts._on_insight_confirmed()
        return True

    def _check_may_confirm(self):
        people = self.user_id | self.account_id.user_id
        if self.kind_id.needs_scores:
            people = self.account_id.user_id
        if self.env.user not in people and not self._is_office():
            raise AccessError(
                self.env._(
                    "An analysis is confirmed by the lead account manager or the KAM office, "
                    "everything else also by its author."
                )
            )

    def _check_analysis(self):
        if not self.leader_id or not self._leads(self.leader_id):
            raise UserError(
                self.env._(
                    "An analysis is led by the lead account manager of %(customer)s: choose him.",
                    customer=self.account_id.name,
                )
            )
        if not (self.value_score and self.potential_score):
            raise UserError(
                self.env._("Score customer value and potential (1 to 100) before you confirm.")
            )

    def _leads(self, user):
        """Whether a person leads the account now, or did on the day of the insight.

        Source: S0-67.
        """
        if user == self.account_id.user_id:
            return True
        # sudo: who led the account is checked, not shown.
        rows = self.account_id.sudo().member_ids.filtered(
            lambda m: m.user_id == user and m.role_id.code == "manager"
        )
        day = self.date
        return any(row.date_from <= day <= (row.date_to or day) for row in rows)

    def _on_insight_confirmed(self):
        """Hook for later domains, e.g. obligations fulfilled by research."""


class KamInsightComparison(models.Model):
    """A row of the three-way comparison.  Source: S1r-09."""

    _name = "kam.insight.comparison"
    _inherit = ["kam.guarded"]
    _description = "Three-Way Comparison"
    _order = "insight_id, sequence, id"

    _guarded_once = frozenset({"insight_id"})

    insight_id = fields.Many2one("kam.insight", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    aspect_id = fields.Many2one("kam.insight.aspect", required=True, ondelete="restrict")
    competitor = fields.Text()
    customer = fields.Text("Customer's Demand")
    us = fields.Text()

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_unconfirmed()
        return lines

    def write(self, vals):
        self._check_unconfirmed()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_confirmed(self):
        self._check_unconfirmed()

    def _check_unconfirmed(self):
        # sudo: the rule holds for everybody who reaches a line.
        self.sudo().insight_id._check_unconfirmed({"comparison_ids": True})
