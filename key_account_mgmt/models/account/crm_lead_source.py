from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain


class CrmLead(models.Model):
    """Where an opportunity came from, and what is known about its customer.

    Source: S0-55 … S0-59, S1r-12.
    """

    _inherit = "crm.lead"

    kam_source_channel_id = fields.Many2one(
        "kam.source.channel", "Source Channel", ondelete="restrict"
    )
    kam_potential_key_account = fields.Boolean(
        "Potential Key Account", help="A customer worth an account file."
    )

    def action_kam_open_account(self):
        """The file starts with what the opportunity knows."""
        action = super().action_kam_open_account()
        account = self.env["kam.account"].browse(action.get("res_id"))
        channel = self.kam_source_channel_id
        if channel and not account.source_channel_id and account.has_access("write"):
            account.source_channel_id = channel
        return action

    def action_kam_insights(self):
        """Insights about the customer, and what the company learned elsewhere."""
        self.ensure_one()
        self.check_access("read")
        self.env["kam.insight"].check_access("read")
        if not self.partner_id:
            raise UserError(self.env._("Choose the customer first: insights are kept on it."))
        account = self.partner_id.commercial_partner_id.kam_account_id
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_insight_action")
        domain = Domain("account_id", "=", False) | Domain("account_id", "=", account.id)
        readable = account if account.has_access("read") else account.browse()
        return action | {
            "domain": list(domain),
            "context": {"default_account_id": readable.id},
        }
