from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain


class KamTeamRole(models.Model):
    """A role in an account team, e.g. technical owner, with its duties.

    A topic of another role (technical owner for interfaces) counts as that role wherever a
    rule asks for it.  Source: S0-37, S0-54, S0-146, S1a-15, S1l-16, S3-07, S3-36.
    """

    _name = "kam.team.role"
    _inherit = ["kam.policy.logged"]
    _description = "Account Team Role"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    duties = fields.Text(translate=True, help="What whoever takes the role has to do.")
    is_service = fields.Boolean("Service", help="A member in this role serves the customer.")
    counts_as_id = fields.Many2one(
        "kam.team.role",
        index="btree_not_null",
        ondelete="restrict",
        help="A topic of another role: where that one is asked for, this one will do.",
    )
    headcount_target = fields.Integer(
        "Planned Persons", help="How many persons should work in this role; 0 = no plan."
    )
    headcount = fields.Integer("Persons", compute="_compute_headcount")
    active = fields.Boolean("In Use", default=True)

    _code_uniq = models.Constraint("UNIQUE (code)", "Another team role has this code.")
    _headcount_check = models.Constraint(
        "CHECK (headcount_target >= 0)", "The planned number of persons cannot be negative."
    )

    @api.constrains("counts_as_id")
    def _check_counts_as(self):
        for role in self:
            if role.counts_as_id == role or role.counts_as_id.counts_as_id:
                raise ValidationError(
                    self.env._(
                        "“%(name)s” can only count as a role that counts as no other.",
                        name=role.name,
                    )
                )

    @api.depends_context("allowed_company_ids")
    def _compute_headcount(self):
        """Different active persons in the role today.  Source: S0-146."""
        day = self.env.company._kam_today()
        # sudo: a number, not who works where.
        Member = self.env["kam.team.member"].sudo()
        domain = Member._covering_domain(day) & Domain("user_id.active", "=", True)
        domain &= Domain("company_id", "in", self.env.companies.root_id.ids)
        domain &= Domain("role_id", "in", self.ids)
        counts = dict(Member._read_group(domain, ["role_id"], ["user_id:count_distinct"]))
        for role in self:
            role.headcount = counts.get(role._origin.sudo(), 0)

    @api.model
    def _lead_role(self):
        """The role in which somebody leads an account; empty where it was deleted."""
        roles = self.with_context(active_test=False)
        return roles.search([("code", "=", "manager")], limit=1)
