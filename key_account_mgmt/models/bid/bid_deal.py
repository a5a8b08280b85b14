from odoo import models

from .bid import BEFORE

LEVELS = {"won": "success", "lost": "danger", "rejected": "danger"}


class KamBid(models.Model):
    """The bid as one step of a deal."""

    _inherit = "kam.bid"

    def _deal_code(self):
        return "bid"

    def _deal_step(self):
        self.ensure_one()
        states = dict(self._fields["state"]._description_selection(self.env))
        results = dict(self._fields["result"]._description_selection(self.env))
        holder = self.follow_up_user_id if self.state == "submitted" else self.user_id
        return {
            "label": self.env._("Bid"),
            "state": results[self.result] if self.result else states[self.state],
            "holder": "" if self.state == "result" else holder.name,
            "level": LEVELS.get(self.result, "secondary" if self.result else "primary"),
        }

    def _deal_next(self):
        """The one next button, for who may press it."""
        self.ensure_one()
        if not self.has_access("write") or self.state == "result":
            return ()
        if self.state == "identified":
            if not self._may_lead():
                return ()
            if not self.score_ids:
                return (self.env._("Score"), "action_score")
            if not self.go_decision:
                return (self.env._("Go"), "action_go")
            return (self.env._("Begin Preparing"), "action_prepare")
        if self.state == "preparing":
            may = self._may_work() and self.user_id != self.env.user
            return (self.env._("Review Offer"), "action_review") if may else ()
        if self.state == "reviewed":
            return (self.env._("Handed In"), "action_submit") if self._may_work() else ()
        return ()

    def _deal_running(self):
        self.ensure_one()
        return self.state in (*BEFORE, "submitted")

    def _deal_result(self):
        """A cancelled tender decides nothing about the deal: it may be put out again."""
        self.ensure_one()
        ends = {"won": "won", "lost": "lost", "rejected": "lost", "no_bid": "lost"}
        return ends.get(self.result, False)

    def _deal_team(self):
        """Leader and who follows up for good, members for their time."""
        self.ensure_one()
        fixed = self.user_id | self.follow_up_user_id
        members = self.member_ids.filtered(lambda member: member.user_id not in fixed)
        return [
            *((user.id, False, False) for user in fixed),
            *((member.user_id.id, member.date_from, member.date_to) for member in members),
        ]
