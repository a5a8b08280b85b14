from odoo import models

MEMBER = "key_account_mgmt.group_kam_member"


class ResUsers(models.Model):
    _inherit = "res.users"

    def _kam_may_review(self, company):
        """Whether somebody may be given scorecards of a company: he works with key accounts
        there, or in a branch of it."""
        return bool(
            self.active
            and not self.share
            and company in self.company_ids.parent_ids
            and self.has_group(MEMBER)
        )
