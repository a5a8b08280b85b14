from odoo import api, models
from odoo.exceptions import UserError


class CrmLead(models.Model):
    """The result of a later document moves the earlier ones, after a confirmation.

    Source: design §4.4.
    """

    _inherit = "crm.lead"

    @api.model
    def _kam_deal_result(self, document, result):
        """The window that asks before anything else is moved; True where nothing is.

        :param document: the document that ended, already in its final state
        :param result: ``"won"`` or ``"lost"``, the document's ``_deal_result()``
        """
        lead = document.sudo().lead_id
        if not lead or not lead._kam_result_changes(document, result):
            return True
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Follows"),
            "res_model": "kam.deal.result.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_res_model": document._name, "default_res_id": document.id},
        }

    def _kam_result_changes(self, document, result):
        """Hook: what a confirmation will change, one sentence each."""
        self.ensure_one()
        if self.won_status == result:
            return []
        names = {"won": self.env._("won"), "lost": self.env._("lost")}
        return [
            self.env._(
                "The opportunity “%(name)s” becomes %(result)s.",
                name=self.name,
                result=names[result],
            )
        ]

    def _kam_apply_result(self, document, result):
        """Hook: do what :meth:`_kam_result_changes` says.  ``self`` is unrestricted."""
        self.ensure_one()
        if self.won_status == result:
            return
        if result == "won":
            if not self.active:
                self.action_unarchive()
            self.action_set_won()
        else:
            self.action_set_lost()

    @api.model
    def _kam_result_document(self, model, number):
        """The document of a confirmation, checked.

        :raise UserError: it is none, or it has not ended
        """
        if model not in self._kam_deal_models():
            raise UserError(self.env._("This is no document of a deal."))
        document = self.env[model].browse(number)
        document.check_access("write")
        if not document.exists() or not document._deal_result():
            raise UserError(self.env._("The document has no result yet."))
        return document
