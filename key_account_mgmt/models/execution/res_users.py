from odoo import api, models

from ..core.res_users import ACCOUNTS, WEEK

AREA = "contract"
FINANCE = "key_account_mgmt.group_kam_finance"
SELLER = "key_account_mgmt.group_kam_user"
PAYMENTS = "key_account_mgmt.kam_contract_payment_action_finance"
RUN = "key_account_mgmt.kam_contract_action_run"


class ResUsers(models.Model):
    """Finance begins at the payments, a project manager at his contracts.  Source: users §6."""

    _inherit = "res.users"

    @api.model
    def _kam_home_action_xmlid(self):
        """Also the payments, for finance, and the contracts in force of whoever runs some and
        leads no account."""
        home = super()._kam_home_action_xmlid()
        explicit = self.env.user.group_ids
        if home not in (WEEK, ACCOUNTS) or self.env.ref(SELLER) in explicit:
            return home
        if not self.env["res.groups"]._kam_area_is_on(AREA):
            return home
        if self.env.ref(FINANCE) in explicit:
            return PAYMENTS
        return RUN if self._kam_runs_contracts() else home

    @api.model
    def _kam_runs_contracts(self):
        Contract = self.env["kam.contract"]
        mine = [("project_manager_id", "=", self.env.uid), ("state", "=", "in_force")]
        return Contract.has_access("read") and bool(Contract.search_count(mine, limit=1))
