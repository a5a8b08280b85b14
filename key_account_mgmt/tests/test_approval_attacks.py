from itertools import pairwise

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .fake_document import ApprovalCase

RECORDS = (
    "kam.approval.request",
    "kam.approval.request.step",
    "kam.approval.decision",
)


@tagged("post_install", "-at_install")
class TestApprovalAttacks(ApprovalCase):
    """Each road by which somebody might get an approval nobody gave."""

    def _assert_refused(self, attack, error=UserError):
        with self.assertRaises(error), mute_logger("odoo.models"), self.cr.savepoint():
            attack()
        self.env.invalidate_all()

    # The document's state

    def test_state_cannot_be_written_or_created(self):
        document = self._as(self.document, self.rita)
        model = document.browse()
        for attack in (
            lambda: document.write({"state": "approved"}),
            lambda: document.sudo().write({"state": "approved"}),
            lambda: document.web_save({"state": "approved"}, {}),
            lambda: document.with_context(kam_engine=True).write({"state": "approved"}),
            lambda: model.create({"name": "x", "state": "approved"}),
            lambda: model.sudo().create({"name": "x", "state": "approved"}),
            lambda: model.web_save({"name": "x", "state": "approved"}, {}),
        ):
            self._assert_refused(attack)
        self.assertEqual(document.copy({"state": "approved"}).state, "draft")
        self.assertEqual(self.document.state, "draft")

    def test_state_cannot_come_from_a_default(self):
        model = self.env["kam.test.document"].with_user(self.rita)
        forced = model.with_context(default_state="approved")
        self.assertEqual(forced.create({"name": "x"}).state, "draft")
        self.assertEqual(forced.sudo().create({"name": "x"}).state, "draft")
        self.env["ir.default"].with_user(self.rita).set(
            "kam.test.document", "state", "approved", user_id=True
        )
        self.assertEqual(model.create({"name": "x"}).state, "draft")
        created = forced.browse(forced.name_create("x")[0])
        self.assertEqual(created.state, "draft")

    def test_state_cannot_be_imported(self):
        model = self.env["kam.test.document"].with_user(self.rita)
        result = model.load(["name", "state"], [["x", "approved"]])
        self.assertFalse(result["ids"])
        self.assertFalse(model.search([("name", "=", "x")]))
        self.env["ir.model.data"].create(
            {
                "module": "__test__",
                "name": "fake",
                "model": "kam.test.document",
                "res_id": self.document.id,
            }
        )
        model.load(["id", "state"], [["__test__.fake", "Approved"]])
        self.assertEqual(self.document.state, "draft")

    def test_a_copy_of_an_approved_document_starts_as_a_draft(self):
        request = self._submit()
        self._as(request, self.adam).action_approve()
        self._as(request, self.gina).action_approve()
        copied = self._as(self.document, self.rita).copy()
        self.assertEqual(copied.state, "draft")
        self.assertFalse(copied.approval_request_ids)

    def test_a_server_action_passes_no_guard(self):
        """Neither one that writes, nor one that creates, run by an ordinary user."""
        field = self.env["ir.model.fields"]._get("kam.test.document", "state")
        values = {
            "name": "Approve",
            "model_id": self.env["ir.model"]._get_id("kam.test.document"),
            "state": "object_write",
            "update_path": "state",
            "evaluation_type": "value",
            "selection_value": field.selection_ids.filtered(lambda v: v.value == "approved").id,
        }
        action = self.env["ir.actions.server"].create(values)
        target = {"active_model": "kam.test.document", "active_ids": self.document.ids,
                  "active_id": self.document.id}  # fmt: skip
        for user in (self.rita, self.env.ref("base.user_admin")):
            self._assert_refused(lambda u=user: action.with_user(u).with_context(**target).run())
        self.assertEqual(self.document.state, "draft")

    def test_what_was_approved_low_is_not_raised_later(self):
        request = self._submit()
        self._as(self.document, self.rita).action_withdraw()
        self._as(self.document, self.rita).value = 1
        request = self._submit()
        self._as(request, self.adam).action_approve()
        self._as(request, self.gina).action_approve()
        self.assertEqual(self.document.state, "approved")
        self._assert_refused(lambda: self._as(self.document, self.rita).write({"value": 10**6}))
        self._assert_refused(lambda: self._as(self.document, self.rita).action_submit())

    # The records of the engine

    def test_records_cannot_be_written_created_copied_imported_or_deleted(self):
        request = self._submit()
        self._as(request, self.adam).action_approve()
        writes = {
            "kam.approval.request": {"state": "approved", "round": 7, "fingerprint": "x"},
            "kam.approval.request.step": {
                "state": "approved",
                "approver_ids": [(4, self.rita.id)],
                "fallback_user_id": self.rita.id,
            },
            "kam.approval.decision": {"kind": "refuse", "comment": "x", "user_id": self.otto.id},
        }
        for user in (self.rita, self.adam, self.otto, self.anna, self.env.ref("base.user_admin")):
            for name in RECORDS:
                record = self.env[name].search([], limit=1, order="id desc")
                for boundary in (record.with_user(user), record.with_user(user).sudo()):
                    attackable = boundary.with_context(
                        kam_engine=True, default_state="approved", install_mode=True
                    )
                    for field, value in writes[name].items():
                        self._assert_refused(lambda r=attackable, f=field, v=value: r.write({f: v}))
                        self._assert_refused(
                            lambda r=attackable, f=field, v=value: r.web_save({f: v}, {})
                        )
                    self._assert_refused(lambda r=attackable: r.unlink())
                    self._assert_refused(lambda r=attackable: r.copy())
                    self._assert_refused(lambda r=attackable: r.create({"request_id": request.id}))
        self.assertEqual(request.state, "pending")

    def test_no_context_of_a_client_deletes_what_happened(self):
        """``_force_unlink`` is what Odoo itself says while it uninstalls a module."""
        request = self._submit()
        delegation = self.env["kam.approval.delegation"].with_user(self.adam).create(
            {"delegate_id": self.dora.id, "date_from": "2020-01-01", "date_to": "2099-01-01"}
        )  # fmt: skip
        self._as(request, self.dora).action_approve()
        for record in (request, request.step_ids, request.decision_ids, self.document,
                       self.route, delegation):  # fmt: skip
            for user in (self.rita, self.adam, self.anna):
                forced = self._as(record, user).sudo().with_context(_force_unlink=True)
                self._assert_refused(forced.unlink)

    def test_decisions_cannot_be_imported(self):
        request = self._submit()
        decisions = self.env["kam.approval.decision"].with_user(self.adam)
        row = {
            "request_id/.id": str(request.id),
            "kind": "approve",
            "user_id/.id": str(self.gina.id),
            "approver_id/.id": str(self.gina.id),
            "decided_on": "2026-01-01 00:00:00",
            "fingerprint": request.fingerprint,
        }
        result = decisions.load(list(row), [list(row.values())])
        self.assertFalse(result["ids"])
        self.assertFalse(request.decision_ids)

    def test_steps_cannot_be_reached_through_the_request(self):
        request = self._submit()
        commands = [(1, request.step_ids[0].id, {"state": "approved"})]
        for boundary in (self._as(request, self.adam), self._as(request, self.adam).sudo()):
            self._assert_refused(lambda r=boundary: r.write({"step_ids": commands}))

    def test_defaults_do_not_enter_the_records(self):
        defaults = self.env["ir.default"].with_user(self.rita)
        defaults.set("kam.approval.request.step", "state", "approved", user_id=True)
        defaults.set("kam.approval.request.step", "decided_on", "2020-01-01 00:00:00", user_id=True)
        defaults.set("kam.approval.request", "decided_on", "2020-01-01 00:00:00", user_id=True)
        document = self._as(self.document, self.rita).with_context(
            default_state="approved",
            default_carried_decision_ids=[(4, 1)],
            default_round=9,
            default_cycle=7,
        )
        document.action_submit()
        request = document._approval_request()
        self.assertEqual((request.state, request.round, request.decided_on), ("pending", 1, False))
        self.assertEqual(request.step_ids.mapped("state"), ["pending", "waiting"])
        self.assertFalse(request.step_ids.carried_decision_ids)
        self.assertEqual(request.step_ids.mapped("cycle"), [1, 1])
        self.assertFalse(any(request.step_ids.mapped("decided_on")))

    # Who decides

    def test_nobody_approves_his_own_document(self):
        self.rita.group_ids += self.group_exec | self.group_gm
        request = self._submit()
        self.assertNotIn(self.rita, request.step_ids.approver_ids)
        self._assert_refused(lambda: self._as(request, self.rita).action_approve(), AccessError)
        self._assert_refused(
            lambda: self._as(request, self.rita).sudo().action_approve(), AccessError
        )

    def test_an_implied_group_is_not_membership(self):
        """The general manager's group includes the executive's: he is not asked there."""
        self.assertTrue(self.gina.has_group("key_account_mgmt.group_kam_executive"))
        request = self._submit()
        self.assertEqual(request.step_ids[0].approver_ids, self.adam)
        self._assert_refused(lambda: self._as(request, self.gina).action_approve(), AccessError)

    def test_neither_outsiders_nor_administrators_decide(self):
        request = self._submit()
        admin = self.env.ref("base.user_admin")
        for user in (self.otto, self.anna, self.auditor, admin, self.env.ref("base.user_root")):
            for boundary in (self._as(request, user), self._as(request, user).sudo()):
                self._assert_refused(lambda r=boundary: r.action_approve(), AccessError)
                self._assert_refused(
                    lambda r=boundary: r.step_ids[0].action_refuse("no"), AccessError
                )

    def test_joining_the_group_after_submission_gives_no_right(self):
        request = self._submit()
        self.otto.group_ids += self.group_exec
        self._assert_refused(lambda: self._as(request, self.otto).action_approve(), AccessError)
        self.adam.group_ids -= self.group_exec
        self._as(request, self.adam).action_approve()

    def test_a_decision_counts_once(self):
        request = self._submit()
        self._as(request, self.adam).action_approve()
        step = request.step_ids[0]
        self._assert_refused(lambda: self._as(step, self.adam).action_approve(), UserError)
        self._assert_refused(lambda: self._as(step, self.adam).action_refuse("no"), UserError)
        self.assertEqual(len(request.decision_ids), 1)

    def test_two_approvers_at_once_give_one_clear_error(self):
        request = self._submit()
        self.patch(type(request), "try_lock_for_update", lambda records, **kwargs: records.browse())
        with self.assertRaisesRegex(UserError, "Somebody else is deciding"):
            self._as(request, self.adam).action_approve()

    def test_a_vote_that_leaves_the_request_open_is_marked_on_it(self):
        """Else two last votes given at once, in two parallel steps, would miss each other
        and nobody would be left to close the request: the second has to start again."""
        request = self._submit()

        def version():
            self.env.flush_all()
            self.cr.execute("SELECT ctid FROM kam_approval_request WHERE id = %s", request.ids)
            return self.cr.fetchone()

        before = version()
        self._as(request, self.adam).action_approve()
        self.assertEqual(request.state, "pending")
        self.assertNotEqual(version(), before)

    def test_delegations_in_a_circle_give_nobody_anothers_right(self):
        """Adam to Dora, Dora to Otto, Otto to Adam: each only the one before him."""
        circle = (self.adam, self.dora, self.otto, self.adam)
        for user, delegate in pairwise(circle):
            self.env["kam.approval.delegation"].with_user(user).create(
                {"delegate_id": delegate.id, "date_from": "2020-01-01", "date_to": "2099-01-01"}
            )
        request = self._submit()
        self._assert_refused(lambda: self._as(request, self.otto).action_approve(), AccessError)
        self.assertEqual(self._as(request.step_ids[0], self.dora).is_mine, True)
        self.assertEqual(self._as(request.step_ids[0], self.otto).is_mine, False)
        self._as(request, self.dora).action_approve()

    def test_a_document_delegated_to_its_requester_is_not_his_to_approve(self):
        """Neither directly, nor by standing in, nor by a second group, nor by transfer."""
        self.env["kam.approval.delegation"].with_user(self.adam).create(
            {"delegate_id": self.rita.id, "date_from": "2020-01-01", "date_to": "2099-01-01"}
        )
        request = self._submit()
        self.rita.group_ids += self.group_exec | self.group_gm
        step = request.step_ids[0]
        self._assert_refused(lambda: self._as(step, self.rita).action_approve(), AccessError)
        for move in ("action_transfer", "action_add_approver"):
            self._assert_refused(lambda m=move: getattr(self._as(step, self.adam), m)(self.rita.id))

    def test_moves_belong_to_the_approver(self):
        request = self._submit()
        step = request.step_ids[0]
        for user in (self.rita, self.gina, self.otto, self.anna, self.auditor,
                     self.env.ref("base.user_admin")):  # fmt: skip
            mine = self._as(step, user).sudo()
            for attack in (
                lambda s=mine: s.action_return("x"),
                lambda s=mine: s.action_transfer(self.dora.id),
                lambda s=mine: s.action_add_approver(self.dora.id),
                lambda s=mine: s.action_copy(self.dora.ids),
            ):
                self._assert_refused(attack, AccessError)
            if user != self.rita:
                self._assert_refused(
                    lambda u=user: self._as(request, u).sudo().action_remind(), AccessError
                )
        self.assertFalse(request.decision_ids)

    def test_an_emptied_group_leaves_the_running_round_as_it_was(self):
        request = self._submit()
        self.group_exec.sudo().user_ids = [(5, 0, 0)]
        self.route.active = False
        self._as(request, self.adam).action_approve()
        self.assertEqual(request.step_ids[0].state, "approved")

    def test_an_approver_who_cannot_read_the_document_cannot_decide(self):
        request = self._submit()
        self.env["ir.rule"].create(
            {
                "name": "Own",
                "model_id": self.env["ir.model"]._get_id("kam.test.document"),
                "domain_force": "[('create_uid', '=', user.id)]",
            }
        )
        self._assert_refused(lambda: self._as(request, self.adam).action_approve(), AccessError)

    def test_the_inbox_field_opens_the_document_to_its_approver(self):
        self.env["ir.rule"].create(
            {
                "name": "Own or mine to approve",
                "model_id": self.env["ir.model"]._get_id("kam.test.document"),
                "domain_force": "['|', ('create_uid', '=', user.id), "
                "('approval_is_mine', '=', True)]",
            }
        )
        document = self._as(self.document, self.adam)
        self.assertFalse(document.has_access("read"))
        request = self._submit()
        self.assertTrue(document.has_access("read"))
        self.assertFalse(self._as(self.document, self.gina).has_access("read"))
        self._as(request, self.adam).action_approve()
        self.assertFalse(self._as(self.document, self.adam).has_access("read"))
        self.assertTrue(self._as(self.document, self.gina).has_access("read"))

    # What was decided about

    def test_a_submitted_document_is_locked(self):
        self._submit()
        document = self._as(self.document, self.rita)
        for boundary in (document, document.sudo(), document.with_context(kam_engine=1)):
            self._assert_refused(lambda r=boundary: r.write({"value": 1}), UserError)
        document.write({"note": "not part of the figures"})
        self._assert_refused(document.unlink, UserError)

    def test_figures_changed_behind_the_lock_cannot_be_approved(self):
        request = self._submit()
        self.env.cr.execute(
            "UPDATE kam_test_document SET value = 999 WHERE id = %s", [self.document.id]
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "changed after it was submitted"):
            self._as(request, self.adam).action_approve()
        self.assertEqual(request.state, "pending")

    def test_a_changed_file_cannot_be_approved(self):
        file = self.env["ir.attachment"].create(
            {
                "name": "figures.txt",
                "raw": b"1",
                "res_model": "kam.test.document",
                "res_id": self.document.id,
            }
        )
        request = self._submit()
        self.env.cr.execute("UPDATE ir_attachment SET checksum = 'x' WHERE id = %s", [file.id])
        self.env.invalidate_all()
        self._assert_refused(lambda: self._as(request, self.adam).action_approve(), UserError)

    def test_the_fingerprint_depends_on_nobodys_language_or_context(self):
        request = self._submit()
        self.adam.tz = "Asia/Shanghai"
        approver = self._as(request, self.adam).with_context(active_test=False, bin_size=True)
        approver.action_approve()

    def test_a_document_once_submitted_cannot_be_deleted(self):
        request = self._submit()
        self._as(request, self.adam).action_refuse("no")
        self._assert_refused(lambda: self._as(self.document, self.rita).unlink(), UserError)

    # Who sees it

    def test_who_reads_a_round(self):
        request = self._submit()
        readers = (self.rita, self.adam, self.gina, self.auditor)
        for user in (*readers, self.otto, self.anna, self.dora):
            allowed = user in readers
            for record in (request, request.step_ids[0]):
                self.assertEqual(self._as(record, user).has_access("read"), allowed, user.name)
                found = self.env[record._name].with_user(user).search([("id", "=", record.id)])
                self.assertEqual(bool(found), allowed, user.name)

    def test_routes_are_edited_by_administrators_only(self):
        for user in (self.rita, self.gina, self.auditor, self.otto):
            self._assert_refused(lambda u=user: self._as(self.route, u).write({"name": "x"}))
            self._assert_refused(
                lambda u=user: self._as(self.route.step_ids[0], u).write({"user_id": u.id})
            )
        self._as(self.route, self.anna).write({"name": "x"})

    def test_no_context_brings_an_archived_route_back(self):
        self._new_route("Old and easy", ["executive"], sequence=1).active = False
        document = self._as(self.document, self.rita).with_context(active_test=False)
        document.action_submit()
        self.assertEqual(document._approval_request().route_id, self.route)

    def test_another_company_sees_nothing(self):
        request = self._submit()
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self._new_user("stranger", "officer", company_id=other.id,
                                  company_ids=[(6, 0, other.ids)])  # fmt: skip
        self.assertFalse(self._as(request, stranger).has_access("read"))
