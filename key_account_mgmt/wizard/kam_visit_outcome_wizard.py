from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError


class KamVisitOutcomeWizard(models.TransientModel):
    """What became of visits, and why: cancelled, moved, missed; a report opened again.

    Source: (c4), J04.
    """

    _name = "kam.visit.outcome.wizard"
    _description = "What Became of the Visit"

    visit_ids = fields.Many2many("kam.visit", string="Visits", required=True)
    kind = fields.Selection(
        [
            ("miss", "Missed: nobody met"),
            ("cancel", "Cancelled"),
            ("move", "Moved to another time"),
            ("reopen", "Report reopened"),
        ],
        "Outcome",
        required=True,
        default="cancel",
    )
    start = fields.Datetime("New Time")
    duration = fields.Float("Hours", default=1.5)
    reason = fields.Char(required=True)

    def action_confirm(self):
        self.ensure_one()
        visits = self.visit_ids
        if self.kind == "move":
            if not self.start:
                raise UserError(self.env._("Say when the visit will take place."))
            stop = self.start + timedelta(hours=self.duration)
            visits.ensure_one()._reschedule(self.start, stop, self.reason)
        else:
            {"miss": visits._miss, "cancel": visits._cancel, "reopen": visits._reopen}[self.kind](
                self.reason
            )
        return {"type": "ir.actions.act_window_close"}
