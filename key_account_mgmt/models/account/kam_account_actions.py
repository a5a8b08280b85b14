from odoo import api, fields, models
from odoo.fields import Domain


class KamAccount(models.Model):
    """What was promised to the account, and moves along when contacts are merged."""

    _inherit = "kam.account"

    open_action_count = fields.Integer("Open Actions", compute="_compute_action_counts")
    overdue_action_count = fields.Integer("Overdue Actions", compute="_compute_action_counts")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_action_counts(self):
        Action = self.env["kam.action"]
        mine = Domain("account_id", "in", self.ids)
        groups = (mine & Domain("state", "=", "open"), mine & Action._domain_overdue())
        still_open, late = (
            dict(Action._read_group(domain, ["account_id"], ["__count"])) for domain in groups
        )
        for account in self:
            account.open_action_count = still_open.get(account._origin, 0)
            account.overdue_action_count = late.get(account._origin, 0)

    def action_open_actions(self):
        """What was promised to these accounts, the open ones first."""
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_action_action")
        context = {"search_default_open": 1}
        if len(self) == 1:
            context["default_account_id"] = self.id
        return action | {"domain": [("account_id", "in", self.ids)], "context": context}

    def _merge_into(self, kept):
        # sudo and engine: as the merge itself; closed promises move, too.
        actions = self.env["kam.action"].sudo().search([("account_id", "=", self.id)])
        actions.account_id = kept
        return super()._merge_into(kept)
