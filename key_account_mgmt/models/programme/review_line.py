from odoo import fields, models

from ..plan.review import KamReviewLine as PlanReviewLine

TOPICS = [
    ("results", "Results"),
    ("migration", "Changes of Level"),
    ("shortcomings", "Shortcomings"),
    ("customers", "Opinions of Customers"),
    ("staff", "Opinions of Staff"),
    ("improvement", "Improvement"),
    ("prices", "Effect of the Prices"),
    ("adjust", "Prices to Adjust"),
    ("issues", "Issues of the Period"),
    ("scope", "Scope of the Audit"),
    ("findings", "Findings"),
    ("corrective", "Corrective Actions"),
    ("experience", "Experience"),
]
# The review is not closed before something was said about these.
TO_NOTE = {"results", "shortcomings", "prices", "issues", "scope", "findings", "experience"}


class KamReviewLine(models.Model):
    """A line of a review is about a topic, with what the system counted.

    Source: S1d-09, S2-59, S2-68, S2-69, S1q-23.
    """

    _inherit = "kam.review.line"

    _guarded_initial = {**PlanReviewLine._guarded_initial, "topic": False}

    topic = fields.Selection(TOPICS, readonly=True)

    def _is_to_judge(self):
        """A topic is written about; subjects are judged."""
        return super()._is_to_judge() and not self.topic

    def _is_to_note(self):
        self.ensure_one()
        return self.topic in TO_NOTE and not self.is_extra

    def _subject_vals(self):
        return {**super()._subject_vals(), "topic": self.topic}

    def _check_open(self):
        """Also: an audit is written by auditors."""
        result = super()._check_open()
        if not self.env.su:
            # sudo: which meeting it belongs to; who writes an audit is asked of the user.
            self.sudo().review_id.sudo(False)._check_auditor()
        return result

    def _fact_label(self, fact):
        """The words of what was counted, in the reader's language."""
        code, count = fact.get("code"), fact.get("count", 0)
        if not (code and code.startswith("programme_")):
            return super()._fact_label(fact)
        # sudo: the name of a level.
        tier = self.env["kam.tier"].sudo().browse(fact.get("tier")).exists().name or "–"
        texts = {
            "programme_accounts": self.env._("Key accounts: %(count)s", count=count),
            "programme_up": self.env._("Raised to %(tier)s: %(count)s", tier=tier, count=count),
            "programme_down": self.env._("Lowered to %(tier)s: %(count)s", tier=tier, count=count),
            "programme_new": self.env._("New in %(tier)s: %(count)s", tier=tier, count=count),
            "programme_orders": self.env._("Orders confirmed: %(count)s", count=count),
            "programme_exceptions": self.env._(
                "Price exceptions asked for: %(count)s", count=count
            ),
            "programme_issues": self.env._("Issues raised: %(count)s", count=count),
            "programme_closed": self.env._("Of them closed: %(count)s", count=count),
            "programme_reopened": self.env._("Of them reopened: %(count)s", count=count),
            "programme_late": self.env._("Answered or solved late: %(count)s", count=count),
            "programme_policy": self.env._("Changes of the policy: %(count)s", count=count),
            "programme_levels": self.env._("Levels decided: %(count)s", count=count),
            "programme_work": self.env._("Work planned: %(count)s", count=count),
        }
        return texts.get(code, code)
