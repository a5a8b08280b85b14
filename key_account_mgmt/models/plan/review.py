from odoo import api, fields, models
from odoo.fields import Domain

from ..pursuit.review_line import KamReviewLine as PursuitReviewLine


class KamReview(models.Model):
    """The work summary of a quarter: what its calendar asked for, and how far it is.

    Source: S1q-27, (c17), J20.
    """

    _inherit = "kam.review"

    @api.model
    def _agenda_work_summary(self, company, period):
        """The work of the quarter that ends with the meeting's period."""
        # sudo: the agenda is the company's, whoever presses the button.
        Line = self.env["kam.work.calendar.line"].sudo()
        domain = Domain("company_id", "=", company.id)
        domain &= Domain("date_due", ">=", period.start) & Domain("date_due", "<=", period.end)
        today = company._kam_today()
        return [
            {
                "subject": {"work_line_id": line.id},
                "runs": True,
                "name": line.name,
                "owner_id": line.user_id.id,
                "facts": line._review_facts(today),
            }
            for line in Line.search(domain)
        ]


class KamReviewLine(models.Model):
    """A line of the work summary is about a piece of work."""

    _inherit = "kam.review.line"

    _guarded_initial = {**PursuitReviewLine._guarded_initial, "work_line_id": False}

    work_line_id = fields.Many2one(
        "kam.work.calendar.line", index="btree_not_null", ondelete="set null", readonly=True
    )

    def _subject_vals(self):
        return {**super()._subject_vals(), "work_line_id": self.work_line_id.id}

    def action_open_subject(self):
        """The work the line is about."""
        self.ensure_one()
        self.check_access("read")
        if not self.work_line_id:
            return super().action_open_subject()
        line = self.work_line_id.sudo(False)
        line.check_access("read")
        return line.get_formview_action()
