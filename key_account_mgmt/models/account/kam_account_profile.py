import re
from itertools import compress

from odoo import api, fields, models
from odoo.fields import Domain

from ...policy.periods import add_months
from .kam_account import SUSPENDED

FREQUENCIES = [
    ("weekly", "Weekly"),
    ("monthly", "Monthly"),
    ("quarterly", "Quarterly"),
    ("half_yearly", "Half-Yearly"),
    ("yearly", "Yearly"),
    ("project", "Project by Project"),
]
# The six blocks of the policy, and what has to be known of each.  Source: S0-60 … S0-66.
BLOCKS = {
    "basic": ("legal_representative", "business_scope", "source_channel_id"),
    "organisation": ("organisation", "decision_process"),
    "business": ("business_scale", "main_products", "market_share"),
    "purchasing": (
        "purchase_need",
        "purchase_frequency",
        "purchase_budget",
        "purchase_criteria",
    ),
    "competitors": ("competitors_known",),
    "relationship": ("cooperation_history",),
}
# Whoever changes one of these has looked at the profile.
PROFILE_FIELDS = {name for names in BLOCKS.values() for name in names} - {"competitors_known"} | {
    "referrer_id",
    "communication_channel",
    "strategy_plan",
    "customer_goals",
    "background",
    "positioning",
    "delivery_cycle",
    "delivery_method",
    "no_competitor",
}
STALE_MONTHS = 6
# Written by the system only.
SYSTEM = ("profile_reviewed_on", "profile_reviewed_by_id", "profile_told_on", "opened_on")
COMPUTED = ("competitors_known", "profile_completeness")


class KamAccount(models.Model):
    """Profile of a customer in six blocks: what is known, how much, since when.

    Completeness is the average over the blocks of the part of it that is known, in
    percent.  A profile is stale when nobody has changed or confirmed it for the
    company's number of months; its last day in time is that day of the month.
    Source: S0-60, S2-48, S1a-12, S1m-08, S2-47.
    """

    _inherit = "kam.account"

    # Basic; address and ways to reach them are the contact's own.
    partner_phone = fields.Char(related="partner_id.phone", string="Phone")
    partner_email = fields.Char(related="partner_id.email", string="Email")
    partner_address = fields.Char("Address", compute="_compute_partner_address", compute_sudo=True)
    legal_representative = fields.Char()
    business_scope = fields.Text()
    source_channel_id = fields.Many2one(
        "kam.source.channel",
        ondelete="restrict",
        help="How we came to know this customer.",
    )
    referrer_id = fields.Many2one(
        "res.partner", "Referred By", ondelete="restrict", help="The partner who recommended him."
    )

    # Organisation
    organisation = fields.Text("Departments and Their Duties")
    decision_process = fields.Text(help="Who decides on purchases, in which order.")
    communication_channel = fields.Char(
        "Agreed Channels", help="How both sides keep in touch: contacts, groups, regular calls."
    )

    # Business
    business_scale = fields.Char(help="Yearly turnover, people, plants, capacity.")
    main_products = fields.Text("Main Products and Services")
    market_share = fields.Float("Market Share (%)", aggregator="avg")
    background = fields.Text()
    positioning = fields.Text(help="What this customer is to us, and we to him.")
    strategy_plan = fields.Text("Strategy and Development Plan")
    strategy_reviewed_on = fields.Date("Strategy as Of")
    customer_goals = fields.Text("Plans and Goals of the Customer")

    # Purchasing, as the customer says
    purchase_need = fields.Text("Needs")
    purchase_frequency = fields.Selection(FREQUENCIES, "Declared Frequency")
    purchase_budget = fields.Monetary("Yearly Budget")
    purchase_criteria = fields.Text("Decision Criteria")
    delivery_cycle = fields.Integer("Delivery Cycle (Days)", aggregator=None)
    delivery_method = fields.Char()

    # Competitors
    insight_ids = fields.One2many("kam.insight", "account_id", "Insights")
    competitor_insight_ids = fields.One2many(
        "kam.insight", "account_id", "Competitors", domain=[("kind_id.shows_competitor", "=", True)]
    )
    insight_count = fields.Integer("Number of Insights", compute="_compute_insight_count")
    no_competitor = fields.Boolean(
        "We Are the Only Supplier", help="Tick it where there is no competitor to describe."
    )
    competitors_known = fields.Boolean(compute="_compute_profile_completeness", store=True)

    # Relationship
    cooperation_history = fields.Text()

    profile_completeness = fields.Float(
        compute="_compute_profile_completeness",
        store=True,
        aggregator="avg",
        help="Average over the six blocks of what is known, in percent.",
    )
    profile_missing = fields.Char("Incomplete Blocks", compute="_compute_profile_missing")
    profile_reviewed_on = fields.Date("Profile Reviewed", readonly=True, copy=False)
    profile_reviewed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    profile_told_on = fields.Date("Manager Told of It", readonly=True, copy=False)
    opened_on = fields.Date(
        "File Opened", default=fields.Date.context_today, readonly=True, copy=False
    )
    profile_stale = fields.Boolean(
        "Profile Is Stale",
        compute="_compute_profile_stale",
        search="_search_profile_stale",
        help="Nobody has changed or confirmed the profile for the months set in Settings.",
    )

    _profile_check = models.Constraint(
        "CHECK (market_share >= 0 AND market_share <= 100 AND delivery_cycle >= 0 "
        "AND purchase_budget >= 0)",
        "A market share is between 0 and 100 percent; days and budget are not below zero.",
    )

    def _compute_insight_count(self):
        counts = dict(
            self.env["kam.insight"]._read_group(
                [("account_id", "in", self.ids)], ["account_id"], ["__count"]
            )
        )
        for account in self:
            account.insight_count = counts.get(account._origin, 0)

    # Completeness ---------------------------------------------------------------------

    @api.depends(
        *sorted(PROFILE_FIELDS),
        "insight_ids.kind_id.shows_competitor",
        "insight_ids.competitor_id",
        "insight_ids.active",
    )
    def _compute_profile_completeness(self):
        for account in self:
            named = account.insight_ids.filtered(
                lambda i: i.active and i.kind_id.shows_competitor and i.competitor_id
            )
            account.competitors_known = bool(named) or account.no_competitor
            parts = [account._block_share(block) for block in BLOCKS]
            account.profile_completeness = round(100 * sum(parts) / len(parts), 1)

    def _block_share(self, block):
        """How much of a block is known, 0.0 to 1.0."""
        known = [self._is_known(name) for name in BLOCKS[block]]
        return sum(known) / len(known)

    def _is_known(self, name):
        value = self[name]
        return bool(value.strip() if isinstance(value, str) else value)

    @api.depends("partner_id.contact_address")
    @api.depends_context("lang")
    def _compute_partner_address(self):
        """The contact's address in one line, as its country writes it, without gaps."""
        for account in self:
            lines = account.partner_id._display_address(without_company=True)
            parts = (part.strip() for part in re.split(r"[,\n]", lines))
            account.partner_address = ", ".join(part for part in parts if part)

    @api.depends("profile_completeness")
    @api.depends_context("lang")
    def _compute_profile_missing(self):
        labels = self._block_labels()
        for account in self:
            missing = [labels[block] for block in BLOCKS if account._block_share(block) < 1]
            account.profile_missing = ", ".join(missing)

    @api.model
    def _block_labels(self):
        return {
            "basic": self.env._("Basics"),
            "organisation": self.env._("Organisation"),
            "business": self.env._("Business"),
            "purchasing": self.env._("Purchasing"),
            "competitors": self.env._("Competitors"),
            "relationship": self.env._("Relationship"),
        }

    # Staleness ------------------------------------------------------------------------

    @api.depends("profile_reviewed_on", "state", "is_target")
    def _compute_profile_stale(self):
        stale = self.search(self._stale_domain() & Domain("id", "in", self.ids))
        for account in self:
            account.profile_stale = account._origin in stale

    @api.model
    def _search_profile_stale(self, operator, value):
        if operator != "in":
            return NotImplemented
        stale = self._stale_domain()
        return stale if True in value else ~stale

    @api.model
    def _watched_domain(self):
        """Accounts whose profile has to be kept up to date; a later domain adds its own."""
        return Domain("is_target", "=", True)

    @api.model
    def _stale_domain(self, day=None):
        """Files nobody looked at for the months of their company.

        :param day: empty: the day it is where the company works
        """
        watched = self._watched_domain() & Domain("state", "not in", SUSPENDED)
        # sudo: how often profiles are reviewed is no secret of the company.
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        stale = [self._stale_in(company, day or company._kam_today()) for company in companies]
        return watched & Domain.OR(stale)

    @api.model
    def _stale_in(self, company, day):
        limit = add_months(day, -company._kam_profile_months())
        live = company.kam_go_live_date
        if live and live >= limit:
            return Domain.FALSE
        never = Domain("profile_reviewed_on", "=", False) & Domain("opened_on", "<", limit)
        late = Domain("profile_reviewed_on", "<", limit)
        return Domain("company_id", "=", company.id) & (late | never)

    def action_profile_reviewed(self):
        """Reviewed, nothing new: the profile is up to date as of today.

        For whoever may write the file.  Source: S2-48.
        """
        self.check_access("write")
        self._mark_reviewed()
        return True

    def _mark_reviewed(self):
        for company, accounts in self.grouped("company_id").items():
            vals = {
                "profile_reviewed_on": company._kam_today(),
                "profile_reviewed_by_id": self.env.uid,
            }
            # sudo: the right was checked before; the guard lets only the system write it.
            accounts.sudo()._as_engine().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        self._check_profile_guard(*vals_list)
        if not self._is_engine():
            # An explicit value wins over every kind of default.
            vals_list = [{**vals, **self._initial_profile(vals)} for vals in vals_list]
        accounts = super().create(vals_list)
        for name in COMPUTED:
            self.env.add_to_compute(self._fields[name], accounts)
        filled = [any(vals.get(name) for name in PROFILE_FIELDS) for vals in vals_list]
        accounts.browse(compress(accounts.ids, filled))._mark_reviewed()
        return accounts

    @api.model
    def _initial_profile(self, vals):
        company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
        return {**dict.fromkeys(SYSTEM, False), "opened_on": company._kam_today()}

    def write(self, vals):
        self._check_profile_guard(vals)
        result = super().write(vals)
        if PROFILE_FIELDS & vals.keys():
            self._mark_reviewed()
        return result

    def _check_profile_guard(self, *vals_list):
        """Who reviewed a profile, and how complete it is, the system writes."""
        if self._is_engine():
            return
        for vals in vals_list:
            # An import or a copy may name them empty.
            given = [n for n in (*SYSTEM, *COMPUTED) if n in vals and (self or vals[n])]
            if given:
                self._raise_guarded(given)

    # Merging --------------------------------------------------------------------------

    def _merge_into(self, kept):
        """What the kept file does not know it takes over; insights move along."""
        self.insight_ids.sudo()._as_engine().write({"account_id": kept.id})
        missing = [name for name in sorted(PROFILE_FIELDS) if self[name] and not kept[name]]
        kept.write({n: self._fields[n].convert_to_write(self[n], self) for n in missing})
        return super()._merge_into(kept)

    def action_open_insights(self):
        """What is known about this customer and its competitors."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_insight_action")
        return action | {
            "domain": [("account_id", "=", self.id)],
            "context": {"default_account_id": self.id},
        }

    def action_open_orders(self):
        """The quotations and orders of this customer the reader may open.  Source: S0-153."""
        domain = [("partner_id.commercial_partner_id", "=", self.partner_id.id)]
        return self._documents_action(
            "sale.order", "sale.action_quotations_with_onboarding", domain
        )

    def action_open_invoices(self):
        """The invoices and credit notes of this customer the reader may open."""
        domain = [
            ("commercial_partner_id", "=", self.partner_id.id),
            ("move_type", "in", ("out_invoice", "out_refund")),
        ]
        return self._documents_action(
            "account.move", "account.action_move_out_invoice_type", domain
        )

    def _documents_action(self, model, xmlid, domain):
        self.ensure_one()
        self.check_access("read")
        self.env[model].check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(xmlid)
        company = [("company_id", "child_of", self.company_id.id)]
        return action | {"domain": domain + company, "context": {"create": False}}
