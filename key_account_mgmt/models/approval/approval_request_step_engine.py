from odoo import Command, fields, models
from odoo.exceptions import AccessError, UserError

from ...policy import routing

VOTES = ("approve", "refuse")


class KamApprovalRequestStep(models.Model):
    """Asking a step, and the votes that settle it.

    Every method below :meth:`_act` runs on :meth:`_engine` records; the right was checked.
    """

    _inherit = "kam.approval.request.step"

    def _decide(self, state, comment):
        return self._act("approve" if state == routing.APPROVED else "refuse", comment)

    def _act(self, kind, comment, **target):
        """What an approver does with his steps: after every check, all or nothing.

        :param kind: kind of the decision to record
        :param target: what the kind needs besides (person, step)
        """
        self.check_access("read")
        delegations = self._my_delegations()
        steps = self._engine()
        steps.request_id._lock()
        rights = {step: step._check_right(delegations) for step in steps}
        steps.request_id._check_readable()
        comment = self._said(comment)
        if kind in VOTES:
            steps.request_id._check_unchanged()
            steps._vote(kind, rights, comment)
        else:
            for step, right in rights.items():
                step._check_pending()
                getattr(step, f"_perform_{kind}")(*right, comment, **target)
        steps.request_id._touch()
        steps.request_id._forget()
        return True

    def _check_pending(self):
        if self.state != routing.PENDING:
            raise UserError(
                self.env._("Step “%(step)s” does not wait for a decision.", step=self.name)
            )

    def _check_right(self, delegations):
        """(approver, delegation) in whose right the acting user decides."""
        self._check_pending()
        approver, delegation = self._right_of(self.env.user, delegations)
        if not approver:
            self._raise_not_approver()
        return approver, delegation

    def _raise_not_approver(self):
        if self.env.user in self.voter_ids:
            raise AccessError(
                self.env._(
                    "You have decided step “%(step)s” already: others are asked, too.",
                    step=self.name,
                )
            )
        raise AccessError(
            self.env._(
                "Only %(names)s can decide step “%(step)s” of “%(document)s”.",
                names=", ".join((self._active_approvers() - self.voted_ids).mapped("name"))
                or self.env._("nobody"),
                step=self.name,
                document=self.document_name,
            )
        )

    def _decision_vals(self, kind, approver, delegation, comment, **values):
        now = fields.Datetime.now()
        return {
            "request_id": self.request_id.id,
            "request_step_id": self.id,
            "kind": kind,
            "user_id": self.env.uid,
            "approver_id": approver.id,
            "delegation_id": delegation.id,
            "comment": comment,
            "decided_on": now,
            "fingerprint": self.request_id.fingerprint,
            "cycle": self.cycle,
            "seconds_taken": self._seconds_since_asked(now),
            "is_repeated": self._has_decided_elsewhere(self.env.user),
            **values,
        }

    def _record(self, kind, approver, delegation, comment, **values):
        vals = self._decision_vals(kind, approver, delegation, comment, **values)
        return self.env["kam.approval.decision"].create(vals)

    def _seconds_since_asked(self, now):
        return int((now - self.pending_since).total_seconds()) if self.pending_since else 0

    def _has_decided_elsewhere(self, user):
        """Whether ``user`` gave a vote in another step of this round."""
        return any(
            decision.user_id == user and decision.request_step_id != self
            for decision in self.request_id.decision_ids
            if decision.kind in VOTES
        )

    # Votes

    def _vote(self, kind, rights, comment):
        """One vote in each step; those it settles close, and their requests go on."""
        decisions = self.env["kam.approval.decision"].create(
            [step._decision_vals(kind, *rights[step], comment) for step in self]
        )
        for approver, steps in self.grouped(lambda step: rights[step][0]).items():
            steps.write(
                {
                    "voted_ids": [Command.link(approver.id)],
                    "voter_ids": [Command.link(self.env.uid)],
                }
            )
        decisions._tell_delegators()
        self._settle()

    def _vote_state(self):
        """What the votes of this cycle come to."""
        refusals = len(self._refusals())
        return routing.step_outcome(
            self.quorum,
            self.quorum_number,
            len(self._electorate()),
            len(self.voted_ids) - refusals,
            refusals,
        )

    def _refusals(self):
        """The refusals of this cycle, the latest first."""
        return self.request_id.decision_ids.filtered(
            lambda d: d.request_step_id == self and d.kind == "refuse" and d.cycle == self.cycle
        )

    def _settling_decisions(self):
        """The approvals that settled the step, its own and those of earlier ones."""
        return self.carried_decision_ids | self.decision_ids.filtered(
            lambda d: d.kind == "approve" and d.cycle == self.cycle
        )

    def _settle(self):
        """Close the steps whose votes suffice; then ask the next ones or close the round."""
        states = {step: step._vote_state() for step in self}
        done = self.filtered(lambda step: states[step] != routing.PENDING)
        done._close(states)
        approved = done.filtered(lambda step: states[step] == routing.APPROVED)
        approved.request_id._advance()
        for step in done - approved:
            if step.request_id.state == "pending":
                step.request_id._refuse(step._refusals()[:1])

    def _close(self, states):
        now = fields.Datetime.now()
        times = {company: company._kam_working_time() for company in self.company_id}
        for step in self:
            hours = times[step.company_id].hours_between(step.pending_since, now)
            step.write({"state": states[step], "decided_on": now, "hours_taken": hours})
        notices = self.env["kam.notice"]
        # A request that ends settles everybody's at once.
        going_on = self.filtered(
            lambda s: routing.outcome(s.request_id._step_states()) == routing.PENDING
        )
        for people, steps in going_on.grouped(lambda s: s.approver_ids | s.voter_ids).items():
            notices._settle("approval", steps.request_id, users=people)

    # Asking

    def _earlier_decisions(self):
        """Approvals in this round by this step's approvers, each in his own right."""
        decisions = self.env["kam.approval.decision"]
        if self.always_ask or self.must_ask:
            return decisions
        approvers = self.approver_ids
        for decision in self.request_id.decision_ids.sorted("id"):
            if (
                decision.kind == "approve"
                and decision.user_id == decision.approver_id
                and decision.user_id in approvers
                and decision.request_step_id.state == routing.APPROVED
                and decision.cycle == decision.request_step_id.cycle
            ):
                decisions |= decision
                approvers -= decision.user_id
        return decisions

    def _ask(self):
        """Put each question to its approvers, except to who answered it in this round."""
        asked = self.browse()
        for step in self:
            if carried := step._earlier_decisions():
                step._carry(carried)
            if step.state == routing.WAITING:
                asked |= step
        asked._open()
        asked.flush_recordset()
        asked._tell_approvers(asked._active_by_step())

    def _carry(self, decisions):
        """Count earlier decisions as votes; the step is settled when they suffice."""
        self.write(
            {
                "carried_decision_ids": [Command.set(decisions.ids)],
                "voted_ids": [Command.set(decisions.approver_id.ids)],
            }
        )
        if self._vote_state() == routing.APPROVED:
            self.write({"state": routing.SKIPPED})

    def _open(self):
        now = fields.Datetime.now()
        timed = self.filtered("sla_hours")
        times = {company: company._kam_working_time() for company in timed.company_id}
        for step in self:
            deadline = step in timed and times[step.company_id].add_hours(now, step.sla_hours)
            step.write({"state": routing.PENDING, "pending_since": now, "deadline": deadline})

    def _active_by_step(self):
        return {step: step._active_approvers() - step.voted_ids for step in self}

    def _tell_approvers(self, users_by_step):
        """One line in the morning message of each approver and of who stands in for him."""
        users = self.env["res.users"].union(*users_by_step.values())
        delegations = self.env["kam.approval.delegation"]
        in_force = delegations._in_force_of(users, fields.Datetime.now()).grouped("user_id")
        nothing = delegations.browse()
        notices = []
        for step, approvers in users_by_step.items():
            for approver in approvers - step.requester_id:
                reason = step._reason_text(approver, nothing)
                notices.append(step._approver_notice(approver, reason))
                for delegation in in_force.get(approver, nothing):
                    delegate = delegation.delegate_id
                    if delegation._covers(step.res_model) and delegate != step.requester_id:
                        reason = step._reason_text(approver, delegation)
                        notices.append(step._approver_notice(delegate, reason))
        self.env["kam.notice"]._queue_all(notices)

    def _tell_approver(self, user, reason, urgent=False):
        self.env["kam.notice"]._queue_all([self._approver_notice(user, reason, urgent)])

    def _approver_notice(self, user, reason, urgent=False):
        step = self._without_engine().with_context(lang=user.lang)
        request = step.request_id
        lines = [request.document_type]
        if request.partner_id:
            lines.append(request.partner_id.name)
        lines.append(step.env._("Requested by %(name)s", name=request.requester_id.name))
        if reason:
            lines.append(reason)
        lines += request._snapshot_texts()["highlights"]
        title = step.env._("Waits for your approval: %(document)s", document=request.name)
        return step.env["kam.notice"]._prepare_vals(
            user, title, lines, urgent=urgent, record=request, topic="approval"
        )
