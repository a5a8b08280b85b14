from odoo import api, models
from odoo.tools.misc import format_date, format_datetime


class ReviewMinutes(models.AbstractModel):
    """Minutes of a review meeting (P3): who met, what was said, what was decided.

    Of a review also its figures: programme review (P28), audit report (P32).

    Read with the rights of whoever prints.  Source: (f) P3, P28, P32, S1n-11, S1n-12.
    """

    _name = "report.key_account_mgmt.report_review_minutes"
    _description = "Minutes of a Meeting"

    @api.model
    def _get_report_values(self, docids, data=None):
        reviews = self.env["kam.review"].browse(docids)
        reviews.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": reviews._name,
            "docs": reviews,
            "papers": {review.id: self._paper(review) for review in reviews},
        }

    def _paper(self, review):
        rows = [self._row(line) for line in review.line_ids]
        return {
            "title": self._title(review),
            "head": self._head(review),
            "figures": self._figures(review),
            "rows": rows,
            "decisions": [row for row in rows if row["decision"]],
            "note": review.note,
            "sent": self._sent(review),
        }

    def _title(self, review):
        if review.is_audit:
            return self.env._("Audit Report")
        if review.kind_id.area == "programme":
            return review.kind_id.name
        return self.env._("Minutes")

    def _figures(self, review):
        """Of these the reader may see: one row a KPI, its levels below it."""
        return [
            {
                "name": figure.kpi_id.display_name,
                "level": figure.tier_id.name or "",
                "value": figure.value_label,
                "previous": figure.previous_label,
                "target": figure.target_label,
                "bad": figure.standing == "bad",
            }
            for figure in review.figure_ids
        ]

    def _head(self, review):
        day = review.held_on or review.date
        return [
            (self.env._("Meeting"), review.name),
            (self.env._("Held on"), format_date(self.env, day)),
            (self.env._("Place"), review.place or "–"),
            (self.env._("Chair"), review.chair_id.name or "–"),
            (self.env._("Minutes by"), review.user_id.name or "–"),
            (self.env._("Participants"), ", ".join(review.participant_ids.mapped("name")) or "–"),
        ]

    def _row(self, line):
        labels = dict(line._fields["judgement"]._description_selection(self.env))
        return {
            "name": line.name,
            "extra": line.is_extra,
            "owner": line.owner_id.name or "",
            "progress": line.progress_text or "–",
            "late": line.late_text or "–",
            "judgement": labels.get(line.judgement, ""),
            "special": line.special or "",
            "note": line.note or "",
            "decision": line.decision or "",
            "who": line.decision_user_id.name or "",
            "day": format_date(self.env, line.decision_date) if line.decision_date else "",
        }

    def _sent(self, review):
        if not review.closed_on:
            return self.env._("Not closed yet: these minutes may still change.")
        return self.env._(
            "Sent by %(name)s on %(moment)s",
            name=review.closed_by_id.name,
            moment=format_datetime(
                self.env,
                review.closed_on,
                tz=review.company_id.sudo()._kam_working_time().tz.zone,
                dt_format="short",
            ),
        )
