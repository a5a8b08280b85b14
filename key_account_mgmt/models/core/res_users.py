from odoo import api, models


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _kam_home_action_xmlid(self):
        """The screen on which the app opens for the current user.

        Approvers start where something waits for them, everybody else at the accounts.
        """
        approvers = ("group_kam_executive", "group_kam_gm")
        explicit = self.env.user.group_ids
        if any(self.env.ref(f"key_account_mgmt.{group}") in explicit for group in approvers):
            return "key_account_mgmt.kam_approval_request_step_action_mine"
        return "key_account_mgmt.kam_account_action"

    @api.model
    def action_kam_home(self):
        """Open the home of the current user's role."""
        return self.env["ir.actions.actions"]._for_xml_id(self._kam_home_action_xmlid())
