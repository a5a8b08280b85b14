from odoo.tests import BaseCase

from odoo.addons.key_account_mgmt.policy import negotiation as terms


class TestTerms(BaseCase):
    """What a term is worth, and when a result is worse than a limit.  Source: users §3.5."""

    def test_worse(self):
        for value, limit, higher, worse in (
            (99.99, 100, True, True),
            (100, 100, True, False),
            (100.01, 100, True, False),
            (61, 60, False, True),
            (60, 60, False, False),
            (59, 60, False, False),
            (0.1 + 0.2, 0.3, False, False),
        ):
            self.assertIs(terms.is_worse(value, limit, higher), worse, (value, limit, higher))

    def test_which_way_is_better(self):
        self.assertTrue(terms.is_higher_better(terms.PRICE))
        for kind in (terms.PAYMENT, terms.WARRANTY, terms.REBATE):
            self.assertFalse(terms.is_higher_better(kind, other=True))
        self.assertTrue(terms.is_higher_better(terms.OTHER, other=True))

    def test_yearly_cost(self):
        cost = terms.yearly_cost
        self.assertEqual(cost(terms.PRICE, 100, 98, quantity=500), 1000)
        self.assertEqual(cost(terms.PRICE, 98, 100, quantity=500), -1000)
        self.assertAlmostEqual(
            cost(terms.PAYMENT, 30, 60, sales=3_650_000, rate=5), 30 * 10_000 * 0.05
        )
        self.assertEqual(cost(terms.REBATE, 1, 3, sales=1_000_000), 20_000)
        self.assertEqual(cost(terms.WARRANTY, 12, 24, unit_cost=1000), 12_000)

    def test_figures(self):
        for value in (True, None, "1", float("nan"), float("inf"), 1e12, [1], {}):
            self.assertFalse(terms.is_figure(value), value)
        for value in (0, -1, 1.5, 999_999_999):
            self.assertTrue(terms.is_figure(value), value)
