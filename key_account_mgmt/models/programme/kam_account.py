from odoo import models


class KamAccount(models.Model):
    """One click from the account file to the pack for a meeting with the customer."""

    _inherit = "kam.account"

    def action_review_pack(self):
        """Choose the period; the last quarter is proposed."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_review_pack_wizard_action"
        )
        return action | {"context": {"default_account_id": self.id}}
