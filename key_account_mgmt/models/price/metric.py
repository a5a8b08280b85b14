from datetime import datetime, time, timedelta

import pytz

from odoo import models
from odoo.fields import Domain

SIGNED = ("in_force", "completed", "terminated")


class KamMetric(models.Model):
    """How well contracts are executed, and deliveries come in time.

    A milestone counts on the day it is due, a delivery on the day it was made.
    Source: K11, K31.
    """

    _inherit = "kam.metric"

    # K11 ------------------------------------------------------------------------------

    def _metric_milestones_due(self, run, param=None):
        """Milestones of signed contracts due in the window, cancelled ones left out."""
        return self._count_milestones(run, self._due_milestones(run))

    def _metric_milestones_kept(self, run, param=None):
        """Of those, done by their day and conform.  Source: S0-164."""
        return self._count_milestones(run, self._kept_milestones(run))

    def _due_milestones(self, run, partner_ids=None):
        period = run.period(self)
        domain = Domain("company_id", "in", list(run.scope.company_ids))
        domain &= Domain("contract_id.state", "in", SIGNED)
        domain &= Domain("action_id.date_due", ">=", period.start)
        domain &= Domain("action_id.date_due", "<=", period.end)
        domain &= Domain("action_id.state", "!=", "cancelled")
        return self._of_partners(run, run.env["kam.contract.milestone"].search(domain), partner_ids)

    def _kept_milestones(self, run, partner_ids=None):
        return self._due_milestones(run, partner_ids).filtered(
            lambda m: m.conformity == "conform" and m.action_id.is_on_time
        )

    def _of_partners(self, run, milestones, partner_ids=None):
        wanted = partner_ids if partner_ids is not None else run.partner_ids
        if wanted is None:
            return milestones
        return milestones.filtered(
            lambda m: m.contract_id.partner_id.commercial_partner_id.id in wanted
        )

    def _count_milestones(self, run, milestones):
        values = {}
        for milestone in milestones:
            key = run.head(milestone.contract_id.partner_id.commercial_partner_id.id)
            values[key] = values.get(key, 0.0) + 1.0
        return values

    def _explain_milestones_due(self, run, partner_ids):
        found = self._due_milestones(run, set(partner_ids))
        return [("kam.contract.milestone", dict.fromkeys(found.ids, 1.0))]

    def _explain_milestones_kept(self, run, partner_ids):
        found = self._kept_milestones(run, set(partner_ids))
        return [("kam.contract.milestone", dict.fromkeys(found.ids, 1.0))]

    # K31 ------------------------------------------------------------------------------

    def _metric_deliveries_made(self, run, param=None):
        """Deliveries to customers made in the window.

        Without Inventory: delivery milestones done in it.
        """
        return self._count_deliveries(run, self._deliveries(run))

    def _metric_deliveries_in_time(self, run, param=None):
        """Of those, made by the order's delivery date, else by their own.  Source: S3-44."""
        return self._count_deliveries(run, self._deliveries_in_time(run))

    def _deliveries(self, run, partner_ids=None):
        """Deliveries, or milestones where Inventory is not installed."""
        period = run.period(self)
        zone = run.company._kam_working_time().tz
        begin, end = (
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (period.start, period.end + timedelta(days=1))
        )
        domain = Domain("company_id", "in", list(run.scope.company_ids))
        if "stock.picking" in run.env:
            domain &= Domain("picking_type_code", "=", "outgoing") & Domain("state", "=", "done")
            domain &= Domain("date_done", ">=", begin) & Domain("date_done", "<", end)
            found = run.env["stock.picking"].search(domain)
        else:
            domain &= Domain("is_delivery", "=", True) & Domain("action_id.state", "=", "done")
            domain &= Domain("action_id.done_on", ">=", begin)
            domain &= Domain("action_id.done_on", "<", end)
            found = run.env["kam.contract.milestone"].search(domain)
        wanted = partner_ids if partner_ids is not None else run.partner_ids
        if wanted is None:
            return found
        return found.filtered(lambda d: self._delivered_to(d).id in wanted)

    def _deliveries_in_time(self, run, partner_ids=None):
        return self._deliveries(run, partner_ids).filtered(self._is_delivered_in_time)

    def _is_delivered_in_time(self, delivery):
        if delivery._name != "stock.picking":
            return delivery.action_id.is_on_time
        order = delivery.sale_id if "sale_id" in delivery._fields else None
        promised = (order and order.commitment_date) or delivery.date_deadline
        return not promised or delivery.date_done <= promised

    def _delivered_to(self, delivery):
        """The commercial partner who ordered it."""
        if delivery._name != "stock.picking":
            return delivery.contract_id.partner_id.commercial_partner_id
        order = delivery.sale_id if "sale_id" in delivery._fields else None
        return ((order and order.partner_id) or delivery.partner_id).commercial_partner_id

    def _count_deliveries(self, run, deliveries):
        values = {}
        for delivery in deliveries:
            partner = self._delivered_to(delivery)
            if partner:
                key = run.head(partner.id)
                values[key] = values.get(key, 0.0) + 1.0
        return values

    def _explain_deliveries_made(self, run, partner_ids):
        found = self._deliveries(run, set(partner_ids))
        return [(found._name, dict.fromkeys(found.ids, 1.0))]

    def _explain_deliveries_in_time(self, run, partner_ids):
        found = self._deliveries_in_time(run, set(partner_ids))
        return [(found._name, dict.fromkeys(found.ids, 1.0))]
