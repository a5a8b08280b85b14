from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from odoo.addons.base.models.res_partner import _tz_get

from ...policy.bidding import (
    UNWARNED,
    NoSuchTimeError,
    local_moment,
    wall_clock,
    weighted_score,
)

OFFICE = "key_account_mgmt.group_kam_officer"
DIRECTOR = "key_account_mgmt.group_kam_director"
STATES = [
    ("identified", "Identified"),
    ("preparing", "Preparing"),
    ("reviewed", "Review Passed"),
    ("submitted", "Submitted"),
    ("result", "Result"),
]
RESULTS = [
    ("won", "Tender Won"),
    ("lost", "Tender Lost"),
    ("rejected", "Rejected"),
    ("cancelled", "Tender Cancelled"),
    ("withdrawn", "Withdrawn"),
    ("no_bid", "No-Bid"),
]
BEFORE = ("identified", "preparing", "reviewed")
# What counts as a bid that was decided: rejected is lost, cancelled is none.  K09.
DECIDED = ("won", "lost", "rejected")
# No warning about the deadline yet.
UNTOLD = UNWARNED
DEADLINE = {"deadline", "deadline_date", "deadline_time", "deadline_tz"}
# Who works on it when, and what the team decided: the buttons' to change.
FACTS = {
    "state": "identified",
    "go_decision": False,
    "go_decided_by_id": False,
    "go_decided_on": False,
    "go_note": False,
    "leader_approved_by_id": False,
    "leader_reason": False,
    "prepared_on": False,
    "technical_checked_by_id": False,
    "commercial_checked_by_id": False,
    "reviewed_by_id": False,
    "reviewed_on": False,
    "submitted_on": False,
    "submitted_by_id": False,
    "entered_late": False,
    "result": False,
    "result_on": False,
    "result_by_id": False,
    "decided_amount": 0.0,
    "won_amount": 0.0,
    "own_price": 0.0,
    "win_price": 0.0,
    "price_gap": 0.0,
    "award_on": False,
    "sign_until": False,
    "told": UNTOLD,
    "sign_told": False,
}


class KamBid(models.Model):
    """A tender we take part in: from the first look at it to the result and what we learn.

    Identified → preparing (go, team of at least two departments, tender documents) →
    reviewed (tasks done, offer complete, second pair of eyes) → submitted in time, with
    proof → result.  Source: (c6), S0-83 … S0-91, users §3.4.
    """

    _name = "kam.bid"
    _inherit = ["kam.guarded", "kam.deal.document", "kam.own.files", "mail.thread"]
    _description = "Bid"
    _order = "deadline, id"
    _check_company_auto = True

    _own_file_fields = ("tender_file_ids", "award_file_ids")
    _guarded_initial = FACTS
    _guarded_once = frozenset({"company_id", "lead_id", "account_id", "proof_ids", "winner_id"})

    name = fields.Char("Bid", required=True, tracking=True)
    lead_id = fields.Many2one(required=True, copy=True)
    active = fields.Boolean("In Use", default=True)
    state = fields.Selection(
        STATES, required=True, default="identified", readonly=True, copy=False, index=True,
        tracking=True, group_expand=True,
    )  # fmt: skip
    user_id = fields.Many2one(
        "res.users",
        "Bid Leader",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        help="The account manager; somebody else where a director agreed.",
    )
    # The tender
    tender_no = fields.Char("Tender No.")
    kind = fields.Selection(
        [
            ("open", "Open Tender"),
            ("invited", "Invited Tender"),
            ("competitive", "Competitive Negotiation"),
            ("inquiry", "Request for Quotation"),
            ("single", "Single Source"),
            ("frame", "Frame Agreement Tender"),
        ],
        "Tender Type",
        required=True,
        default="open",
    )
    deadline_date = fields.Date("Deadline (Day)", copy=False, help="On the customer's calendar.")
    deadline_time = fields.Float("Deadline (Time)", copy=False, help="On the customer's clock.")
    deadline_tz = fields.Selection(
        _tz_get,
        "Time Zone",
        required=True,
        default=lambda self: self.env.company._kam_working_time().tz.zone,
        help="Where the offer is handed in.",
    )
    deadline = fields.Datetime(
        compute="_compute_deadline",
        inverse="_inverse_deadline",
        store=True,
        index=True,
        copy=False,
        tracking=True,
        help="The same moment on your own clock.",
    )
    days_left = fields.Integer(compute="_compute_days_left", help="Calendar days to the deadline.")
    is_late = fields.Boolean(
        "Deadline Passed", compute="_compute_days_left", search="_search_is_late"
    )
    issued_on = fields.Date("Tender Issued")
    questions_until = fields.Date(help="The last day on which questions are taken.")
    opening_on = fields.Datetime("Bid Opening")
    valid_until = fields.Date("Offer Valid Until")
    platform = fields.Char("Bidding Platform", help="Where the offer is uploaded.")
    platform_account = fields.Char("Account on the Platform", help="Or who keeps the CA key.")
    tender_fee = fields.Monetary(help="For the tender documents.")
    agency_fee = fields.Monetary(help="For the tendering agency, if we win.")
    tender_file_ids = fields.Many2many(
        "ir.attachment", "kam_bid_tender_file_rel", string="Tender Documents", copy=False
    )
    # Go / no-go
    score_ids = fields.One2many("kam.bid.score", "bid_id", "Scores")
    score = fields.Float(compute="_compute_score", digits=(3, 2), help="0 to 5.")
    best_rival = fields.Char("Strongest Competitor", compute="_compute_score")
    go_decision = fields.Selection(
        [("go", "Go"), ("no_go", "No-Go")], "Go/No-Go", readonly=True, copy=False, tracking=True
    )
    go_decided_by_id = fields.Many2one("res.users", "Decided by", readonly=True, copy=False)
    go_decided_on = fields.Datetime("Decided on", readonly=True, copy=False)
    go_note = fields.Char("Why", readonly=True, copy=False)
    # Team
    member_ids = fields.One2many("kam.bid.member", "bid_id", "Team", copy=False)
    department_count = fields.Integer("Departments", compute="_compute_department_count")
    leader_approved_by_id = fields.Many2one(
        "res.users", "Leader Agreed by", readonly=True, copy=False
    )
    leader_reason = fields.Char("Why Not the Account Manager", readonly=True, copy=False)
    prepared_on = fields.Datetime(readonly=True, copy=False)
    # Work
    requirement_ids = fields.One2many("kam.bid.requirement", "bid_id", "Requirements", copy=False)
    requirement_text = fields.Char("Requirements Met", compute="_compute_requirement_text")
    task_ids = fields.One2many("kam.action", "bid_id", "Tasks", copy=False)
    quotation_id = fields.Many2one(
        "sale.order",
        ondelete="set null",
        copy=False,
        check_company=True,
        domain="[('opportunity_id', '=', lead_id), ('state', '!=', 'cancel')]",
        help="In which the price was worked out; the commercial task needs it.",
    )
    certificate_ids = fields.Many2many(
        "kam.certificate", string="Certificates", check_company=True, copy=False
    )
    certificate_warning = fields.Char(compute="_compute_certificate_warning")
    is_two_envelope = fields.Boolean(
        "Two Envelopes", help="The technical and the commercial part are checked separately."
    )
    technical_checked_by_id = fields.Many2one(
        "res.users", "Technical Part Checked by", readonly=True, copy=False
    )
    commercial_checked_by_id = fields.Many2one(
        "res.users", "Commercial Part Checked by", readonly=True, copy=False
    )
    clarification_ids = fields.One2many(
        "kam.bid.clarification", "bid_id", "Clarifications", copy=False
    )
    bond_ids = fields.One2many("kam.bid.bond", "bid_id", "Bonds", copy=False)
    reviewed_by_id = fields.Many2one("res.users", "Reviewed by", readonly=True, copy=False)
    reviewed_on = fields.Datetime("Reviewed on", readonly=True, copy=False)
    # Submission
    submitted_on = fields.Datetime("Submitted on", readonly=True, copy=False, tracking=True)
    submitted_by_id = fields.Many2one("res.users", "Entered by", readonly=True, copy=False)
    entered_late = fields.Boolean(
        "Recorded Late",
        readonly=True,
        copy=False,
        help="Handed in before the deadline, entered here after it.",
    )
    proof_ids = fields.Many2many(
        "ir.attachment",
        "kam_bid_proof_rel",
        string="Proof of Submission",
        readonly=True,
        copy=False,
    )
    follow_up_user_id = fields.Many2one(
        "res.users",
        "Follow-Up by",
        index="btree_not_null",
        tracking=True,
        copy=False,
        domain=[("share", "=", False)],
        help="Who follows the tender once the offer is in.",
    )
    # Result
    opening_ids = fields.One2many("kam.bid.opening", "bid_id", "Opening Record", copy=False)
    result = fields.Selection(RESULTS, readonly=True, copy=False, index=True, tracking=True)
    result_on = fields.Date("Result on", readonly=True, copy=False, index=True)
    result_by_id = fields.Many2one("res.users", "Result Entered by", readonly=True, copy=False)
    result_reason = fields.Char("Reason", copy=False)
    winner_id = fields.Many2one("res.partner", ondelete="restrict", copy=False)
    lesson = fields.Text(copy=False, help="What we do otherwise next time.")
    award_on = fields.Date("Award Notice", readonly=True, copy=False, tracking=True)
    award_file_ids = fields.Many2many(
        "ir.attachment", "kam_bid_award_rel", string="Award Notice (File)", copy=False
    )
    sign_until = fields.Date(readonly=True, copy=False)
    signed_on = fields.Date("Contract Signed", copy=False)
    # Figures of what was decided, in the company's currency
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    decided_amount = fields.Monetary(
        "Amount Decided", currency_field="company_currency_id", readonly=True, copy=False,
        help="Our price at the opening, else what was expected of the deal.",
    )  # fmt: skip
    won_amount = fields.Monetary(
        "Amount Won", currency_field="company_currency_id", readonly=True, copy=False
    )
    own_price = fields.Monetary(
        "Our Price", currency_field="company_currency_id", readonly=True, copy=False,
        aggregator="avg",
    )  # fmt: skip
    win_price = fields.Monetary(
        currency_field="company_currency_id", readonly=True, copy=False,
        aggregator="avg",
    )  # fmt: skip
    price_gap = fields.Float(
        "Above the Winner (%)", readonly=True, copy=False, aggregator="avg",
        help="Our price against the winner's; negative: we were cheaper.",
    )  # fmt: skip
    win_rate = fields.Float(
        "Win Rate (%)", compute="_compute_rates", aggregator="avg",
        help="Won of what was won, lost or rejected; a cancelled tender does not count.",
    )  # fmt: skip
    win_rate_amount = fields.Float(
        "Win Rate by Amount (%)", compute="_compute_rates", aggregator="avg",
        help="Amount won of the amount won, lost or rejected.",
    )  # fmt: skip
    # The warnings about the deadline given so far, see policy.bidding
    told = fields.Integer(readonly=True, copy=False, default=UNTOLD, aggregator=None)
    sign_told = fields.Boolean(readonly=True, copy=False)
    # What the reader may do, for the buttons
    is_mine = fields.Boolean(compute="_compute_rights")
    is_led = fields.Boolean(compute="_compute_rights")
    may_end = fields.Boolean(compute="_compute_rights")
    waits_for_word = fields.Boolean(compute="_compute_rights")
    missing = fields.Text("Still Missing", compute="_compute_missing")
    lead_warning = fields.Char(compute="_compute_lead_warning")

    # Deadline ------------------------------------------------------------------------

    @api.depends("deadline_date", "deadline_time", "deadline_tz")
    def _compute_deadline(self):
        for bid in self:
            bid.deadline = bid._wall_deadline()

    def _wall_deadline(self):
        """The moment of what was typed; empty where that time does not exist."""
        if not self.deadline_date:
            return False
        try:
            return local_moment(self.deadline_date, self.deadline_time, self.deadline_tz)
        except NoSuchTimeError:
            return False

    def _inverse_deadline(self):
        for bid in self.filtered("deadline"):
            day, hours = wall_clock(bid.deadline, bid.deadline_tz)
            bid.write({"deadline_date": day, "deadline_time": hours})

    @api.constrains("signed_on", "award_on")
    def _check_signed_on(self):
        """A contract is signed after the award, and was signed when it is said."""
        for bid in self.filtered("signed_on"):
            if bid.signed_on > bid._today_of(bid.company_id):
                raise ValidationError(
                    self.env._("“%(bid)s”: say when the contract was signed.", bid=bid.name)
                )
            if bid.award_on and bid.signed_on < bid.award_on:
                raise ValidationError(
                    self.env._(
                        "“%(bid)s”: the contract is not signed before the award notice of %(day)s.",
                        bid=bid.name,
                        day=format_date(self.env, bid.award_on),
                    )
                )

    @api.constrains("deadline_date", "deadline_time", "deadline_tz")
    def _check_deadline(self):
        """Source: S0-86."""
        for bid in self:
            if not 0 <= bid.deadline_time < 24:
                raise ValidationError(
                    self.env._("The time of the deadline is between 0:00 and 23:59.")
                )
            if bid.deadline_date and not bid.deadline:
                raise ValidationError(
                    self.env._(
                        "On %(day)s the clock in %(zone)s is put forward over that time: it does "
                        "not exist. Ask the customer which time is meant.",
                        day=bid.deadline_date,
                        zone=bid.deadline_tz,
                    )
                )

    @api.depends("deadline", "deadline_tz", "state")
    def _compute_days_left(self):
        now = fields.Datetime.now()
        for bid in self:
            open_ = bid.deadline and bid.state in BEFORE
            bid.days_left = bid._days_left_on(bid._deadline_today(now)) if open_ else 0
            bid.is_late = bool(open_) and bid.deadline < now

    def _deadline_today(self, now):
        """The day it is where the offer is handed in."""
        return wall_clock(now, self.deadline_tz)[0]

    def _days_left_on(self, day):
        return (self.deadline_date - day).days

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "in", BEFORE) & Domain("deadline", "<", fields.Datetime.now())
        return late if True in value else ~late

    # Go / no-go ----------------------------------------------------------------------

    @api.depends("score_ids.score", "score_ids.weight", "score_ids.partner_id")
    def _compute_score(self):
        for bid in self:
            rivals = {}
            own = []
            for line in bid.score_ids:
                row = (line.weight, line.score)
                if line.partner_id:
                    rivals.setdefault(line.partner_id, []).append(row)
                else:
                    own.append(row)
            bid.score = weighted_score(own) or 0.0
            best = max(
                ((weighted_score(rows) or 0.0, partner) for partner, rows in rivals.items()),
                key=lambda found: found[0],
                default=(0.0, None),
            )
            bid.best_rival = best[1] and f"{best[1].sudo().name} ({best[0]:.2f})"

    # Team ----------------------------------------------------------------------------

    @api.depends(
        "member_ids.department_id", "member_ids.date_from", "member_ids.date_to", "user_id"
    )
    def _compute_department_count(self):
        for bid in self:
            bid.department_count = len(bid._departments())

    def _departments(self):
        """The departments of the leader and of today's members.  Source: S0-83."""
        self.ensure_one()
        # sudo: how many departments work on it is no secret of the department list.
        bid = self.sudo()
        leader = self.env["kam.department"]._of_user(bid.user_id, bid.company_id)
        return bid._members_today().department_id | leader.sudo()

    def _members_today(self):
        today = fields.Date.context_today(self)
        return self.member_ids.filtered(
            lambda m: (m.date_from or today) <= today and (not m.date_to or m.date_to >= today)
        )

    def _team(self):
        """Leader, today's members and who follows up."""
        return self.user_id | self._members_today().user_id | self.follow_up_user_id

    def _account_manager(self):
        # sudo: who leads the customer's file, also for who may not read it.
        # While the bid is created its file is not kept yet: then the opportunity's.
        account = self.sudo().account_id or self._deal_account()
        return account.user_id.sudo(False)

    def _may_work(self, user=None):
        """Whether somebody is on the team, leads the account or works in the office."""
        user = user or self.env.user
        return user in self.sudo()._team() | self._account_manager() or user.has_group(OFFICE)

    def _may_lead(self, user=None):
        user = user or self.env.user
        return user in self.user_id | self._account_manager() or user.has_group(OFFICE)

    @api.depends_context("uid")
    @api.depends(
        "user_id", "member_ids", "follow_up_user_id", "account_id", "state", "leader_approved_by_id"
    )
    def _compute_rights(self):
        for bid in self:
            bid.is_mine = bid._may_work()
            bid.is_led = bid._may_lead()
            bid.may_end = bid._may_result()
            bid.waits_for_word = bool(
                bid.state in ("identified", "preparing")
                and not bid.leader_approved_by_id
                and bid._is_led_by_other()
            )

    def _is_led_by_other(self):
        """Whether somebody else than the account manager leads.  Source: S0-83."""
        manager = self._account_manager()
        return bool(manager) and self.user_id != manager

    # Work ----------------------------------------------------------------------------

    @api.depends("requirement_ids.status")
    def _compute_requirement_text(self):
        for bid in self:
            lines = bid.requirement_ids
            met = lines.filtered(lambda line: line.status == "met")
            text = self.env._("%(met)s of %(all)s", met=len(met), all=len(lines))
            bid.requirement_text = text if lines else False

    @api.depends("certificate_ids.valid_until", "deadline_date")
    def _compute_certificate_warning(self):
        """Source: users §3.4."""
        for bid in self:
            day = bid.deadline_date
            names = [
                paper.name
                for paper in bid.certificate_ids
                if day and paper._status_on(day) == "expired"
            ]
            text = self.env._(
                "Expired on the day of the deadline: %(names)s.", names=", ".join(names)
            )
            bid.certificate_warning = text if names else False

    @api.depends("lead_id", "state", "result")
    def _compute_lead_warning(self):
        """The opportunity says otherwise: somebody is wrong."""
        for bid in self:
            # sudo: how the opportunity ended, for a member who may not read it.
            status = bid.sudo().lead_id.won_status
            text = False
            if status == "lost" and (bid.result == "won" or bid._deal_running()):
                text = self.env._("The opportunity is marked as lost.")
            elif status == "won" and (bid._deal_result() == "lost" or bid._deal_running()):
                text = self.env._("The opportunity is marked as won.")
            bid.lead_warning = text

    # Figures -------------------------------------------------------------------------

    @api.depends("result", "won_amount", "decided_amount")
    def _compute_rates(self):
        for bid in self:
            rate = 100.0 if bid.result == "won" else 0.0
            bid.win_rate = bid.win_rate_amount = rate

    def _read_group_select(self, aggregate_spec, query):
        """K09: rejected counts as lost, cancelled does not.  Source: S0-162."""
        sql = self._rate_sql(aggregate_spec, query)
        return sql or super()._read_group_select(aggregate_spec, query)

    @api.onchange("lead_id")
    def _onchange_lead_id(self):
        if self.lead_id and not self._origin:
            proposed = self._proposed(self.lead_id)
            self.name = self.name or proposed["name"]
            self.user_id = proposed["user_id"]

    # Writing -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # Nobody follows by himself: who is concerned reads his list.
        bids = super(KamBid, self.with_context(mail_create_nosubscribe=True)).create(
            [self._prepare_bid(vals) for vals in vals_list]
        )
        bids._check_deadline_ahead()
        return bids.with_env(self.env)

    @api.model
    def _prepare_bid(self, vals):
        """The leader is the account manager, the name the opportunity's."""
        lead_id = vals.get("lead_id") or self.env.context.get("default_lead_id")
        lead = self.env["crm.lead"].browse(lead_id or ())
        if not lead:
            return vals
        proposed = self._proposed(lead)
        return {**proposed, **{k: v for k, v in vals.items() if v or k not in proposed}}

    @api.model
    def _proposed(self, lead):
        lead.check_access("read")
        # sudo: who leads the customer's file, also for who may not read it.
        manager = lead._kam_file().user_id.sudo(False)
        return {"name": lead.name, "user_id": (manager if manager.active else self.env.user).id}

    def write(self, vals):
        if not self._is_engine():
            self._check_bid_write(vals)
        result = super().write(vals)
        if "user_id" in vals or "follow_up_user_id" in vals:
            self._deal_sync_team()
        if DEADLINE & vals.keys() and not self._is_engine():
            self._check_deadline_ahead()
            self._as_engine().write({"told": UNTOLD})
            self._settle_notices()
        return result

    def _check_bid_write(self, vals):
        """:raise UserError: the deadline of what was handed in, or what has its result"""
        handed_in = self.filtered(lambda bid: bid.state in ("submitted", "result"))
        if handed_in and DEADLINE & vals.keys():
            raise UserError(
                self.env._(
                    "“%(name)s” was handed in: its deadline cannot be moved any more.",
                    name=handed_in[0].name,
                )
            )
        frozen = {"tender_file_ids", "is_two_envelope", "quotation_id", "user_id"}
        if handed_in and frozen & vals.keys() and not self.env.user.has_group(OFFICE):
            raise UserError(
                self.env._(
                    "“%(name)s” was handed in: what it was made from stays as it is.",
                    name=handed_in[0].name,
                )
            )
        decided = self.filtered(lambda bid: bid.state == "result")
        if decided and "result_reason" in vals and not self.env.user.has_group(OFFICE):
            self._raise_guarded(["result_reason"])
        if "user_id" in vals:
            self._check_leader_moves(vals["user_id"])

    def _check_leader_moves(self, user_id):
        """Another leader needs a director's word again; open tasks keep their owner."""
        for bid in self.filtered(lambda b: b.user_id.id != user_id):
            if not bid._may_lead():
                raise AccessError(
                    self.env._(
                        "The leader is changed by himself, the account manager or the office."
                    )
                )
            old = bid.user_id
            if bid.state in BEFORE:
                self.env["kam.bid.member"]._check_no_open_task(bid, old)
            bid._as_engine().write({"leader_approved_by_id": False, "leader_reason": False})

    def _check_deadline_ahead(self):
        """The office may enter what is known from paper.

        :raise ValidationError: a deadline that has passed
        """
        if self.env.su or self.env.user.has_group(OFFICE):
            return
        now = fields.Datetime.now()
        if late := self.filtered(lambda bid: bid.deadline and bid.deadline < now):
            raise ValidationError(
                self.env._(
                    "The deadline of “%(name)s” has passed already. The KAM office may enter a "
                    "tender of the past.",
                    name=late[0].name,
                )
            )

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        # Told through our notices, once a morning: no letter per bid.
        return []

    @api.model
    def _today_of(self, company):
        # sudo: which day it is where the company works.
        return company.sudo()._kam_today()

    def _settle_notices(self):
        self.env["kam.notice"]._settle("bid_deadline", self)
