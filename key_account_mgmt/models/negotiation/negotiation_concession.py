from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...policy import negotiation as terms
from ..core.guarded import ondelete_always


class KamNegotiationConcession(models.Model):
    """A step from one figure to another, and what it is worth per year 让步台账.

    Positive is what we gave, negative what the customer did.  Each step of an item begins
    where the one before ended; only the last one is corrected.  Source: users §3.5.
    """

    _name = "kam.negotiation.concession"
    _inherit = ["kam.negotiation.part"]
    _description = "Concession"
    _order = "negotiation_id, sequence, id"
    _rec_name = "item_id"

    _guarded_initial = {"sequence": 0, "from_value": 0.0}
    _guarded_once = frozenset({"negotiation_id", "item_id", "round_id"})

    sequence = fields.Integer("No.", readonly=True, copy=False, aggregator=None)
    item_id = fields.Many2one(
        "kam.negotiation.item",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('negotiation_id', '=', negotiation_id), ('kind', '!=', 'service')]",
    )
    kind = fields.Selection(related="item_id.kind")
    round_id = fields.Many2one(
        "kam.negotiation.round",
        required=True,
        index=True,
        ondelete="restrict",
        default=lambda self: self._default_round(),
        domain="[('negotiation_id', '=', negotiation_id)]",
    )
    date = fields.Date(related="round_id.date")
    from_value = fields.Float("From", digits="Product Price", readonly=True, aggregator=None)
    to_value = fields.Float("To", digits="Product Price", required=True, aggregator=None)
    in_return = fields.Char(help="What the other side gave for it.")
    value = fields.Monetary(
        "Value per Year",
        compute="_compute_value",
        store=True,
        currency_field="price_currency_id",
        help="Price × yearly quantity; payment days at the interest rate; rebate of the yearly "
        "sales. Positive: we gave.",
    )

    @api.model
    def _default_round(self):
        """The last round whose minutes are open."""
        negotiation_id = self.env.context.get("default_negotiation_id")
        if not isinstance(negotiation_id, int):
            return False
        domain = [("negotiation_id", "=", negotiation_id), ("closed_on", "=", False)]
        return self.env["kam.negotiation.round"].search(domain, order="number desc", limit=1)

    @api.depends(
        "from_value",
        "to_value",
        "item_id.kind",
        "item_id.better",
        "item_id.quantity",
        "item_id.unit_cost",
        "negotiation_id.yearly_sales",
        "negotiation_id.interest_rate",
    )
    def _compute_value(self):
        for step in self:
            item = step.item_id
            # A line that is just begun has no item yet.
            step.value = item._yearly_cost(step.from_value, step.to_value) if item else 0.0

    @api.onchange("item_id")
    def _onchange_item_id(self):
        """Shown while it is typed; the server sets it again."""
        self.from_value = self.item_id.current
        self.to_value = self.to_value or self.item_id.current

    @api.constrains("item_id", "round_id", "negotiation_id")
    def _check_same(self):
        for step in self:
            # sudo: whose item and round it is must not depend on who asks.
            record = step.sudo()
            own = record.negotiation_id
            if record.item_id.negotiation_id != own or record.round_id.negotiation_id != own:
                raise ValidationError(
                    self.env._("Item and round of a concession belong to another negotiation.")
                )
            if record.item_id.kind == terms.SERVICE:
                raise ValidationError(
                    self.env._("A service commitment has no figure: write it into the minutes.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        """One after the other: each begins where the item stands."""
        steps = self.browse()
        for vals in vals_list:
            step = super().create([vals])
            step._check_minutes()
            # sudo: earlier steps count, readable or not.
            others = step.sudo().item_id.concession_ids - step.sudo()
            last = others.sorted("sequence")[-1:]
            of_all = step.sudo().negotiation_id.concession_ids - step.sudo()
            step._as_engine().write(
                {
                    "sequence": max(of_all.mapped("sequence"), default=0) + 1,
                    "from_value": last.to_value if last else step.item_id.opening,
                }
            )
            steps |= step
        return steps

    def write(self, vals):
        if not self._is_engine():
            self._check_last()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_last(self):
        self._check_last()

    def _check_minutes(self):
        """Closed minutes say which concessions were made."""
        if not self._is_engine():
            self.sudo().round_id._check_minutes_open()

    def _check_last(self):
        """:raise UserError: a later step begins where this one ended"""
        if self._is_engine():
            return
        self._check_minutes()
        for step in self:
            later = step.sudo().item_id.concession_ids.filtered(
                lambda s, step=step: s.sequence > step.sequence
            )
            if later - self:
                raise UserError(
                    self.env._("Only the last concession of an item is corrected or deleted.")
                )
