from odoo import api, fields, models


class KamBidWizard(models.TransientModel):
    """One dialog for the steps of a bid that need a word, a day, a price or a file.

    It decides nothing: every rule stands in ``kam.bid``.
    """

    _name = "kam.bid.wizard"
    _description = "Step of a Bid"

    bid_id = fields.Many2one("kam.bid", required=True, readonly=True, ondelete="cascade")
    step = fields.Selection(
        [
            ("go", "Go Below the Threshold"),
            ("no_bid", "No-Bid"),
            ("leader", "Agree to the Leader"),
            ("submit", "Handed In"),
            ("won", "Tender Won"),
            ("lost", "Tender Lost"),
            ("rejected", "Rejected"),
            ("cancelled", "Tender Cancelled"),
            ("withdrawn", "Withdraw"),
            ("reopen", "Take the Result Back"),
        ],
        required=True,
        readonly=True,
    )
    name = fields.Char("Bid Name", related="bid_id.name")
    deadline = fields.Datetime(related="bid_id.deadline")
    competitor_ids = fields.Many2many(related="bid_id.competitor_ids")
    text = fields.Char("Reason")
    moment = fields.Datetime("Handed In on")
    user_id = fields.Many2one("res.users", "Follow-Up by", domain=[("share", "=", False)])
    day = fields.Date("Result on", default=lambda self: self.env.company._kam_today())
    award_on = fields.Date("Award Notice Received")
    winner_id = fields.Many2one("res.partner")
    currency_id = fields.Many2one("res.currency", default=lambda self: self.env.company.currency_id)
    price = fields.Monetary("Winner's Price")
    lesson = fields.Text(help="What we do otherwise next time.")
    file_ids = fields.Many2many("ir.attachment", string="Files")

    @api.model
    def _step_title(self, step):
        return dict(self._fields["step"]._description_selection(self.env))[step]

    def action_apply(self):
        """Take the step; raises what :class:`kam.bid` raises."""
        self.ensure_one()
        bid = self.bid_id
        bid.check_access("write")
        steps = {
            "go": lambda: bid._go(self.text),
            "leader": lambda: bid._agree_leader(self.text),
            "submit": lambda: bid._submit(self.moment, self.file_ids, self.user_id),
            "reopen": lambda: bid._reopen(self.text),
        }
        if self.step in steps:
            steps[self.step]()
            return {"type": "ir.actions.act_window_close"}
        follows = bid._end(
            self.step,
            self.day,
            self.text,
            lesson=self.lesson,
            winner_id=self.winner_id.id,
            price=self.price,
            currency=self.currency_id,
            award_on=self.award_on,
            files=self.file_ids,
        )
        return follows if isinstance(follows, dict) else {"type": "ir.actions.act_window_close"}


class KamBidBondWizard(models.TransientModel):
    """Payment, return or loss of a bond; the rules stand in ``kam.bid.bond``."""

    _name = "kam.bid.bond.wizard"
    _description = "Step of a Bond"

    bond_id = fields.Many2one("kam.bid.bond", required=True, readonly=True, ondelete="cascade")
    step = fields.Selection(
        [("paid", "Paid"), ("returned", "Returned"), ("forfeited", "Forfeited")],
        required=True,
        readonly=True,
    )
    currency_id = fields.Many2one(related="bond_id.currency_id")
    day = fields.Date("On", required=True, default=lambda self: self.env.company._kam_today())
    amount = fields.Monetary("Amount Returned")
    text = fields.Char("Reason")

    @api.model
    def _step_title(self, step):
        return dict(self._fields["step"]._description_selection(self.env))[step]

    def action_apply(self):
        """Enter it; raises what :class:`kam.bid.bond` raises."""
        self.ensure_one()
        self.bond_id._enter(self.step, self.day, self.amount, self.text)
        return {"type": "ir.actions.act_window_close"}
