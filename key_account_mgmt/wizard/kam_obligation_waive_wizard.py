from odoo import api, fields, models


class KamObligationWaiveWizard(models.TransientModel):
    """One reason for one or many obligations, seeing how many waivers came before."""

    _name = "kam.obligation.waive.wizard"
    _description = "Waive Obligations"

    obligation_ids = fields.Many2many("kam.obligation", string="Obligations", required=True)
    mode = fields.Selection(
        [("waive", "Waive"), ("restore", "Take Waiver Back")], required=True, default="waive"
    )
    reason = fields.Char(required=True)
    account_waivers = fields.Integer(
        "Waived for These Accounts", compute="_compute_waivers", help="In the last twelve months."
    )
    person_waivers = fields.Integer(
        "Waived for These People", compute="_compute_waivers", help="In the last twelve months."
    )

    @api.depends("obligation_ids")
    def _compute_waivers(self):
        for wizard in self:
            obligations = wizard.obligation_ids._origin
            wizard.account_waivers, wizard.person_waivers = obligations._waivers_before()

    def action_confirm(self):
        """Waive, or take the waivers back."""
        self.ensure_one()
        if self.mode == "restore":
            self.obligation_ids._restore(self.reason)
        else:
            self.obligation_ids._waive(self.reason)
        return {"type": "ir.actions.act_window_close"}
