from odoo import fields, models


class KamTeamMember(models.Model):
    """Who works on an account, in which role and from when to when.

    A member sees the account from the first day to the last, both included.
    Source: S0-05, S0-37.
    """

    _name = "kam.team.member"
    _description = "Account Team Member"
    _order = "account_id, date_from, id"
    _check_company_auto = True

    account_id = fields.Many2one("kam.account", required=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="account_id.company_id", store=True, index=True)
    user_id = fields.Many2one(
        "res.users", "Member", required=True, index=True, domain=[("share", "=", False)]
    )
    role_id = fields.Many2one("kam.team.role", required=True, ondelete="restrict")
    date_from = fields.Date("From", required=True, default=fields.Date.context_today)
    date_to = fields.Date("Until")

    _dates_check = models.Constraint(
        "CHECK (date_to IS NULL OR date_to >= date_from)",
        "The last day of a team member must not be before the first one.",
    )
