from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

# Listed to an administrator who does not sell.
SHOWN = 30
ADMIN = "key_account_mgmt.group_kam_admin"


class KamGuardWizard(models.TransientModel):
    """Switch contract control on, change it, or switch it off; and what it will concern.

    Quotations entered before the first day are left alone.  Source: users §4, g Q20.
    """

    _name = "kam.guard.wizard"
    _description = "Contract Control"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, default=lambda self: self.env.company.root_id
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    is_on = fields.Boolean(compute="_compute_is_on")
    date_from = fields.Date("From", required=True, default=lambda self: self._default_date_from())
    tier_ids = fields.Many2many(
        "kam.tier", string="Tiers", default=lambda self: self._default_tier_ids()
    )
    amount = fields.Monetary(
        "From an Amount of", default=lambda self: self.env.company.root_id.sudo().kam_guard_amount
    )
    split_days = fields.Integer(
        "Sum Orders Within", default=lambda self: self.env.company._kam_guard_split_days()
    )
    reason = fields.Char()
    order_ids = fields.Many2many(
        "sale.order", string="Will Need a Contract", compute="_compute_order_ids", compute_sudo=True
    )
    order_text = fields.Text("Open Quotations", compute="_compute_order_ids", compute_sudo=True)
    order_count = fields.Integer(
        "Open Quotations Concerned", compute="_compute_order_ids", compute_sudo=True
    )
    earlier_count = fields.Integer(
        "Earlier Ones Left Alone", compute="_compute_order_ids", compute_sudo=True
    )

    @api.model
    def _default_date_from(self):
        root = self.env.company.root_id
        # sudo: the settings of the company, shown to its administrators only.
        return root.sudo().kam_guard_from or root._kam_today()

    @api.model
    def _default_tier_ids(self):
        root = self.env.company.root_id.sudo()
        # sudo: as above.
        chosen = root.kam_guard_tier_ids
        if not chosen:
            scheme = self.env["kam.tier.scheme"].sudo()._primary(root)
            chosen = scheme.tier_ids.filtered("is_key_account")
        return [Command.set(chosen.ids)]

    @api.depends("company_id")
    def _compute_is_on(self):
        for wizard in self:
            wizard.is_on = bool(wizard.company_id.sudo().kam_guard_from)

    @api.depends("date_from", "tier_ids", "amount", "company_id")
    def _compute_order_ids(self):
        for wizard in self:
            orders = earlier = wizard.env["sale.order"]
            if wizard.date_from and wizard._is_administrator():
                orders, earlier = wizard._concerned()
            # Links for whoever may read them; else number, customer and amount.
            readable = orders.sudo(False)._filtered_access("read")
            wizard.order_ids = readable
            wizard.order_text = wizard._in_words(orders - readable)
            wizard.order_count = len(orders)
            wizard.earlier_count = len(earlier)

    @api.model
    def _in_words(self, orders):
        """A line for each of the first quotations."""
        # sudo: see _concerned.
        lines = [
            f"{order.name} · {order.partner_id.display_name} · "
            f"{order.currency_id.format(order.amount_total)}"
            for order in orders.sudo()[:SHOWN]
        ]
        if len(orders) > SHOWN:
            lines.append("…")
        return "\n".join(lines)

    def _is_administrator(self):
        return self.env.user.has_group(ADMIN)

    def _concerned(self):
        """``(open quotations that will need a contract, earlier ones that would)``.

        sudo: the administrator need not sell; number, customer and amount are shown to him.
        """
        root = self.company_id.sudo()
        files = self.env["kam.account"].sudo()
        customers = files._search(
            [("company_id", "=", root.id), ("tier_id", "in", self.tier_ids._origin.ids)]
        ).subselect("partner_id")
        tier = Domain.OR(
            Domain(name, "any", [("commercial_partner_id", "in", customers)])
            for name in ("partner_id", "partner_invoice_id")
        )
        found = (
            self.env["sale.order"]
            .sudo()
            .search(
                Domain("company_id", "child_of", root.id)
                & Domain("state", "in", ("draft", "sent"))
                & tier
            )
        )
        large = found.filtered(
            lambda order: order._kam_company_amount(order.amount_total) >= self.amount
        )
        start = root._kam_guard_moment(self.date_from)
        new = large.filtered(lambda order: order.create_date >= start)
        return new.sudo(False), (large - new).sudo(False)

    def action_apply(self):
        """Switch it on, or change it; logged with the reason.

        :raise AccessError: only the administrator
        :raise UserError: no tier
        """
        self.ensure_one()
        self._check_administrator()
        if not self.tier_ids:
            raise UserError(self.env._("Choose the tiers whose orders need a signed contract."))
        self._write_company(
            {
                "kam_guard_from": self.date_from,
                "kam_guard_tier_ids": [Command.set(self.tier_ids.ids)],
                "kam_guard_amount": max(self.amount, 0.0),
                "kam_guard_split_days": max(self.split_days, 0),
            }
        )
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_switch_off(self):
        """Every order is confirmed as in plain Odoo again; logged with the reason."""
        self.ensure_one()
        self._check_administrator()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why contract control is switched off."))
        self._write_company({"kam_guard_from": False})
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_open_orders(self):
        """The quotations that will need a contract, as far as the user may read them."""
        self.ensure_one()
        self._check_administrator()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "sale.action_quotations_with_onboarding"
        )
        return action | {
            "domain": [("id", "in", self._concerned()[0].ids)],
            "context": {"create": False},
        }

    def _check_administrator(self):
        if not self._is_administrator():
            raise AccessError(
                self.env._("Only the administrator of key accounts changes contract control.")
            )

    def _write_company(self, vals):
        company = self.company_id.root_id
        # He works in that company.
        if company not in self.env.user.company_ids.root_id:
            raise AccessError(self.env._("You do not work in that company."))
        # sudo: checked above; only Settings users write companies.
        company.sudo()._with_policy_reason(self.reason or "").write(vals)
