from odoo import api, models


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        titles = {
            "bid_deadline": self.env._("%(count)s bids are due", count=count),
            "bid_team": self.env._("%(count)s bids you were put on", count=count),
            "bid_clarification": self.env._("%(count)s clarifications are due", count=count),
            "bid_bond": self.env._("%(count)s bonds were not returned", count=count),
            "bid_sign": self.env._("%(count)s contracts are to be signed", count=count),
            "bid_certificate": self.env._("%(count)s certificates expire", count=count),
        }
        return titles.get(topic) or super()._topic_title(topic, count)
