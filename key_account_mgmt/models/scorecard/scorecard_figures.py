from dataclasses import asdict

from odoo import api, fields, models
from odoo.fields import Domain


class KamScorecard(models.Model):
    """How cards get their figures: all cards of a set and period are computed together."""

    _inherit = "kam.scorecard"

    def action_compute(self):
        """Compute again, with today's documents, KPIs and targets; what was given by hand
        stays.  Not for closed cards.  Source: c13 (reviewed → computed)."""
        for card in self:
            card._check_office()
            card._check_state("computed", "review")
        self._compute_figures()
        return True

    def _compute_figures(self):
        """Read and score the cards, those of one set and period at once.

        A constant number of queries for each KPI, whatever the number of cards.
        """
        # sudo: figures are those of the subject, whoever asks for them.
        cards = self.sudo()._as_engine()
        groups = cards.grouped(lambda c: (c.company_id, c.set_id, c.date_from, c.date_to))
        for (company, kpi_set, _first, _last), mine in groups.items():
            mine._compute_of_set(company, kpi_set)

    def _compute_of_set(self, company, kpi_set):
        self._forget_lines()
        period = self[:1]._period()
        subjects = {card._subject(): card for card in self}
        kpis = kpi_set.line_ids.kpi_id
        holders = kpis._holders(list(subjects), period, company, kpi_set)
        options = kpi_set._options()
        figures = kpis._figures_of(list(subjects), period, company, options, holders)
        targets = self.env["kam.target"]._for_many(list(subjects), kpis, period, company)
        rows = self._prepare_rows(kpi_set)
        counted = {"options": asdict(options), "set_version": kpi_set._policy_version()}
        counted |= {"set_number": kpi_set.version, "computed_on": fields.Datetime.now()}
        quarters = self._closed_quarters()
        new = []
        for subject, card in subjects.items():
            lines = {
                set_line: {
                    **kept,
                    **self._prepare_figure(
                        set_line,
                        figures[subject, set_line.kpi_id.id],
                        targets.get((subject, set_line.kpi_id.id)),
                    ),
                }
                for set_line, kept in rows.items()
            }
            spans = [[pid, str(first), str(last)] for pid, first, last in holders[subject]]
            new += card._write_lines(lines, quarters, {**counted, "holders": spans})
        self.line_ids._drop_lost(kpi_set)
        self.line_ids.create(new)
        self._forget_lines()

    def _forget_lines(self):
        """A reader may not see every line: what is kept in memory of one is not all of them,
        and what all of them are is not for every reader."""
        self.invalidate_recordset(["line_ids"])

    @api.model
    def _prepare_rows(self, kpi_set):
        """What the lines of all cards keep of a KPI, whatever becomes of it later."""
        return {
            set_line: {
                "kpi_id": set_line.kpi_id.id,
                "sequence": number,
                "kpi_code": set_line.kpi_id.code,
                "kpi_version": set_line.kpi_id.version,
                "formula": set_line.kpi_id._policy_version(),
                "metric_id": set_line.kpi_id._source_metric().id,
                "group": set_line.kpi_id.group,
                "method": set_line.method,
                "definition": set_line.kpi_id._definition(),
                "is_manual": set_line.kpi_id.kind == "manual",
            }
            for number, set_line in enumerate(kpi_set.line_ids, start=1)
        }

    @api.model
    def _prepare_figure(self, set_line, figure, own_target):
        target = set_line._target(own_target)
        return {
            "value": figure.value or 0.0,
            "numerator": figure.numerator or 0.0,
            "denominator": figure.denominator or 0.0,
            "has_value": figure.value is not None,
            "target": target or 0.0,
            "has_target": target is not None,
        }

    # Scores --------------------------------------------------------------------------

    def _rescore(self):
        """Scores, weights, total and grade from the figures the cards hold; where the set or
        a KPI has changed since, figures, too: a card knows one policy."""
        self._forget_lines()
        # sudo: the score follows from what the reviewer gave.
        cards = self.sudo()._as_engine()
        changed = cards.filtered(lambda card: card._is_outdated())
        changed._compute_figures()
        quarters = (cards - changed)._closed_quarters()
        for card in cards - changed:
            lines = {}
            for set_line in card.set_id.line_ids:
                line = card.line_ids.filtered(lambda li, own=set_line: li.kpi_id == own.kpi_id)
                if line:
                    lines[set_line] = line._figure_vals()
            card._write_lines(lines, quarters)
        self._forget_lines()

    def _is_outdated(self):
        """Whether the set or a KPI has changed since the card was computed."""
        return self.set_number != self.set_id.version or bool(self.line_ids._changed_kpis())

    def _write_lines(self, lines, quarters, kept=None):
        """Score the figures of one card, and keep what has changed of it.

        :param lines: ``{line of the set: values of the card's line}``
        :param quarters: as :meth:`_closed_quarters` gives them
        :param kept: what the card keeps of how its figures were counted
        :return: values of the lines the card does not have yet
        """
        known = {line.kpi_id: line for line in self.line_ids}
        scores = {}
        for set_line, vals in lines.items():
            line = known.get(set_line.kpi_id)
            given = line.manual_score if line and line.is_given else None
            scores[set_line] = self._score_of(set_line, vals, given)
        counted = [set_line.id for set_line, score in scores.items() if score is not None]
        weights = self.set_id._weights(self.set_id.line_ids.browse(counted))
        # What a line has of its card is said at once, not read and written again.
        own = {"card_id": self.id, "company_id": self.company_id.id}
        own |= {"date_from": self.date_from, "period_kind": self.period_kind}
        new = []
        for set_line, vals in lines.items():
            score = scores[set_line]
            vals |= {
                "score": score or 0.0,
                "is_scored": score is not None,
                "weight": weights.get(set_line, 0.0),
                "excluded": self._why_excluded(set_line, vals) if score is None else False,
            }
            line = known.pop(set_line.kpi_id, None)
            if line:
                line._write_changed(vals)
            else:
                new.append({**vals, **own})
        for line in known.values():
            line._mute()
        self.write({**(kept or {}), **self._prepare_total(scores, quarters.get(self, ()))})
        return new

    @api.model
    def _score_of(self, set_line, vals, given):
        """0 … cap; ``None``: not measurable, not given or for information."""
        if set_line.is_informative:
            return None
        if vals["is_manual"]:
            return set_line._score(given)
        value = vals["value"] if vals["has_value"] else None
        return set_line._score(value, vals["target"] if vals["has_target"] else None)

    @api.model
    def _why_excluded(self, set_line, vals):
        if vals["is_manual"] and not set_line.is_informative:
            return "to_give"
        value = vals["value"] if vals["has_value"] else None
        return set_line._excluded_reason(value, vals["target"] if vals["has_target"] else None)

    def _prepare_total(self, scores, quarters):
        total = own = self.set_id._total(scores)
        vals = {"own_total": own or 0.0}
        if self.set_id.quarter_set_id:
            totals = [card.total for card in quarters if card.is_scored]
            total = self.set_id._annual_total(totals, own, scores)
            vals |= {
                "quarters_count": len(totals),
                "quarters_total": sum(totals) / len(totals) if totals else 0.0,
                "quarters_share": self.set_id.annual_share,
            }
        return {
            **vals,
            "total": total or 0.0,
            "is_scored": total is not None,
            "grade": self.set_id._grade(total, scores) or False,
        }

    def _closed_quarters(self):
        """``{card of a year: the closed cards of its quarters}``, one search for all."""
        years = self.filtered(lambda card: card.set_id.quarter_set_id)
        if not years:
            return {}
        domain = Domain("company_id", "in", years.company_id.ids)
        domain &= Domain("period_kind", "=", "quarter") & Domain("state", "=", "closed")
        domain &= Domain("date_from", ">=", min(years.mapped("date_from")))
        domain &= Domain("date_to", "<=", max(years.mapped("date_to")))
        by_subject = self.search(domain).grouped(lambda card: card._who())
        none = self.browse()
        return {
            year: by_subject.get(year._who(), none).filtered(
                lambda card, own=year: own.date_from <= card.date_from <= own.date_to
            )
            for year in years
        }


class KamScorecardLine(models.Model):
    _inherit = "kam.scorecard.line"

    def _changed_kpis(self):
        """The KPIs that measure something else than when the lines were computed."""
        return self.filtered(lambda line: line.kpi_version != line.kpi_id.version).kpi_id

    def _figure_vals(self):
        """What its score is made of."""
        names = ("value", "has_value", "target", "has_target", "is_manual")
        return {name: self[name] for name in names}

    def _write_changed(self, vals):
        changed = {
            name: value
            for name, value in vals.items()
            if self._fields[name].convert_to_write(self[name], self) != value
        }
        if changed:
            self.write(changed)

    def _mute(self):
        """Its KPI is no longer in the set: it does not count."""
        self._write_changed(
            {"score": 0.0, "is_scored": False, "weight": 0.0, "excluded": "not_in_set"}
        )

    def _drop_lost(self, kpi_set):
        """Lines of KPIs the set has lost go; what somebody objected to stays."""
        lost = self.filtered(lambda line: line.kpi_id not in kpi_set.line_ids.kpi_id)
        if lost:
            found = self.env["kam.scorecard.objection"].search([("line_id", "in", lost.ids)])
            (lost - found.line_id).unlink()
