from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Tell the browser the unit in which each company of the user shows amounts."""
        result = super().session_info()
        if self.env.user._is_internal():
            # sudo: as in the original; a user may not read the root of his branch.
            companies = self.env["res.company"].sudo().browse(self.env.user._get_company_ids())
            result["kam_amount_units"] = {
                company.id: company._kam_amount_unit() for company in companies
            }
        return result
