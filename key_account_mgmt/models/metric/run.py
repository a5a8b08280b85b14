from odoo.exceptions import UserError

from ...policy.periods import Period, window
from .options import MetricOptions
from .sales_scope import SalesScope
from .sales_source import InvoiceLines, Invoices, OpeningFigures, OrderCounts, OrderLines, Orders

MERGE = {
    "sum": lambda a, b: a + b,
    "bit_or": lambda a, b: a | b,
    "min": min,
}

# Columns with a bit per month of their period.
BITS = ("months", "order_months")


class MetricRun:
    """All figures of one company on one day; documents are read once, not per metric.

    The one aggregation path: tier criteria, stored values, targets and *explain* all
    come through here. ``plan`` tells the run which metrics are coming, so that their
    columns and periods share a scan; without it the result is the same, later.

    :param env: environment allowed to read every document (see ``kam.metric._new_run``)
    :param company: ``res.company``; figures are in its currency
    :param day: the day looked back from
    :param partner_ids: commercial partners, or ``None`` for all of them
    :param code: window of metrics that leave it to the caller (see ``policy.periods``)
    :param period: one explicit period for every metric, instead of windows
    :param group_map: ``{partner id: head partner id}``: a group counts as one customer;
        its figures are those of all members together and stand at the head
    """

    def __init__(
        self,
        env,
        company,
        day,
        partner_ids=None,
        code="rolling_12",
        options=None,
        period=None,
        group_map=None,
    ):
        self.env = env
        self.company = company
        self.day = day
        self.code = code
        self.options = options or MetricOptions()
        self.fixed_period = period
        self.group_map = group_map or {}
        self.partner_ids = self._with_members(partner_ids)
        self.scope = SalesScope(env, company, self.options)
        self._scans = {}
        self._planned = set()
        self._measures = {}
        self._totals = {}
        self._values = {}
        self._found = {}

    def _with_members(self, partner_ids):
        if partner_ids is None:
            return None
        heads = set(partner_ids)
        return sorted(heads | {pid for pid, head in self.group_map.items() if head in heads})

    def head(self, partner_id):
        return self.group_map.get(partner_id, partner_id)

    def period(self, metric):
        """The period ``metric`` looks at in this run."""
        if self.fixed_period:
            return self.fixed_period
        code = self.code if metric.window_mode == "scheme" else metric.window_mode
        company = self.company
        return window(
            code, self.day, int(company.fiscalyear_last_month), company.fiscalyear_last_day
        )

    def read_with(self, other):
        """Read documents together with a run of the same customers over other days."""
        self._scans, self._planned = other._scans, other._planned
        self._measures, self._totals = other._measures, other._totals
        self._found = other._found
        return self

    def plan(self, metrics):
        """Announce metrics, so that whatever they need is read together."""
        for metric in metrics:
            self._planned.update(metric._needs(self))
        return self

    def values(self, metric, param=None):
        """``{commercial partner id: figure}``; who is absent has no data.

        Absent means 0 or "missing", as ``metric.missing_as`` says. Raises
        ``UserError`` when the metric cannot be computed any more.
        """
        key = (metric.id, param)
        if key not in self._values:
            self._values[key] = metric._values(self, param)
        return self._values[key]

    def once(self, key, find):
        """What ``find`` returns, found once for all figures that rest on the same records.

        :param key: names the records, with the period they are of
        """
        if key not in self._found:
            self._found[key] = find()
        return self._found[key]

    def value(self, metric, partner_id, param=None):
        """One figure: a float, or ``None`` where it is missing."""
        return self.values(metric, param).get(partner_id, metric._missing_value())

    def measure(self, column, period=None):
        """``{commercial partner id: number}`` of a column of the sales documents.

        Members of a group are already put together at its head. ``period`` empty:
        since ever.
        """
        need = (column, period)
        if need not in self._measures:
            self._fetch(need)
        return self._measures[need]

    def total(self, column, period):
        """The column over all customers of the company, whoever the run is about."""
        need = (column, period)
        if need not in self._totals:
            if self.partner_ids is None:
                self._totals[need] = sum(self.measure(column, period).values())
            else:
                scans = self._scans_for(column)
                parts = [scan.total(column, period) for scan in scans if scan.usable(need)]
                self._totals[need] = sum(part or 0.0 for part in parts)
        return self._totals[need]

    def documents(self, column, period, partner_ids):
        """``[(model, {document id: part of the figure})]`` behind a column."""
        need = (column, period)
        return [
            (scan.model, scan.documents(column, period, partner_ids))
            for scan in self._scans_for(column)
            if scan.usable(need)
        ]

    def documents_by_day(self, column, period, partner_ids):
        """``[(model, [(customer, document id, day, part of the figure)])]`` of a column.

        The customer is the head of its group.
        """
        need = (column, period)
        return [
            (
                scan.model,
                [
                    (self.head(row[0]), *row[1:])
                    for row in scan.documents_by_day(column, period, partner_ids)
                ],
            )
            for scan in self._scans_for(column)
            if scan.usable(need)
        ]

    def roll_up(self, values, combine=None):
        """Put figures of group members together at the head of their group, added up
        unless ``combine`` says otherwise."""
        if not self.group_map:
            return values
        combine = combine or MERGE["sum"]
        rolled = {}
        for partner_id, value in values.items():
            head = self.head(partner_id)
            rolled[head] = combine(rolled[head], value) if head in rolled else value
        return rolled

    def _fetch(self, need):
        wanted = sorted(
            (self._planned | {need}) - set(self._measures),
            key=lambda n: (n[0], n[1] or Period(self.day, self.day)),
        )
        for column, period in wanted:
            self._measures[column, period] = {}
        by_scan = {}
        for planned in wanted:
            for scan in self._scans_for(planned[0]):
                if scan.usable(planned):
                    # A figure since ever would make all the others read every year.
                    by_scan.setdefault((scan, planned[1] is None), []).append(planned)
        for (scan, _ever), needs in by_scan.items():
            self._collect(scan, needs)
        if self.group_map:
            for column, period in wanted:
                combine = MERGE[self._combine(column)]
                rolled = self.roll_up(self._measures[column, period], combine)
                self._measures[column, period] = rolled

    def _collect(self, scan, needs):
        targets = []
        for column, period in needs:
            combine = MERGE[scan.columns[column].combine]
            convert = scan.to_day if column == "first" else float
            if column in BITS:
                convert = int
            targets.append((self._measures[column, period], combine, convert))
        for row in scan.fetch(needs, self.partner_ids):
            partner_id = row[0]
            for (target, combine, convert), value in zip(targets, row[1:], strict=True):
                if value is None:
                    continue
                value = convert(value)
                if partner_id in target:
                    value = combine(target[partner_id], value)
                target[partner_id] = value

    def _combine(self, column):
        if column in BITS:
            return "bit_or"
        return "min" if column == "first" else "sum"

    def _scans_for(self, column):
        """The kinds of document that hold a column under this run's options."""
        if self.options.basis == "order":
            main = OrderLines if column in ("tons", "profit", "estimated") else Orders
        elif column in ("orders", "order_months"):
            main = OrderCounts
        elif column == "first" and self.options.party != "order":
            main = Invoices
        else:
            main = InvoiceLines
        return [self._scan(main), self._scan(OpeningFigures)]

    def _scan(self, kind):
        if kind not in self._scans:
            self._scans[kind] = kind(self.env, self.scope)
        return self._scans[kind]

    def fail(self, metric, reason):
        raise UserError(
            self.env._(
                "The metric “%(name)s” cannot be computed: %(reason)s",
                name=metric.display_name,
                reason=reason,
            )
        )
