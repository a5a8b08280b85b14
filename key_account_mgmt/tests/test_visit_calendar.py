from datetime import date

from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_visit import NOW, VisitCase


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestVisitCalendar(VisitCase):
    """A planned visit and its meeting: one follows the other, nobody outside hears of it."""

    def _as_event(self, visit, user):
        return self._as(self._event(visit).sudo(False), user)

    def test_a_planned_visit_has_one_meeting(self):
        visit = self._visit(
            contact_ids=[(6, 0, self.contact.ids)],
            participant_ids=self._people(self.user, self.member),
            location="Suzhou",
        )
        event = self._event(visit)
        self.assertEqual((event.start, event.stop), (visit.start, visit.stop))
        self.assertEqual(event.user_id, self.user)
        self.assertEqual(event.partner_ids, (self.user | self.member).partner_id)
        self.assertEqual(event.location, "Suzhou")
        self.assertIn("Tianheng", event.name)
        self.assertFalse(self._held().event_id)

    def test_no_mail_leaves(self):
        """Neither to customers nor to colleagues: the calendar says it.  Design §4.3, §4.7."""
        before = self.env["mail.mail"].search_count([])
        notified = self.env["mail.notification"].search_count([])
        visit = self._visit(
            contact_ids=[(6, 0, self.contact.ids)],
            participant_ids=self._people(self.user, self.member, self.executive),
            user_id=self.executive.id,
        )
        self._as(visit, self.executive).write(
            {"start": "2026-11-25 02:00:00", "stop": "2026-11-25 03:00:00"}
        )
        visit.participant_ids |= self.officer
        visit._cancel("no")
        self._reported(contact_ids=[(6, 0, self.contact.ids)], next_visit_id=False)
        self.assertEqual(self.env["mail.mail"].search_count([]), before)
        self.assertEqual(self.env["mail.notification"].search_count([]), notified)
        followers = visit.sudo().message_partner_ids | self._event(visit).message_partner_ids
        self.assertNotIn(self.contact, followers)

    def test_a_clients_defaults_do_not_reach_the_meeting(self):
        forged = {
            "default_partner_ids": [(6, 0, self.contact.ids)],
            "default_name": "x",
            "default_privacy": "public",
            "default_start": "2020-01-01 00:00:00",
            "active_model": "res.partner",
            "active_id": self.contact.id,
        }
        visits = self._as(self.env["kam.visit"], self.user).with_context(**forged)
        visit = visits.create(
            {
                "account_id": self.tianheng.id,
                "start": "2026-11-24 02:00:00",
                "stop": "2026-11-24 03:00:00",
            }
        )
        event = self._event(visit)
        self.assertEqual(event.partner_ids, self.user.partner_id)
        self.assertIn("Tianheng", event.name)
        self.assertEqual(event.start, self._at("2026-11-24 02:00:00"))

    def test_a_visit_changed_changes_its_meeting(self):
        visit = self._visit()
        visit.write({"start": "2026-11-26 02:00:00", "stop": "2026-11-26 04:00:00"})
        visit.participant_ids |= self.member
        visit.also_account_ids = self.plant
        event = self._event(visit)
        self.assertEqual(event.stop, self._at("2026-11-26 04:00:00"))
        self.assertIn(self.member.partner_id, event.partner_ids)
        self.assertIn("Suzhou", event.name)

    def test_a_meeting_moved_moves_the_visit(self):
        """By a colleague who is not even on the account, too."""
        for user in (self.user, self.stranger, self.seller):
            visit = self._visit()
            self._as_event(visit, user).write(
                {"start": "2026-11-30 16:30:00", "stop": "2026-11-30 17:30:00"}
            )
            self.assertEqual(visit.start, self._at("2026-11-30 16:30:00"))
            self.assertEqual((visit.day, visit.state), (date(2026, 12, 1), "planned"))

    def test_a_meeting_made_longer_or_all_day(self):
        visit = self._visit()
        self._as_event(visit, self.user).write({"duration": 3})
        self.assertEqual(visit.stop, self._at("2026-11-24 05:00:00"))
        self._as_event(visit, self.user).write(
            {"allday": True, "start_date": "2026-11-27", "stop_date": "2026-11-28"}
        )
        self.assertEqual(visit.day, date(2026, 11, 27))
        self.assertEqual(visit.start, self._at("2026-11-27 01:00:00"))

    def test_moved_into_the_past_it_waits_for_its_report(self):
        visit = self._visit()
        self._as_event(visit, self.user).write(
            {"start": "2026-11-20 02:00:00", "stop": "2026-11-20 03:00:00"}
        )
        self.assertEqual((visit.state, visit.day), ("to_report", date(2026, 11, 20)))
        self.assertEqual(visit.report_due, date(2026, 11, 25))

    def test_a_reported_visit_never_moves(self):
        visit = self._visit()
        event = self._as_event(visit, self.user)
        with freeze_time("2026-11-24 04:00:00"):
            self._fill(visit).action_report()
            before = visit.read(["start", "stop", "day", "state"])
            event.write({"start": "2026-12-24 02:00:00", "stop": "2026-12-24 03:00:00"})
            self.assertEqual(visit.read(["start", "stop", "day", "state"]), before)
            event.unlink()
        self.assertEqual(visit.read(["start", "stop", "day", "state"]), before)
        self.assertFalse(visit.event_id)

    def test_deleted_or_archived_before_it_took_place(self):
        for act in (
            lambda event: event.unlink(),
            lambda event: event.write({"active": False}),
            lambda event: event.action_archive(),
        ):
            visit = self._visit()
            act(self._as_event(visit, self.stranger))
            self.assertEqual((visit.state, visit.reason), ("cancelled", "Deleted in the calendar"))

    def test_deleted_afterwards_changes_nothing(self):
        visit = self._visit()
        event = self._as_event(visit, self.user)
        with freeze_time("2026-11-24 03:00:00"):
            event.unlink()
        self.assertEqual(visit.state, "planned")
        # The night finds it over.
        with freeze_time("2026-11-24 17:45:00"):
            self._job("_cron_visits", None, "kam.visit")
        self.assertEqual(visit.state, "to_report")

    def test_an_end_before_the_start_is_refused_in_the_calendar_too(self):
        visit = self._visit()
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as_event(visit, self.user).write({"stop": "2026-11-24 01:00:00"})
        visit.invalidate_recordset()
        self.assertEqual(visit.stop, self._at("2026-11-24 03:00:00"))

    def test_a_meeting_made_a_series_is_one_visit(self):
        """The visit stays at its own occurrence."""
        visit = self._visit()
        event = self._as_event(visit, self.user)
        self._repeat(event, 4)
        self.assertEqual(len(event.recurrence_id.calendar_event_ids), 4)
        self.assertEqual(visit.event_id, event)
        self.assertEqual(
            self.env["kam.visit"].search_count([("account_id", "=", self.tianheng.id)]), 1
        )
        others = event.recurrence_id.calendar_event_ids - event
        others[0].write({"start": "2026-12-10 02:00:00", "stop": "2026-12-10 03:00:00"})
        others[1].unlink()
        self.assertEqual((visit.state, visit.day), ("planned", date(2026, 11, 24)))

    def _repeat(self, event, count):
        event.write(
            {
                "recurrency": True,
                "rrule_type": "weekly",
                "tue": True,
                "interval": 1,
                "count": count,
                "end_type": "count",
                "event_tz": "Asia/Shanghai",
            }
        )

    def test_a_series_moved_takes_its_visit_along(self):
        for setting in ("all_events", "future_events"):
            visit = self._visit()
            event = self._as_event(visit, self.user)
            self._repeat(event, 3)
            event.write(
                {
                    "start": "2026-11-24 06:00:00",
                    "stop": "2026-11-24 07:00:00",
                    "recurrence_update": setting,
                }
            )
            self.assertEqual(visit.state, "planned", setting)
            self.assertEqual(visit.start, self._at("2026-11-24 06:00:00"), setting)
            self.assertTrue(self._event(visit).active)
            visit._cancel("done")

    def test_a_visit_at_a_later_occurrence_follows_its_series(self):
        """Odoo rewrites the series and makes other meetings: it stands at its own again."""
        visit = self._visit()
        first = self._as_event(visit, self.user)
        self._repeat(first, 3)
        last = first.recurrence_id.calendar_event_ids.sorted("start")[-1]
        visit._as_engine().write({"event_id": last.id, "start": last.start, "stop": last.stop})
        visit._refresh_facts()
        first.write(
            {
                "start": "2026-11-24 06:00:00",
                "stop": "2026-11-24 07:00:00",
                "recurrence_update": "all_events",
            }
        )
        self.assertEqual(visit.state, "planned")
        self.assertEqual(visit.start, self._at("2026-12-08 06:00:00"))
        self.assertNotEqual(visit.event_id, first)

    def test_a_private_calendar_is_no_obstacle(self):
        """Who plans for a colleague changes the meeting in his private calendar, too."""
        self.executive.res_users_settings_id.calendar_default_privacy = "private"
        visit = self._visit(user_id=self.executive.id, participant_ids=self._people(self.executive))
        visit.write({"start": "2026-11-25 02:00:00", "stop": "2026-11-25 03:00:00"})
        self.assertEqual(self._event(visit).start, self._at("2026-11-25 02:00:00"))
        self.assertEqual(self._event(visit).effective_privacy, "private")

    def test_other_meetings_cost_one_query_at_most(self):
        """Only where a meeting is moved, archived or deleted, and there once."""
        Event = self.env["calendar.event"].with_user(self.seller)
        event = Event.create({"name": "Lunch", "start": NOW, "stop": "2026-11-23 03:00:00"})
        original, seen = type(event)._kam_visits, []

        def counting(events):
            seen.append(events)
            return original(events)

        self.patch(type(event), "_kam_visits", counting)
        event.write({"name": "Dinner", "show_as": "free"})
        self.assertFalse(seen)
        event.write({"start": "2026-11-23 02:30:00", "stop": "2026-11-23 03:30:00"})
        self.assertEqual(len(seen), 1)
        event.unlink()
        self.assertEqual(len(seen), 2)

    def test_a_participant_who_is_not_on_the_team_sees_the_meeting_only(self):
        visit = self._visit(participant_ids=self._people(self.user, self.stranger))
        self.assertTrue(self._as_event(visit, self.stranger).has_access("read"))
        self.assertFalse(self._as(visit, self.stranger).has_access("read"))
        event = self._as_event(visit, self.stranger)
        self.assertFalse(event.description)
