from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.misc import format_date

from .obligation_policy import PERFORMERS

STATES = [
    ("open", "To Do"),
    ("awaiting", "Awaiting Report"),
    ("met", "Met"),
    ("overdue", "Overdue"),
    ("met_late", "Met Late"),
    ("waived", "Waived"),
    ("cancelled", "Cancelled"),
]
UNMET = ("open", "awaiting", "overdue")
WAIVED_BY_HAND = "manual"


class KamObligation(models.Model):
    """What is owed to an account in a period, and whether it was fulfilled.

    One row per account (or company), kind and window, written by the engine only: created
    and kept by the nightly job, counted anew whenever a visit or an insight changes.  What
    has begun stays as it was owed, whatever becomes of the policy or the tier.
    Source: (c5), S0-112 … S0-115, S3-26, S3-27, design §4.3.
    """

    _name = "kam.obligation"
    _inherit = ["kam.guarded", "mail.thread"]
    _description = "Obligation"
    _order = "date_to, account_id, id"
    _rec_names_search = ["account_id.partner_id.name", "kind_id.name"]

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    account_id = fields.Many2one("kam.account", index="btree_not_null", ondelete="restrict")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    policy_id = fields.Many2one(
        "kam.obligation.policy", required=True, index=True, ondelete="restrict"
    )
    kind_id = fields.Many2one("kam.obligation.kind", required=True, index=True, ondelete="restrict")
    tier_id = fields.Many2one("kam.tier", help="Level that owed it when it began.")
    also_policy_ids = fields.Many2many(
        "kam.obligation.policy",
        "kam_obligation_also_policy_rel",
        "obligation_id",
        "policy_id",
        "Also Satisfies",
        help="Less strict policies for the same kind.",
    )
    date_from = fields.Date("From", required=True)
    date_to = fields.Date("Until", required=True, index=True)
    date_join = fields.Date("Owed From", help="Later than the period's first day: prorated.")
    late_join = fields.Date("Joined", help="Too late for the period before this one.")
    # As the policy said when the period began.
    times = fields.Integer(aggregator=None)
    performer = fields.Selection(PERFORMERS, "By", required=True)
    role_id = fields.Many2one("kam.team.role", ondelete="restrict")
    is_group = fields.Boolean("For the Account Group")
    min_distance_days = fields.Integer("Days Apart", aggregator=None)

    state = fields.Selection(STATES, required=True, default="open", index=True)
    required = fields.Integer(required=True, default=0)
    done = fields.Integer(help="Held and reported.")
    awaiting = fields.Integer("Reports Awaited")
    planned = fields.Integer()
    missing = fields.Integer("Not Done", help="Overdue: still owed after the period.")
    waived = fields.Integer(help="Required, but waived.")
    date_next = fields.Date("Next By", help="The next one is due by then to keep the pace.")
    report_due = fields.Date("Report Until")
    completed_on = fields.Date("Met On", help="Day of the visit that completed it.")
    user_id = fields.Many2one("res.users", "Performer", index="btree_not_null")
    manager_id = fields.Many2one("res.users", "Lead Account Manager", index="btree_not_null")
    performer_missing = fields.Boolean("Nobody to Perform")
    is_over = fields.Boolean("Period Over")

    waive_kind = fields.Selection(
        [("manual", "By Hand"), ("pause", "Paused"), ("handover", "Hand-Over")], "Waived Because"
    )
    waive_reason = fields.Char("Reason")
    waived_by_id = fields.Many2one("res.users", ondelete="restrict")
    waived_on = fields.Datetime()

    reminded_for = fields.Date()
    reminded_level = fields.Integer(aggregator=None)
    overdue_told = fields.Boolean()

    name = fields.Char(compute="_compute_name")
    is_plannable = fields.Boolean(compute="_compute_is_plannable")
    note = fields.Char("How It Came About", compute="_compute_note")
    is_planned = fields.Boolean("Enough Planned", help="Held and planned visits suffice.")
    visit_ids = fields.Many2many("kam.visit", string="Visits", compute="_compute_visit_ids")

    _window_uniq = models.UniqueIndex(
        "(company_id, COALESCE(account_id, 0), kind_id, date_from, date_to) "
        "WHERE state != 'cancelled'",
        "This obligation exists already.",
    )
    _dates_check = models.Constraint(
        "CHECK (date_to >= date_from)", "An obligation cannot end before it begins."
    )

    # In words ----------------------------------------------------------------------

    @api.depends("account_id.name", "kind_id.name", "company_id.name", "date_to")
    @api.depends_context("lang")
    def _compute_name(self):
        for obligation in self:
            obligation.name = self.env._(
                "%(kind)s: %(account)s, until %(day)s",
                kind=obligation.kind_id.name,
                account=obligation.account_id.name or obligation.company_id.name,
                day=format_date(self.env, obligation.date_to),
            )

    @api.depends("account_id", "kind_id.fulfilled_by", "state")
    def _compute_is_plannable(self):
        """Whether a visit from today on can fulfil it."""
        for obligation in self:
            by_visit = obligation.account_id and obligation.kind_id.fulfilled_by == "visit"
            obligation.is_plannable = bool(by_visit) and obligation.state in ("open", "awaiting")

    @api.depends("name")
    def _compute_display_name(self):
        for obligation in self:
            obligation.display_name = obligation.name

    def _week_texts(self):
        """What My Week says of it, beside the account: ``(title, state)``."""
        title = self.env._(
            "%(kind)s, until %(day)s",
            kind=self.kind_id.name,
            day=format_date(self.env, self.date_to),
        )
        today = self.company_id._kam_today()
        if self.state == "open" and self.date_next and self.date_next < today:
            return title, self.env._("Behind")
        return title, self.env["kam.week.item"]._state_text(self)

    @api.depends("date_join", "late_join", "date_from", "times", "required", "state")
    @api.depends_context("lang")
    def _compute_note(self):
        """Why it begins or counts otherwise than the policy says.  Source: g Q8."""
        for obligation in self:
            obligation.note = " ".join(obligation._note_parts()) or False

    def _note_parts(self):
        parts = []
        if self.late_join:
            parts.append(
                self.env._(
                    "Starts %(day)s because it joined after the middle of the period.",
                    day=format_date(self.env, self.date_from),
                )
            )
        if self.date_join and self.date_from and self.date_join > self.date_from:
            parts.append(
                self.env._(
                    "Owed from %(day)s on: a part of the period only.",
                    day=format_date(self.env, self.date_join),
                )
            )
        if self.required < self.times and not parts:
            parts.append(
                self.env._(
                    "%(required)s instead of %(times)s: the account was paused.",
                    required=self.required,
                    times=self.times,
                )
            )
        return parts

    def _compute_visit_ids(self):
        """The visits that count, held or planned, which the reader may see."""
        found = self._counting_visits()
        for obligation in self:
            visits = self.env["kam.visit"].browse(found.get(obligation.id, ()))
            obligation.visit_ids = visits._filtered_access("read")

    # Waiving -----------------------------------------------------------------------

    def _check_office(self):
        if not (self.env.su or self.env.user.has_group("key_account_mgmt.group_kam_officer")):
            raise AccessError(
                self.env._("Only the KAM office waives obligations or takes a waiver back.")
            )

    def _waive(self, reason):
        """Waive what is unmet, with one reason; it stays waived.  Source: (c5).

        Raises AccessError for anybody but the office, UserError without a reason or where
        one of them is met, waived or cancelled.
        """
        self.check_access("read")
        self._check_office()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why: the reason stays on the obligation."))
        if wrong := self.filtered(lambda o: o.state not in UNMET):
            raise UserError(
                self.env._(
                    "“%(name)s” is not open any more: it cannot be waived.", name=wrong[0].name
                )
            )
        # sudo: the engine writes; the right was checked above.
        self.sudo()._as_engine().write(
            {
                "waive_kind": WAIVED_BY_HAND,
                "waive_reason": reason,
                "waived_by_id": self.env.uid,
                "waived_on": fields.Datetime.now(),
            }
        )
        self._log_all(self.env._("Waived: %(reason)s", reason=reason))
        self._refresh()

    def _restore(self, reason):
        """Take a waiver by hand back; who and why stays in the history."""
        self.check_access("read")
        self._check_office()
        reason = (reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why: the reason stays on the obligation."))
        if wrong := self.filtered(lambda o: o.waive_kind != WAIVED_BY_HAND):
            raise UserError(self.env._("“%(name)s” was not waived by hand.", name=wrong[0].name))
        # sudo: the engine writes; the right was checked above.
        self.sudo()._as_engine().write(
            {
                "waive_kind": False,
                "waive_reason": False,
                "waived_by_id": False,
                "waived_on": False,
            }
        )
        self._log_all(self.env._("Waiver taken back: %(reason)s", reason=reason))
        self._refresh()

    def _log_all(self, text):
        # sudo: the office need not write obligations to note down what it decided.
        author = self.env.user.partner_id
        self.sudo()._as_engine()._message_log_batch(
            bodies=dict.fromkeys(self.ids, text), author_id=author.id
        )

    @api.model
    def _waived_lately(self):
        """Waivers by hand of the last twelve months."""
        since = fields.Datetime.subtract(fields.Datetime.now(), months=12)
        return Domain("waive_kind", "=", WAIVED_BY_HAND) & Domain("waived_on", ">=", since)

    @api.model
    def _waivers_of_accounts(self, accounts):
        """How many waivers by hand accounts got in the last twelve months."""
        self._check_office()
        # sudo: a number only, for the office that decides.
        domain = self._waived_lately() & Domain("account_id", "in", accounts.ids)
        return self.sudo().search_count(domain)

    def _waivers_before(self):
        """Waivers by hand of the last twelve months: ``(of these accounts, of their
        people)``, without these themselves.
        """
        self._check_office()
        domain = self._waived_lately() & Domain("id", "not in", self.ids)
        # sudo: numbers only, for the office that decides.
        Obligation = self.sudo()
        people = (Obligation.user_id | Obligation.manager_id).ids
        accounts = Obligation.account_id.ids
        return (
            Obligation.search_count(domain & Domain("account_id", "in", accounts)),
            Obligation.search_count(
                domain & (Domain("user_id", "in", people) | Domain("manager_id", "in", people))
            ),
        )
