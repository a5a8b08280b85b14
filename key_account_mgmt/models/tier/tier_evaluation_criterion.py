from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .tier_scheme import BANDS_LATER


class KamTierEvaluationCriterion(models.Model):
    """The evaluation's own copy of a criterion: changing it here is the simulator."""

    _name = "kam.tier.evaluation.criterion"
    _inherit = ["kam.guarded", "kam.tier.criterion.mixin"]
    _description = "Criterion of an Evaluation"
    _order = "scheme_id, tier_rank, group_no, id"

    _guarded_create = True
    _guarded_unlink = True

    evaluation_id = fields.Many2one(
        "kam.tier.evaluation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="evaluation_id.company_id", store=True, index=True)
    origin_id = fields.Many2one("kam.tier.criterion", "Policy Criterion", ondelete="set null")
    tier_id = fields.Many2one("kam.tier", "Level", required=True, ondelete="restrict")
    scheme_id = fields.Many2one("kam.tier.scheme", required=True, ondelete="restrict")
    tier_rank = fields.Integer()
    policy_threshold = fields.Char("Policy", related="origin_id.threshold")
    differs = fields.Boolean(compute="_compute_differs")
    changed_after_computing = fields.Boolean(readonly=True)

    @api.depends("threshold", "standing", "origin_id.threshold", "origin_id.standing")
    def _compute_differs(self):
        for criterion in self:
            origin = criterion.origin_id
            criterion.differs = bool(origin) and (
                (criterion.threshold or "") != (origin.threshold or "")
                or criterion.standing != origin.standing
            )

    def write(self, vals):
        if not self._is_engine():
            if vals.keys() - {"threshold", "standing", "note"}:
                raise AccessError(self.env._("In an evaluation only thresholds can be tried out."))
            if any(
                state not in ("draft", "computed") for state in self.mapped("evaluation_id.state")
            ):
                raise UserError(
                    self.env._("The evaluation was submitted: its criteria stay as they are.")
                )
            vals = {**vals, "changed_after_computing": True}
        return super().write(vals)

    def _adopt(self):
        """Write the tried thresholds into the policy.

        Raises AccessError for anybody who may not change the policy.
        """
        tried = self.filtered("differs")
        tried.origin_id.check_access("write")
        for criterion in tried:
            criterion.origin_id.with_context(kam_bands=BANDS_LATER).write(
                {"threshold": criterion.threshold, "standing": criterion.standing}
            )
        tried.scheme_id._check_bands()

    def _threshold_company(self):
        return self.company_id
