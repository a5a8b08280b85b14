from odoo import api, fields, models
from odoo.exceptions import ValidationError

WEEKDAYS = [
    ("0", "Monday"),
    ("1", "Tuesday"),
    ("2", "Wednesday"),
    ("3", "Thursday"),
    ("4", "Friday"),
    ("5", "Saturday"),
    ("6", "Sunday"),
]


class KamCalendarDay(models.Model):
    """A day that is worked otherwise than its weekday: public holidays, make-up working
    days (调休).

    Kept beside Odoo's working hours, whose lines have no dates: they say how the week is
    worked, this table on which days it is not. A day of a company counts for its branches
    too; the nearest company's word wins, and it wins over a day of every company.

    Source: Q39, users.md §4.
    """

    _name = "kam.calendar.day"
    _inherit = ["kam.policy.logged"]
    _description = "Working Day"
    _order = "date desc, id desc"

    name = fields.Char(required=True, translate=True)
    date = fields.Date(required=True, index=True)
    kind = fields.Selection(
        [("holiday", "Public Holiday"), ("workday", "Make-up Working Day")],
        required=True,
        default="holiday",
    )
    weekday = fields.Selection(
        WEEKDAYS,
        "Hours of",
        default="0",
        help="The weekday whose working hours are worked on a make-up working day.",
    )
    company_id = fields.Many2one("res.company", index=True, help="Empty: every company.")

    _date_company_uniq = models.UniqueIndex(
        "(date, COALESCE(company_id, 0))", "This day is already entered for the company."
    )

    @api.constrains("kind", "weekday")
    def _check_weekday(self):
        for day in self:
            if day.kind == "workday" and not day.weekday:
                raise ValidationError(
                    self.env._(
                        "“%(day)s” is a working day: choose the weekday whose hours are worked.",
                        day=day.name,
                    )
                )
