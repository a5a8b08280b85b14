from odoo import api, fields, models
from odoo.fields import Domain

from .price_step import DIRECTOR


class KamCampaign(models.Model):
    """Quantity steps of a campaign, and what a unit has ordered in it so far.

    Source: S1c-17.
    """

    _inherit = "kam.campaign"

    step_ids = fields.One2many("kam.price.step", "kam_campaign_id", "Quantity Steps", copy=False)
    may_set_steps = fields.Boolean(compute="_compute_may_set_steps")

    @api.depends_context("uid")
    def _compute_may_set_steps(self):
        director = self.env.user.has_group(DIRECTOR)
        for campaign in self:
            campaign.may_set_steps = director

    @api.model
    def _of_orders(self, orders):
        """``{order: its campaign with steps}``; two queries, however many orders."""
        utm = orders.campaign_id
        if not utm:
            return {}
        # sudo: what a quantity earns is no secret of who sells.
        found = self.sudo().search(
            Domain("campaign_id", "in", utm.ids) & Domain("step_ids", "!=", False)
        )
        by_utm = {(c.campaign_id, c.company_id): c for c in found}
        result = {}
        for order in orders.filtered("campaign_id"):
            campaign = by_utm.get((order.campaign_id, order.company_id.root_id))
            day = order.date_order and campaign and campaign._local_day(order.date_order)
            if day and campaign._lasts_on(day):
                result[order] = campaign
        return result

    def _quantities(self, partners, without):
        """``{commercial partner: quantity ordered}`` in the campaign, other orders only.

        :param without: orders that are counted elsewhere
        """
        self.ensure_one()
        # sudo: a sum over the unit's orders, whoever sold them.
        lines = self.env["sale.order.line"].sudo()
        domain = Domain("order_id.campaign_id", "=", self.campaign_id.id)
        domain &= Domain("order_id.company_id", "child_of", self.company_id.id)
        domain &= Domain("order_id.partner_id.commercial_partner_id", "in", partners.ids)
        domain &= Domain("state", "=", "sale") & Domain("display_type", "=", False)
        domain &= Domain("order_id", "not in", without.ids)
        totals = {}
        for line in lines.search(domain):
            day = self._local_day(line.order_id.date_order)
            if self._lasts_on(day) and self.step_ids._counts(line.product_id):
                unit = line.order_id.partner_id.commercial_partner_id
                totals[unit] = totals.get(unit, 0.0) + line._kam_quantity()
        return totals
