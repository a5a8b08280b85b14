from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools.misc import format_date

TOPIC_PLANNED = "review_planned"
TOPIC_MINUTES = "review_minutes"


class KamReview(models.Model):
    """How a meeting is held: started, written in one list, closed with its minutes.

    Source: (c17), (f) P3, users §2.
    """

    _inherit = "kam.review"

    def action_start(self):
        """Begin: today, with the agenda as it is now.

        :return: the one editable list of the meeting
        """
        self.ensure_one()
        self._check_office()
        self._check_state(("planned",))
        if not self.chair_id:
            raise UserError(self.env._("Who takes the chair?"))
        today = self.company_id.sudo()._kam_today()
        self._as_engine().write({"state": "held", "held_on": today})
        self._refresh_agenda()
        return self.action_meeting()

    def action_meeting(self):
        """Meeting mode: the whole agenda as one editable list."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id(
            "key_account_mgmt.kam_review_line_action_meeting"
        )
        return action | {
            "name": self.name,
            "domain": [("review_id", "=", self.id)],
            "context": {
                "default_review_id": self.id,
                "create": self.can_edit,
                "delete": self.can_edit,
            },
        }

    def action_refresh(self):
        """The agenda as it is now; what was said stays."""
        for review in self:
            review._check_office()
            review._check_state(("planned", "held"))
            review._refresh_agenda()
        return True

    def action_cancel(self):
        """It does not take place; says why.  The next one counts from the last one held."""
        for review in self:
            review._check_office()
            review._check_state(("planned",))
            if not (review.reason or "").strip():
                raise UserError(self.env._("Say under “Why Cancelled” why it does not take place."))
            review._as_engine().write({"state": "cancelled"})
            self.env["kam.notice"]._settle(TOPIC_PLANNED, review)
        return True

    def action_plan_again(self):
        """It takes place after all."""
        for review in self:
            review._check_office()
            review._check_state(("cancelled",))
            review._as_engine().write({"state": "planned", "reason": False})
            review._refresh_agenda()
        return True

    def action_open_decisions(self):
        """The actions this meeting decided on."""
        self.ensure_one()
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("key_account_mgmt.kam_action_action")
        return action | {"domain": [("review_id", "=", self.id)], "context": {}}

    # Closing -------------------------------------------------------------------------

    def action_close(self):
        """Close the meeting: decisions become actions, the minutes go to the participants.

        Every subject of the agenda is judged; every decision has an owner and a day that is
        not past.  With no decision open it is closed at once, else when the last is done.

        :raise UserError: says what is missing, and in which line
        """
        self.ensure_one()
        self._check_office()
        if not self.sudo().try_lock_for_update():
            raise UserError(self.env._("Somebody is closing this meeting. Look again soon."))
        self._check_state(("held",))
        self._check_complete()
        decided = self.line_ids.filtered("decision")
        self._create_decisions([self._prepare_action(line) for line in decided])
        self._as_engine().write(
            {
                "state": "reported",
                "closed_on": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
            }
        )
        self.env["kam.notice"]._settle(TOPIC_PLANNED, self)
        self._send_minutes()
        self._follow_decisions()
        return True

    def _create_decisions(self, vals_list):
        return self.env["kam.action"].create(vals_list)

    def _check_complete(self):
        """:raise UserError: says what is missing, and in which line"""
        if not self.participant_ids:
            raise UserError(self.env._("Who took part? They get the minutes."))
        missing = self.line_ids.filtered(lambda li: li._is_to_judge() and not li.judgement)
        if missing:
            names = ", ".join(missing.mapped("name"))
            raise UserError(self.env._("Judge the progress of: %(names)s", names=names))
        today = self.company_id.sudo()._kam_today()
        for line in self.line_ids:
            given = (line.decision, line.decision_user_id, line.decision_date)
            if any(given) and not all(given):
                raise UserError(
                    self.env._(
                        "A decision needs a text, an owner and a day: %(name)s", name=line.name
                    )
                )
            if line.decision and line.decision_date < today:
                raise UserError(
                    self.env._("The day of this decision is past: %(name)s", name=line.decision)
                )

    def _prepare_action(self, line):
        return {
            "name": line.decision,
            "user_id": line.decision_user_id.id,
            "date_due": line.decision_date,
            "account_id": line.account_id.id,
            "company_id": self.company_id.id,
            "note": self.env._("%(meeting)s: %(subject)s", meeting=self.name, subject=line.name),
            "review_id": self.id,
            "review_line_id": line.id,
        }

    def _follow_decisions(self):
        """Closed as long as every decision is done or cancelled, else open again."""
        for review in self.filtered(lambda r: r.state in ("reported", "closed")):
            # sudo: decisions count, readable or not.
            still_open = review.sudo().action_ids.filtered(lambda action: action.state == "open")
            state = "reported" if still_open else "closed"
            if review.state != state:
                review.sudo()._as_engine().write({"state": state})

    # Telling -------------------------------------------------------------------------

    def _people(self):
        self.ensure_one()
        people = self.participant_ids | self.chair_id | self.user_id
        return people.filtered("active")

    def _send_minutes(self):
        """Each participant hears of them in the morning, with what he has to do."""
        lines = self.line_ids.filtered("decision")
        notices = [
            self._prepare_minutes(user, lines.filtered(lambda li, u=user: li.decision_user_id == u))
            for user in self._people() - self.env.user
        ]
        if notices:
            self.env["kam.notice"]._queue_all(notices)
        names = ", ".join(self._people().mapped("name"))
        # sudo: a line of the history, of who may close the meeting.
        self.sudo().message_post(
            body=self.env._("Minutes sent to %(names)s", names=names),
            subtype_xmlid="mail.mt_note",
        )

    def _prepare_minutes(self, user, own):
        texts = self.with_context(lang=user.lang)
        decided = len(self.line_ids.filtered("decision"))
        lines = [texts.env._("Decisions: %(count)s", count=decided)]
        lines += [
            texts.env._(
                "For you: %(what)s, by %(day)s",
                what=line.decision,
                day=format_date(texts.env, line.decision_date),
            )
            for line in own
        ]
        title = texts.env._("Minutes: %(meeting)s", meeting=self.name)
        return self.env["kam.notice"]._prepare_vals(
            user, title, lines, record=self, topic=TOPIC_MINUTES
        )

    def _tell_planned(self, people=None):
        """Whoever takes part hears once that the meeting is planned, and when it is moved.

        :param people: only these; empty: everybody
        """
        notices = []
        for review in self:
            told = review._people() if people is None else people
            self.env["kam.notice"]._settle(TOPIC_PLANNED, review, told)
            for user in told - self.env.user:
                texts = review.with_context(lang=user.lang)
                title = texts.env._("Planned: %(meeting)s", meeting=review.name)
                line = texts.env._("on %(day)s", day=format_date(texts.env, review.date))
                notices.append(
                    self.env["kam.notice"]._prepare_vals(
                        user, title, [line], record=review, topic=TOPIC_PLANNED
                    )
                )
        if notices:
            self.env["kam.notice"]._queue_all(notices)
