from odoo import api, fields, models


class KamAction(models.Model):
    """Steps of a plan: of its account, promised when the plan is confirmed."""

    _inherit = "kam.action"

    plan_id = fields.Many2one("kam.plan", index="btree_not_null", ondelete="cascade")

    @api.model
    def _document_fields(self):
        """Also the plan it is a step of."""
        return [*super()._document_fields(), "plan_id"]

    @api.model_create_multi
    def create(self, vals_list):
        chosen = self.env.context.get("default_plan_id")
        vals_list = [self._with_plan(vals, vals.get("plan_id", chosen)) for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if "plan_id" in vals:
            for plan_id in {vals["plan_id"], *self.sudo().plan_id.ids}:
                self._check_plan(plan_id)
            vals = self._with_plan(vals, vals["plan_id"])
        elif "account_id" in vals and not self._is_engine() and not self.env.su:
            # A step is of the plan's account.
            for plan in self.sudo().plan_id:
                vals = {**vals, "account_id": plan.account_id.id}
        return super().write(vals)

    @api.model
    def _with_plan(self, vals, plan_id):
        """A step is promised to the account of its plan, by the plan's company."""
        plan = self._check_plan(plan_id)
        if not plan:
            return vals
        given = {"company_id": plan.company_id.id}
        if plan.account_id:
            given = {"account_id": plan.account_id.id}
        return {**vals, **given}

    @api.model
    def _check_plan(self, plan_id):
        """Steps are added to a draft, by who may write it.

        Raises ``UserError`` for a plan that is confirmed, ``AccessError`` for who may not.
        """
        Plan = self.env["kam.plan"]
        if not isinstance(plan_id, int) or not plan_id:
            return Plan
        plan = Plan.browse(plan_id)
        if not self._is_engine():
            plan.check_access("write")
            # sudo: the state decides, whoever adds a step.
            plan.sudo()._check_unlocked({"name": True})
        return plan.sudo()

    def _is_waiting_for_plan(self):
        """A step of a plan nobody has confirmed is promised to nobody yet."""
        # sudo: whether the plan was confirmed must not depend on who asks.
        plan = self.sudo().plan_id
        return bool(plan) and not plan.confirmed_on

    def _tell_owner(self):
        promised = self.filtered(lambda action: not action._is_waiting_for_plan())
        return super(KamAction, promised)._tell_owner()
