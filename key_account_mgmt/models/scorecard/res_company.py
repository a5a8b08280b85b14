from odoo import fields, models

REVIEW_DAYS = 5
ACKNOWLEDGE_DAYS = 7


class ResCompany(models.Model):
    """When scorecards go to review, and how long their people have to answer.  Source: c13."""

    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies.
    kam_scorecard_review_days = fields.Integer(
        "Scorecards to Review after",
        help="Days after the period in which late invoices may still arrive; 0: five.",
    )
    kam_scorecard_acknowledge_days = fields.Integer(
        "Scorecards to Acknowledge within",
        help="Days a person has to acknowledge or object; then the office may close; 0: seven.",
    )

    def _kam_scorecard_review_days(self):
        # sudo: the company's rule is no secret of the root company.
        return self.sudo().root_id.kam_scorecard_review_days or REVIEW_DAYS

    def _kam_scorecard_acknowledge_days(self):
        # sudo: as above.
        return self.sudo().root_id.kam_scorecard_acknowledge_days or ACKNOWLEDGE_DAYS
