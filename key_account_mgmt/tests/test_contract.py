"""Drafting of contracts: from what, with what, by whom.  (c8), S0-99 … S0-102."""

from datetime import date, timedelta

from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged

from ..models.core.guarded import ENGINE
from .common import GROUP, KamCase
from .common_legal import LegalCase

AREA = GROUP % "area_contract"


class DraftCase(KamCase):
    """``cls.drafter`` is commercial and sells; ``cls.user`` leads the account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref(AREA)
        cls.drafter = cls._new_user("drafter", GROUP % "user")
        cls.drafter.group_ids |= cls.env.ref(GROUP % "commercial")
        cls.drafter.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.user.group_ids |= cls.env.ref("sales_team.group_sale_salesman_all_leads")
        cls.customer = cls._customer("Tianheng")
        cls.account = cls._account(cls.customer, cls.user)
        cls.product = cls.env["product.product"].create(
            {"name": "Door operator", "list_price": 5000.0, "taxes_id": False}
        )
        cls.single = cls.env.ref("key_account_mgmt.kam_contract_type_single")
        cls.order = cls._quoted()

    @classmethod
    def _quoted(cls, partner=None, quantity=100):
        line = {"product_id": cls.product.id, "product_uom_qty": quantity, "price_unit": 5000.0}
        return cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "company_id": cls.company.id,
                "user_id": cls.drafter.id,
                "order_line": [Command.create(line)],
            }
        )

    def _draft(self, record=None, user=None):
        Contract = self._as(self.env["kam.contract"], user or self.drafter)
        return Contract._draft_from((record or self.order).with_env(Contract.env))

    def _with_lead(self):
        lead = self.env["crm.lead"].create(
            {"name": "Line 7", "type": "opportunity", "partner_id": self.customer.id}
        )
        self.order.opportunity_id = lead
        return self._draft(), lead

    def _area(self, name, on=True):
        groups = self.env.ref("base.group_user").sudo()
        area = self.env.ref(GROUP % f"area_{name}")
        groups.implied_ids = [Command.link(area.id) if on else Command.unlink(area.id)]


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestContract(DraftCase):
    """From what a contract is drafted, and what stops it."""

    def test_one_click_from_a_quotation(self):
        """Customer, amount, clauses and payments are there; S0-99 … S0-101."""
        contract = self._draft()
        self.assertEqual(contract.partner_id, self.customer)
        self.assertEqual(contract.account_id, self.account)
        self.assertEqual(contract.amount_total, self.order.amount_total)
        self.assertEqual(self.order.kam_contract_id.id, contract.id)
        self.assertEqual(contract.user_id, self.drafter)
        self.assertEqual(len(contract.clause_ids), 10)
        self.assertEqual(len(contract.clause_ids.filtered("is_mandatory")), 6)
        shares = contract.payment_ids.mapped(lambda p: (p.kind, p.percent))
        self.assertEqual(shares, [("advance", 30), ("delivery", 60), ("retention", 10)])
        self.assertEqual(sum(contract.payment_ids.mapped("amount")), contract.amount_total)
        price = contract.clause_ids.filtered(lambda c: c.code == "price")
        self.assertIn("人民币伍拾万元整", price.text)
        self.assertFalse(any(contract.clause_ids.mapped("is_changed")))

    def test_only_commercial_drafts(self):
        with self.assertRaises(AccessError):
            self._draft(user=self.user)

    def test_a_quotation_has_one_contract(self):
        contract = self._draft()
        with self.assertRaisesRegex(UserError, "already"):
            self._draft()
        action = self._as(self.order, self.drafter).action_kam_contract()
        self.assertEqual(action["res_id"], contract.id)

    def test_quotations_of_two_customers(self):
        other = self._quoted(self._customer("Jiayi"))
        with self.assertRaisesRegex(UserError, "one customer"):
            self._draft(self.order | other)

    def test_a_cancelled_quotation(self):
        self.order._action_cancel()
        with self.assertRaisesRegex(UserError, "cancelled"):
            self._draft()

    def test_the_amount_follows_the_orders(self):
        """Lines changed by a colleague before submission."""
        contract = self._draft()
        self.order.order_line.product_uom_qty = 120
        contract._follow_orders()
        self.assertEqual(contract.amount_total, 600_000.0)
        self.assertEqual(sum(contract.payment_ids.mapped("amount")), 600_000.0)
        price = contract.clause_ids.filtered(lambda c: c.code == "price")
        self.assertIn("人民币陆拾万元整", price.text)

    def test_a_colleague_changes_the_lines(self):
        """The draft says so at once, also when whoever sells does not draft."""
        contract = self._draft()
        own = contract.clause_ids.filtered(lambda c: c.code == "quality")
        own.text = "As agreed by telephone"
        self._as(self.order, self.user).order_line.write({"product_uom_qty": 120, "discount": 10})
        self.assertEqual(contract.amount_total, 540_000.0)
        self.assertEqual(sum(contract.payment_ids.mapped("amount")), 540_000.0)
        text = contract.clause_ids.filtered(lambda c: c.code == "specification").text
        self.assertIn("Door operator: 120 Units ×", text.replace("\xa0", " "))
        self.assertIn("4,500.00", text)
        self.assertEqual(own.text, "As agreed by telephone")
        self.order.order_line.product_uom_qty = 1_200_000
        text = contract.clause_ids.filtered(lambda c: c.code == "specification").text
        self.assertIn("1,200,000", text)

    def test_another_quotation_is_put_under_it(self):
        contract = self._draft()
        other = self._quoted(quantity=20)
        self._as(other, self.drafter).kam_contract_id = contract
        self.assertEqual(contract.amount_total, 600_000.0)
        self._as(other, self.drafter).kam_contract_id = False
        self.assertEqual(contract.amount_total, 500_000.0)

    def test_in_another_currency(self):
        """The contract is in the currency of its quotation; another one does not fit."""
        pricelist = self.env["product.pricelist"].create(
            {"name": "USD", "currency_id": self.env.ref("base.USD").id}
        )
        self.env.ref("base.USD").active = True
        dollars = self._quoted()
        dollars.pricelist_id = pricelist
        contract = self._draft()
        with self.assertRaises(ValidationError):
            self._as(dollars, self.drafter).kam_contract_id = contract
        foreign = self._draft(dollars)
        self.assertEqual(foreign.currency_id.name, "USD")
        self.assertTrue(foreign.amount_in_words.startswith("美元"))
        self.assertEqual(foreign.amount_total, dollars.amount_total)
        with self.assertRaisesRegex(UserError, "currency"):
            self._draft(self._quoted() | self._order_in(pricelist))
        foreign.currency_id = self.cny
        self.assertIn("currency", "".join(foreign._contract_problems()))

    def _order_in(self, pricelist):
        order = self._quoted()
        order.pricelist_id = pricelist
        return order

    def test_a_quotation_cancelled_and_renewed(self):
        """It counts no more while it is cancelled, and stays under its contract."""
        contract = self._draft()
        other = self._quoted(quantity=20)
        self._as(other, self.drafter).kam_contract_id = contract
        other._action_cancel()
        contract._follow_orders()
        self.assertEqual(contract.amount_total, 500_000.0)
        self.assertIn("was cancelled", "".join(contract._contract_problems()))
        other.action_draft()
        contract._follow_orders()
        self.assertEqual(contract.amount_total, 600_000.0)
        self.assertNotIn("was cancelled", "".join(contract._contract_problems()))

    def test_in_another_company(self):
        other = self._new_company("Yunting Rail", self.cny)
        line = {"product_id": self.product.id, "price_unit": 5000.0}
        foreign = (
            self.env["sale.order"]
            .with_company(other)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": other.id,
                    "order_line": [Command.create({**line, "tax_ids": [Command.clear()]})],
                }
            )
        )
        contract = self._draft()
        with self.assertRaises(ValidationError):
            foreign.with_context(kam_engine=ENGINE).kam_contract_id = contract
        self.drafter.company_ids |= other
        both = (self._quoted() | foreign).with_user(self.drafter)
        with self.assertRaisesRegex(UserError, "company"):
            both.env["kam.contract"]._draft_from(both)

    def test_a_policy_of_another_company(self):
        other = self._new_company("Yunting Rail", self.cny)
        foreign = self.single.copy({"company_id": other.id, "code": "YR"})
        contract = self._draft()
        with self.assertRaisesRegex(ValidationError, "another company"):
            contract.type_id = foreign

    def test_one_click_from_an_agreement(self):
        """Amount, currency and deadline of what was agreed; pressed twice: one contract."""
        negotiation = self._agreed(self.order)
        contract = self._draft(negotiation)
        self.assertEqual(contract.negotiation_id.id, negotiation.id)
        self.assertEqual(contract.order_ids.ids, self.order.ids)
        self.assertEqual(contract.amount_total, 500_000.0)
        self.assertEqual(contract.sign_deadline, self.day + timedelta(days=20))
        self.assertEqual(self._draft(negotiation), contract)
        self._area("negotiation")
        self.assertEqual(contract._contract_problems(), [])
        open_one = self._agreed(state="negotiating")
        with self.assertRaisesRegex(UserError, "not agreed"):
            self._draft(open_one, self.officer)
        # What is not agreed yet is not for commercial.
        with self.assertRaises(AccessError):
            self._draft(open_one)

    def test_the_agreement_on_the_opportunity_is_found(self):
        """A quotation of the opportunity rests on what was agreed there, once.  S0-99"""
        lead = self.env["crm.lead"].create(
            {"name": "Line 8", "type": "opportunity", "partner_id": self.customer.id}
        )
        negotiation = self._agreed()
        negotiation._as_engine().write({"lead_id": lead.id})
        second = self._quoted()
        (self.order | second).opportunity_id = lead
        contract = self._draft()
        self.assertEqual(contract.negotiation_id.id, negotiation.id)
        self.assertFalse(self._draft(second).negotiation_id, "it has its contract already")

    def test_an_agreement_with_somebody_else_is_none(self):
        """S0-99"""
        self._area("negotiation")
        contract = self._draft()
        contract.negotiation_id = self._agreed(partner=self._customer("Jiayi"))
        self.assertIn("exempt", "".join(contract._contract_problems()))

    def _agreed(self, order=None, partner=None, state="agreed"):
        negotiation = self.env["kam.negotiation"].create(
            {
                "name": "Prices",
                "partner_id": (partner or self.customer).id,
                "company_id": self.company.id,
            }
        )
        facts = {"state": state, "agreed_on": self.day - timedelta(days=10)}
        negotiation._as_engine().write(facts)
        if order:
            order.sudo().kam_negotiation_id = negotiation
        return negotiation

    def test_one_click_from_a_bid(self):
        """Won: what was awarded, to be signed thirty days after the notice."""
        lead = self.env["crm.lead"].create(
            {"name": "Line 7", "type": "opportunity", "partner_id": self.customer.id}
        )
        bid = self.env["kam.bid"].create({"lead_id": lead.id, "deadline": "2099-01-01 00:00:00"})
        with self.assertRaisesRegex(UserError, "not won"):
            self._draft(bid, self.officer)
        # What is not won yet is not for commercial.
        with self.assertRaises(AccessError):
            self._draft(bid)
        until = self.day + timedelta(days=21)
        bid._as_engine().write({"result": "won", "won_amount": 300_000.0, "sign_until": until})
        contract = self._draft(bid)
        self.assertEqual(contract.bid_id.id, bid.id)
        self.assertEqual(contract.lead_id.id, lead.id)
        self.assertEqual(contract.partner_id, self.customer)
        self.assertEqual((contract.amount_total, contract.sign_deadline), (300_000.0, until))
        self.assertEqual(self._draft(bid), contract)

    # Its customer

    def test_the_customer_is_kept_once_submitted(self):
        """Whatever the opportunity says later; drafted again it follows."""
        contract, lead = self._with_lead()
        other = self._customer("Jiayi")
        self.assertEqual(contract.lead_id.id, lead.id)
        contract._keep_customer()
        contract._as_engine().write({"state": "in_force"})
        lead.sudo().partner_id = other
        self.env.invalidate_all()
        self.assertEqual(contract.partner_id, self.customer)
        Contract = self.env["kam.contract"]
        found = Contract.search([("partner_id", "in", (self.customer | other).ids)])
        self.assertEqual(found, contract)
        self.assertFalse(Contract.search([("partner_id", "in", other.ids)]))
        self.assertNotIn(contract, Contract.search([("partner_id", "=", False)]))
        contract._as_engine().write({"state": "draft"})
        self.assertEqual(contract.partner_id, other)
        self.assertIn("another customer", "".join(contract._contract_problems()))

    def test_opportunities_are_merged(self):
        contract, lead = self._with_lead()
        kept = lead.copy({"name": "Line 7, again", "priority": "3", "probability": 90})
        merged = (kept | lead).merge_opportunity()
        self.env.invalidate_all()
        self.assertEqual(contract.lead_id.id, merged.id)
        self.assertEqual(contract.partner_id, self.customer)
        [step] = [s for s in merged._kam_deal_steps() if s["code"] == "contract"]
        self.assertTrue(step["running"])

    def test_customers_are_merged(self):
        """Its contracts, quotations and file go on under the customer that is kept."""
        contract = self._draft()
        kept = self._customer("Tianheng Group")
        account = self._account(kept, self.user)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((kept | self.customer).ids, kept)
        self.env.invalidate_all()
        self.assertEqual(contract.partner_id, kept)
        self.assertEqual(contract.account_id, account)
        self.assertEqual(self.order.kam_contract_id, contract)
        self.assertEqual(contract.sudo()._order_problems(), [])

    def test_a_copy_begins_anew(self):
        contract, _lead = self._with_lead()
        contract._assign_number()
        contract._as_engine().write({"state": "in_force", "signed_on": self.day})
        copy = self._as(contract, self.drafter).copy()
        self.assertEqual((copy.state, copy.number, copy.signed_on), ("draft", False, False))
        self.assertFalse(copy.order_ids)
        self.assertFalse(copy.negotiation_id)
        self.assertEqual(copy.partner_id.id, self.customer.id)
        self.assertEqual(len(copy.clause_ids), 10)
        self.assertEqual(copy.amount_total, contract.amount_total)

    # Its language

    def test_it_is_written_in_its_own_language(self):
        """Whoever works on it; its unchanged clauses follow when it is chosen anew."""
        self.env["res.lang"]._activate_lang("fr_FR")
        price = self.env.ref("key_account_mgmt.kam_contract_clause_price")
        price.with_context(lang="fr_FR").write({"name": "Prix", "text": "Au total {amount}."})
        contract = self._draft()
        clause = contract.clause_ids.filtered(lambda c: c.code == "price")
        self.assertEqual(clause.name, "Price")
        contract.lang = "fr_FR"
        self.assertEqual(clause.name, "Prix")
        self.assertTrue(clause.text.startswith("Au total"))
        self.assertFalse(clause.is_changed)
        self.order.order_line.product_uom_qty = 200
        self.assertTrue(clause.text.startswith("Au total"), clause.text)
        self.assertIn("000", clause.text)

    # What stops it

    def test_a_mandatory_clause_is_settled_or_not_applicable(self):
        """S0-100, S0-101, S1l-14."""
        self.single.needs_negotiation = False
        contract = self._draft()
        self.assertEqual(contract._contract_problems(), [])
        clause = contract.clause_ids.filtered(lambda c: c.code == "quality")
        clause.text = " "
        self.assertIn("Quality", contract._contract_problems()[0])
        with self.assertRaises(ValidationError):
            clause.not_applicable = True
        clause.write({"not_applicable": True, "reason": "Only spare parts"})
        self.assertEqual(contract._contract_problems(), [])
        self.assertTrue(clause.is_changed)
        clause.unlink()
        self.assertIn("missing", contract._contract_problems()[0])

    def test_what_the_library_said_is_not_typed(self):
        contract = self._draft()
        clause = contract.clause_ids[0]
        clause.write({"text": "Something else", "template_text": "Something else"})
        clause.write({"is_changed": False})
        self.assertTrue(clause.is_changed)
        self.assertNotEqual(clause.template_text, "Something else")

    def test_payments_add_up(self):
        self.single.needs_negotiation = False
        contract = self._draft()
        contract.payment_ids[0].percent = 20
        self.assertIn("add up", contract._contract_problems()[0])

    def test_shares_of_a_frame_contract_are_of_each_order(self):
        """Nothing of its ceiling is due by itself."""
        contract = self._draft()
        contract.kind = "frame"
        self.assertEqual(contract.payment_ids.mapped("percent"), [30, 60, 10])
        self.assertFalse(any(contract.payment_ids.mapped("amount")))
        contract.kind = "single"
        self.assertEqual(sum(contract.payment_ids.mapped("amount")), contract.amount_total)

    def test_the_customers_paper(self):
        """The file is there, differences are noted."""
        self.single.needs_negotiation = False
        contract = self._draft()
        contract.paper = "customer"
        self.assertEqual(len(contract._contract_problems()), 2)
        contract.differences = "Court at the seat of the buyer"
        self.assertEqual(len(contract._contract_problems()), 1)
        self.env["ir.attachment"].create(
            {
                "name": "paper.pdf",
                "raw": b"%PDF",
                "res_model": contract._name,
                "res_id": contract.id,
            }
        )
        self.assertEqual(contract._contract_problems(), [])

    def test_without_negotiation_an_executive_exempts(self):
        """S0-99; a type of the short road needs none (S2-46)."""
        self._area("negotiation")
        contract = self._draft()
        self.assertIn("exempt", contract._contract_problems()[-1])
        contract.exemption_reason = "Repeat order"
        for user in (self.drafter, self.officer):
            with self.assertRaises(AccessError):
                self._as(contract, user).action_exempt()
        self._as(contract, self.executive).action_exempt()
        self.assertEqual(contract.exempted_by_id, self.executive)
        self.assertEqual(contract._contract_problems(), [])
        # Another reason needs another word.
        contract.exemption_reason = "Because"
        self.assertFalse(contract.exempted_by_id)
        self.single.needs_negotiation = False
        self.assertEqual(contract._contract_problems(), [])

    def test_the_short_road_is_for_small_contracts(self):
        """Nobody gets round the negotiation by another type; S2-46, S0-99."""
        self._area("negotiation")
        short = self.env.ref("key_account_mgmt.kam_contract_type_standard")
        large = self._draft()
        large.type_id = short
        self.assertIn("exempt", "".join(large._contract_problems()))
        for quantity, free in ((19, True), (20, False)):
            contract = self._draft(self._quoted(quantity=quantity))
            contract.type_id = short
            self.assertEqual(contract._contract_problems() == [], free, quantity)

    def test_who_may_exempt_hears_of_it(self):
        """Once, in his week and in the morning, until it is done; S0-99."""
        self._area("negotiation")
        self.account.executive_sponsor_id = self.executive
        contract = self._draft()
        contract.exemption_reason = "Repeat order"
        self.env.flush_all()
        week = self._as(self.env["kam.week.item"], self.executive)
        waiting = [("code", "=", "contract_exempt"), ("user_id", "=", self.executive.id)]
        self.assertEqual(week.search(waiting).mapped("res_id"), contract.ids)
        notices = self.env["kam.notice"].search([("topic", "=", "contract_exempt")])
        self.assertEqual(notices.user_id, self.executive)
        self.assertFalse(notices.settled_on)
        self._as(contract, self.executive).action_exempt()
        self.env.flush_all()
        self.assertFalse(week.search(waiting))
        self.assertTrue(notices.settled_on)

    def test_an_exemption_needs_a_reason(self):
        contract = self._draft()
        with self.assertRaisesRegex(UserError, "reason"):
            self._as(contract, self.executive).action_exempt()


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestContractKept(DraftCase):
    """What nobody types, numbers, paper, pages, week."""

    def test_facts_are_not_typed(self):
        contract = self._draft()
        facts = {
            "state": "in_force",
            "number": "XS-1",
            "signed_on": date(2026, 11, 1),
            "exempted_by_id": self.executive.id,
            "legal_user_id": self.drafter.id,
        }
        for name, value in facts.items():
            with self.subTest(field=name), self.assertRaises(AccessError):
                contract.write({name: value})
            with self.subTest(create=name), self.assertRaises(AccessError):
                contract.create({"name": "x", "own_partner_id": self.customer.id, name: value})

    def test_who_does_not_draft_changes_no_terms(self):
        contract = self._draft()
        mine = self._as(contract, self.user)
        for values in ({"amount_total": 1.0}, {"date_to": date(2030, 1, 1)}):
            with self.assertRaises(AccessError):
                mine.write(values)
        with self.assertRaises(AccessError):
            mine.clause_ids[0].write({"text": "x"})
        mine.project_manager_id = self.user
        self.assertEqual(contract.project_manager_id, self.user)

    def test_an_order_is_not_put_under_a_contract_by_hand(self):
        """Under a draft by who drafts it, under a single contract in force by nobody."""
        contract = self._draft()
        other = self._quoted()
        with self.assertRaises(AccessError):
            self._as(other, self.user).write({"kam_contract_id": contract.id})
        contract._as_engine().write({"state": "in_force"})
        with self.assertRaises(AccessError):
            self._as(other, self.drafter).write({"kam_contract_id": contract.id})
        with self.assertRaisesRegex(UserError, "stays with"):
            self._as(self.order, self.drafter).write({"kam_contract_id": False})

    def test_an_order_of_another_customer(self):
        contract = self._draft()
        other = self._quoted(self._customer("Jiayi"))
        with self.assertRaises(ValidationError):
            self._as(other, self.drafter).write({"kam_contract_id": contract.id})

    def test_cancelled_and_drafted_again(self):
        contract = self._draft()
        contract.action_cancel()
        self.assertFalse(self.order.kam_contract_id)
        self.assertNotEqual(self._draft(), contract)
        signed = self._draft(self._quoted())
        signed._as_engine().write({"state": "to_sign", "signed_on": self.day})
        with self.assertRaisesRegex(UserError, "binds us"):
            signed.action_cancel()

    def test_what_it_covers(self):
        contract = self._draft()
        self.assertFalse(contract._covers(self.order, self.day))
        contract._as_engine().write({"state": "in_force"})
        self.assertTrue(contract._covers(self.order, self.day))
        self.assertFalse(contract._covers(self._quoted(), self.day))

    # Number, paper, week

    def test_numbers_by_type_and_year(self):
        first, second = self._draft(), self._draft(self._quoted())
        (first | second)._assign_number()
        first._assign_number()
        self.assertEqual(first.number, "XS-2026-001")
        self.assertEqual(second.number, "XS-2026-002")
        frame = self.env.ref("key_account_mgmt.kam_contract_type_frame")
        self.assertEqual(frame._next_number(self.company, self.day), "KJ-2026-001")
        self.assertEqual(self.single._next_number(self.company, date(2027, 1, 2)), "XS-2027-001")

    def test_the_paper(self):
        contract = self._draft()
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("key_account_mgmt.report_contract", contract.ids)[0]
            .decode()
        )
        self.assertIn("人民币伍拾万元整", html)
        self.assertIn("Draft: not approved", html)
        self.assertIn("Door operator", html)

    def test_lists_and_forms_cost_the_same(self):
        """However many contracts the list shows, and clauses the form."""
        contract = self._draft()
        for view, queries in (("list", []), ("kanban", [])):
            for _more in range(2):
                for _each in range(4):
                    self._draft(self._quoted())
                contracts = self._as(self.env["kam.contract"], self.officer)
                spec = self._spec(contracts, view, self.officer)
                queries.append(self._cost(lambda c=contracts, s=spec: c.web_search_read([], s)))
            self.assertEqual(*queries)
        mine = self._as(contract, self.drafter)
        spec = self._spec(mine, "form", self.drafter)
        few = self._cost(lambda: mine.web_read(spec))
        for number in range(10):
            contract.clause_ids = [Command.create({"name": f"More {number}", "text": "x"})]
        self.assertEqual(self._cost(lambda: mine.web_read(spec)), few)

    def _cost(self, call):
        call()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        call()
        return self.cr.sql_log_count - before

    def test_where_commercial_and_legal_begin(self):
        """Source: users §6"""
        people = {
            "commercial": "kam_contract_action_mine",
            "legal": "kam_contract_action_legal",
        }
        for group, action in people.items():
            user = self._new_user(group, f"{GROUP % 'member'},{GROUP % group}")
            users = self._as(self.env["res.users"], user)
            self.assertEqual(users._kam_home_action_xmlid(), f"key_account_mgmt.{action}")
            self._area("contract", on=False)
            home = users._kam_home_action_xmlid()
            self.assertEqual(home, "key_account_mgmt.kam_week_item_action")
            self._area("contract")
        users = self._as(self.env["res.users"], self.drafter)
        self.assertEqual(users._kam_home_action_xmlid(), "key_account_mgmt.kam_week_item_action")

    def test_a_salesperson_asks_for_a_contract(self):
        """Commercial hears once, until it is drafted; a second contract is not asked for."""
        Notice = self.env["kam.notice"].sudo()
        wish = [("topic", "=", "contract_ask"), ("settled_on", "=", False)]
        self.order.user_id = self.user
        mine = self._as(self.order, self.user)
        mine.action_kam_ask_contract()
        mine.action_kam_ask_contract()
        waiting = Notice.search(wish)
        self.assertIn(self.drafter, waiting.user_id)
        self.assertEqual(len(waiting), len(waiting.user_id))
        self.assertIn(self.order.name, waiting[0].title)
        self.env.flush_all()
        items = self._as(self.env["kam.week.item"], waiting.user_id.sorted("id")[:1])
        asked = items.search([("code", "=", "contract_ask")])
        self.assertEqual(asked.mapped("res_id"), self.order.ids)
        self.assertEqual(asked.action_open()["res_id"], self.order.id)
        self._draft()
        self.assertFalse(Notice.search(wish))
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(items.search([("code", "=", "contract_ask")]), "it is drafted")
        with self.assertRaisesRegex(UserError, "has its contract"):
            mine.action_kam_ask_contract()
        with self.assertRaises(AccessError):
            self._as(self._quoted(), self._new_user("outsider", GROUP % "member")).with_context(
                kam_engine=True
            ).action_kam_ask_contract()

    def test_seven_pages_at_most(self):
        """The form shows no more pages than a person can read, whatever the state."""
        arch = etree.fromstring(self.env["kam.contract"].get_view(view_type="form")["arch"])
        pages = {page.get("name"): page for page in arch.iterfind(".//notebook/page")}
        self.assertEqual(
            set(pages),
            {
                "supplement", "execution", "clauses", "payments", "text", "review", "signing",
                "approval",
            },
        )  # fmt: skip
        # What changes a contract is executed there.
        self.assertIn("parent_id", pages["supplement"].get("invisible"))
        self.assertIn("parent_id", pages["execution"].get("invisible"))

    def test_seven_entries_at_most_in_the_configuration(self):
        """Users §6"""
        Menu = self.env["ir.ui.menu"].with_context(**{"ir.ui.menu.full_list": True})
        root = self.env.ref("key_account_mgmt.kam_contract_config_menu").parent_id
        for section in Menu.search([("parent_id", "=", root.id)]):
            self.assertLessEqual(len(section.child_id), 7, section.name)

    def test_nothing_of_it_where_the_area_is_off(self):
        """No button on quotations, bids and negotiations, no step, nothing in My Week."""
        contract, lead = self._with_lead()
        models = ("sale.order", "kam.bid", "kam.negotiation")

        def shown():
            button = 'name="action_kam_contract"'
            views = [self._as(self.env[name], self.drafter).get_view() for name in models]
            return [button in view["arch"] for view in views]

        def steps():
            return [s["code"] for s in self._as(lead, self.drafter)._kam_deal_steps()]

        lead.user_id = self.drafter
        self.assertEqual(shown(), [True] * 3)
        self.assertIn("contract", steps())
        self._area("contract", on=False)
        self.env.registry.clear_all_caches()
        self.assertEqual(shown(), [False] * 3)
        self.assertNotIn("contract", steps())
        items = self._as(self.env["kam.week.item"], self.drafter).search([])
        self.assertNotIn("kam.contract", items.mapped("res_model"))
        self.assertTrue(contract.exists())

    def test_the_account_says_when_its_contract_ends(self):
        """Design §3: the header answers in one glance."""
        first, second = self._draft(), self._draft(self._quoted())
        first.date_to, second.date_to = date(2027, 5, 1), date(2027, 3, 1)
        account = self._as(self.account, self.user)
        self.assertEqual((account.contract_count, account.contract_until), (0, False))
        (first | second)._as_engine().write({"state": "in_force"})
        account.invalidate_recordset()
        found = (account.contract_count, account.contract_until)
        self.assertEqual(found, (2, date(2027, 3, 1)))
        second._as_engine().write({"state": "terminated"})
        account.invalidate_recordset()
        self.assertEqual(account.contract_until, date(2027, 5, 1))

    def test_my_week(self):
        contract = self._draft()
        contract.sign_deadline = self.day + timedelta(days=3)
        self.env.flush_all()
        items = self._as(self.env["kam.week.item"], self.drafter).search(
            [("code", "=", "contract")]
        )
        self.assertIn(contract.id, items.mapped("res_id"))


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestContractBeforeQuotation(LegalCase):
    """Signed before there was a quotation, as after a tender: its orders come later."""

    def test_orders_come_after_signature(self):
        """Within its amount; what was signed with its order takes no other one."""
        self.user.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        contract = self._as(self.env["kam.contract"], self.drafter).create(
            {
                "name": "Line 7",
                "own_partner_id": self.customer.id,
                "amount_total": 500_000.0,
            }
        )
        contract.action_fill()
        self._complete(contract)
        with self.assertRaises(AccessError):
            self._as(self.order, self.user).kam_contract_id = contract
        self._signed(self._approved(contract))
        contract.sudo()._as_engine().write({"state": "in_force"})
        mine = self._as(self.order, self.user)
        mine.kam_contract_id = contract
        self.assertTrue(contract._covers(self.order, self.day))
        mine.kam_contract_id = False
        large = self._quoted(quantity=101)
        self._as(large, self.user).kam_contract_id = contract
        self.assertFalse(contract._covers(large, self.day))
        with_order = self._contract(self._quoted(quantity=50))
        self._signed(self._approved(with_order))
        with_order.sudo()._as_engine().write({"state": "in_force"})
        with self.assertRaises(AccessError):
            self._as(self._quoted(quantity=1), self.user).kam_contract_id = with_order
