from odoo import models


class KamVisit(models.Model):
    _inherit = "kam.visit"

    def _on_visit_changed(self):
        """What a visit fulfils is counted at once.  Source: design §4.3."""
        # sudo: what is owed is counted by the system, whoever reports.
        visits = self.sudo()
        accounts = visits.account_id | visits.also_account_ids
        self.env["kam.obligation"]._refresh_accounts(accounts, visits.mapped("day"))
