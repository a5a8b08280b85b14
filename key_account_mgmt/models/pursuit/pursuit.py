from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..core.guarded import ondelete_always

OFFICE = "key_account_mgmt.group_kam_officer"
USER = "key_account_mgmt.group_kam_user"
MEMBER = "key_account_mgmt.group_kam_member"
STATES = [
    ("draft", "Draft"),
    ("to_register", "To Register"),
    ("to_approve", "To Approve"),
    ("in_progress", "In Progress"),
    ("won", "Won"),
    ("lost", "Deal Lost"),
    ("suspended", "Suspended"),
    ("lapsed", "Lapsed"),
    ("cancelled", "Cancelled"),
]
# Registered and not over.
LIVE = ("to_approve", "in_progress")
PROTECTED = (*LIVE, "suspended")
RUNNING = ("to_register", *PROTECTED)
ENDED = ("won", "lost")
# What the executive decides about; the rest is the opportunity's.
PLAN = frozenset(
    {
        "objective",
        "kind",
        "mode",
        "cooperation_partner_ids",
        "background",
        "budget",
        "no_budget",
    }
)
# Where every pursuit begins; only the buttons change it.
FACTS = {
    "state": "draft",
    "state_before": False,
    "number": False,
    "applied_on": False,
    "registered_on": False,
    "registered_by_id": False,
    "protected_from": False,
    "protected_until": False,
    "last_progress_on": False,
    "admit_reason": False,
    "admitted_by_id": False,
    "reason": False,
    "extension_count": 0,
    "taken_over_count": 0,
    "summary": False,
    "lost_reason_id": False,
    "ended_on": False,
    "closed_on": False,
    "warned_on": False,
}


class KamPursuit(models.Model):
    """A deal we register, plan and pursue 攻关项目: three acts of one record.

    Registration by the KAM office gives a number and protects for a period; the plan is
    approved by an executive, a cooperative one then by the general manager; progress is
    made and reported until it is won or lost.  Source: (c2), S1n-01, S1n-08, S1n-10,
    S1n-15 … S1n-20, users §3.3.
    """

    _name = "kam.pursuit"
    _inherit = ["kam.approval.mixin", "kam.deal.document", "mail.thread"]
    _description = "Pursuit"
    _order = "registered_on desc, id desc"
    _rec_names_search = ["number", "project"]

    _guarded_initial = FACTS
    _guarded_once = frozenset({"company_id", "account_id"})

    _approval_state_from = ("to_approve",)
    _approval_state_pending = "to_approve"
    _approval_state_approved = "in_progress"
    _approval_state_refused = "to_approve"

    name = fields.Char("Reference", related="number")
    active = fields.Boolean("In Use", default=True)
    user_id = fields.Many2one(
        "res.users",
        "Responsible",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    state = fields.Selection(
        STATES, required=True, default="draft", readonly=True, index=True, tracking=True, copy=False
    )
    state_before = fields.Char(readonly=True, copy=False)

    # Application: five fields with project, scope and amount
    objective = fields.Text(help="What we want to reach, in one or two sentences.")
    first_step = fields.Char(copy=False, help="What you do next; it opens the progress table.")
    first_step_date = fields.Date("First Step Due", copy=False)
    # Before the plan is approved
    kind = fields.Selection(
        [
            ("customer", "New Customer"),
            ("business", "New Business with a Customer"),
            ("breakthrough", "Breakthrough at a Competitor's Customer"),
            ("renewal", "Renewal"),
        ],
        "Type",
    )
    mode = fields.Selection(
        [("own", "Own Development"), ("cooperative", "Cooperative Development")],
        "Development",
        help="Cooperative: together with other companies, which the general manager agrees to.",
    )
    cooperation_partner_ids = fields.Many2many(
        "res.partner", "kam_pursuit_partner_rel", "pursuit_id", "partner_id", "Partners"
    )
    background = fields.Text()
    budget = fields.Monetary(help="What the pursuit may cost.")
    no_budget = fields.Boolean("No Budget Needed")
    indicator_ids = fields.One2many("kam.pursuit.indicator", "pursuit_id", "Indicators")
    member_ids = fields.One2many("kam.pursuit.member", "pursuit_id", "Team")
    progress_ids = fields.One2many(
        "kam.action", "pursuit_id", "Progress Table", domain=[("pursuit_kind", "=", "step")]
    )
    problem_ids = fields.One2many(
        "kam.action", "pursuit_id", "Problems", domain=[("pursuit_kind", "=", "solution")]
    )
    report_ids = fields.One2many("kam.pursuit.report", "pursuit_id", "Stage Reports")
    tracking_ids = fields.One2many("kam.pursuit.tracking", "pursuit_id", "Office's Tracking")

    # Registration
    number = fields.Char("Registration No.", readonly=True, copy=False, index=True)
    applied_on = fields.Date("Applied on", readonly=True, copy=False)
    registered_on = fields.Date("Registered", readonly=True, copy=False)
    registered_by_id = fields.Many2one(
        "res.users", "Registered by", readonly=True, copy=False, ondelete="restrict"
    )
    protected_from = fields.Date(readonly=True, copy=False)
    protected_until = fields.Date(readonly=True, copy=False, index=True)
    last_progress_on = fields.Date("Last Progress", readonly=True, copy=False)
    admit_reason = fields.Char("Admitted because", readonly=True, copy=False)
    admitted_by_id = fields.Many2one("res.users", readonly=True, copy=False, ondelete="restrict")
    extension_count = fields.Integer("Times Extended", readonly=True, copy=False)
    taken_over_count = fields.Integer("Times Taken Over", readonly=True, copy=False)
    reason = fields.Char(readonly=True, copy=False)
    warned_on = fields.Date(readonly=True, copy=False)
    silent_days = fields.Integer(
        compute="_compute_days", help="Days since the last progress; 0 while it does not count."
    )
    is_protected = fields.Boolean(
        "Protected", compute="_compute_days", search="_search_is_protected"
    )
    is_silent = fields.Boolean("Silent", compute="_compute_days", search="_search_is_silent")
    is_late = fields.Boolean(
        "Late",
        compute="_compute_is_late",
        search="_search_is_late",
        help="A step of the progress table or a stage report is overdue.",
    )
    collision = fields.Text(compute="_compute_collision")
    related_text = fields.Text("Also at This Customer", compute="_compute_collision")
    missing = fields.Text("Before Approval", compute="_compute_missing")

    # End
    summary = fields.Text("Closing Summary", readonly=True, copy=False)
    lost_reason_id = fields.Many2one(
        "crm.lost.reason", readonly=True, copy=False, ondelete="restrict"
    )
    ended_on = fields.Date("Ended", readonly=True, copy=False)
    closed_on = fields.Date("Closed", readonly=True, copy=False)

    # What the reader may do, for the buttons
    is_mine = fields.Boolean(compute="_compute_roles")
    is_office = fields.Boolean(compute="_compute_roles")
    is_pending = fields.Boolean("Waits for Approval", compute="_compute_is_pending")
    lead_result = fields.Selection(
        [("won", "Won"), ("lost", "Lost")],
        "Result of the Opportunity",
        compute="_compute_lead_result",
        help="How the opportunity ended while the pursuit still runs.",
    )
    can_extend = fields.Boolean(compute="_compute_can_extend")

    _number_uniq = models.UniqueIndex(
        "(company_id, number) WHERE number IS NOT NULL", "This registration number is taken."
    )
    _budget_check = models.Constraint(
        "CHECK (budget IS NULL OR budget >= 0)", "A budget cannot be negative."
    )

    # Names ---------------------------------------------------------------------------

    @api.depends("number", "lead_id", "own_project")
    def _compute_display_name(self):
        for pursuit in self:
            parts = [pursuit.number, pursuit.project or pursuit.partner_id.name]
            pursuit.display_name = " ".join(part for part in parts if part)

    # Days ----------------------------------------------------------------------------

    def _today(self):
        # sudo: which day it is where the company works.
        return (self.company_id or self.env.company.root_id).sudo()._kam_today()

    @api.depends("state", "last_progress_on", "protected_until", "company_id")
    def _compute_days(self):
        days = {}
        for pursuit in self:
            # sudo: settings of a company are no secret.
            company = pursuit.company_id.sudo()
            if company not in days:
                _months, warn, _release = company._kam_pursuit_protection()
                days[company] = (company._kam_today() if company else False, warn)
            today, warn = days[company]
            counts = pursuit.state in LIVE and pursuit.last_progress_on
            pursuit.silent_days = (today - pursuit._silent_since()).days if counts else 0
            pursuit.is_silent = pursuit.silent_days >= warn
            pursuit.is_protected = bool(
                pursuit.state in PROTECTED
                and pursuit.protected_until
                and pursuit.protected_until >= today
            )

    def _silent_since(self):
        """The last progress; nothing before go-live counts as silence."""
        live = self.company_id.sudo().kam_go_live_date
        return max(self.last_progress_on, live) if live else self.last_progress_on

    @api.model
    def _companies_with_days(self):
        # sudo: the day it is where a company works is no secret.
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        return [(company, company._kam_today()) for company in companies]

    @api.model
    def _search_is_protected(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain("state", "in", PROTECTED)
            & Domain("protected_until", ">=", today)
            for company, today in self._companies_with_days()
        )
        return found if True in value else ~found

    @api.model
    def _silent_domain(self, company, today, days):
        """Registered, running, and without progress for so many days."""
        domain = Domain("company_id", "=", company.id) & Domain("state", "in", LIVE)
        domain &= Domain("last_progress_on", "<=", today - timedelta(days=days))
        live = company.kam_go_live_date
        if live and live > today - timedelta(days=days):
            return Domain.FALSE
        return domain

    @api.model
    def _search_is_silent(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain.OR(
            self._silent_domain(company, today, company._kam_pursuit_protection()[1])
            for company, today in self._companies_with_days()
        )
        return found if True in value else ~found

    @api.depends("progress_ids", "report_ids")
    def _compute_is_late(self):
        late = self.filtered_domain(self._late_domain())
        for pursuit in self:
            pursuit.is_late = pursuit in late

    @api.model
    def _late_domain(self):
        # sudo: whether something is late, whoever owns it.
        actions = self.env["kam.action"].sudo()
        reports = self.env["kam.pursuit.report"].sudo()
        late = Domain("pursuit_id", "!=", False)
        rows = actions.search(late & Domain("is_overdue", "=", True)).pursuit_id
        rows |= reports.search(late & Domain("is_overdue", "=", True)).pursuit_id
        return Domain("id", "in", rows.ids) & Domain("state", "in", LIVE)

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._late_domain() if True in value else ~self._late_domain()

    # Who -----------------------------------------------------------------------------

    @api.model
    def _is_office_user(self):
        return self.env.user.has_group(OFFICE)

    def _is_owner(self):
        """The responsible person and the lead account manager."""
        self.ensure_one()
        # sudo: who leads the account, also for whoever is not on it.
        return self.env.user in (self.user_id | self.sudo().account_id.user_id)

    @api.depends("user_id", "account_id")
    @api.depends_context("uid")
    def _compute_roles(self):
        office = self._is_office_user()
        for pursuit in self:
            pursuit.is_office = office
            pursuit.is_mine = office or pursuit._is_owner()

    def _compute_is_pending(self):
        # sudo: whether it waits is no secret to whoever sees the pursuit.
        requests = self.env["kam.approval.request"].sudo()
        domain = self._approval_request_domain() & Domain("state", "=", "pending")
        pending = set(requests.search(domain).mapped("res_id"))
        for pursuit in self:
            pursuit.is_pending = pursuit.id in pending

    @api.depends("state", "lead_id.won_status")
    def _compute_lead_result(self):
        for pursuit in self:
            # sudo: how the deal ended is no secret of whoever works on it.
            result = pursuit.sudo().lead_id.won_status
            asks = pursuit.state in (RUNNING if result == "lost" else ("in_progress",))
            pursuit.lead_result = result if asks and result in ENDED else False

    def _check_mine(self):
        for pursuit in self:
            pursuit.check_access("write")
            if not (self._is_office_user() or pursuit._is_owner()):
                raise AccessError(
                    self.env._(
                        "This is done by %(name)s, the lead account manager or the KAM office.",
                        name=pursuit.user_id.name,
                    )
                )

    def _check_office(self):
        self.check_access("write")
        if not self._is_office_user():
            raise AccessError(self.env._("Only the KAM office does this."))

    # Writing -------------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """What the opportunity knows is filled in; facts have no default."""
        values = super().default_get(fields_list)
        values = {name: FACTS.get(name, value) for name, value in values.items()}
        values.pop("account_id", None)
        return values

    @api.onchange("lead_id")
    def _onchange_lead_id(self):
        """Nothing is typed twice."""
        if not self.lead_id:
            return
        if self.lead_id.user_id and self._is_office_user():
            self.user_id = self.lead_id.user_id

    @api.model_create_multi
    def create(self, vals_list):
        quiet = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        vals_list = [self._prepare_application(vals) for vals in vals_list]
        pursuits = super(KamPursuit, quiet).create(vals_list).with_env(self.env)
        pursuits._check_applicant()
        return pursuits

    @api.model
    def _prepare_application(self, vals):
        """Without an opportunity one is made of what was typed: one deal, one place."""
        if vals.get("lead_id") or self.env.context.get("default_lead_id"):
            return vals
        Lead = self.env["crm.lead"]
        if not (vals.get("partner_id") and vals.get("project") and Lead.has_access("create")):
            return vals
        user = self.env["res.users"].browse(vals.get("user_id") or self.env.uid)
        lead = Lead.with_context(
            clean_context_of(self.env.context), mail_create_nosubscribe=True
        ).create(
            {
                "name": vals["project"],
                "type": "opportunity",
                "partner_id": vals["partner_id"],
                "user_id": user.id,
                "kam_project": vals["project"],
                "kam_scope_ids": vals.get("scope_ids") or [],
                "expected_revenue": vals.get("expected_amount") or 0.0,
            }
        )
        told = ("partner_id", "project", "scope_ids", "expected_amount")
        return {k: v for k, v in vals.items() if k not in told} | {"lead_id": lead.id}

    def _check_applicant(self):
        """Nobody applies in somebody else's name, but the office."""
        if self._is_engine() or self._is_office_user() or self.env.is_superuser():
            return
        if any(pursuit.user_id != self.env.user for pursuit in self):
            raise AccessError(
                self.env._("You apply for your own pursuits; the KAM office for others.")
            )

    def write(self, vals):
        if not self._is_engine():
            self.check_access("write")
            if "user_id" in vals and not (self._is_office_user() or self.env.is_superuser()):
                self._raise_guarded(["user_id"])
            if {"lead_id", "objective", "first_step"} & vals.keys():
                self._check_not_over()
            if "lead_id" in vals and any(p.state != "draft" for p in self):
                raise UserError(self.env._("Its opportunity is part of what was registered."))
            if PLAN & vals.keys():
                self._check_plan_open()
            if {"partner_id", "own_partner_id"} & vals.keys():
                self._check_customer_open(vals)
            if vals.get("active") is False and any(p.state in RUNNING for p in self):
                raise UserError(self.env._("What is running is not archived: cancel it first."))
        moved = {"own_project", "own_scope_ids"} & vals.keys()
        pursuits = self.sudo().filtered("is_protected") if moved else self.sudo().browse()
        before = pursuits._registered_marks()
        result = super().write(vals)
        pursuits._check_registered(before)
        if "user_id" in vals:
            self._deal_sync_team()
        return result

    def _check_customer_open(self, vals):
        """The customer of a running pursuit stays, but for the office."""
        if self._is_office_user() or self.env.is_superuser():
            return
        new = vals.get("partner_id", vals.get("own_partner_id"))
        partner = self.env["res.partner"].sudo().browse(new or ())
        for pursuit in self.filtered(lambda p: p._deal_running()):
            old = pursuit.sudo().partner_id.commercial_partner_id
            if old and old != partner.commercial_partner_id:
                raise UserError(
                    self.env._(
                        "“%(name)s” is running: its customer is changed by the KAM office only.",
                        name=pursuit.display_name,
                    )
                )

    def _registered_marks(self):
        """``{pursuit: (collisions, project, scopes)}``.

        Read where it is kept: while the pursuit itself is written its own fields show what
        will be, or nothing.
        """
        marks = {}
        for pursuit in self:
            lead = pursuit.lead_id
            partner = lead.partner_id if lead else pursuit.own_partner_id
            project = lead.kam_project if lead else pursuit.own_project
            scopes = lead.kam_scope_ids if lead else pursuit.own_scope_ids
            found = pursuit._collisions(partner, project, scopes, pursuit.company_id)
            marks[pursuit] = (found, project, scopes)
        return marks

    def _check_registered(self, before):
        """What changed is noted; nobody but the office moves onto another registration.

        :param self: unrestricted
        :param before: what :meth:`_registered_marks` said
        :raise UserError: the change would collide
        """
        office = self._is_office_user() or self.env.user._is_superuser()
        for pursuit, (found, *now) in self._registered_marks().items():
            beside, *old = before[pursuit]
            if now == old:
                continue
            new = [row for row in found if row not in beside]
            if new and not office:
                raise UserError(self._collision_text(new))
            pursuit._log(
                self.env._(
                    "Registered for “%(project)s” (%(scopes)s) before.",
                    project=old[0],
                    scopes=", ".join(old[1].mapped("name")),
                )
            )

    def _check_not_over(self):
        for pursuit in self:
            if pursuit.state in (*ENDED, "cancelled", "lapsed"):
                raise UserError(
                    self.env._("“%(name)s” is over: it stays as it is.", name=pursuit.display_name)
                )

    def _check_plan_open(self):
        """:raise UserError: somebody decides about the plan, it is decided, or it is over"""
        if self._is_engine():
            return
        self._check_not_over()
        for pursuit in self:
            if pursuit.state in ("in_progress", "suspended") or pursuit.is_pending:
                raise UserError(
                    self.env._(
                        "The plan of “%(name)s” was submitted. What changes now is noted in the "
                        "progress table and the stage reports.",
                        name=pursuit.display_name,
                    )
                )

    def _check_not_pending(self):
        """For what belongs to the plan and goes on after it: team, steps, indicators."""
        if self._is_engine():
            return
        self._check_not_over()
        for pursuit in self.sudo():
            if pursuit.is_pending:
                raise UserError(
                    self.env._(
                        "“%(name)s” waits for its approval: withdraw it to change the plan.",
                        name=pursuit.display_name,
                    )
                )

    @api.constrains("user_id", "state")
    def _check_user(self):
        for pursuit in self:
            # sudo: whether he works with key accounts must not depend on who asks.
            if pursuit.state in RUNNING and not pursuit.sudo().user_id.has_group(MEMBER):
                raise ValidationError(
                    self.env._("%(name)s has no access to Key Accounts.", name=pursuit.user_id.name)
                )

    @ondelete_always
    def _unlink_except_registered(self):
        if any(pursuit.state != "draft" or pursuit.number for pursuit in self):
            raise UserError(self.env._("Only a draft is deleted. Cancel the pursuit instead."))

    def copy_data(self, default=None):
        """A copy is another deal: without the opportunity, by whoever copies it."""
        return [
            {**vals, "user_id": self.env.uid, "lead_id": False}
            for vals in super().copy_data(default)
        ]

    # Deal ----------------------------------------------------------------------------

    @api.model
    def _deal_code(self):
        return "pursuit"

    def _deal_running(self):
        return self.state in RUNNING

    def _deal_waits(self):
        return self.state in ("draft", "to_register")

    def _deal_result(self):
        return self.state if self.state in ENDED else False

    def _deal_sync_account(self):
        result = super()._deal_sync_account()
        # sudo: steps follow their pursuit, whoever owns them.
        (self.sudo().progress_ids | self.sudo().problem_ids)._follow_account()
        return result

    def _deal_team(self):
        members = [(m.user_id.id, m.date_from, m.date_to) for m in self.member_ids]
        return [(self.user_id.id, False, False), *members]

    def _deal_step(self):
        step = super()._deal_step()
        levels = {
            "draft": "secondary",
            "to_register": "warning",
            "to_approve": "warning",
            "in_progress": "info",
            "won": "success",
            "lost": "danger",
        }
        holder = self.user_id.name if self.state in ("draft", *LIVE) else ""
        if self.state == "to_register":
            holder = self.env._("KAM office")
        elif self.is_pending:
            holder = self.approval_waiting_for or holder
        label = self.env._("Pursuit")
        return step | {
            "label": f"{label} {self.number}" if self.number else label,
            "level": levels.get(self.state, "secondary"),
            "holder": holder,
        }

    def _deal_next(self):
        own = self._deal_next_own() if self.is_mine else ()
        if own:
            return own
        if self.state == "to_register" and self._is_office_user():
            return self.env._("Register"), "action_register"
        if self.approval_is_mine:
            return self.env._("Approve"), "action_approve_document"
        if self.state == "lapsed" and self.env.user.has_group(USER):
            return self.env._("Take Over"), "action_take_over"
        return ()

    def _deal_next_own(self):
        """What its responsible person does next."""
        if self.state == "draft":
            return self.env._("Send Application"), "action_apply"
        if self.lead_result and not self.is_pending:
            return self._deal_next_ended()
        if self.state == "suspended":
            return self.env._("Resume"), "action_resume"
        if self.state == "to_approve" and not self.is_pending:
            return self.env._("Submit Plan"), "action_submit"
        if self.state in ENDED and not self.closed_on:
            return self.env._("Close"), "action_close"
        return ()

    def _deal_next_ended(self):
        """The opportunity ended: what was not in progress is cancelled."""
        if self.state != "in_progress":
            return self.env._("Cancel Pursuit"), "action_cancel"
        if self.lead_result == "won":
            return self.env._("Won"), "action_won"
        return self.env._("Deal Lost"), "action_lost"

    def _week_texts(self):
        """What My Week says: where it stands, and why it is there."""
        states = dict(self._fields["state"]._description_selection(self.env))
        if self.lead_result == "lost":
            text = self.env._("opportunity lost, pursuit still open")
        elif self.lead_result == "won":
            text = self.env._("opportunity won, pursuit still open")
        elif self.is_silent:
            text = self.env._("silent for %(days)s days", days=self.silent_days)
        elif self.state in ENDED:
            text = self.env._("closing summary missing")
        elif self.state == "to_approve" and not self.is_pending:
            text = self.env._("plan to be completed")
        else:
            text = states[self.state]
        return self.display_name, text


def clean_context_of(context):
    """A context without defaults: they are meant for the document at hand."""
    return {key: value for key, value in context.items() if not key.startswith("default_")}
