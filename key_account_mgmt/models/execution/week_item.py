from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource


class KamWeekItem(models.Model):
    """Contracts in My Week: checks and terms of who runs or keeps them.  Milestones are
    actions.
    """

    _inherit = "kam.week.item"

    def _week_sources(self):
        sources = super()._week_sources()
        if not self.env["res.groups"]._kam_area_is_on("contract"):
            return sources
        return [
            *sources,
            WeekSource(
                number=72,
                code="contract_check",
                model="kam.contract.check",
                sql=self._week_contract_checks(),
            ),
            WeekSource(
                number=74,
                code="contract_term",
                model="kam.contract.term",
                sql=self._week_contract_terms(),
            ),
        ]

    def _week_labels(self):
        return super()._week_labels() | {
            "contract_check": self.env._("Contract Check"),
            "contract_term": self.env._("Contract Term"),
        }

    def _week_contract_checks(self):
        return SQL(
            """
            SELECT k.id AS res_id, COALESCE(k.user_id, c.project_manager_id) AS user_id,
                   c.account_id, k.company_id, k.due_on AS date_due, 1 AS sort
              FROM kam_contract_check k
              JOIN kam_contract c ON c.id = k.contract_id
             WHERE k.state = 'open' AND c.state = 'in_force'
            """
        )

    def _week_contract_terms(self):
        return SQL(
            """
            SELECT t.id AS res_id,
                   COALESCE(t.user_id, c.project_manager_id, c.user_id) AS user_id,
                   c.account_id, t.company_id, t.date AS date_due, 2 AS sort
              FROM kam_contract_term t
              JOIN kam_contract c ON c.id = t.contract_id
             WHERE t.state = 'open' AND t.date IS NOT NULL AND c.state = 'in_force'
               AND t.kind NOT IN ('extension', 'exclusivity', 'settlement', 'end')
            """
        )
