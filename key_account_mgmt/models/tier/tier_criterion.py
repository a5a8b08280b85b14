from odoo import api, fields, models

from .tier_scheme import BANDS_LATER


class KamTierCriterion(models.Model):
    """A criterion of the policy.  Evaluations work on a copy of it."""

    _name = "kam.tier.criterion"
    _inherit = ["kam.tier.criterion.mixin", "kam.policy.logged"]
    _description = "Tier Criterion"
    _order = "tier_id, group_no, id"

    tier_id = fields.Many2one("kam.tier", required=True, index=True, ondelete="cascade")
    scheme_id = fields.Many2one(related="tier_id.scheme_id", store=True, index=True)
    company_id = fields.Many2one(related="scheme_id.company_id")

    def _policy_root(self):
        return self.scheme_id

    def _policy_name(self):
        return f"{self.tier_id._policy_name()}: {self.metric_id.name}"

    @api.constrains("threshold", "operator", "metric_id", "group_no", "tier_id")
    def _check_scheme_bands(self):
        if self.env.context.get("kam_bands") is not BANDS_LATER:
            self.scheme_id._check_bands()

    @api.model_create_multi
    def create(self, vals_list):
        criteria = super().create(vals_list)
        criteria.scheme_id._bump_version()
        return criteria

    def write(self, vals):
        result = super().write(vals)
        self.scheme_id._bump_version()
        return result

    def unlink(self):
        schemes = self.scheme_id
        result = super().unlink()
        schemes.exists()._bump_version()
        return result
