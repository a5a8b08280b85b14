from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...policy.issues import missing_to_close
from .issue import OFFICE, UNREPLIED

# Dissatisfied: the work goes on.
UNSATISFIED = ("1", "2")


class KamIssue(models.Model):
    """The steps of an issue, each checked here whatever the screen offers.  Source: (c11)."""

    _inherit = "kam.issue"

    # Buttons ------------------------------------------------------------------------

    def action_take(self):
        """I handle it."""
        for issue in self:
            issue.check_access("write")
            issue._check_step(("new", "assigned"), issue._is_handler())
            issue.write({"user_id": self.env.uid})
        return True

    def action_respond(self):
        """The customer knows that we are on it: the first response.

        Whoever gives it handles the issue where nobody did.  Source: S0-52, K25.
        """
        now = fields.Datetime.now()
        for issue in self:
            issue.check_access("write")
            issue._check_step(("new", "assigned"), issue._is_handler())
            issue._step({"state": "in_progress", **issue._prepare_response(now)})
            issue._settle_given()
            issue._settle_late("response")
        return True

    def action_reply(self):
        """Give the customer the solution."""
        return self._open_step("reply", UNREPLIED)

    def action_verify(self):
        """Say whether it helped, and what the customer thinks of the handling."""
        return self._open_step("verify", ("replied",))

    def action_ask_customer(self):
        """Record the customer's view of the handling, also after the verification."""
        return self._open_step("view", ("verified",))

    def action_reject(self):
        """A duplicate, or not ours: say why."""
        return self._open_step("reject", UNREPLIED)

    def action_reopen(self):
        """Go on with what was thought to be done."""
        return self._open_step("reopen", ("replied", "verified", "closed", "rejected"))

    def action_next_step(self):
        """The one next button, for My Week."""
        self.ensure_one()
        steps = {
            "new": self.action_respond,
            "assigned": self.action_respond,
            "in_progress": self.action_reply,
            "replied": self.action_verify,
            "verified": self.action_close,
        }
        if self.state not in steps:
            raise UserError(self.env._("Nothing is left to do here."))
        return steps[self.state]()

    def action_close(self):
        """Done with: root cause known, measures kept and verified, the customer asked.

        :raise UserError: naming everything that is still missing
        """
        now = fields.Datetime.now()
        for issue in self:
            issue.check_access("write")
            issue._check_step(("verified",), issue._is_handler())
            if missing := issue._missing():
                raise UserError(
                    self.env._(
                        "“%(name)s” cannot be closed yet. Missing: %(missing)s.",
                        name=issue.display_name,
                        missing=", ".join(missing),
                    )
                )
            issue._step({"state": "closed", "closed_on": now, "closed_by_id": self.env.uid})
            issue._settle_all()
        return True

    def _open_step(self, step, states):
        self.ensure_one()
        self.check_access("write")
        self._check_step(states, self._may_word() if step != "reply" else self._is_handler())
        wizard = self.env["kam.issue.wizard"]
        return {
            "type": "ir.actions.act_window",
            "name": wizard._step_title(step),
            "res_model": wizard._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_issue_id": self.id, "default_step": step},
        }

    # Steps --------------------------------------------------------------------------

    def _check_step(self, states, allowed):
        """:raise AccessError: it is not the user's turn; UserError: not in this state"""
        self.ensure_one()
        if not allowed:
            raise AccessError(
                self.env._(
                    "“%(name)s” is handled by %(who)s: this step is not yours.",
                    name=self.display_name,
                    who=self.sudo().user_id.name or self.sudo().department_id.name or "–",
                )
            )
        if self.state not in states:
            raise UserError(
                self.env._(
                    "“%(name)s” is not in a state for this step any more: reload the page.",
                    name=self.display_name,
                )
            )

    def _step(self, vals):
        self._as_engine().write(vals)

    def _reason(self, text):
        text = (text or "").strip()
        if not text:
            raise UserError(self.env._("Say it in a sentence: it stays in the history."))
        return text

    def _note(self, text):
        # sudo: the history is written whoever may post.
        self.sudo().message_post(body=text, subtype_xmlid="mail.mt_note")

    def _prepare_response(self, now):
        """The first response, where there was none."""
        vals = {} if self.user_id else {"user_id": self.env.uid}
        if self.responded_on:
            return vals
        return vals | {
            "responded_on": now,
            "responded_by_id": self.env.uid,
            "response_on_time": self._in_time(now, self.response_deadline),
        }

    def _reply(self, text, root_cause=None):
        """The solution is with the customer; in time or not is judged now.

        A reply without a first response is one.  Source: S3-54, K30.
        """
        self._check_step(UNREPLIED, self._is_handler())
        text = self._reason(text)
        now = fields.Datetime.now()
        vals = self._prepare_response(now) | {
            "state": "replied",
            "reply": text,
            "replied_on": now,
            "replied_by_id": self.env.uid,
            "reply_on_time": self._in_time(now, self.resolve_deadline),
        }
        if (root_cause or "").strip():
            vals["root_cause"] = root_cause.strip()
        self._step(vals)
        self._note(self.env._("Replied: %(text)s", text=text))
        self._settle_given()
        self._settle_late("response", "resolve")
        self._tell_replied(text)

    def _verify(self, satisfaction, text, helped=True):
        """Whether it helped; a dissatisfied customer sends it back.

        :param satisfaction: 1 to 5 as a string, or empty where nobody asked yet
        :raise UserError: not helped without a word why
        """
        self._check_step(("replied",), self._may_word())
        if not helped or satisfaction in UNSATISFIED:
            text = self._reason(text)
            self._keep_view(satisfaction, text)
            self._take_up_again(text)
            return
        self._step(
            {
                "state": "verified",
                "verified_on": fields.Datetime.now(),
                "verified_by_id": self.env.uid,
                "verify_note": (text or "").strip() or False,
            }
        )
        self._keep_view(satisfaction, text)
        self._note(self.env._("Verified. %(text)s", text=text or ""))
        self._settle_replied()

    def _ask_customer(self, satisfaction, text):
        """The customer's view of the handling, where it came after the verification."""
        self._check_step(("verified",), self._may_word())
        if not satisfaction:
            raise UserError(self.env._("Choose how satisfied the customer is."))
        if satisfaction in UNSATISFIED:
            text = self._reason(text)
            self._keep_view(satisfaction, text)
            self._take_up_again(text)
            return
        self._keep_view(satisfaction, text)

    def _keep_view(self, satisfaction, text):
        if not satisfaction:
            return
        self._step(
            {
                "customer_satisfaction": satisfaction,
                "customer_view": (text or "").strip() or False,
                # sudo: the day it is where the company works, is no secret.
                "customer_view_on": self.company_id.sudo()._kam_today(),
            }
        )
        labels = dict(self._fields["customer_satisfaction"]._description_selection(self.env))
        self._note(
            self.env._(
                "The customer: %(view)s. %(text)s", view=labels[satisfaction], text=text or ""
            )
        )

    def _take_up_again(self, text):
        """Back to work; what was answered stays in the history, the deadline stays, too."""
        self._step(
            {
                "state": "in_progress",
                "replied_on": False,
                "replied_by_id": False,
                "reply_on_time": False,
                "verified_on": False,
                "verified_by_id": False,
                "closed_on": False,
                "closed_by_id": False,
                "reject_reason": False,
                "reopen_count": self.reopen_count + 1,
            }
        )
        self._note(self.env._("Taken up again: %(reason)s", reason=text))
        self._settle_replied()
        self._tell_taken_up(text)

    def _reopen(self, text):
        """Of what is closed or rejected by the office; before that by whoever raised it."""
        allowed = self._may_word()
        if self.state in ("closed", "rejected"):
            allowed = self.env.user.has_group(OFFICE)
        self._check_step(("replied", "verified", "closed", "rejected"), allowed)
        self._take_up_again(self._reason(text))

    def _reject(self, text):
        self._check_step(UNREPLIED, self._is_handler())
        text = self._reason(text)
        self._step({"state": "rejected", "reject_reason": text})
        self._note(self.env._("Rejected: %(reason)s", reason=text))
        self._settle_all()
        self._tell_rejected(text)

    def _pass_on(self):
        """Somebody else handles it: assigned where it was new, and told."""
        for issue in self:
            if issue.user_id and issue.state == "new":
                issue._step({"state": "assigned"})
            elif not issue.user_id and issue.state == "assigned":
                issue._step({"state": "new"})
        self._tell_given()

    # Closing ------------------------------------------------------------------------

    def _missing(self):
        """What closing still needs, in words.  Source: (c11), S3-53."""
        self.ensure_one()
        # sudo: measures count whoever may read them.
        own = self.sudo()
        kind, measures = own.kind_id, own.measure_ids.filtered(lambda m: m.state != "cancelled")
        preventive = measures.filtered(lambda m: m.issue_measure == "preventive")
        done = measures.filtered(lambda m: m.state == "done")
        asked = {
            "root_cause": kind.needs_root_cause,
            "preventive": kind.needs_preventive,
            "satisfaction": kind.needs_satisfaction,
        }
        has = {
            "root_cause": (own.root_cause or "").strip(),
            "preventive": preventive,
            "satisfaction": own.customer_satisfaction,
            "open": measures - done,
            "unverified": done.filtered("needs_verification"),
        }
        codes = missing_to_close(
            {code for code, wanted in asked.items() if wanted},
            {code for code, found in has.items() if found},
        )
        texts = {
            "root_cause": self.env._("the root cause"),
            "preventive": self.env._("a preventive measure"),
            "satisfaction": self.env._("the customer's view of the handling"),
            "open": self.env._(
                "measures to be done: %(names)s", names=", ".join(has["open"].mapped("name"))
            ),
            "unverified": self.env._(
                "measures to be verified: %(names)s",
                names=", ".join(has["unverified"].mapped("name")),
            ),
        }
        return [texts[code] for code in codes]

    @api.depends(
        "state",
        "root_cause",
        "customer_satisfaction",
        "kind_id",
        "measure_ids.state",
        "measure_ids.verified_on",
    )
    @api.depends_context("lang")
    def _compute_missing(self):
        """Only while closing is next: before that it would be a list of everything."""
        for issue in self:
            near = issue.state in ("replied", "verified")
            issue.missing = near and ", ".join(issue._missing())
