from datetime import date, datetime, timedelta
from itertools import islice

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from odoo.addons.key_account_mgmt.models.core.working_time import WorkingTime

from .common import KamCase

FULL = ((8, 12), (13, 17))


def lines(weekdays=range(5), hours=FULL, **values):
    return [
        Command.create(
            {
                "name": f"{weekday} {start}",
                "dayofweek": str(weekday),
                "hour_from": start,
                "hour_to": end,
                "day_period": "morning" if end <= 12 else "afternoon",
                **values,
            }
        )
        for weekday in weekdays
        for start, end in hours
    ]


class WorkingTimeCase(KamCase):
    """The company works Monday to Friday, 8–12 and 13–17 in Shanghai: 0–4 and 5–9 UTC."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Day = cls.env["kam.calendar.day"]
        cls.Day.search([]).unlink()
        cls.calendar = cls._calendar()
        cls.company.resource_calendar_id = cls.calendar

    @classmethod
    def _calendar(cls, attendances=None, tz="Asia/Shanghai", company=None, **values):
        calendar = cls.env["resource.calendar"].create(
            {
                "name": "Hours",
                "tz": tz,
                "company_id": (company or cls.company).id,
                "attendance_ids": [],
                **values,
            }
        )
        calendar.attendance_ids = [
            Command.clear(),
            *(lines() if attendances is None else attendances),
        ]
        return calendar

    @classmethod
    def _day(cls, day, kind="holiday", company=None, **values):
        return cls.Day.create(
            {
                "name": f"{kind} {day}",
                "date": day,
                "kind": kind,
                "company_id": company.id if company else False,
                **values,
            }
        )

    def _hours(self, day, company=None):
        """The working hours of a day as ``["00:00-04:00", …]``, in UTC."""
        working = (company or self.company)._kam_working_time()
        return [f"{start:%H:%M}-{end:%H:%M}" for start, end in working.intervals(day)]


@tagged("post_install", "-at_install")
class TestWorkingTime(WorkingTimeCase):
    """When a company works. 16 November 2026 is a Monday.  Source: Q15, Q39, S2-35."""

    # Odoo's working hours

    def test_a_weekday_and_a_weekend(self):
        self.assertEqual(self._hours(date(2026, 11, 16)), ["00:00-04:00", "05:00-09:00"])
        self.assertEqual(self._hours(date(2026, 11, 21)), [])
        self.assertTrue(self.company._kam_is_working_day(date(2026, 11, 20)))
        self.assertFalse(self.company._kam_is_working_day(date(2026, 11, 22)))

    def test_intervals_by_day(self):
        """From the local day of the moment: 20:00 UTC is the next day in Shanghai."""
        days = self.company._kam_working_intervals(datetime(2026, 11, 19, 20))
        found = [(day, len(intervals)) for day, intervals in islice(days, 4)]
        self.assertEqual(
            found,
            [
                (date(2026, 11, 20), 2),
                (date(2026, 11, 21), 0),
                (date(2026, 11, 22), 0),
                (date(2026, 11, 23), 2),
            ],
        )

    def test_hours(self):
        friday = datetime(2026, 11, 20, 8)
        monday = datetime(2026, 11, 23, 1)
        self.assertEqual(self.company._kam_add_working_hours(friday, 2), monday)
        self.assertEqual(self.company._kam_working_hours(friday, monday), 2)
        self.assertEqual(self.company._kam_add_working_hours(friday, 0), friday)
        self.assertEqual(self.company._kam_add_working_hours(friday, 1), datetime(2026, 11, 20, 9))

    def test_days(self):
        friday = date(2026, 11, 20)
        for number, day in ((0, 20), (1, 23), (5, 27), (-4, 16)):
            found = self.company._kam_add_working_days(friday, number)
            self.assertEqual(found, date(2026, 11, day), number)

    def test_far_away(self):
        """Over several readings of the database, forwards and backwards."""
        day = date(2026, 11, 16)
        self.assertEqual(self.company._kam_add_working_days(day, 500), day + timedelta(weeks=100))
        self.assertEqual(self.company._kam_add_working_days(day, -500), day - timedelta(weeks=100))
        due = self.company._kam_add_working_hours(datetime(2026, 11, 16), 4000)
        self.assertEqual(due, datetime(2026, 11, 13, 9) + timedelta(weeks=100))

    def test_summer_time(self):
        """9 to 17 in Berlin is an hour earlier in UTC from 29 March 2026 on."""
        self.company.resource_calendar_id = self._calendar(
            lines(range(7), ((9, 17),)), "Europe/Berlin"
        )
        self.assertEqual(self._hours(date(2026, 3, 28)), ["08:00-16:00"])
        self.assertEqual(self._hours(date(2026, 3, 29)), ["07:00-15:00"])
        due = self.company._kam_add_working_hours(datetime(2026, 3, 28, 15), 2)
        self.assertEqual(due, datetime(2026, 3, 29, 8))
        self.assertEqual(
            self.company._kam_working_hours(datetime(2026, 10, 24), datetime(2026, 10, 26)), 16
        )

    def test_round_the_clock(self):
        """Odoo's 24:00 is the last microsecond of a day; hours are whole all the same."""
        self.company.resource_calendar_id = self._calendar(lines(range(7), ((0, 24),)))
        start = datetime(2026, 11, 16, 3, 30)
        due = self.company._kam_add_working_hours(start, 72)
        self.assertEqual(due, start + timedelta(hours=72))
        self.assertEqual(self.company._kam_working_hours(start, due), 72)

    def test_a_day_that_changes_its_length(self):
        """7×24 counts the hours that pass: 23 on the day the clocks go forward."""
        self.company.resource_calendar_id = self._calendar(
            lines(range(7), ((0, 24),)), "Europe/Berlin"
        )
        start, end = datetime(2026, 3, 28, 23), datetime(2026, 3, 29, 22)
        self.assertEqual(self.company._kam_working_hours(start, end), 23)

    def test_two_weeks(self):
        """The first week Monday, the second week Tuesday."""
        self.calendar.two_weeks_calendar = True
        self.calendar.attendance_ids = [
            Command.clear(),
            *lines([0], week_type="0"),
            *lines([1], week_type="1"),
        ]
        monday = date(2026, 11, 16)
        week_type = self.env["resource.calendar.attendance"].get_week_type(monday)
        worked = [
            day
            for number in range(14)
            if self.company._kam_is_working_day(day := monday + timedelta(days=number))
        ]
        first = [monday, monday + timedelta(days=8)]
        second = [monday + timedelta(days=1), monday + timedelta(days=7)]
        self.assertEqual(worked, second if week_type else first)

    def test_flexible_hours(self):
        """40 hours a week wherever they lie: Odoo puts them on Monday to Friday."""
        self.calendar.write(
            {"schedule_type": "flexible", "hours_per_day": 8, "full_time_required_hours": 40}
        )
        monday = date(2026, 11, 16)
        worked = [
            number
            for number in range(7)
            if self.company._kam_is_working_day(monday + timedelta(days=number))
        ]
        self.assertEqual(worked, [0, 1, 2, 3, 4])

    def test_time_off_of_the_company(self):
        """A day entered in Odoo ends at 23:59:59; nothing of it is left to work."""
        Leave = self.env["resource.calendar.leaves"]
        self.company.resource_calendar_id = self._calendar(lines(range(7), ((0, 24),)))
        midnight = datetime(2026, 11, 17, 16)
        values = {"name": "Stocktaking", "calendar_id": self.company.resource_calendar_id.id}
        Leave.create(
            {
                **values,
                "date_from": midnight,
                "date_to": midnight + timedelta(hours=24, seconds=-1),
            }
        )
        self.assertTrue(self.company._kam_is_working_day(date(2026, 11, 17)))
        self.assertFalse(self.company._kam_is_working_day(date(2026, 11, 18)))
        self.assertTrue(self.company._kam_is_working_day(date(2026, 11, 19)))
        # A quarter past eight in the evening in Shanghai, then a day off.
        due = self.company._kam_add_working_hours(datetime(2026, 11, 17, 12, 15), 4)
        self.assertEqual(due, datetime(2026, 11, 18, 16, 15))

    def test_time_off_without_a_calendar_is_the_companys(self):
        Leave = self.env["resource.calendar.leaves"]
        other = self._new_company("Yunting Rail", self.cny)
        for day, company in ((17, self.company), (18, other)):
            Leave.with_company(company).create(
                {
                    "name": "Closed",
                    "date_from": datetime(2026, 11, day - 1, 16),
                    "date_to": datetime(2026, 11, day, 15, 59, 59),
                }
            )
        self.assertFalse(self.company._kam_is_working_day(date(2026, 11, 17)))
        self.assertTrue(self.company._kam_is_working_day(date(2026, 11, 18)))

    def test_time_off_of_a_person_is_not_the_companys(self):
        resource = self.env["resource.resource"].create(
            {"name": "Zhou Min", "calendar_id": self.calendar.id, "company_id": self.company.id}
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Ill",
                "calendar_id": self.calendar.id,
                "resource_id": resource.id,
                "date_from": datetime(2026, 11, 16, 16),
                "date_to": datetime(2026, 11, 17, 15, 59, 59),
            }
        )
        self.assertTrue(self.company._kam_is_working_day(date(2026, 11, 17)))

    # Public holidays and make-up working days

    def test_a_holiday_is_not_worked(self):
        self._day(date(2026, 11, 18))
        self.assertTrue(self.company._kam_is_working_day(date(2026, 11, 17)))
        self.assertFalse(self.company._kam_is_working_day(date(2026, 11, 18)))
        self.assertTrue(self.company._kam_is_working_day(date(2026, 11, 19)))
        due = self.company._kam_add_working_hours(datetime(2026, 11, 17, 8), 2)
        self.assertEqual(due, datetime(2026, 11, 19, 1))
        found = self.company._kam_add_working_days(date(2026, 11, 17), 1)
        self.assertEqual(found, date(2026, 11, 19))

    def test_a_make_up_saturday_is_worked(self):
        self._day(date(2026, 11, 21), "workday")
        self.assertEqual(self._hours(date(2026, 11, 21)), self._hours(date(2026, 11, 16)))
        self.assertEqual(self._hours(date(2026, 11, 22)), [])
        due = self.company._kam_add_working_hours(datetime(2026, 11, 20, 8), 2)
        self.assertEqual(due, datetime(2026, 11, 21, 1))

    def test_the_hours_of_the_chosen_weekday(self):
        self.calendar.attendance_ids = [
            Command.clear(),
            *lines(range(4)),
            *lines([4], ((8, 12),)),
        ]
        self._day(date(2026, 11, 21), "workday", weekday="4")
        self._day(date(2026, 11, 22), "workday")
        self.assertEqual(self._hours(date(2026, 11, 21)), ["00:00-04:00"])
        self.assertEqual(self._hours(date(2026, 11, 22)), ["00:00-04:00", "05:00-09:00"])

    def test_a_make_up_day_keeps_the_time_of_the_place(self):
        """The last Sunday of March made up for with Monday's 9 to 17, in summer time."""
        self.company.resource_calendar_id = self._calendar(
            lines(range(5), ((9, 17),)), "Europe/Berlin"
        )
        self._day(date(2026, 3, 29), "workday")
        self.assertEqual(self._hours(date(2026, 3, 29)), ["07:00-15:00"])

    def test_our_days_win_over_time_off(self):
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.calendar.id,
                "date_from": datetime(2026, 11, 15, 16),
                "date_to": datetime(2026, 11, 17, 15, 59, 59),
            }
        )
        self._day(date(2026, 11, 17), "workday")
        self.assertFalse(self.company._kam_is_working_day(date(2026, 11, 16)))
        self.assertEqual(self._hours(date(2026, 11, 17)), ["00:00-04:00", "05:00-09:00"])

    def test_days_of_other_companies(self):
        other = self._new_company("Yunting Rail", self.cny)
        other.resource_calendar_id = self._calendar(company=other)
        self._day(date(2026, 11, 17))
        self._day(date(2026, 11, 18), company=other)
        self._day(date(2026, 11, 19), company=self.company)
        worked = [
            [day for day in (17, 18, 19) if c._kam_is_working_day(date(2026, 11, day))]
            for c in (self.company, other)
        ]
        self.assertEqual(worked, [[18], [19]])

    def test_the_nearest_companys_word_wins(self):
        branch = self._new_company("Yunting Chengdu", self.cny, parent=self.company)
        day = date(2026, 11, 21)
        self._day(day, "workday")
        self.assertTrue(self.company._kam_is_working_day(day))
        own = self._day(day, company=self.company)
        self.assertFalse(self.company._kam_is_working_day(day))
        self.assertFalse(branch._kam_is_working_day(day))
        self._day(day, "workday", company=branch)
        self.assertTrue(branch._kam_is_working_day(day))
        own.unlink()
        self.assertTrue(self.company._kam_is_working_day(day))

    # Companies without hours

    def test_a_branch_follows_the_company_above_it(self):
        branch = self._new_company("Yunting Chengdu", self.cny, parent=self.company)
        branch.resource_calendar_id = False
        self.assertEqual(self._hours(date(2026, 11, 16), branch), ["00:00-04:00", "05:00-09:00"])
        branch.resource_calendar_id = self._calendar(lines([0], ((9, 10),)), company=branch)
        self.assertEqual(self._hours(date(2026, 11, 16), branch), ["01:00-02:00"])
        self.assertEqual(self._hours(date(2026, 11, 16)), ["00:00-04:00", "05:00-09:00"])

    def test_a_company_without_hours(self):
        """Monday to Friday, 9 to 17 at the company's place."""
        company = self._new_company("Yunting Rail", self.cny)
        company.resource_calendar_id = False
        company.partner_id.tz = False
        self.assertEqual(self._hours(date(2026, 11, 20), company), ["09:00-17:00"])
        self.assertEqual(self._hours(date(2026, 11, 21), company), [])
        company.partner_id.tz = "Asia/Shanghai"
        self.assertEqual(self._hours(date(2026, 11, 20), company), ["01:00-09:00"])
        self._day(date(2026, 11, 20))
        self._day(date(2026, 11, 21), "workday")
        self.assertEqual(self._hours(date(2026, 11, 20), company), [])
        self.assertEqual(self._hours(date(2026, 11, 21), company), ["01:00-09:00"])

    def test_a_calendar_nobody_filled_in(self):
        self.calendar.attendance_ids = [Command.clear()]
        self.assertEqual(self._hours(date(2026, 11, 20)), ["01:00-09:00"])

    def test_nobody_works_is_said(self):
        """Closed for two years: no deadline, and no endless search for one."""
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.calendar.id,
                "date_from": datetime(2026, 1, 1),
                "date_to": datetime(2029, 1, 1),
            }
        )
        with self.assertRaisesRegex(UserError, "Yunting Elevator Components"):
            self.company._kam_add_working_hours(datetime(2026, 11, 16), 1)
        with self.assertRaisesRegex(UserError, "working days"):
            self.company._kam_add_working_days(date(2026, 11, 16), 1)
        start, end = datetime(2026, 11, 16), datetime(2027, 11, 16)
        self.assertEqual(self.company._kam_working_hours(start, end), 0)

    # Cost

    def _count(self, company, function):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function(company._kam_working_time())
        return self.cr.sql_log_count - before

    def test_queries_do_not_grow_with_the_documents(self):
        moment = datetime(2026, 11, 16, 3)
        one = self._count(self.company, lambda w: w.add_hours(moment, 4))
        many = self._count(
            self.company,
            lambda w: [w.add_hours(moment + timedelta(minutes=n), n % 40) for n in range(500)],
        )
        self.assertEqual(many, one)
        self.assertLess(one, 10)

    def test_queries_do_not_grow_with_the_calendar_days(self):
        def work(working):
            return working.add_days(date(2026, 11, 16), 5)

        few = self._count(self.company, work)
        for number in range(300):
            self._day(date(2025, 1, 1) + timedelta(days=number))
        self.assertEqual(self._count(self.company, work), few)

    def test_anybody_may_be_told(self):
        """Also whose companies do not include the one asked about, with any context."""
        self._day(date(2026, 11, 18), company=self.company)
        other = self._new_company("Yunting Rail", self.cny)
        self.seller.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        company = self._as(self.company, self.seller)
        company = company.with_context(employee_timezone="UTC", tz="UTC", active_test=True)
        self.assertFalse(company._kam_is_working_day(date(2026, 11, 18)))
        working = WorkingTime(company)
        self.assertEqual(working.intervals(date(2026, 11, 17))[0][0], datetime(2026, 11, 17))


@tagged("post_install", "-at_install")
class TestCalendarDay(WorkingTimeCase):
    """The table of days worked otherwise.  Source: Q39."""

    def test_a_day_is_entered_once_per_company(self):
        day = date(2026, 11, 18)
        self._day(day)
        self._day(day, company=self.company)
        for company in (None, self.company):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                self._day(day, "workday", company=company)

    def test_a_make_up_day_says_whose_hours(self):
        day = self._day(date(2026, 11, 21), "workday")
        self.assertEqual(day.weekday, "0")
        with self.assertRaises(ValidationError):
            day.weekday = False
        day.kind = "holiday"
        day.weekday = False

    def test_entered_on_screen(self):
        with Form(self.Day.with_user(self.admin)) as form:
            form.name = "National Day"
            form.date = date(2026, 10, 1)
        day = form.record
        self.assertEqual((day.kind, bool(day.company_id)), ("holiday", False))

    def test_imported(self):
        """With Odoo's own import, kinds and weekdays by their names."""
        result = self.Day.with_user(self.admin).load(
            ["date", "name", "kind", "weekday"],
            [
                ["2026-10-01", "National Day", "Public Holiday", ""],
                ["2026-10-10", "Make-up", "Make-up Working Day", "Friday"],
            ],
        )
        self.assertFalse(result["messages"])
        days = self.Day.browse(result["ids"])
        self.assertEqual(days.mapped("kind"), ["holiday", "workday"])
        self.assertEqual(days[1].weekday, "4")

    def test_only_the_administrator_changes_it(self):
        day = self._day(date(2026, 11, 18), company=self.company)
        for user in (self.member, self.officer, self.gm, self.auditor, self.seller):
            own = self._as(day, user)
            self.assertEqual(own.read(["kind"])[0]["kind"], "holiday", user.name)
            for change in (
                lambda own=own: own.write({"kind": "workday"}),
                lambda own=own: own.unlink(),
                lambda own=own: own.create({"name": "Mine", "date": date(2026, 11, 19)}),
            ):
                with self.assertRaises(AccessError, msg=user.name):
                    change()
        own = self._as(day, self.admin)
        own.write({"kind": "workday"})
        own.unlink()

    def test_days_of_other_companies_are_not_shown(self):
        other = self._new_company("Yunting Rail", self.cny)
        day = self._day(date(2026, 11, 18), company=other)
        for user in (self.member, self.gm, self.admin):
            with self.assertRaises(AccessError):
                self._as(day, user).read(["name"])

    def test_the_menu_is_the_administrators(self):
        menu = self.env.ref("key_account_mgmt.kam_calendar_day_menu")
        for user, visible in ((self.admin, True), (self.officer, False), (self.gm, False)):
            found = self._as(menu, user).search([("id", "=", menu.id)])
            self.assertEqual(bool(found), visible, user.name)


@tagged("post_install", "-at_install")
class TestMorningMessage(WorkingTimeCase):
    """The message of the morning comes on working days only.  Design §4.7."""

    def _sent(self, moment):
        """Whether a notice waiting at a moment is sent by the job."""
        self.env["kam.notice"]._queue(self.user, "Something is due")
        notice = self.env["kam.notice"].search([("user_id", "=", self.user.id)], limit=1)
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1.0)
        with freeze_time(moment):
            self.env["kam.notice"].with_user(self.env.ref("base.user_root"))._cron_send()
        return bool(notice.sent_on)

    def test_not_on_a_weekend(self):
        self.assertTrue(self._sent("2026-11-20 00:00:00"))
        self.assertFalse(self._sent("2026-11-21 00:00:00"))
        self.assertFalse(self._sent("2026-11-22 00:00:00"))
        self.assertTrue(self._sent("2026-11-23 00:00:00"))

    def test_not_on_a_holiday_but_on_a_make_up_saturday(self):
        self._day(date(2026, 11, 18))
        self._day(date(2026, 11, 21), "workday")
        self.assertTrue(self._sent("2026-11-17 00:00:00"))
        self.assertFalse(self._sent("2026-11-18 00:00:00"))
        self.assertTrue(self._sent("2026-11-19 00:00:00"))
        self.assertTrue(self._sent("2026-11-21 00:00:00"))

    def test_the_day_is_that_of_the_place(self):
        """17:00 UTC on Thursday is Friday in Shanghai, on Friday it is Saturday."""
        self.assertTrue(self._sent("2026-11-19 17:00:00"))
        self.assertFalse(self._sent("2026-11-20 17:00:00"))

    def test_each_person_follows_the_own_company(self):
        other = self._new_company("Yunting Rail", self.cny)
        other.resource_calendar_id = self._calendar(company=other)
        self.officer.write({"company_ids": [Command.link(other.id)], "company_id": other.id})
        self._day(date(2026, 11, 18), company=other)
        self.env["kam.notice"]._queue(self.officer, "Something is due")
        self.assertTrue(self._sent("2026-11-18 00:00:00"))
        notice = self.env["kam.notice"].search([("user_id", "=", self.officer.id)])
        self.assertFalse(notice.sent_on)
