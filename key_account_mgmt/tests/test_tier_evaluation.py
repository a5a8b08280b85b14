from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import KamCase


@tagged("post_install", "-at_install")
class TestTierEvaluation(KamCase):
    """Figures, suggestions and decisions.  Source: S0-34, S0-35, S2-07, S3-20, (c1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.s0 | cls.s1n).active = True
        cls.big = cls._customer("Tianheng", 30e6, "leading")
        cls.open = cls._customer("Hongyue", 25e6)
        cls.medium = cls._customer("Jinmao", 6e6, "medium")
        cls.small = cls._customer("Corner Shop", 10_000)
        cls.partners = cls.big | cls.open | cls.medium | cls.small

    # Suggestions

    def test_every_customer_gets_a_line_with_a_reason(self):
        """Source: S3-15 – S3-19."""
        evaluation = self._evaluation(self.partners)
        self.assertEqual(evaluation.state, "computed")
        found = {
            line.partner_id: (line.suggested_tier_id, line.code, line.change)
            for line in evaluation.line_ids
        }
        none = self.env["kam.tier"]
        self.assertEqual(
            found,
            {
                self.big: (self.key, "matched", "new"),
                self.open: (none, "unassessed", "same"),
                self.medium: (self.main, "matched", "new"),
                self.small: (self.general, "fallback", "none"),
            },
        )
        counts = ("line_count", "new_count", "unassessed_count", "changed_count", "up_count")
        self.assertEqual([evaluation[name] for name in counts], [4, 2, 1, 2, 0])

    def test_the_boundary_belongs_to_the_level(self):
        """Source: S0-15, S3-15, g Q6."""
        for sales, tier in ((19_999_999.99, self.main), (20e6, self.key), (20_000_000.01, self.key)):
            partner = self._customer(str(sales), sales, "leading")
            line = self._evaluation(partner).line_ids
            self.assertEqual(line.suggested_tier_id, tier, sales)

    def test_each_criterion_shows_value_threshold_and_verdict(self):
        """Frozen, with the window in words.  Source: S2-07, S0-34."""
        line = self._evaluation(self.open).line_ids
        results = line.result_ids.filtered(lambda r: r.tier_id == self.key)
        sales, standing = results.sorted(lambda r: r.metric_id.code)
        self.assertEqual((sales.value, sales.threshold, sales.verdict), (25e6, 20e6, "met"))
        self.assertEqual((standing.verdict, standing.value_text), ("missing", "–"))
        self.assertIn("Leading", standing.threshold_text)
        self.assertIn("Not assessed", standing.gap_text)
        self.assertFalse(sales.gap_text)
        self.assertIn("2025", sales.window_label)
        self.assertIn("2026", sales.window_label)
        self.assertEqual(len(line.result_ids), len(self.s3.criterion_ids))

    def test_what_is_missing_for_the_next_level(self):
        """Source: S2-08, g Q5."""
        lines = self._evaluation(self.partners).line_ids
        missing = {line.partner_id: line.missing_text for line in lines}
        self.assertIn("Strategic", missing[self.big])
        self.assertIn("Well-Known Brand", missing[self.big])
        self.assertIn("Key", missing[self.open])
        self.assertIn("Not assessed", missing[self.open])
        self.assertIn("Key", missing[self.medium])
        self.assertRegex(missing[self.medium].replace(",", ""), "14000000.* short")
        self.assertIn("Main", missing[self.small])

    def test_previous_sales_and_difference(self):
        """Source: S0-34."""
        self._sell(self.big, 20e6, date(2025, 3, 1))
        line = self._evaluation(self.big).line_ids
        self.assertEqual((line.sales, line.sales_previous), (30e6, 20e6))
        self.assertEqual((line.sales_delta, line.sales_growth), (10e6, 50))

    def test_posted_invoices_and_refunds_count(self):
        """Refunds larger than invoices make negative sales, not an error.  Source: g Q2."""
        partner = self._customer("Returner", standing="leading")
        self._invoice(partner, "2026-05-05", 100.0)
        self._invoice(partner, "2026-05-06", -300.0)
        self._invoice(partner, "2026-05-07", 900.0, post=False)
        line = self._evaluation(partner).line_ids
        self.assertEqual((line.sales, line.suggested_tier_id), (-200.0, self.general))

    def test_an_invoice_of_the_running_month_does_not_count(self):
        """Last 12 closed months.  Source: g Q2."""
        for month, counts in (
            (date(2026, 11, 1), False),
            (date(2026, 10, 1), True),
            (date(2025, 11, 1), True),
            (date(2025, 10, 1), False),
        ):
            partner = self._customer(str(month))
            self._sell(partner, 1.0, month)
            self.assertEqual(self._evaluation(partner).line_ids.sales, float(counts), month)

    def test_flags_decide_with_valid_evidence_only(self):
        """Source: S0-11, S3-08, S3-09, S3-12."""
        flags = ("famous_brand", "strategic_significance")
        good, unproven, expired, rival = (
            self._customer(name) for name in ("Good", "Unproven", "Expired", "Rival")
        )
        for flag in flags:
            self._qualify(good, flag)
            self._qualify(rival, flag)
            self._qualify(unproven, flag, attachment_ids=False)
            self._qualify(expired, flag, date_expiry="2026-11-21")
        self._qualify(rival, "competitor")
        lines = self._evaluation(good | unproven | expired | rival).line_ids
        found = {line.partner_id: line.suggested_tier_id for line in lines}
        self.assertEqual(
            found,
            {
                good: self.strategic,
                unproven: self.general,
                expired: self.general,
                rival: self.general,
            },
        )
        verdicts = {
            line.partner_id: set(line.result_ids.filtered("tier_id").mapped("verdict"))
            for line in lines
        }
        self.assertIn("expired", verdicts[unproven])
        self.assertIn("expired", verdicts[expired])

    def test_evidence_counts_on_its_last_day(self):
        """Source: S0-11."""
        for expiry, tier in (("2026-11-22", self.strategic), ("2026-11-21", self.general)):
            partner = self._customer(expiry)
            for flag in ("famous_brand", "strategic_significance"):
                self._qualify(partner, flag, date_expiry=expiry)
            self.assertEqual(self._evaluation(partner).line_ids.suggested_tier_id, tier)

    def test_expired_standing_is_no_standing(self):
        partner = self._customer("Old", 30e6)
        self._stand(partner, "leading", date=date(2020, 1, 1))
        line = self._evaluation(partner).line_ids
        self.assertEqual(line.suggested_tier_id, self.general)
        self.assertIn("expired", line.result_ids.mapped("verdict"))

    def test_optional_criteria_do_not_decide(self):
        """Criteria without threshold are shown as switched off.  Source: S0-10, S0-16."""
        line = self._evaluation(self.big, self.s0).line_ids
        self.assertEqual(line.suggested_tier_id.code, "l1")
        off = line.result_ids.filtered(lambda r: r.verdict == "inactive")
        self.assertEqual(
            set(off.mapped("metric_id.code")),
            {"contribution_share", "stability", "relationship_months"},
        )
        self.assertEqual(set(off.mapped("value_text")), {"–"})

    def test_one_type_suffices(self):
        """A benchmark customer is a large customer without sales.  Source: S0-09, S0-11."""
        partner = self._customer("Benchmark")
        self._qualify(partner, "benchmark")
        line = self._evaluation(partner, self.s0).line_ids
        self.assertEqual((line.suggested_tier_id.code, line.code), ("l3", "matched"))

    def test_all_thresholds_off_makes_a_level_manual(self):
        """Source: g Q1."""
        level = self.s0.tier_ids.sorted("rank")[0]
        level.criterion_ids.threshold = False
        line = self._evaluation(self.big, self.s0).line_ids
        self.assertEqual(line.suggested_tier_id.code, "none")

    def test_labels_overlap(self):
        """Source: S1n-03 – S1n-07."""
        self._sell(self.big, 0, date(2026, 4, 1), tons=12 * 20)
        self._sell(self.big, 1.0, date(2024, 1, 1))
        self._qualify(self.big, "public_body")
        self._qualify(self.small, "public_body")
        evaluation = self._evaluation(self.big | self.small | self.medium, self.s1n)
        found = {(line.partner_id, line.label_id.code, line.change) for line in evaluation.line_ids}
        self.assertEqual(
            found,
            {
                (self.big, "economic", "added"),
                (self.big, "important", "added"),
                (self.small, "important", "added"),
            },
        )

    def test_monthly_usage_is_an_average_and_joined_by_and(self):
        """20 tons a month and 5 million a year.  Source: S1n-04, g Q4."""
        for tons, sales, labelled in ((240, 5e6, 1), (239.9, 5e6, 0), (240, 4_999_999, 0)):
            partner = self._customer("Usage")
            self._sell(partner, 1.0, date(2024, 1, 1))
            self._sell(partner, sales, tons=tons)
            lines = self._evaluation(partner, self.s1n).line_ids
            self.assertEqual(len(lines), labelled, (tons, sales))

    # Who is looked at

    def test_without_a_choice_everybody_in_scope_is_looked_at(self):
        silent = self._customer("Never bought")
        assessed = self._customer("Assessed", standing="medium")
        with_file = self._account(self._customer("Prospect")).partner_id
        partners = self._evaluation().line_ids.partner_id
        self.assertLessEqual(self.partners | assessed | with_file, partners)
        self.assertNotIn(silent, partners)

    def test_the_scope_of_the_scheme_is_respected(self):
        self.s3.scope_domain = f"[('id', '!=', {self.small.id})]"
        self.assertNotIn(self.small, self._evaluation().line_ids.partner_id)
        account = self._hold(self._account(self.small), self.main)
        line = self._evaluation().line_ids.filtered(lambda x: x.partner_id == account.partner_id)
        self.assertEqual(line.current_tier_id, self.main)

    def test_a_contact_stands_for_its_company(self):
        contact = self.env["res.partner"].create({"name": "Ms Lin", "parent_id": self.big.id})
        self.assertEqual(self._evaluation(contact).line_ids.partner_id, self.big)

    # Matrix and range

    def test_the_matrix_counts_before_and_after(self):
        """Source: S2-25."""
        self._hold(self._account(self.big), self.main)
        self._hold(self._account(self.medium), self.key)
        evaluation = self._evaluation(self.partners)
        (matrix,) = evaluation._migration_matrices()
        self.assertEqual(
            matrix["cells"],
            {
                (self.main.id, self.key.id): 1,
                (self.key.id, self.main.id): 1,
                (False, False): 1,
                (False, self.general.id): 1,
            },
        )
        self.assertEqual((evaluation.up_count, evaluation.down_count), (1, 1))
        self.assertIn("Strategic", evaluation.matrix_html)

    def test_the_number_of_customers_wanted_per_level(self):
        """“n of 3–5”: a warning, never a block.  Source: S3-13."""
        partners = self.env["res.partner"]
        for number in range(6):
            partner = self._customer(f"Brand {number}")
            self._qualify(partner, "famous_brand")
            self._qualify(partner, "strategic_significance")
            partners |= partner
        for count, fits in ((2, False), (3, True), (5, True), (6, False)):
            evaluation = self._evaluation(partners[:count])
            self.assertIn(f"Strategic: {count} of 3–5", evaluation.range_text)
            self.assertEqual(not evaluation._range_sentences(only_problems=True), fits, count)
        evaluation.action_submit()
        self.assertEqual(evaluation.state, "to_approve")

    # Simulator

    def test_trying_a_threshold_changes_the_copy_only(self):
        """Source: S3-20, g Q1; design §4.1."""
        evaluation = self._evaluation(self.big | self.medium)
        policy = self.key.criterion_ids.filtered(lambda c: c.metric_code == "annual_sales")
        copy = evaluation.criterion_ids.filtered(lambda c: c.origin_id == policy)
        version = self.s3.version
        self._as(copy, self.officer).threshold = "3500万"
        self.assertTrue(evaluation.is_stale)
        self.assertTrue(copy.differs)
        with self.assertRaisesRegex(UserError, "compute again"), self.cr.savepoint():
            self._as(evaluation, self.officer).action_submit()
        self._as(evaluation, self.officer).action_compute()
        self.assertFalse(evaluation.is_stale)
        self.assertEqual(self._line(evaluation, self.big).suggested_tier_id, self.main)
        self.assertEqual((policy.threshold, self.s3.version), ("20000000", version))

    def test_only_the_administrator_adopts_what_was_tried(self):
        evaluation = self._evaluation(self.big, self.s0)
        level_1, level_2 = self.s0.tier_ids.sorted("rank")[:2]
        copies = evaluation.criterion_ids.filtered(lambda c: c.threshold == "20000000")
        self.assertEqual(copies.tier_id, level_1 | level_2)
        copies.threshold = "1500万"
        for user in (self.officer, self.gm, self.user, self.auditor):
            with self.assertRaises(AccessError):
                self._as(evaluation, user).action_adopt_criteria()
        self._as(evaluation, self.admin).action_adopt_criteria()
        self.assertEqual(set(copies.origin_id.mapped("threshold")), {"15000000"})

    def test_adopting_an_overlap_is_refused(self):
        evaluation = self._evaluation(self.big, self.s0)
        copies = evaluation.criterion_ids.filtered(lambda c: c.threshold == "20000000")
        copies[0].threshold = "1500万"
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._as(evaluation, self.admin).action_adopt_criteria()

    def test_text_is_no_threshold_in_the_simulator_either(self):
        criterion = self._evaluation(self.big).criterion_ids[-1]
        with self.assertRaises(ValidationError):
            criterion.threshold = "abc"

    # Deciding

    def test_an_override_needs_a_reason(self):
        """Source: S0-09."""
        line = self._evaluation(self.small).line_ids
        for reason in (False, "", "  "):
            with self.assertRaisesRegex(UserError, "Say why"), self.cr.savepoint():
                line._override(self.main, reason)
        wizard = self.env["kam.tier.override.wizard"].with_user(self.officer)
        action = line.action_override()
        wizard = wizard.with_context(**action["context"]).create(
            {"tier_id": self.main.id, "reason": "contract signed"}
        )
        wizard.action_confirm()
        self.assertEqual(
            (line.decided_tier_id, line.is_override, line.override_user_id, line.change),
            (self.main, True, self.officer, "new"),
        )
        self.assertEqual(line.override_reason, "contract signed")

    def test_many_lines_are_overridden_at_once(self):
        lines = self._evaluation(self.partners).line_ids
        lines._override(self.key, "trade fair")
        self.assertEqual(lines.decided_tier_id, self.key)
        self.assertEqual(
            lines.filtered("is_override").partner_id, self.partners - self.big
        )

    def test_a_level_of_another_scheme_is_refused(self):
        evaluation = self._evaluation(self.big, self.s3 | self.s0)
        with self.assertRaisesRegex(UserError, "is a level of"), self.cr.savepoint():
            self._line(evaluation, self.big, self.s0)._override(self.main, "x")
        with self.assertRaises(UserError), self.cr.savepoint():
            evaluation.line_ids._override(self.main, "x")

    def test_a_label_is_given_or_taken_away(self):
        self._qualify(self.big, "public_body")
        line = self._evaluation(self.big, self.s1n).line_ids
        other = self.s1n.tier_ids - line.label_id
        with self.assertRaises(UserError), self.cr.savepoint():
            line._override(other[0], "x")
        line._override(self.env["kam.tier"], "not really")
        self.assertEqual((line.decided_tier_id.id, line.change), (False, "same"))

    def test_only_the_office_overrides(self):
        line = self._evaluation(self.big).line_ids
        account = self._account(self.big, self.user)
        line._as_engine().sudo().account_id = account
        for user in (self.user, self.auditor, self.admin, self.seller):
            with self.assertRaises(AccessError):
                self._as(line, user)._override(self.strategic, "please")
            with self.assertRaises(AccessError):
                self._as(line, user).write({"assessment": "great"})

    def test_taking_the_suggestion_again(self):
        line = self._evaluation(self.small).line_ids
        line._override(self.main, "contract")
        line.action_take_suggestion()
        self.assertEqual(
            (line.decided_tier_id, line.is_override, line.override_reason),
            (self.general, False, False),
        )

    def test_computing_again_keeps_overrides_and_notes(self):
        """Source: S0-34."""
        evaluation = self._evaluation(self.partners)
        self._line(evaluation, self.small)._override(self.main, "contract")
        self._line(evaluation, self.medium).write(
            {"assessment": "growing", "expected_increment": 5e6}
        )
        self._line(evaluation, self.big)._override(self.env["kam.tier"], "leaves us")
        self._stand(self.open, "leading")
        evaluation.action_compute()
        small, medium, big, opened = (
            self._line(evaluation, p) for p in (self.small, self.medium, self.big, self.open)
        )
        self.assertEqual(
            (small.decided_tier_id, small.override_reason, small.override_user_id, small.change),
            (self.main, "contract", self.officer, "new"),
        )
        self.assertEqual((medium.assessment, medium.expected_increment), ("growing", 5e6))
        self.assertFalse(medium.is_override)
        self.assertEqual((big.decided_tier_id.id, big.is_override, big.change), (False, True, "same"))
        self.assertEqual(opened.decided_tier_id, self.key)

    def test_computing_twice_gives_the_same_lines(self):
        evaluation = self._evaluation(self.partners)

        def snapshot():
            names = ["partner_id", "decided_tier_id", "code", "change", "sales", "attention"]
            return evaluation.line_ids.sorted("partner_id").mapped(
                lambda line: [line[name] for name in names]
            )

        before, results = snapshot(), len(evaluation.line_ids.result_ids)
        evaluation.action_compute()
        self.assertEqual(snapshot(), before)
        self.assertEqual(len(evaluation.line_ids.result_ids), results)

    def test_hysteresis_keeps_a_level(self):
        """10 % margin of the shipped scheme.  Source: g Q7."""
        near = self._customer("Near", 18e6, "leading")
        far = self._customer("Far", 17_999_999, "leading")
        for partner in (near, far):
            self._hold(self._account(partner), self.key, date(2020, 1, 1))
        evaluation = self._evaluation(near | far)
        self.assertEqual(
            (self._line(evaluation, near).code, self._line(evaluation, near).change),
            ("kept_margin", "same"),
        )
        self.assertEqual(self._line(evaluation, far).suggested_tier_id, self.main)

    def test_a_new_level_is_protected_for_its_tenure(self):
        self.s3.min_tenure_months = 6
        young, old = self._customer("Young", 1e6), self._customer("Old", 1e6)
        self._hold(self._account(young), self.key, date(2026, 5, 23))
        self._hold(self._account(old), self.key, date(2026, 5, 22))
        evaluation = self._evaluation(young | old)
        self.assertEqual(self._line(evaluation, young).code, "kept_tenure")
        self.assertEqual(self._line(evaluation, old).change, "down")

    def test_a_suspended_account_keeps_its_level(self):
        account = self._hold(self._account(self.small), self.key)
        account._set_life_cycle("paused", "renovation")
        line = self._evaluation(self.small).line_ids
        self.assertEqual((line.code, line.decided_tier_id), ("suspended", self.key))

    def test_a_level_given_by_hand_is_not_computed_away(self):
        self.strategic.manual = True
        self._hold(self._account(self.small), self.strategic)
        line = self._evaluation(self.small).line_ids
        self.assertEqual((line.code, line.decided_tier_id), ("manual", self.strategic))

    def test_not_assessed_keeps_the_current_level(self):
        """Source: g Q5; design §4.1."""
        self._hold(self._account(self.open), self.key)
        line = self._evaluation(self.open).line_ids
        self.assertEqual(
            (line.code, line.suggested_tier_id.id, line.decided_tier_id, line.change),
            ("unassessed", False, self.key, "same"),
        )

    # Groups of companies

    def test_a_group_is_judged_at_its_head(self):
        """Figures of all members together; members get no line.  Source: g Q3, S1n-06."""
        head = self._account(self._customer("Group", 1e6, "leading"))
        plant = self._account(self._customer("Plant", 12e6), parent=head)
        below = self._account(self._customer("Workshop", 7e6), parent=plant)
        evaluation = self._evaluation(below.partner_id)
        self.assertEqual(evaluation.line_ids.partner_id, head.partner_id)
        self.assertEqual(evaluation.line_ids.sales, 20e6)
        self.assertEqual(evaluation.line_ids.suggested_tier_id, self.key)
        self.s3.group_mode = "account"
        evaluation = self._evaluation(below.partner_id)
        self.assertEqual(evaluation.line_ids.partner_id, below.partner_id)
        self.assertEqual(evaluation.line_ids.sales, 7e6)

    # The course

    def test_settings_rest_once_computed(self):
        evaluation = self._evaluation(self.big)
        for values in (
            {"day": "2026-01-01"},
            {"scheme_ids": [Command.set(self.s0.ids)]},
            {"partner_ids": [Command.clear()]},
        ):
            with self.assertRaisesRegex(UserError, "back to draft"), self.cr.savepoint():
                evaluation.write(values)
        evaluation.action_reset()
        self.assertEqual((evaluation.state, evaluation.line_ids.ids), ("draft", []))
        self.assertFalse(evaluation.criterion_ids)
        evaluation.day = "2026-10-01"

    def test_cancelling_and_deleting(self):
        evaluation = self._evaluation(self.big)
        with self.assertRaises(UserError), self.cr.savepoint():
            evaluation.unlink()
        evaluation.action_cancel()
        evaluation.unlink()
        self.assertFalse(evaluation.exists())

    def test_an_evaluation_needs_a_scheme(self):
        evaluation = self._evaluation(self.big, compute=False)
        evaluation.scheme_ids = False
        with self.assertRaisesRegex(UserError, "at least one scheme"), self.cr.savepoint():
            evaluation.action_compute()

    def test_tiers_do_not_take_effect_before_their_day(self):
        with self.assertRaises(ValidationError):
            self._evaluation(effective_date=date(2026, 11, 21), compute=False)

    def test_a_scheme_of_another_company_is_refused(self):
        other = self._new_company("Yunting Rail", self.cny)
        foreign = self.s3.copy({"company_id": other.id})
        with self.assertRaises(UserError):
            self._evaluation(self.big, foreign)

    def test_a_branch_makes_no_evaluation(self):
        branch = self._new_company("Yunting Shanghai", self.cny, parent=self.company)
        with self.assertRaises(ValidationError):
            self._evaluation(company_id=branch.id, compute=False, user=self.env.user)

    def test_re_evaluate_takes_the_same_road(self):
        """Source: S0-36, g Q7."""
        account = self._account(self.big, self.user)
        action = self._as(account, self.officer).action_reevaluate()
        evaluation = self.env["kam.tier.evaluation"].browse(action["res_id"])
        self.assertEqual((evaluation.kind, evaluation.state), ("adhoc", "computed"))
        self.assertEqual(evaluation.line_ids.partner_id, self.big)
        with self.assertRaises(AccessError):
            self._as(account, self.user).action_reevaluate()

    def test_several_schemes_in_one_evaluation(self):
        self._qualify(self.big, "public_body")
        evaluation = self._evaluation(self.big, self.s3 | self.s0 | self.s1n)
        self.assertEqual(len(evaluation.line_ids), 3)
        for scheme in (self.s3, self.s0, self.s1n):
            self.assertIn(f"{scheme.code} v{scheme.version}", evaluation.policy_version)

    def test_somebody_else_is_working_on_it(self):
        """Two workers: the second is told, nothing is written twice."""
        evaluation = self._evaluation(self.big)
        model = type(evaluation)
        with patch.object(model, "try_lock_for_update", lambda records, **kw: records.browse()):
            for action in ("action_compute", "action_submit"):
                with self.assertRaisesRegex(UserError, "working on"), self.cr.savepoint():
                    getattr(evaluation, action)()
        self.assertEqual(evaluation.state, "computed")

    def test_a_failing_computation_leaves_the_former_lines(self):
        """One transaction: no partial result."""
        evaluation = self._evaluation(self.partners)
        lines = evaluation.line_ids
        writer = "odoo.addons.key_account_mgmt.models.tier.tier_evaluation_compute.EvaluationWriter"
        with patch(f"{writer}.store", side_effect=RuntimeError("killed")):
            with self.assertRaises(RuntimeError), self.cr.savepoint():
                evaluation.action_compute()
        self.assertEqual(evaluation.line_ids, lines)
        evaluation.action_compute()
        self.assertEqual(len(evaluation.line_ids), len(lines))

    def test_an_evaluation_of_an_archived_scheme_stays_readable(self):
        evaluation = self._evaluation(self.big, self.s0)
        self.s0.active = False
        self.env.invalidate_all()
        self.assertEqual(evaluation.scheme_ids, self.s0)
        self.assertTrue(evaluation._migration_matrices())
