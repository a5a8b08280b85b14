from odoo import api, models

from .scorecard_flow import TOPIC_OBJECTION, TOPIC_READY, TOPIC_REVIEW


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        titles = {
            TOPIC_REVIEW: self.env._("Scorecards to review: %(count)s", count=count),
            TOPIC_READY: self.env._("Scorecards ready for you: %(count)s", count=count),
            TOPIC_OBJECTION: self.env._("Objections to scorecards: %(count)s", count=count),
        }
        return titles.get(topic) or super()._topic_title(topic, count)
