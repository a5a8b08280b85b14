from odoo import models


class ResPartner(models.Model):
    _inherit = "res.partner"

    def action_kam_log_visit(self):
        """Enter a contact with this customer; without an account file the dialog offers to
        open one to whoever may.
        """
        self.ensure_one().check_access("read")
        self.env["kam.visit"].check_access("create")
        customer = self.commercial_partner_id
        contact = self if self != customer else self.browse()
        return self.env["kam.visit"]._log_action(
            {
                "default_partner_id": customer.id,
                "default_account_id": customer.kam_account_id.id,
                "default_contact_ids": contact.ids,
            }
        )
