from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL
from odoo.tools.misc import format_date

from ...policy.obligations import reminder_due
from .counter import ObligationCounter
from .generator import ObligationGenerator, refresh
from .rows import RowStore

# What has been overdue for longer is not news.
OVERDUE_NEWS_DAYS = 31
# Windows counted anew when a visit of the account changes; older ones only where it lies.
REFRESH_DAYS = 460
LINES = 10
# Hears of what the company itself owes.
OFFICE = "key_account_mgmt.group_kam_officer"


class KamObligation(models.Model):
    """The nightly reconciliation, counting on the spot, and reminders.  J03, J16."""

    _name = "kam.obligation"
    _inherit = ["kam.obligation", "kam.job.mixin"]

    @api.model
    def _is_on(self):
        """Whether the area is ticked; what is off owes nothing and counts nothing."""
        return self.env["res.groups"]._kam_area_is_on("visit")

    @api.model
    def _root_companies(self):
        return self.env["res.company"].sudo().search([("parent_id", "=", False)])

    @api.model
    def _cron_nightly(self, day=None):
        """J03: reconcile what is owed, count it, remind; one unit per company.

        Run twice it changes nothing, late it catches up.  Source: S0-112, S3-26.
        """
        units = []
        if self._is_on():
            jobs = self.sudo()
            for company in self._root_companies():
                today = day or company._kam_today()
                units.append((jobs._reconcile_company, company, today))
        self._run_units("obligations", units)

    @api.model
    def _reconcile_company(self, company, day):
        count = ObligationGenerator(self.env, company, day).run()
        return count + self._remind(company, day)

    def _job_unit_text(self, function, args):
        if function.__name__ == "_reconcile_company":
            return self.env._("Obligations of %(company)s", company=args[0].name)
        return super()._job_unit_text(function, args)

    @api.model
    def _has_begun(self):
        """Whether any company's obligations are being kept already."""
        domain = [("kam_obligation_until", "!=", False)]
        return bool(self.env["res.company"].sudo().search_count(domain, limit=1))

    @api.model
    def _catch_up_begun(self):
        """Settle what began before today where the nights were missed, by the policy as
        it is before somebody changes it.
        """
        if not (self._has_begun() and self._is_on()):
            return
        for company in self._root_companies():
            today = company._kam_today()
            until = company.kam_obligation_until
            if until and until < today:
                ObligationGenerator(self.env, company, today).run()

    # On the spot -------------------------------------------------------------------

    def _refresh(self):
        """Count these obligations anew."""
        rows = self.sudo()
        for company, own in rows.grouped("company_id").items():
            condition = SQL("id = ANY(%s)", own.ids)
            refresh(self.env, company, company._kam_today(), own.account_id.ids, condition)

    @api.model
    def _refresh_accounts(self, accounts, days=()):
        """Count the obligations of accounts anew, after something happened to them.

        :param days: days in windows long over that have to be looked at, too
        """
        if not (accounts and self._has_begun() and self._is_on()):
            return
        for company, own in accounts.sudo().grouped("company_id").items():
            today = company._kam_today()
            condition = SQL("date_to >= %s", fields.Date.subtract(today, days=REFRESH_DAYS))
            if days:
                condition = SQL(
                    "(%s OR date_from <= %s AND date_to >= %s)", condition, max(days), min(days)
                )
            refresh(self.env, company, today, own.ids, condition)

    @api.model
    def _refresh_company(self, company):
        """Count what the company itself owes anew."""
        if self._has_begun() and self._is_on():
            root = company.root_id
            refresh(self.env, root, root._kam_today(), [], SQL("account_id IS NULL"))

    def _counting_visits(self):
        """``{obligation id: [visit ids]}`` of what counts, held and planned."""
        self.env.flush_all()
        found = {}
        store = RowStore(self.sudo().env)
        for company, own in self.sudo().grouped("company_id").items():
            rows = store.load(SQL("id = ANY(%s)", own.ids))
            counter = ObligationCounter(self.env, company, company._kam_today(), own.account_id.ids)
            found |= counter.counting_ids(rows)
        return found

    # Reminders ---------------------------------------------------------------------

    @api.model
    def _remind(self, company, day):
        """Tell performer and lead account manager, once each, what is due soon and what
        became overdue, of the company's own its office; returns how many obligations were
        told of.
        """
        due = self._due_soon(company, day)
        late = self._newly_overdue(company, day)
        if not (due or late):
            return 0
        told, office = {}, company._kam_people_in(OFFICE)
        for obligation in late:
            for user in obligation._people_to_tell(office):
                told.setdefault(user, ([], []))[0].append(obligation)
        for obligation in due:
            for user in obligation._people_to_tell(office):
                told.setdefault(user, ([], []))[1].append(obligation)
        self.env["kam.notice"]._queue_all(
            [self._prepare_notice(user, *lists) for user, lists in told.items() if user.active]
        )
        self._mark_told(due, late)
        return len(due) + len(late)

    def _people_to_tell(self, office):
        return self.user_id | self.manager_id if self.account_id else office

    def _due_soon(self, company, day):
        """``{obligation: days before}`` to be reminded of today."""
        domain = Domain("company_id", "=", company.id) & Domain("state", "=", "open")
        domain &= Domain("date_from", "<=", day) & Domain("date_next", ">=", day)
        domain &= Domain("planned", "=", 0)
        # A year's window may be reminded of long before; the policy says when.
        found = self.search_fetch(
            domain, ["policy_id", "date_next", "date_join", "reminded_for", "reminded_level"]
        )
        levels = {policy: policy._reminder_levels() for policy in found.policy_id}
        paused = self.env["kam.account.pause"]._paused_on(company, day)
        due = {}
        for obligation in found:
            if obligation.account_id.id in paused or (obligation.date_join or day) > day:
                continue
            level = reminder_due(
                obligation.date_next,
                day,
                levels[obligation.policy_id],
                obligation.reminded_for,
                obligation.reminded_level,
            )
            if level is not None:
                due[obligation] = level
        return due

    def _newly_overdue(self, company, day):
        domain = Domain("company_id", "=", company.id) & Domain("state", "=", "overdue")
        domain &= Domain("overdue_told", "=", False)
        since = fields.Date.subtract(day, days=OVERDUE_NEWS_DAYS)
        return self.search(domain & Domain("date_to", ">=", since))

    def _prepare_notice(self, user, late, due):
        """One notice with everything that is new to a person."""
        own = self.with_context(lang=user.lang)
        late, due = (own.browse([o.id for o in obligations]) for obligations in (late, due))
        lines = [own.env._("Overdue: %(name)s", name=obligation.name) for obligation in late] + [
            own.env._(
                "%(kind)s: %(account)s, by %(day)s",
                kind=obligation.kind_id.name,
                account=obligation.account_id.name or obligation.company_id.name,
                day=format_date(own.env, obligation.date_next),
            )
            for obligation in due
        ]
        if len(lines) > LINES:
            more = own.env._("and %(count)s more", count=len(lines) - LINES)
            lines = [*lines[:LINES], more]
        title = own.env._(
            "Obligations: %(due)s due soon, %(late)s overdue", due=len(due), late=len(late)
        )
        both = late | due
        return self.env["kam.notice"]._prepare_vals(
            user, title, lines, record=both if len(both) == 1 else None, topic="obligation"
        )

    def _mark_told(self, due, late):
        engine = self.sudo()._as_engine()
        for level in sorted(set(due.values())):
            for day, same in engine.browse(
                [o.id for o, own in due.items() if own == level]
            ).grouped("date_next").items():  # fmt: skip
                same.write({"reminded_for": day, "reminded_level": level})
        engine.browse(late.ids).write({"overdue_told": True})
