from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...policy.obligations import window

PERIODS = [
    ("month", "Every Month"),
    ("quarter", "Every Quarter"),
    ("half", "Every Half-Year"),
    ("year", "Every Year"),
]


class KamReviewKind(models.Model):
    """A meeting that comes back: how often, on which day, and what is on its agenda.

    The agenda of a kind with the code ``x`` comes from ``_agenda_x(company, period)`` of
    ``kam.review``; a kind without that method starts with an empty list.
    Source: (c17), S1n-11.
    """

    _name = "kam.review.kind"
    _inherit = ["kam.policy.logged"]
    _description = "Kind of Review Meeting"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    period = fields.Selection(PERIODS, "How Often", default="month", required=True)
    day = fields.Integer(
        "Day of the Month",
        default=25,
        help="In the last month of the period, or in the month after it where the meeting looks "
        "back; on a day off the working day before it.",
    )
    looks_at = fields.Selection(
        [("running", "The Running Period"), ("closed", "The Period That Is Over")],
        required=True,
        default="running",
        help="A meeting that looks back is planned on the first day after its period.",
    )
    area = fields.Char(help="Code of the area: switched off in Settings, no meeting is made.")
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another kind of meeting has this code.")

    @api.constrains("day")
    def _check_day(self):
        for kind in self:
            if not 1 <= kind.day <= 31:
                raise ValidationError(self.env._("The day of the month lies between 1 and 31."))

    def _period_on(self, day):
        """The period a meeting of this kind is about on a day.  Source: J06, J08."""
        self.ensure_one()
        return window(self.period, self._last_day_seen(day))

    def _last_day_seen(self, day):
        """The day itself, or the last day of the period that was over by then."""
        self.ensure_one()
        if self.looks_at == "closed":
            return window(self.period, day).start - timedelta(days=1)
        return day

    def _is_on(self):
        """Whether the area it belongs to is ticked in Settings."""
        self.ensure_one()
        return not self.area or self.env["res.groups"]._kam_area_is_on(self.area)
