from odoo import fields, models

BLOCKS = [
    ("personnel", "Personnel Changes"),
    ("demand", "Demand"),
    ("problems", "Problems"),
    ("competitor", "Competitor Moves"),
]


class KamInsightKind(models.Model):
    """Under which heading of the monthly status report an insight is gathered."""

    _inherit = "kam.insight.kind"

    status_block = fields.Selection(
        BLOCKS, "In the Status Report", help="Empty: such insights are not part of the report."
    )
