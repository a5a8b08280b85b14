from odoo import api, models
from odoo.tools.misc import format_date


class ContractSheet(models.AbstractModel):
    """What P16 and P17 share: they print what their reader may read."""

    _name = "kam.contract.sheet"
    _description = "Papers of a Contract's Approval"

    @api.model
    def _get_report_values(self, docids, data=None):
        docs = self.env["kam.contract"].browse(docids)
        docs.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": docs._name,
            "docs": docs,
            "papers": {doc.id: self._paper(doc) for doc in docs},
        }

    def _paper(self, doc):
        return {"head": self._head(doc)}

    def _head(self, doc):
        papers = dict(doc._fields["paper"]._description_selection(self.env))
        kinds = dict(doc._fields["kind"]._description_selection(self.env))
        rows = [
            (self.env._("Contract"), doc.name or "–"),
            (self.env._("Contract No."), doc.number or "–"),
            (self.env._("Customer"), doc.partner_id.display_name or "–"),
            (self.env._("Kind"), kinds.get(doc.kind, "–")),
            (self.env._("Paper"), papers.get(doc.paper, "–")),
            (self.env._("Amount"), doc.currency_id.format(doc.amount_total)),
            (self.env._("Amount in Capitals"), doc._amount_in_words()),
            (self.env._("From"), format_date(self.env, doc.date_from) or "–"),
            (self.env._("Until"), format_date(self.env, doc.date_to) or "–"),
            # sudo: the name of who drafted stands on the paper.
            (self.env._("Drafted by"), doc.user_id.sudo().name or "–"),
        ]
        if doc.parent_id:
            rows.append((self.env._("Supplement to"), doc.parent_id.display_name))
        return rows


class ContractApprovalSheet(models.AbstractModel):
    """Legal opinion and approval sheet 合同审批单 (P16): every round, as it was decided.

    Source: S0-103, S0-104, design §5.
    """

    _name = "report.key_account_mgmt.report_contract_approval"
    _inherit = ["kam.contract.sheet"]
    _description = "Approval Sheet of a Contract"

    def _paper(self, doc):
        # By the reader's own rights: rounds he was not part of he does not print.
        rounds = doc.approval_request_ids.sorted("round")
        by_round = doc.review_ids.filtered("decided_on").grouped("request_id")
        nothing = doc.review_ids.browse()
        return super()._paper(doc) | {
            "party": [(label, value) for _code, label, value, _level in doc._party_check()],
            "rounds": [
                {"request": request, "reviews": by_round.get(request, nothing)}
                for request in rounds
            ],
            "files": doc.file_change_ids.filtered(lambda f: f.verdict != "new"),
            "reasons": {v.request_id.id: v.end_reason for v in doc.version_ids if v.end_reason},
        }


class ContractSigningSheet(models.AbstractModel):
    """Signing checklist 签署核对表 (P17).  Source: S0-106."""

    _name = "report.key_account_mgmt.report_contract_signing"
    _inherit = ["kam.contract.sheet"]
    _description = "Signing Checklist of a Contract"

    def _paper(self, doc):
        return super()._paper(doc) | {
            "head": self._head(doc) + self._deadline(doc),
            "checks": self._checks(doc.signing_id),
            "seals": doc.seal_ids.filtered(lambda s: s.state != "cancelled").sorted("id"),
        }

    def _deadline(self, doc):
        return [
            (self.env._("Sign by"), format_date(self.env, doc.sign_deadline) or "–"),
            (self.env._("Contract signed on"), format_date(self.env, doc.signed_on) or "–"),
        ]

    @api.model
    def _sealed(self, signing):
        """Which seals were affixed, on how many copies."""
        seals = signing.contract_id.seal_ids.filtered(lambda s: s.state == "affixed")
        # sudo: the name of a seal stands on the paper.
        return ", ".join(f"{seal.seal_id.sudo().name} × {seal.copies}" for seal in seals)

    def _checks(self, signing):
        """``[(what, yes or no, detail)]``."""
        if not signing:
            return []
        yes, no = self.env._("yes"), self.env._("no")
        facts = signing._facts()
        # On paper without the hint how to get there.
        labels = signing._labels() | {"our_seal": self.env._("our seal")}
        wanted = set(signing._missing_codes()) | {code for code, there in facts.items() if there}
        details = {
            "our_signature": signing.our_name,
            "our_date": format_date(self.env, signing.our_on),
            "their_signature": signing.their_name,
            "their_date": format_date(self.env, signing.their_on),
            "authority": signing.authority_note,
            "order_reference": signing.order_reference,
            "order_date": format_date(self.env, signing.order_on),
            # sudo: names of its own files.
            "scan": ", ".join(signing.sudo().scan_ids.mapped("name")),
            "our_seal": self._sealed(signing),
            "originals": ", ".join(
                filter(None, [str(signing.originals or ""), signing.place or ""])
            ),
        }
        return [
            (labels[code], yes if facts[code] else no, details.get(code) or "")
            for code in facts
            if code in wanted
        ]
