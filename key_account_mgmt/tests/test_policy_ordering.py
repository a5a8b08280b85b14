from datetime import date

from odoo.tests import BaseCase, tagged

from odoo.addons.key_account_mgmt.policy import ordering
from odoo.addons.key_account_mgmt.policy.ordering import Contract, Order, obstacle

DAY = date(2026, 11, 22)
FRAME = Contract((1, 1), True, False, date(2026, 1, 1), date(2026, 12, 31), 100.0, 40.0)
ORDER = Order((1, 1), DAY, 60.0, True)


@tagged("post_install", "-at_install")
class TestOrdering(BaseCase):
    """What a contract lets pass.  Source: S0-105, users §3.6, g Q20."""

    def test_what_is_left_may_be_called_off_to_the_last_cent(self):
        self.assertIsNone(obstacle(ORDER, FRAME))
        self.assertIsNone(obstacle(ORDER._replace(amount=60.004), FRAME), "rounding")
        self.assertEqual(obstacle(ORDER._replace(amount=60.01), FRAME), ordering.CEILING)

    def test_the_first_and_the_last_day_belong_to_it(self):
        for day, wanted in (
            (date(2025, 12, 31), ordering.EARLY),
            (date(2026, 1, 1), None),
            (date(2026, 12, 31), None),
            (date(2027, 1, 1), ordering.LATE),
        ):
            with self.subTest(day=day):
                self.assertEqual(obstacle(ORDER._replace(day=day), FRAME), wanted)
        endless = FRAME._replace(date_from=None, date_to=None)
        self.assertIsNone(obstacle(ORDER._replace(day=date(2040, 1, 1)), endless))

    def test_everything_that_stands_in_the_way(self):
        for contract, order, wanted in (
            (None, ORDER, ordering.NONE),
            (FRAME._replace(signed=False), ORDER, ordering.UNSIGNED),
            (FRAME._replace(ended=True), ORDER, ordering.ENDED),
            (FRAME, ORDER._replace(parties=(2, 1)), ordering.CUSTOMER),
            (FRAME, ORDER._replace(parties=(1, 2)), ordering.COMPANY),
            (FRAME, ORDER._replace(as_signed=False), ordering.CHANGED),
        ):
            with self.subTest(wanted=wanted):
                self.assertEqual(obstacle(order, contract), wanted)

    def test_a_contract_without_an_amount_lets_nothing_pass(self):
        """Approved for nothing: the short route must not open everything."""
        self.assertEqual(obstacle(ORDER, FRAME._replace(ceiling=0.0)), ordering.CEILING)
        self.assertEqual(obstacle(ORDER, FRAME._replace(ceiling=None)), ordering.CEILING)

    def test_the_amount_itself_is_concerned(self):
        self.assertTrue(ordering.is_concerned(1_000_000, 1_000_000))
        self.assertFalse(ordering.is_concerned(999_999.99, 1_000_000))
        self.assertTrue(ordering.is_concerned(0.01, 0))

    def test_freight_is_left_out_up_to_its_share(self):
        self.assertEqual(ordering.goods(105.0, 5.0), 100.0)
        self.assertAlmostEqual(ordering.goods(1000.0, 900.0), 1000 / 1.05)
        self.assertEqual(ordering.goods(100.0, -5.0), 100.0, "a refund of freight adds nothing")

    def test_prices(self):
        prices = {"door": [10.0, 9.0]}
        self.assertFalse(ordering.unagreed([("door", 9.001), ("door", 10.0)], prices))
        wrong = [("door", 8.9), ("rail", 1.0), ("door", 8.0)]
        self.assertEqual(ordering.unagreed(wrong, prices), ["door", "rail"])
