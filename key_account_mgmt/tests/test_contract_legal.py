from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL, mute_logger

from .common_legal import LegalCase


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestContractLegal(LegalCase):
    """Legal review and approval of contracts.  S0-102, S0-103, S0-104, S2-46, g Q16."""

    # The road

    def test_reviewed_in_parallel_then_decided(self):
        """Legal, technical, delivery and finance at once; the director afterwards."""
        contract = self._contract()
        request = self._submit(contract)
        self.assertEqual(contract.state, "legal")
        pending = request.step_ids.filtered(lambda s: s.state == "pending")
        self.assertEqual(len(pending), 4)
        self.assertEqual(
            pending.approver_ids,
            self.lawyer | self.lawyer2 | self.engineer | self.planner | self.treasurer,
        )
        self._pass_legal(contract)
        self.assertEqual(contract.state, "approval")
        self._approve_by(contract, self.engineer, self.planner, self.treasurer)
        self.assertEqual(contract.state, "approval")
        self._approve_by(contract, self.director)
        self.assertEqual(contract.state, "to_sign")
        self.assertEqual(contract.legal_risk, "low")
        self.assertTrue(contract.signing_id)
        self.assertTrue(contract.sign_deadline)

    def test_who_is_asked_depends_on_the_amount(self):
        """From one million the executive, from five the general manager.  g Q16."""
        for price, names in (
            (9999.99, {"Director"}),
            (10000.0, {"Director", "Executive"}),
            (49999.99, {"Director", "Executive"}),
            (50000.0, {"Director", "Executive", "General Manager"}),
        ):
            order = self._quoted(price=price)
            request = self._submit(self._contract(order))
            later = request.step_ids.filtered(lambda s: s.sequence > 1)
            self.assertEqual(set(later.mapped("name")), names, price)

    def test_a_small_contract_on_our_template(self):
        """One step beside legal, which an unchanged template skips.  S2-46."""
        self.env.ref("key_account_mgmt.kam_approval_step_contract_short_legal").sample_percent = 0
        contract = self._contract(self._quoted(price=900.0))
        request = self._submit(contract)
        self.assertEqual(request.step_ids.mapped("state"), ["skipped", "pending"])
        self.assertEqual(contract.state, "approval")
        self.assertIn("template", request.step_ids[0].remark)
        self._approve_by(contract, self.director)
        self.assertEqual(contract.state, "to_sign")

    def test_the_sample_is_reviewed_all_the_same(self):
        """Drawn once: submitting it again does not help."""
        step = self.env.ref("key_account_mgmt.kam_approval_step_contract_short_legal")
        step.sample_percent = 100
        contract = self._contract(self._quoted(price=900.0))
        self._submit(contract)
        self.assertEqual(contract.state, "legal")
        drawn = contract.sudo().legal_draw
        self.assertTrue(1 <= drawn <= 100)
        self._as(contract, self.drafter).action_withdraw()
        self._submit(contract)
        self.assertEqual(contract.sudo().legal_draw, drawn)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(contract, self.drafter).write({"legal_draw": 100})
        made = contract.copy({"legal_draw": 100})
        self.assertFalse(made.sudo().legal_draw)

    def test_a_changed_clause_brings_legal_back(self):
        step = self.env.ref("key_account_mgmt.kam_approval_step_contract_short_legal")
        step.sample_percent = 0
        contract = self._contract(self._quoted(price=900.0))
        contract.clause_ids[0].write({"text": "Something else"})
        self._submit(contract)
        self.assertEqual(contract.state, "legal")

    def test_a_reviewer_the_contract_does_not_name(self):
        """Shown before, with who will decide; not only when it is submitted."""
        contract = self._contract(technical_user_id=False)
        mine = self._as(contract, self.drafter)
        self.assertIn("Technical Reviewer", mine.problems)
        self.assertIn("Technical Reviewer", mine.route_preview)
        self.assertFalse(mine._deal_next())
        with self.assertRaisesRegex(UserError, "Technical Reviewer"), self.cr.savepoint():
            mine.action_submit()
        mine.technical_user_id = self.engineer
        self.assertFalse(mine.problems)
        self.assertEqual(mine._deal_next()[1], "action_submit")
        for user in (self.lawyer, self.engineer, self.planner, self.treasurer, self.director):
            self.assertIn(user.name, mine.route_preview)
        self.assertNotIn(self.gm.name, mine.route_preview)
        form = self._as(self._contract(self._quoted(price=50_000.0)), self.lawyer)
        self.assertIn(self.gm.name, form.route_preview, "from five million on")
        self._submit(contract)
        self.assertFalse(mine.route_preview)

    def test_nobody_of_legal_in_that_company(self):
        """People of another company are never asked; said before it is submitted."""
        other = self._new_company("Yunting Rail", self.cny)
        contract = self.env["kam.contract"].create(
            {
                "name": "Rail doors",
                "company_id": other.id,
                "own_partner_id": self.customer.id,
                "amount_total": 500_000.0,
            }
        )
        rows = {row[1]: row for row in contract._route_people()}
        self.assertIn("Yunting Rail", rows["Legal"][3])
        self.lawyer2.company_ids |= other
        rows = {row[1]: row for row in contract._route_people()}
        self.assertEqual(rows["Legal"][2:], (self.lawyer2.name, ""))

    def test_a_file_renamed_to_pdf(self):
        """Of the contract, before anybody is asked to read it."""
        contract = self._contract()
        file = self._file(contract, name="their contract.PDF")
        self.env.invalidate_all()
        mine = self._as(contract, self.drafter)
        self.assertIn("their contract.PDF", mine.problems)
        with self.assertRaisesRegex(UserError, "called PDF"), self.cr.savepoint():
            mine.action_submit()
        file.sudo().write({"raw": b"\n%PDF-1.7 their paper"})
        self._submit(contract)
        self.assertEqual(contract.state, "legal")

    # Legal

    def test_no_decision_without_grade_and_opinion(self):
        """Whatever road it takes.  S0-103."""
        contract = self._contract()
        request = self._submit(contract)
        step = request.step_ids.filtered("is_legal")
        for attempt in (
            lambda: self._as(step, self.lawyer).action_approve("fine"),
            lambda: self._as(step, self.lawyer).action_refuse("no"),
            lambda: self._as(step, self.lawyer).action_return("no"),
            lambda: self._as(request, self.lawyer).action_approve("fine"),
            lambda: self._review(contract, risk=False).action_pass(),
            lambda: self._review(contract, opinion="  ").action_pass(),
            lambda: self._review(contract, opinion=False).action_return(),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                attempt()
            self.env.invalidate_all()
        self.assertEqual(contract.state, "legal")

    def test_legal_reads_all_it_decides_about(self):
        """Prices and terms of quotations, too, without being a salesperson.  Users §2."""
        contract = self._contract()
        self._submit(contract)
        self._review(contract, risk="high", opinion="Liability").action_return()
        self.order.order_line.price_unit = 4000.0
        self._submit(contract)
        review = self._review(contract)
        self.assertFalse(review.env["sale.order"].has_access("read"))
        review.env.invalidate_all()
        form = review.get_view(view_type="form")
        values = review.read(list(form["models"][review._name]))[0]
        self.assertIn("4,000.00", values["differences_html"])
        self.assertIn("5,000.00", values["differences_html"])
        self.assertIn("Blacklist", values["party_check"])
        for record in (contract, contract.version_ids[0]):
            action = self._as(record, self.lawyer).action_compare()
            page = review.env[action["res_model"]].browse(action["res_id"])
            self.assertTrue(page.html)
        mine = self._as(contract, self.lawyer)
        form = mine.get_view(view_type="form")
        self.assertTrue(mine.read(list(form["models"][mine._name])))
        self.assertIn("not approval_is_mine or is_for_legal", form["arch"])

    def test_the_approval_sheet_prints_every_round(self):
        """For legal, the auditor and the drafter.  P16, P17."""
        contract = self._contract()
        self._submit(contract)
        self._review(contract, risk="high", opinion="Unlimited liability").action_return()
        contract.clause_ids[0].text = "Limited"
        self._approved(contract)
        for user in (self.lawyer, self.drafter, self.auditor):
            report = self.env["ir.actions.report"].with_user(user).with_context(lang="en_US")
            html = report._render_qweb_html(
                "key_account_mgmt.action_report_contract_approval", contract.ids
            )[0].decode()
            for text in ("Round 1", "Round 2", "Unlimited liability", "Usual terms", "Blacklist"):
                self.assertIn(text, html)
            html = report._render_qweb_html(
                "key_account_mgmt.action_report_contract_signing", contract.ids
            )[0].decode()
            for text in (contract.number, contract.amount_in_words, "our seal"):
                self.assertIn(text, html)

    def test_whoever_drafted_does_not_review(self):
        """Neither as legal, nor by delegation, nor by transfer."""
        self.drafter.group_ids |= self.env.ref("key_account_mgmt.group_kam_legal")
        contract = self._contract()
        request = self._submit(contract)
        step = request.step_ids.filtered("is_legal")
        self.assertNotIn(self.drafter, step.approver_ids)
        # Submitted by a colleague, drafted by him.
        self._as(contract, self.drafter).action_withdraw()
        contract.sudo().user_id = self.drafter
        self._as(contract, self.officer).action_submit()
        request = contract.sudo()._approval_request()
        step = request.step_ids.filtered("is_legal")
        self.assertNotIn(self.drafter, step.approver_ids)
        self.env["kam.approval.delegation"].with_user(self.lawyer).create(
            {
                "delegate_id": self.drafter.id,
                "date_from": "2026-01-01",
                "date_to": "2026-12-31",
            }
        )
        with self.assertRaises(AccessError):
            self._as(step, self.drafter).action_approve("mine")
        with self.assertRaises(UserError):
            self._as(contract, self.drafter).action_legal_review()
        with self.assertRaises(UserError):
            self._as(step, self.lawyer).action_transfer(self.drafter.id)

    def test_whoever_worded_a_clause_does_not_review(self):
        """He drafted that part, whosever contract it is."""
        self.lawyer.group_ids |= self.env.ref("key_account_mgmt.group_kam_commercial")
        contract = self._contract()
        self._as(contract.clause_ids[0], self.lawyer).write({"text": "Mine"})
        request = self._submit(contract)
        step = request.step_ids.filtered("is_legal")
        self.assertEqual(step.approver_ids, self.lawyer2)
        with self.assertRaises(UserError):
            self._as(step, self.lawyer2).action_transfer(self.lawyer.id)

    def test_a_vote_elsewhere_is_no_legal_review(self):
        """A lawyer who is in finance, too, is asked twice."""
        self.lawyer.group_ids |= self.env.ref("key_account_mgmt.group_kam_finance")
        contract = self._contract()
        request = self._submit(contract)
        finance = request.step_ids.filtered(lambda s: s.name == "Finance")
        self._as(finance, self.lawyer).action_approve("paid")
        self.env.invalidate_all()
        self.assertEqual(contract.state, "legal")

    def test_passed_with_conditions(self):
        """Ticked off within the round; the last one passes it.  Design §4.5."""
        contract = self._contract()
        request = self._submit(contract)
        review = self._review(
            contract,
            condition_ids=[
                Command.create({"name": "Letter of authority"}),
                Command.create({"name": "Insurance"}),
            ],
        )
        with self.assertRaisesRegex(UserError, "conditions"):
            review.action_pass()
        review.action_pass_with_conditions()
        self.env.invalidate_all()
        self.assertEqual((review.state, contract.state), ("conditions", "legal"))
        self.assertTrue(contract.has_conditions)
        told = self.env["kam.notice"].search([("topic", "=", "contract_condition")])
        self.assertEqual(told.user_id, self.drafter)
        one, two = review.condition_ids
        answer = self._as(one, self.drafter)
        answer.write({"answer": "Attached"})
        with self.assertRaises(UserError), self.cr.savepoint():
            answer.write({"name": "Nothing"})
        with self.assertRaises(UserError), self.cr.savepoint():
            answer.write({"is_met": True})
        with self.assertRaises(AccessError):
            answer.action_tick()
        self._as(one, self.lawyer).action_tick()
        self.assertEqual(contract.state, "legal")
        self._as(two, self.lawyer).action_tick()
        self.env.invalidate_all()
        self.assertEqual((review.state, contract.state), ("passed", "approval"))
        self.assertEqual(contract.sudo()._approval_request(), request, "within the round")
        with self.assertRaises(UserError):
            self._as(one, self.drafter).write({"answer": "Other"})

    def test_conditions_on_the_page(self):
        """Unsaved ones count for the button; the drafter's answer is saved with the contract."""
        contract = self._contract()
        self._submit(contract)
        review = self._review(contract)
        with Form(review) as form:
            with form.condition_ids.new() as line:
                line.name = "Letter of authority"
            self.assertEqual(form.open_condition_count, 1)
        review.action_pass_with_conditions()
        self.env.invalidate_all()
        with Form(self._as(contract, self.drafter)) as form:
            with form.condition_ids.edit(0) as line:
                line.answer = "Attached"
            self.assertTrue(form.has_conditions)
        self.assertEqual(review.condition_ids.answer, "Attached")

    def test_the_lawyer_leaves_with_open_conditions(self):
        """A colleague of legal ticks them off; the opinion is kept."""
        contract = self._contract()
        self._submit(contract)
        review = self._review(contract, condition_ids=[Command.create({"name": "Insurance"})])
        review.action_pass_with_conditions()
        self.lawyer.active = False
        self.env.invalidate_all()
        self._as(review.condition_ids, self.lawyer2).action_tick()
        self.env.invalidate_all()
        self.assertEqual(contract.state, "approval")
        self.assertEqual(review.sudo().reviewer_id, self.lawyer2)
        self.assertEqual(review.sudo().opinion, "Usual terms")

    def test_returned_and_the_opinion_stays(self):
        contract = self._contract()
        self._submit(contract)
        review = self._review(contract, risk="high", opinion="Unlimited liability")
        review.action_return()
        self.env.invalidate_all()
        self.assertEqual((contract.state, review.state), ("draft", "returned"))
        with self.assertRaises(UserError):
            self._as(review, self.lawyer).write({"opinion": "Fine"})
        for user in (self.lawyer, self.officer):
            with self.assertRaises(AccessError):
                self._as(review, user).unlink()

    def test_three_refused_rounds_can_still_be_read(self):
        """Refused by legal, by finance and by the director, then signed; nothing is lost."""
        contract = self._contract()

        def submit(number):
            contract.clause_ids[0].write({"text": f"Version {number}"})
            return self._submit(contract)

        def refuse(request, user, reason):
            self._as(request, user).action_refuse(reason)
            self.env.invalidate_all()

        submit(1)
        self._review(contract, opinion="No 1").action_refuse()
        self.env.invalidate_all()
        self.assertIn("No 1", self._as(contract, self.drafter).last_outcome)
        refuse(submit(2), self.treasurer, "No 2")
        request = submit(3)
        self._pass_legal(contract)
        self._approve_by(contract, self.engineer, self.planner, self.treasurer)
        refuse(request, self.director, "No 3")
        self.assertEqual(contract.state, "draft")
        versions = contract.version_ids.sorted("round")
        self.assertEqual(versions.mapped("round"), [1, 2, 3])
        self.assertEqual(set(versions.mapped("request_state")), {"refused"})
        for user in (self.drafter, self.lawyer, self.auditor):
            told = self._as(versions, user).mapped("outcome")
            for who, reason, text in zip(
                (self.lawyer, self.treasurer, self.director),
                ("No 1", "No 2", "No 3"),
                told,
                strict=True,
            ):
                self.assertIn(who.name, text)
                self.assertIn(reason, text)
        contract.clause_ids[0].write({"text": "Version 4"})
        self._signed(self._approved(contract))
        self.assertEqual(contract.version_ids.mapped("round"), [4, 3, 2, 1])
        versions = contract.version_ids.sorted("round")[:3]
        for version, number in zip(versions, (1, 2, 3), strict=True):
            texts = [text for _label, text in version._content()[1]["clauses"].values()]
            self.assertIn(f"Version {number}", " ".join(texts))
        page = self._as(contract, self.lawyer)._open_comparison(versions[0], versions[2])
        html = self.env[page["res_model"]].browse(page["res_id"]).html
        self.assertIn("<span", html)
        with self.assertRaises(AccessError):
            versions[0].sudo().write({"content": {}})
        with self.assertRaises(AccessError):
            versions[0].sudo().unlink()


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestContractRounds(LegalCase):
    """What opens a new round, later files, attacks."""

    def test_changed_lines_are_a_new_round(self):
        """By a colleague, by the portal: nothing is refused, the round ends."""
        for change in (
            # A colleague, then new prices of the list
            lambda order: order.order_line.write({"price_unit": 4000.0}),
            lambda order: order.order_line.write({"product_uom_qty": 101}),
            lambda order: order.order_line.unlink(),
            lambda order: (
                self.product.write({"list_price": 4500.0}),
                order.action_update_prices(),
            ),
            lambda order: order.write(
                {"order_line": [Command.create({"product_id": self.product.id})]}
            ),
            lambda order: order.write(
                {"payment_term_id": self.env.ref("account.account_payment_term_45days").id}
            ),
        ):
            order = self._quoted()
            contract = self._contract(order)
            request = self._submit(contract)
            change(order.with_user(self.env.ref("base.public_user")).sudo())
            self.env.invalidate_all()
            self.assertEqual((contract.state, request.state), ("draft", "returned"))
            self.assertTrue(contract.version_ids.end_reason)
        order = self._quoted()
        contract = self._contract(order)
        self._submit(contract)
        order.order_line.price_unit = 4900.0
        self.assertEqual(self._submit(contract).round, 2)
        self.assertEqual(contract.state, "legal")

    def test_an_order_merged_into_another(self):
        """Its lines go to the other one, it is cancelled: a new round, and it says which."""
        other = self._quoted(quantity=10)
        Contract = self._as(self.env["kam.contract"], self.drafter)
        contract = Contract._draft_from((self.order | other).with_env(Contract.env))
        self._complete(contract)
        self._submit(contract)
        other.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(contract.state, "draft")
        self.assertTrue(contract.version_ids.end_reason)
        self.assertIn(other.name, contract.problems)
        other.action_draft()
        self._approved(contract)
        other.action_cancel()
        self.env.invalidate_all()
        self.assertEqual(contract.state, "draft", "approved is not signed")

    def test_given_up(self):
        """Not while it is decided about; an approved one takes its checklist along."""
        contract = self._contract()
        self._submit(contract)
        with self.assertRaises(UserError):
            self._as(contract, self.drafter).action_cancel()
        self._as(contract, self.drafter).action_withdraw()
        self._approved(contract)
        self._as(contract, self.drafter).action_cancel()
        self.env.invalidate_all()
        self.assertEqual(contract.state, "cancelled")
        self.assertFalse(contract.signing_id)

    def test_what_changes_nothing_opens_no_round(self):
        contract = self._contract()
        self._submit(contract)
        self.order.order_line.write({"price_unit": 5000.0, "sequence": 3})
        self.order.write({"client_order_ref": "PO 7", "note": "Hello"})
        self.assertEqual(contract.state, "legal")

    def test_changed_behind_everybody_is_refused(self):
        """Whatever road the change took, no decision on other figures."""
        contract = self._contract()
        request = self._submit(contract)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE sale_order_line SET price_unit = 1 WHERE order_id = %s", [self.order.id]
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "changed after"):
            self._as(request, self.treasurer).action_approve("ok")
        with self.assertRaisesRegex(UserError, "changed after"):
            self._review(contract).action_pass()

    def test_approved_then_changed(self):
        contract = self._approved()
        self.order.order_line.price_unit = 4999.0
        self.env.invalidate_all()
        self.assertEqual(contract.state, "draft")
        self.assertFalse(contract.signing_id)
        self.assertFalse(contract.signed_on)

    def test_a_new_round_asks_only_what_changed(self):
        """Finance decides about payments, technical about lines and clauses."""
        contract = self._reviewed(self._contract())
        self._as(contract, self.drafter).action_withdraw()
        self._as(contract, self.drafter).payment_ids[:1].write({"event": "Other"})
        request = self._submit(contract)
        by_name = {step.name: step.state for step in request.step_ids}
        self.assertEqual(by_name["Finance"], "pending")
        self.assertEqual(by_name["Technical"], "skipped")
        self.assertEqual(by_name["Delivery"], "skipped")
        self.assertEqual(by_name["Legal"], "pending", "legal decides about everything")

    def test_the_route_changes_during_a_round(self):
        contract = self._contract()
        request = self._submit(contract)
        route = request.route_id
        route.step_ids.filtered("is_legal").unlink()
        self.assertEqual(contract.state, "legal")
        self._pass_legal(contract)
        self.assertEqual(contract.state, "approval")

    # Files

    def test_a_later_file_goes_back_to_legal(self):
        """Material is a new round, editorial has a reason; nobody signs before.  §4.5"""
        contract = self._approved()
        file = self._file(contract)
        row = contract.file_change_ids
        self.assertEqual((row.attachment_id, row.verdict), (file, "new"))
        self.assertTrue(contract.has_open_file)
        with self.assertRaisesRegex(UserError, "legal judges"):
            self._seal(contract)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(row, self.drafter).action_editorial("a comma")
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(row, self.director).action_editorial("a comma")
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(row, self.lawyer).action_editorial(" ")
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(row, self.lawyer).sudo().write({"verdict": "editorial"})
        self._as(row, self.lawyer).action_editorial("A comma moved by their lawyer")
        self.env.invalidate_all()
        self.assertEqual(contract.state, "to_sign")
        self.assertFalse(contract.has_open_file)
        for attack in (lambda: file.write({"raw": b"other"}), file.unlink):
            with self.assertRaises(UserError), self.cr.savepoint():
                attack()
        other = self._file(contract, name="v3.docx")
        row = contract.file_change_ids.filtered(lambda r: r.attachment_id == other)
        self._as(row, self.lawyer).action_material("The price is another one")
        self.env.invalidate_all()
        self.assertEqual(contract.state, "draft")
        self.assertIn("price", contract.version_ids.end_reason)

    def test_legals_own_copy_is_no_new_version(self):
        contract = self._contract()
        self._submit(contract)
        review = self._review(contract)
        copy = self._as(self.env["ir.attachment"], self.lawyer).create(
            {
                "name": "marked.docx",
                "raw": b"red",
                "res_model": review._name,
                "res_id": review.id,
            }
        )
        review.write({"file_ids": [Command.link(copy.id)]})
        self.assertFalse(contract.sudo().file_change_ids)
        review.action_pass()
        self.env.invalidate_all()
        self.assertEqual(contract.state, "approval")
        with self.assertRaises(UserError):
            copy.sudo().unlink()

    def test_legals_own_copy_beside_the_contract(self):
        """Sent in the chatter, it is known and judged by who brought it; nothing waits."""
        contract = self._contract()
        self._submit(contract)
        file = self._file(contract, self.lawyer, "marked.docx")
        row = contract.sudo().file_change_ids
        self.assertEqual((row.attachment_id, row.verdict), (file, "editorial"))
        self.assertEqual(row.judged_by_id, self.lawyer)
        self.assertFalse(contract.has_open_file)
        self.assertEqual(contract.state, "legal")
        # Not of whoever drafted, legal or not.
        self.drafter.group_ids |= self.env.ref("key_account_mgmt.group_kam_legal")
        self._file(contract, self.drafter, "v9.docx")
        self.assertTrue(contract.has_open_file)

    def test_the_reviewer_leaves_during_a_round(self):
        """Another one is named; what the others decided is carried over."""
        contract = self._contract()
        self._submit(contract)
        self._approve_by(contract, self.planner)
        self.engineer.active = False
        contract = self._as(contract, self.drafter)
        contract.action_withdraw()
        with self.assertRaises(UserError), self.cr.savepoint():
            contract.action_submit()
        contract.technical_user_id = self.user
        request = self._submit(contract)
        by_name = {step.name: step for step in request.step_ids}
        self.assertEqual(by_name["Technical"].approver_ids, self.user)
        self.assertEqual(by_name["Delivery"].state, "skipped")
        self.assertEqual(by_name["Delivery"].carried_decision_ids.approver_id, self.planner)

    def test_two_of_legal_at_once(self):
        """Whoever comes second is told; one opinion counts."""
        contract = self._contract()
        self._submit(contract)
        mine = self._review(contract)
        hers = self._review(contract, self.lawyer2, opinion="Mine")
        self.assertEqual(mine, hers)
        mine.action_pass()
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            hers.action_pass()
        self.assertEqual(mine.sudo().reviewer_id, self.lawyer)
        with self.assertRaises(UserError):
            self._as(contract, self.lawyer2).action_legal_review()

    def _copied(self, table, values, sources):
        """Rows of ``table`` again, by SQL: ``values`` are columns or expressions over n."""
        self.cr.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table]
        )
        kept = [name for (name,) in self.cr.fetchall() if name not in {"id", *values}]
        columns = SQL(", ").join(SQL.identifier(name) for name in kept)
        self.cr.execute(
            SQL(
                "INSERT INTO %s (%s, %s) SELECT %s, %s FROM %s, unnest(%s) n WHERE %s RETURNING id",
                SQL.identifier(table),
                columns,
                SQL(", ").join(SQL.identifier(name) for name in values),
                columns,
                SQL(", ").join(SQL(text) for text in values.values()),
                SQL.identifier(table),
                sources[1],
                sources[0],
            )
        )
        return [row for (row,) in self.cr.fetchall()]

    def _crowd(self, count):
        """So many contracts more wait for everybody of the first stage."""
        contract = self._contract(self._quoted(price=700.0))
        request = self._submit(contract)
        self.env.flush_all()
        contracts = self._copied(
            "kam_contract", {"lead_id": "NULL"}, (SQL("id = %s", contract.id), list(range(count)))
        )
        requests = self._copied(
            "kam_approval_request",
            {"res_id": "n"},
            (SQL("id = %s", request.id), contracts),
        )
        self._copied(
            "kam_approval_request_step",
            {"request_id": "n"},
            (SQL("request_id = %s", request.id), requests),
        )
        people = request.step_ids._fields["approver_ids"]
        self.cr.execute(
            SQL(
                "INSERT INTO %(rel)s (%(step)s, %(user)s) SELECT s.id, r.%(user)s FROM %(rel)s r "
                "JOIN kam_approval_request_step o ON o.id = r.%(step)s AND o.request_id = %(old)s "
                "JOIN kam_approval_request_step s ON s.origin_step_id = o.origin_step_id "
                "AND s.request_id = ANY(%(new)s)",
                rel=SQL.identifier(people.relation),
                step=SQL.identifier(people.column1),
                user=SQL.identifier(people.column2),
                old=request.id,
                new=requests,
            )
        )
        self.env.invalidate_all()
        mine = self._as(self.env["kam.approval.request.step"], self.engineer)
        self.assertGreaterEqual(mine.search_count([("is_mine", "=", True)]), count)

    def test_many_contracts_need_few_queries_each(self):
        """At most ten each with three hundred pending, submitted and decided."""
        few, many = (
            self.env["kam.contract"].union(
                *(self._contract(self._quoted(price=900.0 + n)) for n in range(count))
            )
            for count in (3, 13)
        )
        warm = self._contract(self._quoted(price=899.0))
        both = self._as(warm | few | many, self.drafter)
        # By the long road.
        self.env.ref("key_account_mgmt.kam_approval_route_contract_short").active = False
        self._crowd(300)

        def cost(what):
            used = []
            for batch in (warm, few, many):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                what(batch)
                self.env.flush_all()
                used.append(self.cr.sql_log_count - before)
            return (used[2] - used[1]) / 10

        def approve(user):
            def by(batch):
                steps = self.env["kam.approval.request.step"].with_user(user)
                domain = [("is_mine", "=", True), ("request_id.res_id", "in", batch.ids)]
                steps.search(domain).action_approve("ok")

            return by

        costs = {"submit": cost(lambda batch: self._as(batch, self.drafter).action_submit())}
        for contract in both:
            self._review(contract)
        reviews = self._as(both.sudo().review_ids, self.lawyer)
        costs["legal"] = cost(
            lambda batch: reviews.filtered(lambda r: r.contract_id in batch).action_pass()
        )
        for name, user in (
            ("technical", self.engineer),
            ("delivery", self.planner),
            ("finance", self.treasurer),
            ("director", self.director),
        ):
            costs[name] = cost(approve(user))
        self.assertEqual(set(both.mapped("state")), {"to_sign"})
        self.assertLessEqual(max(costs.values()), 10, costs)

    def test_what_waits_makes_no_decision_dearer(self):
        """Submitting and deciding cost the same whether three contracts wait or three hundred."""
        self.env.ref("key_account_mgmt.kam_approval_route_contract_short").active = False
        few, first, second, warm = (
            self.env["kam.contract"].union(
                *(self._contract(self._quoted(price=price + n)) for n in range(count))
            )
            for price, count in ((900.0, 3), (800.0, 1), (810.0, 1), (820.0, 1))
        )

        def cost(what):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            what()
            self.env.flush_all()
            return self.cr.sql_log_count - before

        def costs(contract):
            submit = cost(self._as(contract, self.drafter).action_submit)
            steps = self._as(self.env["kam.approval.request.step"], self.engineer)
            domain = [("is_mine", "=", True), ("request_id.res_id", "=", contract.id)]
            return submit, cost(lambda: steps.search(domain).action_approve("ok"))

        self._as(few, self.drafter).action_submit()
        costs(warm)
        with_few = costs(first)
        self._crowd(300)
        with_many = costs(second)
        for less, more in zip(with_few, with_many, strict=True):
            self.assertLessEqual(more, less + 2, (with_few, with_many))

    def test_whoever_runs_it_is_asked_about_delivery(self):
        """Named later, too; somebody else who was named stays."""
        contract = self._contract(project_manager_id=False, delivery_user_id=False)
        contract.write({"project_manager_id": self.planner.id})
        self.assertEqual(contract.delivery_user_id, self.planner)
        contract.write({"project_manager_id": self.engineer.id})
        self.assertEqual(contract.delivery_user_id, self.planner)

    def test_another_file_is_shown_as_soon_as_it_is_chosen(self):
        """Side by side, without saving first."""
        contract = self._contract()
        files = self.env["ir.attachment"].create(
            [
                {
                    "name": name,
                    "raw": raw,
                    "res_model": contract._name,
                    "res_id": contract.id,
                }
                for name, raw in (
                    ("a.pdf", b"%PDF-1.7 a"),
                    ("b.pdf", b"%PDF-1.7 b"),
                    ("c.txt", b"c"),
                )
            ]
        )
        other = self.env["ir.attachment"].create({"name": "x.pdf", "raw": b"%PDF-1.7 x"})
        self._submit(contract)
        action = self._as(contract, self.lawyer).action_compare()
        page = self._as(self.env[action["res_model"]].browse(action["res_id"]), self.lawyer)
        self.assertEqual(page.left_pdf, f"/web/content/{files[1].id}")
        self.assertFalse(page.right_pdf)
        form = Form(page)
        form.right_file_id = files[0].with_env(page.env)
        self.assertEqual(form.right_pdf, f"/web/content/{files[0].id}")
        page.right_file_id = other
        self.assertFalse(page.right_pdf, "of this contract only")

    def test_a_file_taken_back_or_submitted_again(self):
        contract = self._contract()
        self._submit(contract)
        file = self._file(contract)
        self.assertTrue(contract.file_change_ids)
        file.sudo().unlink()
        self.env.invalidate_all()
        self.assertFalse(contract.file_change_ids)
        self._file(contract)
        self._as(contract, self.drafter).action_withdraw()
        self._submit(contract)
        self.assertFalse(contract.file_change_ids, "part of the new round")

    # Attacks

    def test_roads_to_an_approval_nobody_gave(self):
        """State, round, opinions, verdicts: nobody's to write.  Design §5."""
        contract = self._contract()
        self._submit(contract)
        review = self._review(contract)
        for user in (self.drafter, self.lawyer, self.officer, self.gm, self.admin):
            mine = self._as(contract, user)
            for values in ({"state": "to_sign"}, {"state": "in_force"}, {"signed_on": self.day}):
                with self.assertRaises(UserError), self.cr.savepoint():
                    mine.sudo().with_context(kam_engine=True).write(values)
            with self.assertRaises(UserError), self.cr.savepoint():
                self._as(review, user).sudo().write({"state": "passed"})
            for name in ("legal.review", "version", "file", "signing"):
                model = (
                    mine.sudo()
                    .env[f"kam.contract.{name}"]
                    .with_context(default_state="passed", default_verdict="editorial")
                )
                with (
                    self.assertRaises(UserError),
                    mute_logger("odoo.sql_db"),
                    self.cr.savepoint(),
                ):
                    model.create({"contract_id": contract.id})
        copied = contract.copy()
        self.assertEqual(copied.state, "draft")
        self.assertFalse(copied.version_ids | copied.version_ids.browse())

    def test_the_content_is_locked(self):
        contract = self._contract()
        self._submit(contract)
        for values in (
            {"amount_total": 1.0},
            {"clause_ids": [Command.clear()]},
            {"payment_ids": [Command.clear()]},
            {"date_to": self.day},
            {"user_id": self.lawyer.id},
        ):
            with self.assertRaises(UserError, msg=values), self.cr.savepoint():
                self._as(contract, self.officer).write(values)
        for lines in (contract.clause_ids, contract.payment_ids):
            for line in lines[:1]:
                with self.assertRaises(UserError), self.cr.savepoint():
                    self._as(line, self.officer).unlink()

    def test_party_check(self):
        contract = self._contract()
        checks = {code: level for code, _l, _v, level in contract._party_check()}
        self.assertEqual(checks["credit_code"], "ok")
        self.assertEqual(checks["authority"], "warn")
        self.assertEqual(checks["blacklist"], "ok")
        self.env.flush_all()
        self.cr.execute(
            "UPDATE kam_account SET state = 'blacklisted' WHERE id = %s", [self.account.id]
        )
        self.env.invalidate_all()
        checks = {code: level for code, _l, _v, level in contract._party_check()}
        self.assertEqual(checks["blacklist"], "bad")
        self.assertIn("lacklist", " ".join(contract._approval_highlights()))

    def test_every_button_leads_legal_to_the_opinion(self):
        """From the contract, from the request, from the list of steps."""
        contract = self._contract()
        request = self._submit(contract)
        step = request.step_ids.filtered("is_legal")
        for action in (
            self._as(contract, self.lawyer).action_approve_document(),
            self._as(contract, self.lawyer).action_return_document(),
            self._as(request, self.lawyer).action_open_approve(),
            self._as(step, self.lawyer).action_open_refuse(),
        ):
            self.assertEqual(action["res_model"], "kam.contract.legal.review")
        self.assertEqual(len(contract.sudo().review_ids), 1)
        action = self._as(contract, self.treasurer).action_approve_document()
        self.assertEqual(action["res_model"], "kam.approval.decision.wizard")

    def test_another_currency(self):
        """Routes compare in company currency.  Design §5."""
        self.env["res.currency.rate"].search([("currency_id", "=", self.usd.id)]).unlink()
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "rate": 0.125,
            }
        )
        contract = self.env["kam.contract"].create(
            {
                "name": "Overseas",
                "company_id": self.company.id,
                "own_partner_id": self.customer.id,
                "currency_id": self.usd.id,
                "amount_total": 200_000.0,
            }
        )
        self.assertEqual(contract._approval_amount(), 1_600_000.0)

    def test_who_reads_the_papers_of_a_contract(self):
        contract = self._contract()
        self._submit(contract)
        review = self._review(contract)
        stranger = self._new_user("stranger", "key_account_mgmt.group_kam_member")
        for records in (review, contract.version_ids):
            self.assertFalse(self._as(records.sudo(False), stranger).has_access("read"))
            self.assertFalse(self._as(records.browse(), stranger).search([]))
            self.assertTrue(self._as(records.sudo(False), self.lawyer).has_access("read"))
            self.assertTrue(self._as(records.sudo(False), self.officer).has_access("read"))
