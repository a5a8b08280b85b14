from odoo import models
from odoo.exceptions import UserError

from ..approval.ir_attachment import CONTENT
from ..core.guarded import ondelete_always


class IrAttachment(models.Model):
    """Files of a report that was handed in stay as they were."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if not CONTENT.isdisjoint(vals):
            self._check_not_reported()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_reported(self):
        self._check_not_reported()

    def _check_not_reported(self):
        # sudo: a lock holds for files and visits the user cannot read, too.
        mine = self.sudo().filtered(lambda file: file.res_model == "kam.visit" and file.res_id)
        if not mine:
            return
        visits = self.env["kam.visit"].sudo().browse(set(mine.mapped("res_id"))).exists()
        for visit in visits.filtered(lambda visit: visit.state == "reported"):
            kept = visit.material_ids | visit.report_file_ids
            locked = mine.filtered(
                lambda file, v=visit, k=kept: (
                    file in k or (file.res_id == v.id and file.res_field == "check_in_photo")
                )
            )
            if locked:
                raise UserError(
                    self.env._(
                        "“%(file)s” belongs to the report of “%(visit)s”, which was handed in.",
                        file=locked[0].name,
                        visit=visit.display_name,
                    )
                )
