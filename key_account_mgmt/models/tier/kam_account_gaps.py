from odoo import api, fields, models
from odoo.fields import Domain


class KamAccount(models.Model):
    """What the team rules find missing, on the account file.  Source: S0-37, S0-137."""

    _inherit = "kam.account"

    team_gap_text = fields.Text("Missing in the Team", compute="_compute_team_gap_text")
    has_team_gap = fields.Boolean(
        "Team Incomplete", compute="_compute_has_team_gap", search="_search_has_team_gap"
    )

    @api.depends("member_ids", "user_id", "tier_id", "state")
    @api.depends_context("lang", "uid", "allowed_company_ids")
    def _compute_team_gap_text(self):
        gaps = self.env["kam.team.gap"]
        found = gaps.search([("account_id", "in", self.ids)]).grouped("account_id")
        for account in self:
            account.team_gap_text = "\n".join(found.get(account._origin, gaps).mapped("what"))

    @api.depends("member_ids", "user_id", "tier_id", "state")
    @api.depends_context("uid", "allowed_company_ids")
    def _compute_has_team_gap(self):
        groups = self.env["kam.team.gap"]._read_group(
            [("account_id", "in", self.ids)], ["account_id"]
        )
        found = {account.id for (account,) in groups}
        for account in self:
            account.has_team_gap = account._origin.id in found

    def _search_has_team_gap(self, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain("id", "in", self.env["kam.team.gap"]._search([]).subselect("account_id"))
        return found if True in value else ~found
