from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class KamVisit(models.Model):
    """Check-in at the customer's: time, place and photo as far as the phone gives them.

    Never asked for, never blocking.  Source: users §5.
    """

    _inherit = "kam.visit"

    check_in_on = fields.Datetime("Checked In on", readonly=True, copy=False)
    check_in_by_id = fields.Many2one("res.users", "Checked In by", readonly=True, copy=False)
    check_in_latitude = fields.Float(digits=(10, 7), readonly=True, copy=False, aggregator=None)
    check_in_longitude = fields.Float(digits=(10, 7), readonly=True, copy=False, aggregator=None)
    check_in_photo = fields.Image("Photo", max_width=1280, max_height=1280, copy=False)

    def action_check_in(self, latitude=None, longitude=None):
        """I am there: the time, and the place in degrees where the browser tells it.

        :raise UserError: another day, checked in already, closed
        :raise AccessError: somebody who does not take part
        """
        self.ensure_one().check_access("write")
        self._check_state_in(("planned", "to_report"))
        if self.env.user not in self.participant_ids:
            raise AccessError(self.env._("Only who takes part in the visit checks in."))
        if self.check_in_on:
            raise UserError(self.env._("The visit has a check-in already."))
        now = fields.Datetime.now()
        if self.company_id._kam_working_time().local_day(now) != self.day:
            raise UserError(
                self.env._("Check in on the day of the visit. On another day, move the visit.")
            )
        self._as_engine().write(
            {
                "check_in_on": now,
                "check_in_by_id": self.env.uid,
                "check_in_latitude": self._degrees(latitude, 90),
                "check_in_longitude": self._degrees(longitude, 180),
            }
        )
        self._refresh_facts()
        self._on_visit_changed()
        return True

    def action_show_place(self):
        """The place of the check-in on a map."""
        self.ensure_one().check_access("read")
        place = f"{self.check_in_latitude},{self.check_in_longitude}"
        return {
            "type": "ir.actions.act_url",
            "url": f"https://www.openstreetmap.org/search?query={place}",
            "target": "new",
        }

    def _degrees(self, value, most):
        if value is None or value is False:
            return 0.0
        if not isinstance(value, (int, float)) or not -most <= value <= most:
            raise UserError(self.env._("This is no place on earth."))
        return float(value)
