from odoo import api, fields, models
from odoo.fields import Domain

from .issue import OPEN, UNREPLIED


class KamAccount(models.Model):
    """Issues of an account: in its header, in hand-overs and merges."""

    _inherit = "kam.account"

    open_issue_count = fields.Integer("Open Issues", compute="_compute_issue_counts")
    late_issue_count = fields.Integer("Late Issues", compute="_compute_issue_counts")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_issue_counts(self):
        Issue = self.env["kam.issue"]
        mine = Domain("account_id", "in", self.ids)
        counts = [{}, {}]
        if Issue.has_access("read"):
            late = Domain("next_deadline", "<", fields.Datetime.now())
            counts = [
                dict(Issue._read_group(mine & domain, ["account_id"], ["__count"]))
                for domain in (Issue._open_domain(), late)
            ]
        for account in self:
            account.open_issue_count = counts[0].get(account._origin, 0)
            account.late_issue_count = counts[1].get(account._origin, 0)

    def action_raise_issue(self):
        """Raise an issue: kind, text, severity.  Source: S0-52, S1f-06."""
        self.ensure_one()
        self.check_access("read")
        self.env["kam.issue"].check_access("create")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Raise Issue"),
            "res_model": "kam.issue",
            "views": [(self.env.ref("key_account_mgmt.kam_issue_view_form_raise").id, "form")],
            "view_mode": "form",
            "target": "new",
            "context": {"default_account_id": self.id},
        }

    def action_open_issues(self):
        """The issues of these accounts, the open ones first."""
        self.check_access("read")
        self.env["kam.issue"].check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_issue_action")
        context = {"search_default_open": 1}
        if len(self) == 1:
            context["default_account_id"] = self.id
        return action | {"domain": [("account_id", "in", self.ids)], "context": context}

    # Hand-over ------------------------------------------------------------------------

    def _handover_issues(self, user):
        domain = Domain("account_id", "in", self.ids) & Domain("user_id", "=", user.id)
        return self.env["kam.issue"].search(domain & Domain("state", "in", OPEN))

    def _handover_items(self, user):
        """Also the issues he handles."""
        return super()._handover_items(user) + [
            {
                "kind": "other",
                "model": issue._name,
                "res_id": issue.id,
                "name": self.env._("Issue: %(name)s", name=issue.display_name),
                "date": issue.date_due,
                "account_id": issue.account_id.id,
            }
            for issue in self._handover_issues(user)
        ]

    def _handover_apply(self, old, new):
        result = super()._handover_apply(old, new)
        issues = self._handover_mine(self._handover_issues(old))
        issues._as_engine().write({"user_id": new.id})
        issues.filtered(lambda i: i.state in UNREPLIED)._settle_given()
        return result

    def _merge_into(self, kept):
        # sudo: the wizard is for administrators of contacts, not of issues.
        issues = self.env["kam.issue"].sudo()._as_engine()
        issues.search([("account_id", "=", self.id)]).write({"account_id": kept.id})
        return super()._merge_into(kept)
