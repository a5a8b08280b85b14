from odoo import api, models
from odoo.exceptions import ValidationError

from .sale_order_guard import PAYMENT


class PaymentTransaction(models.Model):
    """Payments and contract control: refused before money moves, never after.

    Source: design §4.5.
    """

    _inherit = "payment.transaction"

    @api.model_create_multi
    def create(self, vals_list):
        self._kam_check_orders(vals_list)
        return super().create(vals_list)

    @api.model
    def _kam_check_orders(self, vals_list):
        """:raise ValidationError: a quotation that is to be paid waits for its contract

        Captures and refunds of what was paid before pass, and so does saving a card.
        """
        field = self._fields["sale_order_ids"]
        ids = set()
        for vals in vals_list:
            if vals.get("source_transaction_id") or vals.get("operation") in (
                "refund",
                "validation",
            ):
                continue
            if commands := vals.get("sale_order_ids"):
                ids.update(field.convert_to_cache(commands, self.browse()))
        # sudo: the customer who pays may not read what is asked here.
        orders = self.env["sale.order"].sudo().browse(sorted(ids)).exists()
        for order in orders:
            if reason := order._kam_unpayable():
                raise ValidationError(reason)

    # Whatever another module does with a paid order, from wherever it is called, meets the
    # mark in the context and ends without an error.

    def action_post_process(self):
        return super(PaymentTransaction, self.with_context(**{PAYMENT: True})).action_post_process()

    def _cron_post_process(self):
        return super(PaymentTransaction, self.with_context(**{PAYMENT: True}))._cron_post_process()

    def _post_process(self):
        return super(PaymentTransaction, self.with_context(**{PAYMENT: True}))._post_process()

    def _check_amount_and_confirm_order(self):
        """Leave out orders that wait for their contract; whoever sells them is told."""
        marked = self.with_context(**{PAYMENT: True})
        confirmed = super(PaymentTransaction, marked)._check_amount_and_confirm_order()
        return confirmed.filtered(lambda order: order.state == "sale")
