from odoo import fields, models


class KamOrderRulingWizard(models.TransientModel):
    """The office decides whether orders need a contract; the rule stands in the ruling."""

    _name = "kam.order.ruling.wizard"
    _description = "Does an Order Need a Contract?"

    order_ids = fields.Many2many("sale.order", string="Orders", required=True)
    kind = fields.Selection(
        [("exempt", "Needs no contract"), ("required", "Needs a contract")],
        "Decision",
        required=True,
        default="exempt",
    )
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        self.order_ids.check_access("read")
        self.env["kam.order.ruling"]._rule(self.order_ids, self.kind, self.reason)
        return {"type": "ir.actions.act_window_close"}
