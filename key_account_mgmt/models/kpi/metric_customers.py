from datetime import timedelta
from math import ceil

from odoo import models

from ...policy.periods import Period, add_months, month_start
from ..metric.run import MetricRun

YEAR = 12


def last_months(day, months):
    """The months that end with ``day``.

    >>> str(last_months(date(2025, 2, 28), 12))
    '2024-03-01/2025-02-28'
    """
    return Period(add_months(day + timedelta(days=1), -months), day)


class KamMetric(models.Model):
    """How many customers are won, kept and lost, and how much they buy.

    Every figure stands at the customer; over several customers it adds up.  A group of
    companies counts as one customer.  Credit notes are deducted: whose invoices were all
    credited bought nothing.  Source: K03, K04, K06, K08, K19, K20, users §3.7, (g) Q22, Q23.
    """

    _inherit = "kam.metric"

    # Which columns the figures on customers read, and of which period.
    _CUSTOMER_NEEDS = {
        "new_customers": [("first", "ever")],
        "active_customers": [("amount", "horizon")],
        "buyers_increase": [("amount", "current"), ("amount", "previous")],
        "buyers_previous_sales": [("amount", "previous")],
        "growth_left_out": [("amount", "current"), ("amount", "previous")],
        "order_months": [("order_months", "months")],
        "order_months_possible": [("order_months", "months")],
        "ordering_customers": [("orders", "year")],
        "repeat_customers": [("orders", "year")],
        "customers_before": [("amount", "year_before")],
        "customers_retained": [("amount", "year_before"), ("amount", "year")],
        "customers_to_lose": [("amount", "horizon_before")],
        "customers_lost": [("amount", "horizon_before"), ("amount", "horizon")],
        "top_customers_sales": [("amount", "current")],
        "top_customers_profit": [("profit", "current")],
        "profit_contribution_share": [("profit", "current")],
    }

    def _columns_read(self):
        return super()._columns_read() or self._CUSTOMER_NEEDS.get(self.code, [])

    def _sales_slots(self, run):
        """Also the months that end with the window's last day, and before its first."""
        slots = super()._sales_slots(run)
        period = run.period(self)
        before = period.start - timedelta(days=1)
        horizon = run.company._kam_churn_months()
        return {
            **slots,
            "year": last_months(period.end, YEAR),
            "year_before": last_months(before, YEAR),
            "months": self._twelve_months(period),
            "horizon": last_months(period.end, horizon),
            "horizon_before": last_months(before, horizon),
        }

    def _twelve_months(self, period):
        """The calendar month of the last day, until that day, and the eleven before."""
        return Period(add_months(month_start(period.end), 1 - YEAR), period.end)

    def _shown_period(self, period):
        slots = {slot for _column, slot in self._CUSTOMER_NEEDS.get(self.code, ())}
        if self.kind == "ratio":
            return self.denominator_id._shown_period(period) if self._is_loyalty() else period
        if slots == {"months"}:
            return self._twelve_months(period)
        if slots == {"year"}:
            return last_months(period.end, YEAR)
        if slots == {"year_before"}:
            return last_months(period.start - timedelta(days=1), YEAR)
        return super()._shown_period(period)

    def _documents_unit(self):
        """Customers are counted, the documents behind them add up to sales or orders."""
        if columns := self._CUSTOMER_NEEDS.get(self.code):
            return "count" if columns[0][0] in ("orders", "order_months") else "money"
        return super()._documents_unit()

    def _is_loyalty(self):
        return self.code in ("order_months_share", "repeat_purchase_rate")

    def _of_slot(self, run, column, slot):
        return run.measure(column, self._sales_slots(run)[slot])

    def _buying(self, run, slot):
        """Customers whose sales in a period are above zero."""
        money = run.company.currency_id
        amounts = self._of_slot(run, "amount", slot)
        least = money.rounding
        return {
            key
            for key, amount in amounts.items()
            # Rounding is dear: it decides on less than the smallest coin only.
            if amount >= least or (amount > 0 and money.compare_amounts(amount, 0.0) > 0)
        }

    def _counted(self, run, partner_ids):
        """Of the customers asked about (``None``: all), the ones the figure counts."""
        counted = {key for key, value in run.values(self).items() if value}
        if partner_ids is None:
            return sorted(counted | {pid for pid, head in run.group_map.items() if head in counted})
        return [partner for partner in partner_ids if run.head(partner) in counted]

    def _explain_counted(self, run, partner_ids, *needs):
        """Documents of the columns, of the customers the figure counts and no others."""
        ids = self._counted(run, partner_ids)
        slots = self._sales_slots(run)
        parts = []
        for column, slot in needs if ids else ():
            parts += run.documents(column, slots[slot], ids)
        return self._merged_documents(parts, max)

    # K03 --------------------------------------------------------------------------

    def _metric_new_customers(self, run, param=None):
        """1 for who became a customer in the window.

        By the first posted invoice of all history, an imported opening figure or the day
        known from paper, whichever is earliest: who bought before the database is not
        new in it.  Source: K03, users §3.7.
        """
        period = run.period(self)
        days = self._customer_since(run)
        return {key: 1.0 for key in self._asked(run, days) if period.contains(days[key])}

    def _asked(self, run, values):
        """Of the customers in ``values``, those the run is about."""
        if run.partner_ids is None:
            return set(values)
        return set(values) & {run.head(partner) for partner in run.partner_ids}

    def _explain_new_customers(self, run, partner_ids):
        """The sales of the very first day; else the day known from paper."""
        ids = self._counted(run, partner_ids)
        days = self._customer_since(run)
        found, seen = {}, set()
        for model, rows in run.documents_by_day("amount", run.period(self), ids) if ids else ():
            for head, document, day, amount in rows:
                if day == days[head]:
                    found.setdefault(model, {})[document] = amount
                    seen.add(head)
        from_paper = [partner for partner in ids if run.head(partner) not in seen]
        rows = run.env["kam.opening.classification"].search(
            [("partner_id", "in", from_paper), ("company_id", "=", run.company.root_id.id)]
        )
        if rows:
            found[rows._name] = dict.fromkeys(rows.ids, 0.0)
        return list(found.items())

    def _metric_active_customers(self, run, param=None):
        """1 for customers with sales in the months up to the window's last day.  Source: K08."""
        return dict.fromkeys(self._buying(run, "horizon"), 1.0)

    def _explain_active_customers(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("amount", "horizon"))

    # K04 --------------------------------------------------------------------------

    def _metric_buyers_increase(self, run, param=None):
        """S(P) - S(P₋₁) of customers with S(P₋₁) > 0.  Source: K04."""
        now = self._of_slot(run, "amount", "current")
        before = self._of_slot(run, "amount", "previous")
        return {key: now.get(key, 0.0) - before[key] for key in self._buying(run, "previous")}

    def _metric_buyers_previous_sales(self, run, param=None):
        """S(P₋₁) where it is above zero."""
        before = self._of_slot(run, "amount", "previous")
        return {key: before[key] for key in self._buying(run, "previous")}

    def _metric_growth_left_out(self, run, param=None):
        """1 for customers with sales in the window and none a year earlier: users §3.7."""
        new = self._buying(run, "current") - self._buying(run, "previous")
        return dict.fromkeys(new, 1.0)

    def _explain_buyers_increase(self, run, partner_ids):
        earlier = self.env.ref("key_account_mgmt.metric_buyers_previous_sales").with_env(run.env)
        return earlier._explain_counted(
            run, partner_ids, ("amount", "current"), ("amount", "previous")
        )

    def _explain_buyers_previous_sales(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("amount", "previous"))

    def _explain_growth_left_out(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("amount", "current"))

    # K06 --------------------------------------------------------------------------

    def _metric_order_months(self, run, param=None):
        """Calendar months with a confirmed order, of the twelve to the window's last day."""
        bits = self._of_slot(run, "order_months", "months")
        return {key: float(value.bit_count()) for key, value in bits.items() if value}

    def _metric_order_months_possible(self, run, param=None):
        """Twelve for who ordered at all in them.  Source: K06, users §3.7."""
        bits = self._of_slot(run, "order_months", "months")
        return {key: float(YEAR) for key, value in bits.items() if value}

    def _metric_ordering_customers(self, run, param=None):
        """1 for who has a confirmed order in the twelve months to the window's last day."""
        return self._with_orders(run, 1)

    def _metric_repeat_customers(self, run, param=None):
        """1 for who has two or more.  Source: K06, (g) Q22."""
        return self._with_orders(run, 2)

    def _with_orders(self, run, least):
        counts = self._of_slot(run, "orders", "year")
        return {key: 1.0 for key, count in counts.items() if count >= least}

    def _metric_customers_before(self, run, param=None):
        """1 for customers with sales in the twelve months before the window."""
        return dict.fromkeys(self._buying(run, "year_before"), 1.0)

    def _metric_customers_retained(self, run, param=None):
        """Of those, the ones with sales in the twelve months to its last day.  Source: K06."""
        kept = self._buying(run, "year_before") & self._buying(run, "year")
        return dict.fromkeys(kept, 1.0)

    def _explain_order_months(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("orders", "months"))

    def _explain_order_months_possible(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("orders", "months"))

    def _explain_ordering_customers(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("orders", "year"))

    def _explain_repeat_customers(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("orders", "year"))

    def _explain_customers_before(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("amount", "year_before"))

    def _explain_customers_retained(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("amount", "year"))

    # K08 --------------------------------------------------------------------------

    def _metric_customers_to_lose(self, run, param=None):
        """Act(d0-1): customers with sales in the months before the window.  Source: K08."""
        return dict.fromkeys(self._buying(run, "horizon_before"), 1.0)

    def _metric_customers_lost(self, run, param=None):
        """Act(d0-1) without Act(d1)."""
        lost = self._buying(run, "horizon_before") - self._buying(run, "horizon")
        return dict.fromkeys(lost, 1.0)

    def _explain_customers_to_lose(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("amount", "horizon_before"))

    def _explain_customers_lost(self, run, partner_ids):
        """What they bought before they were lost."""
        return self._explain_counted(run, partner_ids, ("amount", "horizon_before"))

    # K19, K20 ---------------------------------------------------------------------

    def _metric_top_customers_sales(self, run, param=None):
        """Sales of the fifth of all customers who buy most, at each of them.  Source: K19."""
        return self._top_fifth(run, "amount")

    def _metric_top_customers_profit(self, run, param=None):
        """Gross profit of the fifth of all customers who bring most of it.  Source: K19."""
        return self._top_fifth(run, "profit")

    def _top_fifth(self, run, column):
        """Who is on top is decided among all customers, whoever the run is about.

        A fifth of the customers with a figure above zero, rounded up.
        """
        company_wide = run
        if run.partner_ids is not None:
            company_wide = MetricRun(
                run.env,
                run.company,
                run.day,
                code=run.code,
                options=run.options,
                period=run.fixed_period,
                group_map=run.group_map,
            )
        money = run.company.currency_id
        values = {
            key: value
            for key, value in self._of_slot(company_wide, column, "current").items()
            if money.compare_amounts(value, 0.0) > 0
        }
        ranked = sorted(values, key=lambda key: (-values[key], key))
        top = ranked[: ceil(len(ranked) / 5)]
        asked = self._asked(run, values)
        return {key: values[key] for key in top if key in asked}

    def _metric_profit_contribution_share(self, run, param=None):
        """G(p,P) ÷ G(all,P) in percent; not known where nothing was earned.  Source: K20."""
        period = run.period(self)
        total = run.total("profit", period)
        if total <= 0:
            return {}
        return {key: 100.0 * v / total for key, v in run.measure("profit", period).items()}

    def _explain_top_customers_sales(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("amount", "current"))

    def _explain_top_customers_profit(self, run, partner_ids):
        return self._explain_counted(run, partner_ids, ("profit", "current"))
