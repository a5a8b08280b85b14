from datetime import date, timedelta

from odoo import models
from odoo.tools import SQL

from ...policy.periods import Period, add_months
from ..kpi.holders import joined
from ..kpi.subject import PROGRAMME, KpiSubject
from ..review.review import OPEN

DAY = timedelta(days=1)
AS_NUMBERS = frozenset(
    {
        "value",
        "previous",
        "target",
        "numerator",
        "denominator",
        "is_measurable",
        "has_previous",
        "has_target",
        "kpi_version",
        "definition",
    }
)


class KamReview(models.Model):
    """Fills a review with the figures of its period, as long as it is open.

    The number of queries depends on the KPIs and levels, never on accounts.
    Source: S2-67, S2-70, S2-71, S0-145.
    """

    _inherit = "kam.review"

    def _refresh_agenda(self, entries=None):
        added = super()._refresh_agenda(entries)
        self._refresh_figures()
        return added

    def _figure_options(self):
        """How sales are counted, as the set of the kind says."""
        return self.kind_id.kpi_set_id._options() if self.kind_id.kpi_set_id else None

    def _refresh_figures(self):
        """Run twice it changes nothing; of a meeting that is over it changes nothing."""
        self.ensure_one()
        # sudo and engine: figures are the system's, whoever presses the button.
        review = self.sudo()._as_engine()
        if review.state not in OPEN:
            return
        kpis = review.kind_id._figure_kpis()
        if not kpis:
            review._keep_figures({})
            return
        period, rows = review._period(), {}
        holders = review._figure_subjects(period)
        # As many whole months before.
        first = add_months(period.start, -period.months_count)
        before = Period(first, period.start - DAY)
        then = review._figure_subjects(before)
        now = review._figures(kpis, period, holders)
        past = review._figures(kpis, before, then)
        targets = review._figure_targets(kpis, period)
        for number, (kpi, subject) in enumerate(review._figure_keys(kpis, holders), start=1):
            rows[kpi.id, subject.id] = review._prepare_figure(
                kpi, subject, 10 * number, now[subject, kpi.id], past.get((subject, kpi.id)),
                targets.get(kpi.id) if subject == PROGRAMME else None,
            )  # fmt: skip
        review._keep_figures(rows)
        kept = {
            str(subject.id): [[pid, f.isoformat(), t.isoformat()] for pid, f, t in spans]
            for subject, spans in holders.items()
        }
        if review.figure_holders != kept:
            review.figure_holders = kept

    def _keep_figures(self, rows):
        # Searched: of `figure_ids` the cache may hold only what its reader sees.
        figures = self.env["kam.review.figure"].search([("review_id", "=", self.id)])
        known = {(figure.kpi_id.id, figure.tier_id.id or 0): figure for figure in figures}
        new = []
        for key, vals in rows.items():
            figure = known.pop(key, None)
            if figure is None:
                new.append(vals)
                continue
            changed = {
                name: value
                for name, value in vals.items()
                if figure._fields[name].convert_to_write(figure[name], figure) != value
            }
            if changed:
                figure.write(changed)
        for figure in known.values():
            figure.unlink()
        self.env["kam.review.figure"]._as_engine().create(new)

    def _prepare_figure(self, kpi, subject, sequence, now, past, target):
        return {
            "review_id": self.id,
            "kpi_id": kpi.id,
            "kpi_version": kpi.version,
            "definition": kpi._definition(),
            "metric_id": kpi._source_metric().id,
            "tier_id": subject.id or False,
            "sequence": sequence,
            "value": now.value or 0.0,
            "is_measurable": now.value is not None,
            "numerator": now.numerator or 0.0,
            "denominator": now.denominator or 0.0,
            "previous": (past and past.value) or 0.0,
            "has_previous": bool(past) and past.value is not None,
            "target": target or 0.0,
            "has_target": target is not None,
        }

    # Whose figures --------------------------------------------------------------------

    def _figure_keys(self, kpis, holders):
        """Each KPI of the programme, followed by its levels."""
        for kpi in kpis:
            for subject in holders:
                # What is counted over leads has no level.
                if subject == PROGRAMME or kpi.covers == "accounts":
                    yield kpi, subject

    def _figures(self, kpis, period, holders):
        company, options = self.company_id, self._figure_options()
        found = kpis._figures_of([PROGRAMME], period, company, options, holders)
        levels = [subject for subject in holders if subject != PROGRAMME]
        if levels:
            mine = kpis.filtered(lambda kpi: kpi.covers == "accounts")
            found |= mine._figures_of(levels, period, company, options, holders)
        return found

    def _figure_subjects(self, period):
        """``{subject: [(customer, first day, last day)]}``: the programme, then its levels."""
        company = self.company_id
        holders = self.env["kam.kpi"]._holders([PROGRAMME], period, company)
        if not self.kind_id.by_tier:
            return holders
        return holders | self._level_spans(company, period)

    def _level_spans(self, company, period):
        """Who held which level of a key account when, highest level first; one query."""
        primary = self.env["kam.tier.scheme"]._primary(company)
        for name in ("kam.tier.assignment", "kam.tier", "kam.account"):
            self.env[name].flush_model()
        rows = self.env.execute_query(
            SQL(
                """
                SELECT tier.id, a.partner_id, held.date_from, held.date_to
                  FROM kam_tier_assignment held
                  JOIN kam_tier tier ON tier.id = held.tier_id AND tier.is_key_account
                  JOIN kam_account a ON a.id = held.account_id AND a.active
                 WHERE a.company_id = %(company)s
                   AND held.scheme_id = %(primary)s
                   AND held.date_from <= %(end)s
                   AND (held.date_to IS NULL OR held.date_to > %(start)s)
                 ORDER BY tier.rank, tier.id
                """,
                company=company.id,
                primary=primary.id or 0,
                start=period.start,
                end=period.end,
            )
        )
        spans = {}
        for tier_id, partner_id, first, last in rows:
            # A level is held up to, not including, its last day.
            first = max(first, period.start)
            last = min((last or date.max) - DAY, period.end)
            if first <= last:
                spans.setdefault(KpiSubject("tier", tier_id), []).append((partner_id, first, last))
        return {subject: joined(held) for subject, held in spans.items()}

    def _figure_targets(self, kpis, period):
        """``{kpi id: target}`` of the programme: its own, else the usual one of the set."""
        own = self.env["kam.target"]._for_many([PROGRAMME], kpis, period, self.company_id)
        targets = {
            line.kpi_id.id: line.default_target
            for line in self.kind_id.kpi_set_id.line_ids
            if line.has_default_target
        }
        return targets | {kpi_id: value for (_subject, kpi_id), value in own.items()}
