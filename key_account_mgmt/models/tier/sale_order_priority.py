from odoo import api, fields, models

from ..account.kam_account import SUSPENDED


class SaleOrder(models.Model):
    """Precedence of orders by the customer's level.  Source: S3-31, S3-45."""

    _inherit = "sale.order"

    kam_priority = fields.Selection(
        [("0", "Normal"), ("1", "First")],
        "Precedence",
        compute="_compute_kam_priority",
        help="Set by the level of the customer.",
    )

    @api.depends("partner_id", "kam_end_customer_id", "company_id")
    def _compute_kam_priority(self):
        for order in self:
            order.kam_priority = "1" if order._kam_delivers_first() else "0"

    def _kam_delivers_first(self):
        """Whether the level of the customer, or of the end customer, gives precedence.

        A customer who is paused, lost or on the blacklist has none.
        """
        self.ensure_one()
        own = self.with_company(self.company_id or self.env.company)
        customers = (own.partner_id | own.kam_end_customer_id).commercial_partner_id
        # sudo: the level counts whoever sells; the file stays unread.
        accounts = customers.sudo().kam_account_id
        return any(a.state not in SUSPENDED and a.tier_id.delivery_priority for a in accounts)

    def _action_confirm(self):
        result = super()._action_confirm()
        self._kam_prioritise_deliveries()
        return result

    def _kam_prioritise_deliveries(self):
        """Mark the open deliveries of these orders urgent where the level says so.

        Never takes a star away.  Source: S3-45.
        """
        for order in self:
            waiting = [
                delivery
                for delivery in order._kam_deliveries()
                if delivery.state not in ("done", "cancel")
                and delivery.picking_type_code != "incoming"
                and delivery.priority != "1"
            ]
            if waiting and order._kam_delivers_first():
                for delivery in waiting:
                    delivery.priority = "1"

    def _kam_deliveries(self):
        """The deliveries of an order; none where Inventory is not installed."""
        if "picking_ids" not in self._fields:
            return ()
        # sudo: as Inventory itself makes them; a salesperson may not edit deliveries.
        return self.sudo().picking_ids


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _action_launch_stock_rule(self, **kwargs):
        """Inventory's own step, for orders confirmed and for quantities added later."""
        launch = getattr(super(), "_action_launch_stock_rule", None)
        result = launch(**kwargs) if launch else True
        self.order_id._kam_prioritise_deliveries()
        return result
