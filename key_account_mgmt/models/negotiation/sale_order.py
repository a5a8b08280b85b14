from odoo import api, fields, models
from odoo.exceptions import ValidationError


class SaleOrder(models.Model):
    """What was agreed is what the order, and later its contract, rests on.  Source: S0-98."""

    _inherit = "sale.order"

    kam_negotiation_id = fields.Many2one(
        "kam.negotiation",
        "Negotiation",
        index="btree_not_null",
        ondelete="restrict",
        copy=False,
        domain="[('state', '=', 'agreed')]",
        groups="key_account_mgmt.group_kam_member,key_account_mgmt.group_kam_commercial,"
        "key_account_mgmt.group_kam_admin,key_account_mgmt.group_kam_auditor",
    )

    @api.constrains("kam_negotiation_id")
    def _check_kam_negotiation(self):
        for order in self:
            # sudo: whether it was agreed must not depend on who asks.
            negotiation = order.sudo().kam_negotiation_id
            if negotiation and negotiation.state != "agreed":
                raise ValidationError(
                    self.env._("An order rests on a negotiation that was agreed and confirmed.")
                )
