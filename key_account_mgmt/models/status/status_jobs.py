from datetime import timedelta

from odoo import api, fields, models

from ...policy.status import due_on, months_to_report
from .facts import StatusFacts
from .status_flow import BATCH
from .status_report import OFFICE, OPEN


class KamStatusReport(models.Model):
    """J05: the report of every month exists by itself.  Run twice it changes nothing.

    Every day it makes the report of the month before if there is none yet, at most three
    months back after an outage and none before going live, and brings the facts of those
    not submitted up to date.  Accounts are kept in batches, each a transaction: a run that is
    killed leaves a report with some of its accounts, marked as not filled, and the next run
    goes on with the others.  Source: J05, S3-33.
    """

    _name = "kam.status.report"
    _inherit = ["kam.status.report", "kam.job.mixin"]

    @api.model
    def _cron_status_reports(self, day=None):
        """Make and keep the reports of every company.

        :param day: for tests; empty: the day it is where each company works
        """
        # sudo: as the scheduler, whoever starts it.
        reports = self.sudo()
        units = []
        if reports._status_is_on():
            for company in reports.env["res.company"].search([("parent_id", "=", False)]):
                today = day or company._kam_today()
                if not (company.kam_go_live_date and company.kam_go_live_date > today):
                    units += reports._units_of(company, today)
                    units.append((reports._keep_acknowledging, company, today))
        self._run_units("status_reports", units)

    @api.model
    def _status_is_on(self):
        return self.env["res.groups"]._kam_area_is_on("status")

    @api.model
    def _units_of(self, company, today):
        """The work on one company: every report is opened, filled in batches, and closed up."""
        units = []
        jobs = self.with_context(lang=company.partner_id.lang)
        for period in jobs._periods_to_keep(company, today):
            facts = StatusFacts(jobs.env, company, period)
            accounts = facts.account_ids
            if not accounts and not jobs._report_of(company, period):
                continue
            units.append((jobs._open_report, company, period, today))
            units += [
                (jobs._fill_report, company, period, facts, accounts[start : start + BATCH])
                for start in range(0, len(accounts), BATCH)
            ]
            units.append((jobs._close_up, company, period, accounts))
        return units

    def _job_unit_text(self, function, args):
        return f"{getattr(args[1], 'start', args[1]):%Y-%m}"

    @api.model
    def _periods_to_keep(self, company, today):
        """Months whose report is made today, and those not submitted yet."""
        mine = [("company_id", "=", company.id)]
        last = self.search(mine, order="month desc", limit=1)
        missed = months_to_report(last.month, today, company.kam_go_live_date)
        kept = self.search([*mine, ("state", "in", OPEN)])._job_periods(today)
        return sorted({*missed, *kept})

    def _job_periods(self, today):
        """Only the last months: older ones are submitted as they are."""
        recent = {period.start for period in months_to_report(fields.Date.to_date("1970-01-01"),
                                                              today)}  # fmt: skip
        return [report._windows()["month"] for report in self if report.month in recent]

    @api.model
    def _report_of(self, company, period):
        return self.search([("company_id", "=", company.id), ("month", "=", period.start)])

    @api.model
    def _open_report(self, company, period, today):
        """Make the report, without lines yet.

        One that is made on or after its due day, for the job did not run or was switched on
        late, is due as many days later as usual.

        :return: how many were made
        """
        if self._report_of(company, period):
            return 0
        last = self.search([("company_id", "=", company.id)], order="month desc", limit=1)
        clerk = last.user_id.filtered(lambda user: user.active and company in user.company_ids)
        clerk = clerk or company._kam_people_in(OFFICE).filtered("active")[:1]
        due_day = company._kam_status_due_day()
        due = due_on(period.start, due_day)
        if today >= due:
            due = today + timedelta(days=due_day - 1)
        self._as_engine().create(
            {
                "company_id": company.id,
                "month": period.start,
                "date_to": period.end,
                "date_due": due,
                "user_id": clerk.id,
            }
        )
        return 1

    @api.model
    def _fill_report(self, company, period, facts, account_ids):
        """One batch of accounts.

        :return: how many lines were made or changed
        """
        report = self._report_of(company, period)
        if report.state not in OPEN:
            # Submitted meanwhile.
            return 0
        return report._as_engine()._keep_lines(facts, account_ids)

    @api.model
    def _close_up(self, company, period, account_ids):
        """Without accounts that left, filled as soon as every account has its line.

        A report none is left of is no report.
        """
        report = self._report_of(company, period)._as_engine()
        if report.state not in OPEN:
            return 0
        if not account_ids:
            report.unlink()
            return 1
        return report._finish(account_ids)

    def _finish(self, account_ids):
        """Drop the lines of other accounts; filled with the last one, its people are told, once.

        :return: how many lines were dropped, plus one if it is filled only now
        """
        self.ensure_one()
        lines = self._every_line()
        gone = lines.filtered(lambda line: line.account_id.id not in set(account_ids))
        done = len(gone)
        gone.unlink()
        known = (lines - gone).account_id.ids
        if not self.filled_on and set(account_ids) <= set(known):
            self.write({"filled_on": fields.Datetime.now()})
            self._tell_made()
            done += 1
        self._follow_lines()
        return done

    # Acknowledging -------------------------------------------------------------------

    @api.model
    def _keep_acknowledging(self, company, today):
        """Whoever has left keeps no report waiting, and who came instead is asked.

        :return: how many people were asked, and reports acknowledged
        """
        mine = [("company_id", "=", company.id), ("state", "=", "submitted")]
        here, touched = self._acknowledging(company), 0
        for report in self.search(mine)._as_engine():
            rows = report._every_acknowledgement()
            left = rows.filtered(lambda row: not row.acknowledged_on).user_id - here
            if not left:
                continue
            fresh = here - rows.user_id
            if fresh:
                report._ask_to_acknowledge(fresh, today)
            report._close_acknowledged(here)
            touched += len(fresh) + (report.state == "acknowledged")
        return touched
