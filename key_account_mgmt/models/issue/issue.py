from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..visit.visit_report_mixin import SATISFACTION
from .issue_deadline import SEVERITIES

MEMBER = "key_account_mgmt.group_kam_member"
OFFICE = "key_account_mgmt.group_kam_officer"
SERVICE = "key_account_mgmt.group_kam_service"
STATES = [
    ("new", "New"),
    ("assigned", "Assigned"),
    ("in_progress", "In Progress"),
    ("replied", "Replied"),
    ("verified", "Verified"),
    ("closed", "Closed"),
    ("rejected", "Rejected"),
]
# Somebody waits for the solution; somebody has still something to do.
UNREPLIED = ("new", "assigned", "in_progress")
OPEN = (*UNREPLIED, "replied", "verified")
# What is said about an issue, and what its handlers find out.
WORDING = frozenset(
    {
        "name",
        "description",
        "kind_id",
        "severity",
        "contact_id",
        "product_id",
        "order_id",
    }
)
HANDLING = frozenset({"root_cause", "user_id", "department_id", "measure_ids"})
# Where every issue begins; only the buttons change it.
FACTS = {
    "state": "new",
    "responded_on": False,
    "responded_by_id": False,
    "response_on_time": False,
    "reply": False,
    "replied_on": False,
    "replied_by_id": False,
    "reply_on_time": False,
    "verified_on": False,
    "verified_by_id": False,
    "verify_note": False,
    "customer_satisfaction": False,
    "customer_view": False,
    "customer_view_on": False,
    "closed_on": False,
    "closed_by_id": False,
    "reject_reason": False,
    "reopen_count": 0,
    "response_level": 0,
    "resolve_level": 0,
    "escalated_on": False,
}
# Worked out when it is raised.
SYSTEM = frozenset(
    {
        "number",
        "company_id",
        "reporter_id",
        "clock",
        "deadline_id",
        "service_pack_id",
        "response_deadline",
        "resolve_deadline",
        "response_day",
        "resolve_day",
        "reported_day",
        "is_automatic",
        "visit_id",
        # Stored, and worked out from the others.
        "partner_id",
        "category",
        "tier_rank",
        "next_deadline",
        "date_due",
    }
)


class KamIssue(models.Model):
    """What a customer has a right to hear an answer to: complaint, quality, delay, fault.

    New → (assigned) → in progress → replied → verified → closed; a customer who is not
    satisfied sends it back, and what is not ours is rejected with a reason.  Three fields
    raise it: kind, text, severity.  Everything else is worked out or found out.
    Source: (c11), S0-52, S1a-09, S2-55, S3-52 … S3-54, users §1.
    """

    _name = "kam.issue"
    _inherit = ["kam.guarded", "mail.thread"]
    _description = "Issue"
    # Strategic accounts first.
    _order = "tier_rank, severity desc, next_deadline, id desc"
    _check_company_auto = True

    _guarded_initial = FACTS
    _guarded_once = SYSTEM | {"account_id", "reported_on"}

    # What is the matter
    number = fields.Char("No.", readonly=True, copy=False, index="btree_not_null")
    name = fields.Char("Issue in One Line", help="In one line; empty: the first line of the text.")
    description = fields.Text("What Happened", required=True)
    kind_id = fields.Many2one(
        "kam.issue.kind", required=True, index=True, ondelete="restrict", tracking=True
    )
    category = fields.Selection(related="kind_id.category", store=True, index=True)
    severity = fields.Selection(SEVERITIES, required=True, default="1", index=True, tracking=True)
    account_id = fields.Many2one(
        "kam.account", required=True, index=True, ondelete="restrict", check_company=True
    )
    partner_id = fields.Many2one(
        related="account_id.partner_id", store=True, index=True, string="Customer"
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    tier_id = fields.Many2one(related="account_id.tier_id")
    tier_rank = fields.Integer(
        related="account_id.tier_rank", store=True, index=True, aggregator=None
    )
    contact_id = fields.Many2one(
        "res.partner",
        "Raised at the Customer by",
        index="btree_not_null",
        domain="[('commercial_partner_id', '=', partner_id)]",
    )
    product_id = fields.Many2one("product.product", index="btree_not_null", ondelete="restrict")
    order_id = fields.Many2one(
        "sale.order", index="btree_not_null", ondelete="set null", copy=False
    )
    visit_id = fields.Many2one(
        "kam.visit", "Heard at", index="btree_not_null", ondelete="set null", readonly=True
    )
    reporter_id = fields.Many2one(
        "res.users", "Raised by", required=True, index=True, readonly=True, ondelete="restrict"
    )
    reported_on = fields.Datetime(
        "Heard on",
        required=True,
        default=lambda self: fields.Datetime.now(),
        index=True,
        help="When the customer told us: the clock runs from then on.",
    )
    reported_day = fields.Date(readonly=True, index=True)
    is_automatic = fields.Boolean("Raised by Itself", readonly=True, copy=False)

    # Who handles it
    user_id = fields.Many2one(
        "res.users",
        "Handled by",
        index="btree_not_null",
        domain=[("share", "=", False)],
        tracking=True,
        copy=False,
    )
    department_id = fields.Many2one("kam.department", index="btree_not_null", ondelete="restrict")
    state = fields.Selection(
        STATES, required=True, default="new", readonly=True, index=True, tracking=True
    )

    # Until when
    clock = fields.Selection(
        [("working", "Working Hours"), ("24x7", "7 × 24 Hours")], readonly=True, copy=False
    )
    deadline_id = fields.Many2one(
        "kam.issue.deadline", "Deadline of", readonly=True, ondelete="set null", copy=False
    )
    service_pack_id = fields.Many2one(
        "kam.service.pack", readonly=True, ondelete="set null", copy=False
    )
    response_deadline = fields.Datetime("Response by", readonly=True, copy=False, index=True)
    resolve_deadline = fields.Datetime("Solution by", readonly=True, copy=False, index=True)
    response_day = fields.Date("Response Due", readonly=True, copy=False, index=True)
    resolve_day = fields.Date("Solution Due", readonly=True, copy=False, index=True)
    next_deadline = fields.Datetime(compute="_compute_next_deadline", store=True, index=True)
    date_due = fields.Date("Due", compute="_compute_next_deadline", store=True, index=True)
    is_late = fields.Boolean("Late", compute="_compute_is_late", search="_search_is_late")

    # What was done
    responded_on = fields.Datetime("First Response", readonly=True)
    responded_by_id = fields.Many2one("res.users", readonly=True)
    response_on_time = fields.Boolean("Response in Time", readonly=True)
    root_cause = fields.Text(copy=False, help="Why it happened, not what was seen.")
    measure_ids = fields.One2many("kam.action", "issue_id", "Measures")
    measure_open_count = fields.Integer("Open Measures", compute="_compute_measures")
    measure_unverified_count = fields.Integer("Not Verified", compute="_compute_measures")
    reply = fields.Text("Answer to the Customer", readonly=True)
    replied_on = fields.Datetime("Replied", readonly=True)
    replied_by_id = fields.Many2one("res.users", readonly=True)
    reply_on_time = fields.Boolean("Solution in Time", readonly=True)
    verified_on = fields.Datetime("Verified", readonly=True)
    verified_by_id = fields.Many2one("res.users", readonly=True)
    verify_note = fields.Text("Seen", readonly=True)
    customer_satisfaction = fields.Selection(
        SATISFACTION, "Customer's View of the Handling", readonly=True
    )
    customer_view = fields.Text("In the Customer's Words", readonly=True)
    customer_view_on = fields.Date("Asked on", readonly=True)
    closed_on = fields.Datetime("Closed", readonly=True)
    closed_by_id = fields.Many2one("res.users", readonly=True)
    reject_reason = fields.Char("Why Rejected", readonly=True)
    reopen_count = fields.Integer("Times Reopened", readonly=True)

    # How far it went up
    response_level = fields.Integer("Level: Response", readonly=True, aggregator=None)
    resolve_level = fields.Integer("Level: Solution", readonly=True, aggregator=None)
    escalated_on = fields.Datetime("Escalated", readonly=True)
    missing = fields.Char("Still Needed", compute="_compute_missing")
    can_handle = fields.Boolean(compute="_compute_roles")
    can_word = fields.Boolean(compute="_compute_roles")

    _open_idx = models.Index("(company_id, next_deadline) WHERE next_deadline IS NOT NULL")

    # Figures ------------------------------------------------------------------------

    @api.depends("state", "responded_on", "response_deadline", "resolve_deadline", "company_id")
    def _compute_next_deadline(self):
        for company, issues in self.grouped("company_id").items():
            # sudo: when a company works is no secret.
            working = company.sudo()._kam_working_time() if company else None
            for issue in issues:
                moment = False
                if issue.state in UNREPLIED:
                    first = not issue.responded_on and issue.response_deadline
                    moment = first or issue.resolve_deadline
                issue.next_deadline = moment
                issue.date_due = working.local_day(moment) if moment and working else False

    @api.depends("next_deadline")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for issue in self:
            issue.is_late = bool(issue.next_deadline) and issue.next_deadline < now

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("next_deadline", "<", fields.Datetime.now())
        return late if True in value else ~late

    @api.depends("measure_ids.state", "measure_ids.verified_on", "measure_ids.issue_measure")
    def _compute_measures(self):
        for issue in self:
            measures = issue.measure_ids.filtered(lambda m: m.state != "cancelled")
            done = measures.filtered(lambda m: m.state == "done")
            issue.measure_open_count = len(measures - done)
            issue.measure_unverified_count = len(done.filtered("needs_verification"))

    @api.depends("name", "number")
    def _compute_display_name(self):
        for issue in self:
            issue.display_name = " ".join(p for p in (issue.number, issue.name) if p)

    # Who ----------------------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("user_id", "department_id", "account_id", "reporter_id", "state")
    def _compute_roles(self):
        for issue in self:
            issue.can_handle = issue.state != "closed" and issue._is_handler()
            issue.can_word = issue.state not in ("closed", "rejected") and issue._may_word()

    def _is_handler(self):
        """Who works on it, his manager, the lead account manager, service and the office."""
        user = self.env.user
        if user.has_group(OFFICE) or user.has_group(SERVICE):
            return True
        # sudo: who leads a department or an account, for somebody who may not read them.
        own = self.sudo()
        people = own.user_id | own.department_id.manager_id | own.account_id.user_id
        return user in people

    def _may_word(self):
        return self.reporter_id == self.env.user or self._is_handler()

    @api.constrains("user_id")
    def _check_handler(self):
        for issue in self.filtered("user_id"):
            # sudo: whether he may work with issues must not depend on who asks.
            handler = issue.user_id.sudo()
            known = handler.has_group(MEMBER) or handler.has_group(SERVICE)
            if not handler.active or handler.share or not known:
                raise ValidationError(
                    self.env._(
                        "%(name)s has no access to Key Accounts and would not see the issue. "
                        "Ask somebody else, or an administrator to add the person.",
                        name=handler.name,
                    )
                )

    @api.constrains("description")
    def _check_description(self):
        for issue in self:
            if not (issue.description or "").strip():
                raise ValidationError(self.env._("Say in a sentence what happened."))

    # Raising ------------------------------------------------------------------------

    @api.onchange("description")
    def _onchange_description(self):
        if self.description and not self.name:
            self.name = self._first_line(self.description)

    @api.model
    def _first_line(self, text):
        line = (text or "").strip().partition("\n")[0]
        return line if len(line) <= 80 else f"{line[:79]}…"

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_engine():
            vals_list = [self._prepare_raised(vals) for vals in vals_list]
        rows = self.env["kam.issue.deadline"]._rows()
        vals_list = [self._prepare_issue(vals, rows) for vals in vals_list]
        quiet = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        # What is worked out passes the guard; it was checked what the client sent.
        issues = super(KamIssue, quiet._as_engine()).create(vals_list)
        issues = issues.with_env(self.env)
        issues._check_readable_links()
        issues._tell_given()
        return issues

    def _prepare_raised(self, vals):
        """What a person sends: nothing the system knows better, of an account he may read.

        :raise AccessError: forged facts, another's name, or a foreign account
        """
        for name, value in FACTS.items():
            if name in vals and (vals[name] or False) != (value or False):
                self._raise_guarded([name])
        if forged := sorted(name for name in SYSTEM if vals.get(name)):
            self._raise_guarded(forged)
        vals = {name: value for name, value in vals.items() if name not in SYSTEM}
        vals = self._add_missing_default_values(vals)
        vals = {name: value for name, value in vals.items() if name not in SYSTEM} | FACTS
        account = self.env["kam.account"].browse(vals.get("account_id") or ())
        if not account:
            raise UserError(self.env._("An issue is a customer's: choose the account."))
        if not vals.get("kind_id") or not (vals.get("description") or "").strip():
            raise UserError(self.env._("Choose the kind and say in a sentence what happened."))
        if vals.pop("measure_ids", None):
            raise UserError(self.env._("Raise the issue first; its measures follow."))
        # Raising an issue is no way to learn of an account one may not read.
        if not self.env.user.has_group(SERVICE):
            account.check_access("read")
        if fields.Datetime.to_datetime(vals.get("reported_on") or False) is None:
            vals["reported_on"] = fields.Datetime.now()
        if fields.Datetime.to_datetime(vals["reported_on"]) > fields.Datetime.now():
            raise UserError(self.env._("Nobody heard of it in the future: correct the time."))
        return vals | {"reporter_id": self.env.uid}

    @api.model
    def default_get(self, fields_list):
        """No default, of a client or of a person, gives what only the system knows."""
        values = super().default_get(fields_list)
        system = FACTS.keys() | SYSTEM
        return {name: value for name, value in values.items() if name not in system}

    def _check_readable_links(self):
        """Whoever names an order or a contact may read it."""
        if self.env.su or self._is_engine():
            return
        for linked in (self.order_id, self.contact_id):
            if linked:
                linked.check_access("read")

    def copy_data(self, default=None):
        """A copy asks the same again; what became of it stays behind."""
        dropped = FACTS.keys() | SYSTEM | {"reported_on"}
        return [
            {name: value for name, value in vals.items() if name not in dropped}
            for vals in super().copy_data(default)
        ]

    # Writing ------------------------------------------------------------------------

    def write(self, vals):
        if self._is_engine():
            return super().write(vals)
        self._check_write(vals)
        given = self.browse()
        if "user_id" in vals:
            given = self.filtered(lambda issue: issue.user_id.id != vals["user_id"])
        result = super().write(vals)
        if vals.keys() & {"order_id", "contact_id"}:
            self._check_readable_links()
        if vals.keys() & {"kind_id", "severity"}:
            self._set_deadlines()
        if given:
            given._settle_given()
            given._pass_on()
        return result

    def _check_write(self, vals):
        """Who raised it words it, who handles it finds out; what is closed stays.

        :raise AccessError: for anybody else
        """
        wording, handling = vals.keys() & WORDING, vals.keys() & HANDLING
        for issue in self:
            if (wording or handling) and issue.state in ("closed", "rejected"):
                raise UserError(
                    self.env._("“%(name)s” is closed. Reopen it first.", name=issue.display_name)
                )
            if handling and not issue._is_handler():
                raise AccessError(
                    self.env._(
                        "“%(name)s” is handled by %(who)s: only they, their manager, the lead "
                        "account manager, after-sales and the KAM office change this.",
                        name=issue.display_name,
                        who=issue.sudo().user_id.name or issue.sudo().department_id.name or "–",
                    )
                )
            if wording and not issue._may_word():
                raise AccessError(
                    self.env._(
                        "“%(name)s” was raised by %(who)s: only they and who handles it change "
                        "what it says.",
                        name=issue.display_name,
                        who=issue.sudo().reporter_id.name,
                    )
                )

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        # Told through our notices: no letter per issue.
        return []

    # Asked by others ------------------------------------------------------------------

    @api.model
    def _open_domain(self):
        return Domain("state", "in", OPEN)

    @api.model
    def _open_for(self, partner):
        """The open issues of a customer that the caller may read.

        :param partner: any contact of the customer, or several
        """
        customers = partner.commercial_partner_id
        return self.search(Domain("partner_id", "in", customers.ids) & self._open_domain())

    def _week_texts(self):
        """``(what it is, its state)`` for My Week."""
        self.ensure_one()
        severity = dict(self._fields["severity"]._description_selection(self.env))[self.severity]
        state = dict(self._fields["state"]._description_selection(self.env))[self.state]
        return self.display_name, f"{state} · {severity}"
