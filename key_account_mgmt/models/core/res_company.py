from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .webhook import KINDS

CHANNELS = [("email", "E-mail"), ("chat", "Odoo Chat"), ("webhook", "Company Chat")]


class ResCompany(models.Model):
    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies. Empty: e-mail.
    kam_notice_channel = fields.Selection(CHANNELS, "Key Account Notices by")
    kam_notice_webhook_kind = fields.Selection(KINDS, "Robot of", groups="base.group_system")
    kam_notice_webhook_url = fields.Char(
        "Robot Address",
        groups="base.group_system",
        help="HTTPS address of the group robot. Whoever knows it can write to the group.",
    )

    @api.constrains("kam_notice_webhook_url")
    def _check_kam_notice_webhook_url(self):
        for company in self:
            url = company.kam_notice_webhook_url
            if url and not url.lower().startswith("https://"):
                raise ValidationError(
                    self.env._("The address of the robot must start with https://.")
                )
