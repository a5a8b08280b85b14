from odoo import api, models


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        titles = {
            "contract_check": self.env._("%(count)s contract checks are due", count=count),
            "contract_term": self.env._("%(count)s terms of contracts are due", count=count),
            "contract_retention": self.env._("%(count)s retentions are due", count=count),
            "contract_renewal": self.env._("%(count)s contracts are to be renewed", count=count),
            "contract_settlement": self.env._("%(count)s contracts are to settle", count=count),
        }
        return titles.get(topic) or super()._topic_title(topic, count)
