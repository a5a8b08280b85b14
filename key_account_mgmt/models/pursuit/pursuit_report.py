from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..core.guarded import ondelete_always

REPORT_DAYS = 5


class KamPursuitReport(models.Model):
    """What came of a stage.

    Every step of the progress table owes one, five days after its planned day; the night
    asks for it.  Somebody may also report in between.  Handed in, it stays as it is.
    Source: S1n-16, g Q14.
    """

    _name = "kam.pursuit.report"
    _inherit = ["kam.guarded"]
    _description = "Stage Report"
    _order = "date_due desc, id desc"

    _guarded_initial = {
        "state": "due",
        "reported_on": False,
        "reported_by_id": False,
        "is_reported_late": False,
    }
    # Computed; not for whoever hands in late.
    _guarded_once = frozenset({"pursuit_id", "action_id", "date_due", "user_id"})

    pursuit_id = fields.Many2one("kam.pursuit", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="pursuit_id.company_id", store=True, index=True)
    action_id = fields.Many2one("kam.action", "Step", ondelete="cascade", readonly=True)
    user_id = fields.Many2one(
        "res.users", "Reporter", compute="_compute_from_step", store=True, index=True
    )
    date_due = fields.Date("Due", compute="_compute_from_step", store=True, index=True)
    state = fields.Selection(
        [("due", "To Hand In"), ("reported", "Handed In"), ("dropped", "Not Needed")],
        required=True,
        default="due",
        readonly=True,
        index=True,
    )
    text = fields.Text("What Was Reached", help="What was done, what it means, what comes next.")
    reported_on = fields.Date("Handed in on", readonly=True)
    reported_by_id = fields.Many2one(
        "res.users", "Handed in by", readonly=True, ondelete="restrict"
    )
    is_reported_late = fields.Boolean("Handed in Late", readonly=True)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _action_uniq = models.UniqueIndex(
        "(action_id) WHERE action_id IS NOT NULL", "A step is reported on once."
    )

    @api.depends("action_id.date_due", "action_id.user_id")
    def _compute_from_step(self):
        for report in self:
            step = report.action_id
            if step:
                report.date_due = step.date_due + timedelta(days=REPORT_DAYS)
                report.user_id = step.user_id
            else:
                report.date_due = report.date_due or report.pursuit_id._today()
                report.user_id = report.user_id or self.env.user

    @api.depends("action_id", "date_due")
    def _compute_display_name(self):
        for report in self:
            step = report.action_id.name or self.env._("Report")
            report.display_name = f"{report.pursuit_id.display_name}: {step}"

    @api.depends("state", "date_due")
    def _compute_is_overdue(self):
        late = self.filtered_domain(self._overdue_domain())
        for report in self:
            report.is_overdue = report in late

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._overdue_domain() if True in value else ~self._overdue_domain()

    @api.model
    def _overdue_domain(self):
        late = Domain.FALSE
        for company, today in self.env["kam.pursuit"]._companies_with_days():
            one = Domain("company_id", "=", company.id) & Domain("date_due", "<", today)
            if company.kam_go_live_date:
                one &= Domain("date_due", ">=", company.kam_go_live_date)
            late |= one
        return Domain("state", "=", "due") & late

    # Writing -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        reports = super().create(vals_list)
        if not self._is_engine():
            for report in reports:
                report.pursuit_id.check_access("read")
                if report.action_id:
                    self._raise_guarded(["action_id"])
        return reports

    def write(self, vals):
        if not self._is_engine() and any(report.state != "due" for report in self):
            raise UserError(self.env._("A report that was handed in stays as it is."))
        return super().write(vals)

    @ondelete_always
    def _unlink_except_handed_in(self):
        if not self._is_engine() and any(r.state != "due" or r.action_id for r in self):
            raise UserError(self.env._("A report that is owed or was handed in is kept."))

    def action_report(self):
        """Hand it in.  In time until five days after the planned day.

        By whoever owns the step, the responsible person or the office.
        """
        self.check_access("write")
        office = self.env["kam.pursuit"]._is_office_user()
        for report in self:
            owner = self.env.user == report.user_id or report.pursuit_id._is_owner()
            if not (office or owner):
                raise AccessError(
                    self.env._("%(name)s hands in this report.", name=report.user_id.name)
                )
            if report.state != "due":
                raise UserError(self.env._("A report that was handed in stays as it is."))
            if not (report.text or "").strip():
                raise UserError(self.env._("Write what was reached before you hand it in."))
            today = report.pursuit_id._today()
            report._as_engine().write(
                {
                    "state": "reported",
                    "reported_on": today,
                    "reported_by_id": self.env.uid,
                    "is_reported_late": today > report.date_due,
                }
            )
            report.pursuit_id._note_progress()
        return True

    def action_open_pursuit(self):
        """The pursuit it is about."""
        self.ensure_one()
        self.check_access("read")
        return self.pursuit_id.sudo(False).get_formview_action()
