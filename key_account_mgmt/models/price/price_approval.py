from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import formatLang


class KamPriceApproval(models.Model):
    """Somebody allows figures that go beyond what the level of a customer gets.

    It stands for the figures of one quotation as they were when it was submitted: better
    ones need nobody, worse ones ask again.  Source: S1p-12, S2-26.
    """

    _name = "kam.price.approval"
    _inherit = ["kam.approval.mixin", "mail.thread"]
    _description = "Price Approval"
    _order = "id desc"
    _rec_name = "order_id"

    _guarded_initial = {"state": "draft", "figures": False, "amount": 0.0, "approved_on": False}
    _guarded_once = frozenset({"order_id", "company_id", "account_id", "partner_id", "user_id"})

    order_id = fields.Many2one(
        "sale.order", "Quotation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, index=True, readonly=True)
    currency_id = fields.Many2one(related="company_id.currency_id")
    partner_id = fields.Many2one(
        "res.partner", "Customer", required=True, index=True, readonly=True, ondelete="restrict"
    )
    account_id = fields.Many2one(
        "kam.account", readonly=True, index="btree_not_null", ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users", "Asked by", required=True, index=True, readonly=True, ondelete="restrict"
    )
    reason = fields.Text(required=True, help="What we get for it.")
    amount = fields.Monetary(readonly=True, help="Of the quotation, in company currency.")
    figures = fields.Json(readonly=True, copy=False)
    figures_text = fields.Text("Goes Beyond", compute="_compute_figures_text")
    approved_on = fields.Date(readonly=True, copy=False)
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("to_approve", "To Approve"),
            ("approved", "Approved"),
        ],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        copy=False,
    )

    @api.depends("order_id")
    def _compute_display_name(self):
        for approval in self:
            # sudo: an approver reads which quotation it is.
            approval.display_name = self.env._(
                "Prices of %(order)s", order=approval.sudo().order_id.name or "–"
            )

    @api.depends("figures")
    @api.depends_context("lang")
    def _compute_figures_text(self):
        for approval in self:
            # sudo: names of products and terms, for an approver.
            order = approval.sudo().order_id
            figures = approval.figures or {}
            approval.figures_text = "\n".join(order._kam_price_sentences(figures))

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._prepare_own(vals) for vals in vals_list]
        quiet = self.with_context(mail_create_nosubscribe=True, mail_create_nolog=True)
        return super(KamPriceApproval, quiet).create(vals_list).with_env(self.env)

    @api.model
    def _prepare_own(self, vals):
        """Nobody asks about a quotation he may not change; the rest follows from it.

        :raise UserError: without a quotation
        """
        order_id = vals.get("order_id") or self.env.context.get("default_order_id")
        order = self.env["sale.order"].browse(order_id if isinstance(order_id, int) else ())
        if not order:
            raise UserError(self.env._("Ask about a quotation: choose one."))
        order.check_access("write")
        # sudo: whose file the customer has; who may read it is asked where it is shown.
        own = order.sudo()
        company = own.company_id.root_id
        customer = own.partner_id.commercial_partner_id
        return {
            **vals,
            "order_id": order.id,
            "company_id": company.id,
            "partner_id": customer.id,
            "account_id": customer.with_company(company).kam_account_id.id,
            "user_id": self.env.uid,
        }

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        return []

    # Approval -------------------------------------------------------------------------

    def _approval_check(self):
        """The figures are taken now: these, and no worse ones, are allowed.

        :raise UserError: nothing goes beyond the level, or the order is confirmed
        """
        result = super()._approval_check()
        # sudo: what the level allows, for whoever sells.
        order = self.sudo().order_id
        if order.state not in ("draft", "sent"):
            raise UserError(self.env._("“%(order)s” is no quotation any more.", order=order.name))
        figures = order._kam_price_wanted().get(order, {})
        if not figures:
            raise UserError(
                self.env._(
                    "Nothing of “%(order)s” goes beyond what the customer's level gets.",
                    order=order.name,
                )
            )
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say what we get for it."))
        # sudo: the engine writes what is submitted.
        self.sudo()._as_engine().write({"figures": figures, "amount": order._kam_price_amount()})
        return result

    def _approval_locked_fields(self):
        return {"order_id", "reason"}

    def _approval_fingerprint_values(self):
        """What is asked for, and every line of the quotation behind it."""
        order = self.order_id
        return {
            **super()._approval_fingerprint_values(),
            "figures": self.figures or {},
            "payment_term": order.payment_term_id.id,
            "pricelist": order.pricelist_id.id,
            "partner": order.partner_id.id,
            "lines": [
                [
                    line.id,
                    line.product_id.id,
                    repr(line.product_uom_qty),
                    line.product_uom_id.id,
                    repr(line.price_unit),
                    repr(line.discount),
                ]
                for line in order.order_line.sorted("id")
                if not line.display_type
            ],
        }

    def _approval_amount(self):
        return self.order_id._kam_price_amount()

    def _approval_summary(self):
        order = self.order_id
        company = self.company_id
        return [
            (self.env._("Customer"), self.partner_id.display_name),
            (self.env._("Quotation"), order.name),
            (
                self.env._("Amount"),
                formatLang(self.env, self.amount, currency_obj=company.currency_id),
            ),
            *(
                (self.env._("Goes beyond"), text)
                for text in order._kam_price_sentences(self.figures or {})
            ),
            (self.env._("Salesperson"), order.user_id.name or "–"),
            (self.env._("Reason"), self.reason),
        ]

    def _approval_highlights(self):
        """How often it was asked for this customer and by this person within a year.

        Source: users §2 (director).
        """
        day = self.company_id._kam_today()
        year = [("approved_on", ">", day.replace(year=day.year - 1, day=min(day.day, 28)))]
        mine = [("id", "!=", self.id), ("state", "=", "approved"), *year]
        customer = self.search_count([*mine, ("partner_id", "=", self.partner_id.id)])
        person = self.search_count([*mine, ("user_id", "=", self.user_id.id)])
        return [
            self.env._(
                "Approved within a year: %(customer)s for this customer, %(person)s asked by "
                "%(name)s.",
                customer=customer,
                person=person,
                name=self.user_id.name,
            )
        ]

    def _approval_granted(self):
        self._as_engine().write({"approved_on": self.company_id._kam_today()})
        return super()._approval_granted()

    def action_open_order(self):
        """The quotation it is about."""
        self.ensure_one()
        self.check_access("read")
        self.order_id.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }
