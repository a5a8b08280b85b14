from odoo import models

# A change of one of these changes what every KPI on the metric measures.
MEASURED = {
    "kind", "numerator_id", "denominator_id", "model_id", "domain", "aggregator",
    "measure_field", "date_field", "date_mode", "partner_path", "company_path", "additivity",
    "missing_as",
}  # fmt: skip
# A change of one of these changes who is shown what.
SHOWN = {"group_ids", "kind", "numerator_id", "denominator_id"}


class KamMetric(models.Model):
    _inherit = "kam.metric"

    def write(self, vals):
        if not self.env.su and SHOWN & vals.keys():
            # Nobody opens to himself what is shown to others only.
            self._check_may_see()
        names = sorted(MEASURED & vals.keys())
        before = {metric: [metric[name] for name in names] for metric in self}
        result = super().write(vals)
        changed = self.filtered(lambda m: [m[name] for name in names] != before[m])
        if changed and self.env.registry.ready:
            changed._kpis()._bump_version()
        return result

    def _kpis(self):
        """KPIs that are measured by these metrics, directly or as part of a ratio."""
        # sudo: which KPIs stand on a metric decides their version, not who may see them.
        metrics, level = self.sudo(), self.sudo()
        while level:
            parts = [("numerator_id", "in", level.ids), ("denominator_id", "in", level.ids)]
            level = metrics.with_context(active_test=False).search(["|", *parts]) - metrics
            metrics |= level
        kpis = self.env["kam.kpi"].sudo().with_context(active_test=False)
        return kpis.search([("metric_id", "in", metrics.ids)])
