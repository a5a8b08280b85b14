from odoo import models


class KamInsight(models.Model):
    _inherit = "kam.insight"

    def _on_insight_confirmed(self):
        """What a confirmed insight fulfils is counted at once.  Source: J16, S1a-14."""
        # sudo: what is owed is counted by the system, whoever confirms.
        insights = self.sudo()
        days = insights.mapped("date")
        self.env["kam.obligation"]._refresh_accounts(insights.account_id, days)
        for company in insights.filtered(lambda i: not i.account_id).company_id:
            self.env["kam.obligation"]._refresh_company(company)
