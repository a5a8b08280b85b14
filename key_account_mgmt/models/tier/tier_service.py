from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KamTier(models.Model):
    """What a level gets: strategy, service pack, precedence.

    Source: S0-22, S0-26, S2-10, S3-45.
    """

    _inherit = "kam.tier"

    strategy = fields.Text(translate=True, help="How customers of this level are developed.")
    service_pack_id = fields.Many2one(
        "kam.service.pack",
        ondelete="restrict",
        domain="[('company_id', 'in', (company_id, False))]",
        help="What an account gets that reaches this level as its first one; afterwards a "
        "change of level proposes it.",
    )
    new_product_priority = fields.Boolean(
        "New Products First", help="New products and services are offered to them first."
    )
    delivery_priority = fields.Boolean(
        "Deliveries First",
        help="Where Inventory is installed, their deliveries are marked urgent.",
    )

    @api.constrains("service_pack_id", "scheme_id")
    def _check_service_pack(self):
        for tier in self:
            owner = tier.service_pack_id.company_id
            if owner and owner != tier.scheme_id.company_id:
                raise ValidationError(
                    self.env._(
                        "The service pack “%(pack)s” belongs to %(company)s only: this level "
                        "needs one of its own company, or of all.",
                        pack=tier.service_pack_id.name,
                        company=owner.name,
                    )
                )
