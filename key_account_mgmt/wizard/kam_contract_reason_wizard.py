from odoo import fields, models


class KamContractReasonWizard(models.TransientModel):
    """One dialog for what needs a reason: a new round, a verdict on a changed file.

    It decides nothing: every rule stands in ``kam.contract`` and ``kam.contract.file``.
    """

    _name = "kam.contract.reason.wizard"
    _description = "Reason"
    _rec_name = "step"

    step = fields.Selection(
        [("round", "New Round"), ("material", "Material"), ("editorial", "Editorial")],
        required=True,
        readonly=True,
    )
    contract_id = fields.Many2one("kam.contract", readonly=True, ondelete="cascade")
    file_id = fields.Many2one("kam.contract.file", readonly=True, ondelete="cascade")
    reason = fields.Char(required=True)

    def action_confirm(self):
        """Carry it out; raises what the records raise."""
        self.ensure_one()
        if self.step == "round":
            self.contract_id._start_new_round(self.reason)
        elif self.step == "material":
            self.file_id.action_material(self.reason)
        else:
            self.file_id.action_editorial(self.reason)
        return {"type": "ir.actions.act_window_close"}
