from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount
from odoo.tools.misc import format_date

from ..core.guarded import ondelete_always

STATES = [
    ("draft", "Draft"),
    ("to_approve", "To Approve"),
    ("released", "Released"),
    ("regularised", "Regularised"),
    ("cancelled", "Cancelled"),
]
FACTS = {
    "state": "draft",
    "amount": 0.0,
    "released_on": False,
    "regularised_on": False,
    "is_late": False,
}


class KamEarlyRelease(models.Model):
    """One order that goes ahead before its contract is signed 先行执行.

    Reason, day by which the contract is signed, own approval.  It holds for this order, its
    customer and the amount that was approved, and is listed until the contract is signed.
    Source: users §3.6, design §4.5.
    """

    _name = "kam.early.release"
    _inherit = ["mail.thread", "kam.approval.mixin"]
    _description = "Early Release"
    _order = "sign_by, id"
    _rec_name = "order_id"

    _approval_state_from = ("draft",)
    _approval_state_pending = "to_approve"
    _approval_state_approved = "released"
    _approval_state_refused = "draft"
    _guarded_initial = FACTS
    _guarded_once = frozenset({"order_id", "company_id", "partner_id", "account_id", "user_id"})

    order_id = fields.Many2one(
        "sale.order", "Quotation", required=True, index=True, ondelete="restrict"
    )
    # Written by the system from the order: they carry the access.
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        readonly=True,
        copy=False,
        ondelete="restrict",
        default=lambda self: self.env.company.root_id,
    )
    partner_id = fields.Many2one(
        "res.partner", "Customer", readonly=True, copy=False, index=True, ondelete="restrict"
    )
    account_id = fields.Many2one(
        "kam.account", "Account File", readonly=True, copy=False, index="btree_not_null",
        ondelete="restrict",
    )  # fmt: skip
    user_id = fields.Many2one(
        "res.users", "Asked by", required=True, readonly=True, copy=False, index=True,
        ondelete="restrict", default=lambda self: self.env.user,
    )  # fmt: skip
    reason = fields.Text(
        required=True, help="Why the order cannot wait for the signature, and what may go wrong."
    )
    sign_by = fields.Date(
        "Sign by",
        required=True,
        default=lambda self: self._default_sign_by(),
        tracking=True,
        help="The day on which the contract will be signed.",
    )
    currency_id = fields.Many2one(related="order_id.currency_id")
    amount = fields.Monetary("Released Amount", readonly=True, copy=False)
    order_amount = fields.Monetary(related="order_id.amount_total", string="Order Amount")
    contract_id = fields.Many2one(related="order_id.kam_contract_id", string="Its Contract")
    state = fields.Selection(
        STATES, required=True, default="draft", readonly=True, copy=False, index=True, tracking=True
    )
    released_on = fields.Date(readonly=True, copy=False)
    regularised_on = fields.Date(readonly=True, copy=False)
    is_late = fields.Boolean("Regularised Late", readonly=True, copy=False)
    is_overdue = fields.Boolean(
        "Not Regularised in Time", compute="_compute_is_overdue", search="_search_is_overdue"
    )

    _one_open = models.UniqueIndex(
        "(order_id) WHERE state IN ('draft', 'to_approve', 'released')",
        "An early release of this order is already under way.",
    )

    @api.model
    def _default_sign_by(self):
        company = self.env.company
        return company._kam_today() + timedelta(days=company._kam_bid_sign_days())

    @api.depends("state", "sign_by", "company_id")
    def _compute_is_overdue(self):
        for company, releases in self.grouped("company_id").items():
            # sudo: the day it is where the company works, is no secret.
            today = (company or self.env.company).sudo()._kam_today()
            for release in releases:
                due = release.sign_by and release.sign_by < today
                release.is_overdue = release.state == "released" and bool(due)

    @api.model
    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        today = self.env.company._kam_today()
        overdue = Domain("state", "=", "released") & Domain("sign_by", "<", today)
        return overdue if True in value else ~overdue

    @api.constrains("sign_by")
    def _check_sign_by(self):
        for release in self:
            # sudo: as above.
            if (
                release.state == "draft"
                and release.sign_by < release.company_id.sudo()._kam_today()
            ):
                raise ValidationError(self.env._("The contract is signed today or later."))

    # Life ----------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._prepare_release(vals) for vals in vals_list]
        quiet = self.with_context(mail_create_nosubscribe=True, mail_auto_subscribe_no_notify=True)
        return super(KamEarlyRelease, quiet).create(vals_list).with_env(self.env)

    @api.model
    def _prepare_release(self, vals):
        """Customer, company and file are the order's; who asks, is who asks."""
        order_id = vals.get("order_id", self.env.context.get("default_order_id"))
        order = self.env["sale.order"].browse(order_id if isinstance(order_id, int) else ())
        if order:
            order.check_access("read")
        return {**vals, "user_id": self.env.uid, **self._of_order(order.sudo())}

    @api.model
    def _of_order(self, order):
        root = order.company_id.root_id
        customer = order.partner_id.commercial_partner_id.with_company(root)
        return {
            "company_id": (root or self.env.company.root_id).id,
            "partner_id": customer.id,
            "account_id": customer.kam_account_id.id,
        }

    @ondelete_always
    def _unlink_except_draft(self):
        if any(release.state != "draft" for release in self):
            raise UserError(self.env._("An early release that was asked for is kept."))

    def action_cancel(self):
        """Not needed any more; by who asked, or by the office, before the order is confirmed."""
        self.check_access("write")
        for release in self:
            # sudo: what became of the order, readable or not.
            went_ahead = release.sudo().order_id.state == "sale"
            if release.state not in ("draft", "released") or went_ahead:
                raise UserError(
                    self.env._("The order went ahead, or somebody decides about it just now.")
                )
        self._as_engine().write({"state": "cancelled"})
        return True

    def _releases(self, order, amount, timeless=False):
        """Whether an order may go ahead by this: approved, its customer, no larger, in time.

        :param timeless: it was confirmed before, and stays so
        """
        self.ensure_one()
        if self.state not in ("released", "regularised"):
            return False
        if self.partner_id != order.partner_id.commercial_partner_id:
            return False
        if amount > self.amount + order.currency_id.rounding / 2:
            return False
        return timeless or order._kam_day() <= self.sign_by

    def _regularise(self):
        """The contracts of their orders hold: nothing is left to do.  Source: users §3.6."""
        open_ones = self.sudo().filtered(lambda release: release.state == "released")
        for release in open_ones:
            today = release.company_id._kam_today()
            if release.order_id._kam_is_covered():
                release._as_engine().write(
                    {
                        "state": "regularised",
                        "regularised_on": today,
                        "is_late": today > release.sign_by,
                    }
                )

    # Approval ------------------------------------------------------------------------

    def _approval_check(self):
        result = super()._approval_check()
        order = self.sudo().order_id
        if order.state not in ("draft", "sent"):
            raise UserError(self.env._("Only a quotation is released early."))
        if order not in order._kam_concerned():
            raise UserError(self.env._("This quotation needs no contract: confirm it."))
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why."))
        # sudo: as above.
        if self.sign_by < self.company_id.sudo()._kam_today():
            raise UserError(self.env._("The contract is signed today or later."))
        return result

    def _approval_submit(self):
        for release in self:
            # What they decide about is what the order is at this moment.
            vals = {**self._of_order(release.sudo().order_id), "amount": release.order_amount}
            release.sudo()._as_engine().write(vals)
        return super()._approval_submit()

    def _approval_locked_fields(self):
        # Files of accounts are opened, and contacts merged, meanwhile.
        return super()._approval_locked_fields() - {"account_id", "partner_id"}

    def _approval_fingerprint_values(self):
        """The order they decide about: its lines, too."""
        values = super()._approval_fingerprint_values()
        order = self.order_id
        values["customer"] = order.partner_id.commercial_partner_id.id
        values["order_amount"] = repr(order.amount_total)
        values["lines"] = order.order_line.sorted("id").mapped(
            lambda line: [
                line.product_id.id,
                repr(line.product_uom_qty),
                repr(line.price_unit),
                repr(line.discount),
            ]
        )
        return values

    def _approval_amount(self):
        """In company currency, at the order's rate."""
        return self.order_id._kam_company_amount(self.order_id.amount_total)

    def _approval_summary(self):
        order = self.order_id
        return [
            (self.env._("Customer"), self.partner_id.display_name or "–"),
            (self.env._("Quotation"), order.name),
            (
                self.env._("Amount"),
                format_amount(self.env, order.amount_total, order.currency_id),
            ),
            (self.env._("Why"), self.reason or ""),
            (self.env._("Contract signed by"), format_date(self.env, self.sign_by)),
            (self.env._("Where the contract stands"), order._kam_contract_stand()),
        ]

    def _approval_highlights(self):
        """How many came before, for this customer and this person.  Source: users §2."""
        earlier = self.search(
            [
                ("id", "!=", self.id),
                ("released_on", "!=", False),
                ("company_id", "=", self.company_id.id),
            ]
        )
        of_customer = earlier.filtered(lambda r: r.partner_id == self.partner_id)
        of_person = earlier.filtered(lambda r: r.user_id == self.user_id)
        late = earlier.filtered(lambda r: r.is_late or r.is_overdue)
        texts = []
        if of_customer or of_person:
            texts.append(
                self.env._(
                    "Early releases before: %(customer)s of this customer, %(person)s asked for "
                    "by %(name)s; %(late)s of all were not signed in time.",
                    customer=len(of_customer),
                    person=len(of_person),
                    name=self.user_id.name,
                    late=len(late),
                )
            )
        return texts

    def _approval_granted(self):
        # sudo: the clock of the company.
        self._as_engine().write({"released_on": self.company_id.sudo()._kam_today()})
        self._tell_released()
        return super()._approval_granted()

    def _tell_released(self):
        """Who asked, and who sells, may confirm the order now."""
        Notice = self.env["kam.notice"]
        rows = []
        for release in self:
            for user in release.user_id | release.order_id.user_id:
                own = release.with_context(lang=user.sudo().lang)
                title = own.env._(
                    "%(order)s may be confirmed before its contract", order=own.order_id.name
                )
                line = own.env._("sign by %(day)s", day=format_date(own.env, own.sign_by))
                rows.append(
                    Notice._prepare_vals(user, title, [line], record=release, topic="guard_release")
                )
        if rows:
            Notice._queue_all(rows)

    def _kam_holders(self):
        """Approvers who have not decided yet; unrestricted."""
        people = self.env["res.users"]
        for release in self.sudo():
            people |= release._approval_request()._kam_waiting_people()
        return people
