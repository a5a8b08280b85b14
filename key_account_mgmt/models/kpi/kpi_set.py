from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

from ...policy import scoring
from ..metric.options import BASES, PARTIES, TAXES, MetricOptions
from .holders import Holders
from .subject import GROUPS, PERIOD_KINDS, PROGRAMME, SUBJECT_KINDS, KpiSubject

WEIGHTS = {"sales": 40.0, "relationship": 25.0, "process": 20.0, "team": 15.0}
GRADES = [("A", 90.0), ("B", 75.0), ("C", 60.0), ("D", 0.0)]
# A change of one of these changes scores.
SCORED = {
    "role_id", "basis", "tax", "party", "cap", "veto_effect", "annual_share", "quarter_set_id",
}  # fmt: skip

# Weights that belong together are written one after the other and checked once, at the end.
# Compared by identity: no client can send it.
WEIGHTS_LATER = object()


class KamKpiSet(models.Model):
    """What a kind of subject is assessed by over a kind of period, and with which weights.

    A group of KPIs has a weight, a KPI one inside its group.  What cannot be measured is left
    out and the others take its weight.  Source: (d), g Q21, g Q25, S0-167 … S0-171, S3-49.
    """

    _name = "kam.kpi.set"
    _inherit = ["kam.guarded", "kam.policy.logged"]
    _description = "KPI Set"
    _order = "sequence, id"

    _guarded_initial = {"version": 1}
    _policy_unlogged = frozenset({"version"})
    # People and teams are chosen where they work.
    _policy_local = frozenset({"user_ids", "team_ids"})

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=10)
    active = fields.Boolean("In Use", default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: every company.")
    subject_kind = fields.Selection(
        [kind for kind in SUBJECT_KINDS if kind[0] != "account"],
        "Assesses",
        required=True,
        default="user",
    )
    period_kind = fields.Selection(PERIOD_KINDS, "Every", required=True, default="quarter")
    role_id = fields.Many2one(
        "kam.team.role",
        "Accounts Held As",
        ondelete="restrict",
        help="The role in the account team. Empty: lead account manager.",
    )
    user_ids = fields.Many2many(
        "res.users",
        string="People",
        domain=[("share", "=", False)],
        help="Empty: everybody who held an account in the role during the period.",
    )
    team_ids = fields.Many2many(
        "crm.team",
        string="Sales Teams",
        help="Empty: every team whose members held an account during the period.",
    )
    basis = fields.Selection(BASES, "Sales Basis", required=True, default="invoice")
    tax = fields.Selection(TAXES, required=True, default="excluded")
    party = fields.Selection(PARTIES, "Path to the Account", required=True, default="invoice")
    cap = fields.Float(default=120.0, required=True, help="No line scores more.")
    veto_effect = fields.Selection(
        [("zero", "The card scores 0"), ("lowest", "The lowest grade; the score stays")],
        "A Failed Veto Means",
        required=True,
        default="zero",
    )
    annual_share = fields.Float(
        "Quarters in the Year (%)",
        default=60.0,
        help="So much of the year is the mean of its quarters, the rest the KPIs below.",
    )
    quarter_set_id = fields.Many2one(
        "kam.kpi.set",
        "Quarters Assessed By",
        ondelete="restrict",
        domain="[('period_kind', '=', 'quarter'), ('subject_kind', '=', subject_kind)]",
        help="Empty: the year is scored by the KPIs below alone.",
    )
    group_ids = fields.One2many("kam.kpi.set.group", "set_id", "Weights", copy=True)
    grade_ids = fields.One2many("kam.kpi.set.grade", "set_id", "Grades", copy=True)
    line_ids = fields.One2many("kam.kpi.set.line", "set_id", "KPIs", copy=True)
    version = fields.Integer(default=1, readonly=True, copy=False)
    source = fields.Char("Policy Clause")
    description = fields.Text(translate=True)

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "Another KPI set has this code."
    )
    _cap_check = models.Constraint("CHECK (cap >= 100)", "The cap is 100 at least.")
    _share_check = models.Constraint(
        "CHECK (annual_share >= 0 AND annual_share <= 100)",
        "The share of the quarters is a percentage from 0 to 100.",
    )

    @api.constrains("group_ids", "line_ids", "active")
    def _check_weights(self):
        """Weights that sum to 0 score nothing."""
        if self.env.context.get("kam_weights") is WEIGHTS_LATER:
            return
        for kpi_set in self:
            scored = kpi_set.line_ids.filtered(lambda line: line._is_scored())
            if scored and not kpi_set._weights(scored):
                raise ValidationError(
                    self.env._(
                        "“%(name)s”: the weights add up to 0, so that nothing would be scored. "
                        "Give a group with KPIs, and one of its KPIs, a weight above 0.",
                        name=kpi_set.name,
                    )
                )

    @api.constrains("quarter_set_id", "period_kind", "subject_kind")
    def _check_quarters(self):
        for kpi_set in self.filtered("quarter_set_id"):
            quarters = kpi_set.quarter_set_id
            if (
                kpi_set.period_kind != "year"
                or quarters.period_kind != "quarter"
                or quarters.subject_kind != kpi_set.subject_kind
            ):
                raise ValidationError(
                    self.env._(
                        "“%(name)s”: only a year is put together from quarters, of the same kind "
                        "of subject.",
                        name=kpi_set.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("group_ids"):
                vals["group_ids"] = [
                    Command.create({"group": group, "weight": weight})
                    for group, weight in WEIGHTS.items()
                ]
            if not vals.get("grade_ids"):
                vals["grade_ids"] = [
                    Command.create({"name": name, "minimum": minimum}) for name, minimum in GRADES
                ]
        sets = super(KamKpiSet, self.with_context(kam_weights=WEIGHTS_LATER)).create(vals_list)
        sets = sets.with_env(self.env)
        sets._check_weights()
        return sets

    def write(self, vals):
        result = super(KamKpiSet, self.with_context(kam_weights=WEIGHTS_LATER)).write(vals)
        self._check_weights()
        if SCORED & vals.keys():
            self._bump_version()
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for kpi_set, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=kpi_set.name)
            vals.setdefault("code", f"{kpi_set.code}_copy")
        return vals_list

    def _bump_version(self):
        """How something is scored has changed: cards of before name the former version."""
        if not self.env.registry.ready:
            return
        for kpi_set in self.exists():
            # sudo: whoever may write a line of the set changes its version with it.
            kpi_set.sudo()._as_engine().version += 1

    def _policy_version(self, tz=None):
        stamp = super()._policy_version(tz)
        return f"{self.code} v{self.version} {stamp}".rstrip()

    # Who ------------------------------------------------------------------------------

    def _assessed(self, company, period):
        """Subjects that are to be assessed for a period, in a fixed order.

        People and teams named in the set; where none are, whoever held an account in the
        period.
        """
        self.ensure_one()
        if self.subject_kind == "programme":
            return [PROGRAMME]
        # sudo: who held what is decided on all accounts.
        this = self.sudo()
        holders = Holders(self.env, company, period, this.role_id)
        if this.subject_kind == "user":
            named = [KpiSubject("user", user.id) for user in this.user_ids]
            return sorted(named) or holders.everybody()
        named = [KpiSubject("team", team.id) for team in this.team_ids]
        if named:
            return sorted(named)
        teams = self.env["crm.team"].sudo().with_context(active_test=False)
        teams = teams.search([("company_id", "in", [False, company.root_id.id, company.id])])
        spans = holders.of([KpiSubject("team", team.id) for team in teams])
        return sorted(subject for subject, held in spans.items() if held)

    # Scoring --------------------------------------------------------------------------

    def _options(self):
        """How sales are counted for figures of this set."""
        self.ensure_one()
        return MetricOptions(basis=self.basis, tax=self.tax, party=self.party)

    def _weights(self, measured=None):
        """``{line: percent}`` of the lines that were measured, adding up to 100.

        :param measured: lines with a score; default: all
        """
        self.ensure_one()
        lines = self.line_ids if measured is None else measured
        groups = {row.group: row.weight for row in self.group_ids}
        return scoring.weights(
            {line: (line.kpi_id.group, line.weight) for line in lines if line._is_scored()},
            groups,
        )

    def _total(self, scores, weights=None):
        """The score of a card, two decimals; ``None`` where nothing was measured.

        :param scores: ``{line: score or None}``
        :param weights: of those with a score, as :meth:`_weights` gives them
        """
        self.ensure_one()
        if self._is_vetoed(scores):
            return 0.0
        if weights is None:
            measured = [line.id for line, score in scores.items() if score is not None]
            weights = self._weights(self.line_ids.browse(measured))
        return scoring.total(scores, weights)

    def _is_vetoed(self, scores):
        """Whether a failed veto makes the whole card 0."""
        return self.veto_effect == "zero" and bool(self._failed_vetoes(scores))

    def _failed_vetoes(self, scores):
        """Veto lines that were not kept; one that cannot be measured vetoes nothing."""
        failed = [line.id for line, s in scores.items() if line.method == "veto" and s == 0.0]
        return self.line_ids.browse(failed)

    def _grade(self, total, scores=None):
        """The grade of a total; with ``scores`` a failed veto gives the lowest one."""
        self.ensure_one()
        grades = [(row.minimum, row.name) for row in self.grade_ids]
        if total is not None and scores and self._failed_vetoes(scores):
            return scoring.lowest(grades)
        return scoring.grade(total, grades)

    def _annual_total(self, quarters, yearly, scores):
        """The score of a year from those of its quarters and of its own KPIs.

        :param scores: ``{line: score or None}`` of its own KPIs: a veto is one of the year

        Source: g Q25, S0-171.
        """
        self.ensure_one()
        if not self.quarter_set_id or self._is_vetoed(scores):
            return yearly
        return scoring.annual(quarters, yearly, self.annual_share)


def _kept(rows, vals_list, name):
    """For each values the row the set has already, or ``None``."""
    sets = {vals.get("set_id") for vals in vals_list}
    there = {(r.set_id.id, r[name]): r for r in rows.search([("set_id", "in", list(sets))])}
    return [there.get((vals.get("set_id"), vals.get(name))) for vals in vals_list]


def _replace(rows, create, vals_list, name):
    """Create rows, or write those the set has already; in the order of the values.

    A set begins with weights and grades: entering one again, or moving the policy in from
    another database, replaces it.
    """
    found = _kept(rows, vals_list, name)
    new = iter(create([v for v, row in zip(vals_list, found, strict=True) if not row]))
    result = rows.browse()
    for vals, row in zip(vals_list, found, strict=True):
        if row:
            row.write(vals)
        result += row or next(new)
    return result


class KamKpiSetGroup(models.Model):
    """What a group of KPIs weighs in a set."""

    _name = "kam.kpi.set.group"
    _inherit = ["kam.policy.logged"]
    _description = "Weight of a KPI Group"
    _order = "set_id, id"

    set_id = fields.Many2one("kam.kpi.set", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="set_id.company_id", store=True, index=True)
    group = fields.Selection(GROUPS, required=True)
    weight = fields.Float(required=True, default=0.0)

    _group_uniq = models.Constraint(
        'UNIQUE (set_id, "group")', "A group of KPIs has one weight in a set."
    )
    _weight_check = models.Constraint("CHECK (weight >= 0)", "A weight cannot be negative.")

    @api.depends("group", "weight")
    def _compute_display_name(self):
        labels = dict(self._fields["group"]._description_selection(self.env))
        for row in self:
            row.display_name = f"{labels.get(row.group, '')} {row.weight:g}".strip()

    @api.constrains("weight", "group")
    def _check_set(self):
        self.set_id._check_weights()

    def _policy_root(self):
        return self.set_id

    def _policy_name(self):
        return f"{self.set_id.name} / {self.display_name}"

    @api.model_create_multi
    def create(self, vals_list):
        rows = _replace(self, super().create, vals_list, "group")
        rows.set_id._bump_version()
        return rows

    def write(self, vals):
        result = super().write(vals)
        self.set_id._bump_version()
        return result

    def unlink(self):
        sets = self.set_id
        result = super().unlink()
        sets.exists()._check_weights()
        sets._bump_version()
        return result


class KamKpiSetGrade(models.Model):
    """From which score on a card earns a grade."""

    _name = "kam.kpi.set.grade"
    _inherit = ["kam.policy.logged"]
    _description = "Grade"
    _order = "set_id, minimum desc, id"

    set_id = fields.Many2one("kam.kpi.set", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="set_id.company_id", store=True, index=True)
    name = fields.Char("Grade", required=True)
    minimum = fields.Float("From", required=True, default=0.0)

    _name_uniq = models.Constraint("UNIQUE (set_id, name)", "A grade begins at one score in a set.")
    _minimum_check = models.Constraint("CHECK (minimum >= 0)", "A grade begins at 0 or above.")

    def _policy_root(self):
        return self.set_id

    def _policy_name(self):
        return f"{self.set_id.name} / {self.name}"

    @api.model_create_multi
    def create(self, vals_list):
        rows = _replace(self, super().create, vals_list, "name")
        rows.set_id._bump_version()
        return rows

    def write(self, vals):
        result = super().write(vals)
        self.set_id._bump_version()
        return result

    def unlink(self):
        sets = self.set_id
        result = super().unlink()
        sets._bump_version()
        return result
