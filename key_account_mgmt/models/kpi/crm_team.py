from odoo import api, models


class CrmTeamMember(models.Model):
    """Who is in a sales team changes: from then on he counts for the other one."""

    _inherit = "crm.team.member"

    @api.model_create_multi
    def create(self, vals_list):
        members = super().create(vals_list)
        # Odoo archives his other memberships in there, which follows its own write.
        self.env["kam.sales.membership"]._follow(members.crm_team_id, members.user_id)
        return members

    def write(self, vals):
        teams, users = self.crm_team_id, self.user_id
        result = super().write(vals)
        if {"crm_team_id", "user_id", "active"} & vals.keys():
            self.env["kam.sales.membership"]._follow(teams | self.crm_team_id, users | self.user_id)
        return result

    def unlink(self):
        teams, users = self.crm_team_id, self.user_id
        result = super().unlink()
        self.env["kam.sales.membership"]._follow(teams, users)
        return result
