from datetime import timedelta

from odoo import api, models

from ...policy.obligations import window, windows
from ...policy.periods import add_months, month_end, month_start
from .review import EXECUTIVE, OFFICE

DAY = timedelta(days=1)
MONTHS_BACK = 3


class KamReview(models.Model):
    """J06: the meeting of every period exists by itself.  Run twice it changes nothing.

    A period the job slept through gets its meeting afterwards, if anything ran in it: it
    stands in the list until it is held or cancelled with a reason.  Made up are the periods
    since the meeting before them, at most a quarter back and none before going live.
    Source: J06, S1n-11.
    """

    _name = "kam.review"
    _inherit = ["kam.review", "kam.job.mixin"]

    @api.model
    def _cron_reviews(self, day=None):
        """Make and refresh the meetings of every company.

        :param day: for tests; empty: the day it is where each company works
        """
        # sudo: as the scheduler, whoever starts it.
        reviews = self.sudo()
        companies = reviews.env["res.company"].search([("parent_id", "=", False)])
        kinds = reviews.env["kam.review.kind"].search([("active", "=", True)])
        units = []
        for company in companies:
            today = day or company._kam_today()
            if company.kam_go_live_date and company.kam_go_live_date > today:
                continue
            jobs = reviews.with_context(lang=company.partner_id.lang)
            units += [(jobs._keep_review, company, kind, today) for kind in kinds if kind._is_on()]
        self._run_units("reviews", units)

    def _job_unit_text(self, function, args):
        return args[1].display_name

    @api.model
    def _keep_review(self, company, kind, today):
        """Make the meeting of the running period – or of the one that is over, where the
        kind looks back – or bring its agenda up to date; make those that were missed.

        :return: how many meetings were made
        """
        mine = [("company_id", "=", company.id), ("kind_id", "=", kind.id)]
        self.search([*mine, ("state", "=", "reported")])._follow_decisions()
        made = sum(
            self._make_review(company, kind, period, today)
            for period in self._missed_periods(company, kind, kind._last_day_seen(today))
        )
        period = kind._period_on(today)
        found = self.search([*mine, ("date_from", "=", period.start)])
        if found:
            for review in found.filtered(lambda r: r.state == "planned"):
                review._tell_planned(review._invite(review._refresh_agenda()))
            return made
        return made + self._make_review(company, kind, period, today)

    @api.model
    def _missed_periods(self, company, kind, today):
        """Periods since the last meeting, whole ones only, oldest first."""
        last = self.search(
            [("company_id", "=", company.id), ("kind_id", "=", kind.id), ("date_to", "<", today)],
            order="date_to desc",
            limit=1,
        )
        if not last:
            return []
        start = max(last.date_to + DAY, add_months(window(kind.period, today).start, -MONTHS_BACK))
        live = company.kam_go_live_date or start
        return [
            period
            for period in windows(kind.period, start, today)
            if live <= period.end < today and period.start >= start
        ]

    @api.model
    def _make_review(self, company, kind, period, today):
        """One meeting, if anything ran in its period and it did not end before going live.

        :return: how many were made
        """
        if company.kam_go_live_date and company.kam_go_live_date > period.end:
            return 0
        entries = self._agenda(kind, company, period)
        if not any(entry["runs"] for entry in entries):
            return 0
        review = self._as_engine().create(self._prepare_review(company, kind, period, today))
        review = review._without_engine()
        review._invite(review._refresh_agenda(entries))
        review._tell_planned()
        return 1

    @api.model
    def _prepare_review(self, company, kind, period, today):
        last = self.search([("company_id", "=", company.id), ("kind_id", "=", kind.id)], limit=1)
        chair = self._still_there(last.chair_id, company) or self._first_of(EXECUTIVE, company)
        clerk = self._still_there(last.user_id, company) or self._first_of(OFFICE, company)
        return {
            "name": self._proposed_name(kind.with_context(lang=clerk.lang), period),
            "kind_id": kind.id,
            "company_id": company.id,
            "period_key": period.start.isoformat(),
            "date_from": period.start,
            "date_to": period.end,
            "date": self._planned_day(company, kind, period, today),
            "chair_id": chair.id,
            "user_id": clerk.id,
            "participant_ids": [(6, 0, (chair | clerk).ids)],
        }

    @api.model
    def _still_there(self, user, company):
        return user.filtered(lambda u: u.active and company in u.company_ids)

    @api.model
    def _first_of(self, group, company):
        """Somebody who was made a member of the group himself."""
        people = self.env.ref(group).user_ids.sorted("id")
        return people.filtered(lambda u: u.active and not u.share and company in u.company_ids)[:1]

    @api.model
    def _planned_day(self, company, kind, period, today):
        """The kind's day, else the working day before it, never before today; too late for
        that: the next working day of the period; missed: the next working day."""
        working = company._kam_working_time()
        first = period.end + DAY if kind.looks_at == "closed" else month_start(period.end)
        day = min(first + (kind.day - 1) * DAY, month_end(first))
        earlier = (day - n * DAY for n in range(31))
        later = (today + n * DAY for n in range(31))
        candidates = [d for d in earlier if d >= max(today, period.start)]
        candidates += [d for d in later if d <= period.end or period.end < today]
        return next((d for d in candidates if working.is_worked(d)), max(day, today))

    def _invite(self, lines):
        """Whoever is responsible for what came on the agenda takes part.

        :return: those who did not before
        """
        people = lines.owner_id.filtered("active") - self.participant_ids
        if people:
            self.sudo()._as_engine().write({"participant_ids": [(4, user.id) for user in people]})
        return people
