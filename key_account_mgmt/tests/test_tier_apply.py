from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamCase


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestTierApply(KamCase):
    """Approved, applied, dated.  Source: S0-36, S2-25, S3-20, (c1)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.s1n.active = True
        cls.big = cls._customer("Tianheng", 30e6, "leading", user_id=cls.user.id)
        cls.medium = cls._customer("Jinmao", 6e6, "medium", user_id=cls.user.id)
        cls.small = cls._customer("Corner Shop", 10_000)
        cls.partners = cls.big | cls.medium | cls.small

    def _notices(self, user):
        return self.env["kam.notice"].search([("user_id", "=", user.id)])

    def _history(self, partner):
        return [
            (a.tier_id, a.date_from, a.date_to)
            for a in partner.kam_account_id.assignment_ids.sorted("id")
        ]

    # The road

    def test_approval_sets_tiers_and_writes_history(self):
        """Levels take effect only on approval.  Source: S3-20."""
        evaluation = self._evaluation(self.partners)
        evaluation.action_submit()
        self.assertEqual(evaluation.state, "to_approve")
        self.assertFalse(self.big.kam_tier_id)
        self._decide(evaluation, "approve")
        self.assertEqual(evaluation.state, "applied")
        self.assertEqual(evaluation.effective_date, self.day)
        account = self.big.kam_account_id
        self.assertEqual(
            (account.tier_id, account.tier_since, account.tier_rank, account.is_key_account),
            (self.key, self.day, 2, True),
        )
        assignment = account.assignment_ids
        self.assertEqual(
            (assignment.direction, assignment.origin, assignment.date_to),
            ("new", "evaluation", False),
        )
        self.assertEqual(assignment.evaluation_id, evaluation)
        self.assertEqual(account.last_evaluation_date, self.day)

    def test_who_stays_below_every_level_gets_no_file(self):
        """Design §3."""
        self._approve(self._evaluation(self.partners))
        self.assertFalse(self.small.kam_account_id)
        account = self._account(self.small)
        self._approve(self._evaluation(self.small))
        self.assertFalse(account.assignment_ids)
        self.assertEqual(account.last_evaluation_date, self.day)

    def test_a_new_file_belongs_to_the_salesperson_of_the_customer(self):
        self._approve(self._evaluation(self.big))
        self.assertEqual(self.big.kam_account_id.user_id, self.user)

    def test_one_digest_per_manager_and_no_mail_per_account(self):
        mails = self.env["mail.mail"].search_count([])
        self._account(self.small, self.director)
        self._approve(self._evaluation(self.partners))
        notice = self._notices(self.user)
        self.assertEqual(len(notice), 1)
        self.assertEqual(len(notice.lines), 2)
        self.assertIn("Tianheng: – → Key", notice.lines)
        self.assertFalse(self._notices(self.director))
        about_accounts = self.env["mail.message"].search(
            [("model", "=", "kam.account"), ("message_type", "!=", "notification")]
        )
        self.assertFalse(about_accounts.filtered(lambda m: m.res_id in self._new_ids()))
        self.assertEqual(self.env["mail.mail"].search_count([("model", "=", "kam.account")]), 0)
        self.assertLessEqual(self.env["mail.mail"].search_count([]) - mails, 2)

    def _new_ids(self):
        return self.partners.kam_account_id.ids

    def test_refused_goes_back_to_the_office(self):
        evaluation = self._evaluation(self.big)
        evaluation.action_submit()
        self._decide(evaluation, "refuse", "too many")
        self.assertEqual(evaluation.state, "computed")
        self.assertFalse(self.big.kam_account_id)
        evaluation.line_ids._override(self.strategic, "as discussed")
        self._approve(evaluation)
        self.assertEqual(self.big.kam_tier_id, self.strategic)
        self.assertEqual(self.big.kam_account_id.assignment_ids.reason, "as discussed")

    def test_withdrawn_can_be_changed_again(self):
        evaluation = self._evaluation(self.big)
        evaluation.action_submit()
        evaluation.action_withdraw()
        self.assertEqual(evaluation.state, "computed")
        evaluation.action_compute()
        self._approve(evaluation)
        self.assertEqual(evaluation.state, "applied")

    def test_an_override_down_to_nothing(self):
        self._hold(self._account(self.big), self.key)
        evaluation = self._evaluation(self.big)
        evaluation.line_ids._override(self.env["kam.tier"], "became a competitor")
        self._approve(evaluation)
        self.assertFalse(self.big.kam_tier_id)
        self.assertEqual(self._history(self.big), [(self.key, date(2025, 1, 1), self.day)])

    # Frozen after submission

    def test_nothing_changes_after_submission(self):
        """Lines, criteria, dates: frozen until a decision."""
        evaluation = self._evaluation(self.partners)
        line, criterion = evaluation.line_ids[0], evaluation.criterion_ids[-1]
        evaluation.action_submit()
        for function in (
            lambda: line._override(self.strategic, "late"),
            line.action_take_suggestion,
            lambda: line.write({"assessment": "late"}),
            lambda: criterion.write({"threshold": "1"}),
            evaluation.action_compute,
            evaluation.action_reset,
            evaluation.action_cancel,
            lambda: evaluation.write({"effective_date": "2027-01-01"}),
            lambda: evaluation.write({"name": "Other"}),
            lambda: evaluation.write({"line_ids": [Command.clear()]}),
            lambda: evaluation.write(
                {"line_ids": [Command.update(line.id, {"assessment": "late"})]}
            ),
            evaluation.unlink,
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                function()
                self.env.flush_all()

    def test_only_the_approver_decides(self):
        """A salesperson, the office, an administrator cannot approve or apply over RPC."""
        evaluation = self._evaluation(self.big)
        evaluation.action_submit()
        step = evaluation.sudo()._approval_request().step_ids
        for user in (self.user, self.officer, self.director, self.executive, self.admin,
                     self.auditor, self.seller):  # fmt: skip
            for action in ("action_approve", "action_refuse"):
                with self.assertRaises(UserError), self.cr.savepoint():
                    getattr(self._as(step, user), action)("mine")
            with self.assertRaises(UserError), self.cr.savepoint():
                self._as(evaluation, user).action_apply()
        self.assertEqual(evaluation.state, "to_approve")

    def test_changed_behind_the_approvers_back(self):
        """The approver decides what he was shown, or is told it changed."""
        evaluation = self._evaluation(self.big)
        evaluation.action_submit()
        self.env.flush_all()
        self.cr.execute(
            "UPDATE kam_tier_evaluation_line SET decided_tier_id = %s WHERE evaluation_id = %s",
            [self.strategic.id, evaluation.id],
        )
        self.env.invalidate_all()
        with self.assertRaises(UserError), self.cr.savepoint():
            self._decide(evaluation, "approve")
        self.assertFalse(self.big.kam_account_id)

    # Dates

    def test_a_future_date_waits_for_its_day(self):
        """The nightly job applies it, once."""
        evaluation = self._evaluation(self.big, effective_date=date(2026, 12, 1))
        self._approve(evaluation)
        self.assertEqual((evaluation.state, self.big.kam_tier_id.id), ("approved", False))
        with self.assertRaisesRegex(UserError, "takes effect on 2026-12-01"), self.cr.savepoint():
            self._as(evaluation, self.officer).action_apply()
        for day, state in (
            (date(2026, 11, 30), "approved"),
            (date(2026, 12, 1), "applied"),
            (date(2026, 12, 1), "applied"),
        ):
            self._job("_cron_nightly", day)
            self.assertEqual(evaluation.state, state, day)
        self.assertEqual(self._history(self.big), [(self.key, date(2026, 12, 1), False)])
        self.assertEqual(len(self._notices(self.user)), 1)

    def test_an_outage_on_the_day_is_caught_up_with_the_right_date(self):
        evaluation = self._evaluation(self.big, effective_date=date(2026, 12, 1))
        self._approve(evaluation)
        self._job("_cron_nightly", date(2026, 12, 5))
        self.assertEqual(self._history(self.big), [(self.key, date(2026, 12, 1), False)])

    def test_an_evaluation_of_a_coming_day_waits_for_it(self):
        """Tiers cannot take effect before the day they are evaluated."""
        evaluation = self._evaluation(self.big, day=date(2026, 12, 15))
        self._approve(evaluation)
        self.assertEqual(
            (evaluation.state, evaluation.effective_date), ("approved", date(2026, 12, 15))
        )

    def test_an_approved_evaluation_can_be_cancelled_before_its_day(self):
        evaluation = self._evaluation(self.big, effective_date=date(2026, 12, 1))
        self._approve(evaluation)
        evaluation.action_cancel()
        self._job("_cron_nightly", date(2026, 12, 1))
        self.assertFalse(self.big.kam_tier_id)

    def test_an_older_decision_does_not_override_a_later_one(self):
        """By effective date, not by the day of the click."""
        late = self._evaluation(self.big, effective_date=date(2026, 12, 1))
        early = self._evaluation(self.big, effective_date=date(2026, 11, 25))
        early.line_ids._override(self.main, "for now")
        self._approve(late)
        self._approve(early)
        self._hold(self._account(self.big), self.strategic, date(2026, 11, 30))
        self._job("_cron_nightly", date(2026, 11, 30))
        self.assertEqual((early.state, self.big.kam_tier_id), ("applied", self.strategic))
        self._job("_cron_nightly", date(2026, 12, 2))
        self.assertEqual(self.big.kam_tier_id, self.key)
        self.assertEqual(
            self._history(self.big),
            [
                (self.strategic, date(2026, 11, 30), date(2026, 12, 1)),
                (self.key, date(2026, 12, 1), False),
            ],
        )

    def test_two_waiting_evaluations_are_applied_in_order_of_their_dates(self):
        first = self._evaluation(self.big, effective_date=date(2026, 12, 1))
        second = self._evaluation(self.big, effective_date=date(2026, 11, 25))
        second.line_ids._override(self.main, "for now")
        self._approve(first)
        self._approve(second)
        self._job("_cron_nightly", date(2026, 12, 10))
        self.assertEqual(
            self._history(self.big),
            [
                (self.main, date(2026, 11, 25), date(2026, 12, 1)),
                (self.key, date(2026, 12, 1), False),
            ],
        )

    def test_a_level_is_closed_and_the_next_opened_in_one_transaction(self):
        """Half-open dates without gap or overlap; the unique index holds."""
        account = self._hold(self._account(self.big), self.main, date(2025, 1, 1))
        self._hold(account, self.strategic, date(2026, 1, 1))
        self._approve(self._evaluation(self.big))
        self.assertEqual(
            self._history(self.big),
            [
                (self.main, date(2025, 1, 1), date(2026, 1, 1)),
                (self.strategic, date(2026, 1, 1), self.day),
                (self.key, self.day, False),
            ],
        )
        directions = account.assignment_ids.sorted("id").mapped("direction")
        self.assertEqual(directions, ["new", "up", "down"])

    def test_a_level_changed_twice_on_one_day(self):
        account = self._hold(self._account(self.big), self.main, self.day)
        self._hold(account, self.key, self.day)
        self._hold(account, self.main, self.day)
        self.assertEqual(account.tier_id, self.main)
        self.assertEqual(len(account.assignment_ids.filtered(lambda a: not a.date_to)), 1)

    def test_applying_twice_changes_nothing(self):
        evaluation = self._approve(self._evaluation(self.partners))
        before = self._history(self.big), len(self._notices(self.user))
        evaluation.sudo()._apply(self.day)
        self.assertEqual((self._history(self.big), len(self._notices(self.user))), before)
        with self.assertRaises(UserError):
            evaluation.action_apply()

    def test_half_an_evaluation_is_never_applied(self):
        """Killed in the middle: nothing; the next run completes."""
        evaluation = self._evaluation(self.partners, effective_date=date(2026, 12, 1))
        self._approve(evaluation)
        model = type(self.env["kam.account"])
        original, calls = model._assign_tier, []

        def killed(account, *args, **kwargs):
            calls.append(account)
            if len(calls) == 2:
                raise RuntimeError("killed")
            return original(account, *args, **kwargs)

        with patch.object(model, "_assign_tier", killed):
            self._failing_job("_cron_nightly", date(2026, 12, 1))
        self.env.invalidate_all()
        self.assertEqual(evaluation.state, "approved")
        self.assertFalse(self.env["kam.account"].search([("partner_id", "in", self.partners.ids)]))
        self._job("_cron_nightly", date(2026, 12, 2))
        self.assertEqual(evaluation.state, "applied")
        self.assertEqual(self.big.kam_account_id.tier_since, date(2026, 12, 1))
        self.assertEqual(self.medium.kam_tier_id, self.main)

    # Groups and labels

    def test_members_inherit_from_the_head(self):
        """Source: S1n-06, g Q3; design §3."""
        head = self._account(self.big)
        plant = self._hold(self._account(self.medium, self.director, parent=head), self.main)
        self._approve(self._evaluation(self.big))
        self.assertEqual((head.tier_id, plant.tier_id), (self.key, self.key))
        inherited = plant.assignment_ids.filtered(lambda a: not a.date_to)
        self.assertTrue(inherited.is_inherited)
        self.assertEqual(plant.last_evaluation_date, self.day)
        self.assertEqual(len(self._notices(self.director)), 1)

    def test_a_member_that_joined_later_inherits_with_the_next_evaluation(self):
        head = self._hold(self._account(self.big), self.key)
        plant = self._account(self.medium, parent=head)
        self._approve(self._evaluation(self.big))
        self.assertEqual(plant.tier_id, self.key)
        self.assertEqual(len(head.assignment_ids), 1)

    def test_a_group_below_every_level_gets_none(self):
        head = self._account(self.small)
        plant = self._hold(self._account(self._customer("Plant"), parent=head), self.main)
        self._approve(self._evaluation(self.small))
        self.assertFalse(head.assignment_ids)
        self.assertFalse(plant.tier_id)

    def test_a_member_that_leaves_its_group_is_judged_by_itself(self):
        head = self._account(self.big)
        plant = self._account(self.medium, parent=head)
        self._approve(self._evaluation(self.big))
        plant.parent_id = False
        line = self._evaluation(self.medium).line_ids
        self.assertEqual((line.current_tier_id, line.suggested_tier_id), (self.key, self.main))

    def test_labels_stand_beside_the_tier(self):
        """They are tags, never the tier column.  Source: S1n-03; design §4.1."""
        self._qualify(self.small, "public_body")
        self._qualify(self.small, "breakthrough")
        evaluation = self._evaluation(self.small, self.s1n)
        self._approve(evaluation)
        account = self.small.kam_account_id
        self.assertEqual(set(account.label_ids.mapped("code")), {"important", "strategic"})
        self.assertFalse(account.tier_id)
        self.assertTrue(account.is_key_account)
        found = self.env["kam.account"].search([("label_ids.code", "=", "important")])
        self.assertIn(account, found)
        qualification = self.small.kam_qualification_ids.filtered(
            lambda q: q.flag_id.code == "public_body"
        )
        qualification.action_end()
        evaluation = self._evaluation(self.small, self.s1n)
        self.assertEqual(self._line(evaluation, self.small, label=account.label_ids.filtered(
            lambda label: label.code == "important")).change, "removed")  # fmt: skip
        self._approve(evaluation)
        self.env.invalidate_all()
        self.assertEqual(account.label_ids.mapped("code"), ["strategic"])

    # Who may set a tier

    def test_a_salesperson_cannot_set_a_tier_by_any_means(self):
        """Acceptance: over RPC, import, copy, onchange, related fields."""
        account = self._account(self.big, self.user)
        order = self.env["sale.order"].create({"partner_id": self.big.id})
        lead = self.env["crm.lead"].create({"name": "Lift", "partner_id": self.big.id})
        salesman = self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.user.group_ids += salesman
        for user in (self.user, self.seller):
            for record in (account, self.big, order, lead):
                name = "tier_id" if record == account else "kam_tier_id"
                self._try(lambda r=record, n=name, u=user: self._as(r, u).write({n: self.key.id}))
                self._try(
                    lambda r=record, n=name, u=user: self._as(r, u).web_save(
                        {n: self.key.id}, {n: {}}
                    )
                )
            self._try(
                lambda u=user: self._as(self.env["res.partner"], u).load(
                    [".id", "kam_tier_id/.id"], [[str(self.big.id), str(self.key.id)]]
                )
            )
            self._try(
                lambda u=user: self._as(self.env["kam.account"], u).load(
                    [".id", "tier_id/.id"], [[str(account.id), str(self.key.id)]]
                )
            )
            self._try(lambda u=user: self._as(self.key, u).write({"is_key_account": True}))
            self._try(
                lambda u=user: self._as(self.env["kam.account"], u).create(
                    {"partner_id": self.small.id, "tier_id": self.key.id, "user_id": u.id}
                )
            )
            self._try(
                lambda u=user: (
                    self._as(self.env["kam.account"], u)
                    .with_context(default_tier_id=self.key.id)
                    .create({"partner_id": self.small.id, "user_id": u.id})
                )
            )
        self.env.invalidate_all()
        accounts = self.env["kam.account"].search([("partner_id", "in", self.partners.ids)])
        self.assertFalse(accounts.tier_id)
        self.assertFalse(accounts.assignment_ids)

    @mute_logger("odoo.models", "odoo.addons.base.models.ir_rule")
    def _try(self, function):
        """Refused or without effect, both are fine: the tier is looked at afterwards."""
        try:
            with self.cr.savepoint():
                function()
                self.env.flush_all()
        except (UserError, ValueError):
            self.env.invalidate_all()

    def test_an_onchange_does_not_set_a_tier(self):
        account = self._account(self.big, self.user)
        result = self._as(account, self.user).onchange(
            {"tier_id": self.key.id}, ["tier_id"], {"tier_id": {}, "user_id": {}}
        )
        self.assertNotIn("tier_id", result.get("value", {}))
        self.env.invalidate_all()
        self.assertFalse(account.tier_id)

    def test_submitting_needs_the_office_and_content(self):
        evaluation = self._evaluation(self.big)
        for user in (self.user, self.auditor, self.admin):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._as(evaluation, user).action_submit()
        empty = self._evaluation(self._customer("Nobody"))
        self.s3.scope_domain = "[('id', '=', 0)]"
        empty.action_compute()
        with self.assertRaisesRegex(UserError, "nothing to decide"), self.cr.savepoint():
            empty.action_submit()

    def test_the_approver_sees_what_is_unusual_first(self):
        """Source: S3-13, S1r-02."""
        person = self._customer("Mr Wang", 30e6, "leading", is_company=False)
        self._customer("Unknown", 30e6)
        evaluation = self._evaluation()
        self._line(evaluation, self.small)._override(self.main, "contract signed")
        evaluation.action_submit()
        texts = "\n".join(self._as(evaluation, self.gm)._approval_highlights())
        for part in ("Strategic: 0 of 3–5", "contract signed", "not assessed", "individuals"):
            self.assertIn(part, texts)
        self.assertTrue(self._as(evaluation, self.gm).approval_is_mine)
        self.assertNotIn(self.small, evaluation.line_ids.filtered(
            lambda line: not line.needs_attention).partner_id)  # fmt: skip
        self.assertIn(person, evaluation.line_ids.partner_id)
