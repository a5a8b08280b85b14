from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...policy.criteria import Level
from ..core.guarded import ondelete_always
from .tier_scheme import BANDS_LATER


class KamTier(models.Model):
    """A level of a tiering scheme; rank 1 is the highest.  Source: S0-14, S3-13."""

    _name = "kam.tier"
    _inherit = ["kam.policy.logged"]
    _description = "Tier"
    _order = "scheme_id, rank, id"

    scheme_id = fields.Many2one("kam.tier.scheme", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="scheme_id.company_id", store=True, index=True)
    exclusive = fields.Boolean(related="scheme_id.exclusive")
    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    rank = fields.Integer(required=True, default=10, help="1 is the highest level.")
    color = fields.Integer()
    is_key_account = fields.Boolean("Key Account", help="Who holds this level is a key account.")
    manual = fields.Boolean(help="Never suggested by figures, only decided.")
    is_fallback = fields.Boolean(compute="_compute_is_fallback")
    min_customers = fields.Integer("Customers at Least", help="0 = no lower limit.")
    max_customers = fields.Integer("Customers at Most", help="0 = no upper limit.")
    description = fields.Text("Definition", translate=True)
    source_ref = fields.Char("Policy Clause")
    criterion_ids = fields.One2many("kam.tier.criterion", "tier_id", "Criteria", copy=True)
    criteria_text = fields.Text("In Words", compute="_compute_criteria_text")

    _code_uniq = models.Constraint("UNIQUE (scheme_id, code)", "Codes are unique in a scheme.")
    _rank_uniq = models.Constraint(
        "UNIQUE (scheme_id, rank) DEFERRABLE INITIALLY DEFERRED",
        "Two levels of a scheme cannot have the same rank.",
    )
    _count_check = models.Constraint(
        "CHECK (min_customers >= 0 AND max_customers >= 0 "
        "AND (max_customers = 0 OR max_customers >= min_customers))",
        "The range of customers is upside down.",
    )

    @api.constrains("criterion_ids", "rank")
    def _check_scheme_bands(self):
        if self.env.context.get("kam_bands") is not BANDS_LATER:
            self.scheme_id._check_bands()

    @api.depends("scheme_id.fallback_tier_id")
    def _compute_is_fallback(self):
        for tier in self:
            tier.is_fallback = tier.scheme_id.fallback_tier_id == tier

    @api.depends("criterion_ids.sentence", "criterion_ids.group_no", "manual", "is_fallback")
    def _compute_criteria_text(self):
        """The rule in one readable sentence.  Source: S2-08."""
        for tier in self:
            groups = tier.criterion_ids.filtered("is_active").grouped("group_no")
            texts = [
                self.env._(" and ").join(groups[number].mapped("sentence"))
                for number in sorted(groups)
            ]
            text = self.env._("; or ").join(texts)
            if tier.is_fallback:
                text = text or self.env._("Everybody else.")
            elif tier.manual or not text:
                text = self.env._("Decided by hand.")
            tier.criteria_text = text

    @api.depends("name", "scheme_id.name")
    @api.depends_context("kam_with_scheme")
    def _compute_display_name(self):
        for tier in self:
            if self.env.context.get("kam_with_scheme"):
                tier.display_name = f"{tier.scheme_id.name} / {tier.name}"
            else:
                tier.display_name = tier.name

    def _policy_root(self):
        return self.scheme_id

    def _policy_name(self):
        return self.with_context(kam_with_scheme=True).display_name

    @api.model_create_multi
    def create(self, vals_list):
        tiers = super().create(vals_list)
        tiers.scheme_id._bump_version()
        return tiers

    def write(self, vals):
        if "scheme_id" in vals and any(t.scheme_id.id != vals["scheme_id"] for t in self):
            raise ValidationError(self.env._("A level cannot move to another scheme."))
        result = super(KamTier, self.with_context(kam_bands=BANDS_LATER)).write(vals)
        self._check_scheme_bands()
        if {"rank", "manual", "is_key_account"} & vals.keys():
            self.scheme_id._bump_version()
            holders = (
                self.env["kam.tier.assignment"]
                .sudo()
                .search([("tier_id", "in", self.ids), ("date_to", "=", False)])
            )
            holders.account_id._sync_tier()
        return result

    @ondelete_always
    def _unlink_except_used(self):
        domain = [("tier_id", "in", self.ids)]
        if self.env["kam.tier.assignment"].sudo().search_count(domain, limit=1):
            raise UserError(
                self.env._("Customers hold or held this level: it stays for their history.")
            )

    def _is_measured(self):
        """Whether figures can suggest this level."""
        self.ensure_one()
        return not self.manual and any(self.criterion_ids.mapped("is_active"))

    def _to_policy(self, criteria):
        """The level for the policy functions.

        :param criteria: criterion records (of the policy, or of an evaluation's copy)
        """
        self.ensure_one()
        return Level(
            key=self.id,
            rank=self.rank,
            criteria=tuple(criterion._to_policy() for criterion in criteria),
            manual=self.manual,
        )
