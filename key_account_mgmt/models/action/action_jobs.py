from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain

from .action import TOLD_DUE, TOLD_OVERDUE, TOPIC, UNTOLD


class KamAction(models.Model):
    """Scheduled work: what is due today or late is told once each.  Source: J22."""

    _name = "kam.action"
    _inherit = ["kam.action", "kam.job.mixin"]

    @api.model
    def _cron_watch(self, day=None):
        """Remind the owners on the morning of the day, and once when it has passed.

        On working days only; what falls on days off is told on the last working day
        before them.  After an outage whatever was missed is told as it is now.
        """
        # sudo: as the scheduler, whoever starts it.
        jobs = self.sudo()._as_engine()
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        units = []
        for company in companies:
            today = day or jobs._today_of(company)
            live = jobs._live_since(company)
            if not live or live <= today:
                units.append((jobs._tell_due, company, today))
        jobs._run_units("actions", units)

    def _job_unit_text(self, function, args):
        return self.env._("Actions due by %(day)s", day=args[-1])

    @api.model
    def _tell_due(self, company, day):
        """:return: how many actions their owners will hear of"""
        working = company._kam_working_time()
        if not working.is_worked(day):
            return 0
        # Nobody hears anything until the next working morning.
        until = working.add_days(day, 1) - timedelta(days=1)
        actions = self.search(self._domain_to_tell(company, day, until))
        late = actions.filtered(lambda action: action.date_due < day)
        notices = []
        for user, own in actions.grouped("user_id").items():
            texts = own.with_context(lang=user.lang)
            notices += [texts._reminder(user, action, action in late) for action in texts]
        self.env["kam.notice"]._queue_all(notices)
        (actions - late).write({"told": TOLD_DUE})
        late.write({"told": TOLD_OVERDUE})
        return len(actions)

    @api.model
    def _domain_to_tell(self, company, day, until):
        domain = Domain("company_id", "=", company.id) & Domain("state", "=", "open")
        domain &= Domain("date_due", "<=", until) & Domain("user_id.active", "=", True)
        if live := self._live_since(company):
            domain &= Domain("date_due", ">=", live)
        passed = Domain("told", "=", TOLD_DUE) & Domain("date_due", "<", day)
        return domain & (Domain("told", "=", UNTOLD) | passed)

    def _reminder(self, user, action, is_late):
        if is_late:
            title = self.env._("Overdue: %(name)s", name=action.name)
        else:
            title = self.env._("Due: %(name)s", name=action.name)
        lines = [action._due_text(), *action._notice_lines()]
        return self.env["kam.notice"]._prepare_vals(
            user, title, lines, record=action._without_engine(), topic=TOPIC
        )
