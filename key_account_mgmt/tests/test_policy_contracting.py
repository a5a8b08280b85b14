from datetime import date

from odoo.tests import BaseCase, tagged

from odoo.addons.key_account_mgmt.policy import contracting


@tagged("post_install", "-at_install")
class TestPolicyContracting(BaseCase):
    """S0-102, S0-104, S0-106: what changed between rounds, who is sampled, what is missing."""

    def test_versions_compared(self):
        old = {"fields": {"a": ("A", "1"), "b": ("B", "2")}, "gone": {"x": ("X", "9")}}
        new = {"fields": {"b": ("B", "2"), "c": ("C", "3"), "a": ("A", "4")}}
        found = contracting.differences(old, new)
        self.assertEqual(
            [(d.section, d.key, d.before, d.after, d.kind) for d in found],
            [
                ("fields", "c", "", "3", "added"),
                ("fields", "a", "1", "4", "changed"),
                ("gone", "x", "9", "", "removed"),
            ],
        )
        self.assertFalse(contracting.differences(new, new))
        self.assertEqual(len(contracting.differences({}, new)), 3)

    def test_a_figure_is_one_word(self):
        self.assertEqual(
            contracting.words("at 5,000.00 each", "at 4,000.00 each"),
            [("same", "at "), ("del", "5,000.00"), ("ins", "4,000.00"), ("same", " each")],
        )

    def test_words_of_chinese_are_characters(self):
        self.assertEqual(
            contracting.words("货到三十日付款", "货到六十日付款"),
            [("same", "货到"), ("del", "三"), ("ins", "六"), ("same", "十日付款")],
        )
        self.assertEqual(contracting.words("", "new"), [("ins", "new")])
        self.assertEqual(contracting.words("old", ""), [("del", "old")])
        self.assertEqual(contracting.words("", ""), [])

    def test_long_texts_are_shown_whole(self):
        long = "字" * (contracting.LONGEST + 1)
        self.assertEqual(contracting.words(long, "x"), [("del", long), ("ins", "x")])

    def test_sample(self):
        self.assertEqual(sum(contracting.sampled(d, 10) for d in range(100)), 10)
        self.assertFalse(any(contracting.sampled(d, 0) for d in range(100)))
        self.assertTrue(all(contracting.sampled(d, 100) for d in range(100)))

    def test_a_file_is_what_it_begins_with(self):
        self.assertTrue(contracting.is_pdf(b"%PDF-1.7\n"))
        self.assertTrue(contracting.is_pdf(b"\n\n%PDF-1.4"))
        self.assertFalse(contracting.is_pdf(b"PK\x03\x04"))
        self.assertFalse(contracting.is_pdf(b" " * 1024 + b"%PDF-1.4"))
        self.assertFalse(contracting.is_pdf(b""))
        self.assertFalse(contracting.is_pdf(None))

    def test_signature(self):
        every = (*contracting.OURS, *contracting.THEIRS, *contracting.ALWAYS)
        full = dict.fromkeys(every, True)
        self.assertFalse(contracting.missing_of_signature(full))
        for code in every:
            self.assertEqual(contracting.missing_of_signature(full | {code: False}), [code])
        by_order = dict.fromkeys(
            (*contracting.OURS, *contracting.BY_ORDER, *contracting.ALWAYS), True
        )
        self.assertFalse(contracting.missing_of_signature(by_order, by_order=True))
        self.assertEqual(
            contracting.missing_of_signature(full, by_order=True), list(contracting.BY_ORDER)
        )

    def test_signed_on_the_later_day(self):
        one, two = date(2026, 11, 1), date(2026, 11, 20)
        self.assertEqual(contracting.signing_day(one, two), two)
        self.assertEqual(contracting.signing_day(two, one), two)
        self.assertIsNone(contracting.signing_day(one, None))
