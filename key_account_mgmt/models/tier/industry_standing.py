from odoo import api, fields, models

from .evidence_mixin import KamEvidenceMixin

STANDINGS = [("leading", "Leading"), ("medium", "Medium"), ("other", "Other")]
# One ordered value: who leads is at least of medium standing.
STANDING_VALUE = {"leading": 3, "medium": 2, "other": 1}


class KamIndustryStanding(models.Model):
    """A customer's standing in his industry: leading > medium > other.

    Source: S3-16, S3-17, g Q5.
    """

    _name = "kam.industry.standing"
    _inherit = ["kam.evidence.mixin"]
    _description = "Industry Standing"

    _guarded_once = KamEvidenceMixin._guarded_once | {"standing"}

    standing = fields.Selection(STANDINGS, "Industry Standing", required=True)

    @api.depends("standing", "partner_id")
    def _compute_display_name(self):
        labels = dict(self._fields["standing"]._description_selection(self.env))
        for record in self:
            record.display_name = f"{labels.get(record.standing)}: {record.partner_id.display_name}"
