from datetime import date

from odoo import api, fields, models

from ...policy.periods import add_months
from .engine import TierEngine


class KamTierEvaluation(models.Model):
    """Scheduled work on tiers."""

    _name = "kam.tier.evaluation"
    _inherit = ["kam.tier.evaluation", "kam.job.mixin"]

    @api.model
    def _live_companies(self, day=None):
        """``[(company, day)]`` of root companies that are live and have an active scheme.

        :param day: empty: the day it is where the company works
        """
        Scheme = self.env["kam.tier.scheme"]
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        dated = [(company, day or company._kam_today()) for company in companies]
        return [
            (company, today)
            for company, today in dated
            if Scheme._active_for(company) and (company.kam_go_live_date or date.min) <= today
        ]

    @api.model
    def _cron_nightly(self, day=None):
        """J01: apply what takes effect, suggest, auto-apply, refresh figures.

        Source: S2-09, S0-36.
        """
        units = []
        for company, today in self._live_companies(day):
            jobs = self._in_language_of(company)
            due = jobs.search(
                [
                    ("state", "=", "approved"),
                    ("company_id", "=", company.id),
                    ("effective_date", "<=", today),
                ],
                order="effective_date, id",
            )
            units += [(jobs._apply_due, evaluation, today) for evaluation in due]
            # Whatever opens files comes before what describes them: run twice, the night
            # gives the same rows.
            schemes = jobs.env["kam.tier.scheme"]._active_for(company)
            units += [
                (jobs._suggest_scheme, company, scheme, today)
                for scheme in schemes.sorted("auto_apply", reverse=True)
            ]
            units.append((jobs._refresh_figures, company, today))
        self._run_units("nightly", units)

    @api.model
    def _in_language_of(self, company):
        """What a job writes down, names and chatter, is in the company's language."""
        return self.with_context(lang=company.partner_id.lang)

    def _job_unit_text(self, function, args):
        name = function.__name__
        if name == "_apply_due":
            return self.env._("Apply “%(name)s”", name=args[0].name)
        if name == "_suggest_scheme":
            return self.env._("Compare with “%(scheme)s”", scheme=args[1].name)
        if name == "_refresh_figures":
            return self.env._("Figures of the account files")
        if name == "_create_yearly":
            return self.env._("Tier Evaluation %(year)s", year=args[-1].year)
        return super()._job_unit_text(function, args)

    @api.model
    def _refresh_figures(self, company, day):
        """Latest and month-end values of every metric shown on account files."""
        accounts = self.env["kam.account"].search_fetch(
            [("company_id", "=", company.id)], ["partner_id"]
        )
        scheme = self.env["kam.tier.scheme"]._primary(company)
        run = self.env["kam.metric"]._new_run(
            company,
            day,
            accounts.partner_id,
            window=scheme.window or "rolling_12",
            options=scheme._metric_options() if scheme else None,
        )
        self.env["kam.metric.value"]._refresh(company, day, accounts.partner_id, run=run)
        accounts._refresh_headline()
        accounts._refresh_life_cycle()
        return len(accounts)

    @api.model
    def _suggest_scheme(self, company, scheme, day):
        """Keep a list of customers whose figures suggest another level."""
        engine = TierEngine(self.env, scheme, company, day, scheme.sudo().criterion_ids)
        rows = [
            r for r in engine.rows() if r.code == "unassessed" or r.change not in ("same", "none")
        ]
        if scheme.auto_apply and not scheme.approval_required:
            changed = [r.partner_id for r in rows if r.code != "unassessed"]
            if changed:
                self._auto_apply(company, scheme, changed, day)
            # What was applied waits for nobody's decision.
            rows = [r for r in rows if r.code == "unassessed"]
        accounts = self.env["kam.account"].search_fetch(
            [("company_id", "=", company.id)], ["partner_id"]
        )
        by_partner = {account.partner_id.id: account.id for account in accounts}
        self.env["kam.tier.suggestion"]._replace(
            scheme,
            company,
            [
                (
                    r.partner_id,
                    by_partner.get(r.partner_id),
                    r.current_id,
                    r.suggested_id,
                    r.label_id,
                    "unassessed" if r.code == "unassessed" else r.change,
                )
                for r in rows
            ],
            day,
        )
        return len(rows)

    @api.model
    def _auto_apply(self, company, scheme, partner_ids, day):
        """Schemes that apply by themselves leave the same trail as the others."""
        evaluation = self._create_by_job(
            company,
            "auto",
            f"{scheme.code}/{day}",
            name=self.env._("Automatic: %(scheme)s", scheme=scheme.name),
            day=day,
            effective_date=day,
            scheme_ids=[fields.Command.set(scheme.ids)],
            partner_ids=[fields.Command.set(partner_ids)],
        )
        if evaluation:
            evaluation.write({"state": "approved"})
            evaluation._apply(day)

    @api.model
    def _create_by_job(self, company, kind, period_key, **values):
        """A computed evaluation of ``kind``; empty when the period has one already."""
        domain = [
            ("company_id", "=", company.id),
            ("kind", "=", kind),
            ("period_key", "=", period_key),
        ]
        if self.search_count(domain, limit=1):
            return self.browse()
        values |= {"company_id": company.id, "kind": kind, "period_key": period_key}
        evaluation = self._as_engine().create(values)
        evaluation._compute_evaluation()
        return evaluation

    @api.model
    def _apply_due(self, evaluation, day):
        evaluation._apply(day)

    @api.model
    def _cron_yearly(self, day=None):
        """J02: one evaluation per company, year and evaluation month, computed and
        waiting for the office.  Catches up after an outage.  Source: S0-35, S3-20.
        """
        units = []
        live = self._live_companies(day) if self._yearly_is_on() else []
        for company, today in live:
            jobs = self._in_language_of(company)
            schemes = jobs.env["kam.tier.scheme"]._active_for(company)
            schemes = schemes.filtered(lambda s: s.approval_required and s._measured_criteria())
            by_due = schemes.grouped(lambda s, day=today: self._last_due(s, day))
            for due, group in by_due.items():
                ready = group.filtered(lambda s, c=company, d=due: s._is_due(c, d))
                if ready:
                    units.append((jobs._create_yearly, company, ready, due))
        self._run_units("yearly", units)

    @api.model
    def _yearly_is_on(self):
        return self.env["res.groups"]._kam_area_is_on("tier")

    @api.model
    def _last_due(self, scheme, day):
        """The most recent first day of a month in which ``scheme`` is evaluated.

        The evaluation month, and from it every interval shorter than a year.
        """
        due = date(day.year, int(scheme.evaluation_month), 1)
        if due > day:
            due = add_months(due, -12)
        interval = min(scheme.evaluation_interval_months, 12)
        while (following := add_months(due, interval)) <= day:
            due = following
        return due

    @api.model
    def _next_due(self, company, scheme, day):
        """The day from ``day`` on when an evaluation of ``scheme`` is owed; None: not within
        a few rounds.
        """
        due = self._last_due(scheme, day)
        for _round in range(13):
            if scheme._is_due(company, due):
                return max(due, day)
            following = add_months(due, min(scheme.evaluation_interval_months, 12))
            january = date(due.year, int(scheme.evaluation_month), 1)
            if january <= due:
                january = add_months(january, 12)
            due = min(following, january)
        return None

    @api.model
    def _create_yearly(self, company, schemes, due):
        self._create_by_job(
            company,
            "annual",
            f"{due:%Y-%m}",
            name=self.env._("Tier Evaluation %(year)s", year=due.year),
            day=due,
            user_id=False,
            scheme_ids=[fields.Command.set(schemes.ids)],
        )
