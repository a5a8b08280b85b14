from datetime import date

from odoo.tests import BaseCase

from odoo.addons.key_account_mgmt.policy.criteria import Criterion, Level
from odoo.addons.key_account_mgmt.policy.hysteresis import (
    KEPT_MARGIN,
    KEPT_TENURE,
    keeps_level,
    months_held,
)

LEVEL = Level(1, 1, (Criterion(1, 1, ">=", 20_000_000),))
DAY = date(2026, 11, 22)


class TestPolicyHysteresis(BaseCase):
    """A level is not lost by a small or early drop.  Source: g Q7, S0-36."""

    def _kept(self, value, level=LEVEL, since=date(2020, 1, 1), **rules):
        return keeps_level(level, {1: value}, since, DAY, **rules)

    def test_the_margin_holds_down_to_its_boundary(self):
        self.assertEqual(self._kept(18_000_000.01, margin=10), KEPT_MARGIN)
        self.assertEqual(self._kept(18_000_000, margin=10), KEPT_MARGIN)
        self.assertIsNone(self._kept(17_999_999.99, margin=10))

    def test_without_margin_nothing_is_kept(self):
        self.assertIsNone(self._kept(19_999_999))

    def test_a_negative_bound_is_eased_downwards_too(self):
        level = Level(1, 1, (Criterion(1, 1, ">=", -100),))
        self.assertEqual(self._kept(-110, level, margin=10), KEPT_MARGIN)
        self.assertIsNone(self._kept(-111, level, margin=10))

    def test_upper_bounds_are_not_eased(self):
        level = Level(1, 1, (Criterion(1, 1, "<", 100),))
        self.assertIsNone(self._kept(105, level, margin=10))

    def test_the_margin_does_not_replace_an_assessment(self):
        """Source: g Q5."""
        standing = Criterion(2, 1, ">=", 3, declared=True)
        level = Level(1, 1, (*LEVEL.criteria, standing))
        values = {1: 19_000_000, 2: None}
        self.assertIsNone(keeps_level(level, values, date(2020, 1, 1), DAY, margin=10))
        values[2] = 3
        self.assertEqual(keeps_level(level, values, date(2020, 1, 1), DAY, margin=10), KEPT_MARGIN)

    def test_the_tenure_ends_on_its_day(self):
        """Held from 22 May, six months are complete on 22 November."""
        for since, kept in (
            (date(2026, 5, 21), None),
            (date(2026, 5, 22), None),
            (date(2026, 5, 23), KEPT_TENURE),
        ):
            self.assertEqual(self._kept(0, since=since, min_tenure=6), kept, since)

    def test_a_level_that_begins_in_future_is_protected(self):
        self.assertEqual(self._kept(0, since=date(2026, 12, 1), min_tenure=1), KEPT_TENURE)

    def test_29_february(self):
        """A year from 29 February is complete on 28 February."""
        leap = date(2028, 2, 29)
        self.assertEqual(months_held(leap, date(2029, 2, 27)), 11)
        self.assertEqual(months_held(leap, date(2029, 2, 28)), 12)
        self.assertEqual(months_held(leap, date(2029, 3, 1)), 12)
        self.assertEqual(months_held(leap, date(2032, 2, 29)), 48)
        self.assertEqual(months_held(date(2028, 1, 31), leap), 1)

    def test_held_since_today_is_no_month(self):
        self.assertEqual(months_held(DAY, DAY), 0)
        self.assertEqual(months_held(None, DAY), 0)
