from odoo import api, models
from odoo.tools.misc import format_date


class ContractPaper(models.AbstractModel):
    """The contract itself 合同文本 (P15), with the amount in Chinese capitals.

    Source: (c8), users §3.6.
    """

    _name = "report.key_account_mgmt.report_contract"
    _description = "Contract"

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
        doc = doc._in_its_language(doc)
        # sudo: both parties and the lines stand on the paper of whoever may read it.
        known = doc.sudo()
        kinds = dict(
            self.env["kam.contract.payment"]._fields["kind"]._description_selection(doc.env)
        )
        return {
            "lang": doc.lang or doc.env.lang,
            "title": doc.type_id.name,
            "buyer": known.partner_id.commercial_partner_id.name,
            "seller": known.company_id.partner_id.name,
            "is_draft": doc.state in ("draft", "legal", "approval", "cancelled"),
            "head": [
                (doc.env._("Contract No."), doc.number or "–"),
                (doc.env._("Sign by"), format_date(doc.env, doc.sign_deadline) or "–"),
                (doc.env._("Valid from"), format_date(doc.env, doc.date_from) or "–"),
                (doc.env._("Valid until"), format_date(doc.env, doc.date_to) or "–"),
                (doc.env._("Party A (buyer)"), self._party(known.partner_id)),
                (doc.env._("Party B (seller)"), self._party(known.company_id.partner_id)),
                (doc.env._("Signatory of the buyer"), known.contact_id.name or "–"),
                (doc.env._("Authority of the signatory"), doc.signatory_authority or "–"),
                (doc.env._("Amount"), doc.currency_id.format(doc.amount_total)),
                (doc.env._("In words"), doc._amount_in_words()),
            ],
            "lines": [
                {
                    "name": line.name,
                    "quantity": line._kam_quantity_text(),
                    "price": line.currency_id.format(line.price_reduce_taxinc),
                    "total": line.currency_id.format(line.price_total),
                }
                for line in (known._sold_lines() if doc.kind == "single" else ())
            ],
            "clauses": [
                (clause.name, clause.text or "")
                for clause in doc.clause_ids
                if not clause.not_applicable
            ],
            "payments": [
                {
                    "kind": kinds[payment.kind],
                    "percent": f"{payment.percent:g} %" if payment.percent else "–",
                    "amount": doc.currency_id.format(payment.amount),
                    "event": payment.event or "",
                    "due": format_date(doc.env, payment.due_on) or "–",
                }
                for payment in doc.payment_ids
            ],
        }

    def _party(self, partner):
        partner = partner.commercial_partner_id
        lines = partner._display_address(without_company=True).splitlines()
        # Where a street or a state is missing, Odoo leaves its comma.
        address = ", ".join(part for line in lines if (part := line.strip(" ,，")))
        parts = [partner.name, partner.company_registry or partner.vat, address, partner.phone]
        return ", ".join(part for part in parts if part)
