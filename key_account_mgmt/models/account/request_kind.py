from odoo import fields, models


class KamRequestKind(models.Model):
    """What one department may ask of another.

    Source: S0-39, S0-42, S0-48, S1r-10, S3-41.
    """

    _name = "kam.request.kind"
    _inherit = ["kam.policy.logged"]
    _description = "Request Kind"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    description = fields.Char(translate=True)
    department_id = fields.Many2one(
        "kam.department",
        "Usually Asked",
        ondelete="restrict",
        help="The department proposed when somebody asks for this.",
    )
    days = fields.Integer(
        "Days to Answer", default=5, help="Working days proposed for the answer; 0: the same day."
    )
    is_trial = fields.Boolean(
        "Trial or Sample",
        help="Has a product and a quantity, passes a quality gate before the answer and is "
        "verified at the customer's before it is closed.",
    )
    is_urgent = fields.Boolean(
        "Urgent", help="Of high priority, and told at once instead of the next morning."
    )
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another request kind has this code.")
    _days_check = models.Constraint("CHECK (days >= 0)", "The days to answer cannot be negative.")
