from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.guarded import ondelete_always


class KamServiceDeviation(models.Model):
    """What an account gets otherwise than its service pack says, why and until when.

    Source: S0-22, S0-28.
    """

    _name = "kam.service.deviation"
    _inherit = ["kam.guarded"]
    _description = "Deviation from the Service Pack"
    _order = "date_from desc, id desc"

    _guarded_once = frozenset({"account_id", "user_id"})

    account_id = fields.Many2one("kam.account", required=True, index=True, ondelete="restrict")
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    item_id = fields.Many2one("kam.service.pack.item", "Instead Of", ondelete="set null")
    name = fields.Char("What Is Different", required=True)
    reason = fields.Char(required=True)
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until")
    user_id = fields.Many2one(
        "res.users",
        "Agreed By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )

    _dates_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "A deviation cannot end before it begins.",
    )

    @api.constrains("name", "reason")
    def _check_texts(self):
        for deviation in self:
            if not (deviation.name.strip() and deviation.reason.strip()):
                raise ValidationError(
                    self.env._("Say what is different and why: both stay on the account file.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        # Who agreed is whoever writes it down, whatever the client sends.
        deviations = super().create([{**vals, "user_id": self.env.uid} for vals in vals_list])
        deviations.account_id._check_service_rights()
        return deviations

    def write(self, vals):
        self.account_id._check_service_rights()
        return super().write(vals)

    @ondelete_always
    def _unlink_except_office(self):
        if not self.env.user.has_group("key_account_mgmt.group_kam_officer"):
            raise UserError(
                self.env._("Give the deviation a last day instead: it is part of the history.")
            )
