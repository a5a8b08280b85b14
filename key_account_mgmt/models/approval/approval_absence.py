from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

AHEAD = 14


class KamApprovalDelegation(models.Model):
    """Delegations proposed from the approver's own calendar.

    An absence is an all-day event in which he shows himself as busy.
    """

    _name = "kam.approval.delegation"
    _inherit = ["kam.approval.delegation", "kam.job.mixin"]

    @api.model
    def default_get(self, fields_list):
        """A new delegation starts with the next absence in the user's calendar."""
        values = super().default_get(fields_list)
        if not values.get("date_from") and not values.get("date_to"):
            absence = self._next_absence(self.env.user, self._today_of(self.env.user))
            if absence:
                days = {"date_from": absence.start_date, "date_to": absence.stop_date}
                values.update({name: day for name, day in days.items() if name in fields_list})
        return values

    @api.model
    def _today_of(self, user):
        return fields.Date.context_today(self.with_context(tz=user.tz or "UTC"))

    @api.model
    def _next_absence(self, user, day):
        """The next all-day busy event of ``user`` from ``day`` on that no delegation of
        his covers; empty without one within two weeks."""
        # sudo: his own calendar, whatever the rules of calendars are here.
        events = (
            self.env["calendar.event"]
            .sudo()
            .search(
                Domain("allday", "=", True)
                & Domain("show_as", "=", "busy")
                & Domain("partner_ids", "in", user.partner_id.ids)
                & Domain("stop_date", ">=", day)
                & Domain("start_date", "<=", day + timedelta(days=AHEAD)),
                order="start_date, id",
            )
        )
        own = self.sudo().search([("user_id", "=", user.id), ("date_to", ">=", day)])
        for event in events:
            covered = any(
                d.date_from <= event.start_date and d.date_to >= event.stop_date for d in own
            )
            if not covered:
                return event
        return events.browse()

    @api.model
    def _cron_propose(self):
        """Once per absence, propose a delegation to whoever is asked for approvals."""
        asked = self.env["kam.approval.request.step"].sudo().search(
            [("state", "in", ("pending", "waiting"))]
        )  # fmt: skip
        users = asked.approver_ids.filtered("active")
        self._run_units("absences", [(self._propose_to, user) for user in users])

    @api.model
    def _propose_to(self, user):
        absence = self._next_absence(user, self._today_of(user))
        notices = self.env["kam.notice"].sudo()
        told = Domain("user_id", "=", user.id) & Domain("topic", "=", "absence")
        about = Domain("res_model", "=", "calendar.event") & Domain("res_id", "=", absence.id)
        if not absence or notices.search_count(told & about, limit=1):
            return
        own = self.with_context(lang=user.lang)
        title = own.env._("You are away: who approves for you?")
        line = own.env._(
            "%(event)s, %(first)s – %(last)s. Choose somebody under My Delegations.",
            event=absence.name,
            first=absence.start_date,
            last=absence.stop_date,
        )
        notices._queue(user, title, [line], record=absence, topic="absence")
