from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError

from ...policy import routing


class KamApprovalMixin(models.AbstractModel):
    """What the engine does with a document."""

    _inherit = "kam.approval.mixin"

    def _approval_submit(self):
        """Submit the documents for the acting user; all or nothing."""
        if self.sudo().try_lock_for_update() != self.sudo():
            raise UserError(
                self.env._(
                    "Somebody else is working on “%(document)s” at this moment. Try again.",
                    document=self[:1].display_name,
                )
            )
        for document in self:
            if document.state not in self._approval_state_from:
                raise UserError(
                    self.env._(
                        "“%(document)s” cannot be submitted in its present state.",
                        document=document.display_name,
                    )
                )
            document._approval_check()
        # Decide and fingerprint what the database has, not what this transaction caches.
        self.env.flush_all()
        for company, documents in self.grouped(lambda d: d._approval_company()).items():
            requests = self.env["kam.approval.request"]._open_rounds(documents, company)
            requests._documents_of_user().sudo()._approval_move("pending")
            requests._advance()
            requests._forget()

    def _approval_move(self, outcome):
        """Set the state that belongs to ``outcome``: pending, approved, refused, withdrawn."""
        states = {
            "pending": self._approval_state_pending,
            "approved": self._approval_state_approved,
        }
        self._as_engine().write({"state": states.get(outcome, self._approval_state_refused)})

    def _approval_request(self):
        """The latest round, sudo; empty before the first submission."""
        self.ensure_one()
        # sudo: a round counts, readable or not.
        return (
            self.env["kam.approval.request"]
            .sudo()
            .search(self._approval_request_domain(), order="round desc", limit=1)
        )

    def _approval_neutral(self, company):
        """The document as the system sees it: nobody's language, rights or context."""
        context = {"lang": "en_US", "tz": "UTC", "allowed_company_ids": company.ids}
        return self.with_env(self.env(user=SUPERUSER_ID, context=context, su=True))

    def _approval_evidence(self, files):
        """All the approvers decide about, of a neutral document and the files it was
        submitted with; the amount in company currency, so that a rate counts, too."""
        amount = self._approval_company().currency_id.round(self._approval_amount())
        return {
            **self._approval_fingerprint_values(),
            "amount_in_company_currency": repr(amount),
            "files": [[file.id, file.name, file.checksum] for file in files.sorted("id")],
        }

    def _approval_fingerprint(self, files):
        return routing.fingerprint(self._approval_evidence(files))

    def _approval_snapshot(self):
        """Texts for the approvers in every installed language, frozen in the request."""
        snapshot = {}
        for code, _name in self.env["res.lang"].get_installed():
            document = self.with_context(lang=code)
            rows = document._approval_summary()
            snapshot[code] = {
                "summary": [[str(label), str(value)] for label, value in rows],
                "highlights": [str(text) for text in document._approval_highlights()],
            }
        return snapshot
