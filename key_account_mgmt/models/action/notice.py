from odoo import api, models

from .action import TOPIC


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == TOPIC:
            return self.env._("%(count)s actions need you", count=count)
        return super()._topic_title(topic, count)
