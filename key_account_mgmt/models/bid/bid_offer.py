from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

EXECUTIVE = "key_account_mgmt.group_kam_executive"
OFFER = ("proposal", "price_strategy", "amount", "offer_currency_id")


class KamBidOffer(models.Model):
    """What we offer and how we price it: shown to the team of the bid and to executives.

    A record of its own: its rule holds for every road to it, lists, groups, exports and
    its files included; neither the office nor the administrator is on the way.
    Source: S0-85.
    """

    _name = "kam.bid.offer"
    _inherit = ["kam.guarded", "kam.own.files"]
    _description = "Offer of a Bid"

    _guarded_create = True
    _guarded_unlink = True
    _guarded_once = frozenset({"bid_id", *OFFER})
    _own_file_fields = ("file_ids",)

    bid_id = fields.Many2one("kam.bid", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="bid_id.company_id", store=True, index=True)
    proposal = fields.Text()
    price_strategy = fields.Text()
    offer_currency_id = fields.Many2one("res.currency")
    amount = fields.Monetary("Bid Amount", currency_field="offer_currency_id", aggregator=None)
    file_ids = fields.Many2many("ir.attachment", string="Files of the Offer")

    _bid_uniq = models.Constraint("UNIQUE (bid_id)", "This bid has its offer.")

    @api.depends("bid_id")
    def _compute_display_name(self):
        for offer in self:
            offer.display_name = self.env._("Offer: %(bid)s", bid=offer.bid_id.sudo().name)

    def write(self, vals):
        if not self._is_engine():
            self.bid_id._check_offer_open()
        return super().write(vals)


class KamBid(models.Model):
    _inherit = "kam.bid"

    proposal = fields.Text(
        compute="_compute_offer",
        inverse="_inverse_proposal",
        help="Shown to the team and executives only.",
    )
    price_strategy = fields.Text(
        compute="_compute_offer",
        inverse="_inverse_price_strategy",
        help="Shown to the team and executives only.",
    )
    offer_currency_id = fields.Many2one(
        "res.currency",
        compute="_compute_offer",
        inverse="_inverse_offer_currency_id",
    )
    amount = fields.Monetary(
        "Bid Amount",
        currency_field="offer_currency_id",
        compute="_compute_offer",
        inverse="_inverse_amount",
        help="Shown to the team and executives only.",
    )
    sees_offer = fields.Boolean(compute="_compute_sees_offer")

    @api.depends_context("uid")
    @api.depends("user_id", "member_ids")
    def _compute_offer(self):
        # By the reader's own rights: the rule of the record decides.
        Offer = self.env["kam.bid.offer"].sudo(False)
        found = Offer.search([("bid_id", "in", self.ids)]) if Offer.has_access("read") else Offer
        offers = {offer.bid_id.id: offer for offer in found}
        for bid in self:
            offer = offers.get(bid._origin.id, Offer)
            bid.proposal = offer.proposal
            bid.price_strategy = offer.price_strategy
            bid.amount = offer.amount
            bid.offer_currency_id = offer.offer_currency_id or bid.company_id.currency_id

    @api.depends_context("uid")
    @api.depends("user_id", "member_ids", "follow_up_user_id")
    def _compute_sees_offer(self):
        for bid in self:
            bid.sees_offer = bid._may_offer()

    def _may_offer(self):
        """Whether the user says, or sees, what we offer: the team, and executives."""
        user = self.env.user
        return user in self.sudo()._team() or user.has_group(EXECUTIVE)

    def _check_offer_open(self):
        """:raise UserError: it was reviewed or handed in with what it says"""
        if fixed := self.filtered(lambda bid: bid.state not in ("identified", "preparing")):
            raise UserError(
                self.env._(
                    "“%(name)s” was reviewed as it is: go back to preparing before you change "
                    "the offer.",
                    name=fixed[0].name,
                )
            )

    def _inverse_proposal(self):
        self._write_offer("proposal")

    def _inverse_price_strategy(self):
        self._write_offer("price_strategy")

    def _inverse_amount(self):
        self._write_offer("amount")

    def _inverse_offer_currency_id(self):
        self._write_offer("offer_currency_id")

    def _write_offer(self, name):
        """Keep one field of the offer where only its readers find it."""
        for bid in self:
            value = bid._fields[name].convert_to_write(bid[name], bid)
            if not bid._may_offer():
                if not value or name == "offer_currency_id":
                    # The form of somebody who sees nothing sends it back empty.
                    continue
                raise AccessError(
                    self.env._("What we offer is said by the team of the bid, and by executives.")
                )
            offer = bid._offer()
            if (offer[name].id if name == "offer_currency_id" else offer[name]) == value:
                continue
            bid._check_offer_open()
            if offer:
                offer.write({name: value})
            elif value:
                currency = {"offer_currency_id": bid.company_id.sudo().currency_id.id}
                offer.create({**currency, "bid_id": bid.id, name: value})

    def _offer(self):
        """The offer, unrestricted: for the engine, never returned to a client."""
        self.ensure_one()
        # sudo: who may is asked by the caller.
        Offer = self.env["kam.bid.offer"].sudo()._as_engine()
        return Offer.search([("bid_id", "=", self.id)])

    def action_open_offer(self):
        """The offer with its files, for those who see it."""
        self.ensure_one()
        self.check_access("read")
        if not self._may_offer():
            raise AccessError(
                self.env._("What we offer is shown to the team of the bid, and to executives.")
            )
        offer = self._offer()
        if not offer:
            currency = self.company_id.sudo().currency_id.id
            offer = offer.create({"bid_id": self.id, "offer_currency_id": currency})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Files of the Offer"),
            "res_model": "kam.bid.offer",
            "res_id": offer.id,
            "view_mode": "form",
            "target": "new",
        }
