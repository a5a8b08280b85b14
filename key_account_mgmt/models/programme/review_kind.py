from odoo import fields, models


class KamReviewKind(models.Model):
    """Which figures a review carries, who runs it, and whether it has to decide something.

    Source: (c17), J08, J17, J19, J20.
    """

    _inherit = "kam.review.kind"

    run_by = fields.Selection(
        [("office", "KAM Office"), ("auditor", "Auditors")],
        required=True,
        default="office",
        help="An audit is prepared and written by auditors; nobody else changes it.",
    )
    kpi_set_id = fields.Many2one(
        "kam.kpi.set",
        "Figures of",
        ondelete="restrict",
        domain=[("subject_kind", "=", "programme")],
        help="The review carries the KPIs of this set, with their targets.",
    )
    kpi_ids = fields.Many2many(
        "kam.kpi",
        "kam_review_kind_kpi_rel",
        "kind_id",
        "kpi_id",
        string="More Figures",
        domain=[("kind", "!=", "manual")],
    )
    by_tier = fields.Boolean("Figures by Level", help="Also for each level of key accounts.")
    needs_decision = fields.Boolean(
        "Ends in Actions", help="It is not closed before something was decided."
    )

    def _figure_kpis(self):
        """KPIs a review of this kind is filled with, in the order of the KPIs."""
        self.ensure_one()
        kpis = self.kpi_set_id.line_ids.kpi_id | self.kpi_ids
        return kpis.filtered(lambda kpi: kpi.active and kpi.kind != "manual").sorted()
