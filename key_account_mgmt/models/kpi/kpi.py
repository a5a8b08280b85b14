from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools.misc import formatLang

from ..core.guarded import ondelete_always
from ..metric.kam_metric import UNITS
from ..metric.options import BASES
from .figures import KpiFigures, leaves, rolling_year
from .holders import Holders
from .subject import GROUPS

# A change of one of these changes what is measured.
MEASURED = {
    "kind", "metric_id", "base_kpi_id", "direction", "window", "attribution", "basis", "covers",
}  # fmt: skip


class KamKpi(models.Model):
    """A key performance indicator: which metric, over which days, of whose customers.

    Figures come from the metric registry only: this model says how single customers' figures
    become one of a person, a team or the programme.  Its version counts changes of what is
    measured; a card names the version it used.  Source: (d), S0-157 … S0-167, S2-62 … S2-66.
    """

    _name = "kam.kpi"
    _inherit = ["kam.guarded", "kam.policy.logged"]
    _description = "KPI"
    _order = "sequence, code, id"
    _rec_names_search = ["code", "name"]

    _guarded_initial = {"version": 1}
    _policy_unlogged = frozenset({"version"})

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False)
    sequence = fields.Integer(default=100)
    active = fields.Boolean("In Use", default=True)
    description = fields.Text("Formula in Words", translate=True)
    group = fields.Selection(GROUPS, required=True, default="sales")
    area = fields.Char(translate=True, help="Part of the work it is about, e.g. bids.")
    kind = fields.Selection(
        [
            ("metric", "Measured"),
            ("share", "Share of All Customers"),
            ("target", "Share of the Target Reached"),
            ("manual", "Given by the Manager (0–100)"),
        ],
        required=True,
        default="metric",
    )
    metric_id = fields.Many2one("kam.metric", "Measured By", ondelete="restrict")
    base_kpi_id = fields.Many2one(
        "kam.kpi", "Target Of", ondelete="restrict", domain=[("kind", "=", "metric")]
    )
    unit = fields.Selection(UNITS, compute="_compute_unit")
    direction = fields.Selection(
        [("higher", "More Is Better"), ("lower", "Less Is Better")],
        required=True,
        default="higher",
    )
    window = fields.Selection(
        [("period", "The Period"), ("rolling_12", "12 Months up to the Period's End")],
        "Measured Over",
        required=True,
        default="period",
    )
    attribution = fields.Selection(
        [
            ("day", "Who held the account on the document's day"),
            ("first_day", "Who held it on the period's first day"),
            ("last_day", "Who held it on the period's last day"),
        ],
        "Counts For",
        required=True,
        default="day",
    )
    covers = fields.Selection(
        [("accounts", "Key Accounts"), ("all", "All Customers and Leads")],
        "Of the Programme",
        required=True,
        default="accounts",
        help="What counts when the programme as a whole is assessed.",
    )
    basis = fields.Selection(BASES, "Sales Basis", help="Empty: as the KPI set says.")
    version = fields.Integer(default=1, readonly=True, copy=False)
    source = fields.Char("Policy Clause")
    group_ids = fields.Many2many(
        "res.groups", string="Restricted To", compute="_compute_group_ids", compute_sudo=True
    )

    _code_uniq = models.Constraint("UNIQUE(code)", "Another KPI has this code.")

    @api.constrains("kind", "metric_id", "base_kpi_id")
    def _check_kind(self):
        for kpi in self:
            if kpi.kind in ("metric", "share") and not kpi.metric_id:
                raise ValidationError(
                    self.env._("%(kpi)s: choose what it is measured by.", kpi=kpi.display_name)
                )
            if kpi.kind == "target" and kpi.base_kpi_id.kind != "metric":
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: choose the measured KPI whose target it looks at.",
                        kpi=kpi.display_name,
                    )
                )
            if kpi.kind == "share" and kpi.metric_id.kind == "ratio":
                raise ValidationError(
                    self.env._(
                        "%(kpi)s: a share needs something that adds up, not a ratio.",
                        kpi=kpi.display_name,
                    )
                )

    @api.constrains("window", "attribution")
    def _check_attribution(self):
        for kpi in self:
            if kpi.window != "period" and kpi.attribution == "day":
                raise ValidationError(
                    self.env._(
                        "%(kpi)s looks back over twelve months: it counts for who held the "
                        "account on the first or the last day of the period.",
                        kpi=kpi.display_name,
                    )
                )

    @api.depends("kind", "metric_id.unit")
    def _compute_unit(self):
        for kpi in self:
            fixed = {"share": "percent", "target": "percent", "manual": "score"}
            kpi.unit = fixed.get(kpi.kind) or kpi.metric_id.unit

    @api.depends("metric_id.group_ids", "base_kpi_id.metric_id.group_ids")
    def _compute_group_ids(self):
        for kpi in self:
            kpi.group_ids = kpi._source_metric().group_ids

    @api.depends("code", "name")
    def _compute_display_name(self):
        for kpi in self:
            kpi.display_name = f"{kpi.code or ''} {kpi.name or ''}".strip()

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for kpi, vals in zip(self, vals_list, strict=True):
            vals.setdefault("code", self.env._("%(code)s (copy)", code=kpi.code))
        return vals_list

    def write(self, vals):
        if not self.env.su and MEASURED & vals.keys():
            # Its targets are shown to whom its metric is: nobody opens them to himself.
            self._check_may_see()
        names = sorted(MEASURED | {"group"})
        before = {kpi: [kpi[name] for name in names] for kpi in self}
        result = super().write(vals)
        changed = self.filtered(lambda k: [k[name] for name in names] != before[k])
        changed._bump_version()
        changed._check_uses()
        return result

    def _check_uses(self):
        """Sets and targets that are there fit what the KPI is now."""
        domain = [("kpi_id", "in", self.ids)]
        # sudo: also what whoever changes the KPI does not see stays right.
        self.env["kam.kpi.set.line"].sudo().search(domain)._check_method()
        self.env["kam.target"].sudo().search(domain)._check_value()

    def _bump_version(self):
        """What is measured has changed: cards of before name the former version; so do those
        on what was reached of its target."""
        # sudo: who changes a metric changes what stands on it.
        kpis = self.sudo().with_context(active_test=False)
        for kpi in kpis | kpis.search([("base_kpi_id", "in", self.ids)]):
            kpi._as_engine().version += 1

    def _definition(self):
        """What is measured, to be kept with a figure: ``{field: value}``; ``base``: the same of
        the KPI whose target it looks at."""
        self.ensure_one()
        values = {
            name: self[name].id if self._fields[name].relational else self[name]
            for name in sorted(MEASURED)
        }
        return {**values, "base": self.base_kpi_id._definition()} if self.base_kpi_id else values

    def _as_defined(self, definition):
        """The KPI as it was when a figure was measured, whatever it measures today."""
        self.ensure_one()
        if not definition or definition == self._definition():
            return self
        values = {name: value for name, value in definition.items() if name != "base"}
        if base := definition.get("base"):
            values["base_kpi_id"] = self.browse(values["base_kpi_id"])._as_defined(base)
        return self.new(values, origin=self)

    def _policy_version(self, tz=None):
        """“K01 v2 #412 2026-11-22”: code, version, number and day of the latest change."""
        stamp = super()._policy_version(tz)
        return f"{self.code} v{self.version} {stamp}".rstrip()

    @ondelete_always
    def _unlink_except_used(self):
        if not self.env.su:
            self._check_may_see()
        # sudo: a target nobody may see would be lost, too.
        domain = [("kpi_id", "in", self.ids)]
        targets = self.env["kam.target"].sudo().search_count(domain, limit=1)
        if targets or self.env["kam.kpi.set.line"].sudo().search_count(domain, limit=1):
            raise UserError(
                self.env._("This KPI has targets or stands in a KPI set: archive it instead.")
            )

    # What it is -----------------------------------------------------------------------

    def _source_metric(self):
        """The metric its figure comes from in the end; empty where it is given by hand."""
        self.ensure_one()
        return (self.base_kpi_id if self.kind == "target" else self).metric_id

    def _may_see(self, user=None):
        """Whether a user may be served figures and targets of this KPI."""
        self.ensure_one()
        metric = self.sudo()._source_metric()
        return not metric or metric._may_see(user or self.env.user)

    def _is_broken(self):
        """Whether a metric behind it can no longer be computed: one of another module, e.g."""
        # sudo: whether it works does not depend on who asks.
        return any(m._broken_reason() for m in leaves(self.sudo()._source_metric()))

    def _check_may_see(self):
        for kpi in self:
            if not kpi._may_see():
                raise AccessError(
                    self.env._(
                        "“%(name)s” is shown to certain groups only. Ask an administrator "
                        "for access to costs and margins.",
                        name=kpi.display_name,
                    )
                )

    def _is_additive(self):
        """Whether the months of a year add up to the year."""
        self.ensure_one()
        metric = self.sudo().metric_id
        return (
            self.kind == "metric"
            and self.window == "period"
            and metric.kind != "ratio"
            and metric.additivity == "additive"
            and metric.window_mode != "as_of"
            and self.unit in ("money", "count", "tons")
        )

    def _window(self, period):
        """The days it looks at for a period."""
        self.ensure_one()
        return rolling_year(period) if self.window == "rolling_12" else period

    def _covers_all(self, subject):
        return subject.kind == "programme" and self.covers == "all"

    def _format_value(self, value, currency):
        """A figure as people read it, in the user's language."""
        self.ensure_one()
        if value is None or value is False:
            return self.env._("not measurable")
        if self.kind in ("share", "target"):
            return self.env._("%(number)s %%", number=formatLang(self.env, value, digits=1))
        if self.kind == "manual":
            return formatLang(self.env, value, digits=1)
        # sudo: how a number is written depends on its unit only.
        return self.sudo().metric_id.with_env(self.env(su=True))._format_value(value, currency)

    # Figures --------------------------------------------------------------------------

    @api.model
    def _holders(self, subjects, period, company, kpi_set=None):
        """Which customers a subject is measured on, and on which days of the period.

        :param subjects: :class:`KpiSubject` list
        :param kpi_set: says the role whose accounts count; empty: lead account managers
        :return: ``{subject: [(commercial partner id, first day, last day)]}``, both included
        """
        role = kpi_set.sudo().role_id if kpi_set else None
        return Holders(self.env, company, period, role).of(subjects)

    def _figures_of(self, subjects, period, company, options=None, holders=None):
        """``{(KpiSubject, kpi id): KpiFigure}`` of these KPIs, whoever asks.

        :param period: ``policy.periods.Period``
        :param options: ``MetricOptions`` of the set
        :param holders: as :meth:`_holders` gave them, e.g. frozen on a card

        A constant number of queries for each KPI, whatever the number of subjects and
        accounts.  Figures restricted to a group are among them: the caller hides them.
        """
        if holders is None:
            holders = self._holders(subjects, period, company)
        return KpiFigures(self, subjects, period, company, options, holders).compute()

    def _documents_action(self, subject, spans, period, company, options=None, part=None):
        """Window action: exactly the records behind a figure that the reader may read.

        Count and amount of those he may not are stated; of records of several kinds, each
        kind by itself.

        :param spans: ``[(commercial partner id, first day, last day)]`` of the subject
        :param part: only the ``numerator`` or the ``denominator`` of a ratio

        Raises ``AccessError`` for a restricted KPI; who may see the figure of this subject is
        checked by the caller.
        """
        self.ensure_one()
        self._check_may_see()
        kpi = self.base_kpi_id if self.kind == "target" else self
        if not kpi.sudo().metric_id:
            raise UserError(
                self.env._("This figure was given by hand: no records stand behind it.")
            )
        figures = KpiFigures(kpi, [subject], period, company, options, {subject: spans})
        value = figures.compute()[subject, kpi.id].value
        documents = figures.documents(kpi.with_env(figures.env), subject, part)
        partners = self.env["res.partner"].browse(sorted({span[0] for span in spans})).exists()
        metric = kpi.metric_id.sudo(False)
        explanation = metric._create_explanation(
            partners, company, kpi._window(period), value, documents
        )
        # The reader's own language and unit: a share is not the metric's money.
        explanation.sudo().value_label = kpi._format_value(value, company.currency_id)
        if explanation.hidden_count or explanation.opening_count or not explanation.model_name:
            return explanation._dialog_action()
        return explanation.action_show_documents()
