from odoo import models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    _inherit = "crm.lead"

    def action_kam_log_visit(self):
        """Enter a contact about this opportunity."""
        self.ensure_one().check_access("read")
        if not self.partner_id:
            raise UserError(self.env._("Choose the customer first: the file is kept on it."))
        action = self.partner_id.action_kam_log_visit()
        return action | {"context": {**action["context"], "default_lead_id": self.id}}
