from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class KamNegotiation(models.Model):
    """A bid that was won is negotiated.  Source: S0-92."""

    _inherit = "kam.negotiation"

    bid_id = fields.Many2one(
        "kam.bid",
        "Won Bid",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        domain="[('result', '=', 'won'), ('lead_id', '=', lead_id)]",
    )

    @api.constrains("bid_id", "lead_id")
    def _check_bid(self):
        if self._is_engine():
            # Opportunities are merged: the bid goes along.
            return
        for negotiation in self:
            # sudo: whose bid it is must not depend on who asks.
            record = negotiation.sudo()
            if record.bid_id and record.bid_id.lead_id != record.lead_id:
                raise ValidationError(
                    self.env._("The bid belongs to another opportunity than the negotiation.")
                )

    @api.model
    def _deal_prepare(self, vals):
        """Nobody negotiates a bid he may not read, or one that was not won."""
        vals = super()._deal_prepare(vals)
        self._check_won(vals.get("bid_id", self.env.context.get("default_bid_id")))
        return vals

    def write(self, vals):
        self._check_won(vals.get("bid_id"))
        return super().write(vals)

    @api.model
    def _check_won(self, bid_id):
        if not bid_id or self.env.su:
            return
        bid = self.env["kam.bid"].browse(bid_id)
        bid.check_access("read")
        if bid.result != "won":
            raise UserError(self.env._("“%(name)s” was not won.", name=bid.display_name))


class KamBid(models.Model):
    _inherit = "kam.bid"

    def action_negotiate(self):
        """Prepare the negotiation of a bid that was won; nothing is typed again.

        :raise UserError: it was not won
        """
        self.ensure_one()
        self.check_access("read")
        if self.result != "won":
            raise UserError(self.env._("“%(name)s” was not won.", name=self.display_name))
        return self.env["kam.negotiation"]._prepare_action(
            {"default_lead_id": self.lead_id.id, "default_bid_id": self.id}
        )
