from odoo import fields, models

LARGE_DEAL = 1_000_000.0
SILENT_MONTHS = 6


class ResCompany(models.Model):
    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies. Empty: as above.
    kam_large_deal_amount = fields.Monetary(
        "Large Opportunity from",
        help="Opportunities from this amount on warn about gaps in the decision map.",
    )
    kam_sponsor_months = fields.Integer(
        "Sponsor Silent after", help="Months without contact after which we are warned."
    )

    def _kam_large_deal_limit(self):
        """Amount in the company's currency from which an opportunity is large.

        A branch follows its root company.  Source: S1i-15.
        """
        # sudo: from when a deal is large is no secret of the root company.
        return self.sudo().root_id.kam_large_deal_amount or LARGE_DEAL

    def _kam_sponsor_silent_months(self):
        """Months after which a sponsor without contact counts as silent."""
        # sudo: as above.
        return self.sudo().root_id.kam_sponsor_months or SILENT_MONTHS
