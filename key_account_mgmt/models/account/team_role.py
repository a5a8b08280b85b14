from odoo import fields, models


class KamTeamRole(models.Model):
    """A role in an account team, e.g. technical owner.  Source: S0-37, S3-07."""

    _name = "kam.team.role"
    _inherit = ["kam.policy.logged"]
    _description = "Account Team Role"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    duties = fields.Text(translate=True)
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another team role has this code.")
