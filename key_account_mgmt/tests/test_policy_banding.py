from odoo.tests import BaseCase

from odoo.addons.key_account_mgmt.policy import banding
from odoo.addons.key_account_mgmt.policy.criteria import Criterion


def _group(*bounds, metric="sales"):
    return {
        metric: [
            Criterion(number, 1, compare, threshold)
            for number, (compare, threshold) in enumerate(bounds)
        ]
    }


class TestPolicyBanding(BaseCase):
    """Bands are half-open, without overlap, the highest on top.  Source: S0-18, S0-20, a.1 C7."""

    def _codes(self, *levels):
        numbered = list(enumerate(levels, start=1))
        return [(problem[0], *problem[1:3]) for problem in banding.check_bands(numbered)]

    def test_the_shipped_bands_touch_without_overlap(self):
        """Source: S0-15, S0-18, S0-20."""
        self.assertFalse(
            self._codes(
                [_group((">=", 20))],
                [_group((">=", 5), ("<", 20))],
                [_group((">=", 1), ("<", 5))],
            )
        )

    def test_a_gap_is_allowed(self):
        self.assertFalse(self._codes([_group((">=", 20))], [_group((">=", 5), ("<", 10))]))

    def test_overlap_is_found(self):
        """Source: S0-18."""
        self.assertEqual(
            self._codes([_group((">=", 20))], [_group((">=", 5), ("<", 20.01))]),
            [(banding.OVERLAP, 1, 2)],
        )

    def test_an_open_lower_band_is_no_overlap(self):
        """“≥ 5 million” below “≥ 20 million” is read by rank.  Source: S3-15, S3-17."""
        self.assertFalse(self._codes([_group((">=", 20))], [_group((">=", 5))]))

    def test_a_higher_level_must_not_ask_for_less(self):
        self.assertEqual(
            self._codes([_group((">=", 5))], [_group((">=", 20))]), [(banding.ORDER, 1, 2)]
        )

    def test_inverted_bounds_are_found(self):
        self.assertEqual(self._codes([_group((">=", 20), ("<", 5))]), [(banding.INVERTED, 1, None)])
        self.assertEqual(
            self._codes([_group((">=", 20), ("<", 20))]), [(banding.INVERTED, 1, None)]
        )
        self.assertFalse(self._codes([_group((">=", 20), ("<=", 20))]))

    def test_inverted_bounds_are_found_in_any_group(self):
        self.assertEqual(
            self._codes([_group((">=", 20)), _group((">=", 9), ("<", 3))]),
            [(banding.INVERTED, 1, None)],
        )

    def test_switched_off_bounds_do_not_count(self):
        self.assertFalse(self._codes([_group((">=", None))], [_group((">=", 5), ("<", None))]))

    def test_levels_that_differ_by_several_figures_are_not_compared(self):
        two = _group((">=", 1)) | _group((">=", 3), metric="standing")
        self.assertFalse(self._codes([two], [_group((">=", 5))]))

    def test_a_group_of_its_own_is_compared(self):
        """“≥ 1, or benchmark”: the flag is another way in, not a condition.  Source: S0-20."""
        either = [_group((">=", 1), ("<", 5)), _group(("has", None), metric="benchmark")]
        self.assertFalse(self._codes([_group((">=", 5))], either))
        self.assertEqual(self._codes([_group((">=", 4))], either), [(banding.OVERLAP, 1, 2)])
        self.assertEqual(self._codes(either, [_group((">=", 5))]), [(banding.ORDER, 1, 2)])

    def test_conditions_switched_off_leave_the_band_alone(self):
        """Optional conditions without threshold hide no overlap.  Source: S0-16, S0-19."""
        optional = _group((">=", 20)) | _group((">=", None), metric="stability")
        self.assertEqual(
            self._codes([optional], [_group((">=", 5), ("<", 21))]), [(banding.OVERLAP, 1, 2)]
        )

    def test_different_metrics_are_not_compared(self):
        self.assertFalse(self._codes([_group((">=", 1))], [_group((">=", 5), metric="tons")]))

    def test_the_strictest_bound_makes_the_band(self):
        criteria = _group((">=", 5), (">=", 8), ("<", 20), ("<", 12))["sales"]
        self.assertEqual(banding.band(criteria), (8, 12))
        self.assertEqual(banding.band([Criterion(1, 1, "=", 7)]), (7, 7))
