from odoo import fields, models


class KamTier(models.Model):
    _inherit = "kam.tier"

    request_priority = fields.Boolean(
        "Requests Come First",
        help="What is asked for customers of this tier is of high priority.",
    )
