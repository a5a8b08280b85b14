from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class KamDepartment(models.Model):
    """The one answer to "which department" and "whose manager".

    Kept apart from ``hr`` because companies run this addon without it; where ``hr`` is
    installed the list is filled from it on request.  Source: S0-02.
    """

    _name = "kam.department"
    _inherit = ["kam.policy.logged"]
    _description = "Department"
    _order = "name, id"
    _parent_store = True
    _check_company_auto = True

    # People are entered where they work.
    _policy_local = frozenset({"manager_id", "member_ids"})

    name = fields.Char(required=True, translate=True)
    company_id = fields.Many2one("res.company", index=True)
    manager_id = fields.Many2one("res.users")
    parent_id = fields.Many2one(
        "kam.department", "Parent Department", index=True, ondelete="restrict", check_company=True
    )
    parent_path = fields.Char(index=True)
    member_ids = fields.Many2many("res.users", string="Members")
    active = fields.Boolean("In Use", default=True)

    @api.constrains("parent_id")
    def _check_parent_cycle(self):
        if self._has_cycle():
            raise ValidationError(
                self.env._("A department cannot be above itself. Choose another parent.")
            )

    @api.model
    def _of_people(self, users, company):
        """The department each person works in or manages, of ``company`` or of no company.

        Of several the innermost one.

        :return: ``{user: department, or an empty one}``
        """
        # sudo: where somebody works is no secret of who sees his name in a team.
        departments = self.sudo().search(
            [
                ("company_id", "in", [False, *company.ids]),
                "|",
                ("member_ids", "in", users.ids),
                ("manager_id", "in", users.ids),
            ]
        )
        found = {}
        for department in departments.sorted(lambda d: (len(d.parent_path or ""), -d.id)):
            for user in (department.member_ids | department.manager_id).sudo(False):
                found[user.id] = department.sudo(False)
        return {user: found.get(user.id, self.browse()) for user in users}

    @api.model
    def _of_user(self, user, company):
        """The department ``user`` works in or manages; see :meth:`_of_people`."""
        return self._of_people(user, company)[user]

    @api.model
    def action_fill_from_hr(self):
        """Take over the departments of the Employees app; existing names are updated.

        Raises UserError where that app is not installed.
        """
        self.check_access("create")
        if "hr.department" not in self.env:
            raise UserError(
                self.env._("The Employees app is not installed: enter the departments here.")
            )
        created = {}
        for source in self.env["hr.department"].search(
            [("active", "=", True)], order="complete_name"
        ):
            created[source] = self._fill_one(source, created)
        return {"type": "ir.actions.client", "tag": "reload"}

    def _fill_one(self, source, created):
        vals = {
            "name": source.name,
            "company_id": source.company_id.id,
            "manager_id": source.manager_id.user_id.id,
            "member_ids": [fields.Command.set(source.member_ids.user_id.ids)],
            "parent_id": created[source.parent_id].id if source.parent_id in created else False,
        }
        domain = [("name", "=", source.name), ("company_id", "=", source.company_id.id)]
        department = self.search(domain, limit=1)
        if department:
            department.write(vals)
            return department
        return self.create(vals)
