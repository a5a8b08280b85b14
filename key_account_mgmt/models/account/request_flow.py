from odoo import fields, models
from odoo.exceptions import AccessError, UserError

from .request import OPEN, UNANSWERED


class KamRequest(models.Model):
    """The steps of a request, each checked here whatever the screen offers."""

    _inherit = "kam.request"

    # Buttons ------------------------------------------------------------------------

    def action_accept(self):
        """Promise a day."""
        return self._open_step("accept")

    def action_decline(self):
        """Say why not; whoever asked may ask somebody else."""
        return self._open_step("decline")

    def action_answer(self):
        return self._open_step("answer")

    def action_send_back(self):
        """The answer is not enough: say what is missing."""
        return self._open_step("send_back")

    def action_cancel(self):
        return self._open_step("cancel")

    def action_gate(self):
        """Record the quality check of a trial."""
        return self._open_step("gate")

    def action_verify(self):
        """Record how the trial proved itself at the customer's."""
        return self._open_step("site")

    def _open_step(self, step):
        self.ensure_one()
        self.check_access("write")
        # sudo: which day it is where the company works.
        today = self.company_id.sudo()._kam_today()
        days = {"accept": max(self.date_wanted or today, today), "gate": today, "site": today}
        days["send_back"] = self._proposed_day(self.company_id.sudo(), self.kind_id.days)
        wizard = self.env["kam.request.wizard"]
        return {
            "type": "ir.actions.act_window",
            "name": wizard._step_title(step),
            "res_model": wizard._name,
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_request_id": self.id,
                "default_step": step,
                "default_day": days.get(step),
            },
        }

    def action_confirm(self):
        """Close: the answer is what was wanted.  Only whoever asked can say so.

        A trial is closed only when it proved itself on site.  Source: S3-42.
        """
        for request in self:
            request.check_access("write")
            request._check_step(("answered",), request.requester_id == self.env.user)
            if request.is_trial and request.site_result != "passed":
                raise UserError(
                    self.env._(
                        "“%(name)s” is a trial: record the verification at the customer's "
                        "first. Where it failed, send the request back.",
                        name=request.name,
                    )
                )
            request._step({"state": "closed", "closed_on": fields.Datetime.now()})
            request._settle_answer()

    def action_resubmit(self):
        """Ask again after a refusal, the same or somebody else."""
        for request in self:
            request.check_access("write")
            request._check_step(("declined",), request.requester_id == self.env.user)
            request._step({"state": "new", "overdue_told": False})
            request._tell_asked()

    # Steps --------------------------------------------------------------------------

    def _check_step(self, states, allowed):
        """:raise AccessError: it is not the user's turn; UserError: not in this state"""
        self.ensure_one()
        if not allowed:
            raise AccessError(
                self.env._(
                    "“%(name)s” was asked by %(asker)s of %(asked)s: this step is not yours.",
                    name=self.name,
                    asker=self.requester_id.name,
                    asked=self._asked_name(),
                )
            )
        if self.state not in states:
            state = dict(self._fields["state"]._description_selection(self.env))[self.state]
            raise UserError(
                self.env._(
                    "“%(name)s” is “%(state)s”: this step is not possible now.",
                    name=self.name,
                    state=state,
                )
            )

    def _step(self, vals):
        self._as_engine().write(vals)

    def _reason(self, text):
        """:raise UserError: nothing was said"""
        text = (text or "").strip()
        if not text:
            raise UserError(self.env._("Say it in a few words: the other side reads it."))
        return text

    def _today(self):
        # sudo: which day it is where the company works.
        return self.company_id.sudo()._kam_today()

    def _accept(self, day):
        """The owner promises a day; of a department, whoever accepts takes it.

        :raise UserError: no day, or one that is past
        """
        self._check_step(("new",), self._is_answerer())
        if not day or day < self._today():
            raise UserError(self.env._("Promise a day that is not past."))
        vals = {
            "state": "accepted",
            "date_promised": day,
            "accepted_on": fields.Datetime.now(),
            "accepted_by_id": self.env.uid,
            "overdue_told": False,
        }
        if not self.user_id:
            vals["user_id"] = self.env.uid
        self._step(vals)
        self._settle_asked()
        if self.date_wanted and day > self.date_wanted:
            self._tell_asker("later")

    def _decline(self, text):
        self._check_step(UNANSWERED, self._is_answerer())
        text = self._reason(text)
        self._step({"state": "declined", "date_promised": False})
        self._note(self.env._("Declined: %(reason)s", reason=text))
        self._settle_asked()
        self._tell_asker("declined", text)

    def _answer(self, text):
        """Answer; a trial only after its quality gate.  In time or late is fixed here.

        Source: S3-47.
        """
        self._check_step(UNANSWERED, self._is_answerer())
        text = self._reason(text)
        if self.is_trial and self.gate_result != "passed":
            raise UserError(
                self.env._(
                    "“%(name)s” is a trial: it leaves only after the quality gate is passed.",
                    name=self.name,
                )
            )
        day, now = self._today(), fields.Datetime.now()
        in_time = not self.date_due or day <= self.date_due
        self._step(
            {
                "state": "answered",
                "answer": text,
                "answered_on": now,
                "answered_day": day,
                "answered_by_id": self.env.uid,
                "on_time": "yes" if in_time else "no",
                "on_time_rate": 100.0 if in_time else 0.0,
                "response_days": (now - self.create_date).total_seconds() / 86400,
                "user_id": self.user_id.id or self.env.uid,
            }
        )
        self._note(self.env._("Answered: %(text)s", text=text))
        self._settle_asked()
        self._settle_overdue()
        self._tell_asker("answered", text)

    def _send_back(self, text, day):
        """Not enough: accepted again, for a new day.

        :raise UserError: no reason, or no day to come
        """
        self._check_step(("answered",), self.requester_id == self.env.user)
        text = self._reason(text)
        if not day or day < self._today():
            raise UserError(self.env._("Say by which day to come you want the rest."))
        vals = {
            "state": "accepted",
            "date_wanted": day,
            "date_promised": False,
            "sent_back_count": self.sent_back_count + 1,
            "overdue_told": False,
        }
        if self.is_trial:
            # Made anew, checked and verified anew; the history keeps what was found.
            vals |= dict.fromkeys(("gate_result", "gate_date", "gate_user_id", "gate_note"), False)
            vals |= dict.fromkeys(("site_result", "site_date", "site_user_id", "site_note"), False)
        self._step(vals)
        self._note(self.env._("Sent back: %(reason)s", reason=text))
        self._tell_owner("sent_back", text)

    def _cancel(self, text):
        self._check_step(OPEN, self.requester_id == self.env.user or self._is_office())
        text = self._reason(text)
        told = self.state in UNANSWERED
        self._step({"state": "cancelled"})
        self._note(self.env._("Cancelled: %(reason)s", reason=text))
        self._settle_asked()
        self._settle_overdue()
        if told:
            self._tell_owner("cancelled", text)

    def _check_trial_step(self, states, allowed, day):
        if not self.is_trial:
            raise UserError(self.env._("“%(name)s” is no trial.", name=self.name))
        self._check_step(states, allowed)
        if not day or day > self._today():
            raise UserError(self.env._("Say on which day it was; not one to come."))

    def _pass_gate(self, result, day, text):
        """What the quality engineer found; a failed check says why and may be repeated.

        Source: S3-42, S3-47.
        """
        allowed = self._is_office() or self.quality_user_id == self.env.user
        self._check_trial_step(UNANSWERED, allowed, day)
        if result != "passed":
            text = self._reason(text)
        self._step(
            {
                "gate_result": result or "failed",
                "gate_date": day,
                "gate_user_id": self.env.uid,
                "gate_note": text,
                "gate_count": self.gate_count + 1,
            }
        )
        if result == "passed":
            self._note(self.env._("Quality gate passed. %(text)s", text=text or ""))
        else:
            self._note(self.env._("Quality gate failed: %(text)s", text=text))
            self._tell_owner("gate_failed", text)

    def _verify_on_site(self, result, day, text):
        """How the trial did in use at the customer's.  Source: S3-42.

        By whoever may work on the request: those who ask and answer, the account's team.
        """
        self._check_trial_step(("accepted", "answered"), True, day)
        if self.gate_result != "passed":
            raise UserError(self.env._("Nothing leaves before the quality gate is passed."))
        if result != "passed":
            text = self._reason(text)
        self._step(
            {
                "site_result": result or "failed",
                "site_date": day,
                "site_user_id": self.env.uid,
                "site_note": text,
            }
        )
        if result == "passed":
            self._note(self.env._("Verified on site. %(text)s", text=text or ""))
        else:
            self._note(self.env._("Failed on site: %(text)s", text=text))
