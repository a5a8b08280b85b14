from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...policy import routing


class KamApprovalRequest(models.Model):
    """One round of asking for approval of one document.

    It keeps what was asked: the figures as a fingerprint, a summary to read, the files,
    the approvers.  A change of the document is a new round; rounds are kept for ever.
    """

    _name = "kam.approval.request"
    _inherit = ["kam.approval.record"]
    _description = "Approval Request"
    _order = "submitted_on desc, id desc"

    name = fields.Char(required=True)
    res_model = fields.Char(required=True)
    res_id = fields.Many2oneReference(model_field="res_model", required=True)
    document_type = fields.Char(compute="_compute_document_type")
    company_id = fields.Many2one("res.company", required=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", index="btree_not_null", ondelete="restrict"
    )
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary(help="In company currency.")
    requester_id = fields.Many2one(
        "res.users", required=True, index=True, ondelete="restrict", string="Requested by"
    )
    round = fields.Integer(required=True, aggregator=None)
    route_id = fields.Many2one("kam.approval.route", required=True, index=True, ondelete="restrict")
    route_name = fields.Char(string="Approval Route", required=True)
    route_version = fields.Char(
        help="Number and day of the latest change of the route before the round was opened."
    )
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("returned", "Returned"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        index=True,
    )
    fingerprint = fields.Char(required=True, help="Of all figures the approvers decide about.")
    file_ids = fields.Json(string="Files", help="Ids of the attachments the round is about.")
    snapshot = fields.Json(help="Per language: summary as [label, value], highlights.")
    submitted_on = fields.Datetime(required=True, index=True)
    decided_on = fields.Datetime()
    copied_ids = fields.Many2many(
        "res.users",
        "kam_approval_request_copied_rel",
        "request_id",
        "user_id",
        string="Copies To",
        context={"active_test": False},
    )
    reminded_on = fields.Date()
    step_ids = fields.One2many("kam.approval.request.step", "request_id", string="Steps")
    decision_ids = fields.One2many("kam.approval.decision", "request_id", string="Decisions")

    summary_html = fields.Html("Summary", compute="_compute_summary")
    highlights_html = fields.Html("What Is Unusual", compute="_compute_summary")
    waiting_for = fields.Char(compute="_compute_waiting_for")
    is_involved = fields.Boolean(compute="_compute_is_involved", search="_search_is_involved")
    my_step_id = fields.Many2one("kam.approval.request.step", compute="_compute_my_step_id")
    can_withdraw = fields.Boolean(compute="_compute_can_withdraw")
    can_remind = fields.Boolean(compute="_compute_can_withdraw")
    next_text = fields.Char("Then", compute="_compute_next_text")
    round_decision_ids = fields.Many2many(
        "kam.approval.decision", string="Decisions of All Rounds", compute="_compute_rounds"
    )

    _one_per_round = models.UniqueIndex(
        "(res_model, res_id, round)", "This round was already submitted."
    )
    _one_pending = models.UniqueIndex(
        "(res_model, res_id) WHERE state = 'pending'",
        "This document already waits for approval.",
    )

    @api.depends("res_model")
    def _compute_document_type(self):
        for request in self:
            model = self.env["ir.model"].sudo()._get(request.res_model or "")
            request.document_type = model.name or request.res_model

    @api.depends("snapshot")
    @api.depends_context("lang")
    def _compute_summary(self):
        row = Markup("<tr><td class='text-muted pe-3'>%s</td><td>%s</td></tr>")
        item = Markup("<li>%s</li>")
        for request in self:
            texts = request._snapshot_texts()
            rows = [row % (label, value) for label, value in texts["summary"]]
            items = [item % text for text in texts["highlights"]]
            request.summary_html = (
                Markup("<table class='table table-sm mb-0'>%s</table>") % Markup("").join(rows)
                if rows
                else False
            )
            request.highlights_html = (
                Markup("<ul class='mb-0 ps-3'>%s</ul>") % Markup("").join(items) if items else False
            )

    @api.depends("step_ids.state", "state")
    @api.depends_context("lang", "tz")
    def _compute_waiting_for(self):
        # sudo: whose turn it is, is no secret to anybody who sees the document.
        for request in self.sudo():
            request.waiting_for = request._waiting_text()

    @api.depends("state", "step_ids.state", "step_ids.approver_ids", "decision_ids")
    @api.depends_context("uid")
    def _compute_is_involved(self):
        # sudo: the answer is the access rule itself.
        involved = self.sudo().search(self._domain_involved() & Domain("id", "in", self.ids))
        for request in self:
            request.is_involved = request.id in involved._ids

    @api.model
    def _search_is_involved(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._domain_involved()

    @api.depends("state", "step_ids.state", "step_ids.approver_ids")
    @api.depends_context("uid")
    def _compute_my_step_id(self):
        # sudo: the answer is the access rule itself.
        steps = self.env["kam.approval.request.step"].sudo()
        mine = steps.search(steps._domain_mine() & Domain("request_id", "in", self.ids))
        by_request = {step.request_id.id: step.id for step in mine}
        for request in self:
            request.my_step_id = by_request.get(request.id, False)

    @api.depends("state", "requester_id")
    @api.depends_context("uid")
    def _compute_can_withdraw(self):
        for request in self:
            request.can_withdraw = (
                request.state == "pending" and request.requester_id == self.env.user
            )
            request.can_remind = request.can_withdraw and (
                request.reminded_on != request.sudo().company_id._kam_today()
            )

    @api.depends("step_ids.state", "state")
    def _compute_next_text(self):
        # sudo: what comes next is no secret to anybody who sees the document.
        for request in self.sudo():
            steps = request.step_ids.filtered(lambda s: s.state == routing.WAITING)
            request.next_text = request.state == "pending" and " → ".join(steps.mapped("name"))

    @api.depends("decision_ids")
    @api.depends_context("uid")
    def _compute_rounds(self):
        for request in self:
            request.round_decision_ids = request._rounds().decision_ids

    def _rounds(self):
        """All rounds of the same document the reader may see, oldest first."""
        self.ensure_one()
        return self.search(
            [("res_model", "=", self.res_model), ("res_id", "=", self.res_id)], order="round"
        )

    def _chain_facts(self):
        """Who asked, when, by which route, about how much: (label, value) for the record."""
        self.ensure_one()
        moment = fields.Datetime.context_timestamp(self, self.submitted_on)
        facts = [
            (self.env._("Requested by"), self.requester_id.name),
            (self.env._("Submitted on"), moment.strftime("%Y-%m-%d %H:%M")),
            (self.env._("Approval Route"), self.route_name),
            (self.env._("Company"), self.company_id.name),
        ]
        if self.partner_id:
            facts.append((self.env._("Customer"), self.partner_id.name))
        if self.amount:
            facts.append((self.env._("Amount"), self.currency_id.format(self.amount)))
        if self.copied_ids:
            facts.append((self.env._("Copies To"), ", ".join(self.copied_ids.mapped("name"))))
        return facts

    @api.model
    def _domain_involved(self):
        """Requests the user asked for, was asked in, decided in, or is asked in now."""
        uid = self.env.uid
        mine = self.env["kam.approval.request.step"]._domain_mine()
        return (
            Domain("requester_id", "=", uid)
            | Domain("step_ids", "any", [("approver_ids", "in", [uid])])
            | Domain("decision_ids", "any", [("user_id", "=", uid)])
            | Domain("decision_ids", "any", [("approver_id", "=", uid)])
            | Domain("copied_ids", "in", [uid])
            | Domain("step_ids", "any", mine)
        )

    # Actions

    def action_approve(self, comment=None):
        """Approve the pending step of each request.

        :raise AccessError: the user is not its approver, nor a delegate
        :raise UserError: nothing is pending, somebody else is deciding, or the document
            changed after submission
        """
        return self._my_steps().action_approve(comment)

    def action_refuse(self, comment):
        """Refuse the pending step of each request, with a reason.  Errors: as approve."""
        return self._my_steps().action_refuse(comment)

    def action_open_approve(self):
        return self._my_steps().action_open_approve()

    def action_open_refuse(self):
        return self._my_steps().action_open_refuse()

    def action_open_return(self):
        return self._my_steps().action_open_return()

    def action_open_transfer(self):
        return self._my_steps().action_open_transfer()

    def action_open_add(self):
        return self._my_steps().action_open_add()

    def action_open_copy(self):
        return self._my_steps().action_open_copy()

    def action_remind(self):
        """Remind who holds each request; once a day.

        :raise AccessError: somebody else's request
        :raise UserError: not pending, or reminded today already
        """
        self.check_access("read")
        for request in self:
            if request.requester_id != self.env.user:
                raise AccessError(
                    self.env._(
                        "Only %(requester)s can remind.", requester=request.requester_id.name
                    )
                )
            request._engine()._remind()
        self.invalidate_recordset()
        return True

    def action_withdraw(self):
        """Take the request back; the document can be changed and submitted again.

        :raise AccessError: somebody else's request, unless he has left the company
        :raise UserError: it is decided already
        """
        self.check_access("read")
        for request in self:
            document = request._document_of_user()
            if request.requester_id != self.env.user and (
                request.requester_id.active or not document.has_access("write")
            ):
                raise AccessError(
                    self.env._(
                        "Only %(requester)s can withdraw this request.",
                        requester=request.requester_id.name,
                    )
                )
            request._engine()._withdraw()
        self.invalidate_recordset()
        return True

    def action_open_document(self):
        self.ensure_one()
        self.check_access("read")
        self._document_of_user().check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }

    # The document

    def _documents(self):
        """Documents of requests of one kind and company, for the engine's own reading.

        As the system, in a neutral context: what is computed from them (fingerprint,
        route) depends on nobody's rights, language or context.
        """
        return self.env[self[0].res_model].browse(
            self.mapped("res_id"))._approval_neutral(self.company_id)  # fmt: skip

    def _documents_of_user(self):
        """Documents of requests of one kind, with the rights of the acting user in all of
        his companies."""
        allowed = self.env["res.company"].browse(self.env.user._get_company_ids())
        first = self.company_id & allowed
        context = {**self._plain_context(), "allowed_company_ids": (first | allowed).ids}
        env = self.env(su=False, context=context)
        return env[self[0].res_model].browse(self.mapped("res_id"))

    def _document_of_user(self):
        self.ensure_one()
        return self._documents_of_user()

    def _document_for_hooks(self):
        """The document as its own hooks get it: unrestricted, but outside the engine."""
        return self._document_of_user().sudo()

    # Texts

    def _snapshot_texts(self):
        """Texts frozen at submission, in the reader's language where it existed then."""
        self.ensure_one()
        snapshot = self.snapshot or {}
        texts = snapshot.get(self.env.lang) or next(iter(snapshot.values()), {})
        return {
            "summary": texts.get("summary") or [],
            "highlights": texts.get("highlights") or [],
        }

    def _waiting_text(self):
        self.ensure_one()
        steps = self.step_ids.filtered(lambda s: s.state == routing.PENDING)
        if self.state != "pending" or not steps:
            return False
        since = fields.Datetime.context_timestamp(self, min(steps.mapped("pending_since")))
        people = self.env["res.users"].union(
            *(step._active_approvers() - step.voted_ids for step in steps)
        )
        return self.env._(
            "%(names)s, since %(day)s",
            names=", ".join(people.mapped("name")) or self.env._("nobody"),
            day=since.strftime("%Y-%m-%d %H:%M"),
        )

    def _my_steps(self):
        """The pending step of each request the acting user may decide; else any pending
        one, so that the step says why he may not."""
        self.check_access("read")
        # sudo: only finds the steps; who may decide them is checked by the step.
        pending = self.sudo().step_ids.filtered(lambda s: s.state == routing.PENDING)
        mine = pending.filtered(lambda s: s.sudo(False).is_mine)
        chosen = mine
        for request in self.sudo() - mine.request_id:
            chosen |= pending.filtered(lambda s, r=request: s.request_id == r)[:1]
        if not self or chosen.request_id != self.sudo():
            raise UserError(self.env._("There is nothing to decide any more."))
        return chosen.sudo(self.env.su)
