from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import EvaluationCase


@tagged("post_install", "-at_install")
class TestTierEvaluation(EvaluationCase):
    """Figures, suggestions and decisions.  Source: S0-34, S0-35, S2-07, S3-20, (c1)."""

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
        bounds = ((19_999_999.99, self.main), (20e6, self.key), (20_000_000.01, self.key))
        for sales, tier in bounds:
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

    def test_expired_standing_is_assessed_again(self):
        """It joins the worklist instead of dropping to general.  Source: g Q5."""
        partner = self._customer("Old", 30e6)
        self._stand(partner, "leading", date=date(2020, 1, 1))
        line = self._evaluation(partner).line_ids
        self.assertEqual((line.code, line.suggested_tier_id.ids), ("unassessed", []))
        self.assertIn("outdated", line.result_ids.mapped("verdict"))

    def test_a_group_stands_on_the_valid_evidence_of_any_member(self):
        """Source: g Q5, S1n-06."""
        for old, valid in ((0, 1), (1, 0)):
            partners = self._customer(f"Head {old}", 30e6), self._customer(f"Plant {old}")
            self._account(partners[1], parent=self._account(partners[0]))
            self._stand(partners[old], "leading", date=date(2020, 1, 1))
            self._stand(partners[valid], "leading")
            line = self._evaluation(partners[0]).line_ids
            self.assertEqual(line.suggested_tier_id, self.key, partners[valid].name)

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
