from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # Nullable and without default: a default would rewrite every order at install.
    kam_end_customer_id = fields.Many2one(
        "res.partner",
        "End Customer",
        index="btree_not_null",
        check_company=True,
        help="Who uses the goods when an agent or trading company buys them.",
    )

    def _prepare_invoice(self):
        return {
            **super()._prepare_invoice(),
            "kam_end_customer_id": self.kam_end_customer_id.id,
        }

    def _get_invoice_grouping_keys(self):
        """Orders for two end customers do not share an invoice: it could name only one."""
        return [*super()._get_invoice_grouping_keys(), "kam_end_customer_id"]
