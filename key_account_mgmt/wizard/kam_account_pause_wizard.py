from odoo import api, fields, models
from odoo.exceptions import UserError


class KamAccountPauseWizard(models.TransientModel):
    """Pause what is owed to one or many accounts for some days, with one reason."""

    _name = "kam.account.pause.wizard"
    _description = "Pause Obligations"

    account_ids = fields.Many2many("kam.account", string="Account Files", required=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until", help="Empty: until somebody ends it.")
    reason = fields.Char(required=True)
    account_waivers = fields.Integer(
        "Waived for These Accounts", compute="_compute_waivers", help="In the last twelve months."
    )
    pause_count = fields.Integer("Pauses Before", compute="_compute_waivers")

    @api.depends("account_ids")
    def _compute_waivers(self):
        for wizard in self:
            accounts = wizard.account_ids._origin
            obligations = self.env["kam.obligation"]
            wizard.account_waivers = obligations._waivers_of_accounts(accounts)
            wizard.pause_count = self.env["kam.account.pause"].search_count(
                [("account_id", "in", accounts.ids)]
            )

    def action_confirm(self):
        """Pause them; raises UserError where the last day is before the first."""
        self.ensure_one()
        if self.date_to and self.date_to < self.date_from:
            raise UserError(self.env._("The last day must not be before the first one."))
        self.account_ids.check_access("read")
        self.env["kam.account.pause"].create(
            [
                {
                    "account_id": account.id,
                    "date_from": self.date_from,
                    "date_to": self.date_to,
                    "reason": self.reason,
                }
                for account in self.account_ids
            ]
        )
        return {"type": "ir.actions.act_window_close"}
