from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.guarded import ondelete_always

CONTENT = {"name", "kind", "our_part", "their_part", "date_due"}


class KamPlanInitiative(models.Model):
    """Something both sides do together: research, a product, a market.

    What was agreed is locked with the plan, how far it is may be noted.
    Source: S1a-11, S2-24.
    """

    _name = "kam.plan.initiative"
    _inherit = ["kam.guarded"]
    _description = "Joint Initiative"
    _order = "plan_id, sequence, id"

    _guarded_once = frozenset({"plan_id"})

    plan_id = fields.Many2one("kam.plan", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="plan_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    name = fields.Char("What", required=True)
    kind = fields.Selection(
        [
            ("research", "Market Research"),
            ("product", "Product Development"),
            ("market", "New Market"),
            ("marketing", "Joint Marketing"),
            ("other", "Other"),
        ],
        required=True,
        default="product",
    )
    our_part = fields.Char()
    their_part = fields.Char()
    date_due = fields.Date("Until")
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("running", "Running"),
            ("done", "Done"),
            ("dropped", "Dropped"),
        ],
        required=True,
        default="planned",
    )
    result = fields.Char()

    @api.model_create_multi
    def create(self, vals_list):
        # Said, or planned: a default in the context is none of ours.
        initiatives = super().create([{"state": "planned", **vals} for vals in vals_list])
        initiatives._check_draft()
        return initiatives

    def write(self, vals):
        if vals.keys() & CONTENT:
            self._check_draft()
        elif vals.keys() & {"state", "result"}:
            self._check_alive()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_locked(self):
        self._check_draft()

    def _check_draft(self):
        if self._is_engine():
            return
        # sudo: the rule holds for everybody who reaches a line.
        self.sudo().plan_id._check_unlocked({"name": True})

    def _check_alive(self):
        # sudo: the rule holds for everybody who reaches a line.
        closed = self.sudo().plan_id.filtered(lambda plan: plan.state in ("done", "cancelled"))
        if closed and not self._is_engine():
            raise UserError(self.env._("“%(plan)s” is closed.", plan=closed[0].name))
