from datetime import timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, format_date

TOPIC = "action"
OFFICE = "key_account_mgmt.group_kam_officer"
# How much of an action its owner has heard of.
UNTOLD, TOLD_DUE, TOLD_OVERDUE = range(3)
# What, when and whom: not its owner's to change, but for the day.
PLAN = {"name", "user_id", "date_due"}
# Where every action begins; only the buttons change it.
FACTS = {
    "state": "open",
    "date_due_first": False,
    "postponed_count": 0,
    "is_postponed_late": False,
    "done_on": False,
    "done_by_id": False,
    "is_on_time": False,
    "cancel_reason": False,
    "told": UNTOLD,
}


class KamAction(models.Model):
    """A promise with an owner and a due date, whatever document it was made in.

    One table, one screen, one on-time figure.  A domain whose documents promise something
    adds its own Many2one (``ondelete="cascade"``) and names it in
    :meth:`_document_fields`; at most one of them is set.

    Whoever made it, leads its account or works in the office says what, when and whom; the
    owner does it, and may postpone it: the first day stays, and a day moved after it had
    passed does not make it on time.  Source: S0-77, design §2, J22.
    """

    _name = "kam.action"
    _inherit = ["kam.guarded", "mail.thread"]
    _description = "Action"
    _order = "date_due, id"
    _check_company_auto = True

    _guarded_initial = FACTS
    _guarded_once = frozenset({"company_id"})

    name = fields.Char("What", required=True, tracking=True)
    user_id = fields.Many2one(
        "res.users",
        "Owner",
        required=True,
        index=True,
        tracking=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
    )
    date_due = fields.Date(
        "Due",
        required=True,
        index=True,
        tracking=True,
        help="The last day on which it is in time. You may move it: the first day stays visible.",
    )
    date_due_first = fields.Date("First Due", readonly=True, copy=False)
    postponed_count = fields.Integer(
        "Times Postponed", readonly=True, copy=False, default=0, aggregator="sum"
    )
    is_postponed_late = fields.Boolean(
        "Postponed When Overdue",
        readonly=True,
        copy=False,
        help="The day was moved after it had passed: it does not count as on time any more.",
    )
    state = fields.Selection(
        [("open", "To Do"), ("done", "Done"), ("cancelled", "Cancelled")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    note = fields.Text(copy=False)
    result = fields.Char(copy=False, help="What came of it, in one line.")
    done_on = fields.Datetime(readonly=True, copy=False)
    done_by_id = fields.Many2one("res.users", "Done by", readonly=True, copy=False)
    is_on_time = fields.Boolean("On Time", readonly=True, copy=False)
    cancel_reason = fields.Char(readonly=True, copy=False)
    told = fields.Integer(readonly=True, copy=False, default=UNTOLD, aggregator=None)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    on_time_rate = fields.Float(
        "On Time (%)",
        compute="_compute_on_time_rate",
        aggregator="avg",
        help="Of those done or overdue, how many were done by their day.",
    )
    can_edit = fields.Boolean(compute="_compute_can_edit")

    _open_idx = models.Index("(user_id, date_due) WHERE state = 'open'")

    # The day ---------------------------------------------------------------------

    @api.model
    def _today_of(self, company):
        """The day it is where the company works."""
        return company._kam_working_time().local_day(fields.Datetime.now())

    @api.model
    def _live_since(self, company):
        """Hook: the day before which nothing is due; nothing where there is none."""
        return False

    @api.depends("state", "date_due", "company_id")
    def _compute_is_overdue(self):
        days = {c: (self._today_of(c), self._live_since(c)) for c in self.company_id}
        for action in self:
            today, live = days.get(action.company_id, (False, False))
            action.is_overdue = (
                action.state == "open"
                and bool(action.date_due and today)
                and (live or action.date_due) <= action.date_due < today
            )

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._domain_overdue()

    @api.model
    def _domain_overdue(self):
        """Open past its day, where the company works."""
        # sudo: which companies there are decides about days, not about rights.
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        by_days = companies.grouped(lambda c: (self._today_of(c), self._live_since(c)))
        late = Domain.FALSE
        for (today, live), those in by_days.items():
            one = Domain("company_id", "in", those.ids) & Domain("date_due", "<", today)
            if live:
                one &= Domain("date_due", ">=", live)
            late |= one
        return Domain("state", "=", "open") & late

    @api.depends("state", "is_on_time", "is_overdue")
    def _compute_on_time_rate(self):
        for action in self:
            action.on_time_rate = 100.0 if action.is_on_time else 0.0

    def _read_group_select(self, aggregate_spec, query):
        """Done in time ÷ done or overdue, in percent.  Source: K29."""
        if aggregate_spec != "on_time_rate:avg":
            return super()._read_group_select(aggregate_spec, query)
        state, due, on_time = (
            self._field_to_sql(self._table, name, query)
            for name in ("state", "date_due", "is_on_time")
        )
        return SQL(
            "AVG(CASE WHEN %s THEN 100.0 ELSE 0.0 END)"
            " FILTER (WHERE %s = 'done' OR (%s = 'open' AND %s < %s))",
            on_time,
            state,
            state,
            due,
            self._today_of(self.env.company.root_id),
        )

    # Who may ---------------------------------------------------------------------

    def _is_led(self):
        """Hook: whether the user leads the account the action is for."""
        return False

    def _is_planned_by_me(self):
        """Whether the user says what is to be done, when and by whom."""
        me = self.env.user
        return self.create_uid == me or self._is_led() or me.has_group(OFFICE)

    def _check_each(self, allowed, message):
        if self.env.su or self._is_engine():
            return
        for action in self:
            if not allowed(action):
                raise AccessError(message)

    @api.depends("user_id", "state")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        for action in self:
            action.can_edit = action.state == "open" and (
                not action.id or action._is_planned_by_me()
            )

    @api.model
    def _document_fields(self):
        """Hook: the links to the documents a promise may be made in, one per domain."""
        return []

    def _check_documents(self):
        names = self._document_fields()
        for action in self:
            if sum(bool(action[name]) for name in names) > 1:
                raise ValidationError(
                    self.env._("“%(name)s” belongs to one document only.", name=action.name)
                )

    @api.constrains("user_id")
    def _check_owner(self):
        for action in self:
            # sudo: whether the owner works here must not depend on who asks.
            owner = action.user_id.sudo()
            if owner.share or not owner.active:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” needs an owner who works here and is still with us.",
                        name=action.name,
                    )
                )

    # Writing ---------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # Nobody follows by himself: who is concerned reads his list.
        actions = super(KamAction, self.with_context(mail_create_nosubscribe=True)).create(
            vals_list
        )
        for day, those in actions.grouped("date_due").items():
            those._as_engine().write({"date_due_first": day})
        actions._check_documents()
        actions._tell_owner()
        return actions.with_env(self.env)

    def write(self, vals):
        self._check_write(vals)
        moved = self._postpone(vals)
        given = self.browse()
        if "user_id" in vals:
            given = self.filtered(lambda action: action.user_id.id != vals["user_id"])
            self.env["kam.notice"]._settle(TOPIC, given)
        result = super().write(vals)
        for facts, actions in moved:
            actions._as_engine().write(facts)
        if vals.keys() & set(self._document_fields()):
            self._check_documents()
        given._tell_owner()
        return result

    def _check_write(self, vals):
        """Who may change what; what is closed stays as it is.

        Raises ``AccessError`` for who may not, ``UserError`` for a closed action.
        """
        if self._is_engine():
            return
        plan = vals.keys() & (PLAN | set(self._plan_fields()))
        closed = self.filtered(lambda action: action.state != "open")
        if plan and closed:
            raise UserError(
                self.env._("“%(name)s” is closed. The office can reopen it.", name=closed[0].name)
            )
        if plan - {"date_due"}:
            self._check_each(
                lambda action: action._is_planned_by_me(),
                self.env._(
                    "What is to be done and by whom is changed by whoever asked for it, the lead "
                    "account manager or the KAM office. You may move the day."
                ),
            )
        if vals.keys() & {"date_due", "note", "result"}:
            self._check_each(
                lambda action: action.user_id == self.env.user or action._is_planned_by_me(),
                self.env._("Only its owner and whoever asked for it change an action."),
            )

    @api.model
    def _plan_fields(self):
        """Hook: more fields of what is promised, and to whom."""
        return self._document_fields()

    def _postpone(self, vals):
        """What a new day means: the first one stays, a day moved too late is remembered.

        :return: ``[(facts, actions)]`` to write afterwards
        """
        day = fields.Date.to_date(vals.get("date_due"))
        if not day:
            return []
        moved = self.filtered(lambda action: action.date_due != day)
        if moved:
            self.env["kam.notice"]._settle(TOPIC, moved)
        return [
            (
                {
                    "postponed_count": action.postponed_count + (day > action.date_due),
                    "is_postponed_late": action.is_postponed_late
                    or (action.is_overdue and day > action.date_due),
                    "told": UNTOLD,
                },
                action,
            )
            for action in moved
        ]

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        # Told through our notices, once a morning: no letter per action.
        return []

    # Closing ---------------------------------------------------------------------

    def action_done(self):
        """Tick it off: by its owner, the lead account manager or the office.

        In time on its day and before, unless the day was moved after it had passed.
        What is done already stays as it was.  Source: S0-77, K29.
        """
        self.check_access("write")
        if any(action.state == "cancelled" for action in self):
            raise UserError(self.env._("A cancelled action cannot be done: reopen it first."))
        actions = self.filtered(lambda action: action.state == "open")
        actions._check_each(
            lambda action: (
                action.user_id == self.env.user
                or action._is_led()
                or self.env.user.has_group(OFFICE)
            ),
            self.env._("Only its owner, the lead account manager or the office tick it off."),
        )
        days = {company: self._today_of(company) for company in actions.company_id}
        in_time = actions.filtered(
            lambda action: (
                days[action.company_id] <= action.date_due and not action.is_postponed_late
            )
        )
        done = {
            "state": "done",
            "done_on": fields.Datetime.now(),
            "done_by_id": self.env.uid,
        }
        in_time._as_engine().write({**done, "is_on_time": True})
        (actions - in_time)._as_engine().write({**done, "is_on_time": False})
        self.env["kam.notice"]._settle(TOPIC, actions)
        return True

    def action_cancel(self):
        """Ask why it is not to be done any more."""
        self.check_access("write")
        self._check_may_cancel()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel Actions") if len(self) > 1 else self.env._("Cancel Action"),
            "res_model": "kam.action.cancel.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_action_ids": self.ids},
        }

    def _check_may_cancel(self):
        """A promise is taken back by whoever asked for it, not by who should keep it."""
        people = self.env.user._kam_own_people()
        self._check_each(
            lambda action: action._is_planned_by_me() or action.user_id in people,
            self.env._(
                "It is cancelled by whoever asked for it, the lead account manager, the owner’s "
                "manager or the KAM office."
            ),
        )

    def _cancel(self, reason):
        """Not to be done any more.

        :param reason: why, stays on the action
        """
        self.check_access("write")
        self._check_may_cancel()
        if not (reason or "").strip():
            raise UserError(self.env._("Say why it is not to be done any more."))
        if any(action.state == "done" for action in self):
            raise UserError(self.env._("What is done cannot be cancelled."))
        actions = self.filtered(lambda action: action.state == "open")
        actions._as_engine().write({"state": "cancelled", "cancel_reason": reason.strip()})
        self.env["kam.notice"]._settle(TOPIC, actions)

    def action_reopen(self):
        """Open again: by the office, or on the same day by who ticked it off by mistake."""
        self.check_access("write")
        actions = self.filtered(lambda action: action.state != "open")
        actions._check_each(
            lambda action: self.env.user.has_group(OFFICE) or action._was_done_by_me_today(),
            self.env._(
                "The KAM office reopens an action; who ticked it off can do so on the same day."
            ),
        )
        reopened = {name: FACTS[name] for name in ("state", "done_on", "done_by_id", "is_on_time")}
        actions._as_engine().write({**reopened, "cancel_reason": False, "told": UNTOLD})
        return True

    def _was_done_by_me_today(self):
        if self.state != "done" or self.done_by_id != self.env.user:
            return False
        working = self.company_id._kam_working_time()
        return working.local_day(self.done_on) == working.local_day(fields.Datetime.now())

    # Telling ---------------------------------------------------------------------

    def _tell_owner(self):
        """Who was given something hears of it in the morning, at once where it is urgent.

        What the engine makes or moves is told by the document it comes from.
        """
        if self._is_engine():
            return
        given = self.filtered(lambda a: a.state == "open" and a.user_id != self.env.user)
        days = {company: self._today_of(company) for company in given.company_id}
        for user, actions in given.grouped("user_id").items():
            # By night nothing is urgent: the morning's message tells it.
            by_person = self.env.uid != SUPERUSER_ID
            soon = actions.filtered(
                lambda a, by_person=by_person: (
                    by_person and a.date_due <= days[a.company_id] + timedelta(days=1)
                )
            )
            soon._tell_at_once(user)
            (actions - soon)._tell_given(user)
            for action in soon:
                late = action.date_due < days[action.company_id]
                action._as_engine().write({"told": TOLD_OVERDUE if late else TOLD_DUE})

    def _tell_at_once(self, user):
        """One message however many there are."""
        if not self:
            return
        texts = self.with_context(lang=user.lang)
        if len(self) == 1:
            title = texts._given_title()
            lines = [texts._due_text(), *texts._notice_lines()]
        else:
            title = texts.env._("%(count)s actions were given to you", count=len(self))
            lines = [" · ".join([a.name, a._due_text(), *a._notice_lines()]) for a in texts]
        self.env["kam.notice"]._queue(
            user,
            title,
            lines,
            urgent=True,
            record=self if len(self) == 1 else None,
            topic=TOPIC,
        )

    def _tell_given(self, user):
        Notice = self.env["kam.notice"]
        Notice._queue_all(
            [
                Notice._prepare_vals(
                    user,
                    action._given_title(),
                    [action._due_text(), *action._notice_lines()],
                    record=action,
                    topic=TOPIC,
                )
                for action in self.with_context(lang=user.lang)
            ]
        )

    def _given_title(self):
        if self.env.uid == SUPERUSER_ID:
            return self.env._("New: %(name)s", name=self.name)
        return self.env._(
            "%(person)s asks you: %(name)s", person=self.env.user.name, name=self.name
        )

    def _due_text(self):
        return self.env._("due %(day)s", day=format_date(self.env, self.date_due))

    def _notice_lines(self):
        """Hook: what else its owner should read about it."""
        return []
