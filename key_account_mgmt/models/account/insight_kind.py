from odoo import fields, models


class KamInsightKind(models.Model):
    """What an insight is about, and which questions its form asks.

    Source: S0-65, S0-67, S0-68, S1g-01, S1r-08, S1r-09, S1r-12, S1r-13.
    """

    _name = "kam.insight.kind"
    _inherit = ["kam.policy.logged"]
    _description = "Insight Kind"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    code = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean("In Use", default=True)
    color = fields.Integer()
    without_account = fields.Boolean(
        "Also Without an Account",
        help="Knowledge of the company, e.g. market research or a lesson: everybody of the "
        "company may read it.",
    )
    shows_needs = fields.Boolean("Asks About Needs")
    shows_competitor = fields.Boolean("Asks About a Competitor")
    shows_comparison = fields.Boolean("Compares Three Ways")
    needs_scores = fields.Boolean(
        "Is an Analysis",
        help="Led by the lead account manager; customer value and potential are scored before "
        "it is confirmed, and become figures of the customer.",
    )

    _code_uniq = models.Constraint("UNIQUE (code)", "Another insight kind has this code.")


class KamInsightAspect(models.Model):
    """A row of the three-way comparison: competitor, customer, us.  Source: S1r-09."""

    _name = "kam.insight.aspect"
    _inherit = ["kam.policy.logged"]
    _description = "Comparison Aspect"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean("In Use", default=True)
