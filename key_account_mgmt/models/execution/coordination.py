from odoo import api, fields, models
from odoo.exceptions import ValidationError

THEIRS_MOST = 2


class KamContractCoordinator(models.Model):
    """A person of the coordination group: one or two of the customer, and ours.

    Source: S1s-15.
    """

    _name = "kam.contract.coordinator"
    _inherit = ["kam.contract.record"]
    _description = "Member of the Coordination Group"
    _order = "contract_id, sequence, id"

    contract_id = fields.Many2one("kam.contract", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="contract_id.company_id", store=True, index=True)
    customer_id = fields.Many2one(
        related="contract_id.partner_id.commercial_partner_id", string="Customer"
    )
    sequence = fields.Integer(default=10)
    partner_id = fields.Many2one(
        "res.partner",
        "Of the Customer",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('commercial_partner_id', '=', customer_id), ('is_company', '=', False)]",
    )
    user_id = fields.Many2one(
        "res.users", "Of Ours", index="btree_not_null", domain=[("share", "=", False)]
    )
    task = fields.Char(help="What this person looks after.")

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        members.contract_id._check_may_run()
        return members

    def write(self, vals):
        self.contract_id._check_may_run()
        result = super().write(vals)
        if "contract_id" in vals:
            self.contract_id._check_may_run()
        return result

    def unlink(self):
        self.contract_id._check_may_run()
        return super().unlink()

    @api.constrains("partner_id", "user_id", "contract_id")
    def _check_person(self):
        for member in self:
            # sudo: who belongs to which company does not depend on who asks.
            own = member.sudo()
            if bool(own.partner_id) == bool(own.user_id):
                raise ValidationError(
                    self.env._("Choose either somebody of the customer or somebody of ours.")
                )
            customer = own.contract_id.partner_id.commercial_partner_id
            if own.partner_id and own.partner_id.commercial_partner_id != customer:
                raise ValidationError(
                    self.env._(
                        "%(name)s does not work for the customer of this contract.",
                        name=own.partner_id.display_name,
                    )
                )
            if own.user_id.share:
                raise ValidationError(self.env._("Only colleagues stand for us in the group."))
            theirs = own.contract_id.coordinator_ids.filtered("partner_id")
            if len(theirs) > THEIRS_MOST:
                raise ValidationError(
                    self.env._("The customer sends one or two people to the group.")
                )
