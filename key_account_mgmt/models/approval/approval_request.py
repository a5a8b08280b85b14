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
    step_ids = fields.One2many("kam.approval.request.step", "request_id", string="Steps")
    decision_ids = fields.One2many("kam.approval.decision", "request_id", string="Decisions")

    summary_html = fields.Html("Summary", compute="_compute_summary")
    highlights_html = fields.Html("What Is Unusual", compute="_compute_summary")
    waiting_for = fields.Char(compute="_compute_waiting_for")
    is_involved = fields.Boolean(compute="_compute_is_involved", search="_search_is_involved")
    my_step_id = fields.Many2one("kam.approval.request.step", compute="_compute_my_step_id")
    can_withdraw = fields.Boolean(compute="_compute_can_withdraw")
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

    @api.depends("decision_ids")
    @api.depends_context("uid")
    def _compute_rounds(self):
        for request in self:
            request.round_decision_ids = self.env["kam.approval.decision"].search(
                [
                    ("request_id.res_model", "=", request.res_model),
                    ("request_id.res_id", "=", request.res_id),
                ]
            )

    @api.model
    def _domain_involved(self):
        """Requests the user asked for, was asked in, decided in, or is asked in now."""
        uid = self.env.uid
        mine = self.env["kam.approval.request.step"]._domain_mine()
        return (
            Domain("requester_id", "=", uid)
            | Domain("step_ids", "any", [("approver_ids", "in", [uid])])
            | Domain("decision_ids", "any", [("user_id", "=", uid)])
            | Domain("step_ids", "any", mine)
        )

    # Actions

    def action_approve(self, comment=None):
        """Approve the pending step of each request.

        :raise AccessError: the user is not its approver, nor a delegate
        :raise UserError: nothing is pending, somebody else is deciding, or the document
            changed after submission
        """
        return self._pending_steps().action_approve(comment)

    def action_refuse(self, comment):
        """Refuse the pending step of each request, with a reason.  Errors: as approve."""
        return self._pending_steps().action_refuse(comment)

    def action_open_approve(self):
        return self._pending_steps().action_open_approve()

    def action_open_refuse(self):
        return self._pending_steps().action_open_refuse()

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

    def _document(self):
        """The document, for the engine's own reading: as the system, neutral context.

        What is computed from it (fingerprint, route) then depends on nobody's rights,
        language or context.
        """
        self.ensure_one()
        return self.env[self.res_model].browse(self.res_id)._approval_neutral(self.company_id)

    def _document_of_user(self):
        """The document with the rights of the acting user in all of his companies."""
        self.ensure_one()
        allowed = self.env.user.company_ids
        first = self.company_id & allowed
        context = {**self._plain_context(), "allowed_company_ids": (first | allowed).ids}
        env = self.env(su=False, context=context)
        return env[self.res_model].browse(self.res_id)

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
        step = self.step_ids.filtered(lambda s: s.state == routing.PENDING)[:1]
        if self.state != "pending" or not step:
            return False
        since = fields.Datetime.context_timestamp(self, step.pending_since)
        return self.env._(
            "%(names)s, since %(day)s",
            names=", ".join(step._active_approvers().mapped("name")),
            day=since.strftime("%Y-%m-%d %H:%M"),
        )

    def _pending_steps(self):
        self.check_access("read")
        # sudo: only finds the step; who may decide it is checked by the step.
        steps = self.sudo().step_ids.filtered(lambda s: s.state == routing.PENDING)
        if not self or steps.request_id != self.sudo():
            raise UserError(self.env._("There is nothing to decide any more."))
        return steps.sudo(self.env.su)
