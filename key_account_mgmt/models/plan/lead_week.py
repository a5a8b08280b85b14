from odoo import api, models
from odoo.tools import SQL

from ..account.week_item import WeekSource
from .lead_stage_handover import TOPIC


class KamWeekItem(models.Model):
    """My Week: opportunities handed to me, benefits of referrals that were earned."""

    _inherit = "kam.week.item"

    def _week_sources(self):
        return [
            *super()._week_sources(),
            WeekSource(65, "stage_handover", "kam.stage.handover", self._week_stage_handovers()),
            WeekSource(66, "referral", "kam.referral", self._week_referrals()),
        ]

    def _week_labels(self):
        return super()._week_labels() | {
            "stage_handover": self.env._("Handed to Me"),
            "referral": self.env._("Referral Earned"),
        }

    def _week_buttons(self):
        return super()._week_buttons() | {"stage_handover": ("accept", "action_accept")}

    def _week_stage_handovers(self):
        return SQL(
            """
            SELECT id AS res_id, to_user_id AS user_id, NULL AS account_id, company_id,
                   date AS date_due, NULL AS sort
              FROM kam_stage_handover
             WHERE state = 'handed_over'
            """
        )

    def _week_referrals(self):
        """Won, and a benefit was meant: to be submitted."""
        return SQL(
            """
            SELECT r.id AS res_id, r.user_id, r.account_id, r.company_id,
                   l.date_closed::date AS date_due, NULL AS sort
              FROM kam_referral r
              JOIN crm_lead l ON l.id = r.lead_id
             WHERE r.state = 'pending' AND r.benefit_type IS NOT NULL
               AND l.won_status = 'won'
            """
        )


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == TOPIC:
            return self.env._("%(count)s hand-overs of opportunities", count=count)
        return super()._topic_title(topic, count)
