from odoo import fields, models


class KamVisitMode(models.Model):
    """How a contact took place: on site, video, phone, WeChat, received visit …

    Which of them fulfil an obligation is said by the obligation's kind.
    Source: S0-79, S0-117, g Q9.
    """

    _name = "kam.visit.mode"
    _inherit = ["kam.policy.logged"]
    _description = "Visit Mode"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    is_on_site = fields.Boolean("At the Customer's", help="A place and a check-in make sense.")
    is_visit = fields.Boolean(
        "Counts as a Visit",
        help="Face to face, also by video. Others are communication: they do not count as the "
        "last visit of an account.",
    )
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another visit mode has this code.")
