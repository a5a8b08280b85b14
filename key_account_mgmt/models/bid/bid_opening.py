from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.guarded import ondelete_always


class KamBidOpening(models.Model):
    """One bidder at the opening of a tender, with the price that was read out.

    Amounts are compared in the company's currency, at the day of the opening.
    Source: users §3.4.
    """

    _name = "kam.bid.opening"
    _description = "Opening Record"
    _order = "bid_id, price_company, id"

    bid_id = fields.Many2one("kam.bid", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="bid_id.company_id", store=True, index=True)
    is_us = fields.Boolean("We")
    partner_id = fields.Many2one("res.partner", "Bidder", ondelete="restrict")
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    price = fields.Monetary(required=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    price_company = fields.Monetary(
        "Price (Company Currency)",
        currency_field="company_currency_id",
        compute="_compute_price_company",
        store=True,
    )
    gap = fields.Float("Above the Lowest (%)", compute="_compute_rank", digits=(6, 2))
    rank = fields.Integer("Ranking", compute="_compute_rank", aggregator=None)
    points = fields.Float("Points Given", digits=(6, 2), help="Of the evaluation, where announced.")
    is_rejected = fields.Boolean("Rejected")
    is_winner = fields.Boolean("Winner")
    note = fields.Char()

    _price_check = models.Constraint("CHECK (price >= 0)", "A price cannot be negative.")
    _us_uniq = models.UniqueIndex("(bid_id) WHERE is_us", "We are in the opening record already.")
    _winner_uniq = models.UniqueIndex("(bid_id) WHERE is_winner", "A tender has one winner.")
    _bidder_uniq = models.UniqueIndex(
        "(bid_id, partner_id) WHERE partner_id IS NOT NULL",
        "This bidder is in the opening record already.",
    )

    @api.depends("price", "currency_id", "bid_id.opening_on", "bid_id.deadline", "company_id")
    def _compute_price_company(self):
        for line in self:
            company = line.company_id
            moment = line.bid_id.opening_on or line.bid_id.deadline or fields.Datetime.now()
            line.price_company = (line.currency_id or company.currency_id)._convert(
                line.price, company.currency_id, company, moment.date()
            )

    @api.depends("bid_id.opening_ids.price_company", "bid_id.opening_ids.is_rejected")
    def _compute_rank(self):
        for bid, lines in self.grouped("bid_id").items():
            valid = bid.opening_ids.filtered(lambda line: not line.is_rejected and line.price)
            prices = sorted(valid.mapped("price_company"))
            for line in lines:
                if line.is_rejected or not line.price_company or not prices:
                    line.rank, line.gap = 0, 0.0
                    continue
                line.rank = sum(price < line.price_company for price in prices) + 1
                line.gap = (line.price_company / prices[0] - 1) * 100 if prices[0] else 0.0

    @api.constrains("is_us", "partner_id")
    def _check_bidder(self):
        for line in self:
            if line.is_us == bool(line.partner_id):
                raise ValidationError(
                    self.env._("A line of the opening record is ours, or names the bidder.")
                )

    @api.constrains("is_winner", "is_rejected")
    def _check_winner(self):
        if any(line.is_winner and line.is_rejected for line in self):
            raise ValidationError(self.env._("Who was rejected did not win."))

    @api.depends("is_us", "partner_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = self.env._("We") if line.is_us else line.partner_id.name

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_bid_open()
        return lines

    def write(self, vals):
        self._check_bid_open()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_result(self):
        self._check_bid_open()

    def _check_bid_open(self):
        """:raise UserError: not handed in yet, or the result rests on it"""
        if self.env.su:
            return
        for bid in self.bid_id:
            if bid.state != "submitted":
                raise UserError(
                    self.env._(
                        "“%(name)s”: the opening record is written between submission and "
                        "result. The office can reopen a result.",
                        name=bid.name,
                    )
                )
