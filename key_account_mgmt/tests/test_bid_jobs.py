from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from odoo.addons.key_account_mgmt.policy.periods import Period

from .common_bid import NOW, BidCase

TODAY = date(2026, 11, 23)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestBidJobs(BidCase):
    """J11: the watch over bids.  Source: (e) J11, S0-86, S0-91."""

    def _night(self, day):
        with freeze_time(f"{day} 04:00:00"):
            self._job("_cron_bids", day, "kam.bid")

    def _told(self, topic="bid_deadline"):
        return [(n.user_id.name, n.title) for n in self._notices(topic).sorted("id")]

    def test_warnings_at_seven_three_and_one_days(self):
        """Monday 7 December: told on Monday 30, and on Friday 4 before the weekend, when the
        next letter would come on the day itself; missed, its leader hears of it.
        """
        bid = self._bid()
        told = {}
        for day in (
            date(2026, 11, 27), date(2026, 11, 30), date(2026, 12, 1), date(2026, 12, 3),
            date(2026, 12, 4), date(2026, 12, 7), date(2026, 12, 8), date(2026, 12, 9),
        ):  # fmt: skip
            before = len(self._told())
            self._night(day)
            told[day.day] = len(self._told()) - before
        self.assertEqual(told, {27: 0, 30: 2, 1: 0, 3: 0, 4: 2, 7: 0, 8: 1, 9: 0})
        self.assertEqual(self._told()[-1], (self.user.name, f"Deadline missed? {bid.name}"))

    def test_run_twice_it_tells_nothing_twice(self):
        self._bid()
        self._night(date(2026, 12, 4))
        told = self._told()
        self.assertEqual({name for name, _title in told}, {self.user.name, self.helper.name})
        self._night(date(2026, 12, 4))
        self.assertEqual(self._told(), told)

    def test_after_an_outage_one_warning(self):
        self._bid()
        self._night(date(2026, 12, 7))
        self.assertEqual(len(self._told()), 2)

    def test_a_deadline_moved_is_warned_of_anew(self):
        bid = self._bid()
        self._night(date(2026, 12, 7))
        bid.deadline_date = date(2026, 12, 14)
        self.assertFalse(self._notices("bid_deadline").filtered(lambda n: not n.settled_on))
        self._night(date(2026, 12, 8))
        self.assertEqual(len(self._told()), 4)

    def test_who_handed_in_hears_nothing(self):
        self._submitted()
        self._night(date(2026, 12, 7))
        self.assertFalse(self._told())

    def test_nothing_on_days_off_before_go_live_and_where_the_area_is_off(self):
        self._bid()
        self._night(date(2026, 12, 6))
        self.assertFalse(self._told(), "Sunday")
        self.company.kam_go_live_date = date(2026, 12, 8)
        self._night(date(2026, 12, 7))
        self.assertFalse(self._told(), "before go-live")
        self.company.kam_go_live_date = False
        self.env["res.config.settings"].create({"group_kam_area_bid": False}).set_values()
        self._night(date(2026, 12, 7))
        self.assertFalse(self._told(), "area off")
        self.env["res.config.settings"].create({"group_kam_area_bid": True}).set_values()
        self._night(date(2026, 12, 7))
        self.assertTrue(self._told())

    def test_a_clarification_due_is_told_once(self):
        bid = self._bid()
        line = self.env["kam.bid.clarification"].create(
            {
                "bid_id": bid.id,
                "question": "Which motor?",
                "due_on": "2026-11-25",
                "user_id": self.helper.id,
            }
        )
        self._night(date(2026, 11, 24))
        self.assertFalse(self._told("bid_clarification"))
        for _twice in range(2):
            self._night(date(2026, 11, 25))
            self.assertEqual(len(self._told("bid_clarification")), 1)
        line.answer = "Ours"
        self.assertTrue(self._notices("bid_clarification").settled_on)

    def test_an_overdue_bond_is_told_to_who_follows_and_to_finance(self):
        """Source: users §3.4"""
        bid = self._bid()
        bond = self.env["kam.bid.bond"].create(
            {"bid_id": bid.id, "amount": 80.0, "due_back": "2026-11-24"}
        )
        bond._enter("paid", TODAY)
        self._night(date(2026, 11, 24))
        self.assertFalse(self._told("bid_bond"), "on the day itself it may still come")
        for _twice in range(2):
            self._night(date(2026, 11, 25))
            names = {name for name, _title in self._told("bid_bond")}
            self.assertEqual(names, {self.user.name, self.finance.name})
            self.assertEqual(len(self._told("bid_bond")), 2)

    def test_a_contract_to_sign_is_told_a_week_ahead(self):
        """Source: users §3.7 K10"""
        bid = self._won()
        self._night(date(2026, 12, 10))
        self.assertFalse(self._told("bid_sign"))
        for _twice in range(2):
            self._night(date(2026, 12, 14))
            self.assertEqual(len(self._told("bid_sign")), 1)
        self.assertTrue(bid.sign_told)

    def test_a_certificate_that_expires_is_told_once_for_each_last_day(self):
        paper = self.env["kam.certificate"].create(
            {"name": "ISO", "valid_until": "2027-01-23", "user_id": self.helper.id,
             "company_id": self.company.id}
        )  # fmt: skip
        self._night(date(2026, 11, 24))
        self.assertFalse(self._told("bid_certificate"), "sixty days")
        for _twice in range(2):
            self._night(date(2026, 11, 25))
            self.assertEqual(len(self._told("bid_certificate")), 1)
        paper.valid_until = date(2027, 1, 24)
        self._night(date(2026, 11, 26))
        self.assertEqual(len(self._told("bid_certificate")), 2)

    def test_the_page_of_jobs_says_what_will_happen(self):
        job = self.env["kam.job"].search([("code", "=", "kam.bid/bids")])
        self.assertEqual(job._job_forecast_bids(self.company, TODAY), ["Nothing is due."])
        self._bid(deadline="2026-11-27 02:00:00")
        self.assertEqual(len(job._job_forecast_bids(self.company, TODAY)), 1)

    # My Week

    def _week(self, user):
        items = self._as(self.env["kam.week.item"], user).search([("user_id", "=", user.id)])
        return {(item.code, item.date_due) for item in items}

    def test_my_week(self):
        """Deadline, clarification, bond, contract to sign; tasks are actions."""
        bid = self._preparing()
        self.assertIn(("bid", date(2026, 12, 7)), self._week(self.user))
        self.assertIn(("action", date(2026, 12, 3)), self._week(self.helper))
        self.env["kam.bid.clarification"].create(
            {
                "bid_id": bid.id,
                "question": "?",
                "due_on": "2026-11-25",
                "user_id": self.helper.id,
            }
        )
        self.assertIn(("clarification", date(2026, 11, 25)), self._week(self.helper))
        bond = self.env["kam.bid.bond"].create(
            {"bid_id": bid.id, "amount": 80.0, "due_back": "2026-11-24"}
        )
        bond._enter("paid", TODAY)
        self.assertIn(("bond", date(2026, 11, 24)), self._week(self.user))
        won = self._won(lead=self._lead("Line 9"))
        self.assertIn(("bid_sign", date(2026, 12, 20)), self._week(self.user))
        won.signed_on = TODAY
        self.assertNotIn(("bid_sign", date(2026, 12, 20)), self._week(self.user))

    # Figures

    def _decided(self):
        """Won 900, lost 950, rejected 300 without an opening record, cancelled 5000."""
        self._won()
        self._lost(lead=self._lead("Line 8"))
        rejected = self._submitted(lead=self._lead("Line 9", amount=300.0))
        rejected._end("rejected", TODAY, "A paper was missing", lesson="Check twice")
        cancelled = self._submitted(lead=self._lead("Depot", amount=5000.0))
        cancelled._end("cancelled", TODAY, "No budget")
        self._bid(lead=self._lead("Running"))
        self.env.flush_all()

    def test_win_rate_by_number_and_amount(self):
        """K09: rejected counts as lost, cancelled does not; number and amount.

        Source: S0-162
        """
        self._decided()
        period = Period(date(2026, 11, 1), date(2026, 11, 30))
        figures = [
            round(self._figure(code, self.customer, period), 2)
            for code in ("bids_won", "bids_decided", "bid_success",
                         "bid_amount_won", "bid_amount_decided", "bid_success_amount")
        ]  # fmt: skip
        amount = 900.0 + 950.0 + 300.0
        self.assertEqual(figures, [1, 3, 33.33, 900.0, amount, round(90000.0 / amount, 2)])
        before = Period(date(2026, 10, 1), date(2026, 10, 31))
        self.assertFalse(self._figure("bids_decided", self.customer, before))

    def test_analysis_weighs_amounts(self):
        """Win rate, win rate by amount, price against the winner's."""
        self._decided()
        [row] = self.env["kam.bid"].formatted_read_group(
            [("company_id", "=", self.company.id)],
            [],
            ["win_rate:avg", "win_rate_amount:avg", "price_gap:avg", "win_price:avg"],
        )
        self.assertAlmostEqual(row["win_rate:avg"], 100 / 3, 2)
        self.assertAlmostEqual(row["win_rate_amount:avg"], 90000 / 2150, 2)
        # The bid won is level with the winner: itself.
        self.assertAlmostEqual(row["price_gap:avg"], (950 / 930 - 1) * 100 / 2, 2)
        self.assertAlmostEqual(row["win_price:avg"], (900 + 930) / 2, 2)

    def test_constant_queries(self):
        """However many bids the list shows."""
        counts = []
        for number in (2, 8):
            for each in range(number):
                self._bid(lead=self._lead(f"Line {number}{each}"))
            spec = self._spec(self.env["kam.bid"], "list", self.officer)
            bids = self._as(self.env["kam.bid"], self.officer)
            # The first reading fills the registry's caches.
            bids.web_search_read([], spec)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            bids.web_search_read([], spec)
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_constant_queries_of_the_job(self):
        """However many teams hear of their deadline."""
        counts = []
        for number in (2, 8):
            for each in range(number):
                self._bid(lead=self._lead(f"Line {number}{each}"))
            jobs = self.env["kam.bid"].sudo()._as_engine()
            for _twice in range(2):
                self.env.flush_all()
                self.env.invalidate_all()
                jobs.search([])._as_engine().write({"told": 100})
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                jobs._warn_deadlines(self.company, date(2026, 12, 4))
                self.env.flush_all()
                queries = self.cr.sql_log_count - before
            counts.append(queries)
        self.assertLessEqual(counts[1] - counts[0], 8, "one row changes for each bid told")

    def test_exceptions_find_what_is_wrong(self):
        """Due without review, missed, bonds, contracts."""
        self._bid(deadline="2026-11-27 02:00:00")
        kinds = self.env["kam.exception.kind"]
        found = {
            kind.code: kind.count
            for kind in self._as(kinds, self.officer).search([("code", "like", "bid_")])
        }
        self.assertEqual(found["bid_not_reviewed"], 1)
        self.assertEqual(set(found.values()), {0, 1})
        with freeze_time("2026-11-28 02:00:00"):
            self.env.invalidate_all()
            missed = self._as(kinds, self.officer).search([("code", "=", "bid_deadline_missed")])
            self.assertEqual((missed.status, missed.count), ("found", 1))

    def test_people_are_told_that_they_are_on_a_team(self):
        self._bid(member_ids=[Command.create({"user_id": self.chief.id})])
        title = "You are on the team of the bid Metro line 7"
        self.assertEqual(self._told("bid_team"), [(self.chief.name, title)])
