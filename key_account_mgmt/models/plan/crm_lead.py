from odoo import fields, models


class CrmLead(models.Model):
    """Which segment a prospect belongs to, and what was talked over.

    Source: S1c-03, S1c-12.
    """

    _inherit = "crm.lead"

    kam_segment_id = fields.Many2one("kam.campaign.segment", "Segment", ondelete="restrict")
    kam_cooperation_mode = fields.Char("Way of Cooperation")
    kam_activity_mode = fields.Char("Joint Activities")
    kam_preference_mode = fields.Char("Preferences Offered")
