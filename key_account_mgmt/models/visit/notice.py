from odoo import api, models

from .visit_jobs import TOPIC


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == TOPIC:
            return self.env._("%(count)s visit reports are due", count=count)
        if topic == "visit_report_sent":
            return self.env._("%(count)s visit reports for you", count=count)
        return super()._topic_title(topic, count)
