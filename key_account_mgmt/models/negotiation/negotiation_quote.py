from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamNegotiationQuote(models.Model):
    """What a competitor asks, from whom we know it and since when.  Source: S0-95."""

    _name = "kam.negotiation.quote"
    _inherit = ["kam.negotiation.part"]
    _description = "Competitor Quote"
    _order = "negotiation_id, date desc, id desc"
    _rec_name = "competitor_id"

    competitor_id = fields.Many2one(
        "res.partner",
        required=True,
        index=True,
        ondelete="restrict",
        domain=lambda self: self.env["kam.insight"]._competitor_domain(),
        help="A contact with the category Competitor.",
    )
    item_id = fields.Many2one(
        "kam.negotiation.item",
        "Quoted For",
        index="btree_not_null",
        ondelete="set null",
        domain="[('negotiation_id', '=', negotiation_id)]",
        help="Empty: for the whole.",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    amount = fields.Monetary(required=True)
    date = fields.Date(required=True, default=lambda self: self.env.company._kam_today())
    source = fields.Char(required=True, help="Who told us, or where it was published.")
    note = fields.Char()

    @api.constrains("item_id", "amount")
    def _check_quote(self):
        for quote in self:
            # sudo: whose item it is must not depend on who asks.
            record = quote.sudo()
            if record.item_id and record.item_id.negotiation_id != record.negotiation_id:
                raise ValidationError(self.env._("The item belongs to another negotiation."))
            if quote.amount < 0:
                raise ValidationError(self.env._("A quote cannot be negative."))
