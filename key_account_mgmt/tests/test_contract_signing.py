from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from .common import GROUP
from .common_legal import DAY, LegalCase


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestContractSigning(LegalCase):
    """Seals, signatures, in force, supplements.  S0-105, S0-106, S0-107, g Q17."""

    def _sign(self, contract):
        self._as(contract, self.drafter).action_sign()
        self.env.invalidate_all()

    # Seals

    def test_the_keeper_affixes_and_nobody_for_himself(self):
        contract = self._approved()
        seal = self.env.ref("key_account_mgmt.kam_seal_contract")
        seal.keeper_ids = self.drafter | self.officer
        request = self._as(self.env["kam.contract.seal"], self.drafter).create(
            {"contract_id": contract.id, "seal_id": seal.id, "copies": 6}
        )
        self.assertEqual(request.requested_by_id, self.drafter)
        for user in (self.drafter, self.lawyer, self.director):
            with self.assertRaises(AccessError):
                self._as(request, user).action_affix()
        told = self.env["kam.notice"].search([("topic", "=", "contract_seal")])
        self.assertEqual(told.user_id, self.officer)
        self._as(request, self.officer).action_affix()
        self.assertEqual((request.state, request.affixed_by_id), ("affixed", self.officer))
        for values in ({"copies": 1}, {"state": "requested"}, {"affixed_by_id": self.gm.id}):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._as(request, self.drafter).write(values)
        with self.assertRaises(UserError):
            self._as(request, self.drafter).unlink()

    def test_only_an_approved_contract_is_sealed(self):
        contract = self._contract()
        with self.assertRaises(UserError), self.cr.savepoint():
            self._seal(contract)
        self._submit(contract)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._seal(contract)
        with self.assertRaises(UserError):
            self._as(contract, self.drafter).action_sign()

    # Signatures

    def test_signed_when_nothing_is_missing(self):
        contract = self._approved()
        with self.assertRaisesRegex(UserError, "our seal"):
            self._sign(contract)
        self._seal(contract)
        signing = self._fill_signing(contract)
        for name, value in (
            ("our_name", "Zhao Cheng"),
            ("our_on", self.day),
            ("their_name", "Lu Jian"),
            ("their_on", self.day),
            ("their_seal", True),
            ("authority", True),
            ("place", "Archive A-3"),
        ):
            signing.write({name: False})
            with self.assertRaises(UserError, msg=name), self.cr.savepoint():
                self._sign(contract)
            signing.write({name: value})
        self.assertFalse(signing.missing)
        self._sign(contract)
        self.assertEqual(contract.signed_on, self.day)
        self.assertTrue(contract.number)
        self.assertTrue(contract._signed())
        for values in ({"place": "Elsewhere"}, {"scan_ids": [Command.clear()]}):
            with self.assertRaises(UserError), self.cr.savepoint():
                self._as(signing, self.drafter).write(values)
        for values in ({"signed_on": False}, {"is_current": False}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(signing, self.drafter).sudo().write(values)
        with self.assertRaises(UserError):
            signing.sudo().scan_ids.unlink()

    def test_the_customers_order_as_acceptance(self):
        """Users §3.6."""
        contract = self._approved()
        self._seal(contract)
        signing = self._fill_signing(
            contract, their_name=False, their_on=False, their_seal=False, authority=False
        )
        signing.write({"by_order": True})
        with self.assertRaisesRegex(UserError, "order"), self.cr.savepoint():
            self._sign(contract)
        signing.write({"order_reference": "PO 4711", "order_on": self.day})
        self._sign(contract)
        self.assertEqual(contract.signed_on, self.day)

    def test_a_signature_before_the_approval(self):
        contract = self._approved()
        self._seal(contract)
        signing = self._fill_signing(contract, our_on=self.day - DAY)
        with self.assertRaisesRegex(UserError, "approved on"), self.cr.savepoint():
            self._sign(contract)
        signing.write({"our_on": self.day, "their_on": self.day - 5 * DAY})
        self._sign(contract)
        self.assertEqual(contract.signed_on, self.day, "the later of both")

    def test_nobody_signs_tomorrow(self):
        contract = self._approved()
        with self.assertRaises(ValidationError):
            self._fill_signing(contract, their_on=self.day + DAY)

    def test_a_file_renamed_to_pdf(self):
        contract = self._approved()
        self._seal(contract)
        signing = self._fill_signing(contract)
        self.assertFalse(signing.scan_warning)
        scan = self._scan(raw=b"PK\x03\x04 no pdf")
        signing.sudo().write({"scan_ids": [Command.set(scan.ids)]})
        self.assertIn("is none", signing.scan_warning)
        with self.assertRaisesRegex(UserError, "called PDF"):
            self._sign(contract)

    def test_a_scan_of_forty_megabytes(self):
        """Kept; the page says that it is large."""
        contract = self._approved()
        self._seal(contract)
        signing = self._fill_signing(contract)
        scan = self._scan(raw=b"%PDF-1.7" + bytes(40 * 1024 * 1024))
        signing.sudo().write({"scan_ids": [Command.set(scan.ids)]})
        self.assertIn("large", signing.scan_warning)
        self._sign(contract)
        self.assertTrue(contract.signed_on)

    def test_what_is_signed_is_what_was_approved(self):
        contract = self._approved()
        self._seal(contract)
        self._fill_signing(contract)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE sale_order_line SET price_unit = 1 WHERE order_id = %s", [self.order.id]
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "new round"):
            self._sign(contract)

    def test_in_force_needs_a_project_manager(self):
        """Signed it is all the same.  S0-107."""
        contract = self._approved()
        contract.sudo().project_manager_id = False
        self._seal(contract)
        self._fill_signing(contract)
        self._sign(contract)
        self.assertTrue(contract.signed_on)
        self.assertEqual(contract.state, "to_sign")
        with self.assertRaisesRegex(UserError, "project manager"):
            self._as(contract, self.drafter).action_in_force()
        with self.assertRaises(UserError):
            self._as(contract, self.drafter).action_new_round()

    def test_the_deadline_of_signing(self):
        """30 days after the agreement; the type may say otherwise.  g Q17"""
        contract = self._contract()
        contract.sudo().sign_deadline = False
        self.assertEqual(contract._propose_sign_deadline(), self.day + 30 * DAY)
        contract.sudo().type_id.sign_days = 10
        self.assertEqual(contract._propose_sign_deadline(), self.day + 10 * DAY)

    def test_the_deadline_is_history_once_signed(self):
        """How punctually it was signed is measured by it.  S0-163."""
        contract = self._approved()
        mine = self._as(contract, self.drafter)
        mine.sign_deadline = self.day + 20 * DAY
        self._signed(contract)
        with self.assertRaisesRegex(UserError, "history"), self.cr.savepoint():
            mine.write({"sign_deadline": self.day + 90 * DAY})
        self.assertEqual(contract.sign_deadline, self.day + 20 * DAY)

    def test_lists_cost_the_same_for_more_contracts(self):
        contracts = self.env["kam.contract"].union(
            *(self._approved(self._contract(self._quoted(price=5000.0 + n))) for n in range(5))
        )
        for user, name in ((self.drafter, "to_sign"), (self.lawyer, "legal")):
            view = self.env.ref(f"key_account_mgmt.kam_contract_view_list_{name}")
            model = self._as(self.env["kam.contract"], user)
            spec = self._fields_spec(
                model, etree.fromstring(model.get_view(view.id, "list")["arch"])
            )
            used = []
            for count in (1, 2, 5):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.cr.sql_log_count
                model.web_search_read([("id", "in", contracts[:count].ids)], spec)
                used.append(self.cr.sql_log_count - before)
            self.assertLessEqual(used[2], used[1] + 2, (name, used))

    # After signature

    def test_after_signature_lines_open_no_round(self):
        """The order is just not what was signed any more."""
        contract = self._signed()
        self.assertTrue(contract._order_as_signed(self.order))
        self.order.order_line.price_unit = 4000.0
        self.env.invalidate_all()
        self.assertTrue(contract.signed_on)
        self.assertNotEqual(contract.state, "draft")
        self.assertFalse(contract._order_as_signed(self.order))
        self.order.order_line.price_unit = 5000.0
        self.assertTrue(contract._order_as_signed(self.order))
        self.assertFalse(contract._order_as_signed(self._quoted()), "no part of it")

    def test_a_new_round_by_the_drafter(self):
        contract = self._approved()
        with self.assertRaises(UserError):
            self._as(contract, self.drafter)._start_new_round(" ")
        wizard = self._as(self.env["kam.contract.reason.wizard"], self.drafter).create(
            {"step": "round", "contract_id": contract.id, "reason": "They want 60 days"}
        )
        wizard.action_confirm()
        self.env.invalidate_all()
        self.assertEqual(contract.state, "draft")
        self.assertEqual(contract.version_ids.end_reason, "They want 60 days")
        self._as(contract, self.drafter).payment_ids[:1].write({"event": "60 days"})
        self._submit(contract)
        self._pass_legal(contract)
        # What changed concerns neither the engineer nor whoever delivers.
        self._approve_by(contract, self.treasurer, self.director)
        self.assertEqual(contract.state, "to_sign")
        self.assertEqual(contract.version_ids.mapped("round"), [2, 1])

    def test_supplementary_agreements(self):
        """Its own rounds and signatures; the contract stays in force.  Design §4.5"""
        contract = self._signed()
        contract.sudo()._as_engine().write({"state": "in_force"})
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(contract, self.drafter).write({"amount_total": 1.0})
        action = self._as(contract, self.drafter).action_supplement()
        supplement = self.env["kam.contract"].browse(action["res_id"])
        self.assertEqual((supplement.parent_id, supplement.state), (contract, "draft"))
        with self.assertRaisesRegex(UserError, "changes"):
            self._as(supplement, self.drafter).action_submit()
        self._complete(
            supplement,
            supplement_text="Forty more sets",
            amount_total=200_000.0,
            date_to=self.day + 400 * DAY,
        )
        self.assertEqual(contract.amount_in_force, contract.amount_total)
        supplement.sudo()._as_engine().write({"state": "in_force", "signed_on": self.day})
        self.env.invalidate_all()
        self.assertEqual(contract.state, "in_force")
        self.assertEqual(contract.amount_in_force, contract.amount_total + 200_000.0)
        self.assertEqual(contract.date_to_in_force, self.day + 400 * DAY)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            contract.copy({"parent_id": supplement.id})

    def test_a_supplement_says_the_lines_anew(self):
        """Its approvers see them; they count once it is in force; the whole amount decides."""
        contract = self._signed()
        contract.sudo()._as_engine().write({"state": "in_force"})
        action = self._as(contract, self.drafter).action_supplement()
        supplement = self._as(self.env["kam.contract"], self.drafter).browse(action["res_id"])
        self._complete(supplement, supplement_text="A lower price", amount_total=-100_000.0)
        self.order.order_line.price_unit = 4000.0
        self.assertFalse(contract._order_as_signed(self.order))
        request = self._submit(supplement)
        self.assertEqual(request.amount, 400_000.0)
        self.order.order_line.price_unit = 4100.0
        self.env.invalidate_all()
        self.assertEqual(supplement.state, "draft")
        supplement.amount_total = -90_000.0
        self._approved(supplement)
        self.assertFalse(contract._order_as_signed(self.order))
        self._signed(supplement)
        self.assertEqual(supplement.state, "in_force")
        self.assertTrue(contract._order_as_signed(self.order))
        self.order.order_line.price_unit = 4000.0
        self.assertFalse(contract._order_as_signed(self.order))

    def test_a_supplement_is_decided_by_what_its_orders_come_to(self):
        """A changed price and an amount of nothing do not make a small contract of a large."""
        contract = self._signed()
        contract.sudo()._as_engine().write({"state": "in_force"})
        action = self._as(contract, self.drafter).action_supplement()
        supplement = self._as(self.env["kam.contract"], self.drafter).browse(action["res_id"])
        self._complete(supplement, supplement_text="Other prices", amount_total=0.0)
        self.order.order_line.price_unit = 60_000.0
        request = self._submit(supplement)
        self.assertEqual(request.amount, 6_000_000.0)
        self.assertIn("Other prices", request.highlights_html)
        self.assertIn(contract.number, request.summary_html)
        self.assertIn("General Manager", request.step_ids.mapped("name"))

    def test_nothing_is_added_to_what_has_ended(self):
        contract = self._signed()
        contract.sudo()._as_engine().write({"state": "in_force"})
        action = self._as(contract, self.drafter).action_supplement()
        supplement = self._as(self.env["kam.contract"], self.drafter).browse(action["res_id"])
        self._complete(supplement, supplement_text="One more", amount_total=1000.0)
        self._approved(supplement)
        contract.sudo()._as_engine().write({"state": "terminated"})
        with self.assertRaisesRegex(UserError, "not in force any more"):
            self._seal(supplement)

    def test_my_week(self):
        contract = self._approved()
        found = self._as(self.env["kam.week.item"], self.drafter).search(
            [("code", "=", "contract_sign"), ("res_id", "=", contract.id)]
        )
        self.assertEqual(found.user_id, self.drafter)

    def _week(self, code, user=None):
        items = self._as(self.env["kam.week.item"], user) if user else self.env["kam.week.item"]
        return items.search([("code", "=", code)])

    def test_a_seal_waits_in_the_week_of_its_keeper(self):
        """Who keeps a seal affixes it without reading contracts; nobody for himself.  S0-106."""
        contract = self._approved()
        keeper = self._new_user("keeper", GROUP % "member")
        seal = self.env.ref("key_account_mgmt.kam_seal_contract")
        seal.keeper_ids = keeper | self.drafter
        request = self._as(self.env["kam.contract.seal"], self.drafter).create(
            {"contract_id": contract.id, "seal_id": seal.id}
        )
        self.env.invalidate_all()
        self.assertFalse(self._as(contract, keeper).has_access("read"))
        item = self._week("contract_seal", keeper)
        self.assertEqual((item.user_id, item.res_id), (keeper, request.id))
        self.assertEqual(item.title, contract.display_name)
        self.assertEqual(item.action_open()["res_id"], request.id)
        mine = self._as(request, keeper)
        form = mine.get_view(view_type="form")
        spec = {name: {} for name in form["models"][mine._name]}
        spec |= {"contract_id": {"fields": {"display_name": {}}}}
        self.assertEqual(
            mine.web_read(spec)[0]["contract_id"]["display_name"], contract.display_name
        )
        mine.action_affix()
        self.env.invalidate_all()
        self.assertEqual(mine.state, "affixed")
        self.assertFalse(self._week("contract_seal"))
        self.assertTrue(mine.display_name, "kept where he can look it up")

    def test_without_a_keeper_the_seal_waits_for_legal(self):
        contract = self._approved()
        self._as(self.env["kam.contract.seal"], self.drafter).create(
            {
                "contract_id": contract.id,
                "seal_id": self.env.ref("key_account_mgmt.kam_seal_contract").id,
            }
        )
        self.assertIn(self._week("contract_seal").user_id, self.lawyer | self.lawyer2)

    def test_a_keeper_has_a_role(self):
        outsider = self._new_user("outsider", "base.group_user")
        with self.assertRaises(ValidationError):
            self.env.ref("key_account_mgmt.kam_seal_contract").keeper_ids = outsider

    def test_a_file_to_judge_waits_in_the_week_of_legal(self):
        """Users §2 (legal)."""
        contract = self._approved()
        self.assertFalse(self._week("contract_file"))
        self._as(self.env["ir.attachment"], self.drafter).create(
            {
                "name": "their v2.pdf",
                "raw": b"%PDF-1.7 two",
                "res_model": contract._name,
                "res_id": contract.id,
            }
        )
        item = self._week("contract_file", self.lawyer)
        self.assertEqual((item.user_id, item.res_id), (self.lawyer, contract.id))
        self._as(contract.sudo().file_change_ids, self.lawyer).action_editorial("A comma")
        self.assertFalse(self._week("contract_file"))
