from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from ...policy import routing


class KamApprovalRequestStep(models.Model):
    """Deciding one step, and asking the next one."""

    _inherit = "kam.approval.request.step"

    def _decide(self, state, comment):
        self.check_access("read")
        delegations = self._my_delegations()
        for step in self:
            step._engine()._decide_one(state, (comment or "").strip(), delegations)
        self.env.invalidate_all()
        return True

    def _decide_one(self, state, comment, delegations):
        """One decision by ``env.user``, on an engine record."""
        request = self.request_id
        request._lock()
        if self.state != routing.PENDING:
            raise UserError(
                self.env._("Step “%(step)s” does not wait for a decision.", step=self.name)
            )
        approver, delegation = self._right_of(self.env.user, delegations)
        if not approver:
            self._raise_not_approver()
        self._check_readable()
        request._check_unchanged()
        decision = self.env["kam.approval.decision"].create(
            {
                "request_id": request.id,
                "request_step_id": self.id,
                "kind": "approve" if state == routing.APPROVED else "refuse",
                "user_id": self.env.uid,
                "approver_id": approver.id,
                "delegation_id": delegation.id,
                "comment": comment,
                "decided_on": fields.Datetime.now(),
                "fingerprint": request.fingerprint,
            }
        )
        self.write({"state": state, "decided_on": decision.decided_on})
        if state == routing.REFUSED:
            request._refuse(decision)
        else:
            request._advance()

    def _check_readable(self):
        if not self.request_id._document_of_user().has_access("read"):
            raise AccessError(
                self.env._(
                    "You cannot open “%(document)s”, so you cannot decide about it. Ask an "
                    "administrator for access.",
                    document=self.document_name,
                )
            )

    def _raise_not_approver(self):
        raise AccessError(
            self.env._(
                "Only %(names)s can decide step “%(step)s” of “%(document)s”.",
                names=", ".join(self._active_approvers().mapped("name")) or self.env._("nobody"),
                step=self.name,
                document=self.document_name,
            )
        )

    def _earlier_decision(self):
        """An approval in this round by one of this step's approvers in his own right."""
        if self.always_ask:
            return self.env["kam.approval.decision"]
        return self.request_id.decision_ids.filtered(
            lambda d: (
                d.kind == "approve"
                and d.user_id == d.approver_id
                and d.user_id in self.approver_ids
            )
        )[:1]

    def _ask(self):
        """Put the question to the approvers and tell them at once."""
        now = fields.Datetime.now()
        self.write({"state": routing.PENDING, "pending_since": now})
        self.flush_recordset()
        told = self.env["res.users"]
        for approver in self._active_approvers():
            told |= approver | self._delegates_of(approver, now)
        for user in told - self.requester_id:
            self._tell_approver(user)

    def _delegates_of(self, approver, now):
        delegations = self.env["kam.approval.delegation"].search([("user_id", "=", approver.id)])
        return delegations.filtered(
            lambda d: d._is_in_force(d._local_day(now)) and d._covers(self.res_model)
        ).delegate_id

    def _tell_approver(self, user):
        step = self._without_engine().with_context(lang=user.lang)
        request = step.request_id
        lines = [request.document_type]
        if request.partner_id:
            lines.append(request.partner_id.name)
        lines.append(step.env._("Requested by %(name)s", name=request.requester_id.name))
        if reason := step.with_user(user).sudo().reason:
            lines.append(reason)
        lines += request._snapshot_texts()["highlights"]
        title = step.env._("Waits for your approval: %(document)s", document=request.name)
        step.env["kam.notice"]._queue(user, title, lines, urgent=True, record=request)
