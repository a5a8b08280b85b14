import logging

from babel.dates import format_skeleton

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools.misc import babel_locale_parse, format_date, formatLang, get_lang

from ...policy.criteria import EXPIRED, highest
from ..core.guarded import ondelete_always
from .run import MetricRun

_logger = logging.getLogger(__name__)

UNITS = [
    ("money", "Money"),
    ("percent", "Percent"),
    ("months", "Months"),
    ("count", "Count"),
    ("tons", "Tons"),
    ("score", "Score 0–100"),
    ("flag", "Yes / No"),
]
WINDOW_MODES = [
    ("scheme", "As asked (tier scheme, report)"),
    ("rolling_12", "Last 12 closed months"),
    ("rolling_3", "Last 3 closed months"),
    ("calendar_year", "Last closed calendar year"),
    ("fiscal_year", "Last closed fiscal year"),
    ("year_to_date", "Calendar year to date"),
    ("fiscal_year_to_date", "Fiscal year to date"),
    ("as_of", "On the day"),
]


class KamMetric(models.Model):
    """Registry of figures about a customer: one definition, one way to compute it.

    Tier criteria, KPIs and risk indicators only ever reference metrics. Three kinds:

    * *data*: model, domain, measure, date and path to the customer, no code at all;
    * *ratio*: one metric over another;
    * *method*: ``_metric_<code>(run, param)`` on this model returns
      ``{commercial partner id: figure}``; a later domain adds its own by ``_inherit``.

    How a figure rolls up over a group of companies: metrics on sales documents are
    computed on the group as one customer (the run has put its members together, see
    ``_rolls_up_itself``); a ratio is Σ numerator ÷ Σ denominator; others follow
    ``additivity``. Source: design §2.2.
    """

    _name = "kam.metric"
    _inherit = ["kam.policy.logged"]
    _description = "Metric"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True, copy=False, help="Never changes; the policy refers to it.")
    sequence = fields.Integer(default=50)
    active = fields.Boolean("In Use", default=True)
    description = fields.Text("Formula in Words", translate=True)
    kind = fields.Selection(
        [
            ("data", "Measured on records"),
            ("ratio", "Ratio of two metrics"),
            ("method", "Built in"),
        ],
        required=True,
        default="data",
    )
    unit = fields.Selection(UNITS, required=True, default="money")
    window_mode = fields.Selection(WINDOW_MODES, "Window", required=True, default="scheme")
    additivity = fields.Selection(
        [
            ("additive", "Sum of the members"),
            ("ratio", "Σ numerator ÷ Σ denominator"),
            ("maximum", "Highest of the members"),
            ("none", "The head's own figure"),
        ],
        "Over a Group of Companies",
        required=True,
        default="additive",
    )
    numerator_id = fields.Many2one("kam.metric", ondelete="restrict")
    denominator_id = fields.Many2one("kam.metric", ondelete="restrict")
    missing_as = fields.Selection(
        [("zero", "Zero"), ("missing", "Not known")],
        "Without Data",
        required=True,
        default="zero",
        help="Zero: no invoice means no sales. Not known: growth of a customer without "
        "a previous year.",
    )
    group_ids = fields.Many2many(
        "res.groups",
        string="Restricted To",
        help="Stored values, criterion lines, roll-ups and documents are shown to these "
        "groups only. Empty: to everybody who may see the account.",
    )
    show_on_account = fields.Boolean(help="Stored every night and shown on the account file.")

    _code_uniq = models.Constraint("UNIQUE(code)", "This metric code is already in use.")

    @api.model
    def _new_run(
        self, company, day, partners=None, window="rolling_12", options=None, group_map=None
    ):
        """A :class:`MetricRun` looking back from ``day``.

        :param company: one ``res.company``
        :param partners: ``res.partner`` (contacts count for their commercial partner);
            ``None``: all customers
        :param window: window code of ``policy.periods`` for metrics that leave it open
        :param group_map: ``{partner id: head partner id}``

        The caller serves figures only to those who may see them.
        """
        return MetricRun(
            self._figures_env(company),
            company,
            day,
            self._commercial_ids(partners),
            code=window,
            options=options,
            group_map=group_map,
        )

    def _evaluate(self, partners, company, period, options=None):
        """``{(commercial partner id, company id): figure}`` over one explicit period.

        :param partners: ``res.partner``, contacts are mapped; ``None``: all with data
        :param company: one or several ``res.company``, each by itself, in its currency
        :param period: ``policy.periods.Period``
        :param options: :class:`MetricOptions`

        Every given partner is in the result, with 0.0 or ``None`` where there is no
        data (``missing_as``). The number of queries does not depend on the number of
        partners. Raises ``UserError`` for a metric that cannot be computed any more.
        """
        self.ensure_one()
        ids = self._commercial_ids(partners)
        result = {}
        for one in company:
            env = self._figures_env(one)
            run = MetricRun(env, one, period.end, ids, options=options, period=period)
            values = run.values(self.with_env(env))
            keys = values if ids is None else ids
            missing = self._missing_value()
            result.update({(pid, one.id): values.get(pid, missing) for pid in keys})
        return result

    def _figures_env(self, company):
        """The boundary where figures are read without the reader's access rights.

        sudo: a figure is about the customer, whoever asks; a tier must not depend on
        which invoices the officer may open. Who sees the figure is decided where it is
        served (``kam.metric.value``, the explanation, evaluation lines).
        """
        return self.sudo().with_company(company).with_context(active_test=True).env

    @api.model
    def _commercial_ids(self, partners):
        if partners is None:
            return None
        # Fetched at once: the number of queries must not depend on that of customers.
        partners.sudo().fetch(["commercial_partner_id"])
        return partners.sudo().commercial_partner_id.ids

    def _missing_value(self):
        return 0.0 if self.missing_as == "zero" else None

    def _needs(self, run):
        """Sales columns this metric will read, as ``{(column, period)}``; see ``run.plan``."""
        self.ensure_one()
        if self.kind == "ratio":
            return self.numerator_id._needs(run) | self.denominator_id._needs(run)
        return set()

    def _rolls_up_itself(self):
        """True where ``_metric_<code>`` already returns figures of whole groups."""
        return False

    def _values(self, run, param=None):
        """``{commercial partner id: figure}`` for a run; use ``run.values``."""
        self.ensure_one()
        reason = self._broken_reason()
        if reason:
            run.fail(self, reason)
        if self.kind == "ratio":
            return self._ratio_values(run)
        if self.kind == "data":
            values = self._data_values(run)
        else:
            values = getattr(self, f"_metric_{self.code}")(run, param)
            if self._rolls_up_itself():
                return values
        if self.additivity == "none":
            return values
        return run.roll_up(values, highest if self.additivity == "maximum" else None)

    def _ratio_values(self, run):
        """Numerator ÷ denominator, in percent where the unit says so.

        A denominator of zero or below gives no figure: growth from nothing is not a number.
        """
        scale = 100.0 if self.unit == "percent" else 1.0
        numerators = run.values(self.numerator_id)
        return {
            partner_id: scale * numerators.get(partner_id, 0.0) / denominator
            for partner_id, denominator in run.values(self.denominator_id).items()
            if denominator > 0
        }

    def _broken_reason(self):
        """Why the metric cannot be computed, translated; ``False`` where it can."""
        self.ensure_one()
        if self.kind == "method" and not hasattr(self, f"_metric_{self.code}"):
            return self.env._(
                "its calculation “%(code)s” is not installed (any more).", code=self.code
            )
        if self.kind == "ratio" and not (self.numerator_id and self.denominator_id):
            return self.env._("a ratio needs a numerator and a denominator.")
        if self.kind == "data":
            return self._broken_definition()
        return False

    def _computable(self):
        """Metrics a job can compute; the others are logged and left out."""
        computable = self.browse()
        for metric in self:
            reason = metric._broken_reason()
            if reason:
                _logger.warning("Metric %s is left out: %s", metric.code, reason)
            else:
                computable |= metric
        return computable

    def _may_see(self, user=None):
        """Whether a user may be served this metric at all."""
        self.ensure_one()
        groups = self.sudo().group_ids
        return not groups or bool(groups & (user or self.env.user).all_group_ids)

    def _check_may_see(self):
        for metric in self:
            if not metric._may_see():
                raise AccessError(
                    self.env._(
                        "“%(name)s” is shown to certain groups only. Ask an administrator "
                        "for access to costs and margins.",
                        name=metric.display_name,
                    )
                )

    @api.model
    def _period_label(self, period):
        """The window in words: “Nov 2025 – Oct 2026”, “1 Jan 2026 – 22 Nov 2026”."""
        if not period.is_whole_months:
            start, end = format_date(self.env, period.start), format_date(self.env, period.end)
        else:
            # The order of year and month is the language's: “2025年11月”.
            locale = babel_locale_parse(get_lang(self.env).code)
            start = format_skeleton("yMMM", period.start, locale=locale)
            end = format_skeleton("yMMM", period.end, locale=locale)
        return start if start == end else f"{start} – {end}"

    def _window_label(self, period):
        """The window this metric looks at when asked for ``period``, in words."""
        self.ensure_one()
        return self._period_label(self._shown_period(period))

    def _shown_period(self, period):
        """Hook: a metric that looks elsewhere than at ``period`` says where."""
        return period

    def _format_value(self, value, currency):
        """A figure as people read it, in the user's language."""
        self.ensure_one()
        return self._format_as(self.unit, value, currency)

    @api.model
    def _format_as(self, unit, value, currency):
        if value is None or value is False or value == EXPIRED:
            return self.env._("not known")
        if unit == "flag":
            return self.env._("yes") if value else self.env._("no")
        if unit == "money":
            return self.env.company._kam_format_amount(value, currency)
        digits = {"count": 0, "months": 0, "tons": 3}.get(unit, 1)
        text = formatLang(self.env, value, digits=digits)
        return {
            "percent": self.env._("%(number)s %%", number=text),
            "months": self.env._("%(number)s months", number=text),
            "tons": self.env._("%(number)s t", number=text),
        }.get(unit, text)

    @ondelete_always
    def _unlink_except_built_in(self):
        if any(metric.kind == "method" for metric in self):
            raise UserError(self.env._("Built-in metrics can be archived, not deleted."))
