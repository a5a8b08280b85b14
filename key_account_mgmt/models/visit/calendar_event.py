from datetime import timedelta

from odoo import models

from ..core.guarded import ENGINE
from .visit_event import FROM_VISIT

TIMES = {"start", "stop", "start_date", "stop_date", "duration", "allday", "active"}
# While a series is rewritten its meetings disappear and come back.
WAITING = "kam_visits_wait"
# A visit follows its series to the occurrence nearest to the old one, within half a week.
NEAR = timedelta(days=3, hours=12)


class CalendarEvent(models.Model):
    """Meetings of planned visits: moved, deleted or made a series in the calendar, by hand
    or by synchronisation, the visit follows.  Others cost one indexed look-up.
    """

    _inherit = "calendar.event"

    def write(self, vals):
        touches = self and not TIMES.isdisjoint(vals) and not self._kam_is_silent()
        result = super().write(vals)
        if touches:
            visits = self._kam_visits()
            if visits:
                here = visits.filtered(lambda visit: visit.event_id.active)
                here._follow_events()
                (visits - here)._cancel_with_event()
        return result

    def unlink(self):
        followed = self and not self._kam_is_silent()
        visits = self._kam_visits() if followed else self.env["kam.visit"]
        result = super().unlink()
        visits._cancel_with_event()
        return result

    def _kam_is_silent(self):
        context = self.env.context
        return ENGINE in (context.get(FROM_VISIT), context.get(WAITING))

    def _kam_visits(self):
        """The visits of these meetings, as those who keep them see them.

        sudo: whoever moves a meeting moves its visit, be he on the account or not.
        """
        Visit = self.env["kam.visit"].sudo().with_context(active_test=False)
        return Visit.search([("event_id", "in", self.ids)])

    def _rewrite_recurrence(self, values, time_values, recurrence_values):
        base = self.recurrence_id.base_event_id or self
        visits = self.recurrence_id.calendar_event_ids._kam_visits()
        waiting = self.with_context(**{WAITING: ENGINE})
        result = super(CalendarEvent, waiting)._rewrite_recurrence(
            values, time_values, recurrence_values
        )
        base._kam_find_again(visits)
        return result

    def _update_future_events(self, values, time_values, recurrence_values):
        visits = self.recurrence_id.calendar_event_ids._kam_visits()
        waiting = self.with_context(**{WAITING: ENGINE})
        result = super(CalendarEvent, waiting)._update_future_events(
            values, time_values, recurrence_values
        )
        self._kam_find_again(visits)
        return result

    def _kam_find_again(self, visits):
        """After a series was rewritten, each visit stands at its own occurrence again."""
        visits = visits.filtered(lambda visit: visit.state == "planned")
        if not visits:
            return
        # sudo: as the visits.
        series = self.sudo().recurrence_id.calendar_event_ids.filtered("active")
        free = series - visits.event_id
        for visit in visits.filtered(lambda visit: not visit.event_id.active):
            near = free.filtered(lambda event, v=visit: abs(event.start - v.start) <= NEAR)
            event = near.sorted(lambda event, v=visit: abs(event.start - v.start))[:1]
            if event:
                visit._as_engine().write({"event_id": event.id})
                free -= event
        here = visits.filtered(lambda visit: visit.event_id.active)
        here._follow_events()
        (visits - here)._cancel_with_event()
