"""Routes and their steps are policy; a request says which version of it asked."""

from odoo import api, fields, models

# A step whose person does not exist in this database: it asks nobody, which stops the
# submission. Compared by identity: no client can send it.
PEOPLE_LATER = object()


class KamApprovalRoute(models.Model):
    _name = "kam.approval.route"
    _inherit = ["kam.approval.route", "kam.policy.logged"]


class KamApprovalStep(models.Model):
    _name = "kam.approval.step"
    _inherit = ["kam.approval.step", "kam.policy.logged"]

    def _policy_root(self):
        return self.route_id

    def _policy_name(self):
        return f"{self.route_id.name} / {self.name}"

    @api.constrains("approver_type", "group_id", "user_id")
    def _check_approver(self):
        if self.env.context.get("kam_people") is PEOPLE_LATER:
            return None
        return super()._check_approver()


class KamApprovalRequest(models.Model):
    _inherit = "kam.approval.request"

    route_version = fields.Char(
        help="Number and day of the latest change of the route before the round was opened."
    )

    @api.model_create_multi
    def create(self, vals_list):
        if self._is_engine():
            vals_list = [
                {**vals, "route_version": self._version_of_route(vals)} for vals in vals_list
            ]
        return super().create(vals_list)

    @api.model
    def _version_of_route(self, vals):
        # sudo: the requester need not know the route.
        route = self.env["kam.approval.route"].sudo().browse(vals.get("route_id"))
        company = self.env["res.company"].sudo().browse(vals.get("company_id"))
        if not route:
            return False
        return route._policy_version(company.resource_calendar_id.tz) or False
