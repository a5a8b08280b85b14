from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models

from ..core.guarded import ENGINE

# Marks what the visit itself does to its meeting; compared by identity.
FROM_VISIT = "kam_from_visit"
# What of a visit its meeting shows.
SHOWN = {
    "start",
    "stop",
    "location",
    "user_id",
    "participant_ids",
    "purpose_id",
    "also_account_ids",
}
# Nobody is invited or told: not by mail, not by a follower's note.
QUIET = {
    "no_mail_to_attendees": True,
    "dont_notify": True,
    "skip_attendee_notification": True,
    "skip_contact_description": True,
    "mail_create_nolog": True,
    "mail_create_nosubscribe": True,
    "mail_notrack": True,
    "tracking_disable": True,
}


class KamVisit(models.Model):
    """A planned visit stands in the calendars of our people, never in the customer's.

    The meeting shows whom we visit and why; what is to be said there stays in the visit.
    Source: (c4), design §4.3.
    """

    _inherit = "kam.visit"

    def _quiet_events(self):
        """``calendar.event`` as the visit writes to it.

        sudo: a visit keeps its own meeting up to date whoever changes the visit, also in a
        colleague's private calendar. No default of a client gets in.
        """
        kept = {key: self.env.context.get(key) for key in ("lang", "tz", "allowed_company_ids")}
        context = {key: value for key, value in kept.items() if value}
        context |= {**QUIET, FROM_VISIT: ENGINE}
        return self.env(su=True, context=context)["calendar.event"]

    def _event(self):
        return self._quiet_events().browse(self.event_id.ids)

    def _create_events(self):
        """One meeting for each planned visit that has none."""
        visits = self.filtered(lambda visit: visit.state == "planned" and not visit.event_id)
        if not visits:
            return
        events = self._quiet_events().create([visit._prepare_event() for visit in visits])
        for visit, event in zip(visits, events, strict=True):
            visit._as_engine().write({"event_id": event.id})

    def _prepare_event(self):
        people = self.participant_ids | self.user_id
        return {
            **self._prepare_event_time(),
            "name": self._event_name(),
            "location": self.location,
            "user_id": self.user_id.id,
            "partner_ids": [fields.Command.set(people.partner_id.ids)],
            # sudo: the number of a model is no secret.
            "res_model_id": self.env["ir.model"].sudo()._get_id(self._name),
            "res_id": self.id,
        }

    def _event_name(self):
        customers = (self.account_id | self.also_account_ids).mapped("name")
        return f"{self.purpose_id.name}: {', '.join(customers)}"

    def _prepare_event_time(self):
        return {"start": self.start, "stop": self.stop, "allday": False}

    def _update_events(self, vals):
        """The meeting follows what was changed, as long as nothing was reported."""
        if not SHOWN & vals.keys():
            return
        named = {"purpose_id", "also_account_ids"} & vals.keys()
        alive = self.filtered(lambda visit: visit.state in ("planned", "to_report"))
        for visit in alive.filtered(lambda visit: visit._event().active):
            people = visit.participant_ids | visit.user_id
            values = {"location": visit.location, "user_id": visit.user_id.id}
            event = visit._event()
            if people.partner_id != event.partner_ids:
                values["partner_ids"] = [fields.Command.set(people.partner_id.ids)]
            if named:
                values["name"] = visit._event_name()
            if (visit.start, visit.stop) != (event.start, event.stop):
                values |= visit._prepare_event_time()
            event.write(values)
        self._create_events()

    def _drop_events(self):
        """What does not take place leaves the calendars."""
        events = self._event().filtered("active")
        if events:
            events.write({"active": False})

    def _follow_events(self):
        """The meeting was moved in the calendar: a planned visit moves with it.

        Moved into the past it waits for its report.  A reported visit never moves.
        """
        moved = self.browse()
        for visit in self.filtered(lambda visit: visit.state == "planned"):
            start, stop = visit._event_times()
            if (start, stop) == (visit.start, visit.stop):
                continue
            visit._as_engine().write({"start": start, "stop": stop})
            moved |= visit
        moved._refresh_facts()
        if moved:
            moved._on_visit_changed()

    def _event_times(self):
        """When the meeting is; Odoo writes days of all-day meetings as if in UTC."""
        event = self._event()
        if not event.allday:
            return event.start, event.stop
        zone = self.company_id._kam_working_time().tz
        return tuple(
            zone.localize(datetime.combine(day, hour)).astimezone(pytz.utc).replace(tzinfo=None)
            for day, hour in (
                (event.start_date, time(9)),
                (min(event.stop_date, event.start_date + timedelta(days=30)), time(17)),
            )
        )

    def _cancel_with_event(self):
        """The meeting of a planned visit was deleted or archived before it took place."""
        now = fields.Datetime.now()
        gone = self.filtered(lambda visit: visit.state == "planned" and visit.stop > now)
        if gone:
            gone._as_engine().write(
                {"state": "cancelled", "reason": self.env._("Deleted in the calendar")}
            )
            gone._on_visit_changed()
