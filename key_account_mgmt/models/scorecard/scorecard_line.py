from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import float_compare

from ..kpi.kpi_set_line import EXCLUDED, METHODS
from ..kpi.subject import GROUPS


class KamScorecardLine(models.Model):
    """One KPI of a scorecard: its figure, target and score as they were computed.

    What has since become of the figure is computed when somebody looks, on the same customers
    over the same days.  Shown to the groups of its metric only.
    """

    _name = "kam.scorecard.line"
    _inherit = ["kam.guarded"]
    _description = "KPI of a Scorecard"
    _order = "card_id, sequence, id"
    _rec_name = "kpi_id"

    _guarded_create = True
    _guarded_unlink = True

    card_id = fields.Many2one("kam.scorecard", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="card_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="card_id.currency_id")
    card_state = fields.Selection(related="card_id.state")
    user_id = fields.Many2one(related="card_id.user_id")
    team_id = fields.Many2one(related="card_id.team_id")
    date_from = fields.Date(related="card_id.date_from", store=True, index=True)
    period_kind = fields.Selection(related="card_id.period_kind", store=True)
    sequence = fields.Integer()
    kpi_id = fields.Many2one(
        "kam.kpi", "KPI", required=True, index=True, ondelete="restrict", readonly=True
    )
    kpi_code = fields.Char("Code", readonly=True)
    kpi_version = fields.Integer("Version", readonly=True)
    formula = fields.Char("Formula Used", readonly=True)
    # The metric it was measured by: whoever may not see that does not see the line.
    metric_id = fields.Many2one(
        "kam.metric", index="btree_not_null", ondelete="restrict", readonly=True
    )
    group = fields.Selection(GROUPS, readonly=True)
    method = fields.Selection(METHODS, "Scored", readonly=True)
    is_manual = fields.Boolean("Given by Hand", readonly=True)
    # What the KPI measured then: documents and today's figure are those of this.
    definition = fields.Json(readonly=True, groups="base.group_system")

    value = fields.Float("Figure", readonly=True, digits=(20, 6), aggregator="avg")
    numerator = fields.Float(readonly=True, digits=(20, 6), aggregator=None)
    denominator = fields.Float(readonly=True, digits=(20, 6), aggregator=None)
    has_value = fields.Boolean("Measurable", readonly=True)
    target = fields.Float(readonly=True, digits=(20, 6), aggregator="avg")
    has_target = fields.Boolean(readonly=True)
    score = fields.Float(digits=(6, 2), readonly=True, aggregator="avg")
    is_scored = fields.Boolean("Counts", readonly=True)
    weight = fields.Float("Weight (%)", digits=(6, 2), readonly=True, aggregator=None)
    manual_score = fields.Float("Score by Hand", digits=(6, 2), aggregator="avg")
    is_given = fields.Boolean("Score Given", readonly=True)
    excluded = fields.Selection(EXCLUDED, "Why Not Scored", readonly=True)

    value_label = fields.Char("Figure in Words", compute="_compute_labels")
    target_label = fields.Char("Target in Words", compute="_compute_labels")
    score_label = fields.Char("Score in Words", compute="_compute_labels")
    previous_label = fields.Char("Last Period", compute="_compute_previous_label")
    today_label = fields.Char("Today", compute="_compute_today")
    differs = fields.Boolean("Differs Today", compute="_compute_today")

    _kpi_uniq = models.Constraint("UNIQUE (card_id, kpi_id)", "The KPI is on the card already.")

    # In words ------------------------------------------------------------------------

    @api.depends("value", "has_value", "target", "has_target", "score", "is_scored")
    @api.depends_context("lang")
    def _compute_labels(self):
        for line in self:
            currency, kpi = line.currency_id, line._kpi()
            line.value_label = (
                line._by_hand_label()
                if line.is_manual
                else kpi._format_value(line.value if line.has_value else None, currency)
            )
            line.target_label = line.has_target and kpi._format_value(line.target, currency)
            line.score_label = f"{line.score:.2f}" if line.is_scored else "–"

    def _kpi(self):
        """The KPI as the figure was measured."""
        # sudo: how a figure was measured, for whoever may see the line.
        return self.kpi_id._as_defined(self.sudo().definition)

    def _by_hand_label(self):
        return f"{self.manual_score:.2f}" if self.is_given else self.env._("to be given")

    @api.depends("card_id", "kpi_id")
    @api.depends_context("uid", "lang")
    def _compute_previous_label(self):
        """The figure of the period before, of cards the reader may see."""
        days = {card: card._day_before() for card in self.card_id if card.date_from}
        domain = [
            ("kpi_id", "in", self.kpi_id.ids),
            ("card_id.date_to", "in", list(days.values())),
            ("period_kind", "in", self.card_id.mapped("period_kind")),
        ]
        found = {
            (line.card_id._who(), line.card_id.period_kind, line.card_id.date_to, line.kpi_id): line
            for line in self.search(domain)
        }
        for line in self:
            card = line.card_id
            key = (card._who(), card.period_kind, days.get(card), line.kpi_id)
            line.previous_label = found[key].value_label if key in found else False

    @api.depends("value", "has_value", "card_state")
    @api.depends_context("uid", "lang")
    def _compute_today(self):
        """The same figure on the documents of today, where it is another one."""
        for card, lines in self.grouped("card_id").items():
            today = lines._figures_today(card)
            for line in lines:
                figure = today.get(line)
                line.differs = figure is not None and line._differs_from(figure.value)
                line.today_label = line._today_text(figure.value) if line.differs else False

    def _today_text(self, value):
        kpi = self._kpi()
        if kpi == self.kpi_id and self.kpi_version != kpi.version:
            # Its metric counts something else: not the documents have changed.
            return self.env._("measured differently")
        return kpi._format_value(value, self.currency_id)

    def _figures_today(self, card):
        """``{line: KpiFigure}`` of what the reader may see of a card."""
        measured = {line: line._kpi() for line in self if not line.is_manual}
        measured = {line: kpi for line, kpi in measured.items() if kpi._may_see()}
        if not (card.date_from and measured):
            return {}
        kpis = self.env["kam.kpi"].concat(*measured.values())
        subject = card._subject()
        figures = kpis._figures_of(
            [subject],
            card._period(),
            card.company_id.sudo(),
            options=card._frozen_options(),
            holders={subject: card._spans()},
        )
        return {line: figures[subject, kpi.id] for line, kpi in measured.items()}

    def _differs_from(self, value):
        if (value is None) == self.has_value:
            return True
        return self.has_value and float_compare(self.value, value, precision_digits=4) != 0

    # By hand -------------------------------------------------------------------------

    def write(self, vals):
        if self._is_engine():
            return super().write(vals)
        if vals.keys() - {"manual_score"}:
            self._raise_guarded(sorted(vals.keys() - {"manual_score"}))
        if not vals:
            return True
        for line in self:
            line._check_by_hand(vals)
        result = super().write(vals)
        # engine: the scores follow from what the reviewer gave.
        self._as_engine().write({"is_given": True})
        self.card_id._rescore()
        return result

    def _check_by_hand(self, vals):
        self.card_id._check_reviewer()
        self.card_id._check_state("review")
        if not self.is_manual:
            raise AccessError(
                self.env._("%(kpi)s is measured, not given.", kpi=self.kpi_id.display_name)
            )
        if not 0 <= (vals.get("manual_score") or 0.0) <= 100:
            raise ValidationError(self.env._("A score by hand lies between 0 and 100."))

    # Documents -----------------------------------------------------------------------

    def action_show_documents(self):
        """Open exactly the records behind the figure that the reader may read, also years
        later: those of the customers and days the card was computed on."""
        self.ensure_one()
        self.check_access("read")
        if self.is_manual:
            raise UserError(self.env._("This score was given by hand: no records stand behind it."))
        card = self.card_id
        return self._kpi()._documents_action(
            card._subject(),
            card._spans(),
            card._period(),
            card.company_id,
            options=card._frozen_options(),
        )

    def action_open_card(self):
        """The card it belongs to."""
        self.ensure_one()
        return self.card_id.action_open()
