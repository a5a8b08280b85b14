from odoo.tests import BaseCase

from ..policy import capitals

SAID = {
    0: "人民币零元整",
    10: "人民币壹拾元整",
    1005: "人民币壹仟零伍元整",
    100_005: "人民币壹拾万零伍元整",
    1_200_000: "人民币壹佰贰拾万元整",
    60_000_000: "人民币陆仟万元整",
    100_000_001: "人民币壹亿零壹元整",
    1_000_010_000: "人民币壹拾亿零壹万元整",
    10_500_000_000: "人民币壹佰零伍亿元整",
    12_000_000_000_000: "人民币壹拾贰万亿元整",
    1.05: "人民币壹元零伍分",
    0.5: "人民币伍角整",
    20_010.01: "人民币贰万零壹拾元零壹分",
    1_234_567.89: "人民币壹佰贰拾叁万肆仟伍佰陆拾柒元捌角玖分",
    -5: "人民币负伍元整",
}


class TestCapitals(BaseCase):
    """Amounts as they stand on contracts; users §3.6, P15."""

    def test_amounts(self):
        for value, said in SAID.items():
            with self.subTest(value=value):
                self.assertEqual(capitals.amount(value), said)

    def test_currencies(self):
        self.assertEqual(capitals.amount(1, "USD"), "美元壹元整")
        self.assertEqual(capitals.amount(1, "CHF"), "CHF壹元整")

    def test_too_large(self):
        with self.assertRaises(ValueError):
            capitals.integer(10**16)
        with self.assertRaises(ValueError):
            capitals.integer(-1)
