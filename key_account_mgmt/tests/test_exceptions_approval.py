from datetime import datetime, timedelta

from freezegun import freeze_time

from odoo.tests import tagged

from .fake_document import ApprovalCase

NOW = datetime(2026, 11, 22, 4)
SECOND = timedelta(seconds=1)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestApprovalExceptions(ApprovalCase):
    """How approvals are decided: late, escalated, hasty, by one person; design §5, users §4."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.rita | cls.auditor).tz = "UTC"

    def _row(self, code, user=None):
        self.env.flush_all()
        self.env.invalidate_all()
        kind = self.env.ref(f"key_account_mgmt.kam_exception_kind_{code}")
        return self._as(kind, user or self.auditor)

    def _set(self, record, **values):
        record.sudo()._as_engine().write(values)

    def _assert_count(self, code, count, owner=None):
        row = self._row(code)
        self.assertEqual(row.count, count, row.worst_name)
        if owner:
            self.assertEqual(row.owner_ids, owner)
        # Who neither asked nor was asked: the administrator of the policy.
        stranger = self._row(code, self.anna)
        self.assertEqual((stranger.count, stranger.worst_name), (0, False))

    def test_past_the_deadline(self):
        step = self._submit().step_ids[0]
        self._assert_count("step_overdue", 0)
        for deadline, count in ((NOW + SECOND, 0), (NOW, 0), (NOW - SECOND, 1)):
            self._set(step, deadline=deadline)
            self._assert_count("step_overdue", count)
        self._assert_count("step_overdue", 1, self.adam)
        self.assertEqual(self._row("step_overdue").worst_name, "Offer · Executive")
        self._as(step, self.adam).action_approve()
        self._assert_count("step_overdue", 0)

    def test_escalated(self):
        step = self._submit().step_ids[0]
        for level, count in ((0, 0), (1, 1), (2, 1)):
            self._set(step, escalation_level=level)
            self._assert_count("step_escalated", count)
        self._as(step, self.adam).action_approve()
        self._assert_count("step_escalated", 0)

    def test_within_a_minute(self):
        request = self._submit()
        self._as(request.step_ids[0], self.adam).action_approve()
        decision = request.decision_ids
        for seconds, count in ((0, 1), (59, 1), (60, 0), (3600, 0)):
            self._set(decision, seconds_taken=seconds)
            self._assert_count("decision_hasty", count)
        self._set(decision, seconds_taken=5, decided_on=datetime(2026, 8, 24))
        self._assert_count("decision_hasty", 1, self.adam)
        self._set(decision, decided_on=datetime(2026, 8, 24) - SECOND)
        self._assert_count("decision_hasty", 0)

    def test_withdrawing_at_once_is_no_haste(self):
        self._as(self._submit(), self.rita).action_withdraw()
        self._assert_count("decision_hasty", 0)

    def test_one_person_in_two_steps(self):
        request = self._submit()
        self._as(request.step_ids[0], self.adam).action_approve()
        self._assert_count("decision_repeated", 0)
        decision = request.decision_ids
        self._set(decision, is_repeated=True)
        self._assert_count("decision_repeated", 1, self.adam)
        self._set(decision, decided_on=datetime(2025, 11, 22))
        self._assert_count("decision_repeated", 1)
        self._set(decision, decided_on=datetime(2025, 11, 22) - SECOND)
        self._assert_count("decision_repeated", 0)

    def test_lead_time_and_who_holds_what(self):
        """By route and step, and what waits by person; each opens without an error."""
        steps = self._submit().step_ids
        for name in ("holders", "lead_time"):
            action = self.env.ref(f"key_account_mgmt.kam_approval_request_step_action_{name}")
            for view, view_type in action.views:
                self._as(steps, self.rita).get_view(view, view_type)
        model = self._as(steps, self.rita)
        groups = model.formatted_read_group(
            [("id", "in", steps.ids)], ["route_name", "name"], ["hours_taken:avg"]
        )
        self.assertEqual(len(groups), 2)
        pending = [("id", "in", steps.ids), ("state", "=", "pending")]
        (held,) = model.formatted_read_group(pending, ["approver_ids"], ["__count"])
        self.assertEqual((held["approver_ids"][0], held["__count"]), (self.adam.id, 1))
