import doctest
from datetime import date
from itertools import pairwise

from odoo.tests import BaseCase

from odoo.addons.key_account_mgmt.policy import spreading
from odoo.addons.key_account_mgmt.policy.periods import Period


class TestPolicySpreading(BaseCase):
    """Periods of a fiscal year, and an amount over its months; S0-41, users §3.7."""

    def test_examples(self):
        found = doctest.testmod(spreading, extraglobs={"date": date})
        self.assertEqual(found.failed, 0)

    def test_months_and_quarters_tile_the_year(self):
        for last_month, last_day in ((12, 31), (3, 31), (2, 28), (6, 30), (4, 5)):
            for day in (date(2026, 1, 1), date(2028, 2, 29), date(2026, 12, 31)):
                year = spreading.period_of("year", day, last_month, last_day)
                for kind, count in (("month", 12), ("quarter", 4)):
                    found = spreading.parts(year, kind)
                    self.assertEqual(len(found), count)
                    self.assertEqual((found[0].start, found[-1].end), (year.start, year.end))
                    for one, other in pairwise(found):
                        self.assertEqual((other.start - one.end).days, 1)

    def test_which_period_a_day_lies_in(self):
        self.assertEqual(
            spreading.period_of("quarter", date(2026, 3, 31)),
            Period(date(2026, 1, 1), date(2026, 3, 31)),
        )
        self.assertEqual(
            spreading.period_of("quarter", date(2026, 4, 1)),
            Period(date(2026, 4, 1), date(2026, 6, 30)),
        )
        self.assertEqual(
            spreading.period_of("year", date(2026, 4, 1), 3, 31),
            Period(date(2026, 4, 1), date(2027, 3, 31)),
        )

    def test_the_months_add_up_exactly(self):
        for amount in (100.0, 0.01, 1e9 + 0.07, 12345.67, 0.0, -77.77):
            for weights in ([1] * 12, [0.1, 3, 7.7, 0, 0, 9, 2, 1, 1, 1, 1, 5], [1 / 3] * 12):
                months = spreading.spread(amount, weights)
                self.assertEqual(round(sum(months), 2), amount)
                self.assertEqual(sum(round(m * 100) for m in months), round(amount * 100))

    def test_months_without_sales_get_nothing(self):
        months = spreading.spread(100.0, [1, 0, -4, 2])
        self.assertEqual(months, [33.33, 0.0, 0.0, 66.67])

    def test_without_a_season_everybody_gets_the_same(self):
        self.assertEqual(spreading.spread(12.0, [0.0] * 12), [1.0] * 12)
        self.assertEqual(spreading.spread(12.0, [-1.0] * 12), [1.0] * 12)

    def test_whole_things(self):
        self.assertEqual(sum(spreading.spread(5, [1] * 12, digits=0)), 5)

    def test_kept_months_stay_and_the_others_share_the_rest(self):
        months = spreading.respread(1200.0, [1] * 12, {0: 300.0, 5: 0.0})
        self.assertEqual((months[0], months[5], months[1]), (300.0, 0.0, 90.0))
        self.assertEqual(round(sum(months), 2), 1200.0)

    def test_kept_months_that_do_not_fit_are_refused(self):
        self.assertIsNone(spreading.respread(100.0, [1] * 2, {0: 100.01}))
        self.assertEqual(spreading.respread(100.0, [1] * 2, {0: 100.0}), [100.0, 0.0])
        self.assertIsNone(spreading.respread(100.0, [1] * 2, {0: 30.0, 1: 60.0}))
        self.assertEqual(spreading.respread(90.0, [1] * 2, {0: 30.0, 1: 60.0}), [30.0, 60.0])
