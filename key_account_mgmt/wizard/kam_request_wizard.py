from odoo import api, fields, models

from ..models.account.request import RESULTS


class KamRequestWizard(models.TransientModel):
    """One dialog for the steps of a request that need a word, a day or a result.

    It decides nothing: every rule stands in ``kam.request``.
    """

    _name = "kam.request.wizard"
    _description = "Step of a Request"

    request_id = fields.Many2one("kam.request", required=True, readonly=True, ondelete="cascade")
    step = fields.Selection(
        [
            ("accept", "Accept"),
            ("decline", "Decline"),
            ("answer", "Answer"),
            ("send_back", "Send Back"),
            ("cancel", "Cancel"),
            ("gate", "Quality Gate"),
            ("site", "On-Site Verification"),
        ],
        required=True,
        readonly=True,
    )
    day = fields.Date()
    text = fields.Text()
    result = fields.Selection(RESULTS, default="passed")
    name = fields.Char(related="request_id.name")
    date_wanted = fields.Date(related="request_id.date_wanted")

    @api.model
    def _step_title(self, step):
        return dict(self._fields["step"]._description_selection(self.env))[step]

    def action_apply(self):
        """Take the step; raises what :class:`kam.request` raises."""
        self.ensure_one()
        request = self.request_id
        request.check_access("write")
        steps = {
            "accept": lambda: request._accept(self.day),
            "decline": lambda: request._decline(self.text),
            "answer": lambda: request._answer(self.text),
            "send_back": lambda: request._send_back(self.text, self.day),
            "cancel": lambda: request._cancel(self.text),
            "gate": lambda: request._pass_gate(self.result, self.day, self.text),
            "site": lambda: request._verify_on_site(self.result, self.day, self.text),
        }
        steps[self.step]()
        return {"type": "ir.actions.act_window_close"}
