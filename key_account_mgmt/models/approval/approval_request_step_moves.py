from odoo import Command, models
from odoo.exceptions import AccessError, UserError

from ...policy import routing


class KamApprovalRequestStep(models.Model):
    """What an approver may do besides voting: return, transfer, add, copy."""

    _inherit = "kam.approval.request.step"

    def _perform_return(self, approver, delegation, comment, step_id=False):
        request = self.request_id
        if not step_id:
            request._send_back(self._record("return", approver, delegation, comment))
            return
        target = request.step_ids.filtered(lambda step: step.id == step_id)
        if not target or target.sequence >= self.sequence or target.state == routing.REFUSED:
            raise UserError(
                self.env._("“%(document)s” can only return to an earlier step of it.",
                           document=self.document_name)
            )  # fmt: skip
        self._record("return", approver, delegation, comment, target_step_id=target.id)
        later = request.step_ids.filtered(lambda step: step.sequence > target.sequence)
        (target | later)._ask_anew()
        target.write({"must_ask": True})
        request._advance()

    def _ask_anew(self):
        """Forget the votes, not the decisions: the next cycle of each step begins."""
        self._settle_notices(self.approver_ids)
        for step in self:
            step.write(
                {
                    "state": routing.WAITING,
                    "cycle": step.cycle + 1,
                    "voted_ids": [Command.clear()],
                    "voter_ids": [Command.clear()],
                    "carried_decision_ids": [Command.clear()],
                    "pending_since": False,
                    "deadline": False,
                    "decided_on": False,
                    "hours_taken": 0.0,
                    "escalation_level": 0,
                }
            )

    def _settle_notices(self, people):
        """Nobody hears in the morning of what does not wait for him any more."""
        self.env["kam.notice"]._settle("approval", self.request_id, users=people)

    def _perform_transfer(self, approver, delegation, comment, user_id):
        user = self._check_target(user_id)
        if approver != self.env.user:
            raise AccessError(
                self.env._(
                    "Only %(name)s himself can give his place to somebody else.",
                    name=approver.name,
                )
            )
        self._record("transfer", approver, delegation, comment, target_user_id=user.id)
        self.write({"approver_ids": [Command.unlink(approver.id), Command.link(user.id)]})
        self._settle_notices(approver)
        self._tell_approvers({self: user})

    def _perform_add(self, approver, delegation, comment, user_id):
        user = self._check_target(user_id)
        added = self.create(
            {
                "request_id": self.request_id.id,
                "sequence": self.sequence,
                "name": self.env._("Added by %(name)s", name=self.env.user.name),
                "approver_type": "user",
                "approver_ids": [Command.set(user.ids)],
                "quorum": routing.ANY,
                "sla_hours": self.sla_hours,
                "escalations": self.escalations,
                "evidence": self.evidence,
                "evidence_fingerprint": self.evidence_fingerprint,
                "state": routing.WAITING,
                "cycle": 1,
                "must_ask": True,
            }
        )
        # In its place among the others.
        self.request_id.invalidate_recordset(["step_ids"])
        values = {"target_user_id": user.id, "target_step_id": added.id}
        self._record("add", approver, delegation, comment, **values)
        added._ask()

    def _perform_copy(self, approver, delegation, comment, user_ids):
        users = self._people(user_ids)
        company = self.company_id
        if not users or any(not self._may_be_asked(user, company) for user in users):
            raise UserError(
                self.env._("Choose active colleagues with access to %(company)s.",
                           company=company.name)
            )  # fmt: skip
        for user in users:
            self._record("copy", approver, delegation, comment, target_user_id=user.id)
        self.request_id.write({"copied_ids": [Command.link(user.id) for user in users]})
        self.request_id._tell_copied(users)

    def _check_target(self, user_id):
        """The person a step is given to.

        :raise UserError: he cannot decide it, or is asked already
        """
        user = self._people([user_id])
        if not user or not self._may_be_asked(user, self.company_id):
            raise UserError(
                self.env._("Choose an active colleague with access to %(company)s.",
                           company=self.company_id.name)
            )  # fmt: skip
        if user == self.requester_id:
            raise UserError(self.env._("Nobody approves his own request."))
        if user in self._electorate():
            raise UserError(self.env._("%(name)s is asked already.", name=user.name))
        return user

    def _people(self, ids):
        """Users of the ids a client sent; what is no id is nobody."""
        ids = ids if isinstance(ids, list | tuple) else []
        ids = [i for i in ids if isinstance(i, int) and not isinstance(i, bool) and i > 0]
        return self.env["res.users"].browse(ids).exists()

    def _may_be_asked(self, user, company):
        return self.env["kam.approval.step"]._may_decide(user, company)
