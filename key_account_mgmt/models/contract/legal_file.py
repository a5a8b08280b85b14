from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...policy import contracting
from ..core.guarded import ENGINE

LEGAL = "key_account_mgmt.group_kam_legal"
# Submitted and not signed yet: a file that arrives now was seen by nobody who decides.
BEFORE_SIGNATURE = ("legal", "approval", "to_sign")
# Within so many bytes a PDF says that it is one.
HEAD = 1024


class KamContractFile(models.Model):
    """A file that came to a contract after it was submitted.

    It goes back to legal, who declares it material, which is a new round, or editorial,
    with the reason.  Made by the system; nobody signs before it is judged.
    Source: design §4.5, users §2 (legal).
    """

    _name = "kam.contract.file"
    _inherit = ["kam.guarded", "kam.contract.record"]
    _description = "Changed File of a Contract"
    _order = "id desc"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    contract_id = fields.Many2one("kam.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    # Taken back by whoever brought it: there is nothing to judge any more.
    attachment_id = fields.Many2one(
        "ir.attachment", "File", required=True, index=True, ondelete="cascade"
    )
    name = fields.Char(required=True)
    checksum = fields.Char(help="Of what was judged.")
    added_by_id = fields.Many2one("res.users", "Added by", required=True, ondelete="restrict")
    added_on = fields.Datetime(required=True)
    verdict = fields.Selection(
        [("new", "To Judge"), ("material", "Material"), ("editorial", "Editorial")],
        required=True,
        index=True,
    )
    reason = fields.Char()
    judged_by_id = fields.Many2one("res.users", "Judged by", ondelete="restrict")
    judged_on = fields.Datetime()

    @api.model
    def default_get(self, fields):  # pylint: disable=method-required-super,redefined-outer-name
        # The system states every value.
        return {}

    # Arriving ------------------------------------------------------------------------

    @api.model
    def _note(self, files):
        """Files became contracts' own while these were decided about."""
        of_contracts = files.sudo().filtered(
            lambda f: f.res_model == "kam.contract" and f.res_id and not f.res_field
        )
        if not of_contracts:
            return
        # sudo: whoever brings a file need not be of legal.
        contracts = self.env["kam.contract"].sudo().browse(of_contracts.mapped("res_id")).exists()
        waiting = contracts.filtered(lambda c: c.state in BEFORE_SIGNATURE and not c.signed_on)
        if not waiting:
            return
        rows = self.sudo().search(
            [("attachment_id", "in", of_contracts.ids), ("verdict", "=", "new")]
        )
        news = of_contracts.filtered(
            lambda f: f.res_id in waiting.ids and f not in rows.attachment_id
        )
        now = fields.Datetime.now()
        made = (
            self.sudo()
            ._as_engine()
            .create(
                [
                    {
                        "contract_id": file.res_id,
                        "attachment_id": file.id,
                        "name": file.name,
                        "checksum": file.checksum,
                        "added_by_id": self.env.uid,
                        "added_on": now,
                        **self._first_verdict(file, now),
                    }
                    for file in news
                ]
            )
        )
        made.filtered(lambda row: row.verdict == "new")._without_engine()._tell_legal()

    @api.model
    def _first_verdict(self, file, now):
        """A marked-up copy of legal's own is judged by who brings it; others are to judge."""
        user = self.env.user
        contract = self.env["kam.contract"].sudo().browse(file.res_id)
        # sudo: explicit membership, whoever asks.
        member = self.env.ref(LEGAL) in user.sudo().group_ids
        if not member or user in contract._legal_barred():
            return {"verdict": "new"}
        # In the language of the company: it is kept.
        told = self.with_context(lang=contract.company_id.partner_id.lang or self.env.lang)
        return {
            "verdict": "editorial",
            "reason": told.env._("Legal's own marked-up copy"),
            "judged_by_id": user.id,
            "judged_on": now,
        }

    def _tell_legal(self):
        """Whoever reviewed the contract, else everybody of legal, reads it in the morning."""
        group = self.env.ref(LEGAL).sudo()
        rows = []
        for file in self:
            contract = file.contract_id
            reviewers = contract.legal_user_id.filtered("active") or group.user_ids.filtered(
                lambda user, company=contract.company_id: (
                    user.active and company in user.company_ids
                )
            )
            for user in reviewers - contract._legal_barred() - file.added_by_id:
                own = file.with_context(lang=user.lang)
                title = own.env._(
                    "A file of “%(contract)s” has to be judged", contract=contract.display_name
                )
                rows.append(
                    self.env["kam.notice"]._prepare_vals(
                        user, title, [file.name], record=contract, topic="contract_file"
                    )
                )
        self.env["kam.notice"]._queue_all(rows)

    # Judging -------------------------------------------------------------------------

    def _check_judge(self):
        """:raise AccessError: the acting user is not of legal, or drafted it or brought it"""
        user = self.env.user
        # sudo: explicit membership, whoever asks.
        member = self.env.ref(LEGAL) in user.sudo().group_ids
        for file in self:
            own = user in file.sudo().contract_id._legal_barred() | file.sudo().added_by_id
            if not member or own:
                raise AccessError(
                    self.env._(
                        "Legal judges “%(file)s”, but nobody who drafted the contract or brought "
                        "the file.",
                        file=file.name,
                    )
                )
            if file.verdict != "new":
                raise UserError(self.env._("“%(file)s” was judged already.", file=file.name))

    def action_editorial(self, reason):
        """It changes nothing that was decided; ``reason`` says why.

        :raise UserError: no reason, or judged already; AccessError: not legal
        """
        return self._judge("editorial", reason)

    def action_material(self, reason):
        """It changes what was decided: the contract goes back for a new round.

        Errors: as :meth:`action_editorial`
        """
        return self._judge("material", reason)

    def _judge(self, verdict, reason):
        self.check_access("read")
        self._check_judge()
        text = reason.strip() if isinstance(reason, str) else ""
        if not text:
            raise UserError(self.env._("Say why, in a few words."))
        # sudo: the engine keeps who judged.
        self.sudo()._as_engine().write(
            {
                "verdict": verdict,
                "reason": text,
                "judged_by_id": self.env.uid,
                "judged_on": fields.Datetime.now(),
            }
        )
        self.env["kam.notice"]._settle("contract_file", self.sudo().contract_id)
        if verdict == "material":
            for file in self:
                # sudo: legal sends back what it may only read.
                file.sudo().contract_id._new_round(
                    self.env._("Changed file “%(file)s”: %(reason)s", file=file.name, reason=text)
                )
        return True

    def action_open_editorial(self):
        return self._open_wizard("editorial", self.env._("Editorial"))

    def action_open_material(self):
        return self._open_wizard("material", self.env._("Material: New Round"))

    def _open_wizard(self, step, title):
        self.ensure_one()
        self.check_access("read")
        self._check_judge()
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "kam.contract.reason.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_step": step, "default_file_id": self.id},
        }


class IrAttachment(models.Model):
    """A file of a contract under decision is noted; what was judged or signed stays."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        if any(vals.get("res_model") == "kam.contract" for vals in vals_list):
            files._note_of_contract()
        return files

    def write(self, vals):
        result = super().write(vals)
        if {"res_model", "res_id"} & vals.keys():
            self._note_of_contract()
        return result

    def _kam_only_called_pdf(self):
        """Whether its name says PDF and its content does not; no more of it is read.

        Called unrestricted.
        """
        self.ensure_one()
        if not (self.name or "").lower().endswith(".pdf") or self.type != "binary":
            return False
        if self.store_fname:
            head = self._file_read(self.store_fname, HEAD)
        else:
            head = (self.db_datas or b"")[:HEAD]
        return not contracting.is_pdf(head)

    def _note_of_contract(self):
        if self.env.context.get("kam_engine") is not ENGINE:
            self.env["kam.contract.file"]._note(self)

    def _check_not_under_approval(self):
        result = super()._check_not_under_approval()
        # sudo: a lock holds for files and contracts the user cannot read, too.
        files = self.sudo()
        judged = files.env["kam.contract.file"].search(
            [("attachment_id", "in", files.ids), ("verdict", "!=", "new")], limit=1
        )
        if judged:
            raise UserError(
                self.env._(
                    "“%(file)s” was judged by legal and is kept with “%(contract)s”.",
                    file=judged.name,
                    contract=judged.contract_id.display_name,
                )
            )
        files._check_not_of_legal()
        return result

    def _check_not_of_legal(self):
        """Opinions that were given, and papers that were signed, stay as they were."""
        for file in self.filtered("res_id"):
            if file.res_model == "kam.contract.legal.review":
                review = self.env[file.res_model].browse(file.res_id).exists()
                kept = review.state not in ("draft", False) and file in review.file_ids
                contract = review.contract_id
            elif file.res_model == "kam.contract.condition":
                condition = self.env[file.res_model].browse(file.res_id).exists()
                kept = condition.is_met and file in condition.file_ids
                contract = condition.contract_id
            elif file.res_model == "kam.contract.signing":
                signing = self.env[file.res_model].browse(file.res_id).exists()
                kept = signing.signed_on and file in signing.scan_ids
                contract = signing.contract_id
            else:
                continue
            if kept:
                raise UserError(
                    self.env._(
                        "“%(file)s” is part of what was decided or signed of “%(contract)s”.",
                        file=file.name,
                        contract=contract.display_name,
                    )
                )
