from odoo import api, models
from odoo.tools.misc import format_date

TOPIC_ASKED = "request_asked"
TOPIC_ANSWER = "request_answer"
TOPIC_OVERDUE = "request_overdue"


class KamRequest(models.Model):
    """Who hears what of a request: in the morning; at once where the kind is urgent.

    Source: design §4.7, J22.
    """

    _name = "kam.request"
    _inherit = ["kam.request", "kam.job.mixin"]

    def _asked_people(self):
        """The owner; of a department its manager, else its members.  Never who asked."""
        # sudo: who works where, for somebody who may not read departments.
        department = self.department_id.sudo()
        owner = self.user_id if self.user_id.active else self.env["res.users"]
        people = owner or department.manager_id or department.member_ids
        return people.filtered("active") - self.env.user

    def _tell_asked(self):
        """Whoever is asked hears it; at once where the kind is urgent."""
        vals_list = [
            request._notice(user, TOPIC_ASKED, "asked", urgent=request.kind_id.is_urgent)
            for request in self.filtered(lambda one: one.state == "new")
            for user in request._asked_people()
        ]
        if vals_list:
            self.env["kam.notice"]._queue_all(vals_list)

    def _tell_asker(self, code, text=None):
        asker = self.requester_id.filtered("active") - self.env.user
        self._tell_step(asker, code, text)

    def _tell_owner(self, code, text=None):
        self._tell_step(self._asked_people(), code, text)

    def _tell_step(self, users, code, text):
        lines = [text] if text else []
        vals_list = [self._notice(user, TOPIC_ANSWER, code, lines) for user in users]
        if vals_list:
            self.env["kam.notice"]._queue_all(vals_list)

    def _notice(self, user, topic, code, lines=(), urgent=False):
        """One entry of the morning message, in the language of ``user``."""
        own = self.with_context(lang=user.lang)
        lines = list(lines)
        if code in ("asked", "later", "overdue") and own.date_due:
            lines.append(own.env._("Due: %(day)s", day=format_date(own.env, own.date_due)))
        return self.env["kam.notice"]._prepare_vals(
            user, own._notice_title(code), lines, urgent=urgent, record=self, topic=topic
        )

    def _notice_title(self, code):
        # sudo: the customer's name, for an owner who may not open the account file.
        about = self.sudo()
        values = {
            "name": about.name,
            "customer": about.account_id.name or about.lead_id.partner_id.name or "–",
            "who": about.requester_id.name,
        }
        titles = {
            "asked": self.env._("%(who)s asks: %(name)s (%(customer)s)", **values),
            "later": self.env._("Promised later than wanted: %(name)s (%(customer)s)", **values),
            "declined": self.env._("Declined: %(name)s (%(customer)s)", **values),
            "answered": self.env._("Answered, please confirm: %(name)s (%(customer)s)", **values),
            "sent_back": self.env._("Sent back: %(name)s (%(customer)s)", **values),
            "cancelled": self.env._("Cancelled: %(name)s (%(customer)s)", **values),
            "gate_failed": self.env._("Quality gate failed: %(name)s (%(customer)s)", **values),
            "overdue": self.env._("Overdue: %(name)s (%(customer)s)", **values),
        }
        return titles[code]

    def _settle_asked(self):
        self.env["kam.notice"]._settle(TOPIC_ASKED, self)

    def _settle_answer(self):
        self.env["kam.notice"]._settle(TOPIC_ANSWER, self, self.requester_id)

    def _settle_overdue(self):
        self.env["kam.notice"]._settle(TOPIC_OVERDUE, self)

    # Every day ------------------------------------------------------------------------

    @api.model
    def _cron_requests(self, day=None):
        """J22: what is overdue is told once to whoever owes it and to whoever asked.

        :param day: empty: the day it is where each company works
        """
        # sudo: as the scheduler, whoever starts it.
        requests = self.sudo()
        companies = requests.env["res.company"].search([("parent_id", "=", False)])
        units = [
            (requests._tell_overdue, company, day or company._kam_today()) for company in companies
        ]
        self._run_units("requests", units)

    @api.model
    def _tell_overdue(self, company, day):
        """Tell of what became overdue since it was last looked; returns how many."""
        if company.kam_go_live_date and company.kam_go_live_date > day:
            return 0
        overdue = self.search(self._overdue_domain(company, day))
        # Told about another due day: promised anew since, and late again.
        late = overdue.filtered(lambda request: request.overdue_told != request.date_due)
        vals_list = []
        for request in late:
            people = request._asked_people() | request.requester_id.filtered("active")
            vals_list += [request._notice(user, TOPIC_OVERDUE, "overdue") for user in people]
            request._as_engine().overdue_told = request.date_due
        if vals_list:
            self.env["kam.notice"]._queue_all(vals_list)
        return len(late)

    def _job_unit_text(self, function, args):
        return self.env._("Overdue requests")
