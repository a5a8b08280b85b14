from odoo import api, models
from odoo.tools.misc import format_date, format_datetime, formatLang


class KamTierReport(models.AbstractModel):
    """What the printed papers of an evaluation have in common.

    Everything is read with the rights of the person who prints: a figure he may not
    see on the screen is not on his paper either.
    """

    _name = "kam.tier.report"
    _description = "Papers of a Tier Evaluation"

    @api.model
    def _windows(self, evaluation, scheme):
        """A function ``metric → its window in words``, as the evaluation measured it."""
        run = self.env["kam.metric"]._new_run(
            evaluation.company_id, evaluation.day, window=scheme.window
        )
        return lambda metric: metric._window_label(run.period(metric))

    @api.model
    def _line_metrics(self):
        """The metrics behind the figures every line has, by code."""
        codes = ("annual_sales", "previous_sales", "open_pipeline")
        return self.env["kam.metric"].search([("code", "in", codes)]).grouped("code")

    @api.model
    def _labels(self, record, name):
        """``{code: label}`` of a selection field, in the reader's language."""
        return dict(record._fields[name]._description_selection(self.env))

    @api.model
    def _percent(self, part, whole):
        """``12.5 %`` growth of ``part`` over ``whole``; a dash without a basis."""
        if whole <= 0:
            return "–"
        number = formatLang(self.env, 100 * (part - whole) / whole, digits=1)
        return self.env._("%(number)s %%", number=number)

    @api.model
    def _head(self, evaluation):
        """The evaluation itself, as (label, value)."""
        effective = evaluation.effective_date
        schemes = ", ".join(evaluation.scheme_ids.mapped("name"))
        return [
            (self.env._("Company"), evaluation.company_id.name),
            (self.env._("Evaluation"), evaluation.name),
            (self.env._("State"), self._labels(evaluation, "state")[evaluation.state]),
            (self.env._("As of"), format_date(self.env, evaluation.day)),
            (
                self.env._("Takes effect"),
                format_date(self.env, effective) if effective else self.env._("on approval"),
            ),
            (self.env._("Prepared by"), evaluation.user_id.name),
            (self.env._("Computed on"), self._moment(evaluation.computed_on)),
            (self.env._("Schemes"), schemes),
            (self.env._("Policy versions"), evaluation.policy_version or "–"),
        ]

    @api.model
    def _moment(self, moment):
        return format_datetime(self.env, moment, dt_format="short") if moment else "–"

    @api.model
    def _approval(self, evaluation):
        """Rounds and decisions of an evaluation, and who has to sign the paper.

        :return: ``{"requested", "waiting_for", "decisions", "signatures"}``
        """
        request = evaluation.approval_request_id
        kinds = self._labels(request.decision_ids, "kind")
        decisions = [
            {
                "round": decision.round,
                "step": decision.request_step_id.name or "–",
                "kind": kinds[decision.kind],
                "user": decision.user_id.name,
                "behalf": decision.approver_id.name
                if decision.approver_id != decision.user_id
                else "",
                "moment": self._moment(decision.decided_on),
                "comment": decision.comment or "",
            }
            for decision in evaluation.approval_decision_ids.sorted("id")
        ]
        steps = request.step_ids.sorted("sequence").mapped("name")
        return {
            "requested": self._requested(evaluation, request),
            "waiting_for": evaluation.approval_waiting_for,
            "decisions": decisions,
            "signatures": [self.env._("Prepared by"), *(steps or [self.env._("Approved by")])],
        }

    def _requested(self, evaluation, request):
        if request:
            return self.env._(
                "Submitted by %(name)s on %(moment)s (round %(round)s)",
                name=request.requester_id.name,
                moment=self._moment(request.submitted_on),
                round=request.round,
            )
        if evaluation.state in ("draft", "computed", "cancelled"):
            return self.env._("Not submitted for approval.")
        return self.env._("Who decided is shown to those involved in the approval.")
