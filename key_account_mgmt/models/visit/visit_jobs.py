from datetime import timedelta

from odoo import api, fields, models
from odoo.tools.misc import format_date

TOPIC = "visit_report"
# From the night job to the message of the morning, wherever the company is.
UNTIL_MORNING = timedelta(hours=10)


class KamVisit(models.Model):
    """J04: what the night does with visits.  Run twice it changes nothing; late it catches
    up.
    """

    _name = "kam.visit"
    _inherit = ["kam.visit", "kam.job.mixin"]

    @api.model
    def _cron_visits(self, day=None):
        """Held visits wait for their report, forgotten ones are missed, and the organiser
        hears once that a report is due.

        :param day: for tests; empty: the day it is where each company works
        """
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        units = []
        morning = fields.Datetime.now() + UNTIL_MORNING
        for company in companies:
            working = company._kam_working_time()
            today = day or company._kam_today()
            if company.kam_go_live_date and company.kam_go_live_date > today:
                continue
            jobs = self.with_context(lang=company.partner_id.lang)
            units.append((jobs._hold_visits, company))
            units.append((jobs._miss_visits, company, today))
            units.append((jobs._tell_due, company, day or working.local_day(morning)))
        self._run_units("visits", units)

    def _job_unit_text(self, function, args):
        texts = {
            "_hold_visits": self.env._("Visits whose time is over"),
            "_miss_visits": self.env._("Visits nobody reported on"),
            "_tell_due": self.env._("Reports due today"),
        }
        return texts.get(function.__name__) or super()._job_unit_text(function, args)

    @api.model
    def _hold_visits(self, company):
        """Planned visits whose end has passed wait for their report."""
        visits = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "planned"),
                ("stop", "<=", fields.Datetime.now()),
            ]
        )
        visits._refresh_facts()
        visits._on_visit_changed()
        return len(visits)

    @api.model
    def _miss_visits(self, company, today):
        """Nobody reported for so many working days: it counts as not held.

        Reporting it late is still possible.
        """
        count = company._kam_visit_missed_days()
        visits = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "to_report"),
                ("day", "<=", today - timedelta(days=count)),
                ("day", ">=", company.kam_go_live_date or "1900-01-01"),
            ]
        )
        working = company._kam_working_time()
        last = {}
        missed = self.browse()
        for visit in visits:
            # A report that was reopened gets its time again.
            days = [working.local_day(visit.stop)]
            if visit.reopened_on:
                days.append(working.local_day(visit.reopened_on))
            since = max(days)
            if since not in last:
                last[since] = company._kam_add_days_or_calendar(since, count, working)
            if last[since] < today:
                missed |= visit
        missed._as_engine().write({"state": "missed", "reason": self._missed_reason(count)})
        missed._settle_notices()
        missed._on_visit_changed()
        return len(missed)

    @api.model
    def _missed_reason(self, count):
        return self.env._("No report within %(count)s working days", count=count)

    @api.model
    def _tell_due(self, company, morning):
        """Once, with the message of the morning on which the report is due."""
        visits = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "to_report"),
                ("report_due", "<=", morning),
                ("report_told_on", "=", False),
            ]
        )
        Notice = self.env["kam.notice"]
        rows = []
        for visit in visits:
            user = visit.user_id
            own = visit.with_context(lang=user.lang)
            title = own.env._("Visit report due: %(visit)s", visit=own.display_name)
            line = own.env._("Due on %(day)s", day=format_date(own.env, visit.report_due))
            rows.append(Notice._prepare_vals(user, title, [line], record=visit, topic=TOPIC))
        if rows:
            Notice._queue_all(rows)
        visits._as_engine().write({"report_told_on": morning})
        return len(visits)

    def _settle_notices(self):
        if self:
            self.env["kam.notice"]._settle(TOPIC, self)
