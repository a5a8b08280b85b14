from odoo import Command, api, fields, models
from odoo.fields import Domain

from ...policy import routing


class KamApprovalRequestStep(models.Model):
    """Scheduled work: what waits too long, and what somebody who left no longer decides."""

    _name = "kam.approval.request.step"
    _inherit = ["kam.approval.request.step", "kam.job.mixin"]

    @api.model
    def _cron_watch(self):
        """Escalate late steps, each level once, and settle steps whose missing votes
        belonged to somebody who left."""
        now = fields.Datetime.now()
        steps = self._engine()
        pending = Domain("state", "=", routing.PENDING)
        late = steps.search(pending & Domain("deadline", "<=", now), order="deadline, id")
        left = steps.search(
            pending
            & Domain("quorum", "!=", routing.ANY)
            & Domain("approver_ids", "any", [("active", "=", False)])
        )
        times = {company: company._kam_working_time() for company in late.company_id}
        units = [
            (step._escalate_due, now)
            for step in late
            if step._level_due(now, times[step.company_id]) > step.escalation_level
        ]
        units += [(step._settle_left,) for step in left]
        steps._run_units("approvals", units)

    def _job_unit_company(self, function, args):
        return self.company_id.root_id

    def _job_unit_text(self, function, args):
        return f"{self.document_name}: {self.name}"

    def _level_due(self, now, time):
        hours = time.hours_between(self.deadline, now)
        return routing.due_level(hours, [level[0] for level in self.escalations or []])

    def _escalate_due(self, now):
        """Every level reached and not yet taken, in order."""
        self.request_id._lock()
        if self.state != routing.PENDING:
            return
        reached = self._level_due(now, self.company_id._kam_working_time())
        for number in range(self.escalation_level + 1, reached + 1):
            _hours, kind, user_id = self.escalations[number - 1]
            self._escalate(number, kind, self.env["res.users"].browse(user_id or []))
        self.write({"escalation_level": reached})

    def _escalate(self, number, kind, user):
        self.request_id._record(
            "escalate",
            request_step_id=self.id,
            cycle=self.cycle,
            level=number,
            target_user_id=user.id,
        )
        if kind == "remind":
            self._remind_approvers()
        elif kind == "tell":
            self._tell_escalated(user)
        elif self._may_be_asked(user, self.company_id) and user != self.requester_id:
            self.write({"approver_ids": [Command.link(user.id)]})
            self._tell_approver(user, self._reason_text(user, self._my_delegations().browse()))

    def _settle_left(self):
        """Close a step whose remaining approvers are no longer here."""
        self.request_id._lock()
        if self.state == routing.PENDING and self.voted_ids:
            self._settle()

    def _remind_approvers(self):
        """Tell everybody who can decide now, at once."""
        for step in self:
            for user in step._active_approvers() - step.voted_ids - step.requester_id:
                reason = step._reason_text(user, step.env["kam.approval.delegation"])
                step._tell_approver(user, reason, urgent=True)

    def _tell_escalated(self, user):
        step = self._without_engine().with_context(lang=user.lang)
        title = step.env._("Not decided in time: %(document)s", document=step.document_name)
        lines = [step.env._("Waits for %(names)s", names=step.request_id.waiting_for or "–")]
        step.env["kam.notice"]._queue(user, title, lines, record=step.request_id)
