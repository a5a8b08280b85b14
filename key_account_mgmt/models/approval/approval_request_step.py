from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...policy import routing
from .approval_step import QUORUMS


class KamApprovalRequestStep(models.Model):
    """One question of a round, with the people it is put to as of the submission."""

    _name = "kam.approval.request.step"
    _inherit = ["kam.approval.record"]
    _description = "Approval Request Step"
    _order = "request_id desc, sequence, id"

    request_id = fields.Many2one(
        "kam.approval.request", "Approval Request", required=True, index=True, ondelete="restrict"
    )
    sequence = fields.Integer(required=True)
    name = fields.Char(required=True)
    origin_step_id = fields.Many2one("kam.approval.step", ondelete="set null")
    approver_type = fields.Char()
    group_id = fields.Many2one("res.groups", string="User Group", ondelete="set null")
    approver_ids = fields.Many2many(
        "res.users",
        "kam_approval_request_step_user_rel",
        "step_id",
        "user_id",
        string="Approvers",
        # A colleague who left stays part of what happened.
        context={"active_test": False},
    )
    fallback_user_id = fields.Many2one("res.users", ondelete="restrict")
    always_ask = fields.Boolean()
    quorum = fields.Selection(
        QUORUMS,
        string="Who Must Agree",
        required=True,
    )
    quorum_number = fields.Integer()
    cycle = fields.Integer(required=True, help="Counts how often the step was asked in this round.")
    voted_ids = fields.Many2many(
        "res.users",
        "kam_approval_request_step_voted_rel",
        "step_id",
        "user_id",
        context={"active_test": False},
        help="Approvers in whose right a vote of this cycle was given.",
    )
    voter_ids = fields.Many2many(
        "res.users",
        "kam_approval_request_step_voter_rel",
        "step_id",
        "user_id",
        context={"active_test": False},
        help="People who gave a vote of this cycle, in their own right or another's.",
    )
    sla_hours = fields.Float()
    deadline = fields.Datetime(index="btree_not_null")
    escalations = fields.Json(help="Levels as [working hours late, kind, user id].")
    escalation_level = fields.Integer(aggregator=None)
    evidence = fields.Json(
        "Decides About", help="Names of the fields the step decides about; empty: all."
    )
    evidence_fingerprint = fields.Char(help="Of what the step decides about.")
    must_ask = fields.Boolean(help="Returned to: asked again, whoever decided before.")
    state = fields.Selection(
        [
            (routing.WAITING, "Not Yet"),
            (routing.PENDING, "Waiting"),
            (routing.APPROVED, "Approved"),
            (routing.REFUSED, "Refused"),
            (routing.SKIPPED, "Not Asked"),
        ],
        required=True,
        index=True,
    )
    pending_since = fields.Datetime()
    decided_on = fields.Datetime()
    hours_taken = fields.Float(
        "Working Hours", aggregator="avg", help="From the question to its answer."
    )
    carried_decision_ids = fields.Many2many(
        "kam.approval.decision",
        "kam_approval_request_step_carried_rel",
        "step_id",
        "decision_id",
        string="Counts Here, Too",
        help="Decisions of earlier steps or rounds that count here, too.",
    )
    decision_ids = fields.One2many("kam.approval.decision", "request_step_id")

    document_name = fields.Char("Document", related="request_id.name")
    document_type = fields.Char(related="request_id.document_type")
    res_model = fields.Char(related="request_id.res_model")
    company_id = fields.Many2one(
        related="request_id.company_id", store=True, precompute=True, index=True
    )
    partner_id = fields.Many2one(related="request_id.partner_id")
    currency_id = fields.Many2one(related="request_id.currency_id")
    amount = fields.Monetary(related="request_id.amount")
    requester_id = fields.Many2one(related="request_id.requester_id")
    submitted_on = fields.Datetime(related="request_id.submitted_on")
    round = fields.Integer(related="request_id.round")
    route_name = fields.Char(related="request_id.route_name", store=True, precompute=True)
    is_late = fields.Boolean(compute="_compute_is_late", search="_search_is_late")
    votes = fields.Char("Agreed", compute="_compute_votes")
    highlights_html = fields.Html(related="request_id.highlights_html")
    is_mine = fields.Boolean(compute="_compute_is_mine", search="_search_is_mine")
    reason = fields.Char(string="Why It Came to You", compute="_compute_reason")
    decided_before = fields.Char(compute="_compute_decided_before")
    remark = fields.Char(compute="_compute_remark")

    @api.depends("state", "approver_ids")
    @api.depends_context("uid")
    def _compute_is_mine(self):
        # sudo: the answer is the access rule itself.
        mine = self.sudo().search(self._domain_mine() & Domain("id", "in", self.ids))
        for step in self:
            step.is_mine = step.id in mine._ids

    @api.model
    def _search_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._domain_mine()

    @api.depends("state", "approver_ids")
    @api.depends_context("uid", "lang")
    def _compute_reason(self):
        delegations = self._my_delegations()
        for step in self:
            # sudo: the names of the group and the delegator are part of the answer.
            known = step.sudo()
            step.reason = known._reason_text(*known._right_of(self.env.user, delegations))

    @api.depends("request_id.decision_ids")
    @api.depends_context("lang")
    def _compute_decided_before(self):
        # sudo: who decided before belongs to the question.
        for step in self.sudo():
            decisions = step.request_id.decision_ids.filtered(
                lambda d: d.kind in ("approve", "refuse", "return")
            )
            step.decided_before = ", ".join(
                decision._who() for decision in decisions.sorted("decided_on")
            )

    @api.depends("carried_decision_ids", "state")
    @api.depends_context("lang")
    def _compute_remark(self):
        # sudo: part of what happened.
        for step in self.sudo():
            step.remark = ", ".join(
                step._carried_text(decision) for decision in step.carried_decision_ids
            )

    def _carried_text(self, decision):
        if decision.request_id == self.request_id:
            return self.env._(
                "%(who)s decided in step “%(step)s”",
                who=decision._who(),
                step=decision.request_step_id.name,
            )
        return self.env._(
            "%(who)s decided in round %(round)s: nothing of it changed since",
            who=decision._who(),
            round=decision.round,
        )

    @api.depends("voted_ids", "quorum", "approver_ids", "state")
    @api.depends_context("lang")
    def _compute_votes(self):
        # sudo: who agreed belongs to the question.
        for step in self.sudo():
            several = step.quorum != routing.ANY and len(step.approver_ids) > 1
            step.votes = several and self.env._(
                "%(count)s of %(needed)s",
                count=len(step.voted_ids),
                needed=step._needed(),
            )

    @api.depends("deadline", "state")
    def _compute_is_late(self):
        now = fields.Datetime.now()
        for step in self:
            step.is_late = step.state == routing.PENDING and bool(
                step.deadline and step.deadline < now
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", routing.PENDING) & Domain(
            "deadline", "<", fields.Datetime.now()
        )

    @api.model
    def _domain_mine(self):
        """Pending steps the user may decide: his own, as fallback, or as a delegate."""
        domain = self._domain_of_approver(self.env.uid)
        for delegation in self._my_delegations():
            theirs = self._domain_of_approver(delegation.user_id.id)
            if delegation.res_model:
                theirs &= Domain("request_id.res_model", "=", delegation.res_model)
            domain |= theirs
        return (
            domain
            & Domain("state", "=", routing.PENDING)
            & Domain("voter_ids", "not in", [self.env.uid])
            & Domain("request_id.requester_id", "!=", self.env.uid)
        )

    @api.model
    def _domain_of_approver(self, uid):
        nobody = Domain("approver_ids", "not any", [("active", "=", True)])
        own = Domain("approver_ids", "in", [uid]) | (nobody & Domain("fallback_user_id", "=", uid))
        return own & Domain("voted_ids", "not in", [uid])

    @api.model
    def _my_delegations(self):
        delegations = self.env["kam.approval.delegation"]
        return delegations._in_force_for(self.env.user, fields.Datetime.now())

    # Actions

    def action_approve(self, comment=None):
        """Approve each step.

        :raise AccessError: the user is neither its approver nor his delegate today, or
            cannot read the document
        :raise UserError: the step is not pending, somebody else is deciding at the same
            moment, or the document changed after submission
        """
        return self._decide(routing.APPROVED, comment)

    def action_refuse(self, comment):
        """Refuse each step with a reason; the whole request is refused.

        :raise UserError: without a comment, and as :meth:`action_approve`
        """
        if not self._said(comment):
            raise UserError(self.env._("Say why you refuse, so that it can be improved."))
        return self._decide(routing.REFUSED, comment)

    def action_return(self, comment, step_id=False):
        """Send each request back to its requester, or to an earlier step of it.

        :param step_id: id of an earlier, decided step of the same request; its question
            and all later ones are asked again
        :raise UserError: without a comment, not an earlier step, and as
            :meth:`action_approve`
        """
        if not self._said(comment):
            raise UserError(self.env._("Say what is missing, so that it can be added."))
        return self._act("return", comment, step_id=step_id)

    @api.model
    def _said(self, comment):
        """What a person said; whatever is no text says nothing."""
        return comment.strip() if isinstance(comment, str) else ""

    def action_transfer(self, user_id, comment=None):
        """Give one's place in each step to somebody else.

        :raise UserError: the person is the requester, already asked, inactive, or has no
            access to the company; and as :meth:`action_approve`
        """
        return self._act("transfer", comment, user_id=user_id)

    def action_add_approver(self, user_id, comment=None):
        """Ask one more person, at the same time as oneself.  Errors: as transfer."""
        return self._act("add", comment, user_id=user_id)

    def action_copy(self, user_ids, comment=None):
        """Let other colleagues read the request; they decide nothing.

        :raise UserError: a person is no active colleague with access to the company
        """
        return self._act("copy", comment, user_ids=user_ids)

    def action_open_approve(self):
        return self._open_wizard("approve", self.env._("Approve"))

    def action_open_refuse(self):
        return self._open_wizard("refuse", self.env._("Refuse"))

    def action_open_return(self):
        return self._open_wizard("return", self.env._("Return"))

    def action_open_transfer(self):
        return self._open_wizard("transfer", self.env._("Transfer"))

    def action_open_add(self):
        return self._open_wizard("add", self.env._("Add an Approver"))

    def action_open_copy(self):
        return self._open_wizard("copy", self.env._("Send a Copy"))

    def action_open_document(self):
        self.check_access("read")
        return self.request_id.action_open_document()

    def action_open_request(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.document_name,
            "res_model": "kam.approval.request",
            "res_id": self.request_id.id,
            "view_mode": "form",
        }

    def _open_wizard(self, kind, name):
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "kam.approval.decision.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_kind": kind, "default_step_ids": self.ids},
        }

    # Whose right

    def _right_of(self, user, delegations):
        """In whose right ``user`` may decide this step.

        :return: (approver, delegation); both empty without a right, delegation empty in
            his own right
        """
        nobody = self.env["res.users"]
        nothing = self.env["kam.approval.delegation"]
        approvers = self._active_approvers() - self.voted_ids
        if user == self.requester_id or user in self.voter_ids:
            return nobody, nothing
        if user in approvers:
            return user, nothing
        for delegation in delegations:
            if delegation.user_id in approvers and delegation._covers(self.res_model):
                return delegation.user_id, delegation
        return nobody, nothing

    def _active_approvers(self):
        """Approvers of the snapshot who are still here; the fallback when none is."""
        self.ensure_one()
        return self.approver_ids.filtered("active") or self.fallback_user_id.filtered("active")

    def _electorate(self):
        """Everybody whose vote counts: who is still here, and who voted before leaving."""
        return self._active_approvers() | self.voted_ids

    def _needed(self):
        return routing.needed(self.quorum, self.quorum_number, len(self._electorate()))

    def _reason_text(self, approver, delegation):
        if not approver:
            return False
        if delegation:
            return self.env._(
                "You stand in for %(name)s until %(day)s.",
                name=approver.name,
                day=delegation.date_to,
            )
        if approver not in self.approver_ids:
            return self.env._("Nobody else can decide this step; you are its fallback.")
        if moved := self._moved_to(approver):
            return moved
        if approver == self.fallback_user_id:
            return self.env._("Nobody else can decide this step; you are its fallback.")
        if self.approver_type == "group":
            return self.env._(
                "You are a member of “%(group)s”.", group=self.group_id.name or self.name
            )
        if self.approver_type == "field":
            return self.env._("The document names you.")
        return self.env._("The approval route names you.")

    def _moved_to(self, approver):
        """Why somebody who was not asked at first is asked now."""
        decision = self.request_id.decision_ids.filtered(
            lambda d: (
                d.target_user_id == approver
                and d.kind in ("transfer", "add", "escalate")
                and self in (d.request_step_id, d.target_step_id)
            )
        )[:1]
        if not decision:
            return False
        if decision.kind == "escalate":
            return self.env._("The others did not decide in time.")
        texts = {
            "transfer": self.env._("%(name)s gave it to you.", name=decision.user_id.name),
            "add": self.env._("%(name)s asks for your decision, too.", name=decision.user_id.name),
        }
        return texts[decision.kind]
