from odoo import api, models

from .request_notice import TOPIC_ANSWER, TOPIC_ASKED, TOPIC_OVERDUE


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        titles = {
            TOPIC_ASKED: self.env._("Requests to you: %(count)s", count=count),
            TOPIC_ANSWER: self.env._("News of requests: %(count)s", count=count),
            TOPIC_OVERDUE: self.env._("Overdue requests: %(count)s", count=count),
        }
        return titles.get(topic) or super()._topic_title(topic, count)
