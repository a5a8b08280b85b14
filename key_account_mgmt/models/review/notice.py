from odoo import api, models

from .review_flow import TOPIC_MINUTES, TOPIC_PLANNED


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == TOPIC_PLANNED:
            return self.env._("%(count)s meetings are planned", count=count)
        if topic == TOPIC_MINUTES:
            return self.env._("%(count)s minutes for you", count=count)
        return super()._topic_title(topic, count)
