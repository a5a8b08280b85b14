from odoo import api, fields, models


class KamPursuitWizard(models.TransientModel):
    """One dialog for the steps of a pursuit that need a word.

    It decides nothing: every rule stands in ``kam.pursuit``.
    """

    _name = "kam.pursuit.wizard"
    _description = "Step of a Pursuit"

    pursuit_id = fields.Many2one("kam.pursuit", required=True, readonly=True, ondelete="cascade")
    step = fields.Selection(
        [
            ("return", "Return"),
            ("admit", "Admit a Second One"),
            ("extend", "Extend Protection"),
            ("take_over", "Take Over"),
            ("suspend", "Suspend"),
            ("cancel", "Cancel"),
            ("won", "Won"),
            ("lost", "Deal Lost"),
            ("close", "Close"),
        ],
        required=True,
        readonly=True,
    )
    text = fields.Text()
    lost_reason_id = fields.Many2one("crm.lost.reason")
    collision = fields.Text(related="pursuit_id.collision")

    @api.model
    def _step_title(self, step):
        return dict(self._fields["step"]._description_selection(self.env))[step]

    def action_apply(self):
        """Take the step; raises what :class:`kam.pursuit` raises."""
        self.ensure_one()
        pursuit = self.pursuit_id
        pursuit.check_access("read")
        steps = {
            "return": lambda: pursuit._return(self.text),
            "admit": lambda: pursuit._give_number(self.text),
            "extend": lambda: pursuit._extend(self.text),
            "take_over": lambda: pursuit._take_over(self.text),
            "suspend": lambda: pursuit._suspend(self.text),
            "cancel": lambda: pursuit._cancel(self.text),
            "won": lambda: pursuit._end("won", self.text),
            "lost": lambda: pursuit._end("lost", self.text, self.lost_reason_id),
            "close": lambda: pursuit._close(self.text),
        }
        steps[self.step]()
        if self.step in ("won", "lost"):
            follows = self.env["crm.lead"]._kam_deal_result(pursuit, self.step)
            if follows is not True:
                return follows
        return {"type": "ir.actions.act_window_close"}
