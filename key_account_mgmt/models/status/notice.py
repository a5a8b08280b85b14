from odoo import api, models

from .status_flow import TOPIC_LATE, TOPIC_MADE, TOPIC_SUBMITTED, TOPIC_SUPPLEMENT


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        titles = {
            TOPIC_MADE: self.env._("%(count)s status reports to complete", count=count),
            TOPIC_LATE: self.env._("%(count)s status reports wait for your accounts", count=count),
            TOPIC_SUBMITTED: self.env._("%(count)s status reports to acknowledge", count=count),
            TOPIC_SUPPLEMENT: self.env._("%(count)s supplements to status reports", count=count),
        }
        return titles.get(topic) or super()._topic_title(topic, count)
