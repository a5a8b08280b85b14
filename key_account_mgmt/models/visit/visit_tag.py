from odoo import fields, models


class KamVisitTag(models.Model):
    """What we told the customer: industry news, new products, sales policy …

    Source: S0-80, S1c-04, S1r-07.
    """

    _name = "kam.visit.tag"
    _inherit = ["kam.policy.logged"]
    _description = "Information Passed On"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    color = fields.Integer()
    active = fields.Boolean("In Use", default=True)

    _name_uniq = models.Constraint("UNIQUE (name)", "This information is in the list already.")
