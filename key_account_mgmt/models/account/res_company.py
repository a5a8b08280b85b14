from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    kam_go_live_date = fields.Date(
        "Key Accounts Go-Live",
        help="Nothing before this day is due, overdue, missing or new.",
    )
    kam_amount_unit = fields.Selection(
        [("1", "1 (full amount)"), ("10000", "10 thousand (万)"), ("1000000", "Million")],
        "Show Amounts in",
        default="1",
    )
    kam_account_properties_definition = fields.PropertiesDefinition("Account File Properties")

    def _kam_today(self):
        """The day it is where the company works; jobs and decisions use this one."""
        self.ensure_one()
        tz = self.root_id.resource_calendar_id.tz or self.env.user.tz
        return fields.Date.context_today(self.with_context(tz=tz))

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        # A new branch must find the account files of its root company.
        branches = companies.filtered("parent_id")
        if branches:
            domain = [("company_id", "in", branches.root_id.ids)]
            self.env["kam.account"].sudo().search(domain)._link_partners()
        return companies
