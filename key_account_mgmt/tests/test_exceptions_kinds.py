from datetime import date, datetime, timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .common import KamCase

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestExceptionKinds(KamCase):
    """Every shipped kind: what counts and what does not, on both sides of its boundary.

    ``stranger`` is of the office of another company: whatever is found, he sees nothing.
    Source: users §2 (director), §4 (auditor), S0-09, S0-11, S0-35, S2-07, S2-09.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other = cls._new_company("Yunting Rail", cls.cny)
        cls.stranger = cls._new_user("stranger", "key_account_mgmt.group_kam_director")
        cls.stranger.write({"company_ids": [Command.set(other.ids)], "company_id": other.id})
        (cls.officer | cls.auditor).tz = "UTC"
        cls.big = cls._customer("Tianheng", 30e6, "leading")
        cls.open = cls._customer("Hongyue", 25e6)
        cls.small = cls._customer("Corner Shop", 10_000)

    def _row(self, code, user=None):
        kind = self.env.ref(f"key_account_mgmt.kam_exception_kind_{code}")
        return self._as(kind, user or self.officer)

    def _assert_found(self, code, count, worst="", owner=None, message=None):
        row = self._row(code)
        self.assertEqual(row.count, count, message or row.worst_name)
        if count:
            self.assertIn(worst, row.worst_name)
            self.assertEqual(row.owner_ids, owner or self.env["res.users"])
        stranger = self._row(code, self.stranger)
        self.assertEqual((stranger.status, stranger.count), ("none", 0))
        self.assertFalse(stranger.worst_name or stranger.owner_ids)

    def _set(self, record, **values):
        record.sudo()._as_engine().write(values)

    def _key_account(self, partner, user=None):
        return self._hold(self._account(partner, user), self.key)

    # Approvals

    def _submitted(self):
        evaluation = self._evaluation(self.big)
        evaluation.action_submit()
        return evaluation.sudo()._approval_request()

    def test_decided_under_a_delegation(self):
        self.env["kam.approval.delegation"].with_user(self.gm).create(
            {"delegate_id": self.executive.id, "date_from": TODAY, "date_to": TODAY}
        )
        request = self._submitted()
        self._assert_found("decision_delegated", 0)
        self._as(request, self.executive).action_approve("for him")
        self._assert_found("decision_delegated", 1, self.gm.name, self.executive)
        row = self._row("decision_delegated", self.auditor)
        self.assertEqual(row.count, 1)
        # 90 days ago begins on 24 August.
        self._set(request.decision_ids, decided_on=datetime(2026, 8, 24))
        self._assert_found("decision_delegated", 1, self.gm.name, self.executive)
        self._set(request.decision_ids, decided_on=datetime(2026, 8, 23, 23, 59, 59))
        self._assert_found("decision_delegated", 0)

    def test_decided_in_his_own_right_is_no_exception(self):
        self._as(self._submitted(), self.gm).action_approve()
        self._assert_found("decision_delegated", 0)

    def test_requests_without_an_active_approver(self):
        step = self.env.ref("key_account_mgmt.kam_approval_step_tier_gm")
        step.fallback_user_id = self.executive
        self._submitted()
        self._assert_found("request_without_approver", 0)
        self.gm.active = False
        self._assert_found("request_without_approver", 0, message="The fallback is asked.")
        self.executive.active = False
        self._assert_found("request_without_approver", 1, "Evaluation", self.officer)
        self.gm.active = True
        self._assert_found("request_without_approver", 0)

    def test_requests_without_anybody_and_without_fallback(self):
        request = self._submitted()
        self.gm.active = False
        self._assert_found("request_without_approver", 1, "Evaluation", self.officer)
        self._as(request, self.officer).action_withdraw()
        self._assert_found("request_without_approver", 0)

    # Tiers

    def test_overrides(self):
        evaluation = self._evaluation(self.big | self.small)
        self._assert_found("tier_override", 0)
        line = self._line(evaluation, self.big)
        line.with_user(self.officer)._override(self.main, "Competitor in doors")
        self._assert_found("tier_override", 1, "Tianheng", self.officer)
        self.assertIn("Competitor in doors", self._row("tier_override").worst_name)
        self._set(evaluation, day=date(2025, 11, 22))
        self._assert_found("tier_override", 1, "Tianheng", self.officer)
        self._set(evaluation, day=date(2025, 11, 21))
        self._assert_found("tier_override", 0)
        self._set(evaluation, day=TODAY, state="cancelled")
        self._assert_found("tier_override", 0)
        self._set(evaluation, state="computed")
        line.with_user(self.officer).action_take_suggestion()
        self._assert_found("tier_override", 0)

    def test_overrides_by_person(self):
        action = self._row("tier_override").action_open()
        self.assertEqual(action["context"]["group_by"], ["override_user_id"])

    def test_suggestions_and_not_assessed(self):
        """Of the primary scheme only."""
        self._hold(self._account(self.big, self.user), self.main)
        self._hold(self._account(self.open, self.member), self.key)
        self.s0.active = True
        self._assert_found("tier_differs", 0)
        self._assert_found("tier_not_assessed", 0)
        self._job("_cron_nightly", self.day)
        suggestions = self.env["kam.tier.suggestion"].search([("partner_id", "=", self.big.id)])
        self.assertGreater(len(suggestions), 1)
        self._assert_found("tier_differs", 1, "Tianheng", self.user)
        self._assert_found("tier_not_assessed", 1, "Hongyue", self.member)
        self._hold(self.big.kam_account_id, self.key, self.day)
        self._stand(self.open, "leading")
        self._job("_cron_nightly", self.day)
        self._assert_found("tier_differs", 0)
        self._assert_found("tier_not_assessed", 0)

    def test_not_evaluated_for_a_year(self):
        account = self._hold(self._account(self.big, self.user), self.main)
        prospect = self._account(self.small)
        self._assert_found("evaluation_overdue", 1, "Tianheng", self.user)
        self.assertFalse(prospect.last_evaluation_date)
        for day, count in ((date(2025, 11, 21), 1), (date(2025, 11, 22), 0), (TODAY, 0)):
            self._set(account, last_evaluation_date=day)
            self._assert_found("evaluation_overdue", count, "Tianheng", self.user, str(day))
        self._set(account, last_evaluation_date=date(2025, 11, 21))
        never = self._hold(self._account(self.open, self.member), self.general)
        self._assert_found("evaluation_overdue", 2, never.name, self.member)

    def test_policy_changed_shortly_before(self):
        evaluation = self._evaluation(self.big)
        computed = datetime(2026, 11, 20, 12)
        self._set(evaluation, computed_on=computed)
        self._assert_found("policy_changed_before", 0)
        for changed, count in (
            (computed - timedelta(days=30, seconds=1), 0),
            (computed - timedelta(days=30), 1),
            (computed, 1),
            (computed + timedelta(seconds=1), 0),
        ):
            with self._changed(changed):
                self._assert_found(
                    "policy_changed_before", count, "Evaluation", self.officer, str(changed)
                )
                self.assertEqual(self._as(evaluation, self.officer).policy_changed_before, count)
        with self._changed(computed - timedelta(days=7)):
            parameters = self.env["ir.config_parameter"]
            for value, count in (("7", 1), ("6", 0), ("a week", 1)):
                parameters.set_param("key_account_mgmt.policy_change_days", value)
                self._assert_found("policy_changed_before", count, "", self.officer, value)

    def _changed(self, moment):
        """As if the policy had been changed then: the log belongs to another domain."""
        changes = SQL("(SELECT %s::timestamp AS create_date)", moment)
        model = type(self.env["kam.tier.evaluation"])
        return patch.object(model, "_policy_changes_sql", lambda self: changes)

    def test_approved_what_they_assessed(self):
        """Source: users §4."""
        evaluation = self._evaluation(self.big | self.open)
        standing = self.big.kam_standing_ids
        self._set(standing, author_id=self.gm.id)
        self._assert_found("self_assessed", 0)
        self._approve(evaluation)
        self._assert_found("self_assessed", 1, "Evaluation", self.gm)
        for values, count in (
            ({"date": self.day}, 1),
            ({"date": self.day + DAY}, 0),
            ({"date": self.day, "ended_on": self.day + DAY}, 1),
            ({"ended_on": self.day}, 0),
            ({"ended_on": False, "author_id": self.officer.id}, 0),
        ):
            self._set(standing, **values)
            self._assert_found("self_assessed", count, "Evaluation", self.gm, str(values))

    def test_approved_through_a_delegate_what_he_assessed(self):
        self.env["kam.approval.delegation"].with_user(self.gm).create(
            {"delegate_id": self.executive.id, "date_from": TODAY, "date_to": TODAY}
        )
        self._set(self._qualify(self.big, "benchmark"), author_id=self.gm.id)
        self._as(self._submitted(), self.executive).action_approve("for him")
        self._assert_found("self_assessed", 1, "Evaluation", self.gm)

    def test_refused_or_of_another_customer_is_no_exception(self):
        evaluation = self._evaluation(self.big)
        self._set(self.big.kam_standing_ids, author_id=self.gm.id)
        self._stand(self.open, "leading")
        evaluation.with_user(self.officer).action_submit()
        self._decide(evaluation, "refuse")
        self._assert_found("self_assessed", 0)
        self._set(self.big.kam_standing_ids, author_id=self.officer.id)
        self._set(self.open.kam_standing_ids, author_id=self.gm.id)
        self._approve(evaluation)
        self._assert_found("self_assessed", 0)

    def test_searching_by_who_assessed_himself(self):
        evaluation, other = self._evaluation(self.big), self._evaluation(self.open)
        self._set(self.big.kam_standing_ids, author_id=self.gm.id)
        self._approve(evaluation)
        Evaluation = self._as(self.env["kam.tier.evaluation"], self.officer)
        for operator, value, found in (
            ("!=", False, evaluation),
            ("=", False, other),
            ("in", self.gm.ids, evaluation),
            ("in", self.officer.ids, Evaluation),
            ("in", [*self.gm.ids, False], evaluation | other),
        ):
            domain = [("self_assessed_by_ids", operator, value)]
            self.assertEqual(Evaluation.search(domain), found, domain)

    def test_evidence_of_key_accounts(self):
        """The last day of validity still counts.  Source: S0-11, S2-07."""
        self._key_account(self.big)
        customer = self._customer("Not Key")
        self._hold(self._account(customer), self.main)
        for code, create, subject in (
            ("standing_expired", self._stand, "leading"),
            ("qualification_expired", self._qualify, "benchmark"),
        ):
            with self.subTest(code):
                record = create(self.big, subject, date_expiry=TODAY)
                create(customer, subject, date_expiry=TODAY - DAY)
                owner = record.author_id
                self._assert_found(code, 0)
                self._set(record, date_expiry=TODAY - DAY)
                self._assert_found(code, 1, "Tianheng", owner)
                for ended, count in ((TODAY, 0), (TODAY + DAY, 1), (TODAY - DAY, 0)):
                    self._set(record, ended_on=ended)
                    self._assert_found(code, count, "Tianheng", owner, str(ended))
                self._set(record, ended_on=False, date_expiry=TODAY + DAY)
                self._assert_found(code, 0)
                self._set(record, attachment_ids=[Command.clear()])
                self._assert_found(code, 1, "Tianheng", owner)
        self.env.ref("key_account_mgmt.kam_tier_flag_benchmark").needs_evidence = False
        self._assert_found("qualification_expired", 0)

    def test_a_key_account_of_one_company_is_none_of_another(self):
        other = self._new_company("Yunting Metro", self.cny)
        self._hold(self._account(self.big, company=other), self.key)
        self._set(self.big.kam_standing_ids, date_expiry=TODAY - DAY)
        self.officer.company_ids += other
        self._assert_found("standing_expired", 0)
        self.assertFalse(self._as(self.big.kam_standing_ids, self.officer).of_key_account)
        self._key_account(self.big)
        self._assert_found("standing_expired", 1, "Tianheng", self.big.kam_standing_ids.author_id)
        self.assertTrue(self._as(self.big.kam_standing_ids, self.officer).of_key_account)

    # Accounts

    def test_key_accounts_without_a_manager(self):
        account = self._key_account(self.big)
        self._hold(self._account(self.open), self.main)
        self._assert_found("account_without_manager", 1, "Tianheng")
        account.user_id = self.user
        self._assert_found("account_without_manager", 0)
        self.user.active = False
        self._assert_found("account_without_manager", 1, "Tianheng")

    def test_overdue_receivables_of_key_accounts(self):
        account = self._key_account(self.big, self.user)
        self._set(self._hold(self._account(self.open), self.main), overdue=9.0)
        self._assert_found("account_overdue", 0)
        self._set(account, overdue=-1.0)
        self._assert_found("account_overdue", 0)
        self._set(account, overdue=0.01)
        self._assert_found("account_overdue", 1, "0.01", self.user)
