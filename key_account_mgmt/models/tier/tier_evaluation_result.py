from odoo import api, fields, models

VERDICTS = [
    ("met", "Met"),
    ("not_met", "Not met"),
    ("missing", "Not assessed"),
    ("outdated", "To be assessed again"),
    ("no_data", "No data yet"),
    ("expired", "Evidence expired or missing"),
    ("inactive", "Switched off"),
]


class KamTierEvaluationResult(models.Model):
    """What one criterion said about one customer: value, threshold, verdict, frozen."""

    _name = "kam.tier.evaluation.result"
    _inherit = ["kam.guarded"]
    _description = "Criterion Result"
    _order = "line_id, id"
    _log_access = False

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    line_id = fields.Many2one(
        "kam.tier.evaluation.line", required=True, index=True, ondelete="cascade"
    )
    criterion_id = fields.Many2one(
        "kam.tier.evaluation.criterion", required=True, ondelete="cascade"
    )
    metric_id = fields.Many2one("kam.metric", required=True, ondelete="restrict")
    tier_id = fields.Many2one(related="criterion_id.tier_id", string="Level")
    group_no = fields.Integer(related="criterion_id.group_no")
    company_id = fields.Many2one(related="line_id.company_id")
    value = fields.Float("Figure")
    threshold = fields.Float("Bound")
    verdict = fields.Selection(VERDICTS, required=True)
    value_text = fields.Char("Value", compute="_compute_texts")
    threshold_text = fields.Char("Threshold", compute="_compute_texts")
    gap_text = fields.Char("Missing", compute="_compute_texts")
    window_label = fields.Char("Window", compute="_compute_window_label")

    @api.depends("value", "threshold", "verdict")
    def _compute_texts(self):
        for result in self:
            criterion = result.criterion_id
            result.threshold_text = result._threshold_label()
            result.value_text = result._value_label()
            if result.verdict in ("met", "inactive"):
                result.gap_text = False
            elif result.verdict == "not_met" and criterion.operator in (">=", ">"):
                result.gap_text = self.env._(
                    "%(metric)s: %(gap)s short",
                    metric=result.metric_id.name,
                    gap=result._format(result.threshold - result.value),
                )
                if criterion.metric_code == "industry_standing":
                    result.gap_text = criterion.sentence
            else:
                labels = dict(self._fields["verdict"]._description_selection(self.env))
                result.gap_text = f"{criterion.sentence} ({labels[result.verdict]})"

    def _compute_window_label(self):
        """The window in words beside every figure, e.g. "Nov 2025 – Oct 2026"."""
        for line, results in self.grouped("line_id").items():
            run = line._run()
            for result in results:
                period = run.period(result.metric_id)
                result.window_label = result.metric_id._window_label(period)

    def _format(self, value):
        return self.metric_id._format_value(value, self.company_id.currency_id)

    def _threshold_label(self):
        criterion = self.criterion_id
        if self.verdict == "inactive":
            return False
        if criterion.operator in ("has", "has_not"):
            return criterion.sentence
        operator = dict(criterion._fields["operator"].selection)[criterion.operator]
        if criterion.metric_code == "industry_standing":
            return f"{operator} {self._standing_label(self.threshold)}"
        return f"{operator} {self._format(self.threshold)}"

    def _value_label(self):
        if self.verdict in ("missing", "outdated", "no_data", "inactive"):
            return "–"
        if self.criterion_id.operator in ("has", "has_not"):
            return self.env._("yes") if self.value else self.env._("no")
        if self.criterion_id.metric_code == "industry_standing":
            return self._standing_label(self.value)
        return self._format(self.value)

    def _standing_label(self, value):
        field = self.env["kam.industry.standing"]._fields["standing"]
        labels = [label for _code, label in field._description_selection(self.env)]
        return labels[3 - int(value)] if value in (1, 2, 3) else "–"

    def action_show_documents(self):
        """Open the documents behind the value, as far as the user may read them."""
        self.ensure_one()
        self.check_access("read")
        run = self.line_id._run()
        partners = self.env["res.partner"].browse(run.partner_ids)
        return self.metric_id._explain_action(
            partners, self.company_id, run.period(self.metric_id), run.options
        )
