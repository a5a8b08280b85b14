from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_obligation import DAY, ObligationCase


@tagged("post_install", "-at_install")
class TestObligationYear(ObligationCase):
    """The year 2026, night by night: visits, reports, pauses, an outage of 45 days, two
    runs a night.  What is expected is written down by hand.

    Source: S0-112 … S0-115, S3-26, S3-27.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for xmlid in ("s0_l1_visit", "s0_l2_visit", "s0_l3_visit", "s3_strategic_visit"):
            cls._policy(xmlid)
        cls.quarter = cls._client("Quarter", cls.l1)
        cls.half = cls._client("Half", cls.l2)
        cls.three = cls._client("Three", cls.l3)
        cls.month = cls._client("Month", cls.strategic)
        cls.paused = cls._client("Paused", cls.l1)
        cls.joined = cls._client("Joined")
        cls.lowered = cls._client("Lowered", cls.l1)

    # (account, day of the visit, day of the report)
    VISITS = (
        ("quarter", date(2026, 2, 10), date(2026, 2, 11)),
        # On the last day, reported in time two days later
        ("quarter", date(2026, 6, 30), date(2026, 7, 2)),
        # Reported long after its deadline
        ("quarter", date(2026, 9, 29), date(2026, 11, 5)),
        # The fourth quarter is not visited.
        ("half", date(2026, 3, 3), date(2026, 3, 3)),
        ("half", date(2026, 7, 1), date(2026, 7, 2)),
        ("three", date(2026, 1, 15), date(2026, 1, 16)),
        ("three", date(2026, 8, 20), date(2026, 8, 21)),
        ("month", date(2026, 1, 31), date(2026, 1, 31)),
        ("month", date(2026, 2, 1), date(2026, 2, 2)),
        # Held during the outage
        ("month", date(2026, 4, 15), date(2026, 4, 16)),
        ("month", date(2026, 12, 30), None),
        ("joined", date(2026, 5, 20), date(2026, 5, 20)),
        ("joined", date(2026, 8, 3), date(2026, 8, 4)),
        ("lowered", date(2026, 4, 2), date(2026, 4, 2)),
    )
    OUTAGE = (date(2026, 4, 10), date(2026, 5, 24))

    def _events(self):
        """What happens on a day, at four in the morning."""
        for name, day, reported in self.VISITS:
            yield (
                day,
                lambda n=name, d=day: self._visits.__setitem__(
                    (n, d), self._visit(getattr(self, n), d, due=d + 3 * DAY)
                ),
            )
            if reported:
                yield reported, lambda n=name, d=day, r=reported: self._report(n, d, r)
        yield date(2026, 5, 4), lambda: self._pause(date(2026, 5, 4), date(2026, 8, 15))
        yield date(2026, 4, 28), lambda: self._hold(self.joined, self.l1, date(2026, 4, 28))
        yield date(2026, 5, 10), lambda: self._hold(self.lowered, self.l2, date(2026, 5, 10))

    def _report(self, name, day, reported):
        self._visits[name, day]._as_engine().write(
            {"state": "reported", "reported_on": f"{reported} 03:00:00"}
        )
        self._visits[name, day]._on_visit_changed()

    def _pause(self, first, last):
        self.env["kam.account.pause"].with_user(self.officer).create(
            {
                "account_id": self.paused.id,
                "date_from": first,
                "date_to": last,
                "reason": "moving its plant",
            }
        )

    def _live(self, first, last):
        self._visits, self._told = {}, []
        by_day = {}
        for day, event in self._events():
            by_day.setdefault(day, []).append(event)
        day = first
        while day <= last:
            if not self.OUTAGE[0] <= day <= self.OUTAGE[1]:
                before = self._notices()
                self._night(day, times=2 if day.day in (1, 2) else 1)
                self._told.append(self._notices() - before)
            for event in by_day.get(day, ()):
                with freeze_time(f"{day} 05:00:00"):
                    event()
            day += DAY

    def test_a_year(self):
        self._live(date(2026, 1, 1), date(2027, 1, 2))
        met, late, over, wait = "met", "met_late", "overdue", "awaiting"
        expected = {
            self.quarter: {(1, 3): (1, met), (4, 6): (1, met), (7, 9): (1, late),
                           (10, 12): (1, over)},
            self.half: {(1, 6): (1, met), (7, 12): (1, met)},
            # Two of three
            self.three: {(1, 12): (3, over)},
            self.month: {
                (1, 1): (1, met), (2, 2): (1, met), (3, 3): (1, over), (4, 4): (1, met),
                **{(n, n): (1, over) for n in range(5, 12)}, (12, 12): (1, wait),
            },
            # Paused 4 May – 15 August: 58 of 91 days and 46 of 92 are taken out, so that of
            # the second quarter 33 days are left (0.36) and of the third 46 (0.5).
            self.paused: {(1, 3): (1, over), (4, 6): (0, "waived"), (7, 9): (1, over),
                          (10, 12): (1, over)},
            # 64 of 91 days
            self.joined: {(4, 6): (1, met), (7, 9): (1, met), (10, 12): (1, over)},
            # Lowered in May: the quarter stays, then half-years.
            self.lowered: {(1, 3): (1, over), (4, 6): (1, met), (7, 12): (1, over)},
        }  # fmt: skip
        for account, windows in expected.items():
            found = {
                (o.date_from.month, o.date_to.month): (o.required, o.state)
                for o in self._owed(account)
                if o.date_from.year == 2026 and o.state != "cancelled"
            }
            self.assertEqual(found, windows, account.name)
        self._check_messages()
        self._check_fulfilment()

    def _check_messages(self):
        """At most one notice a night to a person, and few nights in the year."""
        self.assertEqual(max(self._told), 1)
        self.assertTrue(10 < sum(self._told) < 60, sum(self._told))

    def _notices(self):
        domain = [("topic", "=", "obligation"), ("user_id", "=", self.user.id)]
        return self.env["kam.notice"].search_count(domain)

    def _check_fulfilment(self):
        """K22: met in time ÷ due, neither waived nor cancelled."""
        metric = self.env["kam.metric"].search([("code", "=", "obligation_fulfilment")])
        run = self.env["kam.metric"]._new_run(
            self.company, date(2027, 1, 2), self.quarter.partner_id | self.paused.partner_id,
            window="calendar_year",
        )  # fmt: skip
        values = run.values(metric)
        self.assertAlmostEqual(values[self.quarter.partner_id.id], 50.0)
        self.assertAlmostEqual(values[self.paused.partner_id.id], 0.0)

    # Faults of the job

    def test_killed_before_the_end_nothing_of_the_night_stays(self):
        model = type(self.env["kam.obligation"])
        with patch.object(model, "_remind", autospec=True, side_effect=ValueError):
            self._failing_job_on(date(2026, 2, 1))
        self.assertFalse(self._owed(self.quarter))
        self._night(date(2026, 2, 2))
        self.assertTrue(self._owed(self.quarter))

    def _failing_job_on(self, day):
        with mute_logger("odoo.addons.key_account_mgmt.models.core.job_mixin", "odoo.sql_db"):
            self._night(day)

    def test_the_error_of_a_company_stops_no_other(self):
        other = self._new_company("Yunting Rail", self.cny)
        other.kam_go_live_date = date(2026, 1, 1)
        partner = self._customer("Rail", company_id=other.id)
        account = self._hold(self._account(partner, company=other), self.l1)
        model = type(self.env["kam.obligation"])
        original = model._reconcile_company

        def failing(records, company, day):
            if company == self.company:
                raise ValueError
            return original(records, company, day)

        with patch.object(model, "_reconcile_company", failing):
            self._failing_job_on(date(2026, 2, 1))
        self.assertFalse(self._owed(self.quarter))
        self.assertTrue(self.env["kam.obligation"].search([("account_id", "=", account.id)]))

    def test_switched_off_it_does_nothing(self):
        employee = self.env.ref("base.group_user")
        employee.implied_ids -= self.env.ref("key_account_mgmt.group_kam_area_visit")
        self._night(date(2026, 2, 1))
        self.assertFalse(self._owed(self.quarter))

    # Reminders

    def test_reminded_twice_and_told_once_that_it_is_overdue(self):
        """14 and 3 days before; nobody twice for the same; J03."""
        accounts = self.quarter
        told = []
        day = date(2026, 3, 1)
        while day <= date(2026, 4, 5):
            self._night(day, times=2)
            new = self.env["kam.obligation"].search(
                [("account_id", "=", accounts.id), ("reminded_for", "!=", False)]
            )
            state = tuple(new.mapped(lambda o: (o.reminded_level, o.overdue_told)))
            if state and (not told or told[-1][1] != state):
                told.append((day, state))
            day += DAY
        self.assertEqual(
            told,
            [
                (date(2026, 3, 17), ((14, False),)),
                (date(2026, 3, 28), ((3, False),)),
                (date(2026, 4, 1), ((3, True),)),
            ],
        )

    def test_no_reminder_of_what_is_planned(self):
        with freeze_time("2026-03-02 04:00:00"):
            self._visit(self.quarter, date(2026, 3, 25), state="planned")
        self._nights(date(2026, 3, 15), date(2026, 3, 20))
        self.assertFalse(self._owed(self.quarter)[0].reminded_for)
        self.assertTrue(self._owed(self.paused)[0].reminded_for)

    # Queries

    def test_queries_do_not_depend_on_the_number_of_accounts(self):
        self._night(date(2026, 2, 1))

        def night(day):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            with freeze_time(f"{day} 00:30:00"):
                self.env["kam.obligation"]._reconcile_company(self.company, day)
                self.env.flush_all()
            return self.cr.sql_log_count - before

        few = night(date(2026, 4, 1))
        for number in range(40):
            self._client(f"Many {number}", self.l1)
        night(date(2026, 4, 2))
        many = night(date(2026, 7, 1))
        self.assertLessEqual(many, few + 3)

    def test_lists_and_the_account_form_cost_constant_queries(self):
        """At few and at many obligations; issue “Measured”."""
        counts = []
        for day in (date(2026, 1, 2), date(2026, 12, 20)):
            self._night(day)
            self.env.flush_all()
            self.env.invalidate_all()
            spec = self._spec(self.env["kam.obligation"], "list", self.officer)
            account_spec = self._spec(self.env["kam.account"], "form", self.officer)
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._as(self.env["kam.obligation"], self.officer).web_search_read([], spec, limit=500)
            self._as(self.month, self.officer).web_read(account_spec)
            counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 1)
