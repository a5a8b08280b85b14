from datetime import datetime

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .fake_document import ApprovalCase


@tagged("post_install", "-at_install")
class TestApprovalDelegation(ApprovalCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.adam.tz = "Asia/Shanghai"
        cls.delegation = cls._delegate(cls.adam, cls.dora)

    @classmethod
    def _delegate(cls, user, delegate, **values):
        return (
            cls.env["kam.approval.delegation"]
            .with_user(user)
            .create(
                {
                    "delegate_id": delegate.id,
                    "date_from": "2026-05-04",
                    "date_to": "2026-05-06",
                    **values,
                }
            )
        )

    def _in_force(self, moment):
        model = self.env["kam.approval.delegation"]
        return bool(model._in_force_for(self.dora, datetime.fromisoformat(moment)))

    def test_first_and_last_day_belong_to_it_in_the_delegators_time_zone(self):
        """Adam is in Shanghai (UTC+8): his 4 May begins at 16:00 UTC on the 3rd."""
        self.assertFalse(self._in_force("2026-05-03 15:59:59"))
        self.assertTrue(self._in_force("2026-05-03 16:00:00"))
        self.assertTrue(self._in_force("2026-05-06 15:59:59"))
        self.assertFalse(self._in_force("2026-05-06 16:00:00"))

    def test_the_day_decides_whatever_the_clock_says(self):
        for day, expected in (("03", False), ("04", True), ("06", True), ("07", False)):
            self.assertEqual(
                self.delegation._is_in_force(datetime(2026, 5, int(day)).date()), expected
            )

    def test_a_delegate_decides_and_both_names_are_kept(self):
        with freeze_time("2026-05-05 03:00:00"):
            request = self._submit()
            step = self._as(request.step_ids[0], self.dora)
            self.assertTrue(step.is_mine)
            self.assertIn("Adam", step.reason)
            step.action_approve("on his behalf")
        decision = request.decision_ids
        self.assertEqual((decision.user_id, decision.approver_id), (self.dora, self.adam))
        self.assertEqual(decision.delegation_id, self.delegation)
        self.assertTrue(self._as(request, self.dora).has_access("read"))

    def test_outside_its_days_a_delegate_has_no_right(self):
        with freeze_time("2026-05-07 03:00:00"):
            request = self._submit()
            with self.assertRaises(AccessError):
                self._as(request, self.dora).action_approve()

    def test_the_delegate_is_not_the_requester(self):
        self._delegate(self.adam, self.rita)
        with freeze_time("2026-05-05 03:00:00"):
            request = self._submit()
            self.assertFalse(self._as(request.step_ids[0], self.rita).is_mine)
            with self.assertRaises(AccessError):
                self._as(request, self.rita).action_approve()

    def test_a_delegate_cannot_pass_it_on(self):
        self._delegate(self.dora, self.otto)
        with freeze_time("2026-05-05 03:00:00"):
            request = self._submit()
            with self.assertRaises(AccessError):
                self._as(request, self.otto).action_approve()

    def test_it_covers_only_its_kind_of_document(self):
        self.delegation.unlink()
        self._delegate(self.adam, self.dora, res_model="kam.test.other")
        with freeze_time("2026-05-05 03:00:00"):
            request = self._submit()
            with self.assertRaises(AccessError):
                self._as(request, self.dora).action_approve()

    def test_only_the_approver_himself_delegates(self):
        model = self.env["kam.approval.delegation"]
        days = {"delegate_id": self.otto.id, "date_from": "2026-05-04", "date_to": "2026-05-06"}
        for user in (self.otto, self.anna, self.env.ref("base.user_admin")):
            for boundary in (model.with_user(user), model.with_user(user).sudo()):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    boundary.create({**days, "user_id": self.gina.id})
                own = self._as(self.delegation, user).sudo()
                with self.assertRaises(AccessError), self.cr.savepoint():
                    own.write({"delegate_id": user.id})
                with self.assertRaises(AccessError), self.cr.savepoint():
                    own.unlink()
        forced = model.with_user(self.otto).with_context(default_user_id=self.gina.id)
        created = forced.create({**days, "delegate_id": self.dora.id})
        self.assertEqual(created.user_id, self.otto)
        with self.assertRaises(AccessError), self.cr.savepoint():
            created.write({"user_id": self.gina.id})

    def test_a_used_delegation_can_only_end(self):
        with freeze_time("2026-05-05 03:00:00"):
            request = self._submit()
            self._as(request, self.dora).action_approve()
        own = self._as(self.delegation, self.adam)
        for vals in ({"delegate_id": self.otto.id}, {"date_from": "2026-05-05"},
                     {"date_to": "2026-05-04"}):  # fmt: skip
            with self.assertRaises(UserError), self.cr.savepoint():
                own.write(vals)
        with self.assertRaises(UserError), self.cr.savepoint():
            own.unlink()
        own.write({"date_to": "2026-05-05"})

    def test_dates_in_order_and_not_to_oneself(self):
        for values in ({"date_to": "2026-05-03"}, {"delegate_id": self.adam.id}):
            with (
                self.assertRaises(IntegrityError),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                self._delegate(self.adam, self.dora, **values)

    def test_who_left_cannot_be_stood_in_for(self):
        with freeze_time("2026-05-05 03:00:00"):
            request = self._submit()
            self.adam.active = False
            with self.assertRaises(AccessError):
                self._as(request, self.dora).action_approve()
