from odoo import fields, models

PROSPECT_DAYS = 90


class ResCompany(models.Model):
    """How long a prospect counts without anything happening.  Source: users §3.7."""

    _inherit = "res.company"

    # No default: installing must not rewrite the rows of companies. Empty: 90.
    kam_prospect_days = fields.Integer("Prospects Count For", help="Days; 0: ninety.")

    def _kam_prospect_days(self):
        """Days without activity after which a prospect is not counted any more."""
        # sudo: as settings of the root company are read elsewhere.
        return max(self.sudo().root_id.kam_prospect_days, 0) or PROSPECT_DAYS
