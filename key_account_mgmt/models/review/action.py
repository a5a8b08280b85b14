from odoo import api, fields, models
from odoo.exceptions import AccessError

from .review import OFFICE


class KamAction(models.Model):
    """A decision of a meeting is an action.  Source: (c17), S1n-12."""

    _inherit = "kam.action"

    review_id = fields.Many2one(
        "kam.review", "Meeting", index="btree_not_null", ondelete="cascade", readonly=True
    )
    review_line_id = fields.Many2one(
        "kam.review.line",
        "Subject of the Meeting",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )

    @api.model
    def _document_fields(self):
        """Also the meeting that decided it."""
        return [*super()._document_fields(), "review_id"]

    @api.model
    def _plan_fields(self):
        return [*super()._plan_fields(), "review_line_id"]

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        if actions.sudo().review_id:
            actions._check_decided()
        return actions

    def write(self, vals):
        result = super().write(vals)
        if {"review_id", "review_line_id"} & vals.keys():
            self._check_decided()
        if "state" in vals:
            # sudo: the meeting follows its decisions, whoever ticks them off.
            self.sudo().review_id._follow_decisions()
        return result

    def _check_decided(self):
        """Nobody else puts a decision into the minutes."""
        if not (self.env.su or self._is_engine() or self.env.user.has_group(OFFICE)):
            raise AccessError(self.env._("What a meeting decided is written by the KAM office."))
