from odoo import api, fields, models


class KamAction(models.Model):
    _inherit = "kam.action"

    visit_id = fields.Many2one(
        "kam.visit", index="btree_not_null", ondelete="cascade", readonly=True
    )

    @api.model
    def _document_fields(self):
        """Also the visit whose report promised it."""
        return [*super()._document_fields(), "visit_id"]
