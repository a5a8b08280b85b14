from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

OFFICER = "key_account_mgmt.group_kam_officer"
KINDS = [
    ("exempt", "Needs No Contract"),
    ("required", "Needs a Contract"),
    ("renewed", "Counts as New"),
]


class KamOrderRuling(models.Model):
    """What somebody decided about an order and contract control, and why.

    The office exempts an order, up to the amount it had, or asks for a contract where the
    rule would not.  *Counts as new* is the system's: a quotation from before the start of
    contract control that was cancelled and taken up again, or given to another customer.
    The latest decision of the office holds; all of them are kept.  Source: g Q20.
    """

    _name = "kam.order.ruling"
    _inherit = ["kam.guarded"]
    _description = "Ruling on an Order"
    _order = "id desc"
    _rec_name = "reason"

    _guarded_create = True
    _guarded_write = True
    _guarded_unlink = True

    order_id = fields.Many2one("sale.order", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, index=True, ondelete="cascade")
    partner_id = fields.Many2one("res.partner", "Customer", required=True, ondelete="restrict")
    kind = fields.Selection(KINDS, required=True)
    reason = fields.Char(required=True)
    amount = fields.Monetary("Up To", help="Of the order when it was decided.")
    currency_id = fields.Many2one("res.currency", required=True)
    user_id = fields.Many2one("res.users", "Decided by", required=True, ondelete="restrict")
    date = fields.Datetime("Decided on", required=True)
    active = fields.Boolean("In Force", default=True)
    state = fields.Selection(related="order_id.state", string="Order Status")

    @api.model
    def default_get(self, fields_list):  # pylint: disable=method-required-super
        # The engine states every value.
        return {}

    @api.model
    def _rule(self, orders, kind, reason):
        """Write down what was decided about orders, in place of what the office said before.

        :raise AccessError: only the office exempts an order, or asks for a contract
        :raise UserError: there is no reason
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Say why."))
        if kind != "renewed" and not self.env.user.has_group(OFFICER):
            raise AccessError(
                self.env._("Only the office decides whether an order needs a contract.")
            )
        # sudo: checked above; whoever takes an old quotation up again need not read rulings.
        rulings = self.sudo()._as_engine()
        if kind != "renewed":
            earlier = rulings.search([("order_id", "in", orders.ids), ("kind", "!=", "renewed")])
            earlier.write({"active": False})
        created = rulings.create(
            [self._prepare_ruling_vals(o, kind, reason) for o in orders.sudo()]
        )
        orders.invalidate_recordset(["kam_ruling_ids"])
        return created.with_env(self.env)

    @api.model
    def _prepare_ruling_vals(self, order, kind, reason):
        return {
            "order_id": order.id,
            "company_id": order.company_id.root_id.id,
            "partner_id": order.partner_id.commercial_partner_id.id,
            "kind": kind,
            "reason": reason,
            "amount": order.amount_total,
            "currency_id": order.currency_id.id,
            "user_id": self.env.uid,
            "date": fields.Datetime.now(),
            "active": True,
        }

    def _exempts(self, order, amount):
        """Whether an order is still what was exempted: its customer, and no larger."""
        self.ensure_one()
        same = self.partner_id == order.partner_id.commercial_partner_id
        return (
            same
            and self.currency_id._convert(
                self.amount, order.currency_id, order.company_id, self.date.date()
            )
            >= amount - order.currency_id.rounding / 2
        )
