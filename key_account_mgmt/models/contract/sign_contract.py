from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError


class KamContract(models.Model):
    """Seal, signatures, in force.

    Source: S0-105, S0-106, S0-107, users §3.6, g Q17.
    """

    _inherit = "kam.contract"

    seal_ids = fields.One2many("kam.contract.seal", "contract_id", "Seal Requests")
    signing_ids = fields.One2many("kam.contract.signing", "contract_id", "Signing Checklists")
    signing_id = fields.Many2one(
        "kam.contract.signing", "Signing Checklist", compute="_compute_signing_id"
    )
    sign_deadline = fields.Date(tracking=True)
    sign_missing = fields.Char("Missing for Signature", compute="_compute_sign_missing")
    sign_days_left = fields.Integer("Days Left", compute="_compute_sign_days_left")
    force_missing = fields.Char("Missing to Be in Force", compute="_compute_sign_missing")
    to_sign_missing = fields.Char("What Is Missing", compute="_compute_sign_missing")

    @api.depends("signing_ids.is_current")
    def _compute_signing_id(self):
        for contract in self:
            contract.signing_id = contract.signing_ids.filtered("is_current")[:1]

    @api.depends("state", "signed_on", "project_manager_id", "signing_ids.missing")
    @api.depends_context("lang")
    def _compute_sign_missing(self):
        for contract in self:
            to_sign = contract.state == "to_sign"
            # sudo: what is missing, for whoever may only read.
            signing = contract.sudo().signing_id
            contract.sign_missing = to_sign and not contract.signed_on and signing._missing_text()
            contract.force_missing = to_sign and " ".join(contract._in_force_problems())
            contract.to_sign_missing = contract.sign_missing or (
                bool(contract.signed_on) and contract.force_missing
            )

    @api.depends("sign_deadline", "signed_on")
    def _compute_sign_days_left(self):
        for contract in self:
            left = 0
            if contract.sign_deadline and not contract.signed_on:
                # sudo: the day it is where the company works, is no secret.
                today = contract.company_id.sudo()._kam_today()
                left = (contract.sign_deadline - today).days
            contract.sign_days_left = left

    def write(self, vals):
        late = "sign_deadline" in vals and not self._is_engine()
        if late and (signed := self.filtered("signed_on")):
            raise UserError(
                self.env._(
                    "“%(contract)s” was signed: by when it was to be, is history.",
                    contract=signed[0].display_name,
                )
            )
        return super().write(vals)

    # Approved ------------------------------------------------------------------------

    def _open_signing(self):
        """Approved: it gets its number, a deadline and an empty checklist.

        Called unrestricted.
        """
        contracts = self.sudo()
        rounds = contracts.env["kam.approval.request"]._last_rounds(contracts)
        for contract in contracts.filtered(lambda c: not c.sign_deadline):
            contract._as_engine().write({"sign_deadline": contract._propose_sign_deadline()})
        contracts.env["kam.contract.signing"]._as_engine().create(
            [
                {
                    "contract_id": contract.id,
                    "request_id": rounds[contract.id].id,
                    "is_current": True,
                    "their_name": contract.contact_id.name,
                    "by_order": False,
                    "signed_on": False,
                    "signed_by_id": False,
                    "entered_on": False,
                    "order_prints": False,
                }
                for contract in contracts
            ]
        )

    def _propose_sign_deadline(self):
        """The award notice, else the agreement, plus the days of its type.  Source: g Q17."""
        self.ensure_one()
        contract = self.sudo()
        if contract.bid_id.sign_until:
            return contract.bid_id.sign_until
        bid, negotiation = contract.bid_id, contract.negotiation_id
        day = bid.award_on or negotiation.agreed_on or contract.company_id._kam_today()
        return day + timedelta(days=contract.type_id.sign_days)

    def _close_signing(self):
        """A new round: what was prepared for signing holds no more.  Called unrestricted."""
        contracts = self.sudo()
        open_seals = contracts.seal_ids.filtered(lambda s: s.state == "requested")
        open_seals._as_engine().write({"state": "cancelled"})
        self.env["kam.notice"]._settle("contract_seal", open_seals)
        contracts.signing_ids.filtered("is_current")._as_engine().write({"is_current": False})

    # To sign -------------------------------------------------------------------------

    def _check_to_sign(self):
        """It may be sealed and signed as it is.

        :raise UserError: not approved, signed, changed since, or a file is not judged
        """
        for contract in self.sudo():
            if contract.state != "to_sign" or contract.signed_on:
                raise UserError(
                    self.env._(
                        "“%(contract)s” is not approved, or signed already.",
                        contract=contract.display_name,
                    )
                )
            request = contract._approval_request()
            contract.env.flush_all()
            if request.state != "approved" or not contract._is_as_submitted(request):
                raise UserError(
                    self.env._(
                        "“%(contract)s” is not what was approved any more: start a new round.",
                        contract=contract.display_name,
                    )
                )
            if contract.has_open_file:
                raise UserError(
                    self.env._(
                        "A file of “%(contract)s” changed: legal judges it first.",
                        contract=contract.display_name,
                    )
                )

    def action_open_signing(self):
        """The checklist, in a dialog."""
        self.ensure_one()
        self.check_access("read")
        if not self.signing_id:
            raise UserError(self.env._("It is signed once it is approved."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Signing Checklist"),
            "res_model": "kam.contract.signing",
            "res_id": self.signing_id.id,
            "view_mode": "form",
            "target": "new",
        }

    def action_request_seal(self):
        """Ask for a seal, in a dialog."""
        self.ensure_one()
        self._check_may_work()
        self._check_to_sign()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Seal Request"),
            "res_model": "kam.contract.seal",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_contract_id": self.id,
                "default_seal_id": self._first_seal().id,
            },
        }

    def _first_seal(self):
        """The one used most often stands first."""
        company = self.company_id
        return self.env["kam.seal"].search([("company_id", "in", (False, company.id))], limit=1)

    def action_sign(self):
        """Both signed and sealed, as the checklist says; in force when nothing else misses.

        :raise UserError: what is missing; changed since approval; signed before approval
        """
        self._check_may_work()
        for contract in self:
            contract._sign()
        return True

    def _sign(self):
        if not self.sudo().try_lock_for_update():
            raise UserError(
                self.env._(
                    "Somebody is working on “%(name)s”. Try again soon.", name=self.display_name
                )
            )
        self._check_to_sign()
        # sudo: the right was checked; facts belong to the engine.
        contract = self.sudo()
        signing = contract.signing_id
        signing._check_scan()
        if missing := signing.missing:
            raise UserError(
                self.env._(
                    "“%(contract)s” is not signed yet. Missing: %(missing)s.",
                    contract=self.display_name,
                    missing=missing,
                )
            )
        contract._check_signed_after_approval(signing)
        day = signing._signing_day()
        signing._as_engine().write(
            {
                "signed_on": day,
                "signed_by_id": self.env.uid,
                "entered_on": fields.Datetime.now(),
                "order_prints": {
                    str(order.id): order._kam_contract_print()
                    for order in contract._agreed_orders() | contract.order_ids
                },
            }
        )
        contract._as_engine().write({"signed_on": day})
        if contract.bid_id and not contract.bid_id.signed_on:
            contract._tell_bid(day)
        if not contract._in_force_problems():
            contract._enter_force()

    def _tell_bid(self, day):
        """The bid hears that its contract is signed."""
        self.bid_id._as_engine().write({"signed_on": day})

    def _check_signed_after_approval(self, signing):
        """:raise UserError: we signed before it was approved"""
        working = self.company_id._kam_working_time()
        approved = working.local_day(signing.request_id.decided_on)
        if signing.our_on < approved:
            raise UserError(
                self.env._(
                    "“%(contract)s” was approved on %(day)s: we cannot have signed before.",
                    contract=self.display_name,
                    day=approved,
                )
            )

    def _deal_next(self):
        """Legal reviews, whoever drafts has it signed."""
        if self.is_for_legal:
            return (self.env._("Legal Review"), "action_legal_review")
        to_sign = self.state == "to_sign" and not self.signed_on
        if to_sign and self._may_draft() and self.has_access("write"):
            return (self.env._("Signing Checklist"), "action_open_signing")
        found = super()._deal_next()
        if found and found[1] == "action_submit" and self._road_problems():
            return ()
        return found

    # In force ------------------------------------------------------------------------

    def _signed(self):
        return super()._signed() or (self.state == "to_sign" and bool(self.signed_on))

    def _in_force_problems(self):
        """Hook: why a signed contract is not in force yet, in words.  Source: S0-107."""
        self.ensure_one()
        problems = []
        if not self.sudo().project_manager_id.active:
            problems.append(self.env._("Name a project manager."))
        return problems

    def action_in_force(self):
        """Signed, and now somebody runs it.

        :raise UserError: not signed, or what is missing
        """
        self.check_access("write")
        for contract in self:
            if contract.state != "to_sign" or not contract.signed_on:
                raise UserError(
                    self.env._(
                        "“%(contract)s” is in force once it is signed.",
                        contract=contract.display_name,
                    )
                )
            if problems := contract._in_force_problems():
                raise UserError("\n".join(problems))
            # sudo: the right was checked; the state belongs to the engine.
            contract.sudo()._enter_force()
        return True

    def _enter_force(self):
        """Called unrestricted."""
        self._as_engine().write({"state": "in_force"})
        self._without_engine()._on_in_force()

    # What was signed -----------------------------------------------------------------

    def _order_as_signed(self, order):
        """Whether ``order`` says what was signed with this contract.

        The last supplementary agreement in force says it anew.  An order that was no part of
        it is a call-off of a frame contract, with rules of its own, and nothing of a single one.
        """
        self.ensure_one()
        # sudo: what binds us does not depend on who reads it.
        contract = self.sudo()
        added = contract.supplement_ids.filtered(lambda s: s.state in ("in_force", "completed"))
        for agreement in (contract | added.sorted("signed_on"))[::-1]:
            wanted = (agreement.signing_id.order_prints or {}).get(str(order.id))
            if wanted is not None:
                return wanted == order._kam_contract_print()
        return self.kind == "frame"
