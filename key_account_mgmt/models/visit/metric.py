from odoo import models

from .visit import HELD


class KamMetric(models.Model):
    """Figures on visits."""

    _inherit = "kam.metric"

    def _metric_days_since_last_visit(self, run, param=None):
        """Days since the last visit face to face or by video; absent: never visited.

        Source: g Q9.
        """
        end = run.period(self).end
        return {
            partner_id: float((end - day).days)
            for partner_id, day in self._last_visits(run, end).items()
        }

    def _visits_domain(self, run, end):
        return [
            ("company_id", "in", list(run.scope.company_ids)),
            ("state", "in", HELD),
            ("mode_id.is_visit", "=", True),
            ("day", "<=", end),
        ]

    def _last_visits(self, run, end):
        """``{commercial partner id: day}``; a visit for several accounts counts for each."""
        domain = self._visits_domain(run, end)
        result = {}
        for name in ("account_id", "also_account_ids"):
            rows = run.env["kam.visit"]._read_group(
                [*domain, (name, "!=", False)], [name], ["day:max"]
            )
            for account, day in rows:
                partner_id = account.partner_id.id
                result[partner_id] = max(day, result.get(partner_id, day))
        return result

    def _explain_days_since_last_visit(self, run, partner_ids):
        """The last visit itself."""
        end = run.period(self).end
        visits = run.env["kam.visit"].search(
            [
                *self._visits_domain(run, end),
                "|",
                ("account_id.partner_id", "in", list(partner_ids)),
                ("also_account_ids.partner_id", "in", list(partner_ids)),
            ],
            order="day desc, id desc",
            limit=1,
        )
        return [("kam.visit", {visit.id: float((end - visit.day).days) for visit in visits})]
