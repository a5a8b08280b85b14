from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.guarded import ondelete_always


class KamBidScore(models.Model):
    """How one criterion speaks for us, or for a competitor: 0 to 5.

    The weight is the criterion's on the day it was scored.  Source: users §5.
    """

    _name = "kam.bid.score"
    _inherit = ["kam.guarded"]
    _description = "Go/No-Go Score"
    _order = "bid_id, sequence, partner_id, id"

    _guarded_once = frozenset({"bid_id", "criterion_id", "partner_id", "weight"})

    bid_id = fields.Many2one("kam.bid", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="bid_id.company_id", store=True, index=True)
    criterion_id = fields.Many2one("kam.bid.criterion", required=True, ondelete="restrict")
    sequence = fields.Integer(related="criterion_id.sequence", store=True)
    partner_id = fields.Many2one(
        "res.partner", "Of", ondelete="restrict", help="A competitor; empty: ourselves."
    )
    weight = fields.Float(digits=(5, 1), readonly=True)
    score = fields.Float("Points", digits=(3, 1), help="0: speaks against it, 5: speaks for it.")
    note = fields.Char()

    _score_check = models.Constraint("CHECK (score BETWEEN 0 AND 5)", "Points go from 0 to 5.")
    _line_uniq = models.UniqueIndex(
        "(bid_id, criterion_id, COALESCE(partner_id, 0))", "This is scored already."
    )

    @api.model_create_multi
    def create(self, vals_list):
        criteria = self.env["kam.bid.criterion"]
        lines = super().create(
            [
                {**vals, "weight": criteria.browse(vals.get("criterion_id") or ()).weight}
                for vals in vals_list
            ]
        )
        lines.bid_id._check_scoring()
        return lines

    def write(self, vals):
        self.bid_id._check_scoring()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_decided(self):
        self.bid_id._check_scoring()


class KamBid(models.Model):
    _inherit = "kam.bid"

    def _check_scoring(self):
        """:raise UserError: it was decided already"""
        if self._is_engine() or self.env.su:
            return
        if decided := self.filtered("go_decision"):
            raise UserError(
                self.env._(
                    "“%(name)s” was decided on these scores: they stay as they are.",
                    name=decided[0].name,
                )
            )

    def action_score(self):
        """Lay out the criteria, for us and where they ask for it for each competitor."""
        for bid in self:
            bid.check_access("write")
            bid._check_scoring()
            have = {(line.criterion_id, line.partner_id) for line in bid.score_ids}
            nobody = self.env["res.partner"]
            wanted = [
                (criterion, partner)
                for criterion in self.env["kam.bid.criterion"].search([])
                for partner in [
                    nobody,
                    *(bid.competitor_ids if criterion.of_competitors else ()),
                ]
            ]
            self.env["kam.bid.score"].create(
                [
                    {"bid_id": bid.id, "criterion_id": criterion.id, "partner_id": partner.id}
                    for criterion, partner in wanted
                    if (criterion, partner) not in have
                ]
            )
        return True
