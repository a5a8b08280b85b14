from odoo import api, models


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        titles = {
            "contract_ask": self.env._("%(count)s contracts asked for", count=count),
            "contract_condition": self.env._("%(count)s contracts with conditions", count=count),
            "contract_file": self.env._("%(count)s changed files to judge", count=count),
            "contract_round": self.env._("%(count)s contracts need a new round", count=count),
            "contract_seal": self.env._("%(count)s seal requests", count=count),
        }
        return titles.get(topic) or super()._topic_title(topic, count)
