from odoo import api, models
from odoo.tools.misc import format_date


class NegotiationPaper(models.AbstractModel):
    """What papers of a negotiation share: they print what their reader may read, and the
    bottom line on none of them.
    """

    _name = "kam.negotiation.paper"
    _description = "Papers of a Negotiation"

    @api.model
    def _get_report_values(self, docids, data=None):
        docs = self.env[self._paper_model()].browse(docids)
        docs.check_access("read")
        return {
            "doc_ids": docids,
            "doc_model": docs._name,
            "docs": docs,
            "papers": {doc.id: self._paper(doc) for doc in docs},
        }

    @api.model
    def _paper_model(self):
        raise NotImplementedError

    def _paper(self, doc):
        return {"head": self._head(doc)}

    def _names(self, people):
        # sudo: the names of those who met stand on the paper.
        return ", ".join(people.sudo().mapped("name")) or "–"


class NegotiationMinutes(models.AbstractModel):
    """Minutes of a round 谈判纪要 (P14).  Source: S0-97."""

    _name = "report.key_account_mgmt.report_negotiation_minutes"
    _inherit = ["kam.negotiation.paper"]
    _description = "Minutes of a Negotiation"

    @api.model
    def _paper_model(self):
        return "kam.negotiation.round"

    def _head(self, doc):
        negotiation = doc.negotiation_id
        return [
            (self.env._("Negotiation"), negotiation.name),
            (self.env._("Customer"), negotiation.partner_id.display_name or "–"),
            (self.env._("Round"), str(doc.number)),
            (self.env._("Date"), format_date(self.env, doc.date)),
            (self.env._("Place"), doc.place or "–"),
            (self.env._("Led by"), self._names(doc.lead_id)),
            (self.env._("Our participants"), self._names(doc.participant_ids)),
            (self.env._("Customer's participants"), self._names(doc.contact_ids)),
        ]

    def _paper(self, doc):
        names = ("key_info", "agreed_points", "open_points")
        texts = [
            (doc._fields[name]._description_string(self.env), doc[name])
            for name in names
            if (doc[name] or "").strip()
        ]
        return super()._paper(doc) | {"texts": texts}


class NegotiationAuthorization(models.AbstractModel):
    """Authorization of a negotiator 谈判授权书 (P13).  Source: S0-93, g Q19."""

    _name = "report.key_account_mgmt.report_negotiation_authorization"
    _inherit = ["kam.negotiation.paper"]
    _description = "Authorization to Negotiate"

    @api.model
    def _paper_model(self):
        return "kam.negotiation.authorization"

    def _head(self, doc):
        negotiation = doc.negotiation_id
        rows = [
            (self.env._("Negotiation"), negotiation.name),
            (self.env._("Customer"), negotiation.partner_id.display_name or "–"),
            (self.env._("Authorised"), self._names(doc.user_id)),
            (self.env._("Signed by"), self._names(doc.granted_by_id)),
            (self.env._("From"), format_date(self.env, doc.date_from)),
            (self.env._("Until"), format_date(self.env, doc.date_to)),
        ]
        if doc.revoked_on:
            rows.append((self.env._("Revoked on"), format_date(self.env, doc.revoked_on)))
        return rows
