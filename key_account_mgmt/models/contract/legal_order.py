from odoo import api, models

from ...policy import routing

# What is agreed of a line and of an order: whatever else changes concerns no contract.
LINE = {
    "product_id",
    "name",
    "product_uom_qty",
    "product_uom_id",
    "price_unit",
    "discount",
    "tax_ids",
    "display_type",
}
ORDER = {
    "partner_id",
    "currency_id",
    "payment_term_id",
    "pricelist_id",
    "order_line",
    "kam_contract_id",
}


class SaleOrder(models.Model):
    """Until it is signed, changed lines of its quotations are a new round of a contract.

    Whoever changed them: a colleague, a pricelist, the customer in the portal.  Nothing
    of the order itself is refused here.  Source: design §4.5, S0-104.
    """

    _inherit = "sale.order"

    def write(self, vals):
        # Given up, or drafted again: merged into another, for one.
        watched = not ORDER.isdisjoint(vals) or vals.get("state") in ("cancel", "draft")
        # sudo: which contract it is; the one an order leaves is concerned, too.
        before = self.sudo().kam_contract_id if watched else None
        result = super().write(vals)
        if watched:
            (before | self.sudo().kam_contract_id)._orders_changed()
        return result

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        if any(vals.get("kam_contract_id") for vals in vals_list):
            orders.sudo().kam_contract_id._orders_changed()
        return orders

    def _kam_contract_lines(self):
        """The lines a contract is about: not what invoicing adds."""
        return self.order_line.filtered(lambda line: not line.is_downpayment).sorted("id")

    def _kam_contract_content(self):
        """What is agreed of the order, as plain data.  In a neutral environment."""
        self.ensure_one()
        # Only where it is so: what was signed before stays the same.
        given_up = {"cancelled": True} if self.state == "cancel" else {}
        return given_up | {
            "id": self.id,
            "partner": self.partner_id.commercial_partner_id.id,
            "currency": self.currency_id.id,
            "payment_term": self.payment_term_id.id,
            "lines": [line._kam_contract_content() for line in self._kam_contract_lines()],
        }

    def _kam_contract_print(self):
        """Fingerprint of :meth:`_kam_contract_content`: equal while nothing agreed changes."""
        # sudo: whoever asks, the same answer.
        return routing.fingerprint(self.sudo().with_context(lang="en_US")._kam_contract_content())


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _kam_contract_content(self):
        self.ensure_one()
        return [
            self.id,
            self.product_id.id,
            self.name or "",
            repr(self.product_uom_qty),
            self.product_uom_id.id,
            repr(self.price_unit),
            repr(self.discount),
            sorted(self.tax_ids.ids),
            self.display_type or "",
        ]

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._kam_contracts()._orders_changed()
        return lines

    def write(self, vals):
        watched = not LINE.isdisjoint(vals)
        result = super().write(vals)
        if watched:
            self._kam_contracts()._orders_changed()
        return result

    def unlink(self):
        contracts = self._kam_contracts()
        result = super().unlink()
        contracts._orders_changed()
        return result

    def _kam_contracts(self):
        # sudo: which contract it is, whoever changes the line.
        return self.sudo().order_id.kam_contract_id
