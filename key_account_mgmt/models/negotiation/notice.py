from odoo import api, models


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == "negotiation_floor":
            return self.env._("%(count)s negotiations need an executive", count=count)
        if topic == "negotiation":
            return self.env._("%(count)s authorizations for you", count=count)
        return super()._topic_title(topic, count)
