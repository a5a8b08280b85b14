from datetime import date, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

OFFICE = "key_account_mgmt.group_kam_officer"
MEMBER = "key_account_mgmt.group_kam_member"
STATES = [
    ("new", "Asked"),
    ("accepted", "Accepted"),
    ("answered", "Answered"),
    ("closed", "Closed"),
    ("declined", "Declined"),
    ("cancelled", "Cancelled"),
]
# Somebody waits for an answer; somebody has something to do.
UNANSWERED = ("new", "accepted")
OPEN = ("new", "accepted", "answered", "declined")
RESULTS = [("passed", "Passed"), ("failed", "Failed")]
# What the requester words, and who is asked.
QUESTION = frozenset({"name", "description", "date_wanted", "product", "quantity", "uom_id"})
ADDRESS = frozenset({"user_id", "department_id"})
# Empty until there is an answer: averages count answers only.
FIGURES = frozenset({"response_days", "on_time_rate"})


class KamRequest(models.Model):
    """What one department asks of another about an account or a deal.

    New → accepted with a promised date → answered → closed by whoever asked, who may send
    it back; declined and cancelled say why.  A trial passes a quality gate before the
    answer and is verified on site before it is closed.
    Source: (c18), S0-39, S0-42, S0-48, S1r-10, S2-60, S3-30, S3-41, S3-42, S3-47.
    """

    _name = "kam.request"
    _inherit = ["kam.guarded", "mail.thread"]
    _description = "Request"
    _order = "priority desc, date_due, id"
    _check_company_auto = True

    _guarded_initial = {
        "state": "new",
        "date_promised": False,
        "accepted_on": False,
        "accepted_by_id": False,
        "answer": False,
        "answered_on": False,
        "answered_day": False,
        "answered_by_id": False,
        "on_time": False,
        "closed_on": False,
        "sent_back_count": 0,
        "gate_result": False,
        "gate_date": False,
        "gate_user_id": False,
        "gate_note": False,
        "gate_count": 0,
        "site_result": False,
        "site_date": False,
        "site_user_id": False,
        "site_note": False,
        "overdue_told": False,
    }
    _guarded_once = frozenset(
        {
            "kind_id",
            "is_trial",
            "account_id",
            "lead_id",
            "company_id",
            "requester_id",
            "requester_department_id",
            "to_department",
            *FIGURES,
        }
    )

    # The question
    name = fields.Char("What", required=True, tracking=True)
    description = fields.Text("Details")
    kind_id = fields.Many2one("kam.request.kind", required=True, ondelete="restrict", index=True)
    is_trial = fields.Boolean(readonly=True)
    priority = fields.Selection(
        [("0", "Normal"), ("1", "High")],
        default="0",
        index=True,
        tracking=True,
        help="High for urgent kinds and for customers whose tier says so.",
    )
    account_id = fields.Many2one("kam.account", index="btree_not_null", ondelete="restrict")
    lead_id = fields.Many2one(
        "crm.lead", "Opportunity", index="btree_not_null", ondelete="set null"
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    requester_id = fields.Many2one(
        "res.users", "Asked by", required=True, index=True, readonly=True, ondelete="restrict"
    )
    requester_department_id = fields.Many2one(
        "kam.department", "Department Asking", readonly=True, index="btree_not_null"
    )
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        index="btree_not_null",
        domain=[("share", "=", False)],
        help="Who is asked. Empty: anybody of the department may take it.",
    )
    department_id = fields.Many2one(
        "kam.department", "Department Asked", index="btree_not_null", ondelete="restrict"
    )
    to_department = fields.Boolean("Asked of the Department", readonly=True)
    is_cross_department = fields.Boolean(
        "Between Departments", compute="_compute_is_cross_department", store=True
    )
    date_wanted = fields.Date("Wanted by")
    # The answer
    state = fields.Selection(STATES, default="new", required=True, readonly=True, index=True)
    date_promised = fields.Date("Promised for", readonly=True, tracking=True)
    date_due = fields.Date(
        "Due", compute="_compute_date_due", store=True, index=True, help="Promised, else wanted."
    )
    accepted_on = fields.Datetime(readonly=True)
    accepted_by_id = fields.Many2one("res.users", readonly=True)
    answer = fields.Text(readonly=True)
    answered_on = fields.Datetime(readonly=True)
    answered_day = fields.Date("Answered", readonly=True, index=True)
    answered_by_id = fields.Many2one("res.users", readonly=True)
    closed_on = fields.Datetime("Confirmed", readonly=True)
    on_time = fields.Selection([("yes", "In Time"), ("no", "Late")], "In Time", readonly=True)
    response_days = fields.Float(
        "Days to the Answer", readonly=True, aggregator="avg", help="Calendar days since asking."
    )
    on_time_rate = fields.Float(
        "In Time (%)", readonly=True, aggregator="avg", help="100 where answered in time, else 0."
    )
    sent_back_count = fields.Integer("Times Sent Back", readonly=True)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    # Which due day the overdue notice was about: told once.
    overdue_told = fields.Date(readonly=True)
    # Trial production or sample
    product = fields.Char()
    quantity = fields.Float(digits="Product Unit")
    uom_id = fields.Many2one("uom.uom", "Unit", ondelete="restrict")
    quality_user_id = fields.Many2one(
        "res.users",
        "Quality Engineer",
        domain=[("share", "=", False)],
        help="Who checks the trial before it leaves: somebody in the role Quality Engineer.",
    )
    gate_result = fields.Selection(RESULTS, "Quality Gate", readonly=True)
    gate_date = fields.Date("Checked on", readonly=True)
    gate_user_id = fields.Many2one("res.users", "Checked by", readonly=True)
    gate_note = fields.Text("Findings", readonly=True)
    gate_count = fields.Integer("Times Checked", readonly=True)
    site_result = fields.Selection(RESULTS, "On-Site Verification", readonly=True)
    site_date = fields.Date("Verified on", readonly=True)
    site_user_id = fields.Many2one("res.users", "Verified by", readonly=True)
    site_note = fields.Text("Seen on Site", readonly=True)
    # What the reader may do, for the buttons
    is_asker = fields.Boolean(compute="_compute_roles")
    is_answerer = fields.Boolean(compute="_compute_roles")
    is_checker = fields.Boolean(compute="_compute_roles")
    is_office = fields.Boolean(compute="_compute_roles")

    _about_check = models.Constraint(
        "CHECK (quantity >= 0)", "The quantity of a trial cannot be negative."
    )

    # Figures ------------------------------------------------------------------------

    @api.depends("date_promised", "date_wanted")
    def _compute_date_due(self):
        for request in self:
            request.date_due = request.date_promised or request.date_wanted

    @api.depends("department_id", "requester_department_id")
    def _compute_is_cross_department(self):
        """Source: S2-60, KPI K13."""
        for request in self:
            asking, asked = request.requester_department_id, request.department_id
            request.is_cross_department = bool(asking and asked and asking != asked)

    @api.depends("state", "date_due", "company_id")
    def _compute_is_overdue(self):
        for company, requests in self.grouped("company_id").items():
            # sudo: the day it is where the company works, and its go-live, are no secrets.
            company = company.sudo()
            today = company._kam_today() if company else fields.Date.today()
            first = company.kam_go_live_date or date.min
            for request in requests:
                due = request.date_due
                request.is_overdue = (
                    request.state in UNANSWERED and bool(due) and first <= due < today
                )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: the day it is where a company works, and its go-live, are no secrets.
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        overdue = Domain.OR(self._overdue_domain(company) for company in companies)
        return overdue if True in value else ~overdue

    @api.model
    def _overdue_domain(self, company, day=None):
        """Promised or wanted for a day before ``day``, not answered, not before go-live."""
        domain = Domain("company_id", "=", company.id) & Domain("state", "in", UNANSWERED)
        domain &= Domain("date_due", "<", day or company._kam_today())
        if company.kam_go_live_date:
            domain &= Domain("date_due", ">=", company.kam_go_live_date)
        return domain

    @api.model
    def _open_domain(self):
        return Domain("state", "in", OPEN)

    # Who ----------------------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("requester_id", "user_id", "department_id", "to_department", "quality_user_id")
    def _compute_roles(self):
        office = self._is_office()
        for request in self:
            request.is_asker = request.requester_id == self.env.user
            request.is_answerer = request._is_answerer()
            request.is_checker = office or request.quality_user_id == self.env.user
            request.is_office = office

    @api.model
    def _is_office(self):
        return self.env.user.has_group(OFFICE)

    def _is_answerer(self):
        """The owner, his department's manager, and a colleague where the department was
        asked.
        """
        self.ensure_one()
        user = self.env.user
        # sudo: who works where, for somebody who may not read departments.
        department = self.department_id.sudo()
        colleague = self.to_department and user in department.member_ids
        return self.user_id == user or department.manager_id == user or colleague

    def _is_quality(self, user):
        """Whether somebody is a quality engineer: on any account's team today, or the office."""
        if user.has_group(OFFICE):
            return True
        # sudo: the roles of a person, not on which accounts.
        today = self.company_id.sudo()._kam_today()
        domain = Domain("user_id", "=", user.id) & Domain("role_id.code", "=", "quality")
        domain &= Domain("date_from", "<=", today)
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        domain &= Domain("company_id", "=", self.company_id.id)
        return bool(self.env["kam.team.member"].sudo().search_count(domain, limit=1))

    @api.constrains("quality_user_id")
    def _check_quality_user(self):
        for request in self.filtered("quality_user_id"):
            if not request._is_quality(request.quality_user_id):
                raise ValidationError(
                    self.env._(
                        "%(name)s is no quality engineer on any account's team. Choose "
                        "somebody in that role.",
                        name=request.quality_user_id.name,
                    )
                )

    @api.constrains("user_id")
    def _check_owner_may_read(self):
        for request in self.filtered("user_id"):
            if not request.user_id.has_group(MEMBER):
                raise ValidationError(
                    self.env._(
                        "%(name)s has no access to Key Accounts and would not see the "
                        "request. Ask somebody else, or an administrator to add the person.",
                        name=request.user_id.name,
                    )
                )

    # Asking -------------------------------------------------------------------------

    @api.onchange("kind_id")
    def _onchange_kind_id(self):
        if not self.kind_id:
            return
        self.is_trial = self.kind_id.is_trial
        if not self.user_id and not self.department_id:
            self.department_id = self.kind_id.department_id
        if not self.date_wanted:
            company = (self.account_id.company_id or self.env.company).sudo().root_id
            self.date_wanted = self._proposed_day(company, self.kind_id.days)

    @api.model
    def _proposed_day(self, company, days):
        """So many working days from today; calendar days where nobody ever works."""
        today = company._kam_today()
        try:
            return company._kam_add_working_days(today, days)
        except UserError:
            return today + timedelta(days=days)

    @api.model
    def _ask_action(self, defaults):
        self.check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask for…"),
            "res_model": self._name,
            "views": [(self.env.ref("key_account_mgmt.kam_request_view_form_ask").id, "form")],
            "view_mode": "form",
            "target": "new",
            "context": defaults,
        }

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_engine():
            vals_list = [self._prepare_question(vals) for vals in vals_list]
        quiet = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        requests = super(KamRequest, quiet).create(vals_list).with_env(self.env)
        requests._tell_asked()
        return requests

    @api.model
    def default_get(self, fields_list):
        """No default, of a client or of a person, gives what only the system knows."""
        values = super().default_get(fields_list)
        system = self._guarded_initial.keys() | FIGURES
        return {name: value for name, value in values.items() if name not in system}

    def _prepare_question(self, vals):
        """What the system adds to a question: who asks, whose customer, how urgent.

        :raise UserError: about nothing, or asked of nobody
        :raise AccessError: about what the asker may not read, or in somebody else's name
        """
        given = vals.keys()
        if forged := given & FIGURES:
            self._raise_guarded(sorted(forged))
        if vals.get("requester_id", self.env.uid) != self.env.uid:
            self._raise_guarded(["requester_id"])
        vals = self._add_missing_default_values(vals)
        kind = self.env["kam.request.kind"].browse(vals.get("kind_id"))
        lead = self.env["crm.lead"].browse(vals.get("lead_id") or ())
        account = self.env["kam.account"].browse(vals.get("account_id") or ())
        account = account or lead._kam_readable_files().get(lead, account)
        if not account and not lead:
            raise UserError(
                self.env._("A request is about an account or an opportunity: choose one.")
            )
        # Asking is no way to learn of what one may not read.
        account.check_access("read")
        if lead:
            lead.check_access("read")
        company = account.company_id or (lead.company_id or self.env.company).sudo().root_id
        vals |= {
            "account_id": account.id,
            "company_id": company.id,
            "requester_id": self.env.uid,
            "requester_department_id": self._department_of(self.env.user, company).id,
            "is_trial": kind.is_trial,
            "priority": self._first_priority(vals, kind, account),
        }
        vals |= self._prepare_address(vals, company, kind.department_id)
        wanted = fields.Date.to_date(vals.get("date_wanted"))
        # sudo: which day it is there, and when it works.
        company = company.sudo()
        if wanted and wanted < company._kam_today():
            raise UserError(self.env._("The day you want it by is past."))
        vals["date_wanted"] = wanted or self._proposed_day(company, kind.days)
        if kind.is_trial and not vals.get("quality_user_id"):
            vals["quality_user_id"] = self._quality_engineer(account, company).id
        return vals

    @api.model
    def _quality_engineer(self, account, company):
        """The quality engineer of the account's team today, where it has one."""
        today = company._kam_today()
        domain = Domain("account_id", "=", account.id) & Domain("role_id.code", "=", "quality")
        domain &= Domain("date_from", "<=", today)
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", today)
        return self.env["kam.team.member"].search(domain, limit=1).user_id

    def copy_data(self, default=None):
        """A copy asks the same again; what became of it stays behind."""
        kept = self._guarded_once - {"kind_id", "account_id", "lead_id"}
        dropped = self._guarded_initial.keys() | kept | {"date_wanted"}
        return [
            {name: value for name, value in vals.items() if name not in dropped}
            for vals in super().copy_data(default)
        ]

    @api.model
    def _department_of(self, user, company):
        # sudo: who works where, for somebody who may not read departments.
        return self.env["kam.department"].sudo()._of_user(user, company).sudo(False)

    @api.model
    def _prepare_address(self, vals, company, usual=None):
        """Owner and department; with an owner his department is the one asked.

        :raise UserError: nobody is asked
        """
        user = self.env["res.users"].browse(vals.get("user_id") or ())
        department = self.env["kam.department"].browse(vals.get("department_id") or ())
        if user:
            # sudo: who works where, for somebody who may not read departments.
            own = department.sudo()
            if user not in own.member_ids | own.manager_id:
                department = self._department_of(user, company)
        else:
            department = department or usual or department
        if not user and not department:
            raise UserError(
                self.env._(
                    "Say who is asked: a person, or a department in which anybody may do it."
                )
            )
        return {
            "user_id": user.id,
            "department_id": department.id,
            "to_department": not user,
        }

    @api.model
    def _first_priority(self, vals, kind, account):
        """High where the kind is urgent, the tier says so or the office wants it."""
        wanted = vals.get("priority") == "1" and self._is_office()
        return "1" if wanted or kind.is_urgent or self._is_priority_account(account) else "0"

    @api.model
    def _is_priority_account(self, account):
        """Hook: whether requests about an account come first."""
        return False

    # Changing -----------------------------------------------------------------------

    def write(self, vals):
        if self._is_engine():
            return super().write(vals)
        self._check_changes(vals)
        address = ADDRESS & vals.keys()
        result = super().write({k: v for k, v in vals.items() if k not in address})
        if address:
            for request in self:
                request._readdress({name: vals[name] for name in address})
        return result

    def _check_changes(self, vals):
        """Each may change what is his, while it is open.

        :raise AccessError: saying whose it is
        """
        for request in self:
            allowed = request._changeable()
            for names, whose in (
                (QUESTION, self.env._("Only whoever asked words the request, until it is taken.")),
                (
                    ADDRESS,
                    self.env._(
                        "Who is asked is changed by whoever asked, until it is taken; then by "
                        "the owner, his department's manager or the KAM office."
                    ),
                ),
                (
                    {"quality_user_id"},
                    self.env._("Who checks the trial is chosen by those who ask and answer."),
                ),
                (
                    {"priority"},
                    self.env._("Priority follows the tier; the KAM office may change it."),
                ),
            ):
                if (names & vals.keys()) - allowed:
                    raise AccessError(whose)

    def _changeable(self):
        """Names of the fields the user may write now, beside the guarded ones."""
        self.ensure_one()
        office = self._is_office()
        asker = self.requester_id == self.env.user or office
        answerer = self._is_answerer() or office
        allowed = {"priority"} if office else set()
        if asker and self.state in ("new", "declined"):
            allowed |= QUESTION | ADDRESS
        if answerer and self.state in UNANSWERED:
            allowed |= ADDRESS
        if (asker or answerer) and self.state in OPEN:
            allowed |= {"quality_user_id"}
        return allowed

    def _readdress(self, vals):
        """Ask somebody else; whoever is asked now has not accepted yet."""
        self.ensure_one()
        if vals.get("user_id", 0) == self.user_id.id and "department_id" not in vals:
            return
        if "user_id" not in vals and self.to_department:
            vals = {**vals, "user_id": False}
        elif "user_id" not in vals:
            vals = {**vals, "user_id": self.user_id.id}
        before = (self.user_id.id, self.department_id.id)
        address = self._prepare_address(
            {"department_id": self.department_id.id, **vals}, self.company_id
        )
        if (address["user_id"], address["department_id"]) == before:
            return
        if self.state == "accepted":
            address |= {"state": "new", "date_promised": False}
            address |= {"accepted_on": False, "accepted_by_id": False}
        self._as_engine().write({**address, "overdue_told": False})
        self._note(self.env._("Now asked: %(name)s.", name=self._asked_name()))
        if self.state == "new":
            self._tell_asked()

    def _week_texts(self):
        """What My Week says of it, beside the account: ``(title, state)``."""
        if self.is_overdue:
            return self.name, self.env._("Overdue")
        return self.name, self.env["kam.week.item"]._state_text(self)

    def _asked_name(self):
        # sudo: the name of a department, for somebody who may not read it.
        return self.user_id.name or self.department_id.sudo().name or ""

    def _hand_over(self, old, new):
        """What ``old`` owes or waits for is ``new``'s from now on; states stay."""
        for request in self:
            vals = {}
            if request.user_id == old:
                address = {"user_id": new.id, "department_id": request.department_id.id}
                vals |= request._prepare_address(address, request.company_id)
                vals["to_department"] = request.to_department
            if request.requester_id == old:
                vals["requester_id"] = new.id
            if vals:
                request._as_engine().write(vals)
                request._note(
                    self.env._("Handed over from %(old)s to %(new)s.", old=old.name, new=new.name)
                )

    def _note(self, text):
        """A line in the history; nobody gets a mail of it."""
        # sudo: whoever may take a step may leave its trace.
        self.sudo().message_post(body=text, subtype_xmlid="mail.mt_note")

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        # The morning message tells whoever is asked; no second letter.
        return []
