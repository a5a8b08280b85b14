from odoo import api, models


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        titles = {
            "guard_release": self.env._("%(count)s orders may go ahead early", count=count),
            "guard_remind": self.env._("%(count)s orders wait for what you hold", count=count),
            "guard_paid": self.env._("%(count)s paid orders wait for their contracts", count=count),
        }
        return titles.get(topic) or super()._topic_title(topic, count)
