from odoo import models


class KamNegotiation(models.Model):
    _inherit = "kam.negotiation"

    def action_kam_contract(self):
        """Draft the contract of an agreed negotiation; its terms go along.

        :raise UserError: it was not agreed
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["kam.contract"]._draft_from(self).get_formview_action()
