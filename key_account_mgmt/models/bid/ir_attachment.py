from odoo import models
from odoo.exceptions import UserError

from ..approval.ir_attachment import CONTENT
from ..core.guarded import ondelete_always


class IrAttachment(models.Model):
    """The proof of a submission, and what was handed in, stay as they were."""

    _inherit = "ir.attachment"

    def write(self, vals):
        if not CONTENT.isdisjoint(vals):
            self._check_not_handed_in()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_handed_in(self):
        self._check_not_handed_in()

    def _check_not_handed_in(self):
        # sudo: a lock holds for files and bids the user cannot read, too.
        for file in self.sudo().filtered("res_id"):
            if file.res_model == "kam.bid.offer":
                bid = self.env["kam.bid.offer"].sudo().browse(file.res_id).exists().bid_id
            elif file.res_model == "kam.bid":
                bid = self.env["kam.bid"].sudo().browse(file.res_id).exists()
                if file not in bid.proof_ids | bid.tender_file_ids:
                    continue
            else:
                continue
            if bid.state in ("submitted", "result") and bid.submitted_on:
                raise UserError(
                    self.env._(
                        "“%(file)s” belongs to “%(bid)s”, which was handed in.",
                        file=file.name,
                        bid=bid.name,
                    )
                )
