from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamSourceChannel(models.Model):
    """Where we heard of a customer: market research, a referral, the web …

    Source: S0-55, S0-56, S0-57, S0-58, S0-59.
    """

    _name = "kam.source.channel"
    _inherit = ["kam.policy.logged"]
    _description = "Source Channel"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    parent_id = fields.Many2one(
        "kam.source.channel", "Part Of", index="btree_not_null", ondelete="restrict"
    )
    child_ids = fields.One2many("kam.source.channel", "parent_id", "Parts")
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another source channel has this code.")

    @api.constrains("parent_id")
    def _check_parent_cycle(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A source channel cannot be a part of itself. Choose another one.")
            )

    @api.depends("name", "parent_id.name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for channel in self:
            names = [channel.parent_id.name, channel.name]
            channel.display_name = " / ".join(name for name in names if name)
