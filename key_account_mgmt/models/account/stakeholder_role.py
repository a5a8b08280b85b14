from odoo import fields, models


class KamStakeholderRole(models.Model):
    """The part a person plays when the customer decides.

    Source: S0-62, S1c-06, S1r-21, S3-37, S3-50.
    """

    _name = "kam.stakeholder.role"
    _inherit = ["kam.policy.logged"]
    _description = "Stakeholder Role"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    description = fields.Char(translate=True)
    is_decision_maker = fields.Boolean(
        "Decides", help="An account without such a person is warned about."
    )
    is_sponsor = fields.Boolean(
        "Is Our Sponsor", help="Speaks for us at the customer: silence is warned about."
    )
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another stakeholder role has this code.")
