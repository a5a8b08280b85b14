from odoo import api, models

APPROVALS = "key_account_mgmt.kam_approval_request_step_action_mine"
EXCEPTIONS = "key_account_mgmt.kam_exception_kind_action"
ACCOUNTS = "key_account_mgmt.kam_account_action"
# Where the app opens; a person of several roles begins at the first.  Source: users §6.
HOMES = (
    ("group_kam_gm", APPROVALS),
    ("group_kam_executive", APPROVALS),
    ("group_kam_director", EXCEPTIONS),
    ("group_kam_officer", EXCEPTIONS),
    ("group_kam_user", ACCOUNTS),
    ("group_kam_member", ACCOUNTS),
    ("group_kam_auditor", "key_account_mgmt.kam_approval_request_action_audit"),
)


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _kam_home_action_xmlid(self):
        """The screen on which the app opens for the current user.

        Approvers start where something waits for them, the office and the directors at
        what is out of order, auditors at the decisions, everybody else at the accounts.
        """
        explicit = self.env.user.group_ids
        for group, action in HOMES:
            if self.env.ref(f"key_account_mgmt.{group}") in explicit:
                return action
        return ACCOUNTS

    @api.model
    def action_kam_home(self):
        """Open the home of the current user's role."""
        return self.env["ir.actions.actions"]._for_xml_id(self._kam_home_action_xmlid())

    def _kam_own_people(self):
        """Hook: those whose work the user answers for.  Departments arrive later."""
        return self.browse()
