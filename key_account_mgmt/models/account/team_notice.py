from odoo import api, models
from odoo.tools.misc import format_date


class KamNotice(models.Model):
    _inherit = "kam.notice"

    @api.model
    def _topic_title(self, topic, count):
        if topic == "handover":
            return self.env._("%(count)s hand-overs", count=count)
        return super()._topic_title(topic, count)


class KamJob(models.Model):
    _inherit = "kam.job"

    def _job_forecast_handovers(self, company, day):
        """Which hand-overs begin or come back.  Source: g Q35."""
        # sudo: names of two people and a day, for readers of this page only.
        Handover = self.env["kam.handover"].sudo()
        mine = [("company_id", "=", company.id)]
        due = Handover.search([*mine, ("state", "=", "accepted"), ("date_from", "<=", day)])
        over = Handover.search([*mine, ("state", "=", "running"), ("date_to", "<", day)])
        if not (due or over):
            return [
                self.env._(
                    "No hand-over begins or ends by %(day)s.", day=format_date(self.env, day)
                )
            ]
        return [
            *(self.env._("Begin: %(name)s.", name=handover.name) for handover in due),
            *(self.env._("Return: %(name)s.", name=handover.name) for handover in over),
        ]
