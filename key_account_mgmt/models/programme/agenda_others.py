from datetime import datetime, time, timedelta

import pytz

from odoo import api, models
from odoo.fields import Domain

from ..kpi.subject import PROGRAMME

# Customers whose late issues a meeting speaks about one by one.
WORST = 30


class KamReview(models.Model):
    """Price, service quality, audit and work summary.  Source: J17, J19, J20."""

    _inherit = "kam.review"

    @api.model
    def _moments(self, company, period):
        """First moment of the period and of the day after it, UTC, where the company works."""
        zone = company._kam_working_time().tz
        return [
            zone.localize(datetime.combine(day, time.min)).astimezone(pytz.utc).replace(tzinfo=None)
            for day in (period.start, period.end + timedelta(days=1))
        ]

    @api.model
    def _agenda_price(self, company, period):
        """Nothing was sold: there is nothing to say about prices.  Source: S0-145, J17."""
        begin, end = self._moments(company, period)
        # sudo: numbers only.
        env = self.sudo().env
        orders = Domain("company_id", "child_of", company.id) & Domain("state", "=", "sale")
        orders &= Domain("date_order", ">=", begin) & Domain("date_order", "<", end)
        count = env["sale.order"].search_count(orders)
        if not count:
            return []
        asked = Domain("order_id.company_id", "child_of", company.id)
        asked &= Domain("create_date", ">=", begin) & Domain("create_date", "<", end)
        exceptions = env["kam.price.approval"].search_count(asked)
        facts = [
            {"code": "programme_orders", "count": count},
            {"code": "programme_exceptions", "count": exceptions},
        ]
        return [
            self._topic("prices", runs=True, progress=facts),
            self._topic("adjust"),
            self._topic("improvement"),
        ]

    @api.model
    def _agenda_service_quality(self, company, period):
        """Issues of the period, and the customers whose answers came late.  Source: J19."""
        domain = Domain("company_id", "=", company.id) & Domain("state", "!=", "rejected")
        domain &= Domain("reported_day", ">=", period.start)
        domain &= Domain("reported_day", "<=", period.end)
        # sudo: the agenda is the company's, whoever presses the button.
        issues = self.env["kam.issue"].sudo().search(domain, order="tier_rank, reported_day, id")
        if not issues:
            return []
        late = issues.filtered(lambda issue: issue._kam_was_late())
        facts = [
            {"code": "programme_issues", "count": len(issues)},
            {"code": "programme_closed", "count": len(issues.filtered("closed_on"))},
            {"code": "programme_reopened", "count": len(issues.filtered("reopen_count"))},
        ]
        behind = [{"code": "programme_late", "count": len(late)}] if late else []
        entries = [self._topic("issues", runs=True, progress=facts, late=behind)]
        for account, mine in list(late.grouped("account_id").items())[:WORST]:
            entries.append(
                {
                    "subject": {"account_id": account.id},
                    "runs": True,
                    "name": account.name,
                    "owner_id": account.user_id.id,
                    "facts": {
                        "progress": [],
                        "late": [
                            {
                                "day": issue.reported_day.isoformat(),
                                "text": issue.display_name,
                                "who": issue.user_id.name or "",
                            }
                            for issue in mine
                        ],
                    },
                }
            )
        return [*entries, self._topic("shortcomings"), self._topic("improvement")]

    @api.model
    def _agenda_audit(self, company, period):
        """What there is to audit: levels decided, rules changed.  Source: S2-59, J19."""
        begin, end = self._moments(company, period)
        # sudo: numbers only.
        env = self.sudo().env
        levels = Domain("company_id", "=", company.id)
        levels &= Domain("date_from", ">=", period.start) & Domain("date_from", "<=", period.end)
        changes = Domain("company_id", "in", (False, company.id))
        changes &= Domain("date", ">=", begin) & Domain("date", "<", end)
        decided = env["kam.tier.assignment"].search_count(levels)
        accounts = env["kam.kpi"]._holders([PROGRAMME], period, company)[PROGRAMME]
        if not (decided or accounts):
            return []
        held = len({partner_id for partner_id, _first, _last in accounts})
        facts = [
            {"code": "programme_accounts", "count": held},
            {"code": "programme_levels", "count": decided},
            {"code": "programme_policy", "count": env["kam.policy.log"].search_count(changes)},
        ]
        return [
            self._topic("scope", runs=True, progress=facts),
            self._topic("findings"),
            self._topic("corrective"),
        ]

    @api.model
    def _agenda_work_summary(self, company, period):
        """Also what was learned and what fell short, if there was work.  Source: S1q-23."""
        entries = super()._agenda_work_summary(company, period)
        if not entries or not self.env["res.groups"]._kam_area_is_on("programme"):
            return entries
        work = [{"code": "programme_work", "count": len(entries)}]
        return [*entries, self._topic("experience", progress=work), self._topic("shortcomings")]


class KamIssue(models.Model):
    _inherit = "kam.issue"

    def _kam_was_late(self):
        """Answered or solved after its time, or still open beyond it."""
        self.ensure_one()
        return bool(
            self.is_late
            or (self.responded_on and not self.response_on_time)
            or (self.replied_on and not self.reply_on_time)
        )
