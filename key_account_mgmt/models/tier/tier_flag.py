from odoo import fields, models


class KamTierFlag(models.Model):
    """A qualification that documents cannot compute, e.g. "industry benchmark".

    Source: S0-11, S0-12, S0-17, S3-08 – S3-12, S1n-05 – S1n-07.
    """

    _name = "kam.tier.flag"
    _inherit = ["kam.policy.logged"]
    _description = "Qualification Type"
    _order = "sequence, id"

    name = fields.Char("Qualification", required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    description = fields.Text(translate=True)
    is_negative = fields.Boolean(
        "Counts Against", help="Holding it keeps a customer out of a level, e.g. a competitor."
    )
    needs_evidence = fields.Boolean("Evidence Required", default=True)
    validity_months = fields.Integer(
        "Validity (Months)", default=24, help="0 = the evidence never expires."
    )
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another qualification has this code.")
    _validity_check = models.Constraint(
        "CHECK (validity_months >= 0)", "The validity cannot be negative."
    )
