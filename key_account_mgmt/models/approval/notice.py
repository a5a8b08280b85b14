from odoo import api, models


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == "approval":
            return self.env._("%(count)s approvals wait for you", count=count)
        return super()._topic_title(topic, count)
