from odoo import fields, models


class ResCompany(models.Model):
    """Whether orders not delivered in time raise an issue.  Source: S1d-10."""

    _inherit = "res.company"

    # No default: installing must not rewrite the rows of companies. Empty: they do.
    kam_issue_no_delivery = fields.Boolean("Late Orders Raise No Issue")

    def _kam_issue_delivery(self):
        """Whether they do."""
        # sudo: what the root company has set is no secret.
        return not self.sudo().root_id.kam_issue_no_delivery
