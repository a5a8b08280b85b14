from odoo import fields, models


class KamVisitPurpose(models.Model):
    """What a visit is for: first visit, regular, return visit, executive meeting …

    Source: S0-73, S0-75, S1l-12, S1p-07, S3-38.
    """

    _name = "kam.visit.purpose"
    _inherit = ["kam.policy.logged"]
    _description = "Visit Purpose"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    needs_preparation = fields.Boolean(
        help="Where Settings require it, outline and materials come before “Prepared”.",
    )
    asks_satisfaction = fields.Boolean(help="The report asks how satisfied the customer is.")
    asks_technical = fields.Boolean(
        "Asks Technical Questions",
        help="The report asks how our products perform and what will be needed.",
    )
    checklist = fields.Text(translate=True, help="Shown while the visit is being prepared.")
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another visit purpose has this code.")
