from datetime import datetime, time, timedelta

import pytz

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..account.kam_account import SUSPENDED

# Switched on in the middle of a year, it does not raise what is long forgotten.
LOOK_BACK = timedelta(days=60)
DONE = ("full", "done")


class KamIssue(models.Model):
    """An order of a key account that was not delivered by the day it was promised for
    raises its issue by itself, with a handling plan.

    The promise is the order's delivery date.  Where Inventory is installed its deliveries
    say what is late; else what was entered as delivered.  Source: S1d-10.
    """

    _inherit = "kam.issue"

    @api.model
    def _cron_delivery_delays(self, day=None):
        """
        :param day: for tests; empty: the day it is where each company works
        """
        if not self.env["res.groups"]._kam_area_is_on("issue"):
            return
        # sudo: as the scheduler, whoever starts it.
        jobs = self.sudo()._as_engine()
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        units = [
            (jobs._raise_delivery_delays, company, day or company._kam_today())
            for company in companies
            if company._kam_issue_delivery()
        ]
        self._run_units("delivery_delays", units)

    @api.model
    def _raise_delivery_delays(self, company, day):
        """:return: how many issues were raised"""
        kind = self.env["kam.issue.kind"].search([("category", "=", "delivery")], limit=1)
        orders = self._late_orders(company, day)
        if not (kind and orders):
            return 0
        owners = {order: self._account_of_order(order, company) for order in orders}
        issues = self.create(
            [self._prepare_delay(order, owners[order], kind) for order in orders if owners[order]]
        )
        issues._plan_handling(company, day)
        return len(issues)

    @api.model
    def _late_orders(self, company, day):
        """Confirmed orders of key accounts past their delivery date, without an issue yet."""
        first = max(filter(None, (company.kam_go_live_date, day - LOOK_BACK)))
        zone = company._kam_working_time().tz
        begin, end = (
            zone.localize(datetime.combine(one, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for one in (first, day)
        )
        accounts = self.env["kam.account"].search(
            Domain("company_id", "=", company.id)
            & Domain("is_key_account", "=", True)
            & Domain("state", "not in", SUSPENDED)
        )
        customers = accounts.partner_id.ids
        orders = self.env["sale.order"].search(
            Domain("state", "=", "sale")
            & Domain("company_id", "child_of", company.id)
            & Domain("commitment_date", ">=", begin)
            & Domain("commitment_date", "<", end)
            & (
                Domain("partner_id.commercial_partner_id", "in", customers)
                | Domain("kam_end_customer_id.commercial_partner_id", "in", customers)
            ),
            order="commitment_date, id",
        )
        raised = self.search([("order_id", "in", orders.ids), ("category", "=", "delivery")])
        return (orders - raised.order_id).filtered(self._is_undelivered)

    @api.model
    def _is_undelivered(self, order):
        """Whether something of an order is still to be delivered."""
        if "delivery_status" in order._fields and order.delivery_status:
            return order.delivery_status not in DONE
        return any(
            line.product_id.type == "consu" and line.qty_delivered < line.product_uom_qty
            for line in order.order_line
            if not line.display_type
        )

    @api.model
    def _account_of_order(self, order, company):
        """Whose file the order belongs to: the end customer's before the buyer's."""
        customers = order.kam_end_customer_id | order.partner_id
        own = customers.commercial_partner_id.with_company(company)
        return own.kam_account_id.filtered(lambda a: a.company_id == company)[:1]

    @api.model
    def _prepare_delay(self, order, account, kind):
        """In the language of whoever leads the account."""
        own = self.with_context(lang=account.user_id.lang or self.env.lang)
        late = order.order_line.filtered(
            lambda line: not line.display_type and line.qty_delivered < line.product_uom_qty
        )
        text = own.env._(
            "Order %(order)s was promised for %(day)s and is not delivered.",
            order=order.name,
            day=format_date(own.env, order.commitment_date.date()),
        )
        lines = [
            own.env._(
                "%(product)s: %(left)g of %(ordered)g to be delivered",
                product=line.product_id.display_name,
                left=line.product_uom_qty - line.qty_delivered,
                ordered=line.product_uom_qty,
            )
            for line in late
        ]
        return {
            "account_id": account.id,
            "kind_id": kind.id,
            "severity": "2",
            "description": "\n".join([text, *lines]),
            "order_id": order.id,
            "product_id": late.product_id[:1].id,
            "is_automatic": True,
        }

    def _plan_handling(self, company, day):
        """What happens to a delay: agree on another day, on the next working day."""
        due = company._kam_add_days_or_calendar(day, 1)
        actions = [
            {
                "name": self.with_context(lang=handler.lang).env._(
                    "Agree a new delivery date with the customer"
                ),
                "user_id": handler.id,
                "date_due": due,
                "account_id": issue.account_id.id,
                "company_id": company.id,
                "issue_id": issue.id,
                "issue_measure": "containment",
            }
            for issue in self
            for handler in issue._handlers()[:1]
        ]
        self.env["kam.action"].create(actions)
