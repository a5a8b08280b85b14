from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models
from odoo.exceptions import AccessError, UserError


class KamVisit(models.Model):
    """Handing in the report.

    Only who took part reports, not even the office instead of him; never before the visit.
    Source: S0-76, S0-77, S0-78, J04, g Q14.
    """

    _inherit = "kam.visit"

    def action_report(self):
        """Hand in the reports of these visits: they do not change any more, the next action
        becomes an action and, where it is a visit, the next planned one.

        :raise UserError: not held yet, not complete, reported already
        :raise AccessError: somebody who did not take part
        """
        self.check_access("write")
        self._check_state_in(("planned", "to_report", "missed"))
        self._check_begun()
        now = fields.Datetime.now()
        for visit in self:
            visit._check_took_part()
            visit._check_report_complete()
            visit._check_next_action(now)
        for visit in self:
            visit._hand_in(now)
        self._settle_notices()
        self._keep_promises()
        self._promise_next_action()
        self._on_visit_changed()
        return True

    def action_nothing_new(self):
        """One tap: nothing new in whatever is still empty."""
        self.write({"nothing_else": True})
        return True

    def _check_took_part(self):
        if self.env.user not in self.participant_ids:
            raise AccessError(
                self.env._(
                    "Only who took part in “%(visit)s” can report on it. Were you there? Then "
                    "add yourself to our participants first.",
                    visit=self.display_name,
                )
            )

    def _check_next_action(self, now):
        day = self.company_id._kam_working_time().local_day(now)
        if self.next_action_date < self.day or (self.next_is_visit and self.next_action_date < day):
            raise UserError(
                self.env._("The next action lies in the past: choose a day that is still to come.")
            )

    def _hand_in(self, now):
        """Empty blocks are answered by the one tap; late or not is judged by the day."""
        working = self.company_id._kam_working_time()
        due = self.report_due or self._deadline(working)
        answers = {f"{block}_none": True for block in self._blocks() if not self[block]}
        self._as_engine().write(
            {
                **answers,
                "state": "reported",
                "report_due": due,
                "reported_on": now,
                "reported_by_id": self.env.uid,
                "entered_late": bool(due) and working.local_day(now) > due,
            }
        )

    def _keep_promises(self):
        """The visit was what an earlier report had promised: nobody ticks it off twice."""
        # sudo: whoever made the earlier visit; only what the reporter owns is ticked off.
        earlier = self.sudo().search([("next_visit_id", "in", self.ids)])
        kept = earlier.action_ids.sudo(False).filtered(
            lambda action: action.state == "open" and action.user_id == self.env.user
        )
        if kept:
            kept.action_done()

    def _promise_next_action(self):
        """S0-77, S0-78: what was promised becomes a record with an owner and a day."""
        fresh = self.filtered(
            lambda visit: (
                (visit.next_action, visit.next_action_date)
                not in [(action.name, action.date_due) for action in visit.sudo().action_ids]
            )
        )
        self.env["kam.action"].create([visit._prepare_next_action() for visit in fresh])
        for visit in self.filtered(lambda visit: visit.next_is_visit and not visit.next_visit_id):
            following = self.create(visit._prepare_next_visit())
            visit._as_engine().write({"next_visit_id": following.id})

    def _prepare_next_action(self):
        return {
            "name": self.next_action,
            "user_id": self.env.uid,
            "date_due": self.next_action_date,
            "account_id": self.account_id.id,
            "company_id": self.company_id.id,
            "visit_id": self.id,
        }

    def _prepare_next_visit(self):
        """At the same hour; after a first visit a regular one."""
        purpose = self.purpose_id
        if purpose.code == "first":
            purpose = purpose.search([("code", "=", "regular")], limit=1) or purpose
        start = self._same_hour_on(self.next_action_date)
        length = min(self.stop - self.start, timedelta(hours=8)) or timedelta(hours=1)
        return {
            "account_id": self.account_id.id,
            "mode_id": self.mode_id.id,
            "purpose_id": purpose.id,
            "lead_id": self.lead_id.id,
            "contact_ids": [fields.Command.set(self.contact_ids.ids)],
            "start": start,
            "stop": start + length,
            "user_id": self.env.uid,
            "participant_ids": [fields.Command.set([self.env.uid])],
            "outline": self.next_action,
        }

    def _same_hour_on(self, day):
        """In UTC; on the day of the report the evening, as the hour may be over."""
        zone = self.company_id._kam_working_time().tz
        hour = pytz.utc.localize(self.start).astimezone(zone).time()
        moment = zone.localize(datetime.combine(day, hour)).astimezone(pytz.utc)
        moment = moment.replace(tzinfo=None)
        if moment <= fields.Datetime.now():
            evening = zone.localize(datetime.combine(day, time(23, 0))).astimezone(pytz.utc)
            moment = evening.replace(tzinfo=None)
        return moment
