from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class KamVisit(models.Model):
    """What can happen to a visit beside its report: cancelled, moved, missed, reopened.

    Each needs a reason, which stays.  Source: (c4), J04.
    """

    _inherit = "kam.visit"

    def _outcome_action(self, kind, title):
        self.check_access("write")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "kam.visit.outcome.wizard",
            "view_mode": "form",
            "target": "new",
            "context": {"default_visit_ids": self.ids, "default_kind": kind},
        }

    def action_cancel(self):
        """Ask why the visits will not take place."""
        return self._outcome_action("cancel", self.env._("Cancel Visit"))

    def action_reschedule(self):
        """Ask for the new time."""
        return self._outcome_action("move", self.env._("Reschedule Visit"))

    def action_not_held(self):
        """Ask what became of visits that did not take place."""
        return self._outcome_action("miss", self.env._("Did Not Take Place"))

    def action_reopen(self):
        """Ask why a report is opened again."""
        self._check_may_reopen()
        return self._outcome_action("reopen", self.env._("Reopen Report"))

    def _check_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: the reason stays on the visit."))

    def _check_state_in(self, states):
        wrong = self.filtered(lambda visit: visit.state not in states)
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "“%(visit)s” is %(state)s: this is not possible any more.",
                    visit=wrong[0].display_name,
                    state=labels[wrong[0].state],
                )
            )

    def _cancel(self, reason):
        """Will not take place.  A report is not owed."""
        self.check_access("write")
        self._check_state_in(("planned", "to_report", "missed"))
        self._check_reason(reason)
        self._end("cancelled", reason)

    def _miss(self, reason):
        """Did not take place, though planned."""
        self.check_access("write")
        self._check_state_in(("planned", "to_report"))
        self._check_reason(reason)
        self._check_begun()
        self._end("missed", reason)

    def _end(self, state, reason):
        self._as_engine().write({"state": state, "reason": reason.strip(), "report_due": False})
        self._drop_events()
        self._settle_notices()
        self._on_visit_changed()

    def _check_begun(self):
        now = fields.Datetime.now()
        for visit in self:
            if visit.start > now:
                raise UserError(
                    self.env._("“%(visit)s” has not taken place yet.", visit=visit.display_name)
                )

    def _reschedule(self, start, stop, reason):
        """Planned again, for a time to come."""
        self.ensure_one().check_access("write")
        self._check_state_in(("planned", "to_report", "missed"))
        self._check_reason(reason)
        self._check_to_come(start)
        facts = {"start": start, "stop": stop, "state": "planned", "report_due": False}
        self._as_engine().write(
            {**facts, "reason": reason.strip(), "check_in_on": False, "report_told_on": False}
        )
        self._settle_notices()
        self._refresh_facts()
        event = self._event()
        if event:
            event.write({"active": True, **self._prepare_event_time()})
        self._create_events()
        self._on_visit_changed()

    @api.model
    def _check_to_come(self, start):
        """:raise UserError: a visit is planned in the past"""
        if start < fields.Datetime.now():
            raise UserError(
                self.env._("This time is over. A visit that took place is entered with “Log”.")
            )

    def _check_may_reopen(self):
        if self.env.su or self.env.user.has_group("key_account_mgmt.group_kam_officer"):
            return
        raise AccessError(self.env._("Only the KAM office or a director reopens a report."))

    def _reopen(self, reason):
        """A report may be corrected: its text stays, what was handed in is kept in the
        history, and whether it is late is judged by the new one.
        """
        self._check_may_reopen()
        self.check_access("write")
        self._check_state_in(("reported",))
        self._check_reason(reason)
        for visit in self:
            visit.message_post(
                body=self.env._(
                    "Report of %(name)s reopened: %(reason)s\nIt said: %(report)s",
                    name=visit.reported_by_id.name,
                    reason=reason.strip(),
                    report=visit.report,
                ),
                subtype_xmlid="mail.mt_note",
            )
        self._as_engine().write(
            {
                "state": "to_report",
                "reported_on": False,
                "reported_by_id": False,
                "entered_late": False,
                "reopened_on": fields.Datetime.now(),
            }
        )
        self._on_visit_changed()

    def _pass_on(self, old, new):
        """Another organiser; in planned visits he also goes there instead of the old one.

        Whoever hands over has checked the right.
        """
        # sudo: the receiver need not be on the team yet. Not as engine: the meetings follow.
        visits = self.sudo()._without_engine()
        visits.write({"user_id": new.id})
        for visit in visits.filtered(lambda visit: visit.state == "planned"):
            people = (visit.participant_ids - old) | new
            visit.write({"participant_ids": [fields.Command.set(people.ids)]})
