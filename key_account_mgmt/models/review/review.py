from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...policy.periods import Period, add_months
from ..core.guarded import ondelete_always

OFFICE = "key_account_mgmt.group_kam_officer"
EXECUTIVE = "key_account_mgmt.group_kam_executive"
STATES = [
    ("planned", "Planned"),
    ("held", "In Meeting"),
    ("reported", "Decisions Open"),
    ("closed", "Closed"),
    ("cancelled", "Cancelled"),
]
# Still being prepared or written; the minutes are out; the meeting took place.
OPEN = ("planned", "held")
MINUTED = ("reported", "closed")
HELD = ("held", *MINUTED)


class KamReview(models.Model):
    """A meeting with an agenda that makes itself, decisions, and minutes.

    Planned → in meeting → minutes sent, decisions open → closed by itself when every
    decision is done or cancelled.  The meeting of a period is made by the job
    (:meth:`_cron_reviews`) as soon as there is something for its agenda.  Once the minutes
    are out neither they nor their lines change any more.

    Before that a participant reads what is his, who chairs or prepares reads all; then
    everybody who took part reads the whole minutes.
    Source: (c17), S1n-11, S1n-12, users §2.
    """

    _name = "kam.review"
    _inherit = ["kam.guarded", "mail.thread"]
    _description = "Review Meeting"
    _order = "date desc, id desc"

    _guarded_initial = {
        "state": "planned",
        "period_key": False,
        "held_on": False,
        "closed_on": False,
        "closed_by_id": False,
    }
    _guarded_once = frozenset({"kind_id", "company_id", "date_from", "date_to"})

    name = fields.Char(required=True)
    kind_id = fields.Many2one(
        "kam.review.kind",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self.env["kam.review.kind"].search([], limit=1),
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    date_from = fields.Date("Period From", readonly=True)
    date_to = fields.Date("Period To", readonly=True)
    period_key = fields.Char(readonly=True, copy=False)
    date = fields.Date("Planned for", required=True, index=True)
    place = fields.Char()
    user_id = fields.Many2one(
        "res.users",
        "Prepared by",
        index="btree_not_null",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        help="Prepares the meeting and writes the minutes.",
    )
    chair_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        domain=[("share", "=", False)],
        help="Leads the meeting.",
    )
    participant_ids = fields.Many2many(
        "res.users",
        string="Participants",
        domain=[("share", "=", False)],
        help="They get the minutes, and may then read them whole.",
    )
    state = fields.Selection(STATES, default="planned", required=True, readonly=True, index=True)
    reason = fields.Char("Why Cancelled", copy=False, help="Why the meeting does not take place.")
    held_on = fields.Date(readonly=True, copy=False)
    closed_on = fields.Datetime("Minutes Sent", readonly=True, copy=False)
    closed_by_id = fields.Many2one("res.users", "Minutes Sent by", readonly=True, copy=False)
    note = fields.Text("What Else Was Said")
    line_ids = fields.One2many("kam.review.line", "review_id", "Agenda")
    action_ids = fields.One2many("kam.action", "review_id", "Decisions", readonly=True)
    line_count = fields.Integer("On the Agenda", compute="_compute_counts")
    late_line_count = fields.Integer("Late", compute="_compute_counts")
    open_action_count = fields.Integer("Open Decisions", compute="_compute_action_counts")
    overdue_action_count = fields.Integer("Overdue Decisions", compute="_compute_action_counts")
    can_edit = fields.Boolean(compute="_compute_can_edit")

    # One meeting of a kind, period and company, whichever worker is first.
    _period_uniq = models.UniqueIndex(
        "(company_id, kind_id, period_key) WHERE period_key IS NOT NULL",
        "The meeting of this period exists already.",
    )

    # Figures -------------------------------------------------------------------------

    @api.depends("line_ids.late_count")
    @api.depends_context("uid")
    def _compute_counts(self):
        Line = self.env["kam.review.line"]
        mine = Domain("review_id", "in", self.ids) & Domain("is_extra", "=", False)
        whole = dict(Line._read_group(mine, ["review_id"], ["__count"]))
        late = mine & Domain("late_count", ">", 0)
        behind = dict(Line._read_group(late, ["review_id"], ["__count"]))
        for review in self:
            review.line_count = whole.get(review._origin, 0)
            review.late_line_count = behind.get(review._origin, 0)

    @api.depends("action_ids.state", "action_ids.date_due")
    @api.depends_context("uid")
    def _compute_action_counts(self):
        Action = self.env["kam.action"]
        mine = Domain("review_id", "in", self.ids)
        groups = (mine & Domain("state", "=", "open"), mine & Action._domain_overdue())
        still_open, late = (
            dict(Action._read_group(domain, ["review_id"], ["__count"])) for domain in groups
        )
        for review in self:
            review.open_action_count = still_open.get(review._origin, 0)
            review.overdue_action_count = late.get(review._origin, 0)

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        office = self.env.user.has_group(OFFICE)
        for review in self:
            review.can_edit = office and review.state in OPEN

    # Guards --------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not self._is_engine():
            vals_list = [self._prepare_own(vals) for vals in vals_list]
        quiet = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        return super(KamReview, quiet).create(vals_list).with_env(self.env)

    @api.model
    def _prepare_own(self, vals):
        """A meeting called by hand belongs to the period of its day."""
        vals = self._add_missing_default_values({**vals})
        kind = self.env["kam.review.kind"].browse(vals.get("kind_id"))
        day = fields.Date.to_date(vals.get("date"))
        if not (kind and day):
            raise UserError(self.env._("Choose the kind of meeting and its day."))
        period = kind._period_on(day)
        company = self.env["res.company"].browse(vals.get("company_id")).sudo().root_id
        values = {"date_from": period.start, "date_to": period.end, "company_id": company.id}
        return {**vals, **values}

    def write(self, vals):
        if not self._is_engine():
            for review in self:
                if review.state not in OPEN and vals.keys() - self._always_writable():
                    raise UserError(
                        self.env._(
                            "“%(name)s” is over: its minutes stay as they were sent.",
                            name=review.name,
                        )
                    )
        before = (
            {}
            if self._is_engine()
            else {review: (review.date, review._people()) for review in self}
        )
        result = super().write(vals)
        for review, (day, people) in before.items():
            if review.state == "planned" and review.date:
                moved = review.date != day
                review._tell_planned(review._people() if moved else review._people() - people)
        return result

    @api.model
    def _always_writable(self):
        return {name for name in self._fields if name.startswith(("message_", "activity_"))}

    @ondelete_always
    def _unlink_except_what_happened(self):
        for review in self:
            if review.state in HELD or review.period_key:
                raise UserError(
                    self.env._(
                        "“%(name)s” is kept. A meeting that does not take place is cancelled.",
                        name=review.name,
                    )
                )

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        # Told through our notices, once a morning.
        return []

    def _check_office(self):
        """:raise AccessError: the user does not work in the KAM office"""
        if not (self.env.su or self.env.user.has_group(OFFICE)):
            raise AccessError(self.env._("Meetings are run by the KAM office."))
        self.check_access("write")

    def _check_state(self, states):
        self.ensure_one()
        if self.state not in states:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(name)s” is “%(state)s”: this step is not possible now.",
                    name=self.name,
                    state=labels[self.state],
                )
            )

    # Agenda --------------------------------------------------------------------------

    @api.onchange("kind_id", "date")
    def _onchange_kind(self):
        if self.kind_id and self.date and not self.name:
            self.name = self._proposed_name(self.kind_id, self.kind_id._period_on(self.date))

    @api.model
    def _proposed_name(self, kind, period):
        """“Filing Meeting 2026-11”; a longer period is called by its last month."""
        return f"{kind.name} {period.end:%Y-%m}"

    def _period(self):
        """The period it was made for, also when its kind has another rhythm by now."""
        self.ensure_one()
        return Period(self.date_from, self.date_to)

    @api.model
    def _agenda(self, kind, company, period):
        """What is on the agenda of a kind of meeting.

        Made by ``_agenda_<code>(company, period)``, which a later domain adds, with rights
        of the system.

        :return: list of ``{"subject": {field of the line: value}, "runs": bool, "name",
            "account_id", "owner_id", "facts"}``; ``runs``: it makes the meeting necessary;
            facts as in :meth:`kam.review.line._compute_texts`
        """
        method = getattr(self, f"_agenda_{kind.code}", None)
        return method(company, period) if method else []

    @api.model
    def _since(self, kind, company, period):
        """The day of the meeting before the one of ``period``; before the first one, a
        month before the period."""
        # sudo: when we last met, for whoever prepares.
        last = self.sudo().search(
            [
                ("kind_id", "=", kind.id),
                ("company_id", "=", company.id),
                ("state", "in", HELD),
                ("date_from", "<", period.start),
            ],
            order="held_on desc, id desc",
            limit=1,
        )
        return last.held_on or add_months(period.start, -1)

    def _refresh_agenda(self, entries=None):
        """Bring the agenda up to date while the meeting is not over.

        What came is added, what is known is refreshed, what left without a word said about
        it goes.  Run twice it changes nothing.

        :return: the lines that were added
        """
        self.ensure_one()
        added = self.env["kam.review.line"]
        if self.state not in OPEN:
            return added
        # sudo: the agenda is the company's, whoever presses the button.
        review = self.sudo()._as_engine()
        if entries is None:
            # In the language of the company, whoever presses the button.
            texts = review.with_context(lang=review.company_id.partner_id.lang)
            entries = texts._agenda(review.kind_id, review.company_id, review._period())
        names = {name for entry in entries for name in entry["subject"]}
        lines = {
            line._subject_key(names): line
            for line in review.line_ids
            if line.facts and not line.is_extra
        }
        for number, entry in enumerate(entries, start=1):
            vals = {name: value for name, value in entry.items() if name not in ("subject", "runs")}
            vals["sequence"] = 10 * number
            vals["late_count"] = len(entry["facts"].get("late", ()))
            line = lines.pop(tuple(sorted(entry["subject"].items())), None)
            if line:
                line._write_changed(vals)
            else:
                added |= (
                    added._as_engine()
                    .sudo()
                    .create({**vals, **entry["subject"], "review_id": review.id})
                )
        for line in lines.values():
            if line._is_untouched():
                line.unlink()
        return added
