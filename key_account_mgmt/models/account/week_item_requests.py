from odoo import fields, models
from odoo.tools import SQL

from .week_item import WeekSource


class KamWeekItem(models.Model):
    """Requests in My Week: what I owe, and what I wait for.

    Whoever asked sees his request again when he has to do something: confirm the answer,
    ask somebody else, or press for what is overdue.
    """

    _inherit = "kam.week.item"

    def _week_sources(self):
        return [
            *super()._week_sources(),
            WeekSource(
                number=2, model="kam.request", code="request_owner", sql=self._week_requests_owed()
            ),
            WeekSource(
                number=3,
                model="kam.request",
                code="request_asker",
                sql=self._week_requests_asked(),
            ),
        ]

    def _week_buttons(self):
        return {
            **super()._week_buttons(),
            "request_owner": ("answer", "action_answer"),
            "request_asker": ("confirm", "action_confirm"),
        }

    def _compute_quick(self):
        """Who asked confirms an answer; where none came, he opens the request."""
        result = super()._compute_quick()
        items = self.filtered(lambda item: item.code == "request_asker")
        requests = self.env["kam.request"].browse(items.mapped("res_id"))
        answered = requests._filtered_access("read").filtered(lambda r: r.state == "answered")
        items.filtered(lambda item: item.res_id not in answered.ids).quick = False
        return result

    def _week_requests_owed(self):
        """Of a department nobody took it for: in its manager's week."""
        return SQL(
            """
            SELECT r.id AS res_id, COALESCE(r.user_id, d.manager_id) AS user_id, r.account_id,
                   r.company_id, r.date_due, CASE r.priority WHEN '1' THEN 0 ELSE 1 END AS sort
              FROM kam_request r
              LEFT JOIN kam_department d ON d.id = r.department_id
             WHERE r.state IN ('new', 'accepted')
            """
        )

    def _week_requests_asked(self):
        """Answered or declined: since that day; overdue: since it was due."""
        return SQL(
            """
            SELECT r.id AS res_id, r.requester_id AS user_id, r.account_id, r.company_id,
                   CASE r.state WHEN 'answered' THEN r.answered_day ELSE r.date_due END
                       AS date_due,
                   CASE r.priority WHEN '1' THEN 0 ELSE 1 END AS sort
              FROM kam_request r
              JOIN res_company c ON c.id = r.company_id
             WHERE r.state IN ('answered', 'declined')
                OR r.state IN ('new', 'accepted') AND r.date_due < %s
                   AND r.date_due >= COALESCE(c.kam_go_live_date, r.date_due)
                   AND r.requester_id IS DISTINCT FROM r.user_id
            """,
            fields.Date.context_today(self),
        )
