from odoo import models

from .contract import BEFORE, RUNNING

LEVELS = {
    "legal": "warning",
    "approval": "warning",
    "to_sign": "info",
    "in_force": "success",
    "completed": "success",
    "terminated": "danger",
    "cancelled": "secondary",
}


class KamContract(models.Model):
    """The contract as one step of a deal.  Source: design §4.4."""

    _inherit = "kam.contract"

    def _deal_code(self):
        return "contract"

    def _deal_step(self):
        self.ensure_one()
        holder = self.user_id.name if self.state in ("draft", "to_sign") else ""
        if self.state in ("legal", "approval"):
            holder = self.approval_waiting_for or self.legal_user_id.name or ""
        if self.state == "in_force":
            holder = self.project_manager_id.name or ""
        return super()._deal_step() | {
            "label": self.env._("Contract"),
            "level": LEVELS.get(self.state, "primary"),
            "holder": holder,
        }

    def _deal_next(self):
        """The one next button, for who may press it."""
        self.ensure_one()
        mine = self.state == "draft" and self.has_access("write") and self._may_draft()
        if mine and not self._contract_problems():
            return (self.env._("Submit"), "action_submit")
        return ()

    def _deal_running(self):
        self.ensure_one()
        return self.state in RUNNING

    def _deal_team(self):
        """Who drafts works on the deal until signature, who runs it afterwards, too."""
        self.ensure_one()
        people = self.user_id if self.state in BEFORE else self.env["res.users"]
        return [(user.id, False, False) for user in people | self.project_manager_id]
