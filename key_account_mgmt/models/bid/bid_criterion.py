from odoo import fields, models


class KamBidCriterion(models.Model):
    """By what a tender is judged before anybody works on it; weights are data.

    Source: users §5 (Go/No-Go), S0-83.
    """

    _name = "kam.bid.criterion"
    _inherit = ["kam.policy.logged"]
    _description = "Go/No-Go Criterion"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    weight = fields.Float(default=10.0, digits=(5, 1), help="Relative to the other criteria.")
    help = fields.Char("What Earns Five Points", translate=True)
    of_competitors = fields.Boolean(
        "Competitors Too", help="Competitors are scored by it as well, beside ourselves."
    )
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another criterion has this code.")
    _weight_check = models.Constraint("CHECK (weight >= 0)", "A weight cannot be negative.")
