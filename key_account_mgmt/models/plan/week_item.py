from odoo import models
from odoo.tools import SQL

from ..account.week_item import WeekSource


class KamWeekItem(models.Model):
    """My Week of who plans: drafts, plans that end, target accounts, work of the quarter."""

    _inherit = "kam.week.item"

    def _week_sources(self):
        if not self.env["res.groups"]._kam_area_is_on("plan"):
            return super()._week_sources()
        return [
            *super()._week_sources(),
            WeekSource(number=60, code="plan", model="kam.plan", sql=self._plans_sql()),
            WeekSource(
                number=61, code="target", model="kam.target.account", sql=self._targets_sql()
            ),
            WeekSource(
                number=62, code="work", model="kam.work.calendar.line", sql=self._work_sql()
            ),
        ]

    def _week_actions_sql(self):
        """Steps of a plan nobody has confirmed are promised to nobody yet."""
        self.env["kam.plan"].flush_model(["confirmed_on"])
        return SQL(
            """
            SELECT a.* FROM (%s) a
             WHERE NOT EXISTS (
                        SELECT 1 FROM kam_action step
                          JOIN kam_plan plan ON plan.id = step.plan_id
                         WHERE step.id = a.res_id AND plan.confirmed_on IS NULL)
            """,
            super()._week_actions_sql(),
        )

    def _plans_sql(self):
        """Drafts to complete; plans that should be finished by now."""
        return SQL(
            """
            SELECT id AS res_id, user_id, account_id, company_id,
                   CASE WHEN state = 'draft' THEN complete_by ELSE date_to END AS date_due,
                   60 AS sort
              FROM kam_plan
             WHERE state = 'draft' OR state = 'running' AND date_to <= %s
            """,
            self._week_today(),
        )

    def _targets_sql(self):
        """Target accounts of a confirmed list without a plan that lasts into its year."""
        self.env["kam.target.list"].flush_model()
        return SQL(
            """
            SELECT t.id AS res_id, t.user_id, t.account_id, t.company_id,
                   l.plan_by AS date_due, 61 AS sort
              FROM kam_target_account t
              JOIN kam_target_list l ON l.id = t.list_id
             WHERE l.state = 'confirmed' AND t.user_id IS NOT NULL
               AND NOT EXISTS (
                        SELECT 1 FROM kam_plan p
                         WHERE p.account_id = t.account_id AND p.state != 'cancelled'
                           AND p.kind IN ('development', 'cooperation')
                           AND date_part('year', p.date_from) <= l.year
                           AND date_part('year', p.date_to) >= l.year)
            """
        )

    def _work_sql(self):
        """Work of the quarter that is ticked by hand."""
        return SQL(
            """
            SELECT id AS res_id, user_id, NULL::int AS account_id, company_id, date_due,
                   62 AS sort
              FROM kam_work_calendar_line
             WHERE user_id IS NOT NULL AND measure = 'manual' AND done_on IS NULL
               AND frozen_on IS NULL
            """
        )

    def _week_labels(self):
        return super()._week_labels() | {
            "plan": self.env._("Account Plan"),
            "target": self.env._("Target Account"),
            "work": self.env._("Work Calendar"),
        }

    def _week_buttons(self):
        return super()._week_buttons() | {
            "target": ("plan", "action_make_plan"),
            "work": ("done", "action_done"),
        }
