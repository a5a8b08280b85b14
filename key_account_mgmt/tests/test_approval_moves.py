from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .fake_document import ApprovalCase

# A Tuesday at 10:00 in Shanghai, a working day.
TUESDAY = datetime(2026, 11, 24, 2, 0)


@tagged("post_install", "-at_install")
class TestApprovalMoves(ApprovalCase):
    """Everything besides yes and no, and rounds that ask only what changed."""

    def _states(self, request):
        return request.step_ids.mapped("state")

    def _job(self, model, method):
        self.patch(type(self.env["ir.cron"]), "_commit_progress", lambda *args, **kwargs: 1.0)
        getattr(self.env[model].with_user(self.env.ref("base.user_root")).sudo(), method)()

    # Together, and how many

    def test_parallel_steps_are_asked_at_once_and_both_must_agree(self):
        self.route.step_ids[1].parallel = True
        request = self._submit()
        self.assertEqual(self._states(request), ["pending", "pending"])
        self._as(request, self.gina).action_approve()
        self.assertEqual(request.state, "pending")
        self._as(request, self.adam).action_approve()
        self.assertEqual(request.state, "approved")

    def test_all_of_them(self):
        """会签: each member is asked; the last yes settles it."""
        group = self._group(self.adam, self.gina, self.dora)
        self.route.step_ids[0].write({"group_id": group.id, "quorum": "all"})
        self.route.step_ids[1].unlink()
        request = self._submit()
        step = request.step_ids
        for user, state in ((self.adam, "pending"), (self.dora, "pending")):
            self._as(request, user).action_approve()
            self.assertEqual(step.state, state)
            self.assertFalse(self._as(step, user).is_mine)
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(request, user).action_approve()
        self.assertEqual(step.votes, "2 of 3")
        self.assertNotIn("Adam", request.waiting_for)
        self._as(request, self.gina).action_approve()
        self.assertEqual((step.state, request.state), ("approved", "approved"))

    def test_one_no_ends_it_for_all(self):
        group = self._group(self.adam, self.gina)
        self.route.step_ids[0].write({"group_id": group.id, "quorum": "all"})
        request = self._submit()
        self._as(request, self.adam).action_approve()
        self._as(request, self.gina).action_refuse("no")
        self.assertEqual(request.state, "refused")

    def test_two_of_three(self):
        group = self._group(self.adam, self.gina, self.dora)
        self.route.step_ids[0].write({"group_id": group.id, "quorum": "number", "quorum_number": 2})
        self.route.step_ids[1].unlink()
        request = self._submit()
        self._as(request, self.adam).action_refuse("no")
        self.assertEqual(request.state, "pending")
        self._as(request, self.gina).action_approve()
        self._as(request, self.dora).action_approve()
        self.assertEqual(request.state, "approved")
        second = self._submit(self._new_document())
        self._as(second, self.adam).action_refuse("no")
        self._as(second, self.dora).action_refuse("no")
        self.assertEqual(second.state, "refused")

    def test_nobody_votes_twice_in_a_step_not_even_for_another(self):
        group = self._group(self.adam, self.dora)
        self.route.step_ids[0].write({"group_id": group.id, "quorum": "all"})
        self.env["kam.approval.delegation"].with_user(self.adam).create(
            {"delegate_id": self.dora.id, "date_from": "2020-01-01", "date_to": "2099-01-01"}
        )
        request = self._submit()
        self._as(request, self.dora).action_approve()
        self.assertFalse(self._as(request.step_ids[0], self.dora).is_mine)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(request, self.dora).action_approve()
        self._as(request, self.adam).action_approve()
        self.assertEqual(request.step_ids[0].state, "approved")

    def test_somebody_who_left_holds_nothing_up(self):
        group = self._group(self.adam, self.dora)
        self.route.step_ids[0].write({"group_id": group.id, "quorum": "all"})
        request = self._submit()
        self._as(request, self.adam).action_approve()
        self.dora.active = False
        self.env.invalidate_all()
        self._job("kam.approval.request.step", "_cron_watch")
        self.assertEqual(self._states(request), ["approved", "pending"])

    def test_somebody_who_left_makes_agreement_impossible(self):
        """Two of three, one no, one yes, the third gone: refused, with the reason given."""
        group = self._group(self.adam, self.gina, self.dora)
        self.route.step_ids[0].write({"group_id": group.id, "quorum": "number", "quorum_number": 2})
        request = self._submit()
        self._as(request, self.adam).action_refuse("too cheap")
        self._as(request, self.gina).action_approve("fine")
        self.assertEqual(request.state, "pending")
        self.dora.active = False
        self.env.invalidate_all()
        self._job("kam.approval.request.step", "_cron_watch")
        self.assertEqual((request.state, self.document.state), ("refused", "draft"))
        self.assertEqual(self.document.refused_with, "too cheap")

    def test_earlier_votes_count_in_a_step_of_several(self):
        group = self._group(self.adam, self.dora)
        self.route.step_ids[1].write({"group_id": group.id, "quorum": "all"})
        request = self._submit()
        self._as(request, self.adam).action_approve()
        step = request.step_ids[1]
        self.assertEqual((step.state, step.voted_ids), ("pending", self.adam))
        self.assertFalse(self._as(step, self.adam).is_mine)
        self._as(request, self.dora).action_approve()
        self.assertEqual(request.state, "approved")

    # Return

    def test_return_to_the_requester_needs_a_reason(self):
        request = self._submit()
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(request.step_ids[0], self.adam).action_return(" ")
        self._as(request.step_ids[0], self.adam).action_return("add the price list")
        self.assertEqual((request.state, self.document.state), ("returned", "draft"))
        self.assertEqual(self.document.refused_with, "add the price list")
        self._as(self.document, self.rita).write({"value": 120})
        self.assertEqual(self._submit().round, 2)

    def test_return_to_an_earlier_step_asks_it_and_what_follows_again(self):
        request = self._submit()
        first, second = request.step_ids
        self._as(request, self.adam).action_approve()
        self._as(second, self.gina).action_return("look again", first.id)
        self.assertEqual(self._states(request), ["pending", "waiting"])
        self.assertEqual(request.state, "pending")
        self.assertTrue(self._as(first, self.adam).is_mine)
        self._as(request, self.adam).action_approve()
        self._as(request, self.gina).action_approve()
        self.assertEqual(request.state, "approved")
        kinds = request.decision_ids.sorted("id").mapped("kind")
        self.assertEqual(kinds, ["approve", "return", "approve", "approve"])

    def test_return_only_goes_back(self):
        request = self._submit()
        other = self._submit(self._new_document())
        self._as(request, self.adam).action_approve()
        for target in (request.step_ids[1], other.step_ids[0]):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._as(request.step_ids[1], self.gina).action_return("x", target.id)

    # Transfer, add, copy

    def test_transfer_moves_the_right(self):
        request = self._submit()
        step = request.step_ids[0]
        self._as(step, self.adam).action_transfer(self.otto.id, "yours")
        self.assertEqual(step.approver_ids, self.otto)
        self.assertIn("Adam", self._as(step, self.otto).reason)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(request, self.adam).action_approve()
        self._as(request, self.otto).action_approve()
        self.assertEqual(step.state, "approved")
        waiting = [("topic", "=", "approval"), ("res_id", "=", request.id)]
        told = self.env["kam.notice"].search([*waiting, ("user_id", "=", self.adam.id)])
        self.assertTrue(told.settled_on)
        moved = request.decision_ids.filtered(lambda d: d.kind == "transfer")
        self.assertEqual((moved.user_id, moved.target_user_id), (self.adam, self.otto))

    def test_whom_a_step_cannot_be_given_to(self):
        request = self._submit()
        step = self._as(request.step_ids[0], self.adam)
        portal = self.env.ref("base.public_user")
        self.dora.active = False
        for user in (self.rita, self.adam, self.dora, portal):
            for move in (step.action_transfer, step.action_add_approver):
                with self.assertRaises(UserError), self.cr.savepoint():
                    move(user.id)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(step, self.otto).action_transfer(self.otto.id)

    def test_what_is_no_person_is_refused_in_words(self):
        step = self._as(self._submit().step_ids[0], self.adam)
        for nobody in ("x", 0, -1, 10**9, None, False, [self.otto.id], {"id": 1}, True):
            for move in (step.action_transfer, step.action_add_approver):
                with self.assertRaises(UserError), self.cr.savepoint():
                    move(nobody)
        for nobody in ("x", 1, None, ["x"], [[self.otto.id]], []):
            with self.assertRaises(UserError), self.cr.savepoint():
                step.action_copy(nobody)
        for nowhere in ("x", -1, [1], 10**9):
            with self.assertRaises(UserError), self.cr.savepoint():
                step.action_return("again", nowhere)

    def test_a_delegate_does_not_give_the_place_away(self):
        self.env["kam.approval.delegation"].with_user(self.adam).create(
            {"delegate_id": self.dora.id, "date_from": "2020-01-01", "date_to": "2099-01-01"}
        )
        step = self._as(self._submit().step_ids[0], self.dora)
        with self.assertRaises(AccessError), self.cr.savepoint():
            step.action_transfer(self.otto.id)

    def test_one_more_approver_is_asked_at_the_same_time(self):
        request = self._submit()
        self._as(request.step_ids[0], self.adam).action_add_approver(self.otto.id, "please")
        added = request.step_ids.filtered(lambda s: s.approver_ids == self.otto)
        self.assertEqual((added.state, added.sequence), ("pending", 1))
        self._as(request, self.adam).action_approve()
        self.assertEqual(request.step_ids[-1].state, "waiting")
        self._as(request, self.otto).action_approve()
        self.assertEqual(request.step_ids[-1].state, "pending")

    def test_a_copy_is_read_and_decides_nothing(self):
        request = self._submit()
        self.assertFalse(self._as(request, self.otto).has_access("read"))
        self._as(request.step_ids[0], self.adam).action_copy(self.otto.ids)
        self.assertTrue(self._as(request, self.otto).has_access("read"))
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(request, self.otto).action_approve()

    # Remind

    def test_the_requester_reminds_once_a_day(self):
        notices = self.env["kam.notice"]
        with freeze_time(TUESDAY):
            request = self._submit()
            before = notices.search([])
            self._as(request, self.rita).action_remind()
            told = notices.search([]) - before
            self.assertEqual((told.user_id, told.urgent), (self.adam, True))
            with self.assertRaises(UserError), self.cr.savepoint():
                self._as(request, self.rita).action_remind()
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(request, self.adam).action_remind()
        with freeze_time(TUESDAY + timedelta(days=1)):
            self.env.invalidate_all()
            self._as(request, self.rita).action_remind()

    # Rounds that ask only what changed

    def _two_parts(self):
        """Adam decides about the value, Gina about the terms."""
        field = self.env["ir.model.fields"]._get
        model = "kam.test.document"
        self.route.carry_over = True
        self.route.step_ids[0].evidence_field_ids = field(model, "value")
        self.route.step_ids[1].evidence_field_ids = field(model, "terms")
        request = self._submit()
        self._as(request, self.adam).action_approve()
        self._as(request, self.gina).action_refuse("other terms")
        return request

    def test_an_unchanged_part_is_not_asked_again(self):
        self._two_parts()
        self._as(self.document, self.rita).terms = "30 days"
        second = self._submit()
        self.assertEqual(self._states(second), ["skipped", "pending"])
        self.assertIn("Adam", second.step_ids[0].remark)
        self._as(second, self.gina).action_approve()
        self.assertEqual((second.state, self.document.state), ("approved", "approved"))

    def test_a_changed_part_is_asked_again(self):
        self._two_parts()
        self._as(self.document, self.rita).value = 120
        self.assertEqual(self._states(self._submit()), ["pending", "waiting"])

    def test_carrying_over_is_the_routes_choice(self):
        self._two_parts()
        self.route.carry_over = False
        self.assertEqual(self._states(self._submit()), ["pending", "waiting"])

    def test_what_a_former_approver_settled_is_asked_again(self):
        self._two_parts()
        self.adam.active = False
        self.route.step_ids[0].fallback_user_id = self.otto
        self.env.invalidate_all()
        self.assertEqual(self._states(self._submit()), ["pending", "waiting"])

    def test_nobody_carries_his_own_decision_into_his_own_request(self):
        """Adam approved Rita's request; submitted by Adam himself it is asked again."""
        self._two_parts()
        self.route.step_ids[0].fallback_user_id = self.otto
        second = self._submit(user=self.adam)
        self.assertEqual(second.step_ids[0].state, "pending")
        self.assertEqual(second.step_ids[0].approver_ids, self.otto)

    # Which route

    def test_amounts_choose_the_route_in_company_currency(self):
        """Source: g Q16."""
        self.route.amount_below = 1000
        big = self._new_route("Big", ["gm"], amount_from=1000)
        for value, route in ((999.99, self.route), (1000, big), (1000.01, big)):
            self.assertEqual(self._submit(self._new_document(value=value)).route_id, route)
        euro = self._currency(rate=0.1)
        self.assertEqual(
            self._submit(self._new_document(value=100, currency_id=euro.id)).route_id, big
        )

    def _currency(self, rate):
        currency = self.env["res.currency"].create({"name": "XKA", "symbol": "X"})
        self.env["res.currency.rate"].create(
            {"currency_id": currency.id, "name": "2020-01-01", "rate": rate,
             "company_id": self.env.company.id}
        )  # fmt: skip
        return currency

    def test_a_rate_edited_after_submission_stops_the_decision(self):
        """The amount in company currency is part of what is decided about."""
        currency = self._currency(rate=0.1)
        document = self._new_document(value=100, currency_id=currency.id)
        request = self._submit(document)
        currency.rate_ids.rate = 0.2
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "changed after it was submitted"):
            self._as(request, self.adam).action_approve()

    def test_risk_and_tier_choose_the_route(self):
        risky = self._new_route("Risky", ["gm"], sequence=1, risk_from="medium")
        for risk, route in (("low", self.route), ("medium", risky), ("high", risky),
                            (False, self.route)):  # fmt: skip
            self.assertEqual(self._submit(self._new_document(risk=risk)).route_id, route, risk)
        tier = self.env["kam.tier"].search([], limit=1)
        risky.write({"risk_from": False, "tier_ids": [(6, 0, tier.ids)]})
        self.assertEqual(self._submit(self._new_document()).route_id, self.route)

    def test_the_preview_says_which_route_and_why(self):
        self.route.amount_below = 1000
        self._new_route("Big", ["gm"], amount_from=1000)
        preview = self.env["kam.approval.preview.wizard"].with_user(self.anna)
        wizard = preview.create(
            {"document_ref": f"kam.test.document,{self.document.id}", "requester_id": self.rita.id}
        )
        for text in ("Two steps", "Takes this route", "below", "Adam", "Gina"):
            self.assertIn(text, wizard.result_html)
        self.document.sudo().value = 2000
        wizard.invalidate_recordset()
        self.assertIn("is not below", wizard.result_html)
        self.assertFalse(self.document.approval_request_ids)

    def test_the_preview_names_a_step_nobody_can_decide(self):
        self.adam.group_ids -= self.group_exec
        preview = self.env["kam.approval.preview.wizard"].with_user(self.anna)
        wizard = preview.create({"document_ref": f"kam.test.document,{self.document.id}"})
        self.assertIn("nobody who could decide", wizard.result_html)

    # Who is asked

    def test_a_person_named_in_the_document(self):
        self.route.step_ids[0].write({"approver_type": "field", "user_path": "owner_id"})
        self.document.sudo().owner_id = self.otto
        request = self._submit()
        self.assertEqual(request.step_ids[0].approver_ids, self.otto)
        for path in ("nothing", "partner_id", "name", "owner_id.name", "company_id"):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                self.route.step_ids[0].user_path = path
        self.route.step_ids[0].user_path = "partner_id.user_id"

    def test_the_manager_of_the_requesters_department(self):
        """His own request goes to the manager above him."""
        top = self.env["kam.department"].create({"name": "Top", "manager_id": self.gina.id})
        sales = self.env["kam.department"].create(
            {"name": "Sales", "manager_id": self.adam.id, "parent_id": top.id,
             "member_ids": [(6, 0, self.rita.ids)]}
        )  # fmt: skip
        self.route.step_ids[1].unlink()
        self.route.step_ids[0].approver_type = "department"
        self.assertEqual(self._submit().step_ids.approver_ids, self.adam)
        own = self._submit(self._new_document(user=self.adam), user=self.adam)
        self.assertEqual(own.step_ids.approver_ids, self.gina)
        self.route.step_ids[0].department_id = top
        self.assertEqual(self._submit(self._new_document()).step_ids.approver_ids, self.gina)
        sales.manager_id = False

    # Time

    def _timed(self, levels):
        self.env.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.route.step_ids[0].write(
            {
                "sla_hours": 4,
                "escalation_ids": [
                    (0, 0, {"hours": hours, "kind": kind, "user_id": user_id})
                    for hours, kind, user_id in levels
                ],
            }
        )

    def _watch(self, moment):
        with freeze_time(moment):
            self.env.invalidate_all()
            self._job("kam.approval.request.step", "_cron_watch")

    def test_each_level_is_escalated_once(self):
        self._timed([(0, "remind", False), (2, "add", self.otto.id)])
        with freeze_time(TUESDAY):
            request = self._submit()
        step = request.step_ids[0]
        deadline = step.deadline
        escalated = [("kind", "=", "escalate"), ("request_id", "=", request.id)]
        decisions = self.env["kam.approval.decision"]
        self._watch(deadline - timedelta(seconds=1))
        self.assertFalse(decisions.search_count(escalated))
        for moment in (deadline, deadline + timedelta(minutes=5)):
            self._watch(moment)
            self.assertEqual(decisions.search(escalated).mapped("level"), [1])
        self._watch(deadline + timedelta(days=2))
        self._watch(deadline + timedelta(days=2))
        self.assertEqual(sorted(decisions.search(escalated).mapped("level")), [1, 2])
        self.assertEqual(step.escalation_level, 2)
        self.assertIn(self.otto, step.approver_ids)
        self._as(request, self.otto).action_approve()
        self.assertEqual(step.state, "approved")

    def test_the_requester_never_becomes_an_approver_by_escalation(self):
        self._timed([(0, "add", self.rita.id)])
        with freeze_time(TUESDAY):
            request = self._submit()
        self._watch(TUESDAY + timedelta(days=7))
        self.assertNotIn(self.rita, request.step_ids[0].approver_ids)

    def test_without_a_deadline_nothing_is_escalated(self):
        self._timed([(0, "remind", False)])
        self.route.step_ids[0].sla_hours = 0
        request = self._submit()
        self._watch(TUESDAY + timedelta(days=365))
        self.assertFalse(request.decision_ids)

    # Absence

    def test_an_absence_in_the_calendar_proposes_a_delegation_once(self):
        delegation = self.env["kam.approval.delegation"].with_user(self.adam)
        self._submit()
        with freeze_time(TUESDAY):
            event = self.env["calendar.event"].create(
                {
                    "name": "Guangzhou",
                    "allday": True,
                    "start_date": date(2026, 12, 1),
                    "stop_date": date(2026, 12, 3),
                    "show_as": "busy",
                    "partner_ids": [(6, 0, self.adam.partner_id.ids)],
                }
            )
            values = delegation.default_get(["date_from", "date_to"])
            self.assertEqual(
                (values["date_from"], values["date_to"]), (date(2026, 12, 1), date(2026, 12, 3))
            )
            about = [("topic", "=", "absence"), ("res_id", "=", event.id)]
            for _run in range(2):
                self._job("kam.approval.delegation", "_cron_propose")
                self.assertEqual(self.env["kam.notice"].search(about).user_id, self.adam)
            delegation.create({"delegate_id": self.dora.id, **values})
            self.assertFalse(delegation.default_get(["date_from"]).get("date_from"))
            free = event.copy({"show_as": "free"})
            self.assertFalse(delegation._next_absence(self.gina, free.start_date))

    # What the exceptions are made of

    def test_quick_and_repeated_decisions_are_marked(self):
        self.route.step_ids[1].write({"group_id": self.group_exec.id, "always_ask": True})
        with freeze_time(TUESDAY):
            request = self._submit()
        with freeze_time(TUESDAY + timedelta(seconds=59)):
            self._as(request, self.adam).action_approve()
        with freeze_time(TUESDAY + timedelta(hours=1)):
            self._as(request, self.adam).action_approve()
        first, second = request.decision_ids.sorted("id")
        self.assertEqual((first.seconds_taken, first.is_repeated), (59, False))
        self.assertEqual((second.seconds_taken, second.is_repeated), (3541, True))

    # Under load

    def test_many_documents_need_few_queries_each(self):
        documents = self.env["kam.test.document"].with_user(self.rita)
        few, many = (
            documents.create([{"name": f"{n}", "value": n} for n in range(1, count + 1)])
            for count in (10, 40)
        )
        used = []
        for batch in (few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            batch.action_submit()
            self.env.flush_all()
            used.append(self.cr.sql_log_count - before)
        self.assertLessEqual((used[1] - used[0]) / 30, 10)
        steps = self.env["kam.approval.request.step"].with_user(self.adam)
        used = []
        for batch in (few, many):
            mine = steps.search([("is_mine", "=", True), ("request_id.res_id", "in", batch.ids)])
            self.assertEqual(len(mine), len(batch))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            mine.action_approve()
            self.env.flush_all()
            used.append(self.cr.sql_log_count - before)
        self.assertLessEqual((used[1] - used[0]) / 30, 10)

    @mute_logger("odoo.sql_db")
    def test_a_broken_snapshot_of_one_request_does_not_stop_the_others(self):
        self._timed([(0, "remind", False)])
        with freeze_time(TUESDAY):
            broken, fine = self._submit(), self._submit(self._new_document())
        self.cr.execute(
            "UPDATE kam_approval_request_step SET escalations = '[[0, \"tell\", 999999]]' "
            "WHERE request_id = %s",
            [broken.id],
        )
        with mute_logger("odoo.addons.key_account_mgmt.models.core.job_mixin"):
            self._watch(TUESDAY + timedelta(days=7))
        self.assertEqual(fine.step_ids[0].escalation_level, 1)

    # What stays readable

    def test_the_record_of_a_document_prints_every_round(self):
        request = self._two_parts()
        self._as(self.document, self.rita).terms = "30 days"
        second = self._submit()
        self._as(second.step_ids[1], self.gina).action_transfer(self.otto.id, "yours")
        self._as(second, self.otto).action_approve()
        report = self.env["ir.actions.report"].with_user(self.auditor).with_context(lang="en_US")
        html = report._render_qweb_html(
            "key_account_mgmt.action_report_approval_chain", request.ids
        )[0].decode()
        for text in ("Round 1", "Round 2", "other terms", "Gina", "Otto", "Transferred",
                     "nothing of it changed since", request.fingerprint):  # fmt: skip
            self.assertIn(text, html)

    def test_the_inbox_asks_the_database_the_same_for_few_and_many(self):
        documents = self.env["kam.test.document"].with_user(self.rita)
        steps = self.env["kam.approval.request.step"].with_user(self.adam)
        names = "document_name document_type partner_id amount reason votes highlights_html"
        names += " requester_id decided_before is_mine is_late"
        spec = {name: {} for name in names.split()}
        used = []
        for count in (5, 60):
            documents.create([{"name": f"{n}", "value": n} for n in range(count)]).action_submit()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            found = steps.web_search_read([("is_mine", "=", True)], spec, limit=300)
            used.append(self.cr.sql_log_count - before)
        self.assertEqual(found["length"], 65)
        self.assertLessEqual(used[1], used[0])
