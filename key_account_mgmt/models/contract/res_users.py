from odoo import api, models

from ..core.res_users import ACCOUNTS, WEEK

# Who is neither above nor beside these begins where his documents are.
HOMES = (
    ("key_account_mgmt.group_kam_legal", "key_account_mgmt.kam_contract_action_legal"),
    ("key_account_mgmt.group_kam_commercial", "key_account_mgmt.kam_contract_action_mine"),
)
SELLER = "key_account_mgmt.group_kam_user"


class ResUsers(models.Model):
    """Commercial begins at the contracts, legal at its queue.  Source: users §6."""

    _inherit = "res.users"

    @api.model
    def _kam_home_action_xmlid(self):
        """Also the contracts, for commercial and legal who lead no account."""
        home = super()._kam_home_action_xmlid()
        explicit = self.env.user.group_ids
        if home not in (WEEK, ACCOUNTS) or self.env.ref(SELLER) in explicit:
            return home
        if not self.env["res.groups"]._kam_area_is_on("contract"):
            return home
        return next((action for group, action in HOMES if self.env.ref(group) in explicit), home)
