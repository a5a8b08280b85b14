from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...policy import contracting

# Facts that only signing sets.
FACTS = ("signed_on", "signed_by_id", "entered_on", "order_prints")
# Of what is missing, in one line.
SHOWN = 3
# Larger files are kept all the same; the page says so.
LARGE = 25 * 1024 * 1024


class KamContractSigning(models.Model):
    """The signing checklist of one contract 签署核对表 (P17).

    Both signatures and seals, the authority of whoever signs for the customer, the days,
    the scan and where the originals are; or the customer's order as his acceptance.
    Open while the contract is to sign, a record afterwards.
    Source: S0-105, S0-106, users §3.6.
    """

    _name = "kam.contract.signing"
    _inherit = ["kam.guarded", "kam.own.files", "kam.contract.record"]
    _description = "Signing of a Contract"
    _order = "id desc"
    _rec_name = "contract_id"

    _guarded_create = True
    _guarded_unlink = True
    _own_file_fields = ("scan_ids",)

    contract_id = fields.Many2one("kam.contract", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="contract_id.partner_id")
    number = fields.Char(related="contract_id.number", string="Contract No.")
    sign_deadline = fields.Date(related="contract_id.sign_deadline")
    contract_state = fields.Selection(related="contract_id.state")
    request_id = fields.Many2one(
        "kam.approval.request", "Approved in", required=True, index=True, ondelete="restrict"
    )
    is_current = fields.Boolean(default=True, index=True)
    # Ours
    our_name = fields.Char("Signed for Us by")
    our_on = fields.Date("Our Signature on")
    our_seal = fields.Boolean(compute="_compute_our_seal")
    # Theirs
    by_order = fields.Boolean(
        "Customer's Order as Acceptance",
        help="The customer signs nothing: his order refers to the contract and accepts it.",
    )
    order_reference = fields.Char("Customer's Order No.")
    order_on = fields.Date("Customer's Order of")
    their_name = fields.Char("Signed for the Customer by")
    their_on = fields.Date("Customer's Signature on")
    their_seal = fields.Boolean("Customer's Seal")
    authority = fields.Boolean(
        "Authority Seen", help="Legal representative, or authorised in writing: it was shown."
    )
    authority_note = fields.Char("Authority Shown by", help="By which paper he signs.")
    # Kept
    scan_ids = fields.Many2many(
        "ir.attachment",
        "kam_contract_signing_scan_rel",
        "signing_id",
        "file_id",
        "Signed Scan",
        bypass_search_access=True,
        help="The signed contract, or the customer's order, as PDF or picture.",
    )
    scan_warning = fields.Char(compute="_compute_scan_warning")
    originals = fields.Integer("Originals Kept", help="How many of them stay with us.")
    place = fields.Char("Originals Filed at")
    note = fields.Text()
    missing = fields.Char("Still Missing", compute="_compute_missing")
    # Facts
    signed_on = fields.Date(readonly=True)
    signed_by_id = fields.Many2one("res.users", "Entered by", readonly=True, ondelete="restrict")
    entered_on = fields.Datetime(readonly=True)
    order_prints = fields.Json(
        readonly=True, help="Fingerprint of the lines of each order as they were signed."
    )

    _one_current = models.UniqueIndex(
        "(contract_id) WHERE is_current", "This contract has a checklist already."
    )

    @api.depends("contract_id.seal_ids.state", "request_id")
    def _compute_our_seal(self):
        """Affixed since the round that approved it."""
        for signing in self:
            # sudo: the round may be shown to fewer people than the checklist.
            since = signing.sudo().request_id.decided_on
            signing.our_seal = bool(since) and any(
                seal.state == "affixed" and seal.affixed_on >= since
                for seal in signing.sudo().contract_id.seal_ids
            )

    @api.depends("scan_ids")
    @api.depends_context("lang")
    def _compute_scan_warning(self):
        for signing in self:
            # sudo: size and kind of its own files.
            files = signing.sudo().scan_ids._origin
            large = files.filtered(lambda f: f.file_size > LARGE)
            renamed = files.filtered(lambda f: f._kam_only_called_pdf())
            texts = []
            if renamed:
                texts.append(
                    self.env._(
                        "%(names)s: called PDF but is none.",
                        names=", ".join(renamed.mapped("name")),
                    )
                )
            if large:
                texts.append(
                    self.env._(
                        "%(names)s: very large; a scan of 200 dpi is enough.",
                        names=", ".join(large.mapped("name")),
                    )
                )
            signing.scan_warning = " ".join(texts)

    def _labels(self):
        """``{code of the checklist: words}``."""
        return {
            "our_signature": self.env._("our signature"),
            "our_date": self.env._("the day of our signature"),
            "our_seal": self.env._("our seal (request it, its keeper affixes it)"),
            "their_signature": self.env._("the customer's signature"),
            "their_date": self.env._("the day of the customer's signature"),
            "their_seal": self.env._("the customer's seal"),
            "authority": self.env._("the authority of whoever signed for the customer"),
            "order_reference": self.env._("the number of the customer's order"),
            "order_date": self.env._("the day of the customer's order"),
            "scan": self.env._("the signed scan (of the order, where it is the acceptance)"),
            "originals": self.env._("where the originals are filed"),
        }

    def _facts(self):
        """``{code of the checklist: whether it is there}``."""
        self.ensure_one()
        return {
            "our_signature": bool((self.our_name or "").strip()),
            "our_date": bool(self.our_on),
            "our_seal": self.our_seal,
            "their_signature": bool((self.their_name or "").strip()),
            "their_date": bool(self.their_on),
            "their_seal": self.their_seal,
            "authority": self.authority,
            "order_reference": bool((self.order_reference or "").strip()),
            "order_date": bool(self.order_on),
            "scan": bool(self.scan_ids),
            "originals": bool((self.place or "").strip()),
        }

    def _missing_codes(self):
        return contracting.missing_of_signature(self._facts(), self.by_order)

    def _signing_day(self):
        theirs = self.order_on if self.by_order else self.their_on
        return contracting.signing_day(self.our_on, theirs)

    def _days(self):
        return [
            day for day in (self.our_on, self.order_on if self.by_order else self.their_on) if day
        ]

    @api.depends(
        "our_name",
        "our_on",
        "our_seal",
        "by_order",
        "order_reference",
        "order_on",
        "their_name",
        "their_on",
        "their_seal",
        "authority",
        "scan_ids",
        "place",
        "signed_on",
    )
    @api.depends_context("lang")
    def _compute_missing(self):
        for signing in self:
            labels = signing._labels()
            codes = [] if signing.signed_on else signing._missing_codes()
            signing.missing = ", ".join(labels[code] for code in codes)

    def _missing_text(self):
        """What is missing next, in one line."""
        labels = self._labels()
        codes = [] if self.signed_on or not self else self._missing_codes()
        names = ", ".join(labels[code] for code in codes[:SHOWN])
        if len(codes) <= SHOWN:
            return names
        return self.env._(
            "%(names)s, %(count)s more on the checklist", names=names, count=len(codes) - SHOWN
        )

    @api.constrains("our_on", "their_on", "order_on")
    def _check_days(self):
        """Nobody signs tomorrow."""
        for signing in self:
            # sudo: the day it is where the company works, is no secret.
            today = signing.company_id.sudo()._kam_today()
            if any(day > today for day in signing._days()):
                raise ValidationError(self.env._("State when it was signed, not when it will be."))

    @api.constrains("originals")
    def _check_originals(self):
        if any(signing.originals < 0 for signing in self):
            raise ValidationError(self.env._("The number of originals cannot be negative."))

    def write(self, vals):
        if not self._is_engine():
            forbidden = {
                "contract_id",
                "request_id",
                "is_current",
                *FACTS,
            } & vals.keys()
            if forbidden:
                self._raise_guarded(sorted(forbidden))
            for signing in self:
                signing._check_open()
        return super().write(vals)

    def _check_open(self):
        """:raise UserError: signed, or not to sign any more"""
        # sudo: a lock holds for what the user cannot read, too.
        signing = self.sudo()
        if signing.signed_on or not signing.is_current or signing.contract_id.state != "to_sign":
            raise UserError(
                self.env._(
                    "The checklist of “%(contract)s” is closed.",
                    contract=signing.contract_id.display_name,
                )
            )
        self.contract_id._check_may_work()

    def action_sign(self):
        """Everything is there: see :meth:`kam.contract.action_sign`."""
        self.ensure_one()
        return self.contract_id.action_sign()

    def _check_scan(self):
        """A file that is called PDF is one.

        :raise UserError: naming the file
        """
        for file in self.sudo().scan_ids:
            if file._kam_only_called_pdf():
                raise UserError(
                    self.env._(
                        "“%(file)s” is called PDF but is none: attach the scan itself.",
                        file=file.name,
                    )
                )
            if not file.file_size:
                raise UserError(self.env._("“%(file)s” is empty.", file=file.name))
