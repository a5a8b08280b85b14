from odoo import api, models
from odoo.tools.misc import format_date


class TierSheet(models.AbstractModel):
    """Level evaluation sheet of one customer (P5): figures, criteria, decision, history.

    Source: S2-07, S2-08, (f) P5.
    """

    _name = "report.key_account_mgmt.report_tier_sheet"
    _inherit = ["kam.tier.report"]
    _description = "Level Evaluation Sheet"

    @api.model
    def _get_report_values(self, docids, data=None):
        lines = self.env["kam.tier.evaluation.line"].browse(docids)
        evaluations = lines.evaluation_id
        heads = {evaluation: self._head(evaluation) for evaluation in evaluations}
        approvals = {evaluation: self._approval(evaluation) for evaluation in evaluations}
        held, metrics = self._held(lines), self._line_metrics()
        windows = {
            (evaluation, scheme): self._windows(evaluation, scheme)
            for evaluation in evaluations
            for scheme in evaluation.scheme_ids
        }
        papers = {}
        for line in lines:
            window = windows[line.evaluation_id, line.scheme_id]
            papers[line.id] = self._paper(line, window, held) | {
                "head": heads[line.evaluation_id],
                "figures": self._figures(line, window, metrics),
                "approval": approvals[line.evaluation_id],
            }
        return {
            "doc_ids": docids,
            "doc_model": lines._name,
            "docs": lines,
            "papers": papers,
        }

    def _paper(self, line, window, held):
        return {
            "decision": self._decision(line),
            "levels": self._levels(line, window),
            "hidden": self._criteria_of(line) - line.result_ids.criterion_id,
            "missing": line.missing_text,
            "history": self._history(line, held),
        }

    def _decision(self, line):
        rows = [
            (self.env._("Scheme"), line.scheme_id.name),
            (self.env._("Current level"), line.current_tier_id.name or "–"),
            (self.env._("Suggested level"), line.suggested_tier_id.name or "–"),
            (self.env._("Decided level"), line.decided_tier_id.name or "–"),
            (self.env._("Change"), self._labels(line, "change")[line.change]),
            (self.env._("Why"), self._labels(line, "code")[line.code]),
        ]
        if line.label_id:
            rows.insert(1, (self.env._("Label"), line.label_id.name))
        if line.is_override:
            rows.append((self.env._("Overridden by"), line.override_user_id.name))
            rows.append((self.env._("Reason"), line.override_reason))
        if line.assessment:
            rows.append((self.env._("Assessment"), line.assessment))
        return rows

    def _figures(self, line, window, metrics):
        """Figures of the customer with their window in words, as (name, window, text)."""
        amount = line.company_id._kam_format_amount
        sales, previous, pipeline = (
            window(metrics[code]) for code in ("annual_sales", "previous_sales", "open_pipeline")
        )
        rows = [
            (self.env._("Sales"), sales, amount(line.sales)),
            (self.env._("Sales a year before"), previous, amount(line.sales_previous)),
            (self.env._("Growth"), "", self._percent(line.sales, line.sales_previous)),
            (self.env._("Open pipeline"), pipeline, amount(line.pipeline)),
        ]
        if line.expected_increment:
            rows.append((self.env._("Expected increment"), "", amount(line.expected_increment)))
        return rows

    def _criteria_of(self, line):
        """The criteria that speak about this line: of its label, or of every level."""
        return line.evaluation_id.criterion_ids.filtered(
            lambda c: (
                c.scheme_id == line.scheme_id and (not line.label_id or c.tier_id == line.label_id)
            )
        )

    def _levels(self, line, window):
        """Results by level, highest first; switched-off criteria are left out."""
        verdicts = self._labels(line.result_ids, "verdict")
        wanted = self._criteria_of(line)
        results = line.result_ids.filtered(
            lambda r: r.verdict != "inactive" and r.criterion_id in wanted
        ).sorted(lambda r: (r.group_no, r.criterion_id.id))
        by_tier = results.grouped("tier_id")
        return [
            {
                "tier": tier.name,
                "groups": len(set(by_tier[tier].mapped("group_no"))),
                "rows": [self._result_row(result, verdicts, window) for result in by_tier[tier]],
            }
            for tier in line.scheme_id.tier_ids.sorted("rank")
            if tier in by_tier
        ]

    @api.model
    def _result_row(self, result, verdicts, window):
        return {
            "group": result.group_no,
            "metric": result.metric_id.name,
            "window": window(result.metric_id),
            "value": result.value_text,
            "threshold": result.threshold_text,
            "verdict": result.verdict,
            "verdict_label": verdicts[result.verdict],
        }

    @api.model
    def _held(self, lines):
        """``{(partner id, company, scheme): assignments}``, the newest first.

        By customer: a file opened by applying the evaluation is not on its lines.
        """
        assignments = self.env["kam.tier.assignment"].search(
            [
                ("account_id.partner_id", "in", lines.partner_id.ids),
                ("company_id", "in", lines.company_id.ids),
                ("scheme_id", "in", lines.scheme_id.ids),
            ]
        )
        return assignments.grouped(lambda a: (a.account_id.partner_id, a.company_id, a.scheme_id))

    def _history(self, line, held):
        """Levels held in this scheme; of a label line: when the label was held."""
        empty = self.env["kam.tier.assignment"]
        assignments = held.get((line.partner_id, line.company_id, line.scheme_id), empty)
        if line.label_id:
            assignments = assignments.filtered(lambda a: a.tier_id == line.label_id)
        origins = self._labels(assignments, "origin")
        today = self.env._("today")
        return [
            {
                "since": format_date(self.env, assignment.date_from),
                "until": format_date(self.env, assignment.date_to) or today,
                "tier": assignment.tier_id.name,
                "previous": assignment.previous_tier_id.name or "–",
                "origin": origins[assignment.origin],
                "reason": assignment.reason or "",
            }
            for assignment in assignments
        ]
