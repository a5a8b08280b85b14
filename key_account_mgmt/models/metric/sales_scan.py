"""Reading sales out of Odoo's documents: one scan for many figures and periods.

How it works. A *need* is ``(column, period)``, for example ``("amount", last year)``.
All needs of one scan become aggregates of a single query, each with a ``FILTER`` on
its own period, grouped first by the partner on the document and only then by his
commercial partner: the big table is read once, and a contact that has since moved to
another company counts for the company it belongs to now.

What a scan reads (tables, dates, parties, columns) is in ``sales_source.py``.
"""

from collections import namedtuple
from datetime import date, datetime, time, timedelta

import pytz

from odoo.tools import SQL

from ...policy.periods import Period, month_start

# combine: how two parts of the same figure become one (``sum``, ``bit_or``, ``min``)
Column = namedtuple("Column", "sql combine money joins only", defaults=("sum", False, (), None))

EPOCH = date(1970, 1, 1)
# Stretches of days a query tells apart; of more it reads everything in between.
MOST_RANGES = 4
AGGREGATES = {"sum": SQL("SUM"), "bit_or": SQL("BIT_OR"), "min": SQL("MIN")}


class Scan:
    """One way through one kind of document; subclasses say which.

    :param env: environment with the right to read every document (see ``MetricRun``)
    :param scope: ``SalesScope``: whose documents, which options, which rates
    """

    model = None
    document = None
    table = None
    where = None
    company = None
    currency = None
    date = None
    parties = {}
    party_joins = {"order": ("sale",)}

    def __init__(self, env, scope):
        self.env = env
        self.scope = scope
        self.columns = self._columns()
        self.joins = self._joins()

    def _columns(self):
        return {}

    def _joins(self):
        return {}

    def fetch(self, needs, partner_ids=None):
        """Rows ``(commercial partner id, figure of each need …)``.

        :param needs: list of ``(column, period)``; no period: since ever
        :param partner_ids: commercial partners, or ``None`` for all
        """
        if not needs:
            return []
        inner = self._query(needs, self._party, partner_ids)
        outer = [
            SQL("%s(part.%s)", AGGREGATES[self.columns[column].combine], SQL.identifier(f"c{i}"))
            for i, (column, _period) in enumerate(needs)
        ]
        return self._execute(
            SQL(
                """
                SELECT partner.commercial_partner_id, %s
                  FROM (%s) part
                  JOIN res_partner partner ON partner.id = part.key
                 GROUP BY partner.commercial_partner_id
                """,
                SQL(", ").join(outer),
                inner,
            )
        )

    def total(self, column, period):
        """One figure over all partners."""
        rows = self._execute(self._query([(column, period)], SQL("1"), None))
        return rows[0][1] if rows else None

    def documents(self, column, period, partner_ids):
        """``{document id: its part of the figure}`` of these commercial partners."""
        query = self._query([(column, period)], self.document, partner_ids)
        return {row[0]: row[1] or 0.0 for row in self._execute(query)}

    def documents_by_day(self, column, period, partner_ids):
        """``[(commercial partner id, document id, day, part)]`` of these partners."""
        day = SQL("(%s - DATE '1970-01-01')", self._day)
        key = SQL("ARRAY[%s, %s, %s]", self._party, self.document, day)
        rows = self._execute(self._query([(column, period)], key, partner_ids))
        parties = self.env["res.partner"].browse({key[0] for key, _part in rows})
        parties.fetch(["commercial_partner_id"])
        return [
            (
                parties.browse(party).commercial_partner_id.id,
                document,
                EPOCH + timedelta(days=days),
                part or 0.0,
            )
            for (party, document, days), part in rows
        ]

    def usable(self, need):
        """Whether this kind of document can say anything about the need."""
        column, period = need
        return column in self.columns and (not period or self._bounds(period) is not None)

    @property
    def _party(self):
        return self.parties.get(self.scope.options.party) or self.parties["invoice"]

    def _execute(self, query):
        self.env.flush_all()
        return self.env.execute_query(query)

    def _query(self, needs, key, partner_ids):
        bounds = [self._bounds(period) if period else None for _column, period in needs]
        conditions = [self.where, SQL("%s = ANY(%s)", self.company, list(self.scope.company_ids))]
        if all(bounds):
            conditions.append(self._within(bounds))
        if partner_ids is None:
            conditions.append(SQL("%s IS NOT NULL", self._party))
        else:
            conditions.append(
                # Rows, not an array of thousands that every contact is compared with.
                SQL(
                    "%s IN (SELECT id FROM res_partner WHERE commercial_partner_id"
                    " IN (SELECT unnest(%s::int[])))",
                    self._party,
                    list(partner_ids),
                )
            )
        columns = [
            SQL("%s AS %s", self._aggregate(need, bound), SQL.identifier(f"c{i}"))
            for i, (need, bound) in enumerate(zip(needs, bounds, strict=True))
        ]
        return SQL(
            "SELECT %s AS key, %s FROM %s %s WHERE %s GROUP BY 1",
            key,
            SQL(", ").join(columns),
            self.table,
            SQL(" ").join(self._needed_joins(needs)),
            SQL(" AND ").join(conditions),
        )

    def _within(self, bounds):
        """The days somebody asked for: a quarter and that of last year, not what lies between."""
        ranges = []
        for low, high in sorted(bounds):
            if ranges and low <= ranges[-1][1]:
                ranges[-1] = ranges[-1][0], max(ranges[-1][1], high)
            else:
                ranges.append((low, high))
        if len(ranges) > MOST_RANGES:
            ranges = [(ranges[0][0], max(high for _low, high in ranges))]
        parts = [SQL("%s >= %s AND %s < %s", self.date, a, self.date, b) for a, b in ranges]
        return SQL("(%s)", SQL(" OR ").join(parts)) if len(parts) > 1 else parts[0]

    def _aggregate(self, need, bound):
        column, period = need
        spec = self.columns[column]
        expression = self._month_bit(period) if spec.combine == "bit_or" else spec.sql
        if spec.money and self.scope.is_converted:
            expression = SQL("(%s) * COALESCE(fx.factor, 1)", expression)
        conditions = [spec.only] if spec.only else []
        if bound:
            conditions.append(SQL("%s >= %s AND %s < %s", self.date, bound[0], self.date, bound[1]))
        if not conditions:
            return SQL("%s(%s)", AGGREGATES[spec.combine], expression)
        return SQL(
            "%s(%s) FILTER (WHERE %s)",
            AGGREGATES[spec.combine],
            expression,
            SQL(" AND ").join(conditions),
        )

    def _month_bit(self, period):
        """A bit per month of the period, so that OR-ing them tells the active months."""
        starts = [self._moment(month.start) for month in period.months]
        kind = SQL("timestamp[]") if isinstance(starts[0], datetime) else SQL("date[]")
        return SQL("1::bigint << (width_bucket(%s, %s::%s) - 1)", self.date, starts, kind)

    def _needed_joins(self, needs):
        names = list(self.party_joins.get(self.scope.options.party, ()))
        for column, _period in needs:
            names += self.columns[column].joins
        # The order of definition: a join may build on an earlier one.
        result = [join for name, join in self.joins.items() if name in names]
        periods = [period for _column, period in needs if period]
        if self.scope.is_converted and any(self.columns[column].money for column, _p in needs):
            period = Period(min(p.start for p in periods), max(p.end for p in periods))
            result.append(self._rates_join(SQL("fx"), self.scope.rates(period), self.currency))
        return result

    def _rates_join(self, alias, rows, source, target=None):
        """Join rows ``(source, target, day, factor)`` on the day of the document."""
        sources, targets, days, factors = zip(*rows, strict=True)
        join = SQL(
            """
            LEFT JOIN unnest(%s::int[], %s::int[], %s::date[], %s::float8[])
                   AS %s(source, target, day, factor)
                   ON %s.source = %s AND %s.day = %s
            """,
            list(sources),
            list(targets),
            list(days),
            list(factors),
            alias,
            alias,
            source,
            alias,
            self._day,
        )
        return SQL("%s AND %s.target = %s", join, alias, target) if target else join

    @property
    def _day(self):
        return self.date

    def _moment(self, day):
        return day

    def _bounds(self, period):
        """Half-open bounds of the period in the document's own kind of date."""
        return self._moment(period.start), self._moment(period.end + timedelta(days=1))

    def to_day(self, value):
        return value


class MomentScan(Scan):
    """Documents dated to the second, in UTC; a day begins in the scope's time zone."""

    @property
    def _day(self):
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", self.date, self.scope.tz)

    def _moment(self, day):
        local = pytz.timezone(self.scope.tz).localize(datetime.combine(day, time.min))
        return local.astimezone(pytz.utc).replace(tzinfo=None)

    def to_day(self, value):
        return pytz.utc.localize(value).astimezone(pytz.timezone(self.scope.tz)).date()


class MonthScan(Scan):
    """Figures of whole months: a month counts where the period holds all of it."""

    def _bounds(self, period):
        low, high = period.start, month_start(period.end + timedelta(days=1))
        return (low, high) if low < high else None
