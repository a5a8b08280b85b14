from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamTier(models.Model):
    """What a level gets of prices, and how far a salesperson goes without asking.

    Everything ships empty: an empty ceiling asks nobody.  Source: S0-30, S0-144, S1p-12,
    S2-26.
    """

    _inherit = "kam.tier"

    # Pricelists and terms are Odoo's: each database has its own.
    _policy_local = frozenset({"pricelist_id", "payment_term_id"})

    pricelist_id = fields.Many2one(
        "product.pricelist",
        ondelete="restrict",
        help="Taken by an account that reaches this level as its first one; afterwards a change "
        "of level proposes it.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        "Payment Terms",
        ondelete="restrict",
        help="As the pricelist. A longer term on a quotation is approved first.",
    )
    max_discount = fields.Float(
        "Discount Up To (%)",
        help="Off the customer's pricelist, in the discount or in the price. A larger one is "
        "approved first. 0: no ceiling.",
    )

    _max_discount_check = models.Constraint(
        "CHECK (max_discount IS NULL OR (max_discount >= 0 AND max_discount <= 100))",
        "A discount is between 0 and 100 percent.",
    )

    @api.constrains("pricelist_id", "payment_term_id", "scheme_id")
    def _check_price_company(self):
        for tier in self:
            for record in (tier.pricelist_id, tier.payment_term_id):
                owner, company = record.company_id, tier.scheme_id.company_id
                # Of a level of all companies it is for the accounts of its own.
                if owner and company and owner != company:
                    raise ValidationError(
                        self.env._(
                            "“%(name)s” belongs to %(company)s only: this level needs one of its "
                            "own company, or of all.",
                            name=record.display_name,
                            company=owner.name,
                        )
                    )
