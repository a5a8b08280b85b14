from odoo import api, models
from odoo.fields import Domain

# What was decided about it stands: it only waits for the signatures, or has them.
DECIDED = ("to_sign", "in_force", "completed")


class KamContract(models.Model):
    """Contracts under which long-term prices are given.  Source: S0-144."""

    _inherit = "kam.contract"

    @api.model
    def _kam_running_partners(self, partners, company, day):
        """Those of the customers with a contract in force on a day.

        :param partners: commercial partners
        :param company: a root company
        """
        domain = Domain("state", "=", "in_force") & Domain("partner_id", "in", partners.ids)
        domain &= Domain("company_id", "child_of", company.id)
        domain &= Domain("date_from", "=", False) | Domain("date_from", "<=", day)
        domain &= Domain("date_to", "=", False) | Domain("date_to", ">=", day)
        # sudo: that a contract runs, not what is in it.
        return self.sudo().search(domain).partner_id.commercial_partner_id

    def _kam_fixes_prices(self, order):
        """Whether its approval also decided the figures of an order.

        Once it is signed, of the order as it was signed.  Of a frame contract only the price
        list is decided: see what it is called off at.
        """
        self.ensure_one()
        if self.kind != "single" or self.state not in DECIDED:
            return False
        if order.partner_id.commercial_partner_id != self.partner_id.commercial_partner_id:
            return False
        return not self.signing_id.order_prints or self._order_as_signed(order)
