from odoo import api, fields, models

from .subject import KpiSubject, period_of


class KamAccount(models.Model):
    """The target beside the sales of the year.  Source: design §3, S0-41."""

    _inherit = "kam.account"

    year_target = fields.Monetary(
        "Target This Year", compute="_compute_year_target", help="Sales of this fiscal year."
    )

    @api.depends("company_id")
    def _compute_year_target(self):
        # sudo: which KPI is sales; whoever sees the account sees its target.
        sales = self.env["kam.kpi"].sudo().search([("code", "=", "K01")], limit=1)
        found = {}
        for company, accounts in self.grouped("company_id").items():
            if not (company and sales):
                continue
            year = period_of(company, "year", company.sudo()._kam_today())
            subjects = {KpiSubject("account", account._origin.id): account for account in accounts}
            targets = self.env["kam.target"]._for_many(list(subjects), sales, year, company)
            found |= {
                account: targets.get((subject, sales.id)) for subject, account in subjects.items()
            }
        for account in self:
            account.year_target = found.get(account) or 0.0

    def _merge_into(self, kept):
        """Targets of the merged file become those of the kept one, where that has none."""
        # sudo: as the merge itself.
        targets = self.env["kam.target"].sudo()
        mine = targets.search([("account_id", "=", self.id)])
        theirs = targets.search([("account_id", "=", kept.id)])
        there = {(t.kpi_id, t.period_kind, t.date_from) for t in theirs}
        for target in mine:
            if (target.kpi_id, target.period_kind, target.date_from) not in there:
                target._move_to_account(kept)
        return super()._merge_into(kept)
