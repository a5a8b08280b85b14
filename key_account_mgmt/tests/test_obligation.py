from datetime import date, datetime, time, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import KamCase

DAY = timedelta(days=1)


@freeze_time("2026-11-22 04:00:00")
class ObligationCase(KamCase):
    """The company went live on 1 January 2026; one policy at a time is in force.

    The nights are run by :meth:`_night`, the clock frozen on the day given.  To freeze one
    that runs costs as much as the night: it stands still in between, too.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.kam_go_live_date = date(2026, 1, 1)
        cls.s0.active = True
        cls.policies = cls.env["kam.obligation.policy"].with_context(active_test=False)
        cls.policies.search([]).active = False
        cls.l1, cls.l2, cls.l3, cls.none = cls.s0.tier_ids.sorted("rank")
        cls.visit_kind = cls.env.ref("key_account_mgmt.kam_obligation_kind_visit")

    @classmethod
    def _policy(cls, xmlid=None, **values):
        """A shipped policy, or one of our own, in force."""
        if xmlid:
            policy = cls.env.ref(f"key_account_mgmt.kam_obligation_policy_{xmlid}")
            policy.write({"active": True, **values})
            return policy
        return cls.policies.create(
            {"name": "Own policy", "kind_id": cls.visit_kind.id, "scope": "tier", **values}
        )

    @classmethod
    def _client(cls, name, tier=None, since=date(2025, 6, 1), user=None, **values):
        account = cls._account(cls._customer(name), user or cls.user, **values)
        return cls._hold(account, tier, since) if tier else account

    def _night(self, day, times=1):
        """The job in the night after which it is ``day``."""
        with freeze_time(f"{day} 00:30:00"):
            for _time in range(times):
                self._job("_cron_nightly", day, model="kam.obligation")
        self.env.invalidate_all()

    def _nights(self, first, last):
        day = first
        while day <= last:
            self._night(day)
            day += DAY

    def _visit(
        self, account, day, who=None, purpose="regular", mode="onsite", reported=None, **more
    ):
        """A visit as it stands: reported on a day, or still to be reported.

        :param more: ``due`` (last day of the report), ``state``, ``also`` (accounts)
        """
        also = more.get("also")
        start = datetime.combine(day, time(2))
        who = who or account.user_id
        values = {
            "account_id": account.id,
            "also_account_ids": [Command.set(also.ids if also else [])],
            "purpose_id": self.env.ref(f"key_account_mgmt.kam_visit_purpose_{purpose}").id,
            "mode_id": self.env.ref(f"key_account_mgmt.kam_visit_mode_{mode}").id,
            "start": start,
            "stop": start + timedelta(hours=1),
            "day": day,
            "user_id": who[:1].id,
            "participant_ids": [Command.set(who.ids)],
        }
        facts = {
            "state": more.get("state") or ("reported" if reported else "to_report"),
            "report_due": more.get("due") or day + 3 * DAY,
            "reported_on": datetime.combine(reported, time(3)) if reported else False,
        }
        with freeze_time(f"{max(day, reported or day)} 04:00:00"):
            visit = self.env["kam.visit"].create(values)
            visit._as_engine().write(facts)
            visit._on_visit_changed()
        return visit

    def _owed(self, account=None, **values):
        domain = [("account_id", "=", account.id if account else False)]
        domain += [(name, "=", value) for name, value in values.items()]
        domain += [("company_id", "=", self.company.id)]
        return self.env["kam.obligation"].search(domain, order="date_from, date_to, id")

    def _states(self, account, **values):
        return [(o.date_from, o.required, o.state) for o in self._owed(account, **values)]

    def _snapshot(self):
        self.env.flush_all()
        self.env.cr.execute("SELECT * FROM kam_obligation ORDER BY id")
        return self.env.cr.fetchall()


@tagged("post_install", "-at_install")
class TestObligation(ObligationCase):
    """What is owed to whom in which window.  Source: S0-112 … S0-114, S3-26, g Q8."""

    # Data

    def test_the_literal_numbers_of_the_policies(self):
        """S0-25, S0-112 … S0-114, S0-139, S1a-14, S2-22, S3-26, S3-27, S3-38, S3-51."""
        for xmlid, kind, times, period, performer in (
            ("s0_l1_visit", "visit", 1, "quarter", "manager"),
            ("s0_l2_visit", "visit", 1, "half", "manager"),
            ("s0_l3_visit", "visit", 3, "year", "manager"),
            ("s0_l1_executive", "executive_meeting", 1, "half", "executive"),
            ("s3_strategic_visit", "visit", 1, "month", "manager"),
            ("s3_strategic_executive", "executive_meeting", 1, "half", "executive"),
            ("s3_strategic_technical", "technical_exchange", 1, "half", "role"),
            ("s3_strategic_quality", "quality_exchange", 1, "quarter", "role"),
            ("s2_high_executive", "executive_meeting", 1, "half", "executive"),
            ("pack_return", "return_visit", 1, "quarter", "role"),
            ("key_need_research", "need_research", 1, "year", "anyone"),
            ("market_research", "market_research", 1, "quarter", "office"),
            ("key_person", "key_person", 1, "month", "manager"),
        ):
            policy = self.env.ref(f"key_account_mgmt.kam_obligation_policy_{xmlid}")
            found = (policy.kind_id.code, policy.times, policy.period, policy.performer)
            self.assertEqual(found, (kind, times, period, performer), xmlid)
        self.assertFalse(self.key.obligation_by_reference)
        self.assertEqual(self.key.obligation_reference_id, self.strategic)

    def test_sentence_and_hint(self):
        """L3 exceeds L2: shown, never blocked; g Q11."""
        two, three = self._policy("s0_l2_visit"), self._policy("s0_l3_visit")
        self.assertEqual(two.sentence, "Visit: 1 a half-year, by Lead Account Manager")
        self.assertFalse(two.hint)
        self.assertEqual(three.hint, "3 a year: more than “Level 2”, which is owed 2."
                         .replace("Level 2", self.l2.name))  # fmt: skip

    def test_impossible_policies_are_refused(self):
        """0 or 400 times."""
        for values in (
            {"times": 0}, {"times": 367}, {"times": 400}, {"times": -1},
            {"reminder_days": "soon"}, {"reminder_days": "-3"}, {"reminder_days": "400"},
            {"min_distance_days": -1}, {"performer": "role"}, {"scope": "tier", "tier_id": False},
            {"date_from": date(2026, 2, 1), "date_to": date(2026, 1, 1)},
        ):  # fmt: skip
            with (
                self.subTest(values=values),
                self.assertRaises(ValidationError),
                self.cr.savepoint(),
            ):
                self._policy(**{"tier_id": self.l1.id, **values})
        for times in (1, 366):
            self.assertTrue(self._policy(tier_id=self.l1.id, times=times))

    def test_a_tier_of_another_company_is_refused(self):
        other = self._new_company("Yunting Rail", self.cny)
        scheme = self.s0.copy({"company_id": other.id, "code": "s0_other"})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._policy(tier_id=scheme.tier_ids[0].id, company_id=self.company.id)

    # Windows

    def test_one_a_quarter_on_both_sides_of_the_quarter(self):
        """S0-112: the running window and the next, from the first day on."""
        self._policy("s0_l1_visit")
        account = self._client("Quarter", self.l1)
        self._night(date(2026, 3, 31))
        self.assertEqual(
            self._states(account), [(date(2026, 1, 1), 1, "open"), (date(2026, 4, 1), 1, "open")]
        )
        self._night(date(2026, 4, 1))
        self.assertEqual(
            self._states(account),
            [
                (date(2026, 1, 1), 1, "overdue"),
                (date(2026, 4, 1), 1, "open"),
                (date(2026, 7, 1), 1, "open"),
            ],
        )

    def test_run_twice_changes_nothing(self):
        self._policy("s0_l1_visit")
        self._policy("s0_l3_visit")
        self._policy("market_research")
        self._client("One", self.l1)
        self._client("Three", self.l3)
        self._night(date(2026, 5, 10))
        before = self._snapshot()
        self.assertTrue(before)
        self._night(date(2026, 5, 10), times=2)
        self.assertEqual(self._snapshot(), before)

    def test_nothing_before_go_live_which_prorates(self):
        """Live on 1 March: a month of the quarter is left, 31 of 90 days: nothing."""
        self._policy("s0_l1_visit")
        account = self._client("Quarter", self.l1)
        for live, owed in ((date(2026, 2, 15), True), (date(2026, 2, 16), False)):
            with self.cr.savepoint() as savepoint:
                self.company.kam_go_live_date = live
                self._night(date(2026, 3, 20))
                windows = {o.date_from for o in self._owed(account)}
                self.assertEqual(date(2026, 1, 1) in windows, owed, live)
                self.assertIn(date(2026, 4, 1), windows)
                savepoint.rollback()
        self.company.kam_go_live_date = date(2026, 3, 21)
        self._night(date(2026, 3, 20))
        self.assertFalse(self._owed(account))

    def test_without_a_go_live_date_from_the_first_night_on(self):
        self._policy("s3_strategic_visit")
        account = self._client("Monthly", self.strategic)
        self.company.kam_go_live_date = False
        self._night(date(2026, 3, 2))
        self._night(date(2026, 4, 2))
        self.assertEqual(
            [o.date_from for o in self._owed(account)],
            [date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)],
        )

    def test_who_joins_after_the_middle_starts_with_the_next(self):
        """g Q8: 91 days from 1 April; the 46th from the end is 16 May."""
        self._policy("s0_l1_visit")
        for joined, first in (
            (date(2026, 5, 15), date(2026, 4, 1)),
            (date(2026, 5, 16), date(2026, 4, 1)),
            (date(2026, 5, 17), date(2026, 7, 1)),
        ):
            with self.subTest(joined=joined):
                account = self._client(f"Joined {joined}", self.l1, joined)
                self._nights(joined, joined + 2 * DAY)
                owed = self._owed(account)
                self.assertEqual(owed[0].date_from, first)
        self.assertIn("because it joined after the middle", owed[0].note)
        self._night(date(2026, 7, 2))
        self.assertIn("because it joined after the middle", owed[0].note)

    def test_who_held_only_the_fallback_before_has_joined(self):
        self._policy("s3_strategic_visit")
        account = self._client("General", self.general)
        self._night(date(2026, 5, 4))
        self.assertFalse(self._owed(account))
        self._hold(account, self.strategic, date(2026, 5, 5))
        self._night(date(2026, 5, 6))
        self.assertEqual(
            [(o.date_from, o.date_join) for o in self._owed(account)],
            [(date(2026, 5, 1), date(2026, 5, 5)), (date(2026, 6, 1), date(2026, 6, 1))],
        )

    def test_a_change_of_level_bites_with_the_next_period(self):
        """Neither up nor down inside a period; tier lost mid-period; design §4.1."""
        self._policy("s0_l1_visit")
        self._policy("s0_l2_visit")
        down, up = self._client("Down", self.l1), self._client("Up", self.l2)
        self._night(date(2026, 5, 9))
        self._hold(down, self.l2, date(2026, 5, 10))
        self._hold(up, self.l1, date(2026, 5, 10))
        self._night(date(2026, 5, 10))
        self.assertEqual(
            self._states(down)[1:],
            [
                (date(2026, 4, 1), 1, "open"),
                (date(2026, 7, 1), 1, "cancelled"),
                (date(2026, 7, 1), 1, "open"),
            ],
        )
        self.assertEqual(
            [(o.date_from, o.date_to, o.state) for o in self._owed(up) if o.state != "cancelled"],
            [
                (date(2026, 1, 1), date(2026, 6, 30), "open"),
                (date(2026, 7, 1), date(2026, 9, 30), "open"),
            ],
        )
        down._assign_tier(self.s0, self.env["kam.tier"], date(2026, 5, 20), "opening")
        self._night(date(2026, 5, 21))
        self.assertEqual(
            [s for *_x, s in self._states(down)], ["overdue", "open", "cancelled", "cancelled"]
        )

    def test_a_cancelled_window_owed_again_is_the_same_row(self):
        self._policy("s0_l1_visit")
        account = self._client("Back", self.l1)
        self._night(date(2026, 5, 9))
        later = self._owed(account)[-1]
        account._assign_tier(self.s0, self.env["kam.tier"], date(2026, 5, 10), "opening")
        self._night(date(2026, 5, 11))
        self.assertEqual(later.state, "cancelled")
        self._hold(account, self.l1, date(2026, 5, 12))
        self._night(date(2026, 5, 13))
        self.assertEqual(later.state, "open")

    # Strictest, group, reference, company

    def test_the_strictest_wins_and_the_other_is_shown(self):
        """Across schemes, per kind; users §3.2."""
        monthly, quarterly = self._policy("s3_strategic_visit"), self._policy("s0_l1_visit")
        account = self._hold(self._client("Both", self.l1), self.strategic)
        self._night(date(2026, 5, 10))
        owed = self._owed(account)
        self.assertEqual(owed.policy_id, monthly)
        self.assertEqual(owed.also_policy_ids, quarterly)
        self._night(date(2026, 5, 11))
        self.assertEqual(self._owed(account), owed)

    def test_once_for_the_group_visits_to_any_member_count(self):
        self._policy("s3_strategic_visit")
        head = self._client("Head", self.strategic)
        plant = self._client("Plant", self.strategic, parent=head, user=self.member)
        self._night(date(2026, 5, 10))
        self.assertFalse(self._owed(plant))
        self._visit(plant, date(2026, 5, 12), self.user, reported=date(2026, 5, 12))
        self.assertEqual(self._owed(head, date_from=date(2026, 5, 1)).state, "met")

    def test_one_visit_for_two_accounts_counts_for_each(self):
        self._policy("s0_l1_visit")
        head = self._client("Head", self.l1)
        plant = self._client("Plant", self.l1, parent=head)
        self._night(date(2026, 5, 10))
        self._visit(head, date(2026, 5, 12), reported=date(2026, 5, 12), also=plant)
        for account in head, plant:
            self.assertEqual(self._owed(account, date_from=date(2026, 4, 1)).state, "met")

    def test_by_reference_from_the_next_period(self):
        """Off as shipped; g Q38."""
        self._policy("s3_strategic_visit")
        account = self._client("Key", self.key)
        self._night(date(2026, 5, 10))
        self.assertFalse(self._owed(account))
        with freeze_time("2026-05-10 06:00:00"):
            self.key.obligation_by_reference = True
        self._night(date(2026, 5, 11))
        self.assertEqual([o.date_from for o in self._owed(account)], [date(2026, 6, 1)])

    def test_market_research_is_owed_by_the_company(self):
        """S0-127, J16."""
        self._policy("market_research")
        self._night(date(2026, 5, 10))
        owed = self._owed()
        self.assertEqual([o.date_from for o in owed][-2:], [date(2026, 4, 1), date(2026, 7, 1)])
        self.assertFalse(owed[-2].performer_missing)
        # It is due by the end of June; the office is reminded of it, nobody else.
        notices = self.env["kam.notice"].search([("topic", "=", "obligation")])
        for day in (date(2026, 6, 16), date(2026, 6, 27), date(2026, 7, 1)):
            self._night(day, times=2)
            new = self.env["kam.notice"].search([("topic", "=", "obligation")]) - notices
            self.assertEqual(new.user_id, self.officer, day)
            self.assertEqual(len(new), 1, day)
            notices |= new

    def test_need_research_of_key_accounts(self):
        """S1a-14: 1 a year, fulfilled by a confirmed insight."""
        self._policy("key_need_research")
        key, main = self._client("Key", self.key), self._client("Main", self.main)
        self._night(date(2026, 5, 10))
        self.assertFalse(self._owed(main))
        self.assertEqual(self._states(key)[0], (date(2026, 1, 1), 1, "open"))
        with freeze_time("2026-05-12 04:00:00"):
            kind = self.env["kam.insight.kind"].search([("code", "=", "needs")], limit=1)
            insight = self.env["kam.insight"].create(
                {
                    "name": "Needs",
                    "kind_id": kind.id,
                    "account_id": key.id,
                    "company_id": self.company.id,
                    "date": date(2026, 5, 12),
                    "user_id": self.user.id,
                    "state": "draft",
                }
            )
            self.assertEqual(self._states(key)[0][2], "open")
            insight.action_confirm()
        self.env.invalidate_all()
        self.assertEqual(self._states(key)[0][2], "met")

    # Changing the policy

    def test_a_policy_edit_touches_only_windows_to_come(self):
        policy = self._policy("s0_l1_visit")
        account = self._client("Quarter", self.l1)
        self._night(date(2026, 5, 10))
        with freeze_time("2026-05-10 06:00:00"):
            policy.times = 2
        self._night(date(2026, 5, 11))
        self.assertEqual([r for _d, r, _s in self._states(account)], [1, 1, 2])
        with freeze_time("2026-05-11 06:00:00"):
            policy.active = False
        self._night(date(2026, 5, 12))
        self.assertEqual(
            self._states(account)[1:],
            [(date(2026, 4, 1), 1, "open"), (date(2026, 7, 1), 2, "cancelled")],
        )

    def test_an_edit_after_an_outage_leaves_what_had_begun(self):
        """The windows that began unnoticed are those of the policy as it was."""
        policy = self._policy("s3_strategic_visit")
        account = self._client("Monthly", self.strategic)
        self._night(date(2026, 3, 10))
        with freeze_time("2026-05-20 06:00:00"):
            policy.times = 3
        self._night(date(2026, 5, 21))
        self.assertEqual(
            [(d.month, r) for d, r, _s in self._states(account)][-4:],
            [(3, 1), (4, 1), (5, 1), (6, 3)],
        )

    def test_a_new_policy_begins_with_the_next_window(self):
        account = self._client("Quarter", self.l1)
        self._night(date(2026, 5, 10))
        with freeze_time("2026-05-10 06:00:00"):
            self._policy(tier_id=self.l1.id, period="month")
        self._night(date(2026, 5, 11))
        self.assertEqual([o.date_from for o in self._owed(account)], [date(2026, 6, 1)])

    def test_a_policy_in_force_inside_a_window_is_prorated(self):
        account = self._client("Year", self.l1)
        self._policy(tier_id=self.l1.id, period="year", times=4, date_from=date(2026, 7, 2))
        self._night(date(2026, 5, 10))
        # 183 of 365 days: 2.005
        self.assertEqual(self._states(account)[0], (date(2026, 1, 1), 2, "open"))

    # Outage

    def test_an_outage_of_any_length_is_caught_up(self):
        """The same rows as night by night, judged by the level on the first day."""
        self._policy("s3_strategic_visit")
        daily, late = (self._client(n, self.strategic) for n in ("Daily", "Late"))
        self._night(date(2026, 1, 20))
        for account in daily, late:
            account._assign_tier(self.s3, self.general, date(2026, 3, 10), "opening")
        self._night(date(2026, 6, 20))
        for account in daily, late:
            self.assertEqual(
                [(o.date_from.month, o.state) for o in self._owed(account)],
                [(1, "overdue"), (2, "overdue"), (3, "overdue")],
            )

    # Rolling

    def test_behind_the_pace_is_not_overdue(self):
        """In My Week: due by its pace; behind it by Sunday; overdue after the window."""
        account = self._client("Twice", self.l2)
        self._policy(tier_id=self.l2.id, period="quarter", times=2)
        self._night(date(2026, 5, 1))
        owed = self._owed(account).filtered(lambda o: o.date_from == date(2026, 4, 1))
        # The first of two in 91 days: the 46th.
        self.assertEqual(len(owed), 1)
        self.assertEqual(owed.date_next, date(2026, 5, 16))
        for day, due, bucket, state in (
            (date(2026, 5, 15), date(2026, 5, 16), "3_week", "To Do"),
            (date(2026, 5, 16), date(2026, 5, 16), "2_today", "To Do"),
            (date(2026, 5, 18), date(2026, 5, 24), "3_week", "Behind"),
            (date(2026, 6, 10), date(2026, 6, 14), "3_week", "Behind"),
            (date(2026, 6, 30), date(2026, 6, 30), "2_today", "Behind"),
            (date(2026, 7, 1), date(2026, 6, 30), "1_overdue", "Overdue"),
        ):
            self._night(day)
            with freeze_time(f"{day} 04:00:00"):
                self.env.invalidate_all()
                [item] = self.env["kam.week.item"].search(
                    [("res_model", "=", "kam.obligation"), ("res_id", "=", owed.id)]
                )
                self.assertEqual((item.bucket, item.state_text), (bucket, state), day)
                if bucket != "1_overdue":
                    self.assertEqual(item.date_due, due, day)
                self.assertEqual(item.title, "Visit, until 06/30/2026")

    def test_rolling_windows_follow_the_visits(self):
        self._policy(tier_id=self.l1.id, basis="rolling", period="month")
        account = self._client("Rolling", self.l1, date(2026, 3, 5))
        self._night(date(2026, 3, 6))
        self.assertEqual(
            [(o.date_from, o.date_to) for o in self._owed(account)],
            [(date(2026, 3, 5), date(2026, 4, 4))],
        )
        self._visit(account, date(2026, 3, 20), reported=date(2026, 3, 20))
        self._night(date(2026, 3, 21))
        self.assertEqual(
            [(o.date_from, o.date_to, o.state) for o in self._owed(account)][1:],
            [(date(2026, 3, 21), date(2026, 4, 20), "open")],
        )
        self._night(date(2026, 6, 1), times=2)
        self.assertEqual(
            [(o.date_from, o.state) for o in self._owed(account)][1:],
            [
                (date(2026, 3, 21), "overdue"),
                (date(2026, 4, 21), "overdue"),
                (date(2026, 5, 21), "open"),
            ],
        )


@tagged("post_install", "-at_install")
class TestObligationCounting(ObligationCase):
    """Which visits count, in time or late.  Source: S0-115, S3-38, S3-51, g Q9, Q10."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.kam_go_live_date = date(2026, 4, 1)
        cls._policy("s0_l1_visit")
        cls._policy("s0_l1_executive")
        cls._policy("s3_strategic_quality", per="account")
        cls._policy(
            tier_id=cls.l1.id,
            kind_id=cls._kind("return_visit").id,
            performer="role",
            role_id=cls.env.ref("key_account_mgmt.kam_team_role_service").id,
        )
        cls.account = cls._client("Tianheng", cls.l1)

    @classmethod
    def _kind(cls, code):
        return cls.env.ref(f"key_account_mgmt.kam_obligation_kind_{code}")

    def _owed(self, account=None, **values):
        kind = self._kind(values.pop("kind", "visit"))
        return super()._owed(account, kind_id=kind.id, **values)

    def setUp(self):
        super().setUp()
        self._night(date(2026, 5, 10))
        self.owed = self._owed(self.account)[:1]
        self.assertEqual(self.owed.date_from, date(2026, 4, 1))

    def test_modes(self):
        """On site and video are visits; phone, mail and WeChat are not; g Q9."""
        for mode in ("phone", "mail", "wechat"):
            self._visit(self.account, date(2026, 5, 12), mode=mode, reported=date(2026, 5, 12))
            self.assertEqual((self.owed.state, self.owed.done), ("open", 0), mode)
        self._visit(self.account, date(2026, 5, 12), mode="video", reported=date(2026, 5, 12))
        self.assertEqual((self.owed.state, self.owed.done), ("met", 1))

    def test_the_phone_counts_for_a_return_visit(self):
        """S0-139, S1b-01."""
        self._member(self.member, "service")
        self._night(date(2026, 5, 11))
        owed = self._owed(self.account, kind="return_visit")[0]
        self.assertEqual(owed.user_id, self.member)
        self._visit(
            self.account, date(2026, 5, 12), self.user, "return", "phone", date(2026, 5, 12)
        )
        self.assertEqual(owed.state, "open")
        self._visit(
            self.account, date(2026, 5, 13), self.member, "return", "phone", date(2026, 5, 13)
        )
        self.assertEqual(owed.state, "met")
        self.assertEqual(self.owed.state, "open")

    def _member(self, user, role, first=date(2026, 1, 1), last=False, account=None):
        return self.env["kam.team.member"].create(
            {
                "account_id": (account or self.account).id,
                "user_id": user.id,
                "role_id": self.env.ref(f"key_account_mgmt.kam_team_role_{role}").id,
                "date_from": first,
                "date_to": last,
            }
        )

    def test_the_lead_must_take_part(self):
        """An executive's meeting counts when he was there, too; g Q10."""
        self._visit(
            self.account, date(2026, 5, 12), self.gm, "executive", reported=date(2026, 5, 12)
        )
        self.assertEqual(self.owed.state, "open")
        self._visit(
            self.account, date(2026, 5, 13), self.gm | self.user, "executive",
            reported=date(2026, 5, 13),
        )  # fmt: skip
        self.assertEqual((self.owed.state, self.owed.done), ("met", 1))

    def test_awaiting_until_the_reports_deadline(self):
        """A visit on the last day, reported two days later."""
        last = date(2026, 6, 30)
        visit = self._visit(self.account, last, due=date(2026, 7, 3))
        self._night(date(2026, 7, 1))
        self.assertEqual((self.owed.state, self.owed.awaiting), ("awaiting", 1))
        self.assertEqual(self.owed.report_due, date(2026, 7, 3))
        self._night(date(2026, 7, 3))
        self.assertEqual(self.owed.state, "awaiting")
        with self.cr.savepoint() as savepoint:
            self._night(date(2026, 7, 4))
            self.assertEqual((self.owed.state, self.owed.missing), ("overdue", 1))
            self._report(visit, date(2026, 9, 4))
            self.assertEqual((self.owed.state, self.owed.done), ("met_late", 1))
            savepoint.rollback()
        self.env.invalidate_all()
        self._report(visit, date(2026, 7, 2))
        self.assertEqual(self.owed.state, "met")

    def _report(self, visit, day):
        moment = datetime.combine(day, time(3))
        with freeze_time(moment):
            visit._as_engine().write({"state": "reported", "reported_on": moment})
            visit._on_visit_changed()
        self.env.invalidate_all()

    def test_the_day_of_the_visit_decides_the_period(self):
        for day in (date(2026, 3, 31), date(2026, 7, 1)):
            self._visit(self.account, day, reported=day)
        self._night(date(2026, 7, 2))
        self.assertEqual(self.owed.state, "overdue")

    def test_a_cancelled_or_missed_visit_counts_no_more(self):
        visit = self._visit(self.account, date(2026, 5, 12), reported=date(2026, 5, 12))
        self.assertEqual(self.owed.state, "met")
        with freeze_time("2026-05-13 04:00:00"):
            visit._as_engine().write({"state": "cancelled"})
            visit._on_visit_changed()
        self.env.invalidate_all()
        self.assertEqual((self.owed.state, self.owed.done), ("open", 0))

    def test_a_planned_visit_is_planned(self):
        with freeze_time("2026-05-11 04:00:00"):
            visit = self._visit(self.account, date(2026, 5, 20), state="planned")
            self.env["kam.obligation"]._refresh_accounts(self.account)
        self._night(date(2026, 5, 12))
        self.assertEqual((self.owed.planned, self.owed.is_planned), (1, True))
        self.assertEqual(self.owed.visit_ids, visit)
        self.assertEqual(self.owed.state, "open")

    def test_quality_needs_the_purpose(self):
        """Presence is not enough; users §3.2, S3-51."""
        account = self._client("Strategic", self.strategic)
        self._member(self.member, "quality", account=account)
        self._night(date(2026, 5, 11))
        owed = self._owed(account, kind="quality_exchange")[0]
        self._visit(account, date(2026, 5, 12), self.member, reported=date(2026, 5, 12))
        self.assertEqual(owed.state, "open")
        self._visit(account, date(2026, 5, 13), self.user, "quality", reported=date(2026, 5, 13))
        self.assertEqual(owed.state, "open")
        self._visit(account, date(2026, 5, 14), self.member, "quality", reported=date(2026, 5, 14))
        self.assertEqual(owed.state, "met")

    def test_the_executive(self):
        """S3-26: the sponsor or an explicit executive; the director is none."""
        account = self._client("Executive", self.l1)
        self._night(date(2026, 5, 11))
        owed = self._owed(account, kind="executive_meeting")[0]
        for user, state in ((self.director, "open"), (self.executive, "met")):
            self._visit(account, date(2026, 5, 12), user, "executive", reported=date(2026, 5, 12))
            self.assertEqual(owed.state, state, user.name)

    def test_who_has_left_falls_back_to_the_lead(self):
        """A user deactivated who holds obligations; nobody left is shown."""
        self.assertEqual((self.owed.user_id, self.owed.performer_missing), (self.user, False))
        self.user.active = False
        self._night(date(2026, 5, 11))
        self.assertEqual(
            (self.owed.user_id, self.owed.performer_missing), (self.env["res.users"], True)
        )
        self.account.user_id = self.officer
        self.assertEqual((self.owed.user_id, self.owed.performer_missing), (self.officer, False))

    def test_credit_stays_with_the_holder_of_the_last_day(self):
        """K22, users §3.2."""
        self._night(date(2026, 7, 1))
        self.account.user_id = self.officer
        self._night(date(2026, 7, 2))
        self.assertEqual(self.owed.user_id, self.user)
        self.assertEqual(self._owed(self.account)[1].user_id, self.officer)

    # Hand-over

    def test_a_hand_over_shortly_before_the_end_waives(self):
        """Ten working days before the end, inclusive; users §3.2."""
        self.assertEqual(self.company._kam_handover_grace(), 10)
        accounts = {}
        # Tuesday 30 June 2026: the tenth working day before is Tuesday 16 June.
        for changed in (date(2026, 6, 15), date(2026, 6, 16), date(2026, 6, 30)):
            account = accounts[changed] = self._client(f"Handed {changed}", self.strategic)
            self._member(self.member, "quality", last=changed - DAY, account=account)
            self._member(self.officer, "quality", changed, account=account)
        self._night(date(2026, 6, 30))
        self._night(date(2026, 7, 1))
        found = {
            day: self._owed(account, kind="quality_exchange", date_to=date(2026, 6, 30)).state
            for day, account in accounts.items()
        }
        self.assertEqual(list(found.values()), ["overdue", "waived", "waived"])
        owed = self._owed(
            accounts[date(2026, 6, 16)], kind="quality_exchange", date_to=date(2026, 6, 30)
        )
        self.assertEqual(owed.waive_kind, "handover")
        self.assertIn("Member", owed.waive_reason)
        self.assertIn("Officer", owed.waive_reason)

    def test_a_calendar_without_working_days(self):
        """Days of the calendar then; nothing breaks."""
        account = self._client("Never", self.strategic)
        self._member(self.member, "quality", last=date(2026, 6, 21), account=account)
        self._member(self.officer, "quality", date(2026, 6, 22), account=account)
        calendar = self.env["resource.calendar"].create(
            {"name": "Nobody works", "attendance_ids": [], "company_id": self.company.id}
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "For ever",
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": datetime(2020, 1, 1),
                "date_to": datetime(2035, 1, 1),
            }
        )
        self.company.resource_calendar_id = calendar
        self._night(date(2026, 7, 1))
        owed = self._owed(account, kind="quality_exchange", date_to=date(2026, 6, 30))
        self.assertEqual(owed.state, "waived")

    def test_the_grace_can_be_none(self):
        self.company.kam_handover_grace_days = -1
        self.assertEqual(self.company._kam_handover_grace(), 0)
        self.company.kam_handover_grace_days = 5
        self.assertEqual(self.company._kam_handover_grace(), 5)
        settings = self.env["res.config.settings"].create({"kam_handover_grace": 0})
        settings._inverse_kam_handover_grace()
        self.assertEqual(self.company._kam_handover_grace(), 0)

    # Pause

    def test_a_pause_inside_and_over_the_end(self):
        """Account paused over a period end."""
        pauses = self.env["kam.account.pause"].with_user(self.officer)
        with freeze_time("2026-05-16 04:00:00"):
            pause = pauses.create(
                {"account_id": self.account.id, "date_from": date(2026, 5, 17), "reason": "moving"}
            )
        # 46 of 91 days are left: still 1; from the 16th on only 45.
        self.assertEqual((self.owed.required, self.owed.state), (1, "open"))
        with freeze_time("2026-05-16 04:00:00"):
            pause.date_from = date(2026, 5, 16)
        self.env.invalidate_all()
        self.assertEqual((self.owed.required, self.owed.state), (0, "waived"))
        self.assertEqual((self.owed.waive_reason, self.owed.waived), ("moving", 1))
        self._night(date(2026, 7, 10))
        later = self._owed(self.account, date_from=date(2026, 7, 1))
        self.assertEqual(later.state, "waived")
        # 50 of 92 days are left from 12 August on.
        with freeze_time("2026-08-12 04:00:00"):
            pause.date_to = date(2026, 8, 11)
        self._night(date(2026, 8, 12))
        self.assertEqual((later.required, later.state), (1, "open"))
        self.assertEqual(self.owed.state, "waived")

    def test_the_life_cycle_pauses(self):
        with freeze_time("2026-05-11 04:00:00"):
            self.account._set_life_cycle("paused", "renovation")
        self.env.invalidate_all()
        self.assertEqual((self.owed.state, self.owed.waive_reason), ("waived", "renovation"))
        with freeze_time("2026-05-20 04:00:00"):
            self.account._set_life_cycle("active")
        self.env.invalidate_all()
        self.assertEqual((self.owed.required, self.owed.state), (1, "open"))
        pause = self.account.pause_ids
        self.assertEqual(
            (pause.date_from, pause.date_to, pause.kind),
            (date(2026, 5, 11), date(2026, 5, 19), "paused"),
        )

    def test_who_is_lost_owes_nothing_new(self):
        with freeze_time("2026-06-20 04:00:00"):
            self.account._set_life_cycle("lost", "gone to a competitor")
        self._night(date(2026, 10, 2))
        self.assertNotIn(date(2026, 10, 1), [d for d, *_x in self._states(self.account)])
        self.assertEqual(self._states(self.account)[0], (date(2026, 4, 1), 1, "overdue"))

    def test_pauses_that_make_no_sense(self):
        pauses = self.env["kam.account.pause"].with_user(self.officer)
        values = {"account_id": self.account.id, "reason": "x", "date_from": date(2026, 5, 1)}
        pauses.create({**values, "date_to": date(2026, 5, 31)})
        for wrong in ({"date_from": date(2026, 5, 31)}, {"date_to": date(2026, 5, 1)}):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                pauses.create({**values, **wrong})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            pauses.create({**values, "date_from": date(2026, 7, 1), "reason": " "})

    # Waivers

    def test_a_waiver_sticks_and_can_be_taken_back(self):
        owed = self.owed.with_user(self.officer)
        with freeze_time("2026-05-11 04:00:00"):
            owed._waive("plant under renovation")
        self.env.invalidate_all()
        self.assertEqual(
            (owed.state, owed.waived_by_id, owed.waived, owed.waive_kind),
            ("waived", self.officer, 1, "manual"),
        )
        self._visit(self.account, date(2026, 5, 12), reported=date(2026, 5, 12))
        self._night(date(2026, 7, 1))
        self.assertEqual(owed.state, "waived")
        with freeze_time("2026-07-01 04:00:00"):
            owed._restore("was visited after all")
        self.env.invalidate_all()
        self.assertEqual((owed.state, owed.waive_reason), ("met", False))
        self.assertIn("was visited after all", str(owed.sudo().message_ids.mapped("body")))

    def test_what_is_met_cannot_be_waived(self):
        self._visit(self.account, date(2026, 5, 12), reported=date(2026, 5, 12))
        with self.assertRaises(UserError):
            self.owed.with_user(self.officer)._waive("too late")
        with self.assertRaises(UserError):
            self.owed.with_user(self.officer).action_waive()

    def test_the_wizard_shows_the_waivers_before(self):
        later = self._owed(self.account)[1].with_user(self.officer)
        with freeze_time("2026-05-11 04:00:00"):
            self.owed.with_user(self.officer)._waive("renovation")
            action = later.action_waive()
            Wizard = self.env["kam.obligation.waive.wizard"].with_user(self.officer)
            wizard = Wizard.with_context(**action["context"]).create({"reason": "again"})
            self.assertEqual((wizard.account_waivers, wizard.person_waivers), (1, 1))
            wizard.action_confirm()
        self.assertEqual(later.state, "waived")

    def test_only_the_office_waives(self):
        for user in (self.user, self.member, self.admin, self.auditor):
            with self.assertRaises(AccessError):
                self._as(self.owed, user)._waive("no time")
            with self.assertRaises(AccessError):
                self._as(self.owed, user).action_waive()
