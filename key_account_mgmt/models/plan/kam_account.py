from odoo import api, fields, models
from odoo.fields import Domain

from ..account.kam_account import SUSPENDED
from .plan import ALIVE
from .product_generation import NEXT


class KamAccount(models.Model):
    """Plans, product generations and the years in which it was a target."""

    _inherit = "kam.account"

    plan_ids = fields.One2many("kam.plan", "account_id", "Plans")
    plan_count = fields.Integer("Number of Plans", compute="_compute_plan_count")
    generation_ids = fields.One2many("kam.product.generation", "account_id", "Product Generations")
    generation_gap = fields.Boolean(
        "No Next Product Generation",
        compute="_compute_generation_gap",
        search="_search_generation_gap",
        help="Nothing is in development or in reserve for a customer of the highest level, or "
        "for one we have a generation with.",
    )
    target_ids = fields.One2many("kam.target.account", "account_id", "Target Years")

    @api.depends("plan_ids.state")
    @api.depends_context("uid")
    def _compute_plan_count(self):
        Plan = self.env["kam.plan"]
        domain = Domain("account_id", "in", self._origin.ids) & Domain("state", "in", ALIVE)
        groups = Plan._read_group(domain, ["account_id"], ["__count"])
        counts = {account.id: count for account, count in groups}
        for account in self:
            account.plan_count = counts.get(account._origin.id, 0)

    # Generations ------------------------------------------------------------------

    @api.depends("generation_ids.stage", "tier_rank", "state")
    def _compute_generation_gap(self):
        """Source: S3-40."""
        is_on = self.env["res.groups"]._kam_area_is_on("plan")
        for account in self:
            stages = set(account.generation_ids.mapped("stage"))
            asked = account.tier_rank == 1 or "cooperating" in stages
            account.generation_gap = (
                is_on and asked and account.state not in SUSPENDED and not stages & set(NEXT)
            )

    @api.model
    def _search_generation_gap(self, operator, value):
        if operator != "in":
            return NotImplemented
        if self.env["res.groups"]._kam_area_is_on("plan"):
            gap = Domain("generation_ids", "any", Domain("stage", "=", "cooperating"))
            gap |= Domain("tier_rank", "=", 1)
            gap &= Domain("state", "not in", SUSPENDED)
            gap &= Domain("generation_ids", "not any", Domain("stage", "in", NEXT))
        else:
            gap = Domain.FALSE
        return gap if True in value else ~gap

    def action_open_plans(self):
        """The plans of this account."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_plan_action")
        return action | {
            "domain": [("account_id", "=", self.id)],
            "context": {"default_account_id": self.id},
        }

    # Handing over, merging ----------------------------------------------------------

    def _handover_plans(self, user):
        return self.env["kam.plan"].search(
            [("account_id", "in", self.ids), ("user_id", "=", user.id), ("state", "in", ALIVE)]
        )

    def _handover_items(self, user):
        """Also the plans the person owns."""
        items = [
            {
                "kind": "other",
                "model": plan._name,
                "res_id": plan.id,
                "name": plan.name,
                "date": plan.date_to,
                "account_id": plan.account_id.id,
            }
            for plan in self._handover_plans(user)
        ]
        return super()._handover_items(user) + items

    def _handover_apply(self, old, new):
        """Plans, and the target accounts he was to win."""
        self._handover_mine(self._handover_plans(old)).write({"user_id": new.id})
        targets = self.env["kam.target.account"].search(
            [
                ("account_id", "in", self.ids),
                ("user_id", "=", old.id),
                ("list_id.state", "!=", "closed"),
            ]
        )
        self._handover_mine(targets).write({"user_id": new.id})
        return super()._handover_apply(old, new)

    def _merge_into(self, kept):
        """Plans, generations and target years follow; of two marketing plans of a year, and
        of two lines of a list, those of the kept file stand.
        """
        # sudo and engine: as the merge itself.
        Plan = self.env["kam.plan"].sudo()._as_engine()
        plans = Plan.search([("account_id", "=", self.id)])
        theirs = Plan.search([("account_id", "=", kept.id), ("kind", "=", "marketing")])
        years = set(theirs.filtered(lambda p: p.state != "cancelled").mapped("year"))
        twice = plans.filtered(
            lambda p: p.kind == "marketing" and p.state != "cancelled" and p.year in years
        )
        twice.write({"state": "cancelled", "cancel_reason": self.env._("Merged with its like")})
        plans.write({"account_id": kept.id})
        self.env["kam.product.generation"].sudo().search(
            [("account_id", "=", self.id)]
        ).account_id = kept
        Target = self.env["kam.target.account"].sudo()._as_engine()
        targets = Target.search([("account_id", "=", self.id)])
        known = Target.search([("account_id", "=", kept.id)]).list_id
        targets.filtered(lambda line: line.list_id in known).unlink()
        targets.exists().write({"account_id": kept.id})
        return super()._merge_into(kept)
