from odoo import fields, models


class KamMetricExplanation(models.TransientModel):
    """What stands behind one figure, for one person, at one moment."""

    _name = "kam.metric.explanation"
    _description = "Behind the Figure"

    metric_id = fields.Many2one("kam.metric", readonly=True, required=True, ondelete="cascade")
    unit = fields.Selection(related="metric_id.unit")
    description = fields.Text(related="metric_id.description")
    partner_ids = fields.Many2many("res.partner", string="Customer", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    window_label = fields.Char("Window", readonly=True)
    value_label = fields.Char("Value", readonly=True)
    model_name = fields.Char(readonly=True)
    document_ids = fields.Json(readonly=True)
    readable_count = fields.Integer("Documents You May Open", readonly=True)
    readable_amount = fields.Float("Their Part", readonly=True)
    hidden_count = fields.Integer("Documents You May Not Open", readonly=True)
    hidden_amount = fields.Float("Part of Those", readonly=True)
    opening_count = fields.Integer("Imported Opening Figures", readonly=True)
    opening_amount = fields.Float("Part of the Opening Figures", readonly=True)
    parent_id = fields.Many2one("kam.metric.explanation", readonly=True, ondelete="cascade")
    part_ids = fields.One2many(
        "kam.metric.explanation",
        "parent_id",
        "Documents",
        readonly=True,
        help="Where documents of several kinds stand behind the figure: one row each.",
    )
    model_label = fields.Char("Kind", compute="_compute_model_label")
    readable_label = fields.Char(compute="_compute_labels", string="Shown")
    hidden_label = fields.Char(compute="_compute_labels", string="Hidden")
    opening_label = fields.Char(compute="_compute_labels", string="Opening")

    def _compute_model_label(self):
        for explanation in self:
            # sudo: the name of a kind of record is no secret.
            model = explanation.env["ir.model"]._get(explanation.model_name or "").sudo()
            explanation.model_label = model.name or False

    def _compute_labels(self):
        for explanation in self:
            for part in ("readable", "hidden", "opening"):
                explanation[f"{part}_label"] = explanation._part_label(part)

    def _part_label(self, part):
        count, amount = self[f"{part}_count"], self[f"{part}_amount"]
        # sudo: how the parts are counted depends on the formula only.
        unit = self.metric_id.sudo()._documents_unit()
        if unit == "money":
            text = self.currency_id.format(amount)
        else:
            text = self.metric_id._format_as(unit, amount, self.currency_id)
        return self.env._("%(count)s documents, %(amount)s", count=count, amount=text)

    def _dialog_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Behind the Figure"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_show_documents(self):
        """Open the documents this user may read."""
        self.ensure_one()
        self.metric_id._check_may_see()
        # sudo: a transient record belongs to who made it; the model's own rights apply next.
        model = self.sudo().model_name
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._(
                "%(metric)s: %(window)s", metric=self.metric_id.name, window=self.window_label
            ),
            "res_model": model,
            "view_mode": "list,form",
            "domain": [("id", "in", self.document_ids or [])],
            "context": {"create": False},
        }
        if model == "account.move":
            action["views"] = [
                (self.env.ref("account.view_out_invoice_tree").id, "list"),
                (False, "form"),
            ]
        return action
