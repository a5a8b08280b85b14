from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools.misc import babel_locale_parse, get_lang

from ..core.guarded import ondelete_always

OFFICE = "key_account_mgmt.group_kam_officer"
GENERAL_MANAGER = "key_account_mgmt.group_kam_gm"
STATES = [
    ("generated", "To Complete"),
    ("completed", "Complete"),
    ("submitted", "Submitted"),
    ("acknowledged", "Acknowledged"),
]
# Figures and texts still change.
OPEN = ("generated", "completed")
# What people write; everything else is the system's.
WRITTEN = frozenset({"summary", "user_id"})


class KamStatusReport(models.Model):
    """Monthly business status report of strategic and key accounts 附件一.

    One per company and month, made by the job on the 1st for the month before
    (:meth:`_cron_status_reports`): to complete → complete, when every account manager has
    said what there is to say → submitted → acknowledged by the general manager and the
    leaders named in Settings.

    **A report may be submitted while lines are missing.**  Submission freezes every figure
    and the texts of the complete lines; the lines that are late are named in the report as
    not completed.  Their account managers may follow with a *supplement*: the texts of such
    a line stay open until they are handed in, once; its figures do not change any more.
    After that nothing of it changes, by whatever road.
    Source: (c16), S3-33 … S3-35, g Q14, users §2.
    """

    _name = "kam.status.report"
    _inherit = ["kam.guarded"]
    _description = "Status Report"
    _order = "month desc, id desc"
    _rec_name = "month"

    _guarded_create = True
    _guarded_unlink = True

    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="restrict")
    currency_id = fields.Many2one(related="company_id.currency_id")
    month = fields.Date("First Day", required=True, readonly=True)
    date_to = fields.Date("Last Day", required=True, readonly=True)
    date_due = fields.Date("Due", required=True, readonly=True, index=True)
    state = fields.Selection(STATES, required=True, default="generated", readonly=True, index=True)
    user_id = fields.Many2one(
        "res.users",
        "Submitted by the Office of",
        index="btree_not_null",
        ondelete="restrict",
        domain=[("share", "=", False)],
        help="Whose week the report is in until it is submitted.",
    )
    # Empty while the job has not reached every account yet: killed, it goes on from there.
    filled_on = fields.Datetime("All Accounts Since", readonly=True)
    summary = fields.Text(help="What the general manager should know before the details.")
    submitted_on = fields.Datetime(readonly=True)
    submitted_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    submitted_late = fields.Boolean(readonly=True)
    acknowledged_on = fields.Datetime("Acknowledged", readonly=True)
    # Stored, so that two who acknowledge at once meet and the last one closes the report.
    acknowledged_count = fields.Integer("Acknowledgements", readonly=True)
    line_ids = fields.One2many("kam.status.report.line", "report_id", "Accounts")
    acknowledgement_ids = fields.One2many(
        "kam.status.acknowledgement", "report_id", "Acknowledged by", readonly=True
    )
    # Only for the access rules: what these look at stands in the cache for everybody, and
    # the lines a reader may see must not be mixed up with them.
    rule_line_ids = fields.One2many("kam.status.report.line", "report_id", "Lines for Rules")
    rule_acknowledgement_ids = fields.One2many(
        "kam.status.acknowledgement", "report_id", "Readers for Rules"
    )
    line_count = fields.Integer("Lines", compute="_compute_counts")
    open_line_count = fields.Integer("To Complete", compute="_compute_counts")
    missing_names = fields.Char("Missing", compute="_compute_counts")
    is_late = fields.Boolean("Late", compute="_compute_is_late")
    can_edit = fields.Boolean(compute="_compute_can_edit")
    can_acknowledge = fields.Boolean(compute="_compute_can_acknowledge")

    _month_uniq = models.Constraint(
        "UNIQUE (company_id, month)", "The status report of this month exists already."
    )

    @api.depends("month")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for report in self:
            report.display_name = self.env._("Status Report %(month)s", month=report._month_label())

    def _month_label(self):
        """“Oct 2026”, “2026年10月”."""
        locale = babel_locale_parse(get_lang(self.env).code)
        return format_skeleton("yMMM", self.month, locale=locale) if self.month else ""

    @api.depends("line_ids.status", "line_ids.account_id")
    @api.depends_context("uid")
    def _compute_counts(self):
        """Of the lines the reader may see."""
        Line = self.env["kam.status.report.line"]
        mine = Domain("report_id", "in", self.ids)
        lines = dict(Line._read_group(mine, ["report_id"], ["__count"]))
        missing = mine & Domain("status", "in", ("open", "missing"))
        late = dict(Line._read_group(missing, ["report_id"], ["id:recordset"]))
        for report in self:
            behind = late.get(report._origin, Line)
            report.line_count = lines.get(report._origin, 0)
            report.open_line_count = len(behind)
            report.missing_names = behind._names()

    @api.depends("state", "date_due", "submitted_late")
    def _compute_is_late(self):
        for report in self:
            if report.state in OPEN and report.date_due:
                # sudo: the company's day is no secret.
                report.is_late = report.date_due < report.company_id.sudo()._kam_today()
            else:
                report.is_late = report.submitted_late

    @api.depends("state")
    @api.depends_context("uid")
    def _compute_can_edit(self):
        office = self.env.user.has_group(OFFICE)
        for report in self:
            report.can_edit = office and report.state in OPEN

    @api.depends("state", "acknowledgement_ids.acknowledged_on")
    @api.depends_context("uid")
    def _compute_can_acknowledge(self):
        for report in self:
            report.can_acknowledge = bool(report._my_acknowledgements())

    def _my_acknowledgements(self):
        return self.acknowledgement_ids.filtered(
            lambda row: row.user_id == self.env.user and not row.acknowledged_on
        )

    def _week_texts(self):
        """What My Week says of it: ``(title, state)``."""
        state = self.env._("%(count)s lines missing", count=self.open_line_count)
        return self.display_name, state if self.open_line_count else self.env._("Complete")

    # Guards --------------------------------------------------------------------------

    def write(self, vals):
        if not self._is_engine():
            forbidden = vals.keys() - WRITTEN - {"line_ids"}
            if forbidden:
                self._raise_guarded(sorted(name for name in forbidden if name in self._fields))
            if WRITTEN & vals.keys():
                self._check_office()
                self._check_open()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_ever(self):
        if not self._is_engine():
            raise UserError(self.env._("Status reports are kept: they say what was known when."))

    def _check_office(self):
        """:raise AccessError: the user does not work in the KAM office"""
        if not (self.env.su or self.env.user.has_group(OFFICE)):
            raise AccessError(self.env._("Status reports are kept by the KAM office."))
        self.check_access("write")

    def _check_open(self):
        """:raise UserError: the report was submitted"""
        for report in self:
            if report.state not in OPEN:
                raise UserError(
                    self.env._(
                        "“%(name)s” was submitted: it stays as it is.", name=report.display_name
                    )
                )
