from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    # Shown only: it is switched on in its own dialog, which says whom it will concern.
    kam_guard_from = fields.Date(
        "Contract Control From", related="company_id.root_id.kam_guard_from", readonly=True
    )
