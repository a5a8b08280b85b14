from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..core.guarded import ondelete_always

STATES = [
    ("draft", "Draft"),
    ("legal", "Legal Review"),
    ("approval", "Approval"),
    ("to_sign", "To Sign"),
    ("in_force", "In Force"),
    ("completed", "Completed"),
    ("terminated", "Terminated"),
    ("cancelled", "Cancelled"),
]
KINDS = [("single", "Single Contract"), ("frame", "Frame Contract")]
PAPERS = [("template", "Our Template"), ("customer", "Customer's Paper")]
# Nobody has signed yet.
BEFORE = ("draft", "legal", "approval", "to_sign")
SIGNED = ("in_force", "completed")
RUNNING = (*BEFORE, "in_force")
DRAFTERS = "key_account_mgmt.group_kam_commercial,key_account_mgmt.group_kam_officer"

# What only whoever drafts writes; others see to what is theirs.
DRAFTED = frozenset(
    {
        "name", "kind", "type_id", "paper", "template_id", "currency_id", "amount_total",
        "order_ids", "bid_id", "negotiation_id", "date_from", "date_to", "sign_deadline",
        "user_id", "contact_id", "signatory_authority", "subject", "clause_ids", "payment_ids",
        "differences", "lead_id", "partner_id", "own_partner_id", "exemption_reason", "lang",
    }
)  # fmt: skip

# What clauses of the library are filled in with.
FIGURES = {"amount_total", "currency_id", "payment_ids", "partner_id", "own_partner_id", "lang"}


class KamContract(models.Model):
    """A contract 合同 with a customer: text, prices, payments, and how far it is.

    Source: design §4.5, users §3.6, (c8), S0-99 … S0-106.
    """

    _name = "kam.contract"
    _inherit = ["kam.approval.mixin", "kam.deal.document", "mail.thread"]
    _description = "Contract"
    _order = "sign_deadline, id desc"
    _rec_names_search = ["name", "number"]

    _guarded_initial = {
        "state": "draft",
        "state_since": False,
        "number": False,
        "signed_on": False,
        "legal_user_id": False,
        "exempted_by_id": False,
        "exempted_on": False,
    }
    _guarded_once = frozenset({"company_id", "parent_id", "account_id"})
    _approval_state_from = ("draft",)
    _approval_state_pending = "approval"
    _approval_state_approved = "to_sign"
    _approval_state_refused = "draft"

    name = fields.Char(required=True, tracking=True)
    number = fields.Char(
        "Contract No.",
        readonly=True,
        copy=False,
        index="btree_not_null",
        help="By type and year, once approved.",
    )
    kind = fields.Selection(KINDS, required=True, default="single", tracking=True)
    type_id = fields.Many2one(
        "kam.contract.type",
        required=True,
        index=True,
        ondelete="restrict",
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
        default=lambda self: self.env["kam.contract.type"]._default_type(),
    )
    paper = fields.Selection(PAPERS, required=True, default="template", tracking=True)
    template_id = fields.Many2one(
        "kam.contract.template",
        index="btree_not_null",
        ondelete="restrict",
        domain="['|', ('company_id', '=', False), ('company_id', '=', company_id)]",
    )
    parent_id = fields.Many2one(
        "kam.contract",
        "Main Contract",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        help="The contract this supplementary agreement changes.",
    )
    state = fields.Selection(
        STATES,
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    state_since = fields.Datetime("In This State Since", readonly=True, copy=False)
    # Money: the contract's own currency, not the opportunity's.
    currency_id = fields.Many2one(
        "res.currency",
        compute=None,
        store=True,
        readonly=False,
        required=True,
        default=lambda self: self.env.company.root_id.currency_id,
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    expected_amount = fields.Monetary(currency_field="company_currency_id")
    own_amount = fields.Monetary(currency_field="company_currency_id")
    amount_total = fields.Monetary(
        "Amount",
        tracking=True,
        help="With tax; of a frame contract the ceiling, else that of its orders.",
    )
    # From what
    order_ids = fields.One2many("sale.order", "kam_contract_id", "Orders")
    has_orders = fields.Boolean(compute="_compute_has_orders")
    bid_id = fields.Many2one(
        "kam.bid", "Won Bid", index="btree_not_null", ondelete="restrict", copy=False
    )
    negotiation_id = fields.Many2one(
        "kam.negotiation", index="btree_not_null", ondelete="restrict", copy=False
    )
    exemption_reason = fields.Char(
        "Why without Negotiation", copy=False, help="An executive exempts it, or does not."
    )
    exempted_by_id = fields.Many2one(
        "res.users", "Exempted by", readonly=True, copy=False, ondelete="restrict"
    )
    exempted_on = fields.Datetime(readonly=True, copy=False)
    # When
    date_from = fields.Date("Valid from", tracking=True)
    date_to = fields.Date("Valid until", tracking=True, index="btree_not_null")
    sign_deadline = fields.Date("Sign by", index="btree_not_null", copy=False)
    signed_on = fields.Date(readonly=True, copy=False, index="btree_not_null")
    # Who
    user_id = fields.Many2one(
        "res.users",
        "Drafted by",
        required=True,
        index=True,
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        tracking=True,
    )
    legal_user_id = fields.Many2one(
        "res.users", "Legal Reviewer", readonly=True, copy=False, index="btree_not_null"
    )
    project_manager_id = fields.Many2one(
        "res.users",
        index="btree_not_null",
        domain=[("share", "=", False)],
        copy=False,
        tracking=True,
        help="Runs the execution: milestones, checks, reports to the customer.",
    )
    contact_id = fields.Many2one(
        "res.partner", "Signatory", help="Who signs for the customer.", copy=False
    )
    signatory_authority = fields.Char(
        "Authority of the Signatory",
        copy=False,
        help="Legal representative, or the authorization he signs by.",
    )
    # Text
    lang = fields.Selection(
        lambda self: self.env["res.lang"].get_installed(),
        "Language of the Contract",
        default=lambda self: self.env.lang or self.env.user.lang,
        help="In which clauses of the library and the paper are written.",
    )
    subject = fields.Text("Object", help="What is delivered or done; scope of the contract.")
    clause_ids = fields.One2many(
        "kam.contract.clause", "contract_id", "Contract Clauses", copy=True
    )
    payment_ids = fields.One2many(
        "kam.contract.payment", "contract_id", "Payment Schedule", copy=True
    )
    differences = fields.Text(
        "Differences from Our Terms", help="Where the customer's paper departs from ours."
    )
    problems = fields.Text("Still Missing", compute="_compute_problems")
    needs_exemption = fields.Boolean(compute="_compute_problems")

    @api.depends(
        "state",
        "type_id",
        "paper",
        "differences",
        "amount_total",
        "negotiation_id",
        "exemption_reason",
        "exempted_by_id",
        "order_ids",
        "clause_ids.text",
        "clause_ids.reason",
        "clause_ids.difference",
        "payment_ids.amount",
    )
    @api.depends_context("lang")
    def _compute_problems(self):
        for contract in self:
            saved = contract._origin
            texts = saved._contract_problems() if saved and saved.state == "draft" else []
            contract.problems = "\n".join(f"• {text}" for text in texts)
            draft = contract.state == "draft"
            contract.needs_exemption = draft and bool(
                contract.exemption_reason or not contract._is_negotiated()
            )

    @api.depends("order_ids")
    def _compute_has_orders(self):
        # sudo: that there are some, for whoever may not read orders.
        groups = (
            self.env["sale.order"]
            .sudo()
            ._read_group([("kam_contract_id", "in", self._origin.ids)], ["kam_contract_id"])
        )
        with_orders = {contract.id for (contract,) in groups}
        for contract in self:
            contract.has_orders = contract._origin.id in with_orders

    # Rules ---------------------------------------------------------------------------

    @api.constrains("date_from", "date_to")
    def _check_dates(self):
        for contract in self:
            if contract.date_from and contract.date_to and contract.date_to < contract.date_from:
                raise ValidationError(self.env._("The contract ends before it begins."))

    @api.constrains("amount_total")
    def _check_amount(self):
        for contract in self:
            if contract.amount_total < 0 and not contract.parent_id:
                raise ValidationError(self.env._("The amount of a contract cannot be negative."))

    @api.constrains("user_id", "project_manager_id")
    def _check_people(self):
        for contract in self:
            # sudo: whether somebody works here must not depend on who asks.
            people = (contract.user_id | contract.project_manager_id).sudo()
            if any(people.mapped("share")):
                raise ValidationError(self.env._("Only colleagues draft and run a contract."))

    @api.constrains("type_id", "template_id", "company_id")
    def _check_policy_company(self):
        for contract in self:
            # sudo: whose policy it is must not depend on who asks.
            for policy in (contract.sudo().type_id, contract.sudo().template_id):
                if policy.company_id and policy.company_id.root_id != contract.company_id:
                    raise ValidationError(
                        self.env._("“%(name)s” belongs to another company.", name=policy.name)
                    )

    # What others ask -----------------------------------------------------------------

    def _signed(self):
        """Whether both sides have signed: what was agreed binds."""
        self.ensure_one()
        return self.state in SIGNED

    def _takes_orders(self):
        """Whether orders are put under it after signature: call-offs, and those of a contract
        that was signed before there was a quotation.  Its amount limits them."""
        self.ensure_one()
        # sudo: what was signed must not depend on who asks.
        known = self.sudo()
        if known.kind == "frame":
            return known.state == "in_force"
        signing = known.signing_id
        return known.state == "in_force" and bool(signing) and not signing.order_prints

    def _covers(self, order, day):
        """Whether ``order`` may be confirmed on ``day`` because of this contract.

        :param order: a sale order, read unrestricted by the caller
        :param day: the company's day
        """
        self.ensure_one()
        return (
            self.kind == "single"
            and order.kam_contract_id == self
            and self.state == "in_force"
            and order.currency_id == self.currency_id
        )

    def _on_in_force(self):
        """Hook: called, unrestricted, once the contracts came into force."""

    def _on_closed(self):
        """Hook: called, unrestricted, once the contracts were completed, terminated or
        cancelled."""

    def _approval_locked_fields(self):
        # Files of accounts are opened, and somebody else takes over, meanwhile.
        return super()._approval_locked_fields() - {"account_id", "project_manager_id"}

    # Keeping -------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        quiet = self.with_context(
            mail_create_nosubscribe=True, mail_create_nolog=True, mail_auto_subscribe_no_notify=True
        )
        contracts = super(KamContract, quiet).create(vals_list).with_env(self.env)
        contracts._as_engine().write({"state_since": fields.Datetime.now()})
        return contracts

    # The customer ---------------------------------------------------------------------

    def _compute_from_lead(self):
        """From submission on the contract keeps its customer, whatever the opportunity says."""
        result = super()._compute_from_lead()
        for contract in self:
            # sudo: as for every document of a deal.
            if own := contract.sudo().own_partner_id:
                contract.partner_id = own
        return result

    @api.model
    def _search_partner_id(self, operator, value):
        found = super()._search_partner_id(operator, value)
        if found is NotImplemented:
            return found
        own = Domain("own_partner_id", "!=", False) & Domain("own_partner_id", operator, value)
        return own | (Domain("own_partner_id", "=", False) & found)

    def _keep_customer(self):
        """Called once it is submitted."""
        for contract in self.sudo().filtered(lambda c: c.lead_id and not c.own_partner_id):
            contract._as_engine().write({"own_partner_id": contract.partner_id.id})

    def write(self, vals):
        drafted = vals.keys() & DRAFTED
        if drafted and not (self._is_engine() or self.env.su or self._may_draft()):
            self._raise_not_drafter(drafted)
        if "state" in vals and self._is_engine():
            vals = {**vals, "state_since": fields.Datetime.now()}
        headings = self.clause_ids._own_headings() if "lang" in vals else None
        result = super().write(vals)
        if vals.get("state") == "draft" and self._is_engine():
            # Drafted again: the customer is the opportunity's.
            self.filtered("lead_id").own_partner_id = False
        if headings:
            headings._take_heading()
        if "exemption_reason" in vals and not self._is_engine():
            # Another reason needs another word.
            self._as_engine().write({"exempted_by_id": False, "exempted_on": False})
        if FIGURES & vals.keys() and not self._is_engine():
            for contract in self.filtered(lambda c: c.state == "draft" and c.clause_ids):
                contract._refresh_clauses()
        if {"user_id", "project_manager_id", "state"} & vals.keys():
            self._deal_sync_team()
        return result

    def copy_data(self, default=None):
        """Another contract about the same; nothing of what happened goes along."""
        result = super().copy_data(default)
        for contract, vals in zip(self, result, strict=True):
            # The customer is the opportunity's, for whoever may read that.
            # sudo: which one it is.
            lead = contract.sudo().lead_id.sudo(False)
            if lead and lead.has_access("read"):
                vals.setdefault("lead_id", lead.id)
            vals["own_partner_id"] = not vals.get("lead_id") and contract.partner_id.id
            vals["user_id"] = self.env.uid
            if not (default or {}).get("name"):
                vals["name"] = self.env._("%(name)s (copy)", name=contract.name)
        return result

    def _check_part(self, name):
        """Clauses and payments are written by whoever drafts, until it is submitted.

        :raise AccessError: the user drafts no contracts
        :raise UserError: the contract was submitted
        """
        if self._is_engine():
            return
        if not self.env.su:
            self.check_access("write")
            if not self._may_draft():
                self._raise_not_drafter([name])
        self._approval_check_unlocked()

    @api.model
    def _may_draft(self):
        return any(self.env.user.has_group(name) for name in DRAFTERS.split(","))

    def _raise_not_drafter(self, names):
        labels = ", ".join(
            self._fields[n]._description_string(self.env)
            for n in sorted(names)
            if n in self._fields
        )
        raise AccessError(
            self.env._("Contracts are drafted by commercial: %(fields)s.", fields=labels)
        )

    @ondelete_always
    def _unlink_except_begun(self):
        for contract in self:
            if contract.state != "draft" or contract.number:
                raise UserError(
                    self.env._(
                        "“%(name)s” is kept with its history: cancel it instead.",
                        name=contract.display_name,
                    )
                )

    def _check_state(self, *states):
        """:raise UserError: one of them is in another state"""
        labels = dict(self._fields["state"]._description_selection(self.env))
        for contract in self:
            if contract.state not in states:
                raise UserError(
                    self.env._(
                        "“%(name)s” is %(state)s: this is not possible now.",
                        name=contract.display_name,
                        state=labels[contract.state],
                    )
                )

    @api.depends("name", "number")
    def _compute_display_name(self):
        for contract in self:
            parts = [contract.number, contract.name]
            contract.display_name = " ".join(part for part in parts if part)

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        # Told through our notices: no letter to anybody.
        return []
