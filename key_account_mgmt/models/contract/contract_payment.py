from odoo import api, fields, models
from odoo.exceptions import ValidationError

KINDS = [
    ("advance", "Advance"),
    ("delivery", "On Delivery"),
    ("acceptance", "On Acceptance"),
    ("retention", "Retention"),
    ("other", "Other"),
]


class KamContractPayment(models.Model):
    """One payment of the schedule; of a frame contract a share of each of its orders.

    Source: users §3.6, (c8).
    """

    _name = "kam.contract.payment"
    _description = "Payment of a Contract"
    _order = "contract_id, sequence, id"

    contract_id = fields.Many2one(
        "kam.contract", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, required=True, default="other")
    name = fields.Char("Note")
    percent = fields.Float(
        "Share (%)", digits=(5, 2), help="Of the contract; of a frame contract: of each order."
    )
    amount = fields.Monetary(
        compute="_compute_amount", store=True, readonly=False, help="Follows from the share."
    )
    event = fields.Char("Due when", help="What makes it due, e.g. acceptance signed.")
    due_on = fields.Date("Due on", index="btree_not_null")

    @api.depends(
        "percent", "contract_id.amount_total", "contract_id.currency_id", "contract_id.kind"
    )
    def _compute_amount(self):
        for payment in self:
            if payment.contract_id.kind == "frame":
                payment.amount = 0.0
            elif payment.percent:
                share = payment.contract_id.amount_total * payment.percent / 100
                payment.amount = payment.contract_id.currency_id.round(share)
            else:
                payment.amount = payment.amount

    @api.constrains("percent", "amount")
    def _check_share(self):
        for payment in self:
            if not 0 <= payment.percent <= 100 or payment.amount < 0:
                raise ValidationError(self.env._("A payment is between 0 and 100 %."))

    # A part of what is approved --------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        payments = super().create(vals_list)
        payments.contract_id._check_part("payment_ids")
        return payments

    def write(self, vals):
        fixed = ("contract_id", "company_id")
        vals = {name: value for name, value in vals.items() if name not in fixed}
        if vals.keys() - {"due_on"} or any(not c._signed() for c in self.contract_id):
            self.contract_id._check_part("payment_ids")
        return super().write(vals)

    def unlink(self):
        self.contract_id._check_part("payment_ids")
        return super().unlink()
