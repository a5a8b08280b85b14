from odoo import api, fields, models
from odoo.exceptions import UserError


class KamApprovalDecisionWizard(models.TransientModel):
    """The comment of a decision, and whom it concerns.  The engine checks everything."""

    _name = "kam.approval.decision.wizard"
    _description = "Decide"

    kind = fields.Selection(
        [
            ("approve", "Approve"),
            ("refuse", "Refuse"),
            ("return", "Return"),
            ("transfer", "Transfer"),
            ("add", "Add an Approver"),
            ("copy", "Send a Copy"),
        ],
        required=True,
        readonly=True,
    )
    step_ids = fields.Many2many("kam.approval.request.step", string="Documents", readonly=True)
    count = fields.Integer(compute="_compute_count")
    user_id = fields.Many2one("res.users", string="Person", domain=[("share", "=", False)])
    user_ids = fields.Many2many("res.users", string="People", domain=[("share", "=", False)])
    earlier_step_ids = fields.Many2many(
        "kam.approval.request.step", compute="_compute_earlier_step_ids"
    )
    step_id = fields.Many2one(
        "kam.approval.request.step",
        string="To Step",
        domain="[('id', 'in', earlier_step_ids)]",
        help="Empty: to the requester.",
    )
    comment = fields.Text()

    @api.depends("step_ids")
    def _compute_count(self):
        for wizard in self:
            wizard.count = len(wizard.step_ids)

    @api.depends("step_ids")
    def _compute_earlier_step_ids(self):
        for wizard in self:
            step = wizard.step_ids[:1]
            one = len(wizard.step_ids) == 1
            wizard.earlier_step_ids = one and step.request_id.step_ids.filtered(
                lambda s, last=step.sequence: s.sequence < last
            )

    def action_confirm(self):
        """Carry the decision out.

        :raise UserError: a person or a reason is missing, and as the step's methods
        """
        self.ensure_one()
        if self.kind in ("transfer", "add") and not self.user_id:
            raise UserError(self.env._("Choose the person."))
        act = {
            "approve": lambda steps: steps.action_approve(self.comment),
            "refuse": lambda steps: steps.action_refuse(self.comment),
            "return": lambda steps: steps.action_return(self.comment, self.step_id.id),
            "transfer": lambda steps: steps.action_transfer(self.user_id.id, self.comment),
            "add": lambda steps: steps.action_add_approver(self.user_id.id, self.comment),
            "copy": lambda steps: steps.action_copy(self.user_ids.ids, self.comment),
        }
        act[self.kind](self.step_ids)
        return {"type": "ir.actions.act_window_close"}
