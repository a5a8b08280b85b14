from odoo import api, fields, models
from odoo.fields import Domain

from ...policy.issues import level_reached
from .issue import UNREPLIED
from .issue_notice import TOPICS_LATE

DIRECTOR = "key_account_mgmt.group_kam_director"


class KamIssue(models.Model):
    """J12: every thirty minutes what passed its deadline is told, once per level.

    Run twice it tells nothing twice; late it tells everybody of the levels reached
    meanwhile, each person once.  Source: (c11), (e) J12.
    """

    _name = "kam.issue"
    _inherit = ["kam.issue", "kam.job.mixin"]

    @api.model
    def _cron_issues(self, moment=None):
        """
        :param moment: for tests, naive in UTC; empty: now
        """
        if not self.env["res.groups"]._kam_area_is_on("issue"):
            return
        now = moment or fields.Datetime.now()
        # sudo: as the scheduler, whoever starts it.
        jobs = self.sudo()._as_engine()
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        self._run_units("issues", [(jobs._escalate, company, now) for company in companies])

    @api.model
    def _escalate(self, company, now):
        """:return: how many issues reached another level"""
        ladder = self.env["kam.issue.escalation"].search(Domain.TRUE)
        late = self.search(self._late_domain(company, now))
        if not (ladder and late):
            return 0
        working = company._kam_working_time()
        rows = []
        count = 0
        for issue in late:
            risen, vals = issue._risen(ladder, now, working)
            if not vals:
                continue
            count += 1
            rows += issue._late_rows(risen)
            issue.write({**vals, "escalated_on": issue.escalated_on or now})
        self._tell(rows)
        return count

    @api.model
    def _late_domain(self, company, now):
        """Past the response or the solution deadline, nothing before go-live."""
        unanswered = Domain("responded_on", "=", False) & Domain("response_deadline", "<", now)
        unsolved = Domain("replied_on", "=", False) & Domain("resolve_deadline", "<", now)
        domain = Domain("company_id", "=", company.id) & Domain("state", "in", UNREPLIED)
        if company.kam_go_live_date:
            domain &= Domain("reported_day", ">=", company.kam_go_live_date)
        return domain & (unanswered | unsolved)

    def _risen(self, ladder, now, working):
        """``({what: rows of the ladder just reached}, values to write)``."""
        deadlines = {
            "response": not self.responded_on and self.response_deadline,
            "resolve": not self.replied_on and self.resolve_deadline,
        }
        risen, vals = {}, {}
        for what, deadline in deadlines.items():
            before = self[f"{what}_level"]
            level = level_reached(self._hours_late(deadline, now, working), ladder._levels())
            if level > before:
                risen[what] = ladder.filtered(
                    lambda row, low=before, high=level: low < row.level <= high
                )
                vals[f"{what}_level"] = level
        return risen, vals

    def _late_rows(self, risen):
        """One notice for each person and deadline, whatever the number of levels."""
        rows = []
        for what, reached in risen.items():
            people = self.env["res.users"]
            for row in reached:
                people |= self._receivers(row.receiver)
            # Nobody in that place: whoever handles it and the office hear it at least.
            people = people.filtered("active") or self._handlers() | self._office()
            rows += [
                self._notice(user, TOPICS_LATE[what], what, urgent=True)
                for user in people.sudo(False)
            ]
        return rows

    def _receivers(self, receiver):
        """The people a row of the ladder means."""
        departments = self.department_id
        if receiver == "handler":
            return self._handlers()
        if receiver == "manager":
            return departments.manager_id or departments.parent_id.manager_id
        if receiver == "lead":
            return self.account_id.user_id
        if receiver == "sponsor":
            return self.account_id.executive_sponsor_id
        return self.company_id._kam_people_in(DIRECTOR)

    def _office(self):
        return self.company_id._kam_people_in("key_account_mgmt.group_kam_officer")

    def _job_unit_text(self, function, args):
        texts = {
            "_escalate": self.env._("Issues past their deadline"),
            "_raise_delivery_delays": self.env._("Orders not delivered in time"),
        }
        return texts.get(function.__name__) or super()._job_unit_text(function, args)
