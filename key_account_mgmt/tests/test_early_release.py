from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_guard import LIMIT, GuardCase

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestEarlyRelease(GuardCase):
    """One order goes ahead before its contract 先行执行.  Source: users §3.6, design §4.5."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls._quotation()

    def _asked(self, order=None):
        mine = self._as(order or self.order, self.user)
        action = mine.action_kam_early_release()
        Release = mine.env["kam.early.release"].with_context(**action["context"])
        form = Form(Release)
        form.reason = "The line stands still"
        return form.save()

    def _rule_on(self, release, user=None, kind="approve"):
        request = release.sudo()._approval_request().sudo(False)
        getattr(self._as(request, user or self.director), f"action_{kind}")("seen")
        self.env.invalidate_all()

    def test_from_the_quotation_to_the_contract(self):
        release = self._asked()
        self.assertEqual(release.sign_by, self.today + 30 * DAY)
        self.assertEqual((release.account_id, release.partner_id), (self.account, self.big))
        with self.assertRaises(UserError):
            self._confirm(self.order)
        self.env.invalidate_all()
        release.action_submit()
        self.assertEqual(release.sudo().amount, LIMIT)
        with self.assertRaises(UserError):
            self._confirm(self.order)
        self.env.invalidate_all()
        self._rule_on(release)
        self.assertEqual(release.state, "released")
        self._assert_passes(self.order)
        self.assertEqual(release.state, "released", "until the contract holds")
        self._contract(self.order)
        self.env.invalidate_all()
        self.assertEqual(release.state, "regularised")
        self.assertEqual(release.regularised_on, self.today)
        self.assertFalse(release.is_late)

    def test_regularised_late(self):
        release = self._released(self.order)
        self._assert_passes(self.order)
        release._as_engine().write({"sign_by": self.today - DAY})
        self.assertTrue(release.is_overdue)
        kind = self.env.ref("key_account_mgmt.kam_exception_kind_early_release_overdue")
        shown = self._as(kind, self.director)
        self.assertEqual((shown.status, shown.count), ("found", 1))
        self._contract(self.order)
        self.env.invalidate_all()
        self.assertTrue(release.is_late)
        self.assertEqual(self._as(kind, self.director).status, "none")

    def test_a_contract_named_later_regularises_it(self):
        release = self._released(self.order)
        self._assert_passes(self.order)
        self._link(self.order, self._frame())
        self.assertEqual(release.state, "regularised")

    def test_the_contract_is_drafted_after_the_last_day(self):
        """The order that went ahead is given its contract whatever became of the promise."""
        release = self._released(self.order)
        self._assert_passes(self.order)
        release._as_engine().write({"sign_by": self.today - DAY})
        contract = self._contract(self.order, state="draft")
        self.env.flush_all()
        self.assertEqual(self.order.kam_contract_id, contract)
        self.assertEqual(release.state, "released")

    def test_the_last_day(self):
        for days, passes in ((0, True), (-1, False)):
            order = self._quotation()
            self._released(order, days)
            with self.subTest(days=days):
                if passes:
                    self._assert_passes(order)
                else:
                    with self.assertRaises(UserError):
                        self._confirm(order)
                    self.env.invalidate_all()

    def test_it_is_for_this_order_as_it_was(self):
        self._released(self.order)
        self.order.order_line.price_unit += 1
        with self.assertRaises(UserError):
            self._confirm(self.order)
        self.env.invalidate_all()
        self.order.order_line.price_unit -= 1
        self._assert_passes(self.order)
        with self.assertRaises(UserError), self.cr.savepoint():
            self.order.order_line.price_unit += 1
            self.env.flush_all()

    def test_cancelled_and_taken_up_again_it_needs_another_one(self):
        release = self._released(self.order)
        self.order.action_cancel()
        self.assertEqual(release.state, "cancelled")
        self.order.action_draft()
        with self.assertRaises(UserError):
            self._confirm(self.order)

    def test_lines_changed_while_somebody_decides(self):
        release = self._asked()
        release.action_submit()
        self.order.order_line.price_unit += 1
        with self.assertRaises(UserError):
            self._rule_on(release)

    def test_from_one_million_an_executive_too(self):
        order = self._quotation(1e6)
        release = self._asked(order)
        release.action_submit()
        self._rule_on(release)
        self.assertEqual(release.state, "to_approve")
        self._rule_on(release, self.executive)
        self.assertEqual(release.state, "released")

    def test_who_asks_does_not_decide(self):
        release = self._as(self.env["kam.early.release"], self.director).create(
            {"order_id": self.order.id, "reason": "Mine", "sign_by": self.today}
        )
        with self.assertRaises(UserError):
            release.action_submit()
            self._rule_on(release)

    def test_not_for_what_needs_no_contract(self):
        small = self._quotation(1.0)
        with self.assertRaises(UserError):
            self._as(small, self.user).action_kam_early_release()
        release = self.env["kam.early.release"].create(
            {"order_id": small.id, "reason": "Why not", "sign_by": self.today}
        )
        with self.assertRaises(UserError):
            release.action_submit()

    def test_one_at_a_time(self):
        self._asked()
        action = self._as(self.order, self.user).action_kam_early_release()
        self.assertTrue(action["res_id"])

    def test_what_is_due_appears_in_my_week(self):
        release = self._released(self.order, user=self.user)
        quotation = self._quotation()
        quotation.state = "sent"
        self.env.flush_all()
        Week = self._as(self.env["kam.week.item"], self.user)
        codes = {(item.code, item.res_id) for item in Week.search([])}
        self.assertIn(("early_release", release.id), codes)
        self.assertIn(("blocked_quotation", quotation.id), codes)

    def test_who_reads_it(self):
        release = self._released(self.order)
        stranger = self._new_user("stranger", "key_account_mgmt.group_kam_user")
        for user in (self.user, self.officer, self.gm, self.auditor, self.admin):
            self.assertTrue(self._as(release, user).reason)
        with self.assertRaises(AccessError):
            self._as(release, stranger).read(["reason"])
        self.account.member_ids = [
            Command.create(
                {
                    "user_id": stranger.id,
                    "role_id": self.env["kam.team.role"].search([], limit=1).id,
                    "date_from": self.today,
                }
            )
        ]
        self.assertTrue(self._as(release, stranger).reason)
