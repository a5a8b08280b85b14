from pathlib import Path

from lxml import etree
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import file_path, mute_logger

from .common import KamCase


@tagged("post_install", "-at_install")
class TestTierScheme(KamCase):
    """Schemes side by side, one primary per company.  Source: S0-14, S2-04, S3-20, (a.2)."""

    def test_no_shipped_scheme_is_active(self):
        """None is active in an empty database until a primary one is chosen."""
        data = Path(file_path("key_account_mgmt/data/kam_tier_scheme_data.xml")).read_bytes()
        root = etree.fromstring(data)
        schemes = root.xpath("//record[@model='kam.tier.scheme'][field[@name='code']]")
        self.assertGreaterEqual(len(schemes), 8)
        for record in schemes:
            self.assertEqual(record.xpath("string(field[@name='active']/@eval)"), "False")
            self.assertFalse(record.xpath("field[@name='is_primary']"))
        self.assertEqual(root.get("noupdate"), "1")

    def test_two_primary_schemes_are_refused(self):
        """Also written over RPC."""
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.s0.with_user(self.admin).write({"is_primary": True, "active": True})
            self.env.flush_all()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["kam.tier.scheme"].create({"name": "X", "code": "x", "is_primary": True})

    def test_a_company_may_have_its_own_primary_scheme(self):
        own = self.s3.copy({"company_id": self.company.id})
        own.action_make_primary()
        self.assertTrue(self.s3.is_primary)
        self.assertEqual(self.env["kam.tier.scheme"]._primary(self.company), own)
        other = self._new_company("Yunting Rail", self.cny)
        self.assertEqual(self.env["kam.tier.scheme"]._primary(other), self.s3)
        branch = self._new_company("Yunting Shanghai", self.cny, parent=self.company)
        self.assertEqual(self.env["kam.tier.scheme"]._primary(branch), own)

    def test_labels_cannot_be_primary(self):
        """Source: S1n-03."""
        with self.assertRaisesRegex(ValidationError, "gives labels"), self.cr.savepoint():
            self.s1n.action_make_primary()
        with self.assertRaises(ValidationError):
            self.s3.exclusive = False

    def test_the_primary_scheme_cannot_be_archived(self):
        with self.assertRaisesRegex(ValidationError, "cannot be archived"), self.cr.savepoint():
            self.s3.action_archive()

    def test_making_another_scheme_primary_shows_its_tier(self):
        """The former stays active beside it.  Source: (a.1 C1)."""
        self.s0.active = True
        level_1 = self.s0.tier_ids.sorted("rank")[0]
        account = self._account(self._customer("Tianheng"))
        self._hold(account, self.key)
        self._hold(account, level_1)
        self.assertEqual(account.tier_id, self.key)
        self._as(self.s0, self.admin).action_make_primary()
        self.env.invalidate_all()
        self.assertEqual((account.tier_id, account.tier_rank), (level_1, 1))
        self.assertEqual(account.partner_id.kam_tier_id, level_1)
        self.assertEqual((self.s3.active, self.s3.is_primary), (True, False))
        self.s3.action_make_primary()
        self.assertEqual((account.tier_id, account.tier_rank), (self.key, 2))

    def test_no_primary_scheme_means_no_tier(self):
        account = self._hold(self._account(self._customer("Tianheng")), self.key)
        self._as(self.s3, self.admin).write({"is_primary": False})
        self.env.invalidate_all()
        self.assertFalse(account.tier_id)

    def test_the_settings_choose_the_primary_scheme(self):
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.kam_primary_scheme_id, self.s3)
        settings.kam_primary_scheme_id = self.s0
        settings.set_values()
        self.assertEqual(self.env["kam.tier.scheme"]._primary(self.company), self.s0)
        self.assertTrue(self.s0.active)

    def test_only_the_administrator_changes_the_policy(self):
        for user in (self.user, self.officer, self.gm, self.auditor, self.seller):
            with self.assertRaises(AccessError):
                self._as(self.s0, user).action_make_primary()
            with self.assertRaises(AccessError):
                self._as(self.s3.tier_ids[0].criterion_ids, user).write({"threshold": "1"})

    def test_activation_is_dated(self):
        """The yearly job asks for nothing older."""
        self.s0.activated_on = False
        self.s0.active = True
        self.assertTrue(self.s0.activated_on)

    # Thresholds

    def _criterion(self):
        return self.key.criterion_ids.filtered(lambda c: c.metric_code == "annual_sales")

    def test_thresholds_are_written_as_people_write_them(self):
        """Source: S0-10, S3-19."""
        criterion = self._criterion()
        for text, stored in (
            ("2000万", "20000000"),
            ("2,000 萬", "20000000"),
            ("2亿", "200000000"),
            ("20000000.50", "20000000.5"),
            ("0", "0"),
            (0, "0"),
            (30000000, "30000000"),
            ("5%", "5"),
        ):
            if stored in ("0", "5"):
                criterion = self._metric_criterion("order_count")
            criterion.threshold = text
            self.assertEqual(criterion.threshold, stored, text)

    def _metric_criterion(self, code, tier=None):
        return self.env["kam.tier.criterion"].create(
            {
                "tier_id": (tier or self.strategic).id,
                "metric_id": self._metric(code).id,
                "group_no": 7,
            }
        )

    def test_text_is_no_threshold(self):
        for text in ("abc", "2000万元", "nan", "inf", "-inf", "1.2.3", "万", "--5"):
            with self.assertRaisesRegex(ValidationError, "is not a number"), self.cr.savepoint():
                self._criterion().threshold = text

    def test_text_is_no_threshold_on_import_either(self):
        fields = ["tier_id/.id", "metric_id/.id", "operator", "threshold"]
        metric = self._metric("order_count").id
        Criterion = self.env["kam.tier.criterion"].with_user(self.admin)

        def load(text):
            row = [str(self.strategic.id), str(metric), ">=", text]
            return Criterion.load(fields, [row])

        result = load("abc")
        self.assertFalse(result["ids"])
        self.assertIn("is not a number", result["messages"][0]["message"])
        result = load("12万")
        self.assertEqual(Criterion.browse(result["ids"]).threshold, "120000")

    def test_an_empty_threshold_switches_off(self):
        """Never “0”.  Source: S0-10, g Q1."""
        criterion = self._criterion()
        for empty in ("", " ", False):
            criterion.threshold = empty
            self.assertFalse(criterion.is_active)
            self.assertIsNone(criterion._to_policy().threshold)
            self.assertIn("switched off", criterion.sentence)

    def test_numbers_and_yes_or_no_are_compared_their_own_way(self):
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._criterion().operator = "has"
        flag = self.strategic.criterion_ids[0]
        with self.assertRaises(ValidationError), self.cr.savepoint():
            flag.operator = ">="
        with (
            self.assertRaisesRegex(ValidationError, "Choose the qualification"),
            self.cr.savepoint(),
        ):
            flag.flag_id = False

    def test_a_changed_threshold_is_a_new_version(self):
        before = self.s3.version
        self._criterion().threshold = "2500万"
        self.assertEqual(self.s3.version, before + 1)
        self.s3.demotion_margin = 5
        self.assertEqual(self.s3.version, before + 2)
        self.s3.description = "words only"
        self.assertEqual(self.s3.version, before + 2)
        self._criterion().unlink()
        self.assertEqual(self.s3.version, before + 3)
        with self.assertRaises(AccessError):
            self._as(self.s3, self.officer).write({"version": 1})

    # Bands

    def test_overlapping_and_inverted_bands_are_refused(self):
        """Source: S0-18, a.1 C7."""
        level_2 = self.s0.tier_ids.sorted("rank")[1]
        upper = level_2.criterion_ids.filtered(lambda c: c.operator == "<")
        lower = level_2.criterion_ids.filtered(
            lambda c: c.operator == ">=" and c.metric_code == "annual_sales"
        )
        with self.assertRaisesRegex(ValidationError, "overlap"), self.cr.savepoint():
            upper.threshold = "2001万"
        with self.assertRaisesRegex(ValidationError, "not below"), self.cr.savepoint():
            upper.threshold = "500万"
        with (
            self.assertRaisesRegex(ValidationError, "asks for less|not below"),
            self.cr.savepoint(),
        ):
            lower.threshold = "3000万"

    def test_a_pair_of_bounds_moves_in_one_save(self):
        """Lowering “≥ 20 million” and “< 20 million” together is no overlap."""
        level_1, level_2 = self.s0.tier_ids.sorted("rank")[:2]
        first = level_1.criterion_ids.filtered("is_active")
        second = level_2.criterion_ids.filtered(lambda c: c.operator == "<")
        for bound in ("15000000", "30000000"):
            self.s0.write(
                {
                    "tier_ids": [
                        Command.update(
                            tier.id,
                            {"criterion_ids": [Command.update(criterion.id, {"threshold": bound})]},
                        )
                        for tier, criterion in ((level_1, first), (level_2, second))
                    ]
                }
            )
            self.assertEqual((first.threshold, second.threshold), (bound, bound))
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.s0.write(
                {
                    "tier_ids": [
                        Command.update(
                            level_1.id,
                            {"criterion_ids": [Command.update(first.id, {"threshold": "1"})]},
                        )
                    ]
                }
            )

    def test_swapped_ranks_are_noticed(self):
        with self.assertRaises(ValidationError):
            self.s0.write(
                {
                    "tier_ids": [
                        Command.update(tier.id, {"rank": 3 - tier.rank})
                        for tier in self.s0.tier_ids.sorted("rank")[:2]
                    ]
                }
            )

    def test_a_scope_that_cannot_be_read_is_refused(self):
        for text in ("[('nothing', '=', 1)]", "[(", "__import__('os')", "7"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.s3.scope_domain = text

    def test_a_used_scheme_stays(self):
        """History keeps its names."""
        self._hold(self._account(self._customer("Tianheng")), self.key)
        with self.assertRaises(UserError), self.cr.savepoint():
            self.s3.unlink()
        with self.assertRaises(UserError), self.cr.savepoint():
            self.key.unlink()
        with self.assertRaises(UserError), self.cr.savepoint():
            self.s3.write({"is_primary": False, "exclusive": False})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.key.scheme_id = self.s0

    def test_approval_and_automatic_application_exclude_each_other(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.s0.auto_apply = True
            self.env.flush_all()

    def test_a_copied_scheme_stands_beside_the_first(self):
        copy = self.s3.copy()
        self.assertFalse(copy.is_primary)
        self.assertEqual(copy.tier_ids.mapped("code"), self.s3.tier_ids.mapped("code"))
        self.assertEqual(len(copy.criterion_ids), len(self.s3.criterion_ids))
        self.assertEqual(copy.criterion_ids.scheme_id, copy)

    def test_the_rule_reads_as_a_sentence(self):
        """Source: S2-08."""
        self.assertIn(" and ", self.key.criteria_text)
        self.assertIn("20,000,000", self.key.criteria_text.replace("\N{NO-BREAK SPACE}", ""))
        self.assertEqual(self.general.criteria_text, "Everybody else.")
        need = self._scheme("s2_need")
        self.assertEqual(set(need.tier_ids.mapped("criteria_text")), {"Decided by hand."})

    def test_what_is_worth_checking_is_said(self):
        self.assertIn("No fallback", self._scheme("s2_need").problem_text)
        self.assertIn("Set by hand only", self._scheme("s1m").problem_text)
        self.assertFalse(self.s3.problem_text)

    def test_the_scheme_form_opens_for_the_administrator(self):
        with Form(self.s3.with_user(self.admin)) as form:
            form.demotion_margin = 7
        self.assertEqual(self.s3.demotion_margin, 7)
