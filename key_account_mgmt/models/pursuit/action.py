from odoo import api, fields, models
from odoo.exceptions import AccessError


class KamAction(models.Model):
    """Steps of the progress table 攻关进度表, and what solves a problem.

    Source: S1n-15, S1n-17, K29.
    """

    _inherit = "kam.action"

    pursuit_id = fields.Many2one("kam.pursuit", index="btree_not_null", ondelete="cascade")
    pursuit_kind = fields.Selection(
        [("step", "Step"), ("solution", "Solution of a Problem")], "In the Pursuit"
    )
    problem = fields.Text(help="What stands in the way; the action is its solution.")

    @api.model
    def _document_fields(self):
        return [*super()._document_fields(), "pursuit_id"]

    @api.model
    def _plan_fields(self):
        return [*super()._plan_fields(), "pursuit_kind", "problem"]

    def _is_led(self):
        # sudo: who is responsible, also for an owner who is not on it.
        return self.pursuit_id.sudo().user_id == self.env.user or super()._is_led()

    @api.model_create_multi
    def create(self, vals_list):
        chosen = self.env.context.get("default_pursuit_id")
        rows = []
        for vals in vals_list:
            pursuit_id = vals.get("pursuit_id", chosen)
            if isinstance(pursuit_id, int) and pursuit_id:
                vals = self._of_pursuit(vals, self.env["kam.pursuit"].browse(pursuit_id))
            rows.append(vals)
        actions = super().create(rows)
        actions._check_on_pursuit()
        actions._follow_account()
        return actions

    @api.model
    def _of_pursuit(self, vals, pursuit):
        """What belongs to a pursuit belongs to its company."""
        # sudo: whether the user may add to it is checked on the action.
        known = pursuit.sudo().exists()
        if not known:
            return vals
        kind = self.env.context.get("default_pursuit_kind") or "step"
        return {"pursuit_kind": kind, **vals, "company_id": known.company_id.id}

    def _follow_account(self):
        """Who sees the account file sees the steps, whoever planned them."""
        # sudo: the file is the pursuit's, readable or not.
        for action in self.sudo().filtered("pursuit_id"):
            if action.account_id != action.pursuit_id.account_id:
                action._as_engine().write({"account_id": action.pursuit_id.account_id.id})

    def write(self, vals):
        planned = {"name", "user_id", "date_due", "pursuit_id", "pursuit_kind", "problem"}
        changed = not self._is_engine() and bool(planned & vals.keys())
        if changed:
            self._check_plan_not_pending()
        result = super().write(vals)
        if changed:
            self._check_plan_not_pending()
            if "pursuit_id" in vals:
                self._check_on_pursuit()
        return result

    def unlink(self):
        self._check_plan_not_pending()
        return super().unlink()

    def _check_on_pursuit(self):
        """:raise AccessError: whoever adds a step does not work on the pursuit"""
        if self._is_engine() or self.env.su:
            return
        if any(not pursuit.has_access("write") for pursuit in self.pursuit_id):
            raise AccessError(self.env._("You do not work on this pursuit."))
        self._check_plan_not_pending()

    def _check_plan_not_pending(self):
        """:raise UserError: a step is part of the plan somebody decides about"""
        if not self._is_engine():
            # sudo: a lock holds for pursuits the owner of a step cannot read, too.
            self.sudo().pursuit_id._check_not_pending()

    def action_done(self):
        """What is done is progress of the pursuit."""
        before = self.filtered(lambda action: action.state == "open")
        result = super().action_done()
        # sudo: whoever did his step need not be on the pursuit any more.
        before.sudo().pursuit_id._note_progress()
        return result
