from odoo import api, models
from odoo.tools import SQL


class ResGroups(models.Model):
    _inherit = "res.groups"

    @api.model
    def _kam_area_is_on(self, area):
        """Whether the area is ticked in Settings; one that is off has no menu and no job.

        Out of Odoo's cache of groups: it is asked with every order.
        """
        known = self.env["ir.model.data"]
        employee = known._xmlid_to_res_id("base.group_user")
        wanted = known._xmlid_to_res_id(f"key_account_mgmt.group_kam_area_{area}")
        return wanted in self._get_group_definitions().get_superset_ids([employee])

    def _kam_switch_on(self):
        """Let every employee have these areas, as the ticks in Settings do later.

        Past the ORM: it would work out anew for every user whether he is an employee and
        rewrite the rows of all users and of their contacts, which an installation must not.
        """
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO res_groups_implied_rel (gid, hid)
                SELECT %s, area FROM unnest(%s::int[]) AS area
                ON CONFLICT DO NOTHING
                """,
                self.env.ref("base.group_user").id,
                self.ids,
            )
        )
        self.env.invalidate_all()
        # Groups of users and what they may do are cached.
        self.env["ir.model.access"].call_cache_clearing_methods()
        self.env.registry.clear_all_caches()
