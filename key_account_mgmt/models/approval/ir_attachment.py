from odoo import models
from odoo.exceptions import UserError

from ..core.guarded import ondelete_always

CONTENT = {
    "datas",
    "raw",
    "db_datas",
    "store_fname",
    "checksum",
    "url",
    "type",
    "name",
    "mimetype",
    "res_model",
    "res_id",
    "res_field",
}


class IrAttachment(models.Model):
    """Files somebody decides about stay as they were when the document was submitted."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if not CONTENT.isdisjoint(vals):
            self._check_not_under_approval()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_under_approval(self):
        self._check_not_under_approval()

    def _check_not_under_approval(self):
        # sudo: a lock holds for files and documents the user cannot read, too.
        by_model = self.sudo().filtered("res_id").grouped("res_model")
        approvable = self.env.registry.descendants(["kam.approval.mixin"], "_inherit")
        for model in by_model.keys() & approvable:
            attachments = by_model[model]
            documents = self.env[model].sudo().browse(set(attachments.mapped("res_id"))).exists()
            for document in documents.filtered(lambda d: d._approval_is_locked()):
                locked = attachments & self.browse(document._approval_request().file_ids or [])
                if locked:
                    raise UserError(
                        self.env._(
                            "“%(file)s” belongs to “%(document)s”, which was submitted for "
                            "approval with it. Withdraw the request first, or add a new file.",
                            file=locked[0].name,
                            document=document.display_name,
                        )
                    )
