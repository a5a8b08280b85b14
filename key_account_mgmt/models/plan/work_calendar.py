from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

from ..core.guarded import ondelete_always
from .plan import OFFICE


class KamWorkCalendar(models.Model):
    """The work of a year by quarters: what is to be done, by whom, how far it is.

    Source: S1q-24 … S1q-27, J20.
    """

    _name = "kam.work.calendar"
    _inherit = ["kam.guarded", "mail.thread"]
    _description = "Work Calendar"
    _order = "year desc, id desc"

    _guarded_once = frozenset({"company_id", "year"})

    name = fields.Char(compute="_compute_name")
    year = fields.Integer(
        required=True, aggregator=None, default=lambda self: self.env.company._kam_today().year
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company.root_id,
    )
    line_ids = fields.One2many("kam.work.calendar.line", "calendar_id", "Work")
    progress = fields.Float("Progress (%)", compute="_compute_progress")
    summary = fields.Text(
        "Summary of the Year", help="What was reached, what was learned, what changes next year."
    )

    _year_uniq = models.Constraint(
        "UNIQUE (company_id, year)", "There is a work calendar for the year already."
    )

    @api.depends("year")
    @api.depends_context("lang")
    def _compute_name(self):
        for calendar in self:
            calendar.name = self.env._("Work Calendar %(year)s", year=calendar.year or "")

    @api.depends("name")
    def _compute_display_name(self):
        for calendar in self:
            calendar.display_name = calendar.name

    @api.depends("line_ids.progress")
    def _compute_progress(self):
        for calendar in self:
            rates = calendar.line_ids.mapped("progress")
            calendar.progress = sum(rates) / len(rates) if rates else 0.0

    @api.constrains("company_id", "year")
    def _check_company(self):
        for calendar in self:
            if calendar.company_id.root_id != calendar.company_id:
                raise ValidationError(
                    self.env._("A work calendar belongs to a company, not to a branch.")
                )
            if not 1990 <= calendar.year <= 2200:
                raise ValidationError(self.env._("Write the year with four digits."))

    @api.model_create_multi
    def create(self, vals_list):
        """A calendar begins with the yearly work of the company."""
        calendars = super().create(vals_list)
        for calendar, vals in zip(calendars, vals_list, strict=True):
            if not vals.get("line_ids"):
                calendar._add_yearly_work()
        return calendars

    @ondelete_always
    def _unlink_except_measured(self):
        if any(self.line_ids.mapped("frozen_on")):
            raise ValidationError(self.env._("A quarter is over: the calendar stays."))

    def _add_yearly_work(self):
        """The lines of the template this calendar does not have yet."""
        self.ensure_one()
        Template = self.env["kam.work.template"]
        domain = Domain("company_id", "=", False) | Domain("company_id", "=", self.company_id.id)
        missing = Template.search(domain) - self.line_ids.template_id
        self.env["kam.work.calendar.line"].create(
            [
                {
                    "calendar_id": self.id,
                    "template_id": template.id,
                    "name": template.name,
                    "quarter": template.quarter,
                    "sequence": template.sequence,
                    "measure": template.measure,
                    "target": template.target,
                    "date_due": self._quarter_end(template.quarter),
                }
                for template in missing
            ]
        )

    def _quarter_start(self, quarter):
        return date(self.year, 3 * int(quarter) - 2, 1)

    def _quarter_end(self, quarter):
        month = 3 * int(quarter)
        return date(self.year, month, 31 if month in (3, 12) else 30)

    def action_add_yearly_work(self):
        """Take over what was added to the yearly work since."""
        self.ensure_one()
        self.check_access("write")
        if not self.env.user.has_group(OFFICE):
            raise AccessError(self.env._("The KAM office keeps the work calendar."))
        self._add_yearly_work()
        return True
