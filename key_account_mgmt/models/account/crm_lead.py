from odoo import models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_kam_open_account(self):
        """Open the account file of the opportunity's customer (a prospect's too)."""
        self.ensure_one()
        if not self.partner_id:
            raise UserError(self.env._("Choose the customer first: the file is kept on it."))
        return self.partner_id.action_kam_open_account()
