from odoo import api, models

from .crm_lead import CACHE


class KamDealMember(models.Model):
    """Whoever joins or leaves a team reaches the opportunity, or not, at once."""

    _inherit = "kam.deal.member"

    @api.model_create_multi
    def create(self, vals_list):
        self.env.cr.cache.pop(CACHE, None)
        return super().create(vals_list)

    def write(self, vals):
        self.env.cr.cache.pop(CACHE, None)
        return super().write(vals)

    def unlink(self):
        self.env.cr.cache.pop(CACHE, None)
        return super().unlink()
