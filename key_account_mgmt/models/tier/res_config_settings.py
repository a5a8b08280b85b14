from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kam_primary_scheme_id = fields.Many2one(
        "kam.tier.scheme",
        "Primary Tiering Scheme",
        context={"active_test": False},
        domain="[('exclusive', '=', True), '|', ('company_id', '=', False),"
        " ('company_id', 'parent_of', company_id)]",
        help="Gives the tier of every account. None is active until one is chosen.",
    )

    @api.model
    def get_values(self):
        scheme = self.env["kam.tier.scheme"]._primary(self.env.company)
        return super().get_values() | {"kam_primary_scheme_id": scheme.id}

    def set_values(self):
        result = super().set_values()
        scheme = self.kam_primary_scheme_id
        if scheme and not scheme.is_primary:
            scheme.action_make_primary()
        return result
