from datetime import date
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import EvaluationCase


@tagged("post_install", "-at_install")
class TestTierDecision(EvaluationCase):
    """Overrides, protection, groups, and the course of an evaluation.  Source: S0-09, (c1)."""

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
        self.assertEqual(lines.filtered("is_override").partner_id, self.partners - self.big)

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
        self.assertEqual(
            (big.decided_tier_id.id, big.is_override, big.change), (False, True, "same")
        )
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
        with (
            patch(f"{writer}.store", side_effect=RuntimeError("killed")),
            self.assertRaises(RuntimeError),
            self.cr.savepoint(),
        ):
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
