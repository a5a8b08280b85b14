from odoo import api, fields, models

from ..policy import execution as rules


class KamContractTerminateWizard(models.TransientModel):
    """Why a contract ends early, and what is to be settled.  Source: S1s-14."""

    _name = "kam.contract.terminate.wizard"
    _description = "End a Contract Early"

    contract_id = fields.Many2one("kam.contract", required=True)
    currency_id = fields.Many2one(related="contract_id.currency_id")
    reason = fields.Text("Why It Ends", required=True)
    day = fields.Date(
        "Last Day",
        required=True,
        default=lambda self: self.env.company._kam_today(),
    )
    performed = fields.Monetary(
        compute="_compute_performed", store=True, readonly=False,
        help="What was delivered or done until then, tax included; proposed: what is delivered.",
    )  # fmt: skip
    compensation = fields.Monetary(help="Agreed on top; negative: we pay it.")
    note = fields.Text("Settlement", help="How it is settled, by when.")
    to_invoice = fields.Monetary("Still to Invoice", compute="_compute_left")
    to_collect = fields.Monetary("Still to Collect", compute="_compute_left")

    @api.depends("contract_id")
    def _compute_performed(self):
        for wizard in self:
            wizard.contract_id.check_access("read")
            # sudo: what is delivered under a contract, for whoever may end it.
            wizard.performed = wizard.contract_id.sudo()._kam_performed()

    @api.depends("contract_id", "performed", "compensation")
    def _compute_left(self):
        for wizard in self:
            wizard.contract_id.check_access("read")
            money = wizard.contract_id._kam_money()
            invoiced, collected, _late = money.get(wizard.contract_id.id, (0.0, 0.0, 0.0))
            wizard.to_invoice, wizard.to_collect = rules.settlement(
                wizard.performed, invoiced, collected, wizard.compensation
            )

    def action_confirm(self):
        """End it; the contract checks who may and when."""
        self.ensure_one()
        self.contract_id._terminate(
            self.reason, self.day, self.performed, self.compensation, self.note
        )
        return {"type": "ir.actions.act_window_close"}
