from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_date

from ..core.guarded import ondelete_always

STATES = [
    ("planned", "Planned"),
    ("to_report", "To Report"),
    ("reported", "Reported"),
    ("missed", "Missed"),
    ("cancelled", "Cancelled"),
]
# The visit took place, whatever is still missing.
HELD = ("to_report", "reported")
# Nothing of it changes any more.
CLOSED = ("reported", "cancelled")
LONGEST = timedelta(days=31)
# Facts that only the engine sets; whatever else a client sends, a visit begins with these.
FACTS = {
    "state": "planned",
    "report_due": False,
    "reported_on": False,
    "reported_by_id": False,
    "entered_late": False,
    "reopened_on": False,
    "reason": False,
    "event_id": False,
    "next_visit_id": False,
    "check_in_on": False,
    "check_in_by_id": False,
    "check_in_latitude": 0.0,
    "check_in_longitude": 0.0,
    "report_told_on": False,
}


class KamVisit(models.Model):
    """A contact with a customer: planned, held, reported.

    What happened is guarded: state, day, deadline and who reported when are set by the
    buttons only, and a report that was handed in stays as it is, with the people, the day
    and the accounts it names.  Source: (c4), S0-73 … S0-80, S0-115.
    """

    _name = "kam.visit"
    _inherit = ["kam.guarded", "mail.thread", "kam.visit.report.mixin"]
    _description = "Visit"
    _order = "start desc, id desc"
    _check_company_auto = True

    _guarded_initial = FACTS
    _guarded_once = frozenset({"account_id", "day"})

    account_id = fields.Many2one("kam.account", required=True, index=True, ondelete="restrict")
    # One visit for several members of a group counts for each of them.
    also_account_ids = fields.Many2many(
        "kam.account",
        "kam_visit_also_account_rel",
        "visit_id",
        "account_id",
        "Also for",
        help="Other members of the same account group this visit is for.",
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="account_id.partner_id", string="Customer")
    mode_id = fields.Many2one(
        "kam.visit.mode",
        required=True,
        ondelete="restrict",
        default=lambda self: self._first_mode(),
    )
    purpose_id = fields.Many2one(
        "kam.visit.purpose",
        required=True,
        ondelete="restrict",
        default=lambda self: self.env["kam.visit.purpose"].search([], limit=1),
    )
    start = fields.Datetime(required=True, index=True)
    stop = fields.Datetime(required=True)
    # The day where the company works: it decides the period an obligation is met in.
    day = fields.Date(
        required=True,
        index=True,
        readonly=True,
        copy=False,
        help="Where the company works; across midnight the start decides.",
    )
    location = fields.Char("Place")
    user_id = fields.Many2one(
        "res.users",
        "Organiser",
        required=True,
        index=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
    )
    participant_ids = fields.Many2many(
        "res.users",
        "kam_visit_participant_rel",
        "visit_id",
        "user_id",
        "Our Participants",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        help="Only who took part can report. Others add themselves before the report.",
    )
    contact_ids = fields.Many2many(
        "res.partner",
        "kam_visit_contact_rel",
        "visit_id",
        "partner_id",
        "Customer's Participants",
        help="They get no invitation and no message.",
    )
    lead_id = fields.Many2one("crm.lead", "Opportunity", index="btree_not_null")
    state = fields.Selection(
        STATES, required=True, default="planned", index=True, readonly=True, copy=False
    )
    reason = fields.Char(readonly=True, copy=False, help="Why it was cancelled, moved or missed.")
    event_id = fields.Many2one(
        "calendar.event",
        "Calendar Meeting",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
        copy=False,
    )
    # Preparation
    outline = fields.Text(help="What we want to achieve, say and ask.")
    material_ids = fields.Many2many(
        "ir.attachment", "kam_visit_material_rel", string="Materials", copy=False
    )
    background_done = fields.Boolean(
        "Background Studied", copy=False, help="Information and needs of the customer reviewed."
    )
    questions = fields.Text("Possible Questions")
    disputed_points = fields.Text()
    is_prepared = fields.Boolean("Prepared", copy=False)
    checklist = fields.Text(related="purpose_id.checklist")
    # Report
    tag_ids = fields.Many2many("kam.visit.tag", string="Information Passed On", copy=False)
    report_file_ids = fields.Many2many(
        "ir.attachment", "kam_visit_report_file_rel", string="Files of the Report", copy=False
    )
    report_due = fields.Date(
        index=True,
        readonly=True,
        copy=False,
        help="Last working day on which the report is in time.",
    )
    reported_on = fields.Datetime(readonly=True, copy=False)
    reported_by_id = fields.Many2one("res.users", "Reported by", readonly=True, copy=False)
    entered_late = fields.Boolean(readonly=True, copy=False)
    reopened_on = fields.Datetime(readonly=True, copy=False)
    report_told_on = fields.Date("Reminded on", readonly=True, copy=False)
    next_visit_id = fields.Many2one(
        "kam.visit", readonly=True, copy=False, index="btree_not_null", ondelete="set null"
    )
    action_ids = fields.One2many("kam.action", "visit_id", "Actions")

    @api.model
    def _first_mode(self):
        return self.env["kam.visit.mode"].search([], limit=1)

    @api.depends("account_id", "day", "purpose_id")
    def _compute_display_name(self):
        for visit in self:
            parts = (visit.account_id.display_name, *visit._what_and_when())
            visit.display_name = " – ".join(part for part in parts if part)

    def _what_and_when(self):
        return self.purpose_id.name, self.day and format_date(self.env, self.day)

    def _week_texts(self):
        """What My Week says of it, beside the account: ``(title, state)``."""
        title = " – ".join(part for part in self._what_and_when() if part)
        return title, self.env["kam.week.item"]._state_text(self)

    # Rules --------------------------------------------------------------------------

    @api.constrains("start", "stop")
    def _check_times(self):
        for visit in self:
            if visit.stop < visit.start:
                raise ValidationError(self.env._("A visit cannot end before it begins."))
            if visit.stop - visit.start > LONGEST:
                raise ValidationError(
                    self.env._("A visit lasts 31 days at most: enter one for each stay.")
                )

    @api.constrains("participant_ids", "user_id")
    def _check_people(self):
        for visit in self:
            people = visit.participant_ids | visit.user_id
            if not visit.participant_ids or any(people.mapped("share")):
                raise ValidationError(
                    self.env._("Somebody of ours must take part, and only colleagues organise.")
                )

    @api.constrains("account_id", "also_account_ids")
    def _check_also_accounts(self):
        """One visit counts for several accounts only within their group and company.

        What was entered stays when files are merged.
        """
        if self._is_engine():
            return
        for visit in self.filtered("also_account_ids"):
            others = visit.also_account_ids
            others.check_access("read")
            account = visit.account_id
            if (
                account in others
                or others.group_root_id != account.group_root_id
                or others.company_id != account.company_id
            ):
                raise ValidationError(
                    self.env._(
                        "One visit is for several accounts only where they are members of one "
                        "account group in one company."
                    )
                )

    @api.constrains("account_id", "also_account_ids", "contact_ids", "lead_id")
    def _check_customer(self):
        for visit in self:
            # sudo: whose contact or opportunity it is must not depend on who asks.
            record = visit.sudo()
            customers = (record.account_id | record.also_account_ids).partner_id
            strangers = record.contact_ids.commercial_partner_id - customers
            if strangers:
                raise ValidationError(
                    self.env._(
                        "%(names)s: not contacts of this customer.",
                        names=", ".join(strangers.mapped("name")),
                    )
                )
            if record.lead_id and record.lead_id.partner_id.commercial_partner_id not in customers:
                raise ValidationError(
                    self.env._("The opportunity belongs to another customer than the visit.")
                )

    @api.constrains("is_prepared", "purpose_id", "outline", "material_ids", "background_done")
    def _check_prepared(self):
        """Prepared only with background, outline and materials, where required.

        Source: S0-74, S1r-03.
        """
        for visit in self.filtered("is_prepared"):
            # sudo: what the company requires is no secret.
            free = visit.company_id.sudo().root_id.kam_visit_preparation_free
            if free or not visit.purpose_id.needs_preparation:
                continue
            if not (visit.background_done and visit.material_ids and (visit.outline or "").strip()):
                raise ValidationError(
                    self.env._(
                        "“%(purpose)s” is prepared when the background has been studied, the "
                        "outline is written and materials are attached.",
                        purpose=visit.purpose_id.name,
                    )
                )

    # Keeping ------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        quiet = self.with_context(
            mail_create_nosubscribe=True, mail_create_nolog=True, mail_auto_subscribe_no_notify=True
        )
        vals_list = self._complete_vals(vals_list)
        visits = super(KamVisit, quiet).create(vals_list).with_env(self.env)
        visits._own_files()
        visits._refresh_facts()
        visits._create_events()
        visits._on_visit_changed()
        return visits

    @api.model
    def _complete_vals(self, vals_list):
        """The day follows from the start, whatever a client or a default says."""
        working = {}
        defaults = self.default_get(["account_id", "start", "user_id"])
        result = []
        for given in vals_list:
            vals = {**defaults, **given}
            start = fields.Datetime.to_datetime(vals.get("start"))
            if start and not vals.get("stop"):
                vals["stop"] = start + timedelta(hours=1)
            if not vals.get("participant_ids"):
                vals["participant_ids"] = [fields.Command.set([vals.get("user_id")])]
            if start and vals.get("account_id"):
                # sudo: the rules of the account are checked by the record itself.
                account = self.env["kam.account"].sudo().browse(vals["account_id"])
                company = account.company_id
                if company not in working:
                    working[company] = company._kam_working_time()
                vals["day"] = working[company].local_day(start)
            result.append(vals)
        return result

    def write(self, vals):
        if self._is_engine():
            return super().write(vals)
        self._check_not_closed(vals)
        self._check_may_pass_on(vals)
        before = {visit: (visit.start, visit.stop) for visit in self}
        result = super().write(vals)
        if {"material_ids", "report_file_ids"} & vals.keys():
            self._own_files()
        moved = self.filtered(lambda visit: before[visit] != (visit.start, visit.stop))
        moved._refresh_facts()
        self._update_events(vals)
        if moved or {"also_account_ids", "participant_ids", "purpose_id", "mode_id"} & vals.keys():
            self._on_visit_changed()
        return result

    def _check_not_closed(self, vals):
        """A report that was handed in, and what was cancelled, stays as it is."""
        names = [name for name in vals if not name.startswith("message_")]
        closed = self.filtered(lambda visit: visit.state in CLOSED)
        if names and closed:
            raise UserError(
                self.env._(
                    "“%(visit)s” was reported or cancelled and does not change any more. A "
                    "director or the KAM office can reopen a report.",
                    visit=closed[0].display_name,
                )
            )

    def _check_may_pass_on(self, vals):
        """Whoever organises a visit, the lead account manager and the office choose who
        does; nobody takes one over by himself.
        """
        if "user_id" not in vals or self.env.su:
            return
        if self.env.user.has_group("key_account_mgmt.group_kam_officer"):
            return
        for visit in self:
            may = self.env.user in (visit.user_id | visit.account_id.user_id)
            if not may and vals["user_id"] != visit.user_id.id:
                raise AccessError(
                    self.env._(
                        "Another organiser is chosen by the present one, the lead account "
                        "manager or the KAM office."
                    )
                )

    def _own_files(self):
        """Whoever may read the visit reads its files; those of other documents are copied.

        By the rights of whoever attaches them.
        """
        for visit in self:
            place = {"res_model": self._name, "res_id": visit.id}
            for name in ("material_ids", "report_file_ids"):
                own = visit[name].browse()
                for file in visit[name]:
                    if (file.res_model, file.res_id) == (self._name, visit.id):
                        own |= file
                    elif file.res_id:
                        own |= file.copy({**place, "name": file.name})
                    else:
                        file.write(place)
                        own |= file
                if own != visit[name]:
                    visit._as_engine().write({name: [fields.Command.set(own.ids)]})

    def _refresh_facts(self):
        """Day, state and deadline as start, end and the clock say.

        Over, or checked in: to report; else planned.  What was missed stays missed.
        """
        now = fields.Datetime.now()
        for company, visits in self.grouped("company_id").items():
            working = company._kam_working_time()
            for visit in visits:
                vals = {"day": working.local_day(visit.start)}
                if visit.state in ("planned", "to_report"):
                    held = visit.stop <= now or bool(visit.check_in_on)
                    vals["state"] = "to_report" if held else "planned"
                    vals["report_due"] = held and visit._deadline(working)
                changed = {name: value for name, value in vals.items() if visit[name] != value}
                if changed:
                    visit._as_engine().write(changed)

    def _deadline(self, working):
        """Last day on which the report is in time; none before the company's go-live.

        Source: S0-77, g Q14.
        """
        self.ensure_one()
        company = self.company_id.sudo()
        if company.kam_go_live_date and self.day < company.kam_go_live_date:
            return False
        return company._kam_add_days_or_calendar(
            working.local_day(self.stop), company._kam_visit_report_days(), working
        )

    def _on_visit_changed(self):
        """Hook for later domains: planned, moved, held, reported, missed, cancelled, reopened,
        or for other accounts, people, purposes than before.
        """

    @ondelete_always
    def _unlink_except_ever(self):
        raise UserError(self.env._("Visits are not deleted. Cancel one that will not take place."))
