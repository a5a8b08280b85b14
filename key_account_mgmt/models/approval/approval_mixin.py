from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..core.guarded import ondelete_always


class KamApprovalMixin(models.AbstractModel):
    """A document that needs somebody's approval.

    The document has a Selection ``state`` with a starting value in
    ``_guarded_initial`` and names its states below.  Whatever belongs to an approval
    (round, approvers, decisions) lives in ``kam.approval.request``: there is nothing on
    the document to forge but its state, and that one is guarded.

    Hooks: :meth:`_approval_check`, :meth:`_approval_locked_fields`,
    :meth:`_approval_fingerprint_values`, :meth:`_approval_summary`,
    :meth:`_approval_highlights`, :meth:`_approval_granted`, :meth:`_approval_refused`.
    A child model calls :meth:`_approval_check_unlocked` in create, write and unlink.
    The document's read rule adds ``('approval_is_mine', '=', True)``.
    """

    _name = "kam.approval.mixin"
    _inherit = ["kam.guarded"]
    _description = "Approvable Document"

    _approval_state_from = ("draft",)
    _approval_state_pending = "to_approve"
    _approval_state_approved = "approved"
    # Also after withdrawing.
    _approval_state_refused = "draft"

    approval_request_ids = fields.Many2many(
        "kam.approval.request", string="Approval Rounds", compute="_compute_approval"
    )
    approval_request_id = fields.Many2one(
        "kam.approval.request", string="Latest Round", compute="_compute_approval"
    )
    approval_decision_ids = fields.Many2many(
        "kam.approval.decision", string="Decisions", compute="_compute_approval"
    )
    approval_step_ids = fields.Many2many(
        "kam.approval.request.step", string="Steps", compute="_compute_approval"
    )
    approval_waiting_for = fields.Char(string="Waiting for", compute="_compute_approval_waiting")
    approval_next = fields.Char(string="Then", compute="_compute_approval_waiting")
    approval_can_withdraw = fields.Boolean(compute="_compute_approval_waiting")
    approval_can_remind = fields.Boolean(compute="_compute_approval_waiting")
    approval_is_mine = fields.Boolean(
        string="Waits for My Approval",
        compute="_compute_approval_is_mine",
        search="_search_approval_is_mine",
    )
    approval_is_locked = fields.Boolean(compute="_compute_approval_is_locked")

    def _register_hook(self):
        super()._register_hook()
        if not self._abstract and "state" not in self._guarded_initial:
            raise TypeError(f"{self._name}: _guarded_initial must name the initial state")

    @api.depends_context("uid", "allowed_company_ids")
    def _compute_approval(self):
        # By the reader's own rights: a round may be shown to fewer people than the document.
        requests = self.env["kam.approval.request"].search(self._approval_request_domain())
        by_document = requests.grouped("res_id")
        for document in self:
            rounds = by_document.get(document.id, requests.browse())
            document.approval_request_ids = rounds.sorted("round", reverse=True)
            document.approval_request_id = document.approval_request_ids[:1]
            document.approval_decision_ids = rounds.decision_ids
            document.approval_step_ids = document.approval_request_id.step_ids

    @api.depends_context("uid", "lang", "tz")
    def _compute_approval_waiting(self):
        # sudo: whose turn it is, is no secret to anybody who sees the document.
        requests = self.env["kam.approval.request"].sudo()
        pending = requests.search(
            self._approval_request_domain() & Domain("state", "=", "pending")
        ).grouped("res_id")
        for document in self:
            request = pending.get(document.id, requests)
            document.approval_waiting_for = request.waiting_for
            document.approval_next = request.next_text
            document.approval_can_withdraw = request.can_withdraw
            document.approval_can_remind = request.can_remind

    @api.depends_context("uid")
    def _compute_approval_is_mine(self):
        # sudo: the answer is part of the access rule.
        steps = self.env["kam.approval.request.step"].sudo()
        mine = steps.search(
            steps._domain_mine() & Domain("request_id", "any", self._approval_request_domain())
        )
        ids = set(mine.mapped("request_id.res_id"))
        for document in self:
            document.approval_is_mine = document.id in ids

    @api.model
    def _search_approval_is_mine(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: the answer is part of the access rule.
        requests = self.env["kam.approval.request"].sudo()
        mine = self.env["kam.approval.request.step"]._domain_mine()
        query = requests._search(
            Domain("res_model", "=", self._name) & Domain("step_ids", "any", mine)
        )
        return Domain("id", "in", query.subselect("res_id"))

    @api.depends(lambda self: ("state",) if "state" in self._fields else ())
    def _compute_approval_is_locked(self):
        for document in self:
            document.approval_is_locked = document._approval_is_locked()

    def _approval_request_domain(self):
        return Domain("res_model", "=", self._name) & Domain("res_id", "in", self.ids)

    # Guards

    def copy_data(self, default=None):
        """A copy starts at the beginning."""
        guarded = self._guarded_initial.keys()
        return [
            {name: value for name, value in vals.items() if name not in guarded}
            for vals in super().copy_data(default)
        ]

    def write(self, vals):
        if not self._is_engine() and not self._approval_locked_fields().isdisjoint(vals):
            self._approval_check_unlocked()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_submitted(self):
        # sudo: a round counts, readable or not.
        requests = self.env["kam.approval.request"].sudo()
        if requests.search_count(self._approval_request_domain(), limit=1):
            raise UserError(
                self.env._(
                    "What was once submitted for approval is kept with its decisions and "
                    "cannot be deleted."
                )
            )

    def _approval_check_unlocked(self):
        """:raise UserError: a document in ``self`` waits for approval or was approved"""
        if self._is_engine():
            return
        for document in self.sudo():
            if document._approval_is_locked():
                raise UserError(
                    self.env._(
                        "“%(document)s” was submitted for approval and cannot be changed. "
                        "Withdraw it, change it, and submit it again.",
                        document=document.display_name,
                    )
                )

    def _approval_is_locked(self):
        """Submitted or decided: in none of the states in which people still work on it."""
        self.ensure_one()
        initial = self._guarded_initial["state"]
        return self.state not in {
            initial,
            self._approval_state_refused,
            *self._approval_state_from,
        }

    # Actions

    def action_submit(self):
        """Submit each document: a new round, its first approvers asked at once.

        :raise UserError: wrong state, a check of the document fails, no route fits, or a
            step has nobody who could decide
        """
        self.check_access("write")
        self._approval_submit()
        return True

    def action_withdraw(self):
        """Take the pending request of each document back."""
        self.check_access("read")
        self._approval_pending_requests().action_withdraw()
        return True

    def _approval_pending_requests(self):
        """The pending request of each document, with the acting user's rights."""
        requests = self.env["kam.approval.request"]
        for document in self:
            request = document._approval_request()
            if request.state != "pending":
                raise UserError(
                    self.env._(
                        "“%(document)s” does not wait for approval.",
                        document=document.display_name,
                    )
                )
            requests |= request.sudo(False)
        return requests

    def action_remind(self):
        """Remind who holds each document; once a day."""
        self.check_access("read")
        self._approval_pending_requests().action_remind()
        return True

    def action_open_approval(self):
        """The latest round of the document: steps, decisions, what is unusual."""
        self.ensure_one()
        self.check_access("read")
        request = self.approval_request_id
        if not request:
            raise UserError(self.env._("This was not submitted for approval yet."))
        return {
            "type": "ir.actions.act_window",
            "name": request.name,
            "res_model": request._name,
            "res_id": request.id,
            "view_mode": "form",
        }

    def action_approve_document(self):
        """Open the dialog that approves the pending step."""
        return self._approval_own_steps().action_open_approve()

    def action_refuse_document(self):
        """Open the dialog that refuses the pending step."""
        return self._approval_own_steps().action_open_refuse()

    def action_return_document(self):
        """Open the dialog that sends the pending step back."""
        return self._approval_own_steps().action_open_return()

    def _approval_own_steps(self):
        self.check_access("read")
        steps = self.env["kam.approval.request.step"].search(
            [
                ("is_mine", "=", True),
                ("request_id.res_model", "=", self._name),
                ("request_id.res_id", "in", self.ids),
            ]
        )
        if not steps:
            raise UserError(self.env._("Nothing here waits for your decision."))
        return steps

    # Hooks of the document

    def _approval_check(self):
        """Raise UserError while the document is not fit to be submitted."""

    def _approval_locked_fields(self):
        """Names of the fields nobody may write once the document is submitted.

        Safe by default: every stored field of its own; override to name fewer.
        """
        return {
            name
            for name, field in self._fields.items()
            if field.store
            and name not in models.MAGIC_COLUMNS
            and not (field.compute and field.readonly)
            and not name.startswith(("message_", "activity_", "website_message_"))
            and name not in self._guarded_initial
        }

    def _approval_fingerprint_values(self):
        """Everything the approvers decide about, as plain data.

        Called in the neutral environment (system, no language, no context).  Default: the
        locked fields; a document with lines adds them.
        """
        self.ensure_one()
        return {name: self._approval_plain_value(name) for name in self._approval_locked_fields()}

    def _approval_plain_value(self, name):
        value = self[name]
        if isinstance(value, models.BaseModel):
            return sorted(value.ids)
        field = self._fields[name]
        if field.type in ("float", "monetary"):
            # One representation: what the database keeps.
            return repr(field.convert_to_cache(value, self))
        return value

    def _approval_files_by_id(self):
        """{id: attachments the approvers decide about}, locked with each document."""
        files = self.env["ir.attachment"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("res_field", "=", False),
            ],
            order="id",
        )
        by_id = files.grouped("res_id")
        return {document.id: by_id.get(document.id, files.browse()) for document in self}

    def _approval_summary(self):
        """What the approver reads first, as (label, value) of plain text, in ``env.lang``."""
        return []

    def _approval_highlights(self):
        """What is unusual, one sentence each, in ``env.lang``."""
        return []

    def _approval_company(self):
        self.ensure_one()
        company = self.company_id if "company_id" in self._fields else None
        return company or self.env.company

    def _approval_partner(self):
        self.ensure_one()
        return self.partner_id if "partner_id" in self._fields else self.env["res.partner"]

    def _approval_amount(self):
        """In company currency, at the document's date; 0 where there is none."""
        return 0.0

    def _approval_risk(self):
        """Risk grade of the document, a code of ``RISKS``; False where it has none."""
        return False

    def _approval_granted(self):
        """Called, unrestricted, after the last step approved."""

    def _approval_refused(self, decision):
        """Called, unrestricted, after a step refused, or sent the document back."""
