from datetime import date, timedelta

from odoo import api, models
from odoo.fields import Domain

from ...policy.periods import month_start
from ..account.kam_account import SUSPENDED
from .plan_moves import TOPIC

# From this month on next year's plans and calendar are drafted.
NEXT_YEAR_MONTH = 11


class KamPlan(models.Model):
    """J20: the work calendar of the year, and next year's plans as drafts in November.

    Run twice it changes nothing, late it catches up.  Source: S1q-24 … S1q-27, J20.
    """

    _name = "kam.plan"
    _inherit = ["kam.plan", "kam.job.mixin"]

    @api.model
    def _cron_plans(self, day=None):
        """One unit per company and kind of work.

        :param day: for tests; empty: the day it is where each company works
        """
        units = []
        if self.env["res.groups"]._kam_area_is_on("plan"):
            # sudo: the night works for everybody.
            jobs = self.sudo()
            for company in self.env["res.company"].sudo().search([("parent_id", "=", False)]):
                today = day or company._kam_today()
                if company.kam_go_live_date and company.kam_go_live_date > today:
                    continue
                own = jobs.with_context(lang=company.partner_id.lang)
                units.append((own._keep_quarters, company, today))
                units.append((own._make_calendars, company, today))
                units.append((own._begin_plans, company, today))
                units.append((own._begin_target_list, company, today))
                units.append((own._draft_next_year, company, today))
        self._run_units("plans", units)

    def _job_unit_text(self, function, args):
        texts = {
            "_keep_quarters": self.env._("What was reached in quarters that are over"),
            "_make_calendars": self.env._("Work calendars"),
            "_begin_plans": self.env._("Plans whose first day has come"),
            "_begin_target_list": self.env._("Target accounts of the year"),
            "_draft_next_year": self.env._("Plans of the next year"),
        }
        return texts.get(function.__name__) or super()._job_unit_text(function, args)

    @api.model
    def _make_calendars(self, company, today):
        """The calendar of this year; from November on the next one's too."""
        Calendar = self.env["kam.work.calendar"]
        years = [today.year] + [today.year + 1] * (today.month >= NEXT_YEAR_MONTH)
        domain = [("company_id", "=", company.id), ("year", "in", years)]
        known = set(Calendar.search(domain).mapped("year"))
        missing = [year for year in years if year not in known]
        Calendar.create([{"company_id": company.id, "year": year} for year in missing])
        return len(missing)

    @api.model
    def _keep_quarters(self, company, today):
        """Lines whose quarter is over keep what was reached."""
        lines = self.env["kam.work.calendar.line"].search(
            [("company_id", "=", company.id), ("frozen_on", "=", False)]
        )
        over = lines.filtered(lambda line: line._days()[1] < today)
        # A quarter before go-live was nobody's work.
        live = company.kam_go_live_date or date.min
        return over.filtered(lambda line: line._days()[1] >= live)._freeze(today)

    @api.model
    def _begin_plans(self, company, today):
        """Confirmed plans run from their first day on."""
        plans = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "confirmed"),
                ("date_from", "<=", today),
            ]
        )
        plans._as_engine().write({"state": "running"})
        return len(plans)

    @api.model
    def _begin_target_list(self, company, today):
        """The list of this year, confirmed before it began, replaces the one before."""
        lists = self.env["kam.target.list"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "confirmed"),
                ("year", "=", today.year),
            ]
        )
        return lists._replace_earlier()

    @api.model
    def _draft_next_year(self, company, today):
        """A draft of next year's marketing plan for every key and target account; one for a
        group: its head's, or else of those below it that stand highest.

        Its owner is the lead account manager, who hears of it once; accounts nobody leads
        are a gap of their team.  A plan that was cancelled is not drafted again.
        """
        if today.month < NEXT_YEAR_MONTH:
            return 0
        year = today.year + 1
        accounts = self._accounts_without_plan(company, year)
        plans = self._as_engine().create(
            [self._prepare_next_year(account, year, today) for account in accounts]
        )
        plans._without_engine()._tell_drafted(year)
        return len(plans)

    @api.model
    def _accounts_without_plan(self, company, year):
        domain = Domain("company_id", "=", company.id) & Domain("state", "not in", SUSPENDED)
        domain &= Domain("is_key_account", "=", True) | Domain("is_target", "=", True)
        domain &= Domain("user_id", "!=", False) & Domain("user_id.active", "=", True)
        accounts = self.env["kam.account"].search(domain)
        heads = set(accounts.ids)
        # Whoever plans for a plant of its own does so by hand.
        accounts = accounts.filtered(lambda account: heads.isdisjoint(account._ids_above()))
        planned = self.search(
            [
                ("account_id", "in", accounts.ids),
                ("kind", "=", "marketing"),
                ("year", "=", year),
            ]
        )
        return accounts - planned.account_id

    @api.model
    def _prepare_next_year(self, account, year, today):
        """Texts of this year's plan, else of the template; steps only from the template."""
        own = self.with_context(lang=account.user_id.lang)
        first = date(year, 1, 1)
        template = own.env["kam.plan.template"].search([("kind", "=", "marketing")], limit=1)
        this_year = own.search(
            [
                ("account_id", "=", account.id),
                ("kind", "=", "marketing"),
                ("year", "=", year - 1),
                ("state", "!=", "cancelled"),
            ],
            limit=1,
        )
        source = this_year or template
        return {
            "name": own._proposed_name("marketing", first),
            "kind": "marketing",
            "template_id": template.id,
            "account_id": account.id,
            "company_id": account.company_id.id,
            "user_id": account.user_id.id,
            "date_from": first,
            "date_to": date(year, 12, 31),
            "goal": source.goal,
            "strategy": source.strategy,
            "complete_by": month_start(first) - timedelta(days=1),
            "drafted_by_night": True,
            "action_ids": own._template_steps(template, first, account.user_id),
        }

    def _tell_drafted(self, year):
        """Once to every owner, however many accounts he has."""
        Notice = self.env["kam.notice"]
        rows = []
        for plan in self:
            texts = plan.with_context(lang=plan.user_id.lang)
            title = texts.env._(
                "Complete the plan %(year)s: %(account)s",
                year=year,
                account=plan.account_id.display_name,
            )
            rows.append(Notice._prepare_vals(plan.user_id, title, record=plan, topic=TOPIC))
        if rows:
            Notice._queue_all(rows)
