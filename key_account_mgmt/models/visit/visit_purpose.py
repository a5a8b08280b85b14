from odoo import fields, models


class KamVisitPurpose(models.Model):
    """What a visit is for: first visit, regular, return visit, executive meeting …

    Source: S0-73, S1l-12, S3-38.
    """

    _name = "kam.visit.purpose"
    _inherit = ["kam.policy.logged"]
    _description = "Visit Purpose"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another visit purpose has this code.")
