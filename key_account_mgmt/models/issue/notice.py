from odoo import api, models

from .issue_notice import TOPIC_GIVEN, TOPIC_NEWS, TOPICS_LATE


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        titles = {
            TOPIC_GIVEN: self.env._("Issues to handle: %(count)s", count=count),
            TOPIC_NEWS: self.env._("News of issues: %(count)s", count=count),
            TOPICS_LATE["response"]: self.env._(
                "Issues without a response in time: %(count)s", count=count
            ),
            TOPICS_LATE["resolve"]: self.env._(
                "Issues without a solution in time: %(count)s", count=count
            ),
        }
        return titles.get(topic) or super()._topic_title(topic, count)
