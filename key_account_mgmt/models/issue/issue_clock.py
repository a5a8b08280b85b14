from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...policy.issues import strictest
from .issue import MEMBER, SERVICE

# What a strategic customer says about quality is never minor.
QUALITY_LEAST = "2"


class KamIssue(models.Model):
    """When an issue is due: by kind, level, severity and service pack.

    A 7 × 24 pack counts every hour, others the company's working hours with its holidays,
    make-up days and changes of the clock.  What was heard before go-live has no deadline.
    Source: S0-138, S1f-06, S2-35, (g) Q15, Q39.
    """

    _inherit = "kam.issue"

    @api.model
    def _prepare_issue(self, vals, rows):
        """What the system adds: number, handler, deadlines.

        :param rows: the table of deadlines, read once for all
        """
        vals = dict(vals)
        # sudo: what the account promises holds for whoever raises the issue.
        account = self.env["kam.account"].sudo().browse(vals["account_id"])
        company = account.company_id
        kind = self.env["kam.issue.kind"].browse(vals["kind_id"])
        severity = self._least_severity(vals.get("severity") or "1", kind, account)
        vals.setdefault("reported_on", fields.Datetime.now())
        heard = fields.Datetime.to_datetime(vals["reported_on"])
        working = company._kam_working_time()
        vals |= {
            "number": self._next_number(company, heard),
            "company_id": company.id,
            "name": (vals.get("name") or "").strip() or self._first_line(vals["description"]),
            "severity": severity,
            "reporter_id": vals.get("reporter_id") or self.env.uid,
            "reported_day": working.local_day(heard),
            **self._prepare_handler(vals, kind, account, working.local_day(heard)),
            **self._prepare_deadlines(account, kind, severity, heard, rows, working),
        }
        vals["state"] = "assigned" if vals["user_id"] else "new"
        return vals

    @api.model
    def _least_severity(self, severity, kind, account):
        """Quality problems of customers whose level comes first are major at least.

        Source: S3-52.
        """
        if kind.category == "quality" and account.tier_id.request_priority:
            return max(severity, QUALITY_LEAST)
        return severity

    @api.model
    def _next_number(self, company, moment):
        # sudo: numbers run whoever raises the issue.
        numbers = self.env["ir.sequence"].sudo().with_company(company)
        return numbers.next_by_code("kam.issue", sequence_date=moment.date())

    @api.model
    def _prepare_handler(self, vals, kind, account, day):
        """Whoever has the kind's role on the team that day; else the kind's department.

        Source: S1d-11, S3-56.
        """
        user = self.env["res.users"].browse(vals.get("user_id") or ())
        department = self.env["kam.department"].browse(vals.get("department_id") or ())
        if not (user or department):
            user = self._team_handler(account, kind, day)
        if user and not department:
            # sudo: where somebody works is no secret of who names him.
            department = self.env["kam.department"].sudo()._of_user(user, account.company_id)
        department = department or kind.sudo().department_id
        return {"user_id": user.id, "department_id": department.id}

    @api.model
    def _team_handler(self, account, kind, day):
        role = kind.sudo().role_id
        if not role:
            return self.env["res.users"]
        # sudo: who is on the team, for whoever raises the issue.
        Member = self.env["kam.team.member"].sudo()
        domain = Domain("account_id", "=", account.id) & Member._covering_domain(day)
        domain &= Domain("role_id", "=", role.id) | Domain("role_id.counts_as_id", "=", role.id)
        found = Member.search(domain & Domain("user_id.active", "=", True), order="date_from, id")
        able = found.user_id.filtered(lambda u: u.has_group(MEMBER) or u.has_group(SERVICE))
        return able[:1].sudo(False)

    @api.model
    def _prepare_deadlines(self, account, kind, severity, heard, rows, working):
        """Clock, the row and the pack that promise, and the two deadlines.

        :param account: sudo
        :param heard: naive moment in UTC from which the clock runs
        """
        company, pack = account.company_id, account.service_pack_id
        row = rows._choose(kind, account, severity)
        clock = pack.hours or "working"
        live = company.kam_go_live_date
        response = resolve = False
        if not live or working.local_day(heard) >= live:
            hours = (row.response_hours, pack.response_hours)
            response = strictest(self._after_hours(working, clock, heard, h) for h in hours if h)
            resolve = strictest(
                (
                    self._after_days(working, clock, heard, row.resolution_days),
                    pack.resolution_hours
                    and self._after_hours(working, clock, heard, pack.resolution_hours),
                )
            )
        return {
            "clock": clock,
            "deadline_id": row.id,
            "service_pack_id": pack.id,
            "response_deadline": response,
            "resolve_deadline": resolve,
            "response_day": working.local_day(response) if response else False,
            "resolve_day": working.local_day(resolve) if resolve else False,
        }

    @api.model
    def _after_hours(self, working, clock, moment, hours):
        if clock == "24x7":
            return moment + timedelta(hours=hours)
        try:
            return working.add_hours(moment, hours)
        except UserError:
            # Where nobody ever works, the hours of the day count.
            return moment + timedelta(hours=hours)

    @api.model
    def _after_days(self, working, clock, moment, days):
        """The end of the last working day; with 7 × 24 so many times 24 hours."""
        if not days:
            return False
        if clock == "24x7":
            return moment + timedelta(days=days)
        try:
            day = working.add_days(working.local_day(moment), days)
        except UserError:
            return moment + timedelta(days=days)
        return working.intervals(day)[-1][1]

    def _set_deadlines(self):
        """Anew from the moment it was heard: kind or severity turned out to be another."""
        rows = self.env["kam.issue.deadline"]._rows()
        for company, issues in self.grouped("company_id").items():
            # sudo: when a company works, and what it promises, is no secret.
            working = company.sudo()._kam_working_time()
            for issue in issues:
                own = issue.sudo()
                severity = self._least_severity(own.severity, own.kind_id, own.account_id)
                vals = self._prepare_deadlines(
                    own.account_id, own.kind_id, severity, own.reported_on, rows, working
                )
                if severity != own.severity:
                    vals["severity"] = severity
                if own.responded_on:
                    on_time = self._in_time(own.responded_on, vals["response_deadline"])
                    vals["response_on_time"] = on_time
                if own.replied_on:
                    vals["reply_on_time"] = self._in_time(own.replied_on, vals["resolve_deadline"])
                own._as_engine().write(vals)

    @api.model
    def _in_time(self, moment, deadline):
        """At the very moment is in time; so is whatever nothing was promised for."""
        return not deadline or moment <= deadline

    def _hours_late(self, deadline, now, working):
        """Hours since a deadline on the issue's own clock; ``None``: it has not passed."""
        self.ensure_one()
        if not deadline or now <= deadline:
            return None
        if self.clock == "24x7":
            return (now - deadline) / timedelta(hours=1)
        return working.hours_between(deadline, now)
