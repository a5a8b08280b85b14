from odoo import models

from ...policy.periods import full_months_between

MIN_FULL_MONTHS = 3


class KamMetric(models.Model):
    """The shipped figures on sales documents.

    ``P`` is the window of the run, ``P₋₁`` the same window a year earlier. Figures of
    a group are those of one customer: the run has already put its members together.
    """

    _inherit = "kam.metric"

    # Which columns a figure reads, and of which period.
    _SALES_NEEDS = {
        "annual_sales": [("amount", "current")],
        "previous_sales": [("amount", "previous")],
        "sales_increase": [("amount", "current"), ("amount", "previous")],
        "sales_ytd": [("amount", "current")],
        "sales_previous_ytd": [("amount", "previous")],
        "contribution_share": [("amount", "current")],
        "annualised_sales": [("amount", "current"), ("first", "ever")],
        "annual_profit": [("profit", "current")],
        "sales_estimated_cost": [("estimated", "current")],
        "monthly_tonnage": [("tons", "current"), ("first", "ever")],
        "order_count": [("orders", "current")],
        "stability": [("months", "current")],
        "relationship_months": [("first", "ever")],
    }

    def _columns_read(self):
        """Hook: ``[(column, slot)]`` this metric reads off the sales documents."""
        return self._SALES_NEEDS.get(self.code, [])

    def _sales_slots(self, run):
        """Hook: ``{slot: period}``, seen from the window of the run."""
        period = run.period(self)
        return {"current": period, "previous": period.previous_year(), "ever": None}

    def _sales_needs(self, run):
        columns = self._columns_read()
        slots = self._sales_slots(run) if columns else {}
        return [(column, slots[slot]) for column, slot in columns]

    def _shown_period(self, period):
        slots = {slot for _column, slot in self._SALES_NEEDS.get(self.code, ())}
        return period.previous_year() if slots == {"previous"} else period

    def _needs(self, run):
        return super()._needs(run) | set(self._sales_needs(run))

    def _rolls_up_itself(self):
        return bool(self._columns_read()) or super()._rolls_up_itself()

    def _metric_annual_sales(self, run, param=None):
        """S(A,P): posted customer invoices net of refunds, or confirmed orders.

        Company currency, untaxed or tax included. Source: S0-10, K01, (g) Q2.
        """
        return run.measure("amount", run.period(self))

    def _metric_previous_sales(self, run, param=None):
        """S(A,P₋₁)."""
        return run.measure("amount", run.period(self).previous_year())

    def _metric_sales_increase(self, run, param=None):
        """S(A,P) - S(A,P₋₁), money; the numerator of growth. Source: K04, K17."""
        values = dict(run.measure("amount", run.period(self)))
        for partner_id, before in self._metric_previous_sales(run).items():
            values[partner_id] = values.get(partner_id, 0.0) - before
        return values

    def _metric_sales_ytd(self, run, param=None):
        """Sales from the start of the running fiscal year to the day."""
        return self._metric_annual_sales(run)

    def _metric_sales_previous_ytd(self, run, param=None):
        """Sales of the same days a year earlier."""
        return self._metric_previous_sales(run)

    def _metric_contribution_share(self, run, param=None):
        """S(p,P) ÷ S(all,P) in percent; not known where the company sold nothing.

        Source: S0-16, K20.
        """
        period = run.period(self)
        total = run.total("amount", period)
        if total <= 0:
            return {}
        return {pid: 100.0 * v / total for pid, v in run.measure("amount", period).items()}

    def _metric_annualised_sales(self, run, param=None):
        """Sales of a young customer, extended to a year.

        A customer since before the window: its sales × 12 ÷ months of the window.
        Younger: sales ÷ full months since the first sale × 12, from three full months
        on; before that, not known. Source: users §3.1, (g) Q4.
        """
        values = {}
        sales = run.measure("amount", run.period(self))
        for partner_id, months in self._months_of_sales(run).items():
            if partner_id in sales and months:
                values[partner_id] = sales[partner_id] / months * 12.0
        return values

    def _metric_monthly_tonnage(self, run, param=None):
        """Tons a month, net of returns: over the window, or a young customer's full months.

        Weight units are converted to tons; other units count with the product's
        weight. Fewer than three full months: not known. Source: S1n-04, K23.
        """
        values = {}
        tons = run.measure("tons", run.period(self))
        for partner_id, months in self._months_of_sales(run).items():
            if partner_id in tons and months:
                values[partner_id] = tons[partner_id] / months
        return values

    def _months_of_sales(self, run):
        """``{partner id: months to divide by}``, 0 where the customer is too young."""
        period = run.period(self)
        whole = period.months_count or 1
        result = {}
        for partner_id, start in self._customer_since(run).items():
            if start <= period.start:
                result[partner_id] = whole
            else:
                months = full_months_between(start, period.end)
                result[partner_id] = months if months >= MIN_FULL_MONTHS else 0
        return result

    def _metric_annual_profit(self, run, param=None):
        """G(A,P) = S(A,P) - Σ sign · quantity · cost over the same lines.

        Cost: frozen on the order line where ``sale_margin`` is installed, else today's
        cost of the product. Source: K02, S2-11.
        """
        return run.measure("profit", run.period(self))

    def _metric_sales_estimated_cost(self, run, param=None):
        """Sales whose cost is today's and not the frozen one, money."""
        return run.measure("estimated", run.period(self))

    def _metric_order_count(self, run, param=None):
        """Confirmed sale orders with a date in the window, whatever the basis."""
        return run.measure("orders", run.period(self))

    def _metric_stability(self, run, param=None):
        """0–100: half for the share of months with a sale, half for the absence of gaps.

        50 × active months ÷ months + 50 × (1 - longest gap ÷ months), where a gap is a
        run of months without a sale inside the window, its ends included. Twelve
        months of twelve give 100; none gives 0. Source: S0-13, S0-16, S2-11.
        """
        length = len(run.period(self).months)
        values = {}
        for partner_id, bits in run.measure("months", run.period(self)).items():
            months = format(bits, f"0{length}b")
            gap = max(len(part) for part in months.split("1"))
            values[partner_id] = 50.0 * months.count("1") / length + 50.0 * (1 - gap / length)
        return values

    def _metric_relationship_months(self, run, param=None):
        """Full months from the first sale ever to the end of the window.

        The first sale is the earliest of posted invoice (or order), imported opening
        figure, and what later domains know. Source: S2-11.
        """
        end = run.period(self).end
        return {
            partner_id: float(full_months_between(start, end))
            for partner_id, start in self._customer_since(run).items()
            if start <= end
        }

    def _customer_since(self, run):
        """Hook: ``{partner id: first day as a customer}``, groups put together.

        Later domains that know an earlier day merge it in with ``run.roll_up(…, min)``.
        """
        return run.measure("first")
