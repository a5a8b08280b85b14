from math import isfinite, nan

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ...policy.criteria import Criterion
from .industry_standing import STANDING_VALUE, STANDINGS

OPERATORS = [
    (">=", "≥"),
    (">", ">"),
    ("<", "<"),
    ("<=", "≤"),
    ("=", "="),
    ("has", "has"),
    ("has_not", "has not"),
]
# Figures that rest on somebody's assessment.
DECLARED = {"industry_standing", "expected_annual_sales"}
# Units in which people write large amounts.
FACTORS = {"万": 10_000, "萬": 10_000, "亿": 100_000_000, "億": 100_000_000, "%": 1}


class KamTierCriterionMixin(models.AbstractModel):
    """A criterion: metric, operator, threshold.  Source: S0-10, (a.2).

    The threshold is text, because empty means "switched off" and never zero.  It is
    kept as a plain number: ``2000万`` is stored as ``20000000``.
    """

    _name = "kam.tier.criterion.mixin"
    _description = "Criterion"

    group_no = fields.Integer(
        "Group", default=1, help="Criteria of one group must all hold; one group suffices."
    )
    metric_id = fields.Many2one("kam.metric", required=True, ondelete="restrict")
    metric_code = fields.Char(related="metric_id.code")
    metric_unit = fields.Selection(related="metric_id.unit")
    operator = fields.Selection(OPERATORS, required=True, default=">=")
    threshold = fields.Char(help="Empty: the criterion is switched off.")
    standing = fields.Selection(STANDINGS)
    flag_id = fields.Many2one("kam.tier.flag", "Qualification", ondelete="restrict")
    industry_ids = fields.Many2many("res.partner.industry", string="Industries")
    note = fields.Char(translate=False)
    source_ref = fields.Char("Policy Clause")
    is_active = fields.Boolean("In Use", compute="_compute_is_active")
    sentence = fields.Char("In Words", compute="_compute_sentence")

    @api.constrains("metric_id", "operator", "threshold", "flag_id", "standing", "industry_ids")
    def _check_criterion(self):
        for criterion in self:
            criterion._check_parameters()

    def _check_parameters(self):
        unit, code = self.metric_id.unit, self.metric_id.code
        if (unit == "flag") != (self.operator in ("has", "has_not")):
            raise ValidationError(
                self.env._(
                    "“%(metric)s” cannot be compared with “%(operator)s”. Use has / has not for "
                    "yes-or-no figures and a comparison for numbers.",
                    metric=self.metric_id.name,
                    operator=dict(self._fields["operator"]._description_selection(self.env))[
                        self.operator
                    ],
                )
            )
        if code == "flag" and not self.flag_id:
            raise ValidationError(self.env._("Choose the qualification the criterion asks for."))
        if code == "industry" and not self.industry_ids:
            raise ValidationError(self.env._("Choose the industries the criterion asks for."))
        self._parse_threshold(self.threshold)

    @api.model
    def _parse_threshold(self, text):
        """``"2,000万"`` → ``20000000.0``; empty → ``None``; anything else raises."""
        text = str(text or "").strip()
        if not text:
            return None
        number, factor = text.replace(",", "").replace("，", "").replace(" ", ""), 1
        if number and number[-1] in FACTORS:
            number, factor = number[:-1], FACTORS[number[-1]]
        try:
            value = float(number) * factor
        except ValueError:
            value = nan
        if not isfinite(value):
            raise ValidationError(
                self.env._(
                    "“%(text)s” is not a number. Write for example 20000000 or 2000万, or leave "
                    "the threshold empty to switch the criterion off.",
                    text=text,
                )
            )
        return value

    @api.model
    def _normalise_threshold(self, vals):
        if vals.get("threshold"):
            value = self._parse_threshold(vals["threshold"])
            text = False if value is None else f"{value:.6f}".rstrip("0").rstrip(".")
            vals["threshold"] = text
        return vals

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._normalise_threshold(dict(vals)) for vals in vals_list])

    def write(self, vals):
        return super().write(self._normalise_threshold(dict(vals)))

    def _threshold_value(self):
        """The number compared with, or None where the criterion is switched off."""
        self.ensure_one()
        if self.metric_code == "industry_standing":
            return float(STANDING_VALUE[self.standing]) if self.standing else None
        return self._parse_threshold(self.threshold)

    def _metric_param(self):
        """What the metric needs to know besides customer and period."""
        self.ensure_one()
        if self.metric_code == "flag":
            return self.flag_id.id
        if self.metric_code == "industry":
            return tuple(sorted(self.industry_ids.ids))
        return None

    def _to_policy(self):
        self.ensure_one()
        return Criterion(
            key=self.id,
            group=self.group_no,
            compare=self.operator,
            threshold=None if self.operator.startswith("has") else self._threshold_value(),
            declared=self.metric_code in DECLARED,
        )

    @api.depends("operator", "threshold", "standing", "metric_id")
    def _compute_is_active(self):
        for criterion in self:
            criterion.is_active = bool(criterion.metric_id) and criterion._to_policy().active

    @api.depends("operator", "threshold", "standing", "metric_id", "flag_id", "industry_ids")
    def _compute_sentence(self):
        for criterion in self:
            criterion.sentence = criterion._sentence() if criterion.metric_id else False

    def _sentence(self):
        operator = dict(OPERATORS)[self.operator]
        if self.operator in ("has", "has_not"):
            subject = {
                "flag": self.flag_id.name,
                "industry": ", ".join(self.industry_ids.mapped("name")),
            }.get(self.metric_code, self.metric_id.name)
            if self.operator == "has":
                return self.env._("has “%(subject)s”", subject=subject)
            return self.env._("has not “%(subject)s”", subject=subject)
        if not self.is_active:
            return self.env._("%(metric)s (switched off)", metric=self.metric_id.name)
        return f"{self.metric_id.name} {operator} {self._threshold_text()}"

    def _threshold_text(self):
        if self.metric_code == "industry_standing":
            return dict(self._fields["standing"]._description_selection(self.env))[self.standing]
        currency = self._threshold_company().currency_id
        return self.metric_id._format_value(self._threshold_value(), currency)

    def _threshold_company(self):
        """The company whose currency and unit amounts are shown in."""
        return self.env.company
