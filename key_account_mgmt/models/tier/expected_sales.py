from odoo import fields, models

from .evidence_mixin import KamEvidenceMixin


class KamExpectedSales(models.Model):
    """Declared yearly sales of a customer who has not bought for a year yet.

    Declared with its basis (a signed contract, say) and valid for twelve months.
    """

    _name = "kam.expected.sales"
    _inherit = ["kam.evidence.mixin"]
    _description = "Expected Annual Sales"

    _guarded_once = KamEvidenceMixin._guarded_once | {"amount", "basis"}

    currency_id = fields.Many2one(related="company_id.currency_id")
    amount = fields.Monetary("Expected Annual Sales", required=True)
    basis = fields.Char(required=True, help="E.g. the signed contract it rests on.")

    _amount_check = models.Constraint(
        "CHECK (amount >= 0)", "Expected annual sales cannot be negative."
    )

    def _validity_months(self):
        return 12
