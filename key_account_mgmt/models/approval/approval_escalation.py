from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .approval_step import PEOPLE_LATER


class KamApprovalEscalation(models.Model):
    """What happens when a step is not decided in time; each level once per step.

    Hours are working hours after the deadline of the step.
    """

    _name = "kam.approval.escalation"
    _inherit = ["kam.policy.logged"]
    _description = "Approval Escalation"
    _order = "step_id, hours, id"

    step_id = fields.Many2one("kam.approval.step", required=True, index=True, ondelete="cascade")
    hours = fields.Float("Working Hours Late", help="0: as soon as the time is up.")
    kind = fields.Selection(
        [
            ("remind", "Remind the approvers"),
            ("tell", "Tell somebody"),
            ("add", "Let somebody else decide, too"),
        ],
        string="What Happens",
        required=True,
        default="remind",
    )
    user_id = fields.Many2one(
        "res.users", string="Person", ondelete="restrict", domain=[("share", "=", False)]
    )

    _hours_check = models.Constraint(
        "CHECK (hours >= 0)", "An escalation cannot come before the deadline."
    )

    def _policy_root(self):
        return self.step_id.route_id

    def _policy_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        return f"{self.step_id._policy_name()} / {kinds[self.kind]}"

    @api.constrains("kind", "user_id")
    def _check_person(self):
        if self.env.context.get("kam_people") is PEOPLE_LATER:
            return
        for level in self:
            if level.kind != "remind" and not level.user_id:
                raise ValidationError(
                    self.env._(
                        "Escalation of step “%(step)s”: choose the person.",
                        step=level.step_id.name,
                    )
                )
