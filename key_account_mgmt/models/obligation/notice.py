from odoo import api, models


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == "obligation":
            return self.env._("Obligations of your accounts")
        return super()._topic_title(topic, count)
