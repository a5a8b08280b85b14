from odoo import api, models
from odoo.tools.misc import format_date, format_datetime


class IssueSheet(models.AbstractModel):
    """Handling sheet of a complaint or quality problem (P23), in the order of an 8D report.

    Read with the rights of the person who prints.  Source: (f) P23, S3-53.
    """

    _name = "report.key_account_mgmt.report_issue"
    _description = "Handling Sheet of an Issue"

    @api.model
    def _get_report_values(self, docids, data=None):
        issues = self.env["kam.issue"].browse(docids)
        issues.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": issues._name,
            "docs": issues,
            "papers": {issue.id: self._paper(issue) for issue in issues},
        }

    def _paper(self, issue):
        """What the template prints: head, times, measures by kind, texts."""
        return {
            "head": self._head(issue),
            "times": self._times(issue),
            "measures": self._measures(issue),
            "texts": self._texts(issue),
        }

    def _label(self, record, name):
        value = record[name]
        return dict(record._fields[name]._description_selection(self.env)).get(value) or "–"

    def _moment(self, issue, moment):
        if not moment:
            return "–"
        zone = issue.company_id.sudo()._kam_working_time().tz.zone
        return format_datetime(self.env, moment, tz=zone, dt_format="short")

    def _head(self, issue):
        return [
            (self.env._("No."), issue.number or "–"),
            (self.env._("Status"), self._label(issue, "state")),
            # sudo: the customer's name, for who handles the issue without his file.
            (self.env._("Customer"), issue.sudo().partner_id.display_name),
            (self.env._("Raised at the Customer by"), issue.contact_id.name or "–"),
            (self.env._("Kind"), issue.kind_id.name),
            (self.env._("Severity"), self._label(issue, "severity")),
            (self.env._("Product"), issue.product_id.display_name or "–"),
            (self.env._("Handled by"), issue.user_id.name or "–"),
            (self.env._("Department"), issue.department_id.name or "–"),
            (self.env._("Raised by"), issue.reporter_id.name),
        ]

    def _times(self, issue):
        return [
            (self.env._("Heard on"), self._moment(issue, issue.reported_on)),
            (self.env._("Deadlines in"), self._label(issue, "clock")),
            (self.env._("Response by"), self._moment(issue, issue.response_deadline)),
            (self.env._("First response"), self._moment(issue, issue.responded_on)),
            (self.env._("Solution by"), self._moment(issue, issue.resolve_deadline)),
            (self.env._("Replied"), self._moment(issue, issue.replied_on)),
            (self.env._("Verified"), self._moment(issue, issue.verified_on)),
            (self.env._("Closed"), self._moment(issue, issue.closed_on)),
        ]

    def _measures(self, issue):
        """``[(kind, [(what, owner, due, state, verified)])]``, kinds in the order of 8D."""
        labels = issue.measure_ids._fields["issue_measure"]._description_selection(self.env)
        kept = issue.measure_ids.filtered(lambda m: m.state != "cancelled")
        return [
            (label, [self._measure_row(m) for m in kept if m.issue_measure == code])
            for code, label in labels
        ]

    def _measure_row(self, measure):
        verified = ""
        if measure.verified_on:
            verified = self.env._(
                "%(day)s, %(name)s: %(note)s",
                day=format_date(self.env, measure.verified_on.date()),
                name=measure.verified_by_id.name,
                note=measure.verify_note or "",
            )
        return (
            measure.name,
            measure.user_id.name,
            format_date(self.env, measure.date_due),
            self._label(measure, "state"),
            verified,
        )

    def _texts(self, issue):
        texts = {
            "description": self.env._("What happened"),
            "root_cause": self.env._("Root cause"),
            "reply": self.env._("Answer to the customer"),
            "verify_note": self.env._("Verification"),
        }
        rows = [(label, issue[name] or "–") for name, label in texts.items()]
        if issue.customer_satisfaction:
            view = " ".join(
                p for p in (self._label(issue, "customer_satisfaction"), issue.customer_view) if p
            )
            rows.append((self.env._("Customer's view of the handling"), view))
        return rows
