from odoo import api, models
from odoo.tools import format_datetime

TOPIC_GIVEN = "issue_given"
TOPIC_NEWS = "issue_news"
TOPICS_LATE = {"response": "issue_response_late", "resolve": "issue_resolve_late"}


class KamIssue(models.Model):
    """Who hears what of an issue.

    Whoever has to handle it at once, because hours are counted; everybody else in the
    morning.  Source: design §4.7.
    """

    _inherit = "kam.issue"

    def _handlers(self):
        """The handler; of a department its manager; else the lead account manager."""
        self.ensure_one()
        # sudo: who works where, for somebody who may not read departments.
        own = self.sudo()
        people = own.user_id if own.user_id.active else own.department_id.manager_id
        return (people or own.account_id.user_id).filtered("active").sudo(False)

    def _tell_given(self):
        """Who handles it, and the lead account manager of the customer."""
        rows = []
        for issue in self.filtered(lambda one: one.state in ("new", "assigned", "in_progress")):
            handlers = issue._handlers() - self.env.user
            lead = issue.sudo().account_id.user_id.sudo(False).filtered("active")
            rows += [issue._notice(user, TOPIC_GIVEN, "given", urgent=True) for user in handlers]
            rows += [
                issue._notice(user, TOPIC_NEWS, "raised")
                for user in lead - handlers - self.env.user
            ]
        self._tell(rows)

    def _tell_replied(self, text):
        """Who raised it and who leads the account: see whether it helped."""
        people = self.reporter_id | self.sudo().account_id.user_id.sudo(False)
        people = people.filtered("active") - self.env.user
        self._tell([self._notice(user, TOPIC_NEWS, "replied", [text]) for user in people])

    def _tell_taken_up(self, text):
        people = self._handlers() - self.env.user
        rows = [self._notice(user, TOPIC_GIVEN, "taken_up", [text], urgent=True) for user in people]
        self._tell(rows)

    def _tell_rejected(self, text):
        people = self.reporter_id.filtered("active") - self.env.user
        self._tell([self._notice(user, TOPIC_NEWS, "rejected", [text]) for user in people])

    @api.model
    def _tell(self, rows):
        if rows:
            self.env["kam.notice"]._queue_all(rows)

    def _notice(self, user, topic, code, lines=(), urgent=False):
        """One entry, in the language and the time zone of ``user``."""
        # sudo: the customer's name, for a handler who may not open the account file.
        own = self.sudo().with_context(lang=user.lang, tz=user.tz or self._zone())
        lines = [*lines, *own._notice_facts(code)]
        return self.env["kam.notice"]._prepare_vals(
            user,
            own._notice_title(code),
            lines,
            urgent=urgent,
            record=self._without_engine(),
            topic=topic,
        )

    def _zone(self):
        # sudo: where a company works is no secret.
        return self.company_id.sudo().resource_calendar_id.tz or "UTC"

    def _notice_facts(self, code):
        if code not in ("given", "taken_up", "response", "resolve") or not self.next_deadline:
            return []
        moment = format_datetime(self.env, self.next_deadline, dt_format="short")
        if self.responded_on:
            return [self.env._("Solution by %(moment)s", moment=moment)]
        return [self.env._("Response by %(moment)s", moment=moment)]

    def _notice_title(self, code):
        values = {"name": self.display_name, "customer": self.account_id.name or "–"}
        titles = {
            "given": self.env._("Issue to handle: %(name)s (%(customer)s)", **values),
            "raised": self.env._("Issue raised: %(name)s (%(customer)s)", **values),
            "replied": self.env._("Answered, did it help? %(name)s (%(customer)s)", **values),
            "taken_up": self.env._("Not settled yet: %(name)s (%(customer)s)", **values),
            "rejected": self.env._("Issue rejected: %(name)s (%(customer)s)", **values),
            "response": self.env._("No response in time: %(name)s (%(customer)s)", **values),
            "resolve": self.env._("No solution in time: %(name)s (%(customer)s)", **values),
        }
        return titles[code]

    # Settled ------------------------------------------------------------------------

    def _settle_given(self):
        self.env["kam.notice"]._settle(TOPIC_GIVEN, self)

    def _settle_replied(self):
        self.env["kam.notice"]._settle(TOPIC_NEWS, self)

    def _settle_late(self, *whats):
        for what in whats:
            self.env["kam.notice"]._settle(TOPICS_LATE[what], self)

    def _settle_all(self):
        self._settle_given()
        self._settle_replied()
        self._settle_late(*TOPICS_LATE)
