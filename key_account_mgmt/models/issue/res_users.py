from odoo import api, models

from ..core.res_users import WEEK
from .issue import SERVICE

ISSUES = "key_account_mgmt.kam_issue_action"
SELLER = "key_account_mgmt.group_kam_user"


class ResUsers(models.Model):
    """After-sales begins at the issues.  Source: users §6."""

    _inherit = "res.users"

    @api.model
    def _kam_home_action_xmlid(self):
        """Also the issues, for whoever is of after-sales and leads no account."""
        home = super()._kam_home_action_xmlid()
        explicit = self.env.user.group_ids
        service = self.env.ref(SERVICE) in explicit and self.env.ref(SELLER) not in explicit
        on = self.env["res.groups"]._kam_area_is_on("issue")
        return ISSUES if home == WEEK and service and on else home
