from odoo import api, models


class PaymentLinkWizard(models.TransientModel):
    """No link to pay a quotation that waits for its contract."""

    _inherit = "payment.link.wizard"

    @api.depends("res_model", "res_id")
    def _compute_warning_message(self):
        result = super()._compute_warning_message()
        for wizard in self.filtered(lambda w: w.res_model == "sale.order"):
            order = wizard.env["sale.order"].browse(wizard.res_id)
            if reason := order._kam_unpayable():
                wizard.warning_message = reason
        return result
