from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Date

from ..kpi.subject import PROGRAMME, KpiSubject
from ..review.review import OPEN
from .review_figures import AS_NUMBERS


class KamReviewFigure(models.Model):
    """One figure of a review: of the programme or of a level, beside target and last period.

    Written by the system while the review is open; with its minutes it is frozen.  A figure
    of a restricted KPI is shown to its groups only.  Source: S2-67, (c17).
    """

    _name = "kam.review.figure"
    _inherit = ["kam.guarded"]
    _description = "Figure of a Review"
    _order = "review_id, sequence, id"

    _guarded_create = _guarded_write = _guarded_unlink = True

    review_id = fields.Many2one(
        "kam.review", required=True, index=True, ondelete="cascade", readonly=True
    )
    company_id = fields.Many2one(related="review_id.company_id", store=True, index=True)
    date_from = fields.Date(related="review_id.date_from", store=True, string="Period From")
    kpi_id = fields.Many2one(
        "kam.kpi", "KPI", required=True, index=True, ondelete="restrict", readonly=True
    )
    kpi_version = fields.Integer("Version", readonly=True, aggregator=None)
    # What the KPI measured then.
    definition = fields.Json(readonly=True, groups="base.group_system")
    metric_id = fields.Many2one("kam.metric", readonly=True, index=True, ondelete="restrict")
    tier_id = fields.Many2one(
        "kam.tier", "Level", readonly=True, index="btree_not_null", ondelete="restrict",
        help="Empty: the whole programme.",
    )  # fmt: skip
    sequence = fields.Integer(readonly=True)
    unit = fields.Selection(related="kpi_id.unit")
    value = fields.Float("Figure", readonly=True, aggregator="avg")
    previous = fields.Float("Period Before", readonly=True, aggregator="avg")
    target = fields.Float(readonly=True, aggregator="avg")
    numerator = fields.Float(readonly=True, aggregator=None)
    denominator = fields.Float(readonly=True, aggregator=None)
    is_measurable = fields.Boolean(readonly=True)
    has_previous = fields.Boolean(readonly=True)
    has_target = fields.Boolean(readonly=True)
    value_label = fields.Char("Reached", compute="_compute_labels")
    previous_label = fields.Char("Before", compute="_compute_labels")
    target_label = fields.Char("To Reach", compute="_compute_labels")
    standing = fields.Selection(
        [("good", "Target Reached"), ("bad", "Below Target"), ("none", "No Target")],
        compute="_compute_labels",
    )

    _figure_uniq = models.UniqueIndex(
        "(review_id, kpi_id, COALESCE(tier_id, 0))", "The figure is in this review already."
    )

    @api.depends("value", "previous", "target", "is_measurable", "has_previous", "has_target")
    @api.depends_context("lang")
    def _compute_labels(self):
        for figure in self:
            # sudo: the currency of the company is no secret.
            kpi, currency = figure._kpi(), figure.company_id.sudo().currency_id
            shown = figure.value if figure.is_measurable else None
            figure.value_label = kpi._format_value(shown, currency)
            figure.previous_label = (
                kpi._format_value(figure.previous, currency) if figure.has_previous else "–"
            )
            figure.target_label = (
                kpi._format_value(figure.target, currency) if figure.has_target else "–"
            )
            figure.standing = figure._standing()

    def _kpi(self):
        """The KPI as the figure was measured."""
        # sudo: how a figure was measured, for whoever may see it.
        return self.kpi_id._as_defined(self.sudo().definition)

    def _standing(self):
        if not (self.is_measurable and self.has_target):
            return "none"
        gap = self.value - self.target
        better = gap >= -1e-9 if self._kpi().direction == "higher" else gap <= 1e-9
        return "good" if better else "bad"

    @api.depends("kpi_id", "tier_id")
    def _compute_display_name(self):
        for figure in self:
            parts = (figure.kpi_id.display_name, figure.tier_id.name)
            figure.display_name = " · ".join(part for part in parts if part)

    def write(self, vals):
        # sudo: a lock holds whoever asks.
        if AS_NUMBERS & vals.keys() and any(f.review_id.state not in OPEN for f in self.sudo()):
            raise UserError(self.env._("The meeting is over: its figures stay as they were."))
        return super().write(vals)

    def action_open_documents(self):
        """Open exactly the records behind the figure that the reader may read."""
        self.ensure_one()
        self.check_access("read")
        review = self.review_id.sudo()
        tier = self.tier_id.id or 0
        spans = [
            (partner_id, Date.to_date(first), Date.to_date(last))
            for partner_id, first, last in (review.figure_holders or {}).get(str(tier), ())
        ]
        subject = KpiSubject("tier", tier) if tier else PROGRAMME
        return self._kpi()._documents_action(
            subject, spans, review._period(), review.company_id, review._figure_options()
        )
