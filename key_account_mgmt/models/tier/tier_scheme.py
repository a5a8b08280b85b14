from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools.safe_eval import safe_eval

from ...policy.periods import add_months
from ..core.guarded import ondelete_always
from ..metric.options import BASES, PARTIES, TAXES, MetricOptions

# A change of one of these changes who gets which tier.
POLICY_FIELDS = {
    "exclusive", "scope_domain", "basis", "tax", "party", "window", "company_ids",
    "group_mode", "demotion_margin", "min_tenure_months", "fallback_tier_id",
}  # fmt: skip

# Bounds that belong together are written one after the other and checked once, at the
# end. Compared by identity: no client can send it.
BANDS_LATER = object()


class KamTierScheme(models.Model):
    """One way to classify customers, e.g. strategic / key / main / general.

    Schemes stand side by side; exactly one is primary per company and gives the tier
    of the account.  A scheme that is not exclusive gives labels (tags), never a tier.
    Source: S0-14, S2-04, S3-20, (a.1 C1, C5, C8, C9).
    """

    _name = "kam.tier.scheme"
    _inherit = ["kam.guarded", "kam.policy.logged"]
    _description = "Tiering Scheme"
    _order = "is_primary desc, sequence, id"

    _guarded_initial = {"version": 1}
    _policy_unlogged = frozenset({"version"})
    # Switching on and choosing the primary scheme re-tiers accounts: done in each database.
    _policy_local = frozenset({"is_primary", "activated_on"})

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    description = fields.Text(translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean("In Use", default=True)
    company_id = fields.Many2one("res.company", index=True, help="Empty: every company.")
    is_primary = fields.Boolean("Primary", copy=False, readonly=True)
    exclusive = fields.Boolean(
        default=True, help="A customer holds one level. Otherwise levels are labels."
    )
    source_ref = fields.Char("Policy Clause")
    version = fields.Integer(default=1, readonly=True, copy=False)
    activated_on = fields.Date(readonly=True, copy=False)

    # What is measured
    scope_domain = fields.Char(
        "Customers in Scope", default="[]", help="Which customers the scheme looks at."
    )
    basis = fields.Selection(
        BASES,
        "Sales Basis",
        default="invoice",
        required=True,
        help="Posted invoices are the evidence an audit accepts. A company that invoices "
        "long after delivery chooses orders.",
    )
    tax = fields.Selection(TAXES, default="excluded", required=True)
    party = fields.Selection(
        PARTIES,
        "Path to the Account",
        default="invoice",
        required=True,
    )
    window = fields.Selection(
        [
            ("rolling_12", "Last 12 closed months"),
            ("calendar_year", "Last calendar year"),
            ("fiscal_year", "Last fiscal year"),
        ],
        default="rolling_12",
        required=True,
    )
    company_ids = fields.Many2many(
        "res.company",
        string="Sales of Companies",
        help="Empty: the company itself. Otherwise the sales of these companies together.",
    )
    group_mode = fields.Selection(
        [
            ("account", "Each customer for itself"),
            ("head", "The group's head, with figures of all members"),
        ],
        "Account Groups",
        default="account",
        required=True,
    )

    # How it is decided
    approval_required = fields.Boolean(default=True)
    auto_apply = fields.Boolean(
        "Apply Automatically", help="The nightly suggestion is applied without an evaluation."
    )
    evaluation_interval_months = fields.Integer("Evaluate Every (Months)", default=12)
    evaluation_month = fields.Selection(
        [(str(m), str(m)) for m in range(1, 13)], default="1", required=True
    )
    demotion_margin = fields.Float(
        "Downgrade Margin (%)", help="A level is kept while figures are within this margin of it."
    )
    min_tenure_months = fields.Integer(
        "Minimum Tenure (Months)", help="A new level is not lost before this time."
    )
    fallback_tier_id = fields.Many2one(
        "kam.tier", "Fallback Level", domain="[('scheme_id', '=', id)]", ondelete="restrict"
    )
    tier_ids = fields.One2many("kam.tier", "scheme_id", "Levels", copy=True)
    criterion_ids = fields.One2many("kam.tier.criterion", "scheme_id", "Criteria")
    problem_text = fields.Text("To Check", compute="_compute_problem_text")

    _code_uniq = models.UniqueIndex(
        "(code, COALESCE(company_id, 0))", "Another scheme has this code."
    )
    _primary_uniq = models.UniqueIndex(
        "(COALESCE(company_id, 0)) WHERE is_primary",
        "There is already a primary scheme for this company.",
    )
    _margin_check = models.Constraint(
        "CHECK (demotion_margin >= 0 AND demotion_margin < 100)",
        "The downgrade margin is a percentage from 0 to below 100.",
    )
    _tenure_check = models.Constraint(
        "CHECK (min_tenure_months >= 0)", "The minimum tenure cannot be negative."
    )
    _interval_check = models.Constraint(
        "CHECK (evaluation_interval_months > 0)", "The evaluation interval is at least one month."
    )
    _approval_check = models.Constraint(
        "CHECK (NOT (approval_required AND auto_apply))",
        "A scheme that needs approval cannot be applied automatically.",
    )

    @api.constrains("is_primary", "exclusive", "active")
    def _check_primary(self):
        for scheme in self.filtered("is_primary"):
            if not scheme.exclusive:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” gives labels and cannot be the primary scheme: a customer "
                        "has one tier.",
                        name=scheme.name,
                    )
                )
            if not scheme.active:
                raise ValidationError(
                    self.env._("The primary scheme cannot be archived. Choose another one first.")
                )

    @api.constrains("scope_domain")
    def _check_scope_domain(self):
        for scheme in self:
            scheme._check_scope()

    def _check_scope(self):
        try:
            self.env["res.partner"]._search(self._scope(), limit=1)
        except (ValueError, TypeError, NameError, SyntaxError, UserError) as error:
            raise ValidationError(
                self.env._(
                    "The customers in scope of “%(name)s” cannot be read: %(error)s",
                    name=self.name,
                    error=error,
                )
            ) from error

    @api.depends("tier_ids.criterion_ids", "fallback_tier_id", "exclusive")
    def _compute_problem_text(self):
        for scheme in self:
            texts = []
            if scheme.exclusive and not scheme.fallback_tier_id:
                texts.append(self.env._("No fallback level: customers below every level get none."))
            manual = scheme.tier_ids.filtered(lambda tier: not tier._is_measured())
            manual -= scheme.fallback_tier_id
            if manual:
                texts.append(
                    self.env._(
                        "Set by hand only (no active criterion): %(levels)s.",
                        levels=", ".join(manual.mapped("name")),
                    )
                )
            scheme.problem_text = "\n".join(texts)

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("active", True):
                vals.setdefault("activated_on", fields.Date.context_today(self))
        return super().create(vals_list)

    def write(self, vals):
        if "exclusive" in vals and any(s.exclusive != vals["exclusive"] for s in self):
            self._unlink_except_used()
        if vals.get("active"):
            for scheme in self.filtered(lambda s: not s.active):
                scheme.activated_on = fields.Date.context_today(self)
        result = super(KamTierScheme, self.with_context(kam_bands=BANDS_LATER)).write(vals)
        if POLICY_FIELDS & vals.keys():
            self._bump_version()
        if "is_primary" in vals:
            for company in {scheme.company_id for scheme in self}:
                self.env["kam.account"]._sync_primary_tier(company)
        return result

    def copy_data(self, default=None):
        vals_list = super().copy_data(default)
        for scheme, vals in zip(self, vals_list, strict=True):
            vals["name"] = self.env._("%(name)s (copy)", name=scheme.name)
            vals["code"] = f"{scheme.code}_copy"
            vals["fallback_tier_id"] = False
        return vals_list

    def _bump_version(self):
        """Count changes of the policy in force; drafting a scheme is not one."""
        for scheme in self.filtered("active"):
            scheme._as_engine().version += 1

    def _policy_version(self, tz=None):
        """“s3 v4 #412 2026-11-22”: code, counter, number and day of the latest change."""
        stamp = super()._policy_version(tz)
        return f"{self.code} v{self.version} {stamp}".rstrip()

    @ondelete_always
    def _unlink_except_used(self):
        used = (
            self.env["kam.tier.assignment"]
            .sudo()
            .search_count([("scheme_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._("Customers are or were classified by this scheme: archive it instead.")
            )

    def action_make_primary(self):
        """Switch the scheme on and let it give the tier of the accounts.

        The former primary scheme of the same company scope stays active beside it.
        """
        self.ensure_one()
        self.check_access("write")
        former = self.search([("is_primary", "=", True), ("company_id", "=", self.company_id.id)])
        (former - self).write({"is_primary": False})
        former.flush_recordset()
        self.write({"active": True, "is_primary": True})

    @api.model
    def _primary(self, company):
        """The primary scheme of a company: its own, else the shared one."""
        company = company.root_id
        domain = [("is_primary", "=", True), ("company_id", "in", [company.id, False])]
        return self.sudo().search(domain).sorted(lambda s: not s.company_id)[:1]

    @api.model
    def _active_for(self, company):
        """Active schemes of a company, the primary one first."""
        return self.sudo().search([("company_id", "in", [company.root_id.id, False])])

    def _measured_criteria(self):
        """Criteria in use; a scheme without any cannot be evaluated."""
        # sudo: policy, readable to everybody who evaluates.
        return self.sudo().criterion_ids.filtered("is_active")

    def _is_due(self, company, due):
        """Whether the yearly evaluation of ``due`` is owed.  Source: S0-35.

        Not for what was due before go-live or before the scheme was switched on, nor
        within the interval after the last round, nor where the office has submitted one of
        its own since.
        """
        self.ensure_one()
        starts = [d for d in (company.kam_go_live_date, self.activated_on) if d]
        if starts and due < max(starts):
            return False
        yearly = Domain("kind", "=", "annual") & Domain("state", "!=", "cancelled")
        yearly &= Domain("day", ">", add_months(due, -self.evaluation_interval_months))
        own = Domain("kind", "=", "adhoc") & Domain("partner_ids", "=", False)
        own &= Domain("state", "in", ("to_approve", "approved", "applied"))
        own &= Domain("day", ">=", due)
        mine = Domain("company_id", "=", company.id) & Domain("scheme_ids", "in", self.ids)
        Evaluation = self.env["kam.tier.evaluation"].sudo()
        return not Evaluation.search_count(mine & (yearly | own), limit=1)

    def _scope(self):
        self.ensure_one()
        return Domain(safe_eval(self.scope_domain or "[]"))

    def _metric_options(self):
        self.ensure_one()
        return MetricOptions(
            basis=self.basis,
            tax=self.tax,
            party=self.party,
            company_ids=tuple(self.company_ids.ids),
        )
