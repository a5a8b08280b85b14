from odoo import api, models


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == "pursuit":
            return self.env._("%(count)s news about pursuits", count=count)
        if topic == "pursuit_tracking":
            return self.env._("%(count)s questions of the KAM office", count=count)
        return super()._topic_title(topic, count)
