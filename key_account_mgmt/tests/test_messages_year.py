import re
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta

from freezegun import freeze_time

from odoo import SUPERUSER_ID, Command
from odoo.tests import tagged

from .test_obligation import DAY, ObligationCase

# When a night begins, in UTC: midnight in Shanghai.
NIGHT = timedelta(hours=16)
# Of tiers and approvals, of which there are none here: once a month.
SELDOM = {
    "kam.tier.evaluation/nightly",
    "kam.tier.evaluation/yearly",
    "kam.approval.request.step/approvals",
    "kam.approval.delegation/absences",
}
FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
# The public holidays of 2026 that are not a weekend anyway, and the weekends worked instead.
DAYS_OFF = [
    date(2026, 1, 1), date(2026, 1, 2), *(date(2026, 2, n) for n in range(16, 24)),
    date(2026, 4, 6), date(2026, 5, 1), date(2026, 5, 4), date(2026, 5, 5), date(2026, 6, 19),
    date(2026, 9, 25), *(date(2026, 10, n) for n in range(1, 8)),
]  # fmt: skip
MADE_UP = [
    date(2026, 1, 4), date(2026, 2, 14), date(2026, 2, 28), date(2026, 5, 9), date(2026, 9, 20),
    date(2026, 10, 10),
]  # fmt: skip
# What the nights have to say of obligations: 14 and 3 days before the end of a period, and on
# the morning after it.
NEVER_RETURNED = [  # the return visits of the service pack, every quarter
    date(2026, 3, 17), date(2026, 3, 28), date(2026, 4, 1),
    date(2026, 6, 16), date(2026, 6, 27), date(2026, 7, 1),
    date(2026, 9, 16), date(2026, 9, 27), date(2026, 10, 1),
    date(2026, 12, 17), date(2026, 12, 28),
]  # fmt: skip
NEVER_MET = [  # the executive meetings, every half-year
    date(2026, 6, 16), date(2026, 6, 27), date(2026, 7, 1), date(2026, 12, 17), date(2026, 12, 28),
]  # fmt: skip
NOT_VISITED = [  # the strategic account in March and August
    date(2026, 3, 17), date(2026, 3, 28), date(2026, 4, 1),
    date(2026, 8, 17), date(2026, 8, 28), date(2026, 9, 1),
]  # fmt: skip
# Profiles are stale half a year after go-live; he looks at them on the morning he hears.
PROFILES = [date(2026, 7, 2)]


def is_worked(day):
    return day in MADE_UP or (day.weekday() < 5 and day not in DAYS_OFF)


def worked(day):
    """The first working day from ``day`` on."""
    while not is_worked(day):
        day += DAY
    return day


def later(day, count):
    """The ``count``-th working day after ``day``."""
    for _step in range(count):
        day = worked(day + DAY)
    return day


def at_ten(day):
    return datetime.combine(day, time(2))


@tagged("post_install", "-at_install")
class TestMessagesYear(ObligationCase):
    """Every message of a year of work, 2026, with the jobs of ours each night.

    ``user`` leads five accounts: one strategic (visited each month but two), a level 1
    (visited in two quarters, in one reported late, in one never), a level 2, one with a
    service pack and one he is given in May; ``member`` takes part in the visits and is the
    service of the pack, ``executive`` sponsors the level 1, ``officer`` and ``director``
    hear of the gaps in the teams.  What happens is written into ``self.diary`` with the day
    on which it is news to somebody.

    An account manager can hear of obligations on three mornings a month at most, as
    periods end with a month: 36.  The rest is what people do: a report that is late, an
    action that is due, an answer.  Source: design §4.7, users §2.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2025-12-01 04:00:00"):
            cls._set_up_company()
            cls._set_up_people()
            cls._set_up_accounts()

    @classmethod
    def _set_up_company(cls):
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.env.ref("key_account_mgmt.group_kam_area_status")._kam_switch_on()
        cls.env["kam.calendar.day"].search([]).unlink()
        cls.env["kam.calendar.day"].create(
            [
                {"name": "2026", "date": day, "kind": kind}
                for kind, days in (("holiday", DAYS_OFF), ("workday", MADE_UP))
                for day in days
            ]
        )
        for xmlid in (
            "s0_l1_visit", "s0_l2_visit", "s0_l1_executive", "s3_strategic_visit", "pack_return",
            "market_research",
        ):  # fmt: skip
            cls._policy(xmlid)
        cls.env["kam.notice"]._as_engine().search([]).write({"sent_on": "2025-01-01 00:00:00"})

    @classmethod
    def _set_up_people(cls):
        cls.chief = cls._new_user("chief", "key_account_mgmt.group_kam_member")
        cls.colleague = cls._new_user("colleague", "key_account_mgmt.group_kam_user")
        cls.people = (
            cls.user | cls.member | cls.officer | cls.director | cls.executive | cls.chief
            | cls.colleague | cls.gm | cls.admin | cls.auditor
        )  # fmt: skip
        for person in cls.people:
            person.email = f"{person.login}@yunting.example"
        cls.technology = cls.env["kam.department"].create(
            {
                "name": "Technology",
                "company_id": cls.company.id,
                "manager_id": cls.chief.id,
                "member_ids": [Command.set(cls.chief.ids)],
            }
        )

    @classmethod
    def _set_up_accounts(cls):
        cls.tianheng = cls._client("Tianheng", cls.strategic)
        cls.beichen = cls._client("Beichen", cls.l1, executive_sponsor_id=cls.executive.id)
        cls.chuanda = cls._client("Chuanda", cls.l2)
        cls.dongfang = cls._client("Dongfang")
        cls.dongfang.service_pack_id = cls.env.ref("key_account_mgmt.kam_service_pack_l1")
        cls.handed = cls._client("Handed", user=cls.colleague)
        for account, role in ((cls.tianheng, "technical"), (cls.dongfang, "service")):
            cls.env["kam.team.member"].create(
                {
                    "account_id": account.id,
                    "user_id": cls.member.id,
                    "role_id": cls.env.ref(f"key_account_mgmt.kam_team_role_{role}").id,
                    "date_from": FIRST,
                }
            )

    def setUp(self):
        super().setUp()
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1.0)
        self.diary = defaultdict(list)
        # What is news to whom on which days; what reaches him at once.
        self.news = defaultdict(set)
        self.at_once = Counter()
        self.heard = defaultdict(Counter)
        self._listen()

    # Listening -----------------------------------------------------------------------

    def _listen(self):
        """Every mail, and every message that arrives in somebody's inbox or chat."""
        test = self
        self.patch(
            type(self.env["mail.mail"]), "create", _overhearing(self.env["mail.mail"], test._mails)
        )
        self.patch(
            type(self.env["mail.notification"]),
            "create",
            _overhearing(self.env["mail.notification"], test._notifications),
        )

    def _mails(self, mails):
        for mail in mails:
            known = [person for person in self.people if person.email in (mail.email_to or "")]
            for person in known or self._users(mail.recipient_ids):
                self._hear(person, mail.subject)

    def _notifications(self, notifications):
        # Of those by mail there is a mail.
        inbox = notifications.filtered(lambda n: n.notification_type == "inbox")
        for notification in inbox:
            for person in self._users(notification.res_partner_id):
                self._hear(person, notification.mail_message_id.subject)

    def _users(self, partners):
        return self.people.filtered(lambda user: user.partner_id in partners)

    def _hear(self, person, subject):
        self.heard[person][self.today] += 1
        self.subjects.append((self.today, person.login, subject))

    # What they do ----------------------------------------------------------------------

    def _do(self, day, what, *args, **kwargs):
        self.diary[day].append(lambda: what(*args, **kwargs))

    def _tell(self, person, *days):
        self.news[person].update(days)

    def _write_diary(self):
        for month in range(1, 13):
            if month not in (3, 8):
                self._book(self.tianheng, worked(date(2026, month, 16)), with_member=True)
            self._write_month(month)
        self._book(self.beichen, date(2026, 2, 10))
        self._book(self.beichen, date(2026, 8, 11), reported_after=5)
        self._book(self.beichen, date(2026, 11, 10), reported_after=None)
        self._book(self.chuanda, date(2026, 5, 12), reported_after=4)
        self._do(date(2026, 5, 20), self._give_account)
        self._do(date(2026, 5, 21), self._join_team)
        self._do(date(2026, 9, 8), self._hand_over)
        self._tell(self.user, date(2026, 5, 21), *NEVER_RETURNED, *NEVER_MET, *NOT_VISITED)
        self._tell(self.user, *PROFILES)
        # The status report of every month since going live, with his strategic account.
        self._tell(self.user, *(date(2026, month, 1) for month in range(2, 13)))
        self._tell(self.member, *NEVER_RETURNED)
        # Nobody makes the market research of the quarter, either.
        self._tell(self.officer, *NEVER_RETURNED)
        self._tell(self.executive, *NEVER_MET)
        # Accepted at once: the giver and who proposed it hear of it.
        self.at_once[self.user, date(2026, 9, 8)] += 1
        self._tell(self.officer, date(2026, 9, 9))
        self._tell(self.colleague, date(2026, 9, 9))
        self._do(PROFILES[0], self._review_profiles)
        self._write_weeks()

    def _write_weeks(self):
        """The gaps in the teams are told on the first working day of a week."""
        monday = FIRST - FIRST.weekday() * DAY
        while monday <= LAST:
            day = worked(max(monday, FIRST))
            if day < monday + 7 * DAY:
                self._tell(self.officer, day)
                self._tell(self.director, day)
            monday += 7 * DAY

    def _write_month(self, month):
        """He asks the technicians, who answer, in July late; the director wants something
        of him and he of the member; once a month somebody needs something at once.
        """
        asked = worked(date(2026, month, 8))
        answered = later(asked, 12 if month == 7 else 3)
        self._do(asked, self._ask, month, later(asked, 8))
        self._do(answered, self._answer, month)
        self._do(later(answered, 1), self._confirm, month)
        self._tell(self.chief, later(asked, 1))
        self._tell(self.user, later(answered, 1))
        if month == 7:
            self._tell(self.user, later(asked, 8) + DAY)
            self._tell(self.chief, later(asked, 8) + DAY)
        given, due = worked(date(2026, month, 3)), worked(date(2026, month, 21))
        for by, owner in ((self.director, self.user), (self.user, self.member)):
            self._do(given, self._give_action, by, owner, due, month)
            self._do(due, self._finish, owner, f"{by.login} {month}")
            self._tell(owner, later(given, 1), due)
        if month % 2:
            soon = worked(date(2026, month, 13))
            self._do(soon, self._give_action, self.director, self.user, soon, -month)
            self._do(soon, self._finish, self.user, f"{self.director.login} {-month}")
            self.at_once[self.user, soon] += 1

    def _book(self, account, held, reported_after=1, with_member=False):
        """Planned a fortnight before, reported after so many working days; what was promised is
        done on its day, in even months before it.
        """
        key = (account, held)
        planned = worked(held - 14 * DAY)
        self._do(planned, self._plan, key, with_member)
        if reported_after is None or reported_after >= 3:
            self._tell(self.user, later(held, 3))
        if reported_after is not None:
            promised = worked(held + 14 * DAY)
            self._do(later(held, reported_after), self._report, key, promised)
            if held.month % 2:
                self._tell(self.user, promised)
            done = promised if held.month % 2 else worked(held + 11 * DAY)
            self._do(done, self._finish, self.user, f"Promise {held}")

    def _plan(self, key, with_member):
        account, held = key
        people = self.user | self.member if with_member else self.user
        self.visits[key] = self._as(self.env["kam.visit"], self.user).create(
            {
                "account_id": account.id,
                "start": at_ten(held),
                "stop": at_ten(held) + timedelta(hours=1),
                "participant_ids": [Command.set(people.ids)],
            }
        )

    def _report(self, key, promised):
        visit = self._as(self.visits[key], self.user)
        visit.write(
            {
                "report": "They ask for a longer warranty",
                "next_action": f"Promise {key[1]}",
                "next_action_date": promised,
                "nothing_else": True,
            }
        )
        visit.action_report()

    def _give_action(self, by, owner, due, number):
        self._as(self.env["kam.action"], by).create(
            {
                "name": f"{by.login} {number}",
                "user_id": owner.id,
                "date_due": due,
                "account_id": self.tianheng.id,
            }
        )

    def _finish(self, owner, name):
        actions = self._as(self.env["kam.action"], owner)
        actions.search([("name", "=", name), ("user_id", "=", owner.id)]).action_done()

    def _ask(self, month, wanted):
        self.requests[month] = self._as(self.env["kam.request"], self.user).create(
            {
                "name": f"Door noise {month}",
                "kind_id": self.env.ref("key_account_mgmt.kam_request_kind_feedback").id,
                "account_id": self.beichen.id,
                "department_id": self.technology.id,
                "date_wanted": wanted,
            }
        )

    def _answer(self, month):
        self._as(self.requests[month], self.chief)._answer("A new bearing")

    def _confirm(self, month):
        self._as(self.requests[month], self.user).action_confirm()

    def _give_account(self):
        """The office gives him two customers, one by way of a colleague, who hears nothing any
        more; a note on the file is read by who looks.
        """
        accounts = self._as(self.env["kam.account"], self.officer)
        partners = self.env["res.partner"].concat(*(self._customer(n) for n in ("Five", "Six")))
        five, six = accounts.create(
            [
                {"partner_id": partner.id, "company_id": self.company.id, "user_id": user.id}
                for partner, user in zip(partners, (self.user, self.colleague), strict=True)
            ]
        )
        six.user_id = self.user
        five.message_post(body="Look at their new plant", subtype_xmlid="mail.mt_note")
        five.message_subscribe(self.member.partner_id.ids)
        five.write({"state_reason": "Growing"})

    def _join_team(self):
        self._as(self.env["kam.team.member"], self.officer).create(
            {
                "account_id": self.chuanda.id,
                "user_id": self.member.id,
                "role_id": self.env.ref("key_account_mgmt.kam_team_role_quality").id,
                "date_from": date(2026, 5, 21),
            }
        )

    def _hand_over(self):
        handover = self._as(self.env["kam.handover"], self.officer).create(
            {
                "company_id": self.company.id,
                "from_user_id": self.colleague.id,
                "to_user_id": self.user.id,
                "account_ids": [Command.set(self.handed.ids)],
                "date_from": date(2026, 9, 8),
                "note": "Moves to another town",
            }
        )
        handover.action_propose()
        self._as(handover, self.user).action_accept()

    def _review_profiles(self):
        accounts = self.env["kam.account"].search([("user_id", "=", self.user.id)])
        self._as(accounts, self.user).action_profile_reviewed()

    # The year --------------------------------------------------------------------------

    def _jobs(self):
        """Our jobs in the order of a night, ``[(time after it began, code, function), …]``."""
        root = self.env(user=SUPERUSER_ID, context={})
        found = []
        for job in self.env["kam.job"].search([]):
            cron = job.cron_id
            clock = cron.nextcall - datetime.combine(cron.nextcall.date(), time())
            if cron.interval_type in ("minutes", "hours"):
                clock = timedelta(hours=20, minutes=30)
            method = re.fullmatch(r"model\.(_cron_\w+)\(\)", cron.code.strip())[1]
            function = getattr(root[cron.model_id.model], method)
            found.append(((clock - NIGHT) % DAY, job.code, function))
        return sorted(found, key=lambda entry: entry[0])

    def _live(self):
        self._write_diary()
        self.visits, self.requests, self.subjects = {}, {}, []
        jobs = self._jobs()
        self.assertEqual(jobs[-1][1], "kam.notice/notices")
        self.assertLessEqual(SELDOM, {code for _after, code, _function in jobs})
        self.today = FIRST
        with freeze_time("2025-12-31 16:00:00") as clock:
            while self.today <= LAST:
                evening = datetime.combine(self.today - DAY, time()) + NIGHT
                for after, code, function in jobs:
                    if code not in SELDOM or self.today.day == 1:
                        clock.move_to(evening + after)
                        function()
                clock.move_to(at_ten(self.today) + timedelta(hours=2))
                for work in self.diary.pop(self.today, ()):
                    work()
                    self.env.flush_all()
                    self.env.invalidate_all()
                self.today += DAY
        self.assertFalse(self.diary)

    def test_a_year_of_messages(self):
        self._live()
        for person in self.people:
            mornings = {worked(day) for day in self.news[person]}
            expected = Counter(day for day in mornings if day <= LAST)
            for (who, day), count in self.at_once.items():
                if who == person:
                    expected[day] += count
            found = self.heard[person]
            self.assertEqual(sorted(found.items()), sorted(expected.items()), person.name)
            self.assertTrue(all(is_worked(day) for day in found), person.name)
            # One morning's message, beside what a person sent him at once.
            extra = {day: n for day, n in found.items() if n > 1 + self.at_once[person, day]}
            self.assertFalse(extra, person.name)
        totals = [
            sum(self.heard[person].values())
            for person in (self.user, self.member, self.officer, self.director, self.gm)
        ]
        # A week has one message of the gaps: 52; the office's one more about the hand-over and
        # six about market research on other mornings. The account manager's mornings: 14 of
        # obligations, 51 of what people did, 6 of status reports alone, which are made on the
        # mornings of the 1st; the bound is 36 + 51 + 11.
        self.assertEqual(totals, [71, 35, 59, 52, 0])
        self._check_nobody_is_reminded_otherwise()

    def _check_nobody_is_reminded_otherwise(self):
        """No activity of anybody, no alarm of a meeting, no invitation."""
        events = self.env["kam.visit"].concat(*self.visits.values()).sudo().event_id
        self.assertTrue(events)
        self.assertFalse(events.alarm_ids)
        people = [("user_id", "in", self.people.ids)]
        self.assertFalse(self.env["mail.activity"].with_context(active_test=False).search(people))


def _overhearing(model, listen):
    """``create`` of a model that tells ``listen`` what was created."""
    create = type(model).create

    def overhearing(records, vals_list):
        created = create(records, vals_list)
        listen(created)
        return created

    return overhearing
