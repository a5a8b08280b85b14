from odoo import api, fields, models

from .evidence_mixin import KamEvidenceMixin


class KamQualification(models.Model):
    """A customer holds a qualification.  Source: S0-11, S0-12, S3-08 – S3-12."""

    _name = "kam.qualification"
    _inherit = ["kam.evidence.mixin"]
    _description = "Qualification"

    _guarded_once = KamEvidenceMixin._guarded_once | {"flag_id"}

    flag_id = fields.Many2one(
        "kam.tier.flag", "Qualification", required=True, index=True, ondelete="restrict"
    )

    def _validity_months(self):
        return self.flag_id.validity_months

    def _needs_evidence(self):
        return self.flag_id.needs_evidence

    def _same_subject_domain(self):
        return [*super()._same_subject_domain(), ("flag_id", "=", self.flag_id.id)]

    @api.depends("flag_id", "partner_id")
    def _compute_display_name(self):
        for record in self:
            record.display_name = f"{record.flag_id.name}: {record.partner_id.display_name}"
