from odoo import api, models
from odoo.fields import Domain

from ..kpi.subject import PROGRAMME

OPINIONS = 20
DIRECTIONS = ("up", "down", "new")


class KamReview(models.Model):
    """Quarterly and yearly review of the programme.  Source: J08, S2-67 … S2-71, S1d-09."""

    _inherit = "kam.review"

    @api.model
    def _topic(self, topic, runs=False, progress=(), late=()):
        """An entry of the agenda about a topic."""
        # The first meeting in the company's language; a topic keeps its name.
        labels = dict(self.env["kam.review.line"]._fields["topic"]._description_selection(self.env))
        return {
            "subject": {"topic": topic},
            "runs": runs,
            "name": labels[topic],
            "facts": {"progress": list(progress), "late": list(late)},
        }

    @api.model
    def _agenda_programme_quarter(self, company, period):
        """Nothing is reviewed before there were key accounts."""
        spans = self.env["kam.kpi"]._holders([PROGRAMME], period, company)[PROGRAMME]
        held = len({partner_id for partner_id, _first, _last in spans})
        if not held:
            return []
        accounts = [{"code": "programme_accounts", "count": held}]
        return [
            self._topic("results", runs=True, progress=accounts),
            self._topic("shortcomings"),
            self._topic("customers", progress=self._opinion_facts(company, period)),
            self._topic("staff"),
            self._topic("improvement"),
        ]

    @api.model
    def _agenda_programme_year(self, company, period):
        """As of a quarter, with the changes of level of the year."""
        entries = self._agenda_programme_quarter(company, period)
        if entries:
            moves = self._migration_facts(company, period)
            entries.insert(1, self._topic("migration", progress=moves))
        return entries

    @api.model
    def _migration_facts(self, company, period):
        """How many accounts came to each level, and from which side.  Source: S2-71."""
        # sudo: numbers only.
        Assignment = self.env["kam.tier.assignment"].sudo()
        domain = Domain("company_id", "=", company.id) & Domain("is_inherited", "=", False)
        domain &= Domain("scheme_id", "=", self.env["kam.tier.scheme"]._primary(company).id)
        domain &= Domain("direction", "in", DIRECTIONS)
        domain &= Domain("date_from", ">=", period.start) & Domain("date_from", "<=", period.end)
        groups = Assignment._read_group(domain, ["tier_id", "direction"], ["__count"])
        groups.sort(key=lambda row: (row[0].rank, DIRECTIONS.index(row[1])))
        return [
            {"code": f"programme_{direction}", "tier": tier.id, "count": count}
            for tier, direction, count in groups
        ]

    @api.model
    def _opinion_facts(self, company, period):
        """What customers said in the period, latest first.  Source: S2-68."""
        # sudo: what is said to the programme is gathered, whoever heard it.
        Visit, Issue = self.env["kam.visit"].sudo(), self.env["kam.issue"].sudo()
        mine = Domain("company_id", "=", company.id)
        said = mine & Domain("day", ">=", period.start) & Domain("day", "<=", period.end)
        said &= Domain("state", "=", "reported") & Domain("suggestions", "!=", False)
        facts = [
            {"day": v.day.isoformat(), "text": v.suggestions, "who": v.partner_id.name}
            for v in Visit.search(said, order="day desc, id desc", limit=OPINIONS)
        ]
        asked = mine & Domain("customer_view", "!=", False)
        asked &= Domain("customer_view_on", ">=", period.start)
        asked &= Domain("customer_view_on", "<=", period.end)
        facts += [
            {
                "day": issue.customer_view_on.isoformat(),
                "text": issue.customer_view,
                "who": issue.partner_id.name,
            }
            for issue in Issue.search(asked, order="customer_view_on desc, id desc", limit=OPINIONS)
        ]
        return sorted(facts, key=lambda fact: fact["day"], reverse=True)[:OPINIONS]
