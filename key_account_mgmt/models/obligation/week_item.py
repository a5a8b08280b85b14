from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from ..account.week_item import WeekSource

# Owed within these days; what is planned is shown as its visit.
AHEAD = 14
# A missed period cannot be made up: it stands here for some days, then among the exceptions.
BEHIND = 14


class KamWeekItem(models.Model):
    _inherit = "kam.week.item"

    @api.model
    def _week_sources(self):
        """Obligations nothing is planned for: to who performs them, and to the lead
        account manager who arranges them, or finds somebody where nobody may perform.
        Source: users §2.
        """
        return [
            *super()._week_sources(),
            WeekSource(
                code="obligation_perform",
                number=20,
                model="kam.obligation",
                sql=self._obligation_sql(SQL("user_id"), SQL("performer_missing IS NOT TRUE")),
            ),
            WeekSource(
                code="obligation_arrange",
                number=21,
                model="kam.obligation",
                sql=self._obligation_sql(
                    SQL("manager_id"),
                    SQL("(manager_id IS DISTINCT FROM user_id OR performer_missing)"),
                ),
            ),
        ]

    @api.model
    def _obligation_sql(self, person, condition):
        """Behind the pace is not overdue: it is due by the end of this week."""
        today = self._week_today()
        sunday = today + timedelta(days=6 - today.weekday())
        return SQL(
            """
            SELECT id AS res_id, %s AS user_id, account_id, company_id,
                   CASE WHEN state = 'open' AND date_next < %s THEN LEAST(date_to, %s)
                        ELSE date_next END AS date_due,
                   NULL AS sort
              FROM kam_obligation
             WHERE is_planned IS NOT TRUE AND %s IS NOT NULL AND %s AND date_next <= %s
               AND (state = 'open' AND date_from <= %s OR state = 'overdue' AND date_to >= %s)
            """,
            person,
            today,
            sunday,
            person,
            condition,
            today + timedelta(days=AHEAD),
            today,
            today - timedelta(days=BEHIND),
        )

    @api.model
    def _week_labels(self):
        return super()._week_labels() | {
            "obligation_perform": self.env._("Obligation"),
            "obligation_arrange": self.env._("To Arrange"),
        }

    @api.model
    def _week_buttons(self):
        plan = ("plan", "action_plan_visits")
        return super()._week_buttons() | {
            "obligation_perform": plan,
            "obligation_arrange": plan,
        }

    def _compute_quick(self):
        """What is over, or fulfilled by other means than a visit, is opened, not planned."""
        result = super()._compute_quick()
        items = self.filtered(lambda item: item.res_model == "kam.obligation")
        obligations = self.env["kam.obligation"].browse(items.mapped("res_id"))
        plannable = set(obligations._filtered_access("read").filtered("is_plannable").ids)
        items.filtered(lambda item: item.res_id not in plannable).quick = False
        return result

    def _week_plan_rows(self):
        """Those of the chosen obligations that a visit can still fulfil."""
        items = self.filtered(lambda item: item.res_model == "kam.obligation")
        owed = self.env["kam.obligation"].browse(items.mapped("res_id"))._filtered_access("read")
        plannable = owed.filtered("is_plannable")
        return [*super()._week_plan_rows(), *(o._prepare_plan_row() for o in plannable)]
