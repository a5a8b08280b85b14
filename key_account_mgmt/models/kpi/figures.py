"""Figures of many KPIs for many subjects: every document is read once.

How it works.  A figure of a subject is made of *slices*: which customers, over which days.
All customers whose holder did not change share one slice of the whole period; those that
changed hands are measured over the days each person held them.  One
:class:`~..metric.run.MetricRun` per distinct stretch of days computes every metric for all
customers in it; then the figures are added up per subject.  Sales of many stretches are read
in one scan, and what was counted nowhere in the whole period is not counted again in its
parts.  The number of queries depends on the KPIs and, little, on how many days of change
there are, never on subjects or accounts.
"""

from dataclasses import replace
from datetime import timedelta

from ...policy.periods import Period, add_months
from ..metric.options import MetricOptions
from ..metric.run import MetricRun
from .subject import NOT_MEASURABLE, KpiFigure

# Stretches of days whose sales are read in one query: each is a column of it.
TOGETHER = 40
# Customers of a slice; ALL: every customer of the company.
ALL = None


class KpiFigures:
    """One calculation: KPIs × subjects, of one company over one period.

    :param kpis: ``kam.kpi``
    :param holders: ``{subject: [(commercial partner id, first day, last day)]}``
    :param options: how the set counts sales
    """

    def __init__(self, kpis, subjects, period, company, options, holders):
        env = kpis.env["kam.metric"]._figures_env(company)
        self.env = env
        self.kpis = kpis.with_env(env)
        self.subjects = list(subjects)
        self.period = period
        self.company = company.with_env(env)
        self.options = options or MetricOptions()
        self.holders = holders
        self._runs = {}
        self._wanted = {}
        self._slices = {}
        self._leaves = {}

    def compute(self):
        """``{(subject, kpi id): KpiFigure}``."""
        measured = (self.kpis | self.kpis.base_kpi_id).filtered("metric_id")
        for kpi in measured:
            for subject in self.subjects:
                self._announce(kpi, subject)
        figures = {
            (subject, kpi.id): self._figure(kpi, subject)
            for kpi in measured.filtered(lambda k: k.kind in ("metric", "share"))
            for subject in self.subjects
        }
        self._add_progress(figures)
        return {
            (subject, kpi.id): figures.get((subject, kpi.id), NOT_MEASURABLE)
            for kpi in self.kpis
            for subject in self.subjects
        }

    # Which customers over which days ---------------------------------------------------

    def slices(self, kpi, subject):
        """``[(period, customers)]`` of one KPI of one subject."""
        key = (kpi.window, kpi.attribution, kpi._covers_all(subject), subject)
        if key not in self._slices:
            self._slices[key] = self._find_slices(kpi, subject)
        return self._slices[key]

    def _find_slices(self, kpi, subject):
        window = kpi._window(self.period)
        if kpi._covers_all(subject):
            return [(window, ALL)]
        spans = self.holders.get(subject, ())
        if kpi.attribution == "day":
            found = {}
            for partner_id, first, last in spans:
                found.setdefault(Period(first, last), set()).add(partner_id)
            return sorted(found.items())
        day = self.period.start if kpi.attribution == "first_day" else self.period.end
        held = {partner_id for partner_id, first, last in spans if first <= day <= last}
        return [(window, held)] if held else []

    def _announce(self, kpi, subject):
        """Say which metrics of which customers over which days are coming."""
        window = kpi._window(self.period)
        for period, customers in self.slices(kpi, subject):
            self._want(kpi, period, customers)
            if period != window:
                # Whether there is anything at all: see _is_worth_counting.
                self._want(kpi, window, customers)

    def _want(self, kpi, period, customers):
        key = self._key(kpi, period, customers)
        wanted = self._wanted.setdefault(key, (set(), set()))
        wanted[0].update(customers or ())
        wanted[1].update(self._metrics(kpi))

    def _metrics(self, kpi):
        if kpi not in self._leaves:
            self._leaves[kpi] = leaves(kpi.metric_id)
        return self._leaves[kpi]

    def _key(self, kpi, period, customers):
        return self._options(kpi), period, customers is ALL

    def _options(self, kpi):
        return replace(self.options, basis=kpi.basis) if kpi.basis else self.options

    def run(self, kpi, period, customers):
        """The run that computes a slice."""
        key = self._key(kpi, period, customers)
        if key not in self._runs:
            self._wanted.setdefault(key, (set(customers or ()), set(self._metrics(kpi))))
            self._start(key)
        return self._runs[key]

    def _start(self, key):
        """Begin a run, and with it those of other days whose sales are read along."""
        options, period, is_all = key
        if is_all or self._is_window(period):
            return self._begin([key], ALL if is_all else self._wanted[key][0])
        keys = sorted(
            k for k in self._wanted
            if k[0] == options and not k[2] and not self._is_window(k[1]) and k not in self._runs
        )  # fmt: skip
        place = keys.index(key) // TOGETHER * TOGETHER
        keys = keys[place : place + TOGETHER]
        return self._begin(keys, set().union(*(self._wanted[k][0] for k in keys)))

    def _begin(self, keys, customers):
        ids = ALL if customers is ALL else sorted(customers)
        first = None
        for key in keys:
            options, period, _is_all = key
            run = MetricRun(self.env, self.company, period.end, ids, options=options, period=period)
            first = first or run
            self._runs[key] = run.read_with(first).plan(self._wanted[key][1])

    def _is_window(self, period):
        return period in (self.period, rolling_year(self.period))

    # Figures ---------------------------------------------------------------------------

    def _figure(self, kpi, subject):
        slices = self.slices(kpi, subject)
        if not slices:
            return NOT_MEASURABLE
        figure = self._of_metric(kpi, kpi.metric_id, slices)
        if kpi.kind == "share":
            return self._share(kpi, figure)
        return figure

    def _of_metric(self, kpi, metric, slices):
        """The metric over all customers of the slices: Σ, Σ ÷ Σ, highest or mean."""
        if metric.kind == "ratio":
            over = self._of_metric(kpi, metric.numerator_id, slices).value or 0.0
            under = self._of_metric(kpi, metric.denominator_id, slices).value or 0.0
            return _ratio(over, under, metric.unit)
        values = list(self._values(kpi, metric, slices))
        if metric.additivity == "maximum":
            highest = max(values, default=None)
            return KpiFigure(highest, highest, None)
        if metric.additivity == "none":
            return _ratio(sum(values), len(values), None)
        if not values and metric.missing_as == "missing":
            return NOT_MEASURABLE
        amount = float(sum(values))
        return KpiFigure(amount, amount, None)

    def _values(self, kpi, metric, slices):
        """Figures of single customers; what is missing or only declared in words is not."""
        for period, customers in slices:
            if customers is not ALL and not self._is_worth_counting(kpi, metric, period, customers):
                continue
            values = self.run(kpi, period, customers).values(metric)
            if customers is ALL:
                found = values.values()
            else:
                found = (values.get(partner_id) for partner_id in customers)
            yield from (v for v in found if isinstance(v, int | float))

    def _is_worth_counting(self, kpi, metric, period, customers):
        """Whether something can have been counted on some days of the period.

        What is counted one by one in a window was counted in every longer one; amounts can
        cancel out, and what is read as of a day or off the sales is taken as it is.
        """
        if self._is_window(period) or metric.unit != "count" or metric.window_mode == "as_of":
            return True
        run = self.run(kpi, kpi._window(self.period), customers)
        if metric._sales_needs(run):
            return True
        whole = run.values(metric)
        return any(whole.get(partner_id) for partner_id in customers)

    def _share(self, kpi, figure):
        """Of the subject's customers in percent of all customers of the company."""
        if figure.value is None:
            return NOT_MEASURABLE
        window, metric = kpi._window(self.period), kpi.metric_id
        run = self._any_run(kpi, window)
        needs = metric._sales_needs(run)
        if len(needs) == 1 and needs[0][1] == window:
            whole = run.total(*needs[0])
        else:
            whole = self._of_metric(kpi, metric, [(window, ALL)]).value
        return _ratio(figure.value, whole or 0.0, "percent")

    def _any_run(self, kpi, window):
        """A run of these days, whoever it is about: totals are those of the company."""
        for customers in (ALL, ()):
            if self._key(kpi, window, customers) in self._wanted:
                return self.run(kpi, window, customers)
        return self.run(kpi, window, ALL)

    def _add_progress(self, figures):
        """K27: what was reached of the target, in percent.  Source: S0-167."""
        progress = self.kpis.filtered(lambda kpi: kpi.kind == "target")
        if not progress:
            return
        targets = self.env["kam.target"]._for_many(
            self.subjects, progress.base_kpi_id, self.period, self.company
        )
        for kpi in progress:
            for subject in self.subjects:
                actual = figures.get((subject, kpi.base_kpi_id.id), NOT_MEASURABLE).value
                target = targets.get((subject, kpi.base_kpi_id._origin.id))
                if actual is not None and target is not None:
                    figures[subject, kpi.id] = _ratio(actual, target, "percent")

    # Documents -------------------------------------------------------------------------

    def documents(self, kpi, subject, part=None):
        """``[(model, {document id: part of the figure})]``, each document once."""
        metric = kpi.metric_id
        if metric.kind != "ratio":
            return self._documents_of(kpi, metric, subject)
        over = self._documents_of(kpi, metric.numerator_id, subject)
        under = self._documents_of(kpi, metric.denominator_id, subject)
        if part:
            return over if part == "numerator" else under
        return metric._merged_documents(over + under, max)

    def _documents_of(self, kpi, metric, subject):
        found = []
        for period, customers in self.slices(kpi, subject):
            run = self.run(kpi, period, customers)
            if customers is not ALL:
                ids = sorted(customers)
            elif metric._sales_needs(run):
                ids = None
            else:
                # Leads without a customer stand under nobody.
                ids = list(run.values(metric))
            found += metric._explain_documents(run, ids)
        return metric._merged_documents(found, lambda first, second: first + second)


def rolling_year(period):
    """The twelve months that end with the period."""
    return Period(add_months(period.end + timedelta(days=1), -12), period.end)


def leaves(metric):
    """The metrics a ratio is made of in the end."""
    if metric.kind != "ratio":
        return metric
    return leaves(metric.numerator_id) | leaves(metric.denominator_id)


def _ratio(numerator, denominator, unit):
    """A denominator of 0 or below measures nothing."""
    if not denominator > 0:
        return KpiFigure(None, numerator, denominator)
    scale = 100.0 if unit == "percent" else 1.0
    return KpiFigure(scale * numerator / denominator, numerator, denominator)
