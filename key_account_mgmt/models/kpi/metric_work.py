from collections import namedtuple
from datetime import date

from odoo import models
from odoo.fields import Domain

# A report that was due: of which customer, by when, whether it came by then, which record.
Due = namedtuple("Due", "partner_id day in_time model res_id")
REPORTABLE = ("to_report", "reported", "missed")
EXCHANGE = "quality_exchange"


class KamMetric(models.Model):
    """Whether what was owed came in time: reports, answers to colleagues, obligations, steps.

    Only what could be judged counts: due on a day that is over, or done already.  What was
    due before the company began to work with the system was owed to nobody.
    Source: K12, K13, K22, K29, users §3.2, §3.7.
    """

    _inherit = "kam.metric"

    def _judged(self, run, name, done):
        """Due in the window, from go-live on; before today or with ``done`` fulfilled."""
        period = run.period(self)
        domain = Domain("company_id", "in", list(run.scope.company_ids))
        live = run.company.root_id.kam_go_live_date or date.min
        domain &= Domain(name, ">=", max(period.start, live)) & Domain(name, "<=", period.end)
        return domain & (Domain(done) | Domain(name, "<", run.company._kam_today()))

    def _is_about(self, run, partner_id):
        """Whether a figure of the run counts for a customer; nobody's only in the whole."""
        return run.partner_ids is None or partner_id in run.partner_ids

    def _due_counts(self, rows):
        counts = {}
        for due in rows:
            counts[due.partner_id] = counts.get(due.partner_id, 0.0) + 1.0
        return counts

    def _due_documents(self, rows, partner_ids):
        wanted = set(partner_ids)
        found = {}
        for due in rows:
            if due.partner_id in wanted:
                found.setdefault(due.model, {})[due.res_id] = 1.0
        return list(found.items())

    def _in_time(self, rows):
        return [due for due in rows if due.in_time]

    # K12 --------------------------------------------------------------------------

    def _report_rows(self, run):
        return run.once(("reports", run.period(self)), lambda: self._reports_due(run))

    def _reports_due(self, run):
        """Hook: reports due in the window as a list of :class:`Due`.

        A later domain adds its own to those of ``super()``.  Source: K12, S0-165.
        """
        return self._visit_reports_due(run) + self._stage_reports_due(run)

    def _visit_reports_due(self, run):
        domain = Domain("state", "in", REPORTABLE)
        domain &= self._judged(run, "report_due", [("state", "=", "reported")])
        domain &= self._account_domain(run, "account_id")
        visits = run.env["kam.visit"].search_fetch(
            domain, ["account_id", "report_due", "state", "reported_on", "entered_late"]
        )
        visits.account_id.fetch(["partner_id"])
        local_day = run.company._kam_working_time().local_day
        return [
            Due(
                visit.account_id.partner_id.id,
                visit.report_due,
                visit.state == "reported"
                and not visit.entered_late
                and not (visit.reported_on and local_day(visit.reported_on) > visit.report_due),
                visit._name,
                visit.id,
            )
            for visit in visits
        ]

    def _stage_reports_due(self, run):
        """One for every step of a pursuit; what somebody reports in between is no duty."""
        domain = Domain("state", "!=", "dropped") & Domain("action_id", "!=", False)
        domain &= self._judged(run, "date_due", [("state", "=", "reported")])
        domain &= self._account_domain(run, "pursuit_id.account_id")
        reports = run.env["kam.pursuit.report"].search_fetch(
            domain, ["pursuit_id", "date_due", "state", "reported_on", "is_reported_late"]
        )
        reports.pursuit_id.fetch(["account_id"])
        reports.pursuit_id.account_id.fetch(["partner_id"])
        return [
            Due(
                report.pursuit_id.account_id.partner_id.id,
                report.date_due,
                report.state == "reported"
                and not report.is_reported_late
                and not (report.reported_on and report.reported_on > report.date_due),
                report._name,
                report.id,
            )
            for report in reports
        ]

    def _account_domain(self, run, path):
        """Records of the run's customers; a record without a file is nobody's."""
        if run.partner_ids is None:
            return Domain(path, "!=", False)
        return Domain(f"{path}.partner_id", "in", list(run.partner_ids))

    def _metric_reports_due(self, run, param=None):
        """Reports due in the window.  Source: K12."""
        return self._due_counts(self._report_rows(run))

    def _metric_reports_in_time(self, run, param=None):
        """Of those, handed in by their last day."""
        return self._due_counts(self._in_time(self._report_rows(run)))

    def _explain_reports_due(self, run, partner_ids):
        return self._due_documents(self._report_rows(run), partner_ids)

    def _explain_reports_in_time(self, run, partner_ids):
        return self._due_documents(self._in_time(self._report_rows(run)), partner_ids)

    # K13 --------------------------------------------------------------------------

    def _synergy_rows(self, run):
        """Requests and issues another department answers for, due in the window.

        Source: K13, S0-166, S2-60, (g) Q22.
        """
        return run.once(
            ("synergy", run.period(self)),
            lambda: self._requests_due(run) + self._issues_due(run),
        )

    def _requests_due(self, run):
        """A declined request was not answered; a cancelled one nobody waits for."""
        domain = Domain("is_cross_department", "=", True) & Domain("state", "!=", "cancelled")
        domain &= self._judged(run, "date_due", [("answered_day", "!=", False)])
        names = ["account_id", "lead_id", "date_due", "answered_day"]
        requests = run.env["kam.request"].search_fetch(domain, names)
        requests.account_id.fetch(["partner_id"])
        requests.lead_id.fetch(["partner_id"])
        requests.lead_id.partner_id.fetch(["commercial_partner_id"])
        rows = []
        for request in requests:
            partner = request.account_id.partner_id or request.lead_id.partner_id
            answered = request.answered_day
            in_time = bool(answered) and answered <= request.date_due
            key = partner.commercial_partner_id.id
            if key and self._is_about(run, key):
                rows.append(Due(key, request.date_due, in_time, request._name, request.id))
        return rows

    def _issues_due(self, run):
        """By the day the solution was promised for; its clock decides on the day itself."""
        domain = Domain("state", "!=", "rejected") & Domain("partner_id", "!=", False)
        domain &= self._judged(run, "resolve_day", [("replied_on", "!=", False)])
        if run.partner_ids is not None:
            domain &= Domain("partner_id.commercial_partner_id", "in", list(run.partner_ids))
        names = ["partner_id", "user_id", "department_id", "reporter_id", "resolve_day"]
        issues = run.env["kam.issue"].search_fetch(domain, [*names, "replied_on", "reply_on_time"])
        issues.partner_id.fetch(["commercial_partner_id"])
        people = issues.reporter_id | issues.user_id
        at_home = run.env["kam.department"]._of_people(people, run.company.root_id)
        return [
            Due(
                issue.partner_id.commercial_partner_id.id,
                issue.resolve_day,
                bool(issue.replied_on) and issue.reply_on_time,
                issue._name,
                issue.id,
            )
            for issue in issues
            if self._is_between_departments(issue, at_home)
        ]

    def _is_between_departments(self, issue, at_home):
        """Whether another department handles an issue than that of who entered it."""
        owner = issue.department_id or (issue.user_id and at_home[issue.user_id])
        reporter = issue.reporter_id and at_home[issue.reporter_id]
        return bool(owner and reporter) and owner != reporter

    def _metric_synergy_due(self, run, param=None):
        """What another department answers for, due in the window.  Source: K13."""
        return self._due_counts(self._synergy_rows(run))

    def _metric_synergy_in_time(self, run, param=None):
        """Of those, answered or solved by then."""
        return self._due_counts(self._in_time(self._synergy_rows(run)))

    def _explain_synergy_due(self, run, partner_ids):
        return self._due_documents(self._synergy_rows(run), partner_ids)

    def _explain_synergy_in_time(self, run, partner_ids):
        return self._due_documents(self._in_time(self._synergy_rows(run)), partner_ids)

    # K22 --------------------------------------------------------------------------

    def _obligation_rows(self, run, kind=None):
        key = ("obligations", kind, run.period(self))
        return run.once(key, lambda: self._obligations_due(run, kind))

    def _obligations_due(self, run, kind):
        """Obligations whose period ended in the window; kept by the visit's own day.

        Reported late is still kept: users §3.7.  Awaiting a report after its period counts
        as not kept until the report comes.  Source: K22.
        """
        domain = Domain("state", "not in", ("waived", "cancelled"))
        domain &= self._judged(run, "date_to", [("state", "in", ("met", "met_late"))])
        domain &= self._account_domain(run, "account_id")
        if kind:
            domain &= Domain("kind_id.code", "=", kind)
        obligations = run.env["kam.obligation"].search_fetch(
            domain, ["account_id", "date_to", "state", "completed_on"]
        )
        obligations.account_id.fetch(["partner_id"])
        return [
            Due(
                obligation.account_id.partner_id.id,
                obligation.date_to,
                obligation.state in ("met", "met_late")
                and bool(obligation.completed_on)
                and obligation.completed_on <= obligation.date_to,
                obligation._name,
                obligation.id,
            )
            for obligation in obligations
        ]

    def _metric_obligations_to_keep(self, run, param=None):
        """Obligations whose period ended in the window.  Source: K22."""
        return self._due_counts(self._obligation_rows(run))

    def _metric_obligations_kept(self, run, param=None):
        """Of those, the ones kept."""
        return self._due_counts(self._in_time(self._obligation_rows(run)))

    def _metric_quality_exchanges_to_hold(self, run, param=None):
        """Obligations of the kind quality exchange.  Source: K22, S3-49."""
        return self._due_counts(self._obligation_rows(run, EXCHANGE))

    def _metric_quality_exchanges_held(self, run, param=None):
        """Of those, the ones kept."""
        return self._due_counts(self._in_time(self._obligation_rows(run, EXCHANGE)))

    def _explain_obligations_to_keep(self, run, partner_ids):
        return self._due_documents(self._obligation_rows(run), partner_ids)

    def _explain_obligations_kept(self, run, partner_ids):
        return self._due_documents(self._in_time(self._obligation_rows(run)), partner_ids)

    def _explain_quality_exchanges_to_hold(self, run, partner_ids):
        return self._due_documents(self._obligation_rows(run, EXCHANGE), partner_ids)

    def _explain_quality_exchanges_held(self, run, partner_ids):
        rows = self._in_time(self._obligation_rows(run, EXCHANGE))
        return self._due_documents(rows, partner_ids)

    # K29 --------------------------------------------------------------------------

    def _progress_rows(self, run):
        return run.once(("progress", run.period(self)), lambda: self._steps_due(run))

    def _steps_due(self, run):
        """Steps of pursuits planned for the window; put off late is not in time.

        Source: K29, S1n-15, S1n-17.
        """
        domain = Domain("pursuit_kind", "=", "step") & Domain("state", "!=", "cancelled")
        domain &= Domain("pursuit_id", "!=", False)
        domain &= self._judged(run, "date_due", [("state", "=", "done")])
        domain &= self._account_domain(run, "pursuit_id.account_id")
        steps = run.env["kam.action"].search_fetch(
            domain, ["pursuit_id", "date_due", "state", "is_on_time"]
        )
        steps.pursuit_id.fetch(["account_id"])
        steps.pursuit_id.account_id.fetch(["partner_id"])
        return [
            Due(
                step.pursuit_id.account_id.partner_id.id,
                step.date_due,
                step.state == "done" and step.is_on_time,
                step._name,
                step.id,
            )
            for step in steps
        ]

    def _metric_progress_due(self, run, param=None):
        """Steps of pursuits due in the window.  Source: K29."""
        return self._due_counts(self._progress_rows(run))

    def _metric_progress_kept(self, run, param=None):
        """Of those, done on the planned day or before."""
        return self._due_counts(self._in_time(self._progress_rows(run)))

    def _explain_progress_due(self, run, partner_ids):
        return self._due_documents(self._progress_rows(run), partner_ids)

    def _explain_progress_kept(self, run, partner_ids):
        return self._due_documents(self._in_time(self._progress_rows(run)), partner_ids)
