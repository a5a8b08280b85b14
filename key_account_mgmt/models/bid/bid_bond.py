from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from ..core.guarded import ondelete_always

FINANCE = "key_account_mgmt.group_kam_finance"
STATES = [
    ("to_pay", "To Pay"),
    ("paid", "Paid"),
    ("returned", "Returned"),
    ("forfeited", "Forfeited"),
]
FACTS = {
    "state": "to_pay",
    "paid_on": False,
    "paid_by_id": False,
    "returned_on": False,
    "returned_by_id": False,
    "returned_amount": 0.0,
    "reason": False,
    "told": False,
}


class KamBidBond(models.Model):
    """Money or a guarantee given for a tender: for the bid, or for what was won.

    To pay → paid → returned or forfeited, each entered once, by the team or by finance.
    Source: users §3.4.
    """

    _name = "kam.bid.bond"
    _inherit = ["kam.guarded", "mail.thread"]
    _description = "Bond"
    _order = "due_back, id"
    _check_company_auto = True

    _guarded_initial = FACTS
    _guarded_once = frozenset({"bid_id"})

    bid_id = fields.Many2one("kam.bid", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="bid_id.company_id", store=True, index=True)
    partner_id = fields.Many2one("res.partner", "Customer", compute="_compute_partner_id")
    kind = fields.Selection(
        [("bid", "Bid Bond"), ("performance", "Performance Bond")], required=True, default="bid"
    )
    form = fields.Selection(
        [
            ("transfer", "Bank Transfer"),
            ("guarantee", "Bank Guarantee"),
            ("insurance", "Surety Insurance"),
            ("cheque", "Cheque"),
        ],
        required=True,
        default="transfer",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    amount = fields.Monetary(required=True, tracking=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount_company = fields.Monetary(
        "Amount (Company Currency)",
        currency_field="company_currency_id",
        compute="_compute_amount_company",
        store=True,
    )
    pay_until = fields.Date(help="Before the deadline of the tender.")
    due_back = fields.Date(
        index="btree_not_null", tracking=True, help="When it should be returned."
    )
    reference = fields.Char("Receipt or Guarantee No.")
    state = fields.Selection(
        STATES, required=True, default="to_pay", readonly=True, copy=False, index=True,
        tracking=True,
    )  # fmt: skip
    paid_on = fields.Date("Paid on", readonly=True, copy=False)
    paid_by_id = fields.Many2one("res.users", "Payment Entered by", readonly=True, copy=False)
    returned_on = fields.Date("Given Back on", readonly=True, copy=False)
    returned_by_id = fields.Many2one("res.users", "Return Entered by", readonly=True, copy=False)
    returned_amount = fields.Monetary(readonly=True, copy=False)
    reason = fields.Char(readonly=True, copy=False)
    told = fields.Boolean(readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Overdue", compute="_compute_is_overdue", search="_search_is_overdue"
    )
    days_overdue = fields.Integer(compute="_compute_is_overdue")

    _amount_check = models.Constraint("CHECK (amount > 0)", "Enter the amount of the bond.")

    @api.depends("bid_id")
    def _compute_partner_id(self):
        for bond in self:
            # sudo: finance reads whose money it is, not the bid.
            bond.partner_id = bond.sudo().bid_id.partner_id.sudo(False)

    @api.depends("bid_id", "kind")
    def _compute_display_name(self):
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for bond in self:
            # sudo: as above.
            bond.display_name = f"{kinds.get(bond.kind, '')}: {bond.sudo().bid_id.name or ''}"

    @api.depends("amount", "currency_id", "paid_on", "company_id")
    def _compute_amount_company(self):
        for bond in self:
            company = bond.company_id or self.env.company
            day = bond.paid_on or fields.Date.context_today(self)
            currency = bond.currency_id or company.currency_id
            bond.amount_company = currency._convert(bond.amount, company.currency_id, company, day)

    @api.depends("state", "due_back", "company_id")
    def _compute_is_overdue(self):
        for company, bonds in self.grouped("company_id").items():
            # sudo: the day it is where the company works, and its go-live, are no secrets.
            company = (company or self.env.company).sudo()
            today, live = company._kam_today(), company.kam_go_live_date
            for bond in bonds:
                due = bond.due_back
                late = bond.state == "paid" and due and due < today and (not live or due >= live)
                bond.is_overdue = bool(late)
                bond.days_overdue = (today - due).days if late else 0

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: as above.
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        late = Domain.OR(self._overdue_domain(company) for company in companies)
        return late if True in value else ~late

    @api.model
    def _overdue_domain(self, company, day=None):
        """Paid, due back before ``day``, not returned, not before go-live."""
        domain = Domain("company_id", "=", company.id) & Domain("state", "=", "paid")
        domain &= Domain("due_back", "<", day or company._kam_today())
        if company.kam_go_live_date:
            domain &= Domain("due_back", ">=", company.kam_go_live_date)
        return domain

    @api.model_create_multi
    def create(self, vals_list):
        bonds = super(KamBidBond, self.with_context(mail_create_nosubscribe=True)).create(vals_list)
        bonds._check_mine()
        return bonds.with_env(self.env)

    def write(self, vals):
        if not self._is_engine():
            self._check_mine()
            fixed = {"kind", "form", "amount", "currency_id"} & vals.keys()
            if fixed and any(bond.state != "to_pay" for bond in self):
                raise UserError(self.env._("What was paid stays as it was paid."))
        result = super().write(vals)
        if "due_back" in vals and not self._is_engine():
            self._as_engine().write({"told": False})
            self.env["kam.notice"]._settle("bid_bond", self)
        return result

    @ondelete_always
    def _unlink_except_paid(self):
        if any(bond.state != "to_pay" for bond in self):
            raise UserError(self.env._("A bond that was paid stays: enter its return."))

    def _check_mine(self):
        """:raise AccessError: neither on the team of the bid nor finance"""
        if self.env.su or self._is_engine() or self.env.user.has_group(FINANCE):
            return
        # sudo: who is on the team.
        if any(not bond.bid_id.sudo()._may_work(self.env.user) for bond in self):
            raise AccessError(self.env._("Bonds are kept by the team of the bid and by finance."))

    # Steps ---------------------------------------------------------------------------

    def action_paid(self):
        """Enter the payment."""
        return self._open_step("paid")

    def action_returned(self):
        """Enter the return."""
        return self._open_step("returned")

    def action_forfeited(self):
        """It will not come back: say why."""
        return self._open_step("forfeited")

    def _open_step(self, step):
        self.ensure_one()
        self.check_access("write")
        wizard = self.env["kam.bid.bond.wizard"]
        return {
            "type": "ir.actions.act_window",
            "name": wizard._step_title(step),
            "res_model": wizard._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_bond_id": self.id,
                "default_step": step,
                "default_amount": self.amount,
                "default_day": self.company_id.sudo()._kam_today(),
            },
        }

    def _enter(self, step, day, amount=0.0, text=False):
        """Payment, return or loss, each once.

        :param day: today or before
        :param amount: returned; in the bond's currency
        :raise UserError: entered already; ValidationError: day, amount or reason wrong
        """
        self.ensure_one()
        self.check_access("write")
        self._check_mine()
        if not self.try_lock_for_update():
            raise UserError(self.env._("Somebody is working on this bond. Try again soon."))
        self.invalidate_recordset(["state"])
        self._check_entry(step, day, amount, text)
        user = self.env.uid
        vals = {
            "paid": {"paid_on": day, "paid_by_id": user},
            "returned": {"returned_on": day, "returned_by_id": user, "returned_amount": amount},
            "forfeited": {"returned_on": day, "returned_by_id": user},
        }[step]
        self._as_engine().write({**vals, "state": step, "reason": (text or "").strip() or False})
        self.env["kam.notice"]._settle("bid_bond", self)

    def _check_entry(self, step, day, amount, text):
        if self.state != ("to_pay" if step == "paid" else "paid"):
            states = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(name)s” is “%(state)s” already: nothing is entered twice.",
                    name=self.display_name,
                    state=states[self.state],
                )
            )
        if not day or day > self.company_id.sudo()._kam_today():
            raise ValidationError(self.env._("Enter the day on which it happened."))
        if step != "paid" and day < self.paid_on:
            raise ValidationError(self.env._("It did not come back before it was paid."))
        if step == "returned" and not 0 < amount <= self.amount:
            raise ValidationError(
                self.env._("No more comes back than was given, and more than nothing.")
            )
        partial = step == "returned" and self.currency_id.compare_amounts(amount, self.amount)
        if (step == "forfeited" or partial) and not (text or "").strip():
            raise ValidationError(self.env._("Say why it did not come back in full."))

    def _keeper(self):
        """Who asks for it back: who follows the tender, else its leader."""
        # sudo: finance need not read the bid.
        bid = self.sudo().bid_id
        return bid.follow_up_user_id or bid.user_id
