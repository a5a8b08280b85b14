from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..core.guarded import ondelete_always

OFFICE = "key_account_mgmt.group_kam_officer"
# What became of it: the project manager's buttons set it.
FACTS = {
    "conformity": "open",
    "judged_on": False,
    "judged_by_id": False,
    "conformity_note": False,
}
# Kept by its action.
OF_ACTION = ("name", "user_id", "date_due")


class KamContractMilestone(models.Model):
    """What is delivered under a contract, by which department, and whether it conforms.

    What, who and when are its action's, so that it stands in My Week and counts as on time
    like every other promise.  Done by its owner; conform in the judgement of the project
    manager.  Source: S0-108, K11.
    """

    _name = "kam.contract.milestone"
    _inherit = ["kam.guarded", "kam.contract.record"]
    _description = "Contract Milestone"
    _order = "contract_id, sequence, id"
    _rec_name = "name"

    _guarded_initial = FACTS
    _guarded_once = frozenset({"contract_id", "action_id"})

    contract_id = fields.Many2one("kam.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    account_id = fields.Many2one(related="contract_id.account_id")
    partner_id = fields.Many2one(related="contract_id.partner_id")
    contract_state = fields.Selection(related="contract_id.state", string="Contract Status")
    sequence = fields.Integer(default=10)
    action_id = fields.Many2one(
        "kam.action", required=True, index=True, readonly=True, ondelete="cascade",
        copy=False,
    )  # fmt: skip
    # The action's
    name = fields.Char("Milestone", related="action_id.name", readonly=False, required=True)
    user_id = fields.Many2one(
        "res.users", "Owner", related="action_id.user_id", readonly=False,
        domain=[("share", "=", False)],
    )  # fmt: skip
    date_due = fields.Date("Due", related="action_id.date_due", readonly=False, required=True)
    date_due_first = fields.Date(related="action_id.date_due_first")
    state = fields.Selection(related="action_id.state")
    done_on = fields.Datetime("Done on", related="action_id.done_on")
    is_on_time = fields.Boolean("On Time", related="action_id.is_on_time")
    is_overdue = fields.Boolean(related="action_id.is_overdue", string="Overdue")
    # Its own
    department_id = fields.Many2one("kam.department", index="btree_not_null", ondelete="restrict")
    deliverable = fields.Char(help="What is handed over: goods, a drawing, a signed record.")
    is_delivery = fields.Boolean(
        "Delivery", help="A delivery to the customer: late, it raises an issue by itself."
    )
    conformity = fields.Selection(
        [("open", "Not Judged"), ("conform", "Conform"), ("not_conform", "Not Conform")],
        required=True,
        default="open",
        readonly=True,
        copy=False,
        help="Whether it was as the contract says, in the judgement of the project manager.",
    )
    conformity_note = fields.Char("What Deviates", readonly=True, copy=False)
    judged_on = fields.Datetime("Judged on", readonly=True, copy=False)
    judged_by_id = fields.Many2one("res.users", "Judged by", readonly=True, copy=False)
    can_judge = fields.Boolean(compute="_compute_can_judge")

    _action_uniq = models.UniqueIndex("(action_id)", "An action belongs to one milestone.")

    @api.depends("contract_id.project_manager_id")
    @api.depends_context("uid")
    def _compute_can_judge(self):
        office = self.env.user.has_group(OFFICE)
        for milestone in self:
            # sudo: who runs the contract.
            manager = milestone.sudo().contract_id.project_manager_id
            milestone.can_judge = office or manager == self.env.user

    # Keeping -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        rows = [self._with_action(vals) for vals in vals_list]
        milestones = super().create(rows)
        milestones._check_may_plan()
        return milestones

    @api.model
    def _with_action(self, vals):
        """The action comes into being with its milestone, for the contract's account."""
        if vals.get("action_id") and not self._is_engine():
            self._raise_guarded(["action_id"])
        if vals.get("action_id"):
            return vals
        vals = {**vals}
        contract_id = vals.get("contract_id", self.env.context.get("default_contract_id"))
        contract = self.env["kam.contract"].browse(contract_id or ()).exists()
        if not contract:
            raise UserError(self.env._("A milestone belongs to a contract: choose it."))
        contract._check_may_run()
        # The columns stay away from what is written through the action.
        of_action = {name: vals.pop(name, False) for name in OF_ACTION}
        if not (of_action["name"] or "").strip() or not of_action["date_due"]:
            raise UserError(self.env._("A milestone needs a name and a day."))
        owner = of_action["user_id"] or contract.project_manager_id.id or self.env.uid
        # sudo: whoever may write the contract plans its milestones.
        source = contract.sudo()
        action = (
            self.env["kam.action"]
            .sudo()
            ._as_engine()
            .create(
                {
                    **of_action,
                    "user_id": owner,
                    "contract_id": contract.id,
                    "account_id": source.account_id.id,
                    "company_id": source.company_id.id,
                    "note": vals.get("deliverable"),
                }
            )
        )
        # By the planner, not by the engine: so its owner hears of it.
        action._without_engine()._tell_owner()
        return {**vals, "contract_id": contract.id, "action_id": action.id}

    def write(self, vals):
        if not self._is_engine() and vals.keys() - {"message_ids"}:
            self._check_may_plan()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_running(self):
        """What was promised under a contract in force is cancelled, with a reason."""
        for milestone in self:
            # sudo: the state of its contract.
            if not self._is_engine() and milestone.sudo().contract_id.state not in (
                "draft",
                "legal",
                "approval",
                "to_sign",
            ):
                raise UserError(
                    self.env._(
                        "“%(name)s” belongs to a contract in force: cancel its action with a "
                        "reason instead.",
                        name=milestone.name,
                    )
                )

    def unlink(self):
        self._check_may_plan()
        # sudo: the action goes with its milestone, checked above.
        actions = self.sudo().action_id
        result = super().unlink()
        actions._as_engine().unlink()
        return result

    def _check_may_plan(self):
        """:raise AccessError: neither may the user write the contract, nor is it his"""
        if self.env.su or self._is_engine():
            return
        self.contract_id._check_may_run()
        ended = self.sudo().contract_id.filtered(
            lambda c: c.state in ("completed", "terminated", "cancelled")
        )
        if ended:
            raise UserError(
                self.env._(
                    "“%(contract)s” is over: its milestones stay as they are.",
                    contract=ended[0].display_name,
                )
            )

    @api.constrains("contract_id")
    def _check_account(self):
        for milestone in self:
            # sudo: both belong together, readable or not.
            own = milestone.sudo()
            if own.action_id.contract_id != own.contract_id:
                raise ValidationError(
                    self.env._("The action of a milestone belongs to its contract.")
                )

    # Buttons -------------------------------------------------------------------------

    def action_done(self):
        """Tick it off: by its owner, the project manager, the account manager or the office."""
        self.check_access("read")
        return self.action_id.action_done()

    def action_cancel(self):
        """Ask why it is not to be done any more."""
        self.ensure_one()
        self.check_access("read")
        return self.action_id.action_cancel()

    def action_conform(self):
        """As the contract says.

        :raise UserError: not done yet; AccessError: not the project manager
        """
        self._judge("conform", False)
        return True

    def action_not_conform(self):
        """Ask what deviates."""
        self.ensure_one()
        self.check_access("read")
        self._check_may_judge()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Not Conform"),
            "res_model": "kam.contract.milestone.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_milestone_id": self.id},
        }

    def _check_may_judge(self):
        for milestone in self:
            if not (milestone.can_judge or self.env.su):
                raise AccessError(
                    self.env._("The project manager of the contract says whether it conforms.")
                )

    def _judge(self, conformity, note):
        """:param note: what deviates; needed where it does not conform"""
        self.check_access("read")
        self._check_may_judge()
        if open_ := self.filtered(lambda m: m.state != "done"):
            raise UserError(
                self.env._("“%(name)s” is not done yet: tick it off first.", name=open_[0].name)
            )
        note = (note or "").strip()
        if conformity == "not_conform" and not note:
            raise UserError(self.env._("Say what deviates from the contract."))
        # sudo: the right was checked; the judgement belongs to the engine.
        self.sudo()._as_engine().write(
            {
                "conformity": conformity,
                "conformity_note": note,
                "judged_on": fields.Datetime.now(),
                "judged_by_id": self.env.uid,
            }
        )

    @api.model
    def _running_domain(self, company):
        """Milestones of contracts of a company that run."""
        return Domain("company_id", "=", company.id) & Domain("contract_id.state", "=", "in_force")
