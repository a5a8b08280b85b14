from odoo import api, models

from ..core.guarded import ENGINE


class KamApprovalRecord(models.AbstractModel):
    """What happened in an approval: nobody but the engine creates, writes or deletes it."""

    _name = "kam.approval.record"
    _inherit = ["kam.guarded"]
    _description = "Approval Record"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    @api.model
    def default_get(self, fields):  # pylint: disable=method-required-super
        # The engine states every value: neither a context default nor a personal
        # ir.default may slip one into a record of what happened.
        return {}

    def _engine(self):
        """The same records for the engine: unrestricted, and without the caller's context.

        The named boundary of the approval domain: whoever calls it has checked the
        right of the user before.  ``env.uid`` stays the person who acts.
        """
        context = {**self._plain_context(), "kam_engine": ENGINE}
        return self.with_env(self.env(su=True, context=context))

    @api.model
    def _plain_context(self):
        kept = ("lang", "tz", "allowed_company_ids")
        return {key: self.env.context[key] for key in kept if key in self.env.context}
