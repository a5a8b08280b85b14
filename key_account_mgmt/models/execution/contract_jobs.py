from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...policy import execution as rules

RETENTION_DAYS = 30
FINANCE = "key_account_mgmt.group_kam_finance"


class KamContract(models.Model):
    """J10: checks and progress reports, late deliveries, terms and retention due, contracts
    that end or go on by themselves, meetings of coordination groups, next negotiations.

    Run twice it changes nothing; late it catches up.  Source: (e) J10, g Q18.
    """

    _name = "kam.contract"
    _inherit = ["kam.contract", "kam.job.mixin"]

    @api.model
    def _cron_contract_watch(self, day=None):
        """
        :param day: for tests; empty: the day it is where each company works
        """
        if not self.env["res.groups"]._kam_area_is_on("contract"):
            return
        # sudo: as the scheduler, whoever starts it.
        jobs = self.sudo()
        companies = jobs.env["res.company"].search([("parent_id", "=", False)])
        units = []
        for company in companies:
            today = day or company._kam_today()
            if company.kam_go_live_date and company.kam_go_live_date > today:
                continue
            own = jobs.with_context(lang=company.partner_id.lang)
            units += [
                (unit, company, today)
                for unit in (
                    own._watch_extensions,
                    own._watch_milestones,
                    own._watch_checks,
                    own._watch_checks_due,
                    own._watch_terms,
                    own._watch_retention,
                    own._watch_meetings,
                    own._watch_renewals,
                )
            ]
        self._run_units("contract_watch", units)

    def _job_unit_text(self, function, args):
        texts = {
            "_watch_extensions": self.env._("Contracts that go on by themselves"),
            "_watch_milestones": self.env._("Deliveries late"),
            "_watch_checks": self.env._("Checks and progress reports"),
            "_watch_checks_due": self.env._("Checks due"),
            "_watch_terms": self.env._("Terms of contracts"),
            "_watch_retention": self.env._("Retention to be paid"),
            "_watch_meetings": self.env._("Coordination meetings"),
            "_watch_renewals": self.env._("Negotiations of next contracts"),
        }
        return texts.get(function.__name__) or super()._job_unit_text(function, args)

    @api.model
    def _running(self, company):
        return self.search([("company_id", "=", company.id), ("state", "=", "in_force")])

    @api.model
    def _watch_extensions(self, company, day):
        """:return: how many contracts go on"""
        terms = self.env["kam.contract.term"].search(
            [
                ("company_id", "=", company.id),
                ("kind", "=", "extension"),
                ("state", "=", "open"),
                ("contract_id.state", "=", "in_force"),
            ]
        )
        return sum(term._extend(day) for term in terms)

    @api.model
    def _watch_milestones(self, company, day):
        """:return: how many issues were raised"""
        return self.env["kam.issue"]._as_engine()._raise_milestone_delays(company, day)

    @api.model
    def _watch_checks(self, company, day):
        """:return: how many checks were made"""
        # What a supplementary agreement changes is checked with its contract.
        contracts = self._running(company).filtered(lambda c: not c.parent_id)
        policies = self.env["kam.contract.check.policy"]._for_contracts(contracts)
        return sum(contract._keep_checks(policy, day) for contract, policy in policies.items())

    @api.model
    def _told_until_morning(self, company, day):
        """The last day before the next message of a morning; None on a day off."""
        working = company._kam_working_time()
        if not working.is_worked(day):
            return None
        return company._kam_add_days_or_calendar(day, 1, working) - timedelta(days=1)

    @api.model
    def _tell_each(self, records, topic, people, texts):
        """One line of the morning's message per record and person.

        :param people: function: record → users
        :param texts: function: record in the user's language → (title, lines)
        """
        rows = []
        for record in records:
            for user in people(record).filtered("active"):
                title, lines = texts(record.with_context(lang=user.lang))
                rows.append(
                    self.env["kam.notice"]._prepare_vals(
                        user, title, lines, record=record, topic=topic
                    )
                )
        if rows:
            self.env["kam.notice"]._queue_all(rows)

    @api.model
    def _watch_checks_due(self, company, day):
        """Once, on the morning of its day or before days off."""
        until = self._told_until_morning(company, day)
        if until is None:
            return 0
        checks = self.env["kam.contract.check"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "open"),
                ("told", "=", False),
                ("due_on", "<=", until),
                ("contract_id.state", "=", "in_force"),
            ]
        )
        self._tell_each(
            checks,
            "contract_check",
            lambda check: check.user_id or check.contract_id.project_manager_id,
            lambda check: (
                check.display_name,
                [check.env._("due %(day)s", day=format_date(check.env, check.due_on))],
            ),
        )
        checks._as_engine().write({"told": True})
        return len(checks)

    @api.model
    def _watch_terms(self, company, day):
        """Once for each day, so many days before it as the term says."""
        if self._told_until_morning(company, day) is None:
            return 0
        domain = Domain("company_id", "=", company.id) & Domain("state", "=", "open")
        domain &= Domain("date", "!=", False) & Domain("contract_id.state", "=", "in_force")
        domain &= Domain("kind", "not in", ("exclusivity", "settlement"))
        if company.kam_go_live_date:
            domain &= Domain("date", ">=", company.kam_go_live_date)
        terms = (
            self.env["kam.contract.term"]
            .search(domain)
            .filtered(lambda t: t.told != t.date and rules.reminder_due(day, t.date, t.remind_days))
        )

        def texts(term):
            lines = [
                term.contract_id.display_name,
                term.env._("by %(day)s", day=format_date(term.env, term.date)),
            ]
            return term.name, [*lines, *([term.consequence] if term.consequence else [])]

        self._tell_each(terms, "contract_term", lambda term: term._keeper(), texts)
        for term in terms:
            term._as_engine().write({"told": term.date})
        return len(terms)

    @api.model
    def _watch_retention(self, company, day):
        """Retention to be asked for: project manager, account manager, finance."""
        if self._told_until_morning(company, day) is None:
            return 0
        domain = Domain("contract_id.company_id", "=", company.id)
        domain &= Domain("kind", "=", "retention") & Domain("retention_told", "=", False)
        domain &= Domain("due_on", "<=", day + timedelta(days=RETENTION_DAYS))
        domain &= Domain("contract_id.state", "in", ("in_force", "completed", "terminated"))
        if company.kam_go_live_date:
            domain &= Domain("due_on", ">=", company.kam_go_live_date)
        lines = self.env["kam.contract.payment"].search(domain)
        due = lines.filtered(lambda line: line.status != "collected")
        users = self.env.ref(FINANCE).all_user_ids
        finance = users.filtered(lambda user: company in user.company_ids.root_id)

        def texts(line):
            amount = line.currency_id.format(line.open_amount)
            return (
                line.env._("Retention due: %(name)s", name=line.contract_id.display_name),
                [f"{amount}, {format_date(line.env, line.due_on)}"],
            )

        self._tell_each(
            due,
            "contract_retention",
            lambda line: (
                line.contract_id.project_manager_id | line.contract_id.account_id.user_id | finance
            ),
            texts,
        )
        self._mark_told(lines)
        return len(due)

    @api.model
    def _mark_told(self, lines):
        engine = self._as_engine().env
        lines.with_env(engine).write({"retention_told": True})

    @api.model
    def _watch_meetings(self, company, day):
        """:return: how many meetings were planned"""
        contracts = self._running(company).filtered("coordination_period")
        return sum(contract._keep_meeting(day) for contract in contracts)

    @api.model
    def _watch_renewals(self, company, day):
        """:return: how many negotiations were started"""
        if not self.env["res.groups"]._kam_area_is_on("negotiation"):
            return 0
        frames = self._running(company).filtered(lambda c: c.kind == "frame")
        return sum(contract._start_renewal(day) for contract in frames)

    @api.model
    def _forecast_watch(self, company, day):
        """What tomorrow's run is likely to find, as numbers."""
        mine = Domain("company_id", "=", company.id)
        running = self._running(company)
        return (
            len(running.filtered("is_expiring")),
            self.env["kam.contract.check"].search_count(
                mine & Domain("state", "=", "open") & Domain("due_on", "<=", day)
            ),
            self.env["kam.contract.milestone"].search_count(
                mine
                & Domain("contract_id.state", "=", "in_force")
                & Domain("action_id.state", "=", "open")
                & Domain("action_id.date_due", "<", day)
            ),
        )
