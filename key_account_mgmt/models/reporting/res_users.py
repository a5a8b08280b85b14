from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def action_kam_one_to_one(self):
        """His accounts in one list, to talk about them."""
        self.ensure_one()
        return self.env["kam.account"]._one_to_one_action(self)
