from datetime import datetime

from odoo.tests import BaseCase, tagged

from odoo.addons.key_account_mgmt.policy.issues import (
    Promise,
    choose_promise,
    level_reached,
    missing_to_close,
    strictest,
)
from odoo.addons.key_account_mgmt.policy.pricing import (
    above,
    covered,
    group_discount,
    next_step,
    real_discount,
)

ALL = Promise(1, response=24.0, resolution=7)
KEY = Promise(2, key_only=True, response=4.0, resolution=3)
TIER = Promise(3, tier=7, response=2.0)
QUALITY = Promise(4, kind=9, response=8.0)
CRITICAL = Promise(5, severity="3", response=1.0)
LEVELS = [(1, 0.0), (2, 4.0), (3, 16.0)]


@tagged("post_install", "-at_install")
class TestIssuePolicy(BaseCase):
    """Which promise holds, and how far lateness goes up.  Source: Q15, S2-35, J12."""

    def _chosen(self, *rows, kind=8, tiers=(), is_key=False, severity="1"):
        found = choose_promise(list(rows), kind, set(tiers), is_key, severity)
        return found and found.key

    def test_the_most_specific_row_wins(self):
        rows = (ALL, KEY, TIER, QUALITY, CRITICAL)
        self.assertEqual(self._chosen(*rows), 1)
        self.assertEqual(self._chosen(*rows, severity="3"), 5)
        self.assertEqual(self._chosen(*rows, is_key=True, severity="3"), 2)
        self.assertEqual(self._chosen(*rows, is_key=True, tiers=(7,)), 3)
        self.assertEqual(self._chosen(*rows, is_key=True, tiers=(7,), kind=9), 4)

    def test_of_equals_the_first(self):
        self.assertEqual(self._chosen(Promise(8), Promise(9)), 8)

    def test_no_row_fits(self):
        self.assertIsNone(self._chosen(KEY, TIER, QUALITY, CRITICAL))
        self.assertIsNone(self._chosen())

    def test_the_earliest_promise_counts(self):
        early, late = datetime(2026, 11, 23), datetime(2026, 11, 24)
        self.assertEqual(strictest([late, False, early]), early)
        self.assertIsNone(strictest([False, None]))

    def test_levels_at_their_boundaries(self):
        """At the deadline it is in time; a level is reached at its very hour."""
        reached = [level_reached(h, LEVELS) for h in (None, 0.01, 3.99, 4.0, 15.9, 16.0, 900)]
        self.assertEqual(reached, [0, 1, 1, 2, 2, 3, 3])
        self.assertEqual(level_reached(5.0, []), 0)

    def test_what_closing_needs(self):
        """Source: (c11), S3-53"""
        asked = {"root_cause", "preventive", "satisfaction"}
        self.assertEqual(
            missing_to_close(asked, {"open", "unverified"}),
            ["root_cause", "preventive", "satisfaction", "open", "unverified"],
        )
        self.assertEqual(missing_to_close(asked, asked), [])
        self.assertEqual(missing_to_close(set(), {"unverified"}), ["unverified"])


@tagged("post_install", "-at_install")
class TestPricePolicy(BaseCase):
    """Ceilings and quantity steps.  Source: S1p-12, S1c-17, S1c-18."""

    def test_equal_is_not_above_and_zero_is_no_ceiling(self):
        self.assertEqual([above(v, 10.0) for v in (9.99, 10.0, 10.01)], [False, False, True])
        self.assertFalse(above(100.0, 0.0))

    def test_a_discount_in_the_price_is_one(self):
        self.assertEqual(real_discount(200.0, 150.0), 25.0)
        self.assertEqual(real_discount(200.0, 250.0), 0.0)
        self.assertEqual(real_discount(0.0, -5.0), 0.0)

    def test_the_second_stage_is_taken_off_what_is_left(self):
        first, second = [(50, 5.0), (100, 10.0)], [(200, 5.0)]
        found = [group_discount(q, first, second) for q in (49, 50, 99, 100, 199, 200)]
        self.assertEqual(found, [0.0, 5.0, 5.0, 10.0, 10.0, 14.5])

    def test_the_next_step(self):
        steps = [(50, 5.0), (100, 10.0)]
        self.assertEqual(next_step(50, steps), (100, 10.0))
        self.assertIsNone(next_step(100, steps))

    def test_what_was_approved_covers_as_much_and_no_more(self):
        self.assertTrue(covered({"days": 60}, {"days": 60, "line-1": 5.0}))
        self.assertFalse(covered({"days": 61}, {"days": 60}))
        self.assertFalse(covered({"line-2": 1.0}, {"line-1": 5.0}))
        self.assertTrue(covered({}, {}))
