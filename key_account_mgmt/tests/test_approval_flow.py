from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .fake_document import ApprovalCase


@tagged("post_install", "-at_install")
class TestApprovalFlow(ApprovalCase):
    def test_steps_are_asked_in_order_and_the_last_one_grants(self):
        request = self._submit()
        self.assertEqual(self.document.state, "to_approve")
        self.assertEqual(request.step_ids.mapped("state"), ["pending", "waiting"])
        self._as(request, self.adam).action_approve("fine")
        self.assertEqual(request.step_ids.mapped("state"), ["approved", "pending"])
        self.assertEqual((self.document.state, self.document.granted), ("to_approve", 0))
        self._as(request, self.gina).action_approve()
        self.assertEqual((self.document.state, self.document.granted), ("approved", 1))
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.decision_ids.sorted("id").mapped("user_id"), self.adam | self.gina)

    def test_the_last_step_cannot_be_decided_before_the_first(self):
        request = self._submit()
        with self.assertRaises(AccessError):
            self._as(request, self.gina).action_approve()
        with self.assertRaises(UserError):
            self._as(request.step_ids[1], self.gina).action_approve()

    def test_refusal_needs_a_reason_and_gives_the_document_back(self):
        request = self._submit()
        with self.assertRaises(UserError):
            self._as(request, self.adam).action_refuse("  ")
        self._as(request, self.adam).action_refuse("too cheap")
        self.assertEqual((self.document.state, request.state), ("draft", "refused"))
        self.assertEqual(self.document.refused_with, "too cheap")
        self.assertEqual(request.step_ids.mapped("state"), ["refused", "skipped"])

    def test_resubmitting_is_a_new_round_and_the_old_one_stays(self):
        first = self._submit()
        self._as(first, self.adam).action_refuse("too cheap")
        self.document.with_user(self.rita).value = 120
        second = self._submit()
        self.assertEqual((first.round, second.round), (1, 2))
        self.assertEqual((first.state, second.state), ("refused", "pending"))
        self.assertNotEqual(first.fingerprint, second.fingerprint)
        document = self._as(self.document, self.rita)
        self.assertEqual(document.approval_request_ids, second | first)
        self.assertEqual(self._as(second, self.adam).round_decision_ids.kind, "refuse")
        self.assertEqual(first.summary_html.count("100.0"), 1)

    def test_withdrawing_is_recorded_and_only_the_requester_can(self):
        request = self._submit()
        with self.assertRaises(AccessError):
            self._as(request, self.adam).action_withdraw()
        self._as(self.document, self.rita).action_withdraw()
        self.assertEqual((self.document.state, request.state), ("draft", "withdrawn"))
        self.assertEqual(request.decision_ids.kind, "withdraw")
        with self.assertRaises(UserError):
            self._as(request, self.adam).action_approve()

    def test_nobody_is_asked_twice_in_a_round_unless_the_step_says_so(self):
        self.adam.group_ids += self.group_gm
        request = self._submit()
        self._as(request, self.adam).action_approve()
        self.assertEqual(request.state, "approved")
        self.assertEqual(request.step_ids[1].state, "skipped")
        self.assertIn("Adam", request.step_ids[1].remark)
        self.assertFalse(request.step_ids[0].remark)
        self.route.step_ids[1].always_ask = True
        request = self._submit(self._new_document())
        self._as(request, self.adam).action_approve()
        self.assertEqual(request.step_ids[1].state, "pending")

    def test_the_first_fitting_route_wins(self):
        big = self._new_route("Big", ["gm"], sequence=1, condition="[('value', '>', 1000)]")
        self.assertEqual(self._submit(self._new_document(value=1000)).route_id, self.route)
        self.assertEqual(self._submit(self._new_document(value=1001)).route_id, big)

    def test_without_a_fitting_route_the_message_says_who_can_add_one(self):
        self.route.condition = "[('value', '>', 1000)]"
        with self.assertRaisesRegex(UserError, "none of the 1 approval routes.*Anna"):
            self._submit()
        self.route.active = False
        with self.assertRaisesRegex(UserError, "no approval route.*Anna"):
            self._submit()
        self.assertEqual(self.document.state, "draft")

    def test_a_route_of_another_company_does_not_fit(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.route.company_id = other
        with self.assertRaises(UserError):
            self._submit()

    def test_an_unusable_condition_is_refused_when_it_is_written(self):
        for condition in ("[('nothing', '=', 1)]", "value > 3", "__import__('os')", "[(", "7"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.route.condition = condition

    def test_a_changed_route_does_not_touch_a_running_round(self):
        request = self._submit()
        self.route.step_ids[1].unlink()
        self.route.step_ids[0].group_id = self.group_gm
        self.route.active = False
        self._as(request, self.adam).action_approve()
        self.assertEqual(request.state, "pending")
        self._as(request, self.gina).action_approve()
        self.assertEqual(self.document.state, "approved")

    def test_a_used_route_can_be_archived_but_not_deleted(self):
        self._submit()
        with self.assertRaises(UserError):
            self._as(self.route, self.anna).unlink()
        self._as(self.route, self.anna).action_archive()

    def test_a_step_nobody_can_decide_stops_the_submission_and_is_named(self):
        self.gina.active = False
        with self.assertRaisesRegex(UserError, "“Gm” of route “Two steps”"):
            self._submit()
        self.route.step_ids[1].fallback_user_id = self.otto
        request = self._submit()
        self.assertEqual(request.step_ids[1].approver_ids, self.otto)

    def test_the_requester_is_no_fallback_either(self):
        self.gina.active = False
        self.route.step_ids[1].fallback_user_id = self.rita
        with self.assertRaises(UserError):
            self._submit()

    def test_when_every_approver_left_the_fallback_decides(self):
        self.route.step_ids[0].fallback_user_id = self.otto
        request = self._submit()
        self.assertFalse(self._as(request.step_ids[0], self.otto).sudo().is_mine)
        with self.assertRaises(AccessError):
            self._as(request, self.otto).action_approve()
        self.adam.active = False
        self.env.invalidate_all()
        self.assertTrue(self._as(request.step_ids[0], self.otto).is_mine)
        self._as(request, self.otto).action_approve()
        self.assertEqual(request.step_ids[0].state, "approved")

    def test_an_approver_without_access_to_the_company_is_not_asked(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.rita.company_ids += other
        document = self._new_document(company_id=other.id)
        with self.assertRaises(UserError):
            self._submit(document)

    def test_inbox_shows_only_what_waits_for_me(self):
        request = self._submit()
        steps = self.env["kam.approval.request.step"]
        mine = [("is_mine", "=", True), ("request_id", "=", request.id)]
        found = {user: steps.with_user(user).search(mine) for user in (self.adam, self.gina)}
        self.assertEqual(found[self.adam], request.step_ids[0])
        self.assertFalse(found[self.gina])
        card = self._as(request.step_ids[0], self.adam)
        self.assertIn("Executive", card.reason)
        self._as(request, self.adam).action_approve()
        self.assertFalse(steps.with_user(self.adam).search(mine))
        self.assertEqual(self._as(request.step_ids[1], self.gina).decided_before, "Adam")
        not_mine = [("is_mine", "=", False), ("request_id", "=", request.id)]
        self.assertEqual(steps.with_user(self.gina).search(not_mine), request.step_ids[0])

    def test_document_says_who_holds_it_and_opens_the_dialog(self):
        self._submit()
        self.assertIn("Adam", self._as(self.document, self.otto).approval_waiting_for)
        self.assertFalse(self._as(self.document, self.otto).approval_is_mine)
        document = self._as(self.document, self.adam)
        self.assertTrue(document.approval_is_mine)
        self.assertEqual(document.search([("approval_is_mine", "=", True)]), document)
        self.assertFalse(self._as(document, self.gina).search([("approval_is_mine", "=", True)]))
        action = document.action_refuse_document()
        wizard = (
            self._as(self.env[action["res_model"]], self.adam)
            .with_context(**action["context"])
            .create({"comment": "no"})
        )
        wizard.action_confirm()
        self.assertEqual(self.document.state, "draft")
        with self.assertRaises(UserError):
            self._as(self.document, self.adam).action_approve_document()

    def test_bulk_decisions_from_the_list(self):
        requests = self._submit() | self._submit(self._new_document(name="Second"))
        steps = self._as(requests.step_ids.filtered(lambda s: s.state == "pending"), self.adam)
        action = steps.action_open_approve()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.adam)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(wizard.count, 2)
        wizard.action_confirm()
        self.assertEqual(requests.mapped("step_ids.state"), ["approved", "pending"] * 2)

    def test_approvers_hear_in_the_morning_and_not_of_what_is_settled(self):
        notices = self.env["kam.notice"]
        before = notices.search([])
        request = self._submit(self._new_document(value=5000))
        told = notices.search([]) - before
        self.assertEqual(told.user_id, self.adam)
        self.assertEqual((told.urgent, told.topic), (False, "approval"))
        self.assertIn("Far above average", told.lines)
        self._as(request, self.adam).action_refuse("no")
        self.assertEqual((notices.search([]) - before - told).user_id, self.rita)
        self.assertTrue(told.settled_on)

    def test_child_lines_and_files_are_locked_with_the_document(self):
        line = self.env["kam.test.document.line"].create(
            {"document_id": self.document.id, "value": 1}
        )
        file = self.env["ir.attachment"].create(
            {
                "name": "figures.txt",
                "raw": b"1",
                "res_model": "kam.test.document",
                "res_id": self.document.id,
            }
        )
        self._submit()
        for attack in (
            lambda: line.write({"value": 2}),
            line.unlink,
            line.copy,
            lambda: file.write({"raw": b"2"}),
            lambda: file.write({"res_id": 0}),
            file.unlink,
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                attack()
        self.env["ir.attachment"].create(
            {"name": "late.txt", "res_model": "kam.test.document", "res_id": self.document.id}
        )
        self._as(self.document, self.adam)._approval_request().sudo(False).action_approve()

    def test_a_second_document_type_with_its_own_states(self):
        self.route.copy({"res_model": "kam.test.other"})
        other = self.env["kam.test.other"].with_user(self.rita).create({"name": "x"})
        request = self._submit(other)
        self.assertEqual((other.state, request.document_type), ("waiting", "Other Test Document"))
        with self.assertRaises(UserError):
            other.write({"name": "y"})
        self._as(request, self.adam).action_refuse("no")
        self.assertEqual(other.state, "checked")
        other.write({"name": "y"})
        request = self._submit(other)
        self._as(request, self.adam).action_approve()
        self._as(request, self.gina).action_approve()
        self.assertEqual(other.state, "done")

    def test_submitting_twice_or_in_a_wrong_state_is_refused(self):
        self._submit()
        with self.assertRaises(UserError):
            self._submit()

    def test_summary_is_frozen_and_escaped(self):
        request = self._submit(self._new_document(name="<b>x</b>", value=2000))
        self.assertIn("2000", request.summary_html)
        self.assertIn("Far above average", request.highlights_html)
