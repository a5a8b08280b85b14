from odoo import fields, models

MONTHS, WARN_DAYS, RELEASE_DAYS = 6, 30, 60


class ResCompany(models.Model):
    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies. Empty: as above.
    kam_pursuit_months = fields.Integer(
        "Protection of a Pursuit", help="Months for which a registration protects. Empty: 6."
    )
    kam_pursuit_warn_days = fields.Integer(
        "Warn after Silent Days", help="Days without progress before a warning. Empty: 30."
    )
    kam_pursuit_release_days = fields.Integer(
        "Release after Silent Days", help="Days without progress until it lapses. Empty: 60."
    )

    def _kam_pursuit_protection(self):
        """Months of protection, silent days before a warning and before the release.

        A branch follows its root company.  Source: users §3.3, design §4.4.
        """
        # sudo: how long a registration protects is no secret.
        root = self.sudo().root_id
        months = max(root.kam_pursuit_months, 0) or MONTHS
        warn = max(root.kam_pursuit_warn_days, 0) or WARN_DAYS
        release = max(root.kam_pursuit_release_days, 0) or RELEASE_DAYS
        return months, min(warn, release), release
