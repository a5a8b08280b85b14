from dataclasses import asdict

from odoo import api, fields, models
from odoo.fields import Command, Domain


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
        for (company, kpi_set, _first, _last), mine in cards._by_period().items():
            mine._compute_of_set(company, kpi_set)

    def _by_period(self):
        return self.grouped(lambda c: (c.company_id, c.set_id, c.date_from, c.date_to))

    def _compute_of_set(self, company, kpi_set):
        self._forget_lines()
        period = self[:1]._period()
        cards = {card._subject(): card for card in self}
        quarters = self._closed_quarters(company, kpi_set, period)
        new = []
        counted = self._count_figures(company, kpi_set, period, list(cards))
        for subject, (lines, kept) in counted.items():
            new += cards[subject]._write_lines(lines, quarters.get(subject, ()), kept)
        self.line_ids._drop_lost(kpi_set)
        self.line_ids.create(new)
        self._forget_lines()

    @api.model
    def _create_counted(self, company, kpi_set, period, vals_of):
        """New cards with their figures and scores.

        :param vals_of: ``{KpiSubject: values of its card}``
        """
        company, kpi_set = company.with_env(self.env), kpi_set.with_env(self.env)
        quarters = self._closed_quarters(company, kpi_set, period)
        vals_list = []
        counted = self._count_figures(company, kpi_set, period, list(vals_of))
        for subject, (lines, kept) in counted.items():
            card = vals_of[subject]
            total = self._score_lines(kpi_set, lines, {}, quarters.get(subject, ()))
            # What a line has of its card is said at once, not read and written again.
            own = {name: card[name] for name in ("company_id", "date_from", "period_kind")}
            lines = [Command.create({**vals, **own}) for vals in lines.values()]
            vals_list.append({**card, **kept, **total, "line_ids": lines})
        cards = self.create(vals_list)
        cards._forget_lines()
        return cards

    @api.model
    def _count_figures(self, company, kpi_set, period, subjects):
        """``{subject: ({line of the set: figure and target}, how they were counted)}``."""
        kpis = kpi_set.line_ids.kpi_id
        holders = kpis._holders(subjects, period, company, kpi_set)
        options = kpi_set._options()
        figures = kpis._figures_of(subjects, period, company, options, holders)
        targets = self.env["kam.target"]._for_many(subjects, kpis, period, company)
        rows = self._prepare_rows(kpi_set)
        kept = {"options": asdict(options), "set_version": kpi_set._policy_version()}
        kept |= {"set_number": kpi_set.version, "computed_on": fields.Datetime.now()}
        counted = {}
        for subject in subjects:
            lines = {
                set_line: {
                    **row,
                    **self._prepare_figure(
                        set_line,
                        figures[subject, set_line.kpi_id.id],
                        targets.get((subject, set_line.kpi_id.id)),
                    ),
                }
                for set_line, row in rows.items()
            }
            spans = [[pid, str(first), str(last)] for pid, first, last in holders[subject]]
            counted[subject] = lines, {**kept, "holders": spans}
        return counted

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
        groups = (cards - changed)._by_period()
        for (company, kpi_set, _first, _last), mine in groups.items():
            quarters = cards._closed_quarters(company, kpi_set, mine[:1]._period())
            for card in mine:
                card._write_lines(card._figures_kept(), quarters.get(card._subject(), ()))
        self._forget_lines()

    def _is_outdated(self):
        """Whether the set or a KPI has changed since the card was computed."""
        return self.set_number != self.set_id.version or bool(self.line_ids._changed_kpis())

    def _figures_kept(self):
        """``{line of the set: figure and target}`` as the card holds them."""
        known = {line.kpi_id: line for line in self.line_ids}
        return {
            set_line: known[set_line.kpi_id]._figure_vals()
            for set_line in self.set_id.line_ids
            if set_line.kpi_id in known
        }

    def _write_lines(self, lines, quarters, kept=None):
        """Score the figures of one card, and keep what has changed of it.

        :param lines: ``{line of the set: values of the card's line}``
        :param quarters: closed cards of the quarters of a year
        :param kept: what the card keeps of how its figures were counted
        :return: values of the lines the card does not have yet
        """
        known = {line.kpi_id: line for line in self.line_ids}
        own = {"company_id": self.company_id.id, "date_from": self.date_from}
        own |= {"period_kind": self.period_kind, "card_id": self.id}
        given = {kpi: line.manual_score for kpi, line in known.items() if line.is_given}
        total = self._score_lines(self.set_id, lines, given, quarters)
        new = []
        for set_line, vals in lines.items():
            line = known.pop(set_line.kpi_id, None)
            if line:
                line._write_changed(vals)
            else:
                new.append({**vals, **own})
        for line in known.values():
            line._mute()
        self.write({**(kept or {}), **total})
        return new

    @api.model
    def _score_lines(self, kpi_set, lines, given, quarters):
        """Put score and weight to the figures of one card.

        :param lines: ``{line of the set: values of the card's line}``, completed
        :param given: ``{KPI: score by hand}``
        :return: values of the card: total and grade
        """
        scores = {
            set_line: self._score_of(set_line, vals, given.get(set_line.kpi_id))
            for set_line, vals in lines.items()
        }
        counted = [set_line.id for set_line, score in scores.items() if score is not None]
        weights = kpi_set._weights(kpi_set.line_ids.browse(counted))
        for set_line, vals in lines.items():
            score = scores[set_line]
            vals |= {
                "score": score or 0.0,
                "is_scored": score is not None,
                "weight": weights.get(set_line, 0.0),
                "excluded": self._why_excluded(set_line, vals) if score is None else False,
            }
        return self._prepare_total(kpi_set, scores, weights, quarters)

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

    @api.model
    def _prepare_total(self, kpi_set, scores, weights, quarters):
        total = own = kpi_set._total(scores, weights)
        vals = {"own_total": own or 0.0}
        if kpi_set.quarter_set_id:
            totals = [card.total for card in quarters if card.is_scored]
            total = kpi_set._annual_total(totals, own, scores)
            vals |= {
                "quarters_count": len(totals),
                "quarters_total": sum(totals) / len(totals) if totals else 0.0,
                "quarters_share": kpi_set.annual_share,
            }
        return {
            **vals,
            "total": total or 0.0,
            "is_scored": total is not None,
            "grade": kpi_set._grade(total, scores) or False,
        }

    @api.model
    def _closed_quarters(self, company, kpi_set, period):
        """``{KpiSubject: its closed quarters}`` of a year, one search for all."""
        if not kpi_set.quarter_set_id:
            return {}
        domain = Domain("company_id", "=", company.id)
        domain &= Domain("period_kind", "=", "quarter") & Domain("state", "=", "closed")
        domain &= Domain("date_from", ">=", period.start) & Domain("date_to", "<=", period.end)
        return self.search(domain).grouped(lambda card: card._subject())


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
