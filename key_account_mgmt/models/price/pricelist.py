from odoo import fields, models


class ProductPricelist(models.Model):
    """Prices for customers who bind themselves: only while a contract runs.

    Source: S0-144.
    """

    _inherit = "product.pricelist"

    # No default: installing must not rewrite the rows of pricelists.
    kam_long_term = fields.Boolean(
        "Long-Term Prices",
        help="Taken by quotations only while a contract of the customer is in force; used "
        "otherwise, the quotation is approved first.",
    )


class AccountPaymentTerm(models.Model):
    _inherit = "account.payment.term"

    def _kam_days(self):
        """Calendar days until the last payment is due at the latest; 0 for none.

        Terms from the end of a month count the days of a month more, those from the end of
        the next one two.
        """
        extra = {
            "days_after": 0,
            "days_after_end_of_month": 30,
            "days_after_end_of_next_month": 60,
            "days_end_of_month_on_the": 30,
        }
        # sudo: how long a customer has is no secret of who sells to him.
        lines = self.sudo().line_ids
        return max((line.nb_days + extra.get(line.delay_type, 0) for line in lines), default=0)
