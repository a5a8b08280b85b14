from odoo import models


class ResUsers(models.Model):
    _inherit = "res.users"

    def _kam_own_people(self):
        """Members of the departments the user manages and of those below.

        Source: users §6 (director: own people).
        """
        departments = self.env["kam.department"]
        managed = departments.search([("manager_id", "=", self.ensure_one().id)])
        below = departments.search([("id", "child_of", managed.ids)])
        return super()._kam_own_people() | below.member_ids
