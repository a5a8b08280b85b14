import logging
from datetime import date

from odoo import api, fields, models

from ...policy.periods import add_months
from .engine import TierEngine

_logger = logging.getLogger(__name__)


class KamTierEvaluation(models.Model):
    """Scheduled work.  Every job may die anywhere and run twice: each unit (a scheme of
    a company, an evaluation) is one transaction, and repeating it gives the same rows.
    """

    _inherit = "kam.tier.evaluation"

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
        """J01: refresh figures, suggest, auto-apply, apply what takes effect.

        Source: S2-09, S0-36.
        """
        units = []
        for company, today in self._live_companies(day):
            due = self.search(
                [
                    ("state", "=", "approved"),
                    ("company_id", "=", company.id),
                    ("effective_date", "<=", today),
                ],
                order="effective_date, id",
            )
            units += [(self._apply_due, evaluation, today) for evaluation in due]
            units.append((self._refresh_figures, company, today))
            units += [
                (self._suggest_scheme, company, scheme, today)
                for scheme in self.env["kam.tier.scheme"]._active_for(company)
            ]
        self._run_units(units)

    @api.model
    def _run_units(self, units):
        """Run each unit in its own transaction; a failing one is logged and left."""
        Cron = self.env["ir.cron"]
        Cron._commit_progress(remaining=len(units))
        for left, (function, *args) in zip(range(len(units) - 1, -1, -1), units, strict=True):
            try:
                with self.env.cr.savepoint():
                    function(*args)
            except Exception:
                _logger.exception("Key accounts: %s%s failed", function.__name__, tuple(args))
            Cron._commit_progress(1, remaining=left)

    @api.model
    def _refresh_figures(self, company, day):
        """Latest and month-end values of every metric shown on account files."""
        accounts = self.env["kam.account"].search([("company_id", "=", company.id)])
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

    @api.model
    def _suggest_scheme(self, company, scheme, day):
        """Keep a list of customers whose figures suggest another level."""
        engine = TierEngine(self.env, scheme, company, day, scheme.sudo().criterion_ids)
        rows = [r for r in engine.rows() if r.code == "unassessed" or r.change not in ("same", "none")]
        accounts = self.env["kam.account"].search([("company_id", "=", company.id)])
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
        changed = [r.partner_id for r in rows if r.code != "unassessed"]
        if scheme.auto_apply and not scheme.approval_required and changed:
            self._auto_apply(company, scheme, changed, day)

    @api.model
    def _auto_apply(self, company, scheme, partner_ids, day):
        """Schemes that apply by themselves leave the same trail as the others."""
        key = f"{scheme.code}/{day}"
        domain = [("company_id", "=", company.id), ("kind", "=", "auto"), ("period_key", "=", key)]
        if self.search_count(domain, limit=1):
            return
        evaluation = self._as_engine().create(
            {
                "name": self.env._("Automatic: %(scheme)s", scheme=scheme.name),
                "company_id": company.id,
                "kind": "auto",
                "period_key": key,
                "day": day,
                "effective_date": day,
                "scheme_ids": [fields.Command.set(scheme.ids)],
                "partner_ids": [fields.Command.set(partner_ids)],
            }
        )
        evaluation._compute_evaluation()
        evaluation.write({"state": "approved"})
        evaluation._apply(day)

    @api.model
    def _apply_due(self, evaluation, day):
        evaluation._apply(day)

    @api.model
    def _cron_yearly(self, day=None):
        """J02: one evaluation per company, year and evaluation month, computed and
        waiting for the office.  Catches up after an outage.  Source: S0-35, S3-20.
        """
        units = []
        for company, today in self._live_companies(day):
            schemes = self.env["kam.tier.scheme"]._active_for(company)
            schemes = schemes.filtered(
                lambda s: s.approval_required and s._measured_criteria()
            )
            for month, group in schemes.grouped("evaluation_month").items():
                due = self._last_due(int(month), today)
                ready = group.filtered(lambda s, d=due: s._is_due(company, d))
                if ready:
                    units.append((self._create_yearly, company, ready, due))
        self._run_units(units)

    @api.model
    def _last_due(self, month, day):
        """The most recent first day of the evaluation month."""
        due = date(day.year, month, 1)
        return due if due <= day else add_months(due, -12)

    @api.model
    def _create_yearly(self, company, schemes, due):
        key = f"{due:%Y-%m}"
        domain = [
            ("company_id", "=", company.id),
            ("kind", "=", "annual"),
            ("period_key", "=", key),
        ]
        if self.search_count(domain, limit=1):
            return
        evaluation = self._as_engine().create(
            {
                "name": self.env._("Tier Evaluation %(year)s", year=due.year),
                "company_id": company.id,
                "kind": "annual",
                "period_key": key,
                "day": due,
                "user_id": False,
                "scheme_ids": [fields.Command.set(schemes.ids)],
            }
        )
        evaluation._compute_evaluation()
