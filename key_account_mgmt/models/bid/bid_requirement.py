from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.guarded import ondelete_always


class KamBidRequirement(models.Model):
    """What the tender documents ask for, and how we meet it.  Source: S0-84."""

    _name = "kam.bid.requirement"
    _description = "Requirement of a Tender"
    _order = "bid_id, sequence, id"

    bid_id = fields.Many2one("kam.bid", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="bid_id.company_id", store=True, index=True)
    sequence = fields.Integer(default=10)
    clause = fields.Char(help="Where it stands in the tender documents.")
    name = fields.Char("Requirement", required=True)
    kind = fields.Selection(
        [
            ("technical", "Technical Specification"),
            ("commercial", "Commercial"),
            ("qualification", "Qualification"),
            ("formal", "Form and Papers"),
        ],
        required=True,
        default="technical",
    )
    is_mandatory = fields.Boolean("Must", help="Whoever does not meet it is rejected.")
    user_id = fields.Many2one("res.users", "Owner", domain=[("share", "=", False)])
    status = fields.Selection(
        [("open", "To Judge"), ("met", "Met"), ("deviation", "Deviation"), ("not_met", "Not Met")],
        required=True,
        default="open",
    )
    response = fields.Char("Our Answer")

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_bid_open()
        return lines

    def write(self, vals):
        self._check_bid_open()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_handed_in(self):
        self._check_bid_open()

    def _check_bid_open(self):
        """:raise UserError: reviewed or handed in with these lines"""
        if self.env.su:
            return
        if done := self.bid_id.filtered(lambda bid: bid.state not in ("identified", "preparing")):
            raise UserError(
                self.env._(
                    "“%(name)s” was reviewed on these requirements: go back to preparing first.",
                    name=done[0].name,
                )
            )
