from odoo import fields, models

from ..models.account.kam_account import LIFE_CYCLE


class KamAccountStateWizard(models.TransientModel):
    _name = "kam.account.state.wizard"
    _description = "Change Life Cycle"

    account_ids = fields.Many2many("kam.account", string="Account Files", required=True)
    state = fields.Selection(LIFE_CYCLE, "Life Cycle", required=True)
    reason = fields.Char()

    def action_confirm(self):
        self.ensure_one()
        self.account_ids._set_life_cycle(self.state, self.reason)
        return {"type": "ir.actions.act_window_close"}
