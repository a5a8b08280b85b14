"""The customer's portal while a quotation waits for its contract.  Source: design §4.5."""

from odoo.exceptions import AccessError, MissingError
from odoo.http import route

from odoo.addons.payment.controllers.post_processing import PaymentPostProcessing
from odoo.addons.sale.controllers.portal import CustomerPortal

from ..models.guard.sale_order_guard import PAYMENT


class KamCustomerPortal(CustomerPortal):
    @route()
    def portal_order_page(self, order_id, access_token=None, **kw):
        """A payment link sent before does not bring the payment form back."""
        if kw.get("payment_amount") and self._kam_is_blocked(order_id, access_token):
            kw = {**kw, "payment_amount": None, "amount_selection": None}
        return super().portal_order_page(order_id, access_token=access_token, **kw)

    def _kam_is_blocked(self, order_id, access_token):
        try:
            order = self._document_check_access("sale.order", order_id, access_token=access_token)
        except (AccessError, MissingError):
            return False
        return order._kam_is_blocked()


class KamPaymentPostProcessing(PaymentPostProcessing):
    def _get_monitored_transaction(self):
        """What becomes of a payment never ends in an error, whichever module looks at it."""
        return super()._get_monitored_transaction().with_context(**{PAYMENT: True})
