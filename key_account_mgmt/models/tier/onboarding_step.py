from odoo import api, models


class OnboardingStep(models.Model):
    """Setting up tiers: choose a scheme, set thresholds, bring in what is known, decide."""

    _inherit = "onboarding.onboarding.step"

    @api.model
    def _kam_confirm_texts(self):
        return super()._kam_confirm_texts() | {
            "thresholds": self.env._("They are right"),
            "opening": self.env._("Nothing to import"),
        }

    def _kam_open(self, name):
        return self.env["ir.actions.actions"]._for_xml_id(f"key_account_mgmt.{name}")

    def _kam_is_done_scheme(self, company):
        return bool(self.env["kam.tier.scheme"]._primary(company))

    def action_kam_open_scheme(self):
        """The schemes, one of which is used as primary."""
        return self._kam_open("kam_tier_scheme_action")

    def _kam_is_done_thresholds(self, company):
        """The policy in force measures something and was changed since it is in force."""
        scheme = self.env["kam.tier.scheme"]._primary(company)
        return scheme.version > 1 and bool(scheme._measured_criteria())

    def action_kam_open_thresholds(self):
        """Levels and criteria of the scheme in force."""
        scheme = self.env["kam.tier.scheme"]._primary(self.env.company)
        action = self._kam_open("kam_tier_scheme_action")
        if scheme:
            action |= {"views": [(False, "form")], "res_id": scheme.id}
        return action

    def _kam_is_done_opening(self, company):
        """Rows were applied, and none is left."""
        # sudo: whether there are rows, not what they say.
        rows = self.env["kam.opening.classification"].sudo()
        states = rows._read_group([("company_id", "=", company.id)], ["state"])
        return states == [("applied",)]

    def action_kam_open_opening(self):
        """The rows to import, check and apply."""
        return self._kam_open("kam_opening_classification_action")

    def _kam_is_done_evaluation(self, company):
        """One was approved or applied."""
        # sudo: whether there is one, not what it says.
        evaluations = self.env["kam.tier.evaluation"].sudo()
        domain = [("company_id", "=", company.id), ("state", "in", ("approved", "applied"))]
        return bool(evaluations.search_count(domain, limit=1))

    def action_kam_open_evaluation(self):
        """The evaluations; the office makes the first one."""
        return self._kam_open("kam_tier_evaluation_action")
