from odoo import fields, models


class ResCompany(models.Model):
    """How opportunities are worked on in stages; all off until somebody switches it on.

    Source: S1c-02, S1r-14, S1r-16, S1r-18, g Q34.
    """

    _inherit = "res.company"

    # No defaults: installing must not rewrite the rows of companies. Empty: off.
    kam_stage_owners = fields.Boolean(
        "Stage Owners", help="A stage with its own owner is entered by an accepted hand-over."
    )
    kam_stage_limit = fields.Boolean(
        "At Most Two Stages", help="Nobody owns more than two stages of one opportunity."
    )
    kam_lead_scores_required = fields.Boolean(
        "Scores Before Qualifying",
        help="A lead becomes an opportunity once purchase power and sincerity are known.",
    )

    def _kam_lead_rule(self, name):
        """Whether a rule is on; a branch follows its root company."""
        # sudo: settings of a company are no secret.
        return bool(self.sudo().root_id[name])
