from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...policy import execution as rules

FINANCE = "key_account_mgmt.group_kam_finance"
# Signed, whatever became of it.
BINDING = ("in_force", "completed", "terminated")


class KamContractPayment(models.Model):
    """The payment schedule against what was invoiced and paid.

    What came in pays the first instalment first.  Source: users §3.6.
    """

    _inherit = "kam.contract.payment"

    invoiced = fields.Monetary(compute="_compute_collected", currency_field="currency_id")
    collected = fields.Monetary(compute="_compute_collected", currency_field="currency_id")
    open_amount = fields.Monetary(
        "To Collect", compute="_compute_collected", currency_field="currency_id"
    )
    status = fields.Selection(
        [
            ("planned", "Planned"),
            ("due", "To Invoice"),
            ("invoiced", "Invoiced"),
            ("collected", "Collected"),
            ("overdue", "Overdue"),
        ],
        compute="_compute_collected",
    )
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_collected", search="_search_is_overdue"
    )
    days_overdue = fields.Integer(compute="_compute_collected")
    is_to_collect = fields.Boolean(
        "Still to Collect", compute="_compute_collected", search="_search_is_to_collect"
    )
    contract_state = fields.Selection(related="contract_id.state", string="Contract Status")
    schedule_partner_id = fields.Many2one(related="contract_id.partner_id", string="Customer")
    schedule_manager_id = fields.Many2one(
        related="contract_id.project_manager_id", string="Project Manager"
    )
    happened_on = fields.Date(
        copy=False, help="When what makes it due happened, e.g. the acceptance: it is due then."
    )
    retention_told = fields.Boolean(readonly=True, copy=False)

    # Not on orders and invoices, see the contract.
    @api.depends("contract_id", "amount", "due_on")
    def _compute_collected(self):
        contracts = self.contract_id
        money = contracts._kam_money() if contracts.ids else {}
        parts = {}
        # sudo: the whole schedule decides who is paid first.
        for contract in contracts.sudo():
            total, paid, _late = money.get(contract._origin.id, (0.0, 0.0, 0.0))
            plan = contract.payment_ids
            amounts = plan.mapped("amount")
            for line, one, other in zip(
                plan, rules.allocate(total, amounts), rules.allocate(paid, amounts), strict=True
            ):
                parts[line._origin.id] = (one, other)
        days = {c: c.sudo()._kam_today() for c in contracts.company_id}
        for line in self:
            invoiced, collected = parts.get(line._origin.id, (0.0, 0.0))
            line.invoiced = invoiced
            line.collected = collected
            line.open_amount = max(line.amount - collected, 0.0)
            today = days.get(line.contract_id.company_id)
            line.status = line._status_on(today, invoiced, collected)
            line.is_overdue = line.status == "overdue"
            line.is_to_collect = line.status != "collected"
            line.days_overdue = (today - line.due_on).days if line.is_overdue else 0

    def _status_on(self, today, invoiced, collected):
        """Where an instalment stands; half a unit of the currency is nothing."""
        currency = self.currency_id
        step = (currency.rounding if currency else 0.01) / 2
        if self.amount and collected >= self.amount - step:
            return "collected"
        is_due = bool(today and self.due_on and self.due_on < today)
        running = self.contract_id.state in BINDING
        if is_due and running and self._is_live():
            return "overdue"
        if self.amount and invoiced >= self.amount - step:
            return "invoiced"
        return "due" if running and self.due_on and today and self.due_on <= today else "planned"

    def _is_live(self):
        """Nothing before go-live is due.  Source: design §1."""
        # sudo: when a company begins is no secret.
        live = self.contract_id.company_id.sudo().kam_go_live_date
        return not live or self.due_on >= live

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        # What is paid is known from the invoices; few instalments are past their day.
        # The company's day may be ahead of the server's.
        candidates = self.search(
            Domain("due_on", "<=", fields.Date.today()) & Domain("contract_id.state", "in", BINDING)
        )
        late = Domain("id", "in", candidates.filtered("is_overdue").ids)
        return late if True in value else ~late

    @api.model
    def _search_is_to_collect(self, operator, value):
        """Of contracts in force: what was paid is known from the invoices."""
        if operator != "in":
            return NotImplemented
        candidates = self.search(Domain("contract_id.state", "in", BINDING))
        found = Domain("id", "in", candidates.filtered("is_to_collect").ids)
        return found if True in value else ~found

    @api.model_create_multi
    def create(self, vals_list):
        # Whether its keeper was reminded is the system's to say.
        if not self._is_job():
            facts = {"retention_told": False, "happened_on": False}
            vals_list = [{**vals, **facts} for vals in vals_list]
        return super().create(vals_list)

    def write(self, vals):
        if self._is_job():
            return super().write(vals)
        vals = {name: value for name, value in vals.items() if name != "retention_told"}
        if vals.keys() == {"happened_on"}:
            return self._note_event(fields.Date.to_date(vals["happened_on"]))
        vals.pop("happened_on", None)
        return super().write(vals)

    def _note_event(self, day):
        """What makes it due happened: no change of what was signed.

        By the project manager, finance or the office.

        :raise AccessError: by anybody else
        """
        self.check_access("read")
        user = self.env.user
        for line in self:
            # sudo: who runs the contract.
            run = line.sudo().contract_id.with_user(user).sudo().is_run_by_me
            if not (self.env.su or run or user.has_group(FINANCE)):
                raise AccessError(
                    self.env._("The project manager or finance says when it became due.")
                )
        # sudo: the right was checked; the day follows from the event.
        engine = self.env["kam.contract"].sudo()._as_engine().env
        lines = self.with_env(engine)
        lines.write({"happened_on": day, "retention_told": False})
        for line in lines.filtered("event"):
            line.write({"due_on": day})
        return True

    def action_happened(self):
        """What makes it due happened today: by the project manager, finance or the office.

        :raise UserError: not of a contract in force, or without an event
        """
        self.check_access("read")
        for line in self:
            if not line.event or line.contract_id.state != "in_force":
                raise UserError(
                    self.env._("Only an instalment of a contract in force waits for an event.")
                )
            # sudo: the day it is where the company works.
            line._note_event(line.contract_id.company_id.sudo()._kam_today())
        return True

    def _is_job(self):
        return self.env["kam.contract"]._is_engine()

    def action_open_contract(self):
        """The contract of the instalment."""
        self.ensure_one()
        self.check_access("read")
        return self.contract_id.get_formview_action()
