from datetime import date, datetime

from odoo.tests import BaseCase, tagged

from odoo.addons.key_account_mgmt.policy.bidding import (
    UNWARNED,
    NoSuchTimeError,
    local_moment,
    wall_clock,
    warning_reached,
    weighted_score,
)


@tagged("post_install", "-at_install")
class TestBidding(BaseCase):
    """Deadlines, scores and warnings of tenders.  Source: S0-86, (e) J11."""

    def test_a_deadline_is_on_the_customers_clock(self):
        self.assertEqual(
            local_moment(date(2026, 12, 1), 9.5, "Asia/Shanghai"), datetime(2026, 12, 1, 1, 30)
        )
        self.assertEqual(
            local_moment(date(2026, 12, 1), 9.5, "Europe/Berlin"), datetime(2026, 12, 1, 8, 30)
        )
        self.assertEqual(
            local_moment(date(2026, 7, 1), 9.5, "Europe/Berlin"), datetime(2026, 7, 1, 7, 30)
        )

    def test_the_night_the_clock_is_put_forward(self):
        """29 March 2026, Berlin: 2:00 to 2:59 do not exist."""
        night = date(2026, 3, 29)
        self.assertEqual(local_moment(night, 1.99, "Europe/Berlin"), datetime(2026, 3, 29, 0, 59))
        for hours in (2.0, 2.5, 2.98):
            with self.assertRaises(NoSuchTimeError):
                local_moment(night, hours, "Europe/Berlin")
        self.assertEqual(local_moment(night, 3.0, "Europe/Berlin"), datetime(2026, 3, 29, 1, 0))

    def test_the_night_the_clock_is_put_back(self):
        """25 October 2026, Berlin: 2:30 comes twice; the first one counts."""
        night = date(2026, 10, 25)
        self.assertEqual(local_moment(night, 2.5, "Europe/Berlin"), datetime(2026, 10, 25, 0, 30))
        self.assertEqual(local_moment(night, 3.0, "Europe/Berlin"), datetime(2026, 10, 25, 2, 0))

    def test_there_and_back(self):
        for moment in (datetime(2026, 3, 29, 1, 0), datetime(2026, 12, 31, 23, 45)):
            for zone in ("Asia/Shanghai", "Europe/Berlin", "America/New_York"):
                self.assertEqual(local_moment(*wall_clock(moment, zone), zone), moment)

    def test_a_score_is_the_weighted_mean(self):
        self.assertEqual(weighted_score([(20, 5), (10, 2)]), 4.0)
        self.assertEqual(weighted_score([(0, 5), (10, 2)]), 2.0)
        self.assertIsNone(weighted_score([]))
        self.assertIsNone(weighted_score([(0, 5)]))

    def test_warnings_at_seven_three_and_one_days_and_when_missed(self):
        found = [
            (left, warning_reached(left, UNWARNED)) for left in (8, 7, 6, 4, 3, 2, 1, 0, -1, -9)
        ]
        self.assertEqual(
            found,
            [(8, None), (7, 7), (6, 7), (4, 7), (3, 3), (2, 3), (1, 1), (0, 1), (-1, 0), (-9, 0)],
        )

    def test_no_warning_is_given_twice(self):
        for left, told in ((7, 7), (4, 7), (3, 3), (1, 1), (0, 1), (-1, 0), (7, 3)):
            self.assertIsNone(warning_reached(left, told), (left, told))
        self.assertEqual(warning_reached(3, 7), 3)
        self.assertEqual(warning_reached(-1, 1), 0)
