from odoo import fields, models
from odoo.tools import SQL

from .res_company import SPLIT_DAYS


class KamOrderSplit(models.Model):
    """Orders below the amount that together reach it: each passed, all are listed.

    One row per order with which the orders of a customer within some days, none of them
    under a contract, reach the amount of contract control.  No row is stored.
    Source: users §4.
    """

    _name = "kam.order.split"
    _description = "Orders Split Below the Amount"
    _auto = False
    _order = "total desc, id"
    _rec_name = "order_id"
    _depends = {
        "kam.account": ["active", "company_id", "partner_id", "tier_id", "user_id"],
        "res.company": [
            "currency_id", "kam_guard_amount", "kam_guard_from", "kam_guard_split_days",
            "parent_path",
        ],
        "res.partner": ["commercial_partner_id"],
        "sale.order": [
            "amount_total", "company_id", "currency_id", "date_order", "kam_contract_id",
            "partner_id", "state", "user_id",
        ],
    }  # fmt: skip

    order_id = fields.Many2one("sale.order", "Last Order", readonly=True)
    partner_id = fields.Many2one("res.partner", "Customer", readonly=True)
    account_id = fields.Many2one("kam.account", "Account File", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", related="company_id.currency_id")
    user_id = fields.Many2one("res.users", "Salesperson", readonly=True)
    date = fields.Datetime("Confirmed on", readonly=True)
    count = fields.Integer("Orders", readonly=True, aggregator=None)
    summed = fields.Json("Orders Summed", readonly=True)
    total = fields.Monetary("Together", readonly=True, aggregator=None)
    threshold = fields.Monetary("Contract From", readonly=True, aggregator=None)

    @property
    def _table_query(self):
        """Of every order the uncontracted ones of its customer in so many days before it."""
        return SQL(
            """
            WITH one AS (
                SELECT o.id, p.commercial_partner_id AS partner_id, a.id AS account_id,
                       r.id AS company_id, o.user_id, o.date_order AS date,
                       worth.amount,
                       r.kam_guard_amount AS threshold,
                       make_interval(days => COALESCE(NULLIF(r.kam_guard_split_days, 0), %(days)s))
                           AS days
                  FROM kam_account a
                  JOIN res_company r
                    ON r.id = a.company_id AND r.kam_guard_from IS NOT NULL
                   AND r.kam_guard_amount > 0
                  JOIN kam_guard_tier_rel t ON t.company_id = r.id AND t.tier_id = a.tier_id
                  JOIN res_partner p ON p.commercial_partner_id = a.partner_id
                  JOIN sale_order o ON o.partner_id = p.id AND o.state = 'sale'
                   AND o.kam_contract_id IS NULL AND o.date_order >= r.kam_guard_from
                  JOIN res_company c
                    ON c.id = o.company_id AND starts_with(c.parent_path, r.parent_path)
                  JOIN LATERAL (
                       SELECT o.amount_total / %(rate)s * %(own_rate)s AS amount
                  ) worth ON worth.amount < r.kam_guard_amount
                 WHERE a.active
            )
            SELECT one.id, one.id AS order_id, one.partner_id, one.account_id, one.company_id,
                   one.user_id, one.date, one.threshold, near.count, near.total, near.summed
              FROM one
              JOIN LATERAL (
                   SELECT count(*) AS count, sum(other.amount) AS total,
                          jsonb_agg(other.id) AS summed
                     FROM one other
                    WHERE other.partner_id = one.partner_id AND other.company_id = one.company_id
                      AND (other.date, other.id) <= (one.date, one.id)
                       AND other.date > one.date - one.days
              ) near ON near.count > 1 AND near.total >= one.threshold
            """,
            days=SPLIT_DAYS,
            rate=self._rate_at_confirmation(SQL("o.currency_id")),
            own_rate=self._rate_at_confirmation(SQL("r.currency_id")),
        )

    def _rate_at_confirmation(self, currency):
        """The rate of ``currency`` on the day of order ``o`` in company ``r``, as Odoo finds it.

        Not the rate the order states: whoever writes the order may write that.
        """
        return SQL(
            """
            COALESCE(
                (SELECT q.rate FROM res_currency_rate q
                  WHERE q.currency_id = %(currency)s AND q.name <= o.date_order
                    AND (q.company_id IS NULL OR q.company_id = r.id)
                  ORDER BY q.company_id, q.name DESC LIMIT 1),
                (SELECT q.rate FROM res_currency_rate q
                  WHERE q.currency_id = %(currency)s
                    AND (q.company_id IS NULL OR q.company_id = r.id)
                  ORDER BY q.company_id, q.name LIMIT 1),
                1.0)
            """,
            currency=currency,
        )

    def action_open_orders(self):
        """The orders that were summed."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("sale.action_orders")
        return action | {
            "domain": [("id", "in", self.summed)],
            "context": {"create": False},
        }
