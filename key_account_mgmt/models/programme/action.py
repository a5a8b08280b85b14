from odoo import models


class KamAction(models.Model):
    """Corrective actions of an audit are put into its minutes by auditors only."""

    _inherit = "kam.action"

    def _check_decided(self):
        # sudo: which meeting it belongs to.
        audits = self.filtered(lambda action: action.sudo().review_id.is_audit)
        if audits and not self.env.su:
            audits.sudo().review_id.sudo(False)._check_auditor()
        if self - audits:
            return super(KamAction, self - audits)._check_decided()
        return None
