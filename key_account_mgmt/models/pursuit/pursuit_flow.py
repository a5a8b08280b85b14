from datetime import timedelta

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date

from ...policy.periods import add_months
from .pursuit import ENDED, LIVE, OFFICE, RUNNING, USER

SEQUENCE = "kam.pursuit"
EXTEND_DAYS = 30


class KamPursuit(models.Model):
    """The steps of a pursuit, each checked here whatever the screen offers."""

    _inherit = "kam.pursuit"

    # Steps ---------------------------------------------------------------------------

    def _lock(self):
        """Two people must not take the same step at once."""
        # sudo: a lock is no change.
        if self.sudo().try_lock_for_update() != self.sudo():
            raise UserError(
                self.env._(
                    "Somebody else is working on “%(name)s” at this moment. Try again.",
                    name=self[:1].display_name,
                )
            )
        self.invalidate_recordset(["state", "number"])

    def _check_state(self, states):
        for pursuit in self:
            if pursuit.state not in states:
                names = dict(self._fields["state"]._description_selection(self.env))
                raise UserError(
                    self.env._(
                        "“%(name)s” is “%(state)s”: this step is not possible now.",
                        name=pursuit.display_name,
                        state=names[pursuit.state],
                    )
                )

    def _step(self, vals):
        # sudo: the engine, after the step's own check of who may.
        self.sudo()._as_engine().write(vals)
        self.invalidate_recordset()

    def _said(self, text):
        """:raise UserError: nothing was said"""
        text = (text or "").strip()
        if not text:
            raise UserError(self.env._("Say it in a few words: others will read it."))
        return text

    def _log(self, text):
        """A line in the history; nobody gets a mail of it."""
        # sudo: whoever may take a step may leave its trace.
        self.sudo().message_post(body=text, subtype_xmlid="mail.mt_note")

    def _message_auto_subscribe_followers(self, updated_values, default_subtype_ids):
        return []

    def _open_step(self, step):
        self.ensure_one()
        wizard = self.env["kam.pursuit.wizard"]
        return {
            "type": "ir.actions.act_window",
            "name": wizard._step_title(step),
            "res_model": wizard._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_pursuit_id": self.id, "default_step": step},
        }

    # Application ---------------------------------------------------------------------

    def action_apply(self):
        """Apply for registration with the five fields; the office hears of it.

        The first step opens the progress table.  Source: S1n-15, users §1.
        """
        for pursuit in self:
            pursuit._check_mine()
            pursuit._lock()
            pursuit._check_state(("draft",))
            pursuit._check_application()
            pursuit._check_only_one()
            pursuit._open_progress_table()
            pursuit._step({"state": "to_register", "applied_on": pursuit._today(), "reason": False})
            pursuit._tell_office()
        return True

    def _check_application(self):
        """:raise UserError: says what is missing"""
        missing = [
            self._fields[name]._description_string(self.env)
            for name in ("partner_id", "project", "scope_ids", "expected_amount", "objective")
            if not self[name]
        ]
        if not self.first_step and not self.progress_ids:
            missing.append(self._fields["first_step"]._description_string(self.env))
        if missing:
            raise UserError(
                self.env._(
                    "Before you apply, please fill in: %(fields)s.", fields=", ".join(missing)
                )
            )
        # sudo: whether the deal is open, for whoever applies.
        lead = self.sudo().lead_id
        if lead and (lead.type != "opportunity" or lead.won_status != "pending"):
            raise UserError(
                self.env._("“%(name)s” is no open opportunity.", name=lead.display_name)
            )
        if self.expected_amount < 0:
            raise UserError(self.env._("The expected amount cannot be negative."))

    def _check_only_one(self):
        """:raise UserError: another pursuit of the same opportunity runs"""
        if not self.lead_id:
            return
        # sudo: it runs, readable or not.
        running = [("state", "in", RUNNING), ("lead_id", "=", self.lead_id.id)]
        other = self.sudo().search([*running, ("id", "!=", self.id)], limit=1)
        if other:
            raise UserError(
                self.env._(
                    "This opportunity has a pursuit already: %(number)s of %(owner)s.",
                    number=other.number or self.env._("not registered yet"),
                    owner=other.user_id.name,
                )
            )

    def _open_progress_table(self):
        if not self.first_step or self.progress_ids:
            return
        day = self.first_step_date or self._today() + timedelta(days=7)
        self.env["kam.action"].create(
            {
                "name": self.first_step,
                "pursuit_id": self.id,
                "pursuit_kind": "step",
                "user_id": self.user_id.id,
                "date_due": day,
            }
        )

    def _tell_office(self):
        Notice = self.env["kam.notice"]
        group = self.env.ref(OFFICE).sudo()
        # Membership of the group itself: directors read the list when they want to.
        people = group.user_ids.filtered(
            lambda user: (
                user.active
                and self.company_id in user.company_ids.root_id
                and user != self.env.user
            )
        )
        rows = []
        for user in people:
            own = self.with_context(lang=user.lang)
            title = own.env._("To register: %(name)s", name=own.display_name)
            rows.append(
                Notice._prepare_vals(user, title, [self.user_id.name], record=self, topic="pursuit")
            )
        if rows:
            Notice._queue_all(rows)

    def action_return(self):
        """Back to the applicant, with a reason.  By the office."""
        self._check_office()
        return self._open_step("return")

    def _return(self, text):
        self._check_office()
        self._lock()
        self._check_state(("to_register",))
        text = self._said(text)
        self._step({"state": "draft", "reason": text})
        self._log(self.env._("Returned: %(reason)s", reason=text))
        self._tell_responsible("returned", text)

    # Registration --------------------------------------------------------------------

    def action_register(self):
        """Give the number 备案号: protected from today, before any plan is approved.

        Where somebody else's registration protects the same deal, asks the office for the
        reason to admit a second one.  Source: S1n-08, (c2).
        """
        self.ensure_one()
        self._check_office()
        self._check_state(("to_register",))
        if self._found():
            return self._open_step("admit")
        self._give_number()
        return True

    def _found(self):
        own = self.sudo()
        same = (own.partner_id, own.project, own.scope_ids, own.company_id)
        return self._collisions(*same)

    def _give_number(self, reason=False):
        """One number each, one protected: numbers are drawn without gaps, which lets one
        registration of a company after another see what the other did.

        :param reason: why a second one is admitted
        :raise UserError: registered already, or somebody else is protected and no reason
        """
        self._check_office()
        self._lock()
        self._check_state(("to_register",))
        if self.number:
            self._wait_for_turn()
        number = self.number or self._next_number()
        found = self._found()
        if found and not (reason or "").strip():
            raise UserError(self._collision_text(found))
        today = self._today()
        months = self.company_id._kam_pursuit_protection()[0]
        vals = {
            "state": "to_approve",
            "number": number,
            "registered_on": self.registered_on or today,
            "registered_by_id": self.registered_by_id.id or self.env.uid,
            "protected_from": today,
            "protected_until": add_months(today, months),
            "last_progress_on": today,
            "warned_on": False,
        }
        if found:
            vals |= {"admit_reason": reason.strip(), "admitted_by_id": self.env.uid}
        self._step(vals)
        self._log(self.env._("Registered as %(number)s.", number=number))
        if found:
            self._log(self.env._("Admitted although: %(reason)s", reason=reason.strip()))
        self._tell_responsible("registered", number)

    def _next_number(self):
        """Source: S1n-08: one row of numbers per company and year."""
        # sudo: numbers are drawn by the office, sequences belong to Settings.
        sequences = self.env["ir.sequence"].sudo()
        company = self.company_id
        domain = [("code", "=", SEQUENCE), ("company_id", "=", company.id)]
        sequence = sequences.search(domain, limit=1)
        if not sequence:
            # Whoever does the same meanwhile tries again and finds it.
            self.env.cr.execute(
                SQL("UPDATE res_company SET write_date = write_date WHERE id = %s", company.id)
            )
            sequence = sequences.create(
                {
                    "name": f"Pursuits {company.name}",
                    "code": SEQUENCE,
                    "prefix": "BA%(range_year)s-",
                    "padding": 4,
                    "implementation": "no_gap",
                    "use_date_range": True,
                    "company_id": company.id,
                }
            )
        return sequence.next_by_id(sequence_date=self._today())

    # Progress ------------------------------------------------------------------------

    def _note_progress(self):
        """Something was done: the silent days begin anew."""
        for pursuit in self.filtered(lambda p: p.state in LIVE):
            pursuit._step({"last_progress_on": pursuit._today(), "warned_on": False})

    def action_extend(self):
        """Ask for another period of protection; says what progress there was."""
        self._check_mine()
        self._check_extensible()
        return self._open_step("extend")

    @api.depends("state", "protected_until", "company_id")
    @api.depends_context("uid")
    def _compute_can_extend(self):
        for pursuit in self:
            state = pursuit.state in (*LIVE, "suspended") and pursuit.protected_until
            first = state and pursuit.protected_until - timedelta(days=EXTEND_DAYS)
            pursuit.can_extend = bool(first and pursuit.is_mine and pursuit._today() >= first)

    def _check_extensible(self):
        self.ensure_one()
        self._check_state((*LIVE, "suspended"))
        first = self.protected_until - timedelta(days=EXTEND_DAYS)
        if self._today() < first:
            raise UserError(
                self.env._(
                    "“%(name)s” is protected until %(until)s. You may extend it from %(first)s on.",
                    name=self.display_name,
                    until=format_date(self.env, self.protected_until),
                    first=format_date(self.env, first),
                )
            )

    def _extend(self, text):
        """:raise UserError: no progress since this period of protection began"""
        self._check_mine()
        self._lock()
        self._check_extensible()
        text = self._said(text)
        if self.last_progress_on <= self.protected_from:
            raise UserError(
                self.env._(
                    "An extension needs progress: since %(day)s no step was done and no stage "
                    "report handed in.",
                    day=format_date(self.env, self.protected_from),
                )
            )
        months = self.company_id._kam_pursuit_protection()[0]
        today = self._today()
        until = add_months(max(self.protected_until, today), months)
        self._step(
            {
                "protected_from": today,
                "protected_until": until,
                "extension_count": self.extension_count + 1,
            }
        )
        self._log(
            self.env._(
                "Extended until %(day)s: %(text)s", day=format_date(self.env, until), text=text
            )
        )

    def action_take_over(self):
        """Take over what its owner let lapse."""
        self.check_access("read")
        self._check_taker()
        return self._open_step("take_over")

    def _check_taker(self):
        self.ensure_one()
        if not self.env.user.has_group(USER):
            raise AccessError(self.env._("Account managers take over what was released."))
        self._check_state(("lapsed",))

    def _take_over(self, text):
        """The taker goes on where it stood, with a protection of his own.

        :raise UserError: taken meanwhile, or somebody else registered the same deal
        """
        self.check_access("read")
        self._check_taker()
        self._lock()
        self._check_state(("lapsed",))
        text = self._said(text)
        # Draws its turn like a registration does: of two at once, one sees the other.
        self._wait_for_turn()
        if found := self._found():
            raise UserError(self._collision_text(found))
        old, user = self.user_id, self.env.user
        today = self._today()
        months = self.company_id._kam_pursuit_protection()[0]
        self._step(
            {
                "state": self.state_before or "to_approve",
                "state_before": False,
                "user_id": user.id,
                "protected_from": today,
                "protected_until": add_months(today, months),
                "last_progress_on": today,
                "warned_on": False,
                "taken_over_count": self.taken_over_count + (old != user),
                "reason": False,
            }
        )
        # sudo: the opportunity of what was released goes with it.
        lead = self.sudo().lead_id
        if lead and lead.user_id != user:
            lead.user_id = user
        # sudo: open steps of whoever let it lapse.
        steps = (self.sudo().progress_ids | self.sudo().problem_ids).filtered(
            lambda action: action.state == "open" and action.user_id == old
        )
        steps._as_engine().write({"user_id": user.id})
        self._log(
            self.env._(
                "Taken over by %(new)s from %(old)s: %(text)s",
                new=user.name,
                old=old.name,
                text=text,
            )
        )

    def _wait_for_turn(self):
        # sudo: the row of numbers of the company, touched so that others wait.
        self.env.cr.execute(
            SQL(
                """
                UPDATE ir_sequence SET write_date = write_date
                 WHERE code = %s AND company_id = %s
                """,
                SEQUENCE,
                self.company_id.id,
            )
        )

    # Pauses and ends -----------------------------------------------------------------

    def action_suspend(self):
        """Stop for a while, with a reason: silence does not count, protection ends in time."""
        self._check_mine()
        return self._open_step("suspend")

    def _suspend(self, text):
        self._check_mine()
        self._lock()
        self._check_state(LIVE)
        if self.is_pending:
            raise UserError(self.env._("Withdraw the plan from approval first."))
        text = self._said(text)
        self._step({"state_before": self.state, "state": "suspended", "reason": text})
        self._log(self.env._("Suspended: %(reason)s", reason=text))

    def action_resume(self):
        """Go on; the silent days begin anew."""
        for pursuit in self:
            pursuit._check_mine()
            pursuit._lock()
            pursuit._check_state(("suspended",))
            pursuit._step(
                {
                    "state": pursuit.state_before or "to_approve",
                    "state_before": False,
                    "reason": False,
                    "last_progress_on": pursuit._today(),
                    "warned_on": False,
                }
            )
        return True

    def action_cancel(self):
        """Give it up, with a reason."""
        self._check_mine()
        return self._open_step("cancel")

    def _cancel(self, text):
        self._check_mine()
        self._lock()
        self._check_state(("draft", *RUNNING, "lapsed"))
        if self.is_pending:
            raise UserError(self.env._("Withdraw the plan from approval first."))
        text = self._said(text)
        self._step({"state": "cancelled", "reason": text, "ended_on": self._today()})
        self._drop_open_work(text)
        self._log(self.env._("Cancelled: %(reason)s", reason=text))

    def action_won(self):
        """It is ours: closes with a summary."""
        self._check_mine()
        return self._open_step("won")

    def action_lost(self):
        """It is not: why, and what we learned."""
        self._check_mine()
        return self._open_step("lost")

    def action_close(self):
        """Write the summary of what ended by the result of a later document."""
        self._check_mine()
        self._check_state(ENDED)
        return self._open_step("close")

    def _end(self, result, text, lost_reason=None):
        """Won or lost by its own people.

        :raise UserError: no summary; lost without a reason
        """
        self._check_mine()
        self._lock()
        self._check_state(("in_progress",))
        text = self._said(text)
        if result == "lost" and not lost_reason:
            raise UserError(self.env._("Say why it was lost."))
        self._finish(result)
        self._step({"lost_reason_id": lost_reason.id if lost_reason else False})
        self._close(text)

    def _finish(self, result):
        """Ended by itself or by a later document; open work is dropped."""
        for pursuit in self:
            pursuit._step({"state": result, "ended_on": pursuit._today()})
            pursuit._drop_open_work(pursuit.env._("The pursuit ended."))

    def _close(self, text):
        """Closing needs a summary.  Source: S1n-16."""
        self._check_mine()
        self._check_state(ENDED)
        if self.closed_on:
            raise UserError(self.env._("It is closed already."))
        self._step({"summary": self._said(text), "closed_on": self._today()})
        self._log(self.env._("Closed."))

    def _drop_open_work(self, reason):
        # sudo: what is open at the end belongs to several people.
        actions = self.env["kam.action"].sudo()
        work = actions.search([("pursuit_id", "in", self.ids), ("state", "=", "open")])
        work._as_engine().write({"state": "cancelled", "cancel_reason": reason})
        self.env["kam.notice"]._settle("action", work)
        reports = self.sudo().report_ids.filtered(lambda report: report.state == "due")
        reports._as_engine().write({"state": "dropped"})

    # Telling -------------------------------------------------------------------------

    @api.model
    def _told_title(self, what, name):
        return {
            "registered": self.env._("Registered: %(name)s", name=name),
            "returned": self.env._("Returned to you: %(name)s", name=name),
            "silent": self.env._("No progress: %(name)s", name=name),
            "lapsed": self.env._("Released: %(name)s", name=name),
            "lead_lost": self.env._("Opportunity lost: %(name)s", name=name),
            "lead_won": self.env._("Opportunity won: %(name)s", name=name),
        }[what]

    def _tell_responsible(self, what, text):
        self.ensure_one()
        user = self.user_id
        if user == self.env.user or not user.active:
            return
        own = self.with_context(lang=user.lang)
        title = own._told_title(what, own.display_name)
        self.env["kam.notice"]._queue(user, title, [text], record=self, topic="pursuit")
