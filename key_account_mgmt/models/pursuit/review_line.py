from odoo import fields, models

from ..review.review_line import FROM_AGENDA


class KamReviewLine(models.Model):
    """A line of the filing meeting is about a pursuit.  Source: S1n-11, S1n-12."""

    _inherit = "kam.review.line"

    _guarded_initial = {**FROM_AGENDA, "is_extra": False, "pursuit_id": False}

    pursuit_id = fields.Many2one(
        "kam.pursuit", index="btree_not_null", ondelete="restrict", readonly=True
    )

    def _fact_label(self, fact):
        """What happened to a pursuit, in the reader's words."""
        labels = {
            "registered": self.env._("Registered"),
            "won": self.env._("Won"),
            "lost": self.env._("Deal Lost"),
            "lapsed": self.env._("Lapsed: released without progress"),
            "cancelled": self.env._("Cancelled"),
            "silent": self.env._("No progress since"),
            "unprotected": self.env._("Protection ended"),
        }
        text = super()._fact_label(fact)
        if fact.get("code") == "report":
            return self.env._("Stage report: %(text)s", text=text)
        if fact.get("code") == "decision":
            return self.env._("Decided: %(text)s", text=text)
        return labels.get(fact.get("code")) or text

    def _subject_vals(self):
        return {**super()._subject_vals(), "pursuit_id": self.pursuit_id.id}

    def action_open_subject(self):
        """The pursuit of the line."""
        self.ensure_one()
        self.check_access("read")
        if not self.pursuit_id:
            return super().action_open_subject()
        pursuit = self.pursuit_id.sudo(False)
        pursuit.check_access("read")
        return pursuit.get_formview_action()
