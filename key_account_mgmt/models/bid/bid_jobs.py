from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...policy.bidding import warning_reached
from .bid import BEFORE
from .certificate import EXPIRING_DAYS

# A contract not signed is told of so many days before its last day.
SIGN_WARNING = timedelta(days=7)


class KamBid(models.Model):
    """J11: deadlines at 7, 3 and 1 days and once when missed, clarifications due, bonds
    overdue, contracts to sign, certificates that expire.

    Run twice it tells nothing twice; late it tells only the latest warning.  What falls
    on days off is told on the last working day before them.  Source: (e) J11.
    """

    _name = "kam.bid"
    _inherit = ["kam.bid", "kam.job.mixin"]

    @api.model
    def _cron_bids(self, day=None):
        """
        :param day: for tests; empty: the day it is where each company works
        """
        if not self.env["res.groups"]._kam_area_is_on("bid"):
            return
        # sudo: as the scheduler, whoever starts it.
        jobs = self.sudo()._as_engine()
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        units = []
        for company in companies:
            today = day or company._kam_today()
            if company.kam_go_live_date and company.kam_go_live_date > today:
                continue
            units += [
                (unit, company, today)
                for unit in (
                    jobs._warn_deadlines,
                    jobs._warn_clarifications,
                    jobs._warn_bonds,
                    jobs._warn_signatures,
                    jobs._warn_certificates,
                )
            ]
        self._run_units("bids", units)

    def _job_unit_text(self, function, args):
        texts = {
            "_warn_deadlines": self.env._("Deadlines of bids"),
            "_warn_clarifications": self.env._("Clarifications due"),
            "_warn_bonds": self.env._("Bonds due back"),
            "_warn_signatures": self.env._("Contracts to sign after an award"),
            "_warn_certificates": self.env._("Certificates that expire"),
        }
        return texts.get(function.__name__) or super()._job_unit_text(function, args)

    @api.model
    def _told_until(self, company, day):
        """The last day before the next message of a morning; None on a day off."""
        working = company._kam_working_time()
        if not working.is_worked(day):
            return None
        return company._kam_add_days_or_calendar(day, 1, working) - timedelta(days=1)

    # Deadlines -----------------------------------------------------------------------

    @api.model
    def _warn_deadlines(self, company, day):
        """:return: how many bids their teams hear of"""
        until = self._told_until(company, day)
        if until is None:
            return 0
        bids = self.search(
            Domain("company_id", "=", company.id)
            & Domain("state", "in", BEFORE)
            & Domain("deadline_date", "<=", until + timedelta(days=7))
            & self._since_live("deadline_date", company)
        )
        rows = []
        count = 0
        for bid in bids:
            # Missed is missed only today; what comes on days off is told ahead.
            left = bid._days_left_on(day)
            left = left if left < 0 else max(bid._days_left_on(until), 0)
            warning = warning_reached(left, bid.told)
            if warning is None:
                continue
            count += 1
            rows += bid._deadline_rows(warning)
            bid.write({"told": warning})
        self._tell(rows)
        return count

    def _deadline_rows(self, warning):
        people = self._team() if warning else self.user_id | self._account_manager()
        return [self._deadline_row(user, warning) for user in people.filtered("active")]

    def _deadline_row(self, user, warning):
        own = self.with_context(lang=user.lang)
        if warning:
            title = own.env._("Bid due: %(name)s", name=own.name)
        else:
            title = own.env._("Deadline missed? %(name)s", name=own.name)
        return self.env["kam.notice"]._prepare_vals(
            user, title, [own._deadline_text()], record=self._without_engine(), topic="bid_deadline"
        )

    def _deadline_text(self):
        """The day and time on the customer's clock."""
        hours = int(self.deadline_time)
        minutes = round((self.deadline_time - hours) * 60)
        return self.env._(
            "%(day)s %(time)s (%(zone)s)",
            day=format_date(self.env, self.deadline_date),
            time=f"{hours:02d}:{minutes:02d}",
            zone=self.deadline_tz,
        )

    @api.model
    def _since_live(self, name, company):
        """Nothing before go-live is due.  Source: design §1."""
        live = company.kam_go_live_date
        return Domain(name, ">=", live) if live else Domain.TRUE

    @api.model
    def _tell(self, rows):
        if rows:
            self.env["kam.notice"]._queue_all(rows)

    # The others ----------------------------------------------------------------------

    @api.model
    def _warn_clarifications(self, company, day):
        """Once, on the morning of the day or before days off.  Source: S0-91"""
        until = self._told_until(company, day)
        if until is None:
            return 0
        lines = self.env["kam.bid.clarification"].search(
            Domain("company_id", "=", company.id)
            & Domain("answered_on", "=", False)
            & Domain("told", "=", False)
            & Domain("bid_id.state", "!=", "result")
            & Domain("due_on", "<=", until)
            & self._since_live("due_on", company)
        )
        rows = []
        for line in lines.filtered("user_id.active"):
            own = line.with_context(lang=line.user_id.lang)
            title = own.env._("Clarification due: %(bid)s", bid=own.bid_id.name)
            rows.append(
                self.env["kam.notice"]._prepare_vals(
                    line.user_id,
                    title,
                    [own.question, format_date(own.env, own.due_on)],
                    record=line._without_engine(),
                    topic="bid_clarification",
                )
            )
        self._tell(rows)
        lines.write({"told": True})
        return len(lines)

    @api.model
    def _warn_bonds(self, company, day):
        """Once when it has not come back by its day: who follows, and finance."""
        if self._told_until(company, day) is None:
            return 0
        Bond = self.env["kam.bid.bond"]
        bonds = Bond.search(Bond._overdue_domain(company, day) & Domain("told", "=", False))
        finance = self._finance_people(company)
        rows = []
        for bond in bonds:
            for user in (bond._keeper() | finance).filtered("active"):
                own = bond.with_context(lang=user.lang)
                title = own.env._("Bond not returned: %(bid)s", bid=own.bid_id.name)
                line = own.env._("due back on %(day)s", day=format_date(own.env, own.due_back))
                rows.append(
                    self.env["kam.notice"]._prepare_vals(
                        user, title, [line], record=bond._without_engine(), topic="bid_bond"
                    )
                )
        self._tell(rows)
        bonds.write({"told": True})
        return len(bonds)

    @api.model
    def _finance_people(self, company):
        users = self.env.ref("key_account_mgmt.group_kam_finance").all_user_ids
        return users.filtered(lambda user: company in user.company_ids.root_id)

    @api.model
    def _warn_signatures(self, company, day):
        """Once, seven days before the last day for signing."""
        if self._told_until(company, day) is None:
            return 0
        bids = self.search(
            Domain("company_id", "=", company.id)
            & Domain("result", "=", "won")
            & Domain("signed_on", "=", False)
            & Domain("sign_told", "=", False)
            & Domain("sign_until", "<=", day + SIGN_WARNING)
            & self._since_live("sign_until", company)
        )
        rows = []
        for bid in bids:
            for user in (bid.user_id | bid._account_manager()).filtered("active"):
                own = bid.with_context(lang=user.lang)
                title = own.env._("Contract to sign after the award: %(name)s", name=own.name)
                line = own.env._("until %(day)s", day=format_date(own.env, own.sign_until))
                rows.append(
                    self.env["kam.notice"]._prepare_vals(
                        user, title, [line], record=bid._without_engine(), topic="bid_sign"
                    )
                )
        self._tell(rows)
        bids.write({"sign_told": True})
        return len(bids)

    @api.model
    def _warn_certificates(self, company, day):
        """Once for each last day, sixty days before it.  Source: users §3.4"""
        if self._told_until(company, day) is None:
            return 0
        papers = self.env["kam.certificate"].search(
            Domain("company_id", "=", company.id)
            & Domain("valid_until", "<", day + timedelta(days=EXPIRING_DAYS))
            & self._since_live("valid_until", company)
        )
        papers = papers.filtered(lambda paper: paper.told_for != paper.valid_until)
        rows = []
        for paper in papers.filtered("user_id.active"):
            own = paper.with_context(lang=paper.user_id.lang)
            title = own.env._("Certificate expires: %(name)s", name=own.name)
            line = own.env._("valid until %(day)s", day=format_date(own.env, own.valid_until))
            rows.append(
                self.env["kam.notice"]._prepare_vals(
                    paper.user_id, title, [line], record=paper, topic="bid_certificate"
                )
            )
        self._tell(rows)
        for paper in papers:
            paper.told_for = paper.valid_until
        return len(papers)

    @api.model
    def _forecast_counts(self, company, day):
        """What tomorrow's run is likely to say, as numbers."""
        mine = Domain("company_id", "=", company.id)
        soon = Domain("deadline_date", "<=", day + timedelta(days=7))
        clarifications = self.env["kam.bid.clarification"]
        return (
            self.search_count(mine & soon & Domain("state", "in", BEFORE)),
            clarifications.search_count(
                mine & Domain("answered_on", "=", False) & Domain("due_on", "<=", day)
            ),
            self.env["kam.bid.bond"].search_count(
                self.env["kam.bid.bond"]._overdue_domain(company, day)
            ),
        )
