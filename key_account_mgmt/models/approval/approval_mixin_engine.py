from odoo import SUPERUSER_ID, models
from odoo.exceptions import UserError

from ...policy import routing


class KamApprovalMixin(models.AbstractModel):
    """What the engine does with a document."""

    _inherit = "kam.approval.mixin"

    def _approval_submit(self):
        """Submit one document for the acting user."""
        self.ensure_one()
        if not self.sudo().try_lock_for_update():
            raise UserError(
                self.env._(
                    "Somebody else is working on “%(document)s” at this moment. Try again.",
                    document=self.display_name,
                )
            )
        if self.state not in self._approval_state_from:
            raise UserError(
                self.env._(
                    "“%(document)s” cannot be submitted in its present state.",
                    document=self.display_name,
                )
            )
        self._approval_check()
        # Decide and fingerprint what the database has, not what this transaction caches.
        self.env.flush_all()
        request = self.env["kam.approval.request"]._open_round(self)
        request._document_for_hooks()._approval_move("pending")
        request._advance()

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

    def _approval_fingerprint(self, file_ids):
        """Fingerprint of a neutral document and the files it was submitted with."""
        files = self.env["ir.attachment"].browse(file_ids or []).exists().sorted("id")
        return routing.fingerprint(
            {
                "values": self._approval_fingerprint_values(),
                "files": [[file.id, file.name, file.checksum] for file in files],
            }
        )

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
