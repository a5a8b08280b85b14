from datetime import datetime, time, timedelta

import pytz

from odoo import models
from odoo.tools import SQL


class KamMetric(models.Model):
    """Discounts stated on confirmed orders, untaxed, in company currency.

    Converted at the rate the order keeps.  Source: S0-145.
    """

    _inherit = "kam.metric"

    def _metric_discount_given(self, run, param=None):
        """What the discounts of the lines came to."""
        return self._discount_values(run, 1)

    def _metric_sales_before_discount(self, run, param=None):
        """What the same lines would have cost without them."""
        return self._discount_values(run, 2)

    def _discount_values(self, run, column):
        values = {}
        for row in self._discount_rows(run, run.partner_ids):
            key = run.head(row[3])
            values[key] = values.get(key, 0.0) + float(row[column] or 0.0)
        return values

    def _discount_rows(self, run, partner_ids):
        """``[(order, discount, before it, customer)]``."""
        period, zone = run.period(self), run.company._kam_working_time().tz
        begin, end = (
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (period.start, period.end + timedelta(days=1))
        )
        customers = SQL()
        if partner_ids is not None:
            customers = SQL("AND p.commercial_partner_id = ANY(%s)", list(partner_ids))
        run.env["sale.order"].flush_model()
        run.env["sale.order.line"].flush_model()
        return run.env.execute_query(
            SQL(
                """
                SELECT o.id,
                       SUM((before.amount - l.price_subtotal)
                           / COALESCE(NULLIF(o.currency_rate, 0), 1)),
                       SUM(before.amount / COALESCE(NULLIF(o.currency_rate, 0), 1)),
                       p.commercial_partner_id
                  FROM sale_order o
                  JOIN res_partner p ON p.id = o.partner_id
                  JOIN sale_order_line l ON l.order_id = o.id AND l.display_type IS NULL
                 CROSS JOIN LATERAL (
                       SELECT CASE WHEN l.discount < 100
                                   THEN l.price_subtotal / (1 - COALESCE(l.discount, 0) / 100)
                                   ELSE l.price_unit * l.product_uom_qty END AS amount
                       ) before
                 WHERE o.state = 'sale' AND o.company_id = ANY(%(companies)s)
                   AND o.date_order >= %(begin)s AND o.date_order < %(end)s
                   %(customers)s
                 GROUP BY o.id, p.commercial_partner_id
                """,
                companies=list(run.scope.company_ids),
                begin=begin,
                end=end,
                customers=customers,
            )
        )

    def _explain_discount_given(self, run, partner_ids):
        rows = self._discount_rows(run, partner_ids)
        return [("sale.order", {row[0]: float(row[1] or 0.0) for row in rows if row[1]})]

    def _explain_sales_before_discount(self, run, partner_ids):
        rows = self._discount_rows(run, partner_ids)
        return [("sale.order", {row[0]: float(row[2] or 0.0) for row in rows})]
