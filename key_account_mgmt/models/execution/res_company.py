from odoo import fields, models

EXPIRY_DAYS = 90


class ResCompany(models.Model):
    """How long before its end a contract is worked on.  Source: J10, users §2."""

    _inherit = "res.company"

    # No default: installing must not rewrite the rows of companies.
    kam_contract_expiry_days = fields.Integer(
        "Contracts Expiring within",
        help="Days before the end of a frame contract in which its next negotiation starts; "
        "0: ninety.",
    )

    def _kam_contract_expiry_days(self):
        # sudo: the company's rule is no secret of the root company.
        return self.sudo().root_id.kam_contract_expiry_days or EXPIRY_DAYS
