from odoo import fields, models


class KamCampaignSegment(models.Model):
    """A kind of prospect a campaign has a target for.  Source: S1c-12."""

    _name = "kam.campaign.segment"
    _inherit = ["kam.policy.logged"]
    _description = "Campaign Segment"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    target = fields.Integer(
        "Usual Target", help="What a new campaign begins with; 0: not in new campaigns."
    )
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another segment has this code.")
    _target_check = models.Constraint("CHECK (target >= 0)", "A target cannot be negative.")
