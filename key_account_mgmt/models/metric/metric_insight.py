from odoo import models
from odoo.fields import Domain


class KamMetric(models.Model):
    """Scores of the latest confirmed analysis of a customer.  Source: S0-69."""

    _inherit = "kam.metric"

    def _metric_customer_value_score(self, run, param=None):
        """Customer value, 1 to 100; absent: no confirmed analysis."""
        return self._latest_scores(run, "value_score")

    def _metric_customer_potential_score(self, run, param=None):
        """Potential, 1 to 100; absent: no confirmed analysis."""
        return self._latest_scores(run, "potential_score")

    def _latest_scores(self, run, name):
        """``{commercial partner id: score}``; two analyses of one day: the later written."""
        insights = run.env["kam.insight"].search_fetch(
            self._analysis_domain(run), ["account_id", name], order="date, id"
        )
        insights.account_id.fetch(["partner_id"])
        return {insight.account_id.partner_id.id: float(insight[name]) for insight in insights}

    def _analysis_domain(self, run):
        domain = Domain("state", "=", "confirmed") & Domain("kind_id.needs_scores", "=", True)
        domain &= Domain("date", "<=", run.day) & Domain("account_id", "!=", False)
        domain &= Domain("company_id", "=", run.company.root_id.id)
        if run.partner_ids is not None:
            domain &= Domain("account_id.partner_id", "in", list(run.partner_ids))
        return domain

    def _explain_customer_value_score(self, run, partner_ids):
        return self._explain_latest(run, partner_ids, "value_score")

    def _explain_customer_potential_score(self, run, partner_ids):
        return self._explain_latest(run, partner_ids, "potential_score")

    def _explain_latest(self, run, partner_ids, name):
        """The analysis each score was taken from."""
        domain = self._analysis_domain(run) & Domain("account_id.partner_id", "in", partner_ids)
        latest = {}
        for insight in run.env["kam.insight"].search(domain, order="date, id"):
            latest[insight.account_id.partner_id.id] = insight
        return [("kam.insight", {one.id: float(one[name]) for one in latest.values()})]
