from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...policy import negotiation as terms
from ..core.guarded import ondelete_always

KINDS = [
    (terms.PRICE, "Price"),
    (terms.PAYMENT, "Payment Days"),
    (terms.WARRANTY, "Warranty (Months)"),
    (terms.REBATE, "Rebate (%)"),
    (terms.OTHER, "Other Figure"),
    (terms.SERVICE, "Service Commitment"),
]
# What its kind means for a figure: chosen once, a bottom line may rest on it.
MEANING = frozenset({"kind", "better"})


class KamNegotiationItem(models.Model):
    """What is negotiated: where we open, what we aim at, what was agreed.

    How far we would go at most is no field of it: see ``kam.negotiation.floor``.
    Source: S0-94, S1h-08, users §3.5.
    """

    _name = "kam.negotiation.item"
    _inherit = ["kam.negotiation.part"]
    _description = "Negotiated Item"
    _order = "negotiation_id, sequence, id"

    sequence = fields.Integer(default=10)
    kind = fields.Selection(KINDS, required=True, default=terms.PRICE)
    name = fields.Char("Item", required=True)
    unit = fields.Char(help="What one is: set, ton, day …")
    better = fields.Selection(
        [("high", "More is better for us"), ("low", "Less is better for us")],
        default="low",
        help="Of other figures; the other kinds say so themselves.",
    )
    quantity = fields.Float(
        "Yearly Quantity", digits="Product Unit", help="Price × quantity values a concession."
    )
    unit_cost = fields.Monetary(
        "Cost of One More",
        currency_field="price_currency_id",
        help="What one more month of warranty, or one more of another figure, costs a year.",
    )
    opening = fields.Float(
        "Opening Offer", digits="Product Price", help="What we ask for at first."
    )
    target = fields.Float(digits="Product Price", help="What we want to reach.")
    current = fields.Float(
        "Now", compute="_compute_current", digits="Product Price", help="After the last concession."
    )
    agreed = fields.Float("Agreed Value", digits="Product Price", copy=False)
    is_agreed = fields.Boolean("Settled", copy=False)
    position = fields.Char("Our Position", help="Of a service commitment, in words.")
    agreed_text = fields.Char("Agreed, in Words", copy=False)
    concession_ids = fields.One2many("kam.negotiation.concession", "item_id")
    conceded = fields.Monetary(
        "Conceded per Year",
        compute="_compute_conceded",
        currency_field="price_currency_id",
        help="From the opening to what was agreed, or to where it stands now.",
    )

    _quantity_check = models.Constraint(
        "CHECK (quantity >= 0)", "The yearly quantity cannot be negative."
    )

    @api.depends("opening", "concession_ids.to_value", "concession_ids.sequence")
    def _compute_current(self):
        for item in self:
            last = item.concession_ids.sorted("sequence")[-1:]
            item.current = last.to_value if last else item.opening

    @api.depends("current", "agreed", "is_agreed")
    def _compute_conceded(self):
        for item in self:
            end = item.agreed if item.is_agreed else item.current
            item.conceded = item._yearly_cost(item.opening, end)

    def _higher_is_better(self):
        self.ensure_one()
        return terms.is_higher_better(self.kind, self.better == "high")

    def _yearly_cost(self, before, after):
        """What moving it costs us per year, in the currency of the negotiation."""
        self.ensure_one()
        if self.kind == terms.SERVICE:
            return 0.0
        cost = terms.yearly_cost(
            self.kind,
            before,
            after,
            quantity=self.quantity,
            sales=self.negotiation_id.yearly_sales,
            rate=self.negotiation_id.interest_rate,
            unit_cost=self.unit_cost,
        )
        return -cost if self.kind == terms.OTHER and self.better == "high" else cost

    @api.onchange("is_agreed")
    def _onchange_is_agreed(self):
        if self.is_agreed and not self.agreed:
            self.agreed = self.current

    @api.constrains("opening", "target", "agreed", "kind")
    def _check_figures(self):
        for item in self.filtered(lambda i: i.kind not in (terms.OTHER, terms.SERVICE)):
            if min(item.opening, item.target, item.agreed) < 0:
                raise ValidationError(
                    self.env._("“%(item)s”: a figure cannot be negative.", item=item.name)
                )

    def write(self, vals):
        if not self._is_engine() and MEANING & vals.keys():
            for item in self:
                changed = [n for n in MEANING & vals.keys() if item[n] != vals[n]]
                if changed and item.sudo().negotiation_id.floor_version:
                    raise UserError(
                        self.env._(
                            "What “%(item)s” is cannot change once a bottom line was set: add "
                            "another item.",
                            item=item.name,
                        )
                    )
        if not self._is_engine() and "opening" in vals:
            self._check_opening(vals["opening"])
        return super().write(vals)

    def _check_opening(self, opening):
        for item in self:
            if item.sudo().concession_ids and item.opening != opening:
                raise UserError(
                    self.env._(
                        "The opening of “%(item)s” stays: the concession ledger begins with it.",
                        item=item.name,
                    )
                )

    @ondelete_always
    def _unlink_except_conceded(self):
        for item in self:
            if item.sudo().concession_ids:
                raise UserError(
                    self.env._(
                        "“%(item)s” stands in the concession ledger and is kept.", item=item.name
                    )
                )

    def _text(self, value):
        """A figure with its unit, for papers and approvers."""
        self.ensure_one()
        if self.kind == terms.SERVICE:
            return self.agreed_text or self.position or "–"
        units = {
            terms.PRICE: self.price_currency_id.name,
            terms.PAYMENT: self.env._("days"),
            terms.WARRANTY: self.env._("months"),
            terms.REBATE: "%",
        }
        parts = [f"{value:,.6f}".rstrip("0").rstrip("."), units.get(self.kind) or ""]
        if self.unit and self.kind in (terms.PRICE, terms.OTHER):
            parts.append(f"/ {self.unit}" if self.kind == terms.PRICE else self.unit)
        return " ".join(part for part in parts if part)
