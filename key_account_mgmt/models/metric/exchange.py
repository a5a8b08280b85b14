from bisect import bisect_right
from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tools import SQL


class ExchangeRates:
    """Odoo's rates as one company sees them, for many days in one query.

    The rate of a day is the latest one not after it, the company's own before the
    shared ones; before the first rate, the first one. A currency in which no rate was
    ever entered is an error unless it is the other side of the pair that has them:
    1 : 1 would be a silent mistake.
    """

    def __init__(self, env, company):
        self.env = env
        self.company = company
        self._rates = None

    def factor(self, source, target, day):
        """What one unit of ``source`` is worth in ``target`` on ``day``.

        Raises ``UserError`` naming the currency without any rate.
        """
        if source == target:
            return 1.0
        if not (self._series(source) or self._series(target)):
            raise UserError(
                self.env._(
                    "There is no exchange rate between %(from_currency)s and %(to_currency)s in "
                    "%(company)s. Enter one, then compute again.",
                    from_currency=source.name,
                    to_currency=target.name,
                    company=self.company.name,
                )
            )
        return self._rate(target, day) / self._rate(source, day)

    def table(self, pairs, period):
        """Rows ``(source id, target id, day, factor)`` for every day of ``period``."""
        rows = []
        day = period.start
        while day <= period.end:
            rows += [
                (source.id, target.id, day, self.factor(source, target, day))
                for source, target in pairs
            ]
            day += timedelta(days=1)
        return rows

    def _rate(self, currency, day):
        for days, rates in self._series(currency):
            position = bisect_right(days, day)
            if position:
                return rates[position - 1]
        for _days, rates in self._series(currency):
            return rates[0]
        return 1.0

    def _series(self, currency):
        """The company's own series, then the shared one, each ``(days, rates)``."""
        if self._rates is None:
            self._rates = self._load()
        return self._rates.get(currency.id, ())

    def _load(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT currency_id, company_id IS NULL AS shared, name, rate
                  FROM res_currency_rate
                 WHERE (company_id IS NULL OR company_id = %(company)s) AND rate > 0
                 ORDER BY currency_id, shared, name
                """,
                company=self.company.root_id.id,
            )
        )
        series = {}
        for currency_id, shared, day, rate in rows:
            days, rates = series.setdefault(currency_id, {}).setdefault(shared, ([], []))
            days.append(day)
            rates.append(float(rate))
        return {currency_id: list(by_owner.values()) for currency_id, by_owner in series.items()}
