from odoo import models


class KamBid(models.Model):
    _inherit = "kam.bid"

    def action_kam_contract(self):
        """Draft the contract of a bid that was won.

        :raise UserError: it was not won
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["kam.contract"]._draft_from(self).get_formview_action()
