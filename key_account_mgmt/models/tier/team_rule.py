from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.misc import formatLang


class KamTierTeamRule(models.Model):
    """Who an account of a level needs in its team.  Source: S0-23, S0-137, S3-21, S3-22.

    What is missing is never stored: ``kam.team.gap`` lists it as it is now.
    """

    _name = "kam.tier.team.rule"
    _inherit = ["kam.policy.logged", "kam.job.mixin"]
    _description = "Team Rule"
    _order = "sequence, id"
    _rec_names_search = ["tier_id.name", "role_id.name", "source_ref"]

    sequence = fields.Integer(default=10)
    company_id = fields.Many2one("res.company", index=True, help="Empty: every company.")
    tier_id = fields.Many2one(
        "kam.tier",
        "Level",
        index=True,
        ondelete="cascade",
        help="Of a tiering scheme in use. Empty: every key account.",
    )
    who = fields.Selection(
        [
            ("lead", "The lead account manager"),
            ("sponsor", "The executive sponsor"),
            ("role", "A certain role"),
            ("service", "Any service role"),
            ("member", "Any further member"),
        ],
        "Who Is Needed",
        required=True,
        default="role",
    )
    role_id = fields.Many2one("kam.team.role", ondelete="restrict")
    min_count = fields.Integer("At Least", required=True, default=1)
    dedicated_only = fields.Boolean("Dedicated", help="Only members marked as dedicated count.")
    other_than_lead = fields.Boolean(
        "Not the Lead", help="Somebody else than the lead account manager."
    )
    sales_from = fields.Float(
        "Annual Sales From",
        help="Sales of the last twelve months of the account and the members of its group, "
        "in company currency; 0 = whatever it buys.",
    )
    max_accounts = fields.Integer(
        "Accounts per Person",
        help="One to one: how many accounts one person may serve in this way, a group of "
        "companies counting once; 0 = any number.",
    )
    per_group = fields.Boolean(
        "Once per Group",
        default=True,
        help="Members that hold the level because the head of their group holds it are served "
        "by the team of the head; those in their own teams count for it.",
    )
    source_ref = fields.Char("Policy Clause")
    active = fields.Boolean("In Use", default=True)
    sentence = fields.Char("In Words", compute="_compute_sentence")

    _count_check = models.Constraint("CHECK (min_count > 0)", "At least one person is needed.")
    _numbers_check = models.Constraint(
        "CHECK (max_accounts >= 0 AND sales_from >= 0)", "Numbers cannot be negative."
    )

    @api.constrains("who", "role_id")
    def _check_role(self):
        for rule in self:
            if rule.who == "role" and not rule.role_id:
                raise ValidationError(self.env._("Say which role is needed."))

    @api.constrains("who", "min_count")
    def _check_single(self):
        for rule in self:
            if rule.who in ("lead", "sponsor") and rule.min_count != 1:
                raise ValidationError(
                    self.env._("An account has one lead account manager and one sponsor.")
                )

    @api.constrains("tier_id", "company_id")
    def _check_level_company(self):
        for rule in self:
            owner = rule.tier_id.company_id
            if owner and rule.company_id and owner != rule.company_id:
                raise ValidationError(
                    self.env._("The level “%(name)s” is another company's.", name=rule.tier_id.name)
                )

    @api.depends("tier_id.name", "tier_id.scheme_id.name")
    @api.depends("who", "role_id.name", "min_count", "dedicated_only", "other_than_lead")
    @api.depends("sales_from", "max_accounts")
    @api.depends_context("lang")
    def _compute_sentence(self):
        for rule in self:
            rule.sentence = self.env._(
                "%(accounts)s: %(people)s",
                accounts=rule._accounts_text(),
                people=rule._people_text(),
            )

    @api.depends("sentence")
    def _compute_display_name(self):
        for rule in self:
            rule.display_name = rule.sentence

    def _accounts_text(self):
        text = self.tier_id.name or self.env._("Every key account")
        if self.sales_from:
            amount = formatLang(self.env, self.sales_from, digits=0)
            return self.env._("%(level)s from sales of %(amount)s", level=text, amount=amount)
        return text

    def _who_text(self):
        """Who is needed, as one name: “Quality Engineer”."""
        if self.who == "role":
            return self.role_id.name or "…"
        if self.who == "service":
            return self.env._("Service Member")
        if self.who == "member":
            return self.env._("Further Member")
        if self.who == "sponsor":
            return self.env._("Executive Sponsor")
        return self.env._("Lead Account Manager")

    def _people_text(self):
        text = self._who_text()
        if self.min_count > 1:
            text = self.env._("%(count)s × %(who)s", count=self.min_count, who=text)
        conditions = []
        if self.dedicated_only:
            conditions.append(self.env._("dedicated"))
        if self.other_than_lead:
            conditions.append(self.env._("not the lead account manager"))
        if self.max_accounts:
            conditions.append(
                self.env._("for at most %(count)s accounts each", count=self.max_accounts)
            )
        for condition in conditions:
            text = self.env._("%(people)s, %(condition)s", people=text, condition=condition)
        return text

    def _policy_name(self):
        return self.sentence
