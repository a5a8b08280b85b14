from odoo import api, models
from odoo.exceptions import ValidationError

from .price_figures import _known


class SaleOrder(models.Model):
    """Prices that wait for their approval stop an order on every road a missing contract
    does: button, list, portal, payment, RPC, import, scheduled action.  Source: S1p-12.
    """

    _inherit = "sale.order"

    @api.constrains("payment_term_id")
    def _check_kam_days_kept(self):
        """A confirmed order gets no later payment that was not approved: its form leaves the
        payment terms open, and so does RPC."""
        confirmed = self._kam_price_confirmed()
        accounts = confirmed._kam_price_accounts() if confirmed else {}
        wanted = {}
        for order, account in accounts.items():
            if figures := order._kam_undecided(order._kam_days_figures(account)):
                wanted[order] = figures
        self._kam_check_price_kept(wanted)

    def write(self, vals):
        """A confirmed order is not given to a customer who does not get its prices."""
        before = {}
        if "partner_id" in vals:
            confirmed = self._kam_price_confirmed()
            before = {order: order.partner_id.commercial_partner_id for order in confirmed}
        result = super().write(vals)
        given = self.sudo().filtered(
            lambda o: o in before and o.partner_id.commercial_partner_id != before[o]
        )
        if given:
            self._kam_check_price_kept(given._kam_price_wanted())
        return result

    def _kam_price_confirmed(self):
        """The confirmed ones, sudo, where the area is on."""
        if not self.env["res.groups"]._kam_area_is_on("price"):
            return self.sudo().browse()
        return self.sudo().filtered(lambda order: order.state == "sale")

    def _kam_check_price_kept(self, wanted):
        """:raise ValidationError: figures of confirmed orders that were not approved"""
        if not wanted:
            return
        approved = self.sudo()._kam_price_approved()
        for order, figures in wanted.items():
            known = approved.get(order, {})
            left = {key: value for key, value in figures.items() if not _known(key, value, known)}
            if left:
                raise ValidationError(
                    self.env._(
                        "%(order)s is confirmed, and this goes beyond what the customer's level "
                        "gets: %(what)s. Approve it on a quotation.",
                        order=order.name,
                        what="; ".join(order._kam_price_sentences(left)),
                    )
                )

    def _kam_contract_block(self, *args, **kwargs):
        blocks = dict(super()._kam_contract_block(*args, **kwargs))
        for order_id, text in self._kam_price_block().items():
            blocks[order_id] = "\n".join(filter(None, (blocks.get(order_id), text)))
        return blocks


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    @api.constrains("discount", "price_unit", "product_id", "order_id")
    def _check_kam_price_kept(self):
        """A confirmed order gets no discount beyond the level that was not approved."""
        if not self.env["res.groups"]._kam_area_is_on("price"):
            return
        lines = self.sudo().filtered(lambda line: line.order_id.state == "sale")
        if not lines:
            return
        orders = lines.order_id
        accounts = orders._kam_price_accounts()
        wanted = {
            order: order._kam_undecided(order._kam_discount_figures(account))
            for order, account in accounts.items()
        }
        approved = orders._kam_price_approved() if any(wanted.values()) else {}
        for line in lines:
            key = f"line-{line.product_id.id}"
            given = wanted.get(line.order_id, {}).get(key, 0.0)
            if given and given > approved.get(line.order_id, {}).get(key, 0.0):
                raise ValidationError(
                    self.env._(
                        "%(order)s is confirmed: a discount of %(discount)g %% on %(product)s "
                        "goes beyond what the customer's level gets. Approve it on a quotation.",
                        order=line.order_id.name,
                        discount=given,
                        product=line.product_id.display_name,
                    )
                )
