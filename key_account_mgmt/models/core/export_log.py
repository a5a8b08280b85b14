from odoo import api, fields, models

from .guarded import ENGINE


class KamExportLog(models.Model):
    """Who took customer information out of the database, how much of it and which columns.

    Written with every permitted export; nobody creates, changes or deletes a row.
    Source: S2-49.
    """

    _name = "kam.export.log"
    _inherit = ["kam.guarded"]
    _description = "Export"
    _order = "id desc"
    _rec_name = "document_type"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    date = fields.Datetime("Time", required=True, index=True)
    user_id = fields.Many2one("res.users", "Who", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one("res.company", index=True, ondelete="set null")
    res_model = fields.Char("Technical Name", required=True, index=True)
    document_type = fields.Char("What", compute="_compute_document_type")
    record_count = fields.Integer("Records")
    field_names = fields.Text("Columns")

    @api.depends("res_model")
    @api.depends_context("lang")
    def _compute_document_type(self):
        for log in self:
            model = self.env["ir.model"].sudo()._get(log.res_model or "")
            log.document_type = model.name or log.res_model

    @api.model
    def default_get(self, fields_list):  # pylint: disable=method-required-super
        # The system states every value: no default slips one into a row.
        return {}

    @api.model
    def _add(self, model, count, columns):
        """Log that the acting user exports ``count`` records of ``model``.

        :param columns: list of str, as the user asked for them
        """
        # sudo: every export is logged, also of somebody who may not read the log.
        engine = self.with_env(self.env(su=True, context={"kam_engine": ENGINE}))
        engine.create(
            {
                "date": fields.Datetime.now(),
                "user_id": self.env.uid,
                "company_id": self.env.company.id,
                "res_model": model,
                "record_count": count,
                "field_names": ", ".join(columns),
            }
        )
