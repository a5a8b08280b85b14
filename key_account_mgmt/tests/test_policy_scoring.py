import doctest

from odoo.tests import BaseCase

from odoo.addons.key_account_mgmt.policy import scoring

SHIPPED = {"sales": 40.0, "relationship": 25.0, "process": 20.0, "team": 15.0}


class TestPolicyScoring(BaseCase):
    """Scores, weights, totals and grades; (d), g Q21, g Q25."""

    def test_examples(self):
        self.assertEqual(doctest.testmod(scoring).failed, 0)

    def test_more_is_better_between_floor_and_cap(self):
        """Source: (d) score of a line."""
        for actual, score in ((0.0, 0.0), (50.0, 50.0), (119.9, 119.9), (120.0, 120.0),
                              (500.0, 120.0), (-1.0, 0.0)):  # fmt: skip
            self.assertAlmostEqual(scoring.proportional(actual, 100.0), score)
        self.assertEqual(scoring.proportional(5.0, 100.0, floor=30.0), 30.0)
        self.assertEqual(scoring.proportional(500.0, 100.0, cap=100.0), 100.0)

    def test_less_is_better(self):
        """Actual 0 gives the cap.  Source: (d) score of a line."""
        for actual, score in ((0.0, 120.0), (1.0, 120.0), (2.0, 100.0), (4.0, 50.0)):
            self.assertAlmostEqual(scoring.proportional(actual, 2.0, higher=False), score)
        self.assertEqual(scoring.proportional(1.0, 0.0, higher=False), 0.0)
        self.assertEqual(scoring.proportional(0.0, 0.0, higher=False), 120.0)

    def test_growth_below_zero_of_a_target_above(self):
        """-5 % of a target of +20 % scores the floor."""
        self.assertEqual(scoring.proportional(-5.0, 20.0), 0.0)

    def test_targets_that_measure_nothing(self):
        """0, negative, missing."""
        for target in (0.0, -20.0, None):
            self.assertIsNone(scoring.proportional(10.0, target))
        for target in (-1.0, None):
            self.assertIsNone(scoring.proportional(10.0, target, higher=False))
        self.assertEqual(scoring.excluded(10.0, 0.0), scoring.TARGET_NOT_POSITIVE)
        self.assertEqual(scoring.excluded(10.0, None), scoring.NO_TARGET)
        self.assertEqual(scoring.excluded(None, None), scoring.NO_FIGURE)

    def test_bands_are_half_open(self):
        bands = [(90.0, 100.0), (0.0, 20.0), (80.0, 60.0)]
        for value, score in ((-0.1, 0.0), (0.0, 20.0), (79.99, 20.0), (80.0, 60.0),
                             (89.999, 60.0), (90.0, 100.0), (1e9, 100.0)):  # fmt: skip
            self.assertEqual(scoring.banded(value, bands), score)
        self.assertIsNone(scoring.banded(None, bands))
        self.assertEqual(scoring.banded(95.0, [(90.0, 200.0)]), 120.0)

    def test_points_for_every_occurrence(self):
        self.assertEqual(scoring.deduction(0, 5.0), 100.0)
        self.assertEqual(scoring.deduction(3, 5.0), 85.0)
        self.assertEqual(scoring.deduction(19, 5.0), 5.0)
        self.assertEqual(scoring.deduction(21, 5.0), 0.0)
        self.assertEqual(scoring.deduction(21, 5.0, floor=40.0), 40.0)
        self.assertIsNone(scoring.deduction(None, 5.0))

    def test_exactly_on_the_target_is_reached(self):
        self.assertTrue(scoring.reached(5.0, 5.0))
        self.assertFalse(scoring.reached(4.99, 5.0))
        self.assertTrue(scoring.reached(5.0, 5.0, higher=False))
        self.assertFalse(scoring.reached(5.01, 5.0, higher=False))

    def test_what_is_not_measured_gives_its_weight_to_the_others_of_its_group(self):
        """Source: (d) N/A, g Q21."""
        lines = {"k01": ("sales", 1), "k02": ("sales", 1), "k06": ("relationship", 1),
                 "k09": ("process", 1), "k12": ("team", 1)}  # fmt: skip
        full = scoring.weights(lines, SHIPPED)
        self.assertEqual(full, {"k01": 20.0, "k02": 20.0, "k06": 25.0, "k09": 20.0, "k12": 15.0})
        del lines["k02"]
        self.assertEqual(scoring.weights(lines, SHIPPED)["k01"], 40.0)

    def test_an_empty_group_gives_its_weight_to_the_other_groups(self):
        lines = {"k01": ("sales", 3), "k02": ("sales", 1), "k12": ("team", 1)}
        found = scoring.weights(lines, SHIPPED)
        self.assertAlmostEqual(found["k01"], 100 * 40 / 55 * 0.75)
        self.assertAlmostEqual(found["k02"], 100 * 40 / 55 * 0.25)
        self.assertAlmostEqual(found["k12"], 100 * 15 / 55)
        self.assertAlmostEqual(sum(found.values()), 100.0)

    def test_weights_of_zero_weigh_nothing(self):
        self.assertEqual(scoring.weights({"a": ("x", 0)}, {"x": 40}), {})
        self.assertEqual(scoring.weights({"a": ("x", 1)}, {"x": 0}), {})
        self.assertEqual(scoring.weights({"a": ("x", 1), "b": ("y", 0)}, {"x": 1, "y": 9}),
                         {"a": 100.0})  # fmt: skip
        self.assertIsNone(scoring.total({}, {}))

    def test_the_total_by_hand(self):
        """0.4·(120+50)/2 + 0.25·80 + 0.2·100 + 0.15·90 = 87.5"""
        lines = {"k01": ("sales", 1), "k02": ("sales", 1), "k06": ("relationship", 1),
                 "k09": ("process", 1), "k12": ("team", 1)}  # fmt: skip
        scores = {"k01": 120.0, "k02": 50.0, "k06": 80.0, "k09": 100.0, "k12": 90.0}
        self.assertEqual(scoring.total(scores, scoring.weights(lines, SHIPPED)), 87.5)

    def test_grades_begin_on_their_minimum(self):
        """A≥90 B≥75 C≥60 D.  Source: g Q21."""
        grades = [(0.0, "D"), (90.0, "A"), (60.0, "C"), (75.0, "B")]
        for points, label in ((120.0, "A"), (90.0, "A"), (89.99, "B"), (75.0, "B"),
                              (74.99, "C"), (60.0, "C"), (59.99, "D"), (0.0, "D")):  # fmt: skip
            self.assertEqual(scoring.grade(points, grades), label)
        self.assertIsNone(scoring.grade(None, grades))
        self.assertEqual(scoring.grade(10.0, [(60.0, "C"), (90.0, "A")]), "C")

    def test_the_year_is_put_together(self):
        """60 % mean of the quarters, 40 % KPIs of the year.  Source: g Q25, S0-171."""
        self.assertEqual(scoring.annual([80.0, 90.0, 70.0, 100.0], 60.0), 75.0)
        self.assertEqual(scoring.annual([80.0, None, None, 90.0], 60.0), 75.0)
        self.assertEqual(scoring.annual([None] * 4, 60.0), 60.0)
        self.assertEqual(scoring.annual([80.0], None), 80.0)
        self.assertEqual(scoring.annual([80.0], 60.0, share=0.0), 60.0)
        self.assertIsNone(scoring.annual([], None))
