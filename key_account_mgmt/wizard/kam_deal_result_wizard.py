from odoo import api, fields, models


class KamDealResultWizard(models.TransientModel):
    """Confirm what the result of a document changes elsewhere.  Source: design §4.4."""

    _name = "kam.deal.result.wizard"
    _description = "What Follows from a Result"

    res_model = fields.Char("Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        "Document", model_field="res_model", required=True, readonly=True
    )
    changes = fields.Text("This Will Change", compute="_compute_changes")

    @api.depends("res_model", "res_id")
    @api.depends_context("uid", "lang")
    def _compute_changes(self):
        for wizard in self:
            document = wizard._document()
            # sudo: whoever ended the document hears what it means for the deal.
            lead = document.sudo().lead_id
            sentences = lead._kam_result_changes(document, document._deal_result())
            wizard.changes = "\n".join(f"• {sentence}" for sentence in sentences)

    def _document(self):
        self.ensure_one()
        return self.env["crm.lead"]._kam_result_document(self.res_model, self.res_id)

    def action_confirm(self):
        """Move the opportunity and its earlier documents."""
        document = self._document()
        # sudo: the result decides, also where its author does not own the opportunity.
        document.sudo().lead_id._kam_apply_result(document.sudo(), document._deal_result())
        return {"type": "ir.actions.act_window_close"}
