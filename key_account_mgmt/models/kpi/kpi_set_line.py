from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...policy import scoring

METHODS = [
    ("proportional", "In Proportion to the Target"),
    ("banded", "By Bands"),
    ("deduction", "Points Deducted for Each"),
    ("yes_no", "Reached or Not"),
    ("veto", "Veto"),
    ("manual", "By Hand (0–100)"),
]
NEEDS_TARGET = ("proportional", "yes_no", "veto")
# Why a KPI has no score.
EXCLUDED = [
    ("informative", "For information only"),
    ("no_bands", "No bands were entered"),
    (scoring.NO_FIGURE, "Nothing to measure in the period"),
    (scoring.NO_TARGET, "No target"),
    (scoring.TARGET_NOT_POSITIVE, "A target of 0 or below measures no share"),
    ("to_give", "To be given by the reviewer"),
    ("not_in_set", "No longer in the set"),
]


class KamKpiSetLine(models.Model):
    """One KPI in a set: its weight inside its group, how it is scored, its usual target.

    Source: (d), g Q21.
    """

    _name = "kam.kpi.set.line"
    _inherit = ["kam.policy.logged"]
    _description = "KPI in a Set"
    _order = "set_id, sequence, id"

    set_id = fields.Many2one("kam.kpi.set", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="set_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    kpi_id = fields.Many2one("kam.kpi", "KPI", required=True, ondelete="restrict", index=True)
    kpi_group = fields.Selection(related="kpi_id.group", string="Group")
    kpi_kind = fields.Selection(related="kpi_id.kind")
    unit = fields.Selection(related="kpi_id.unit")
    weight = fields.Float(default=1.0, help="Inside its group; all equal: 1 each.")
    method = fields.Selection(METHODS, "Scored", required=True, default="proportional")
    floor = fields.Float("At Least", default=0.0)
    cap = fields.Float("At Most", default=0.0, help="0: as the set says.")
    points = fields.Float("Points Each", default=5.0, help="Deducted for every occurrence.")
    band_basis = fields.Selection(
        [("value", "The Figure"), ("attainment", "Share of the Target (%)")],
        "Bands Of",
        required=True,
        default="value",
    )
    band_ids = fields.One2many("kam.kpi.set.band", "line_id", "Bands", copy=True)
    has_default_target = fields.Boolean("Has a Usual Target")
    default_target = fields.Float(
        "Usual Target", help="Where the subject has no target of its own."
    )
    is_informative = fields.Boolean("For Information", help="Shown, never scored.")

    _kpi_uniq = models.Constraint("UNIQUE (set_id, kpi_id)", "This KPI is in the set already.")
    _weight_check = models.Constraint("CHECK (weight >= 0)", "A weight cannot be negative.")
    _points_check = models.Constraint("CHECK (points >= 0)", "Points deducted cannot be negative.")
    _floor_check = models.Constraint(
        "CHECK (floor >= 0 AND floor <= 100)", "The lowest score is from 0 to 100."
    )
    _cap_check = models.Constraint("CHECK (cap >= 0)", "The highest score cannot be negative.")

    @api.depends("kpi_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.kpi_id.display_name

    @api.constrains("method", "kpi_id", "weight", "is_informative", "set_id")
    def _check_method(self):
        for line in self:
            manual = line.kpi_id.kind == "manual"
            if line.method == "manual" and not manual:
                raise ValidationError(
                    self.env._(
                        "%(kpi)s is measured: choose how its figure is scored.",
                        kpi=line.kpi_id.display_name,
                    )
                )
            if manual and line.method in ("proportional", "banded"):
                raise ValidationError(
                    self.env._(
                        "%(kpi)s is given by hand: nothing is compared with a target.",
                        kpi=line.kpi_id.display_name,
                    )
                )
        self.set_id._check_weights()

    @api.onchange("kpi_id")
    def _onchange_kpi_id(self):
        if self.kpi_id.kind == "manual" and self.method == "proportional":
            self.method = "manual"
        elif self.kpi_id.kind != "manual" and self.method == "manual":
            self.method = "proportional"

    def _policy_root(self):
        return self.set_id

    def _policy_name(self):
        return f"{self.set_id.name} / {self.kpi_id.display_name}"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.set_id._bump_version()
        return lines

    def write(self, vals):
        if "set_id" in vals and any(line.set_id.id != vals["set_id"] for line in self):
            raise ValidationError(self.env._("A KPI cannot move to another set."))
        result = super().write(vals)
        if vals.keys() - {"sequence"}:
            self.set_id._bump_version()
        return result

    def unlink(self):
        sets = self.set_id
        result = super().unlink()
        sets.exists()._check_weights()
        sets._bump_version()
        return result

    # Scoring --------------------------------------------------------------------------

    def _is_scored(self):
        """Whether it has a part in the total: no information, no veto."""
        return not self.is_informative and self.method != "veto"

    def _target(self, own):
        """The subject's own target, else the usual one of the set; ``None`` without any."""
        self.ensure_one()
        if own is not None:
            return own
        if self.has_default_target:
            return self.default_target
        # What is reached of a target is measured against all of it.
        return 100.0 if self.kpi_id.kind == "target" else None

    def _score(self, value, target=None):
        """0 … cap; ``None``: not measurable, left out.  A veto scores 100 or 0.

        :param value: the figure, or what was given by hand
        :param target: of the subject, or the usual one: see :meth:`_target`
        """
        self.ensure_one()
        floor, cap = self.floor, self.cap or self.set_id.cap
        higher = self.kpi_id.direction == "higher"
        if self.method == "manual":
            return scoring.by_hand(value)
        if self.method == "deduction":
            return scoring.deduction(value, self.points, floor)
        if self.method == "banded":
            if self.band_basis == "attainment":
                share = scoring.attainment(value, target, higher)
                if share is None and not scoring.excluded(value, target, higher):
                    # Less is better, and there was nothing at all.
                    return cap
                value = share
            bands = [(band.value_from, band.score) for band in self.band_ids]
            if not bands:
                return None
            return scoring.banded(value, bands, floor, cap)
        if self.method == "proportional":
            return scoring.proportional(value, target, higher, floor, cap)
        if self.kpi_id.kind == "manual":
            kept = None if value is None else bool(value)
        else:
            kept = scoring.reached(value, target, higher)
        return None if kept is None else 100.0 if kept else 0.0

    def _excluded_reason(self, value, target=None):
        """Why it is not scored: a code of ``EXCLUDED``; ``False`` where it is."""
        self.ensure_one()
        needs_target = self.method in NEEDS_TARGET and self.kpi_id.kind != "manual"
        needs_target = needs_target or (self.method == "banded" and self.band_basis == "attainment")
        if self.is_informative:
            return "informative"
        if self.method == "banded" and not self.band_ids:
            return "no_bands"
        if self.method in ("yes_no", "veto") and value is not None and target is not None:
            return False
        reason = scoring.excluded(
            value, target, self.kpi_id.direction == "higher", needs_target=needs_target
        )
        return reason or False


class KamKpiSetBand(models.Model):
    """From a figure on, up to where the next band begins, a line scores this."""

    _name = "kam.kpi.set.band"
    _inherit = ["kam.policy.logged"]
    _description = "Band of a KPI"
    _order = "line_id, value_from, id"

    line_id = fields.Many2one("kam.kpi.set.line", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="line_id.company_id", store=True, index=True)
    value_from = fields.Float("From", required=True)
    score = fields.Float(required=True)

    _from_uniq = models.Constraint(
        "UNIQUE (line_id, value_from)", "Two bands cannot begin at the same figure."
    )
    _score_check = models.Constraint("CHECK (score >= 0)", "A score cannot be negative.")

    @api.depends("value_from", "score")
    def _compute_display_name(self):
        for band in self:
            band.display_name = self.env._(
                "from %(value)g: %(score)g", value=band.value_from, score=band.score
            )

    def _policy_root(self):
        return self.line_id.set_id

    def _policy_name(self):
        return f"{self.line_id._policy_name()} / {self.display_name}"

    @api.model_create_multi
    def create(self, vals_list):
        bands = super().create(vals_list)
        bands.line_id.set_id._bump_version()
        return bands

    def write(self, vals):
        result = super().write(vals)
        self.line_id.set_id._bump_version()
        return result

    def unlink(self):
        sets = self.line_id.set_id
        result = super().unlink()
        sets._bump_version()
        return result
