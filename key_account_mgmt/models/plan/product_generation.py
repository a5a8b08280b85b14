from odoo import fields, models

STAGES = [
    ("cooperating", "Cooperating"),
    ("developing", "In Development"),
    ("reserve", "In Reserve"),
]
NEXT = ("developing", "reserve")


class KamProductGeneration(models.Model):
    """合作一代，开发或储备一代: what we sell the customer now, and what comes after it.

    Source: S3-40.
    """

    _name = "kam.product.generation"
    _description = "Product Generation"
    _order = "account_id, stage, sequence, id"
    _check_company_auto = True

    account_id = fields.Many2one(
        "kam.account", required=True, index=True, ondelete="restrict", check_company=True
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("Generation", required=True)
    product_tmpl_id = fields.Many2one("product.template", ondelete="set null")
    stage = fields.Selection(STAGES, required=True, default="cooperating", index=True)
    date_from = fields.Date("Since")
    date_expected = fields.Date("Expected", help="When it is to follow the one before it.")
    note = fields.Char()
