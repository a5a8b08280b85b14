from odoo import api, models
from odoo.tools.misc import format_date, formatLang


class ScorecardSheet(models.AbstractModel):
    """KPI assessment sheet of a month, quarter or year, of a person, a team or the programme.

    Read with the rights of whoever prints: a KPI he may not see is counted, not shown.
    Source: (f) P25, S0-167 … S0-171.
    """

    _name = "report.key_account_mgmt.report_scorecard_sheet"
    _description = "KPI Assessment Sheet"

    @api.model
    def _get_report_values(self, docids, data=None):
        cards = self.env["kam.scorecard"].browse(docids)
        cards.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": cards._name,
            "docs": cards,
            "papers": {card.id: self._paper(card) for card in cards},
        }

    def _paper(self, card):
        lines = card.line_ids._filtered_access("read")
        # sudo: how many there are, not what they say.
        hidden = card.line_ids.sudo().search_count([("card_id", "=", card.id)]) - len(lines)
        return {
            "head": self._head(card),
            "groups": self._groups(lines),
            "hidden": hidden
            and self.env._(
                "%(count)s more KPIs count in the score and are shown to certain groups only.",
                count=hidden,
            ),
            "texts": self._texts(card),
            "objections": [self._objection(row) for row in card.objection_ids],
            "end": self._end(card),
        }

    def _head(self, card):
        labels = dict(card._fields["state"]._description_selection(self.env))
        head = [
            (self.env._("Assessed"), card.subject_name),
            (self.env._("Period"), card.period),
            (self.env._("Assessed by"), card.set_id.name),
            (self.env._("Reviewer"), card.reviewer_id.sudo().name or "–"),
            (self.env._("Score"), card._score_text()),
            (self.env._("Last Period"), card.previous_total or "–"),
            (self.env._("State"), labels[card.state]),
        ]
        if card.quarters_share:
            head += [
                (self.env._("Quarters of the Year"), card.quarters_label),
                (
                    self.env._("Score of the Year's KPIs"),
                    formatLang(self.env, card.own_total, digits=2),
                ),
            ]
        return head

    def _groups(self, lines):
        names = dict(lines._fields["group"]._description_selection(self.env))
        return [
            (names.get(group, ""), [self._row(line) for line in rows])
            for group, rows in lines.grouped("group").items()
        ]

    def _row(self, line):
        methods = dict(line._fields["method"]._description_selection(self.env))
        reasons = dict(line._fields["excluded"]._description_selection(self.env))
        return {
            "name": line.kpi_id.display_name,
            "method": methods.get(line.method, ""),
            "figure": line.value_label or "",
            "target": line.target_label or "–",
            "previous": line.previous_label or "–",
            "score": line.score_label,
            "weight": formatLang(self.env, line.weight, digits=1) if line.is_scored else "–",
            "excluded": reasons.get(line.excluded, ""),
            "today": line.today_label or "",
        }

    def _texts(self, card):
        names = ("feedback", "lessons", "adjustments")
        return [
            (card._fields[name]._description_string(self.env), card[name])
            for name in names
            if card[name]
        ]

    def _objection(self, row):
        rulings = dict(row._fields["ruling"]._description_selection(self.env))
        return {
            "day": format_date(self.env, row.raised_on),
            "kpi": row.kpi_id.display_name or "–",
            "text": row.text,
            "ruling": rulings.get(row.ruling, self.env._("open")),
            "reason": row.reason or "",
        }

    def _end(self, card):
        if card.state != "closed":
            return self.env._("Not closed yet: figures and scores may still change.")
        if card.acknowledged_on:
            return self.env._(
                "Acknowledged by %(name)s on %(day)s.",
                name=card.subject_user_id.sudo().name,
                day=format_date(self.env, card.acknowledged_on),
            )
        return self.env._("Closed on %(day)s.", day=format_date(self.env, card.closed_on))
