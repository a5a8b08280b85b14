from odoo import api, fields, models

from .issue_deadline import SEVERITIES


class KamVisitReportMixin(models.AbstractModel):
    """A problem heard at a visit becomes an issue, unless it was settled there.

    Source: S1b-02, S1a-09, S3-52.
    """

    _inherit = "kam.visit.report.mixin"

    problem_kind_id = fields.Many2one(
        "kam.issue.kind",
        "Becomes an Issue",
        copy=False,
        ondelete="restrict",
        help="Kind of the issue; empty: as the settings of issue kinds say.",
    )
    problem_severity = fields.Selection(SEVERITIES, "Severity", copy=False)
    problem_settled = fields.Boolean(
        "Settled on the Spot", copy=False, help="No issue is raised about it."
    )
    asks_issue = fields.Boolean(compute="_compute_asks_issue")

    @api.depends_context("uid")
    def _compute_asks_issue(self):
        on = self.env["res.groups"]._kam_area_is_on("issue")
        for report in self:
            report.asks_issue = on


class KamVisit(models.Model):
    _inherit = "kam.visit"

    issue_ids = fields.One2many("kam.issue", "visit_id", "Issues", readonly=True)
    issue_count = fields.Integer("Raised Issues", compute="_compute_issue_count")

    def _compute_issue_count(self):
        Issue = self.env["kam.issue"]
        counts = {}
        if Issue.has_access("read"):
            groups = Issue._read_group([("visit_id", "in", self.ids)], ["visit_id"], ["__count"])
            counts = {visit.id: count for visit, count in groups}
        for visit in self:
            visit.issue_count = counts.get(visit._origin.id, 0)

    def action_report(self):
        """Also raise what was heard as a problem."""
        result = super().action_report()
        self._raise_problems()
        return result

    def _raise_problems(self):
        """One issue for each visit with a problem that was not settled on the spot."""
        if not self.env["res.groups"]._kam_area_is_on("issue"):
            return
        Kind = self.env["kam.issue.kind"].sudo()
        usual = Kind.search([("is_visit_default", "=", True)], limit=1)
        # sudo: who took part, and so reports, raises it whatever he may read of the account.
        known = self.sudo().issue_ids.visit_id
        told = self.filtered(
            lambda visit: (
                (visit.problems or "").strip()
                and not visit.problem_settled
                and (visit.problem_kind_id or usual)
                and visit not in known
            )
        )
        issues = self.env["kam.issue"].sudo()._as_engine()
        issues.create([visit._prepare_problem(visit.problem_kind_id or usual) for visit in told])

    def _prepare_problem(self, kind):
        return {
            "account_id": self.account_id.id,
            "kind_id": kind.id,
            "severity": self.problem_severity or "1",
            "description": self.problems,
            "visit_id": self.id,
            "contact_id": self.contact_ids[:1].id,
            # At the visit, not when the report was written.
            "reported_on": min(self.stop, fields.Datetime.now()),
            "reporter_id": self.env.uid,
        }

    def action_open_issues(self):
        """The issues raised from these visits."""
        self.check_access("read")
        self.env["kam.issue"].check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_issue_action")
        return action | {"domain": [("visit_id", "in", self.ids)], "context": {}}
