import re
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from .plan_template import KINDS

OFFICE = "key_account_mgmt.group_kam_officer"
STATES = [
    ("draft", "Draft"),
    ("confirmed", "Confirmed"),
    ("running", "Running"),
    ("done", "Done"),
    ("cancelled", "Cancelled"),
]
ALIVE = ("draft", "confirmed", "running")
GOALS = [
    ("win", "Win the Customer"),
    ("grow", "Grow the Business"),
    ("strategic", "Become a Strategic Partner"),
    ("core_supplier", "Become a Core Supplier"),
    ("retain", "Keep the Customer"),
]
MODES = [
    ("strategic", "Strategic Partnership"),
    ("custom_product", "Customised Product Development"),
    ("joint_marketing", "Joint Marketing"),
    ("supply_chain", "Supply Chain Cooperation"),
    ("other", "Other"),
]
# What was agreed by confirming; a running plan changes it by a revision only.
CONTENT = (
    "name",
    "date_from",
    "date_to",
    "goal",
    "goal_type",
    "strategy",
    "need",
    "solution",
    "cooperation_proposal",
    "expected_result",
    "product_design",
    "operating_model",
    "service_plan",
    "cross_sell_ids",
    "cooperation_mode",
    "mutual_goals",
    "direction",
    "first_visit_date",
)
# What a plan says before it may be confirmed.
REQUIRED = {
    "development": ("goal", "solution", "cooperation_proposal", "expected_result"),
    "marketing": ("goal", "strategy"),
    "cooperation": ("cooperation_mode", "mutual_goals"),
    "expansion": ("goal", "strategy"),
}
FROM_TEMPLATE = ("goal", "strategy", "solution", "cooperation_proposal", "expected_result")
INITIAL = {
    "state": "draft",
    "version": 1,
    "confirmed_on": False,
    "confirmed_by_id": False,
    "closed_on": False,
    "closed_by_id": False,
    "outcome": False,
    "cancel_reason": False,
    "drafted_by_night": False,
}


class KamPlan(models.Model):
    """How a customer is won, marketed to, or worked with: goal, dated steps, owners.

    Draft → confirmed → running → done.  Its steps are actions: one table, one on-time
    figure.  Once confirmed its texts stay as they are; a revision keeps the version before
    it.  Source: (c3), S0-40, S0-71, S0-72, S1k-01 … S1k-04, S1k-07, S1l-11, S1q-13, S2-42.
    """

    _name = "kam.plan"
    _inherit = ["kam.guarded", "mail.thread"]
    _description = "Account Plan"
    _order = "date_from desc, id desc"
    _check_company_auto = True

    _guarded_initial = INITIAL
    _guarded_once = frozenset({"account_id", "company_id", "kind"})

    name = fields.Char(required=True, tracking=True)
    kind = fields.Selection(KINDS, required=True, default="development", index=True)
    template_id = fields.Many2one(
        "kam.plan.template",
        ondelete="set null",
        domain="[('kind', '=', kind)]",
        help="Texts and steps to begin with.",
    )
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
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        index=True,
        copy=False,
        tracking=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    state = fields.Selection(
        STATES, required=True, default="draft", readonly=True, copy=False, index=True, tracking=True
    )
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date(
        "Until", required=True, default=lambda self: self._end_of_year(), tracking=True
    )
    year = fields.Integer(
        compute="_compute_year", store=True, index=True, aggregator=None, precompute=True
    )
    complete_by = fields.Date(
        copy=False, help="Until when a draft made by the night is to be completed."
    )
    drafted_by_night = fields.Boolean("Drafted by the System", readonly=True, copy=False)
    # What is wanted
    goal = fields.Text()
    goal_type = fields.Selection(GOALS, "Aim")
    strategy = fields.Text(help="How the goal is reached: segments, offers, channels.")
    # Development
    need = fields.Text("Business and Services Needed")
    solution = fields.Text("Outline of the Solution")
    cooperation_proposal = fields.Text("First Cooperation Proposal")
    expected_result = fields.Text()
    product_design = fields.Text()
    operating_model = fields.Text()
    service_plan = fields.Text()
    cross_sell_ids = fields.Many2many("product.template", string="Cross-Selling")
    first_visit_date = fields.Date("First Visit Planned")
    first_visit_id = fields.Many2one("kam.visit", compute="_compute_first_visit_id")
    # Cooperation
    cooperation_mode = fields.Selection(MODES)
    mutual_goals = fields.Text()
    direction = fields.Text(
        "Long-Term Direction", help="Where the cooperation is to go in the long run."
    )
    initiative_ids = fields.One2many(
        "kam.plan.initiative", "plan_id", "Joint Initiatives", copy=True
    )
    # Steps, progress, history
    action_ids = fields.One2many("kam.action", "plan_id", "Dated Steps", copy=False)
    step_count = fields.Integer("Steps in Number", compute="_compute_progress")
    progress = fields.Float("Progress (%)", compute="_compute_progress")
    overdue_count = fields.Integer("Steps Overdue", compute="_compute_progress")
    version = fields.Integer(readonly=True, copy=False, default=1, aggregator=None)
    revision_ids = fields.One2many("kam.plan.revision", "plan_id", "Revisions", copy=False)
    confirmed_on = fields.Datetime(readonly=True, copy=False)
    confirmed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    outcome = fields.Text("What Came of It", readonly=True, copy=False)
    cancel_reason = fields.Char(readonly=True, copy=False)
    can_lead = fields.Boolean(compute="_compute_can_lead")

    _dates_check = models.Constraint(
        "CHECK (date_to >= date_from)", "A plan cannot end before it begins."
    )
    _marketing_uniq = models.UniqueIndex(
        "(account_id, year) WHERE kind = 'marketing' AND state != 'cancelled'",
        "This account has a marketing plan for the year already.",
    )

    @api.model
    def _end_of_year(self):
        return date(fields.Date.context_today(self).year, 12, 31)

    @api.depends("account_id")
    def _compute_company_id(self):
        for plan in self:
            company = plan.account_id.company_id or plan.company_id or self.env.company
            plan.company_id = company.root_id

    @api.depends("date_from")
    def _compute_year(self):
        for plan in self:
            plan.year = plan.date_from.year if plan.date_from else 0

    # Progress ---------------------------------------------------------------------

    @api.depends("action_ids.state", "action_ids.date_due")
    def _compute_progress(self):
        # sudo: numbers of the plan's own steps.
        Action = self.env["kam.action"].sudo()
        mine = Domain("plan_id", "in", self._origin.ids)
        counts = {}
        for plan, state, count in Action._read_group(mine, ["plan_id", "state"], ["__count"]):
            counts.setdefault(plan.id, {})[state] = count
        late = {
            plan.id: count
            for plan, count in Action._read_group(
                mine & Action._domain_overdue(), ["plan_id"], ["__count"]
            )
        }
        for plan in self:
            states = counts.get(plan._origin.id, {})
            total = states.get("open", 0) + states.get("done", 0)
            plan.step_count = total
            plan.progress = 100.0 * states.get("done", 0) / total if total else 0.0
            plan.overdue_count = late.get(plan._origin.id, 0)

    @api.depends("account_id", "date_from", "kind")
    @api.depends_context("uid")
    def _compute_first_visit_id(self):
        """The first visit to the account since the plan began, planned or held.

        Source: S0-71.
        """
        plans = self.filtered(lambda p: p.kind == "development" and p.account_id and p.date_from)
        (self - plans).first_visit_id = False
        visits = self.env["kam.visit"]
        if plans and visits.has_access("read"):
            domain = Domain("account_id", "in", plans.account_id.ids)
            domain &= Domain("state", "not in", ("cancelled", "missed"))
            domain &= Domain("mode_id.is_visit", "=", True)
            domain &= Domain("day", ">=", min(plans.mapped("date_from")))
            visits = visits.search(domain, order="day, id")
        by_account = visits.grouped("account_id")
        for plan in plans:
            ours = by_account.get(plan.account_id._origin, visits.browse())
            plan.first_visit_id = ours.filtered(lambda v, p=plan: v.day >= p.date_from)[:1]

    # Who may ----------------------------------------------------------------------

    def _is_led(self):
        """Whether the user leads the account; of a plan without one, whether it is his."""
        self.ensure_one()
        # sudo: who leads the account decides, also for who may not read its file.
        leader = self.account_id.sudo().user_id if self.account_id else self.user_id
        return leader == self.env.user or self.env.user.has_group(OFFICE)

    @api.depends("account_id", "user_id")
    @api.depends_context("uid")
    def _compute_can_lead(self):
        for plan in self:
            plan.can_lead = plan._is_led()

    def _check_led(self):
        for plan in self:
            if not plan._is_led():
                raise AccessError(
                    self.env._(
                        "A plan is confirmed, revised and closed by the lead account manager of "
                        "%(account)s or the KAM office.",
                        account=plan.account_id.sudo().name or plan.user_id.name,
                    )
                )

    @api.constrains("account_id", "kind", "company_id")
    def _check_account(self):
        for plan in self:
            if not plan.account_id and plan.kind != "expansion":
                raise ValidationError(
                    self.env._("“%(plan)s” is for a customer: choose the account.", plan=plan.name)
                )
            if plan.company_id.root_id != plan.company_id:
                raise ValidationError(
                    self.env._(
                        "%(branch)s is a branch: plans belong to %(company)s.",
                        branch=plan.company_id.name,
                        company=plan.company_id.root_id.name,
                    )
                )

    @api.constrains("user_id")
    def _check_owner(self):
        for plan in self:
            # sudo: whether the owner works here must not depend on who asks.
            owner = plan.user_id.sudo()
            if owner.share or not owner.active:
                raise ValidationError(
                    self.env._("“%(plan)s” needs an owner who is still with us.", plan=plan.name)
                )

    # Beginning --------------------------------------------------------------------

    @api.onchange("template_id")
    def _onchange_template_id(self):
        """Empty texts and a plan without steps take what the template says."""
        for name in FROM_TEMPLATE:
            if not self[name]:
                self[name] = self.template_id[name]
        if self.template_id and not self.action_ids:
            self.action_ids = self._template_steps(self.template_id, self.date_from)

    @api.depends("name", "account_id.name")
    def _compute_display_name(self):
        """“Tianheng · Development Plan 2027”: whose plan it is comes first."""
        for plan in self:
            parts = (plan.account_id.name, plan.name)
            plan.display_name = " · ".join(part for part in parts if part)

    @api.onchange("kind", "account_id", "date_from")
    def _onchange_name(self):
        """“Development Plan 2027”; a marketing plan is for its year."""
        if self.kind == "marketing" and self.date_from:
            self.date_to = date(self.date_from.year, 12, 31)
        if not self.name or self._is_proposed_name():
            self.name = self._proposed_name(self.kind, self.date_from)
        if self.account_id.user_id and not self._origin:
            self.user_id = self.account_id.user_id if self._is_office() else self.env.user

    def _is_proposed_name(self):
        """Whether nobody has written a name yet."""
        labels = [label for _kind, label in self._fields["kind"]._description_selection(self.env)]
        pattern = "|".join(map(re.escape, labels))
        return bool(re.fullmatch(rf"(?:{pattern})(?: \d{{4}})?", self.name or ""))

    @api.model
    def _proposed_name(self, kind, day):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return f"{kinds.get(kind, '')} {day.year if day else ''}".strip()

    @api.model
    def _template_steps(self, template, day, owner=None):
        owner = owner or self.env.user
        return [
            Command.create(
                {
                    "name": step.name,
                    "user_id": owner.id,
                    "date_due": (day or fields.Date.context_today(self))
                    + timedelta(days=step.days),
                }
            )
            for step in template.step_ids
        ]

    @api.model
    def _is_office(self):
        return self.env.su or self.env.user.has_group(OFFICE)

    # Writing ----------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        plans = super(KamPlan, self.with_context(mail_create_nosubscribe=True)).create(vals_list)
        for plan in plans:
            plan._check_given_owner(plan.user_id.id)
        return plans.with_env(self.env)

    def write(self, vals):
        self._check_unlocked(vals)
        if "user_id" in vals and not self._is_engine():
            for plan in self.filtered(lambda one: one.user_id.id != vals["user_id"]):
                plan._check_given_owner(vals["user_id"])
        if "action_ids" in vals:
            vals = {**vals, "action_ids": self._keep_steps(vals["action_ids"])}
        return super().write(vals)

    def _check_given_owner(self, user_id):
        """A plan is given to somebody else by the lead account manager or the office."""
        if user_id == self.env.uid or self._is_engine() or self._is_office():
            return
        # sudo: who leads the account decides.
        if self.account_id.sudo().user_id != self.env.user:
            raise AccessError(
                self.env._(
                    "The lead account manager or the KAM office gives a plan to somebody else."
                )
            )

    def _check_unlocked(self, vals):
        """What was confirmed is changed by a revision.

        Raises ``UserError`` saying so.
        """
        if self._is_engine() or not vals.keys() & {*CONTENT, "template_id", "complete_by"}:
            return
        if locked := self.filtered(lambda plan: plan.state != "draft"):
            raise UserError(
                self.env._(
                    "“%(plan)s” is no draft any more: press “Revise” to change it. The version "
                    "before is kept.",
                    plan=locked[0].name,
                )
            )

    def _keep_steps(self, commands):
        """Steps are taken out of a draft only; what was promised before is cancelled.

        :return: the commands without those that take steps away
        """
        kept = []
        for command in commands:
            code = command[0] if isinstance(command, (list, tuple)) else None
            if code in (Command.DELETE, Command.UNLINK):
                self._take_out(command[1])
            elif code in (Command.CREATE, Command.UPDATE):
                kept.append(command)
            elif code == Command.LINK or code in (Command.SET, Command.CLEAR):
                raise UserError(self.env._("Add or remove the steps of a plan one by one."))
        return kept

    def _take_out(self, step_id):
        self.check_access("write")
        # sudo: nobody deletes actions; a step of a draft was promised to nobody yet.
        step = self.env["kam.action"].sudo().browse(step_id).exists()
        if not step:
            return
        if step.plan_id not in self or step.plan_id.state != "draft" or step.state == "done":
            raise UserError(
                self.env._("“%(step)s” stays: it belongs to what was confirmed.", step=step.name)
            )
        if step.plan_id.confirmed_on:
            step.sudo(False)._cancel(self.env._("Taken out of the plan by a revision"))
        else:
            step.unlink()

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        # Told through our notices, once a morning: no letter per plan.
        return []

    def copy_data(self, default=None):
        """A copy is a draft of one's own with the same texts, without steps; that of a
        marketing plan is for the year after."""
        default = dict(default or {})
        result = []
        for plan, vals in zip(self, super().copy_data(default), strict=True):
            if plan.kind == "marketing" and "date_from" not in default:
                vals["date_from"] = plan.date_from + relativedelta(years=1)
                vals["date_to"] = plan.date_to + relativedelta(years=1)
            if "name" not in default:
                vals["name"] = self.env._("%(name)s (copy)", name=plan.name)
            result.append({"user_id": self.env.uid, **vals, **default})
        return result
