from odoo import api, models

from .plan_moves import TOPIC
from .target_account import TOPIC as TARGET


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == TOPIC:
            return self.env._("%(count)s plans are to be completed", count=count)
        if topic == TARGET:
            return self.env._("%(count)s target accounts for you", count=count)
        return super()._topic_title(topic, count)
