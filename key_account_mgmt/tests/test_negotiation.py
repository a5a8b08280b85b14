from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common_negotiation import AREA, NegotiationCase

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestNegotiation(NegotiationCase):
    """From preparation to a confirmed agreement.  Source: (c7), S0-92 … S0-98, users §3.5."""

    def test_nothing_the_opportunity_knows_is_typed_again(self):
        """Source: S0-92, design §4.4."""
        mine = self._as(self.deal, self.user)
        action = mine.action_kam_negotiate()
        form = Form(mine.env["kam.negotiation"].with_context(**action["context"]))
        negotiation = form.save()
        self.assertEqual(negotiation.name, "Yearly price round")
        self.assertEqual(negotiation.partner_id, self.customer)
        self.assertEqual(negotiation.account_id, self.account)
        self.assertEqual(negotiation.lead_negotiator_id, self.user)
        self.assertEqual(negotiation.state, "preparing")
        steps = {step["code"]: step for step in mine._kam_ribbon()["steps"]}
        self.assertEqual(steps["negotiation"]["state"], "Preparing")

    def test_from_the_account(self):
        action = self._as(self.account, self.user).action_negotiate()
        Negotiation = self._as(self.env["kam.negotiation"], self.user)
        with Form(Negotiation.with_context(**action["context"])) as form:
            form.name = "Terms"
        self.assertEqual(form.record.account_id, self.account)
        self.account.executive_sponsor_id = self.executive
        other = Negotiation.create({"name": "Other", "partner_id": self.customer.id})
        self.assertEqual(other.executive_ids, self.executive, "the sponsor, known already")

    def test_from_a_bid_that_was_won(self):
        """Source: S0-92."""
        self.env.ref("key_account_mgmt.group_kam_area_bid")._kam_switch_on()
        bid = self.env["kam.bid"].create(
            {"name": "Line 7", "lead_id": self.deal.id, "user_id": self.user.id}
        )
        mine = self._as(bid, self.user)
        bid._as_engine().write({"state": "preparing"})
        self.assertFalse(mine.deal_ribbon["next"], "what is missing is said by the bid itself")
        with self.assertRaises(UserError):
            mine.action_negotiate()
        with self.assertRaises(UserError):
            mine.env["kam.negotiation"].create({"lead_id": self.deal.id, "bid_id": bid.id})
        bid._as_engine().write({"state": "result", "result": "won"})
        self.env.invalidate_all()
        self.assertEqual(mine.deal_ribbon["next"]["code"], "negotiation")
        action = self._as(bid, self.user).action_negotiate()
        form = Form(mine.env["kam.negotiation"].with_context(**action["context"]))
        negotiation = form.save()
        self.assertEqual((negotiation.bid_id, negotiation.lead_id), (bid, self.deal))
        other = self.deal.copy()
        with self.assertRaises(ValidationError):
            negotiation.write({"lead_id": other.id})

    def test_an_area_that_is_off_has_no_step(self):
        codes = {step["code"] for step in self._as(self.deal, self.user)._kam_deal_steps()}
        self.assertIn("negotiation", codes)
        self.env.ref("base.group_user").implied_ids -= self.env.ref(AREA)
        codes = {step["code"] for step in self._as(self.deal, self.user)._kam_deal_steps()}
        self.assertNotIn("negotiation", codes)

    def test_an_area_that_is_off_has_no_menu(self):
        """Neither has whoever may not read it."""

        def menus(user):
            self.env.flush_all()
            self.env.registry.clear_all_caches()
            found = self.env["ir.ui.menu"].with_user(user).load_menus(False).values()
            return {menu.get("xmlid", "").partition(".")[2] for menu in found if "xmlid" in menu}

        mine = {"kam_negotiation_menu"}
        log = {"kam_negotiation_reading_menu"}
        both = mine | log
        for user, expected in (
            (self.user, mine),
            (self.admin, mine),
            (self.auditor, both),
            (self.gm, both),
            (self.seller, set()),
        ):
            self.assertEqual(menus(user) & both, expected, user.name)
        Settings = self.env["res.config.settings"]
        Settings.create({"group_kam_area_negotiation": False}).set_values()
        for user in (self.user, self.admin, self.auditor, self.gm):
            self.assertFalse(menus(user) & both, user.name)
        settings = Settings.create({"kam_interest_rate": 4.0, "kam_authorization_days": 30})
        settings.set_values()
        self.assertEqual(settings.company_id._kam_interest_rate(), 4.0)
        self.assertEqual(settings.company_id._kam_authorization_days(), 30)

    # Beginning

    def test_what_must_be_there_before_the_first_round(self):
        """Source: S0-94, S0-95."""
        negotiation = self._negotiation()
        self._authorise(negotiation)
        mine = self._as(negotiation, self.lead)
        self.assertFalse(mine.is_ready)
        with self.assertRaisesRegex(UserError, "bottom line"):
            mine.action_start()
        self._set_floor(negotiation)
        self.assertTrue(self._as(negotiation, self.lead).is_ready)
        for name, value in (
            ("objective", " "),
            ("strategy", False),
            ("no_quotes_known", False),
            ("item_ids", [Command.clear()]),
        ):
            with self.subTest(name), self.cr.savepoint() as savepoint:
                negotiation[name] = value
                self.assertFalse(negotiation.is_ready)
                with self.assertRaises(UserError):
                    self._as(negotiation, self.lead).action_start()
                savepoint.rollback()
                self.env.invalidate_all()
        quote = {"competitor_id": self.customer.id, "amount": 1, "source": "Their buyer"}
        negotiation.write({"no_quotes_known": False, "quote_ids": [Command.create(quote)]})
        mine = self._as(negotiation, self.lead)
        mine.action_start()
        self.assertEqual(mine.state, "negotiating")
        with self.assertRaises(UserError):
            mine.action_start()

    def test_who_leads_is_an_executive_or_authorised(self):
        """Before, on and after the days of the paper; revoked.  Source: S0-93, g Q19."""
        negotiation = self._negotiation()
        self._set_floor(negotiation)
        mine = self._as(negotiation, self.lead)
        self.assertFalse(mine.has_authority)
        with self.assertRaisesRegex(UserError, "authorization"):
            mine.action_start()
        paper = self._authorise(negotiation, date_from=TODAY + DAY, date_to=TODAY + 3 * DAY)
        for day, valid in ((0, False), (1, True), (3, True), (4, False)):
            with freeze_time(f"{TODAY + day * DAY} 04:00:00"):
                self.env.invalidate_all()
                self.assertEqual(self._as(negotiation, self.lead).has_authority, valid, day)
                self.assertEqual(paper.is_valid, valid, day)
        with freeze_time(f"{TODAY + DAY} 04:00:00"):
            self._as(paper, self.gm).action_revoke()
            self.env.invalidate_all()
            self.assertFalse(self._as(negotiation, self.lead).has_authority)
        self._authorise(negotiation, self.user)
        self.assertFalse(self._as(negotiation, self.lead).has_authority, "another's paper")
        negotiation.lead_negotiator_id = self.gm
        self.assertTrue(negotiation.has_authority)
        self._as(negotiation, self.gm).action_start()

    def test_who_authorises_whom(self):
        """Source: S0-93, g Q19."""
        negotiation = self._negotiation()
        for user in (self.lead, self.member, self.officer, self.director, self.admin, self.auditor):
            with self.assertRaises(AccessError, msg=user.name):
                self._authorise(negotiation, by=user)
        with self.assertRaises(AccessError):
            self._authorise(negotiation, self.executive, by=self.executive)
        self._authorise(negotiation, date_to=TODAY + 89 * DAY)
        for days in (90, -1):
            with self.assertRaises(ValidationError):
                self._authorise(negotiation, date_to=TODAY + days * DAY)
        paper = self._authorise(negotiation)
        self.assertEqual(paper.granted_by_id, self.executive)
        self.assertEqual(paper.date_to, TODAY + 89 * DAY)
        for values in ({"date_to": TODAY}, {"user_id": self.user.id}, {"scope": "All"},
                       {"granted_by_id": self.gm.id}, {"revoked_on": "2026-11-22"}):  # fmt: skip
            with self.assertRaises(AccessError, msg=values):
                paper.write(values)
        with self.assertRaises(AccessError):
            paper.unlink()
        with self.assertRaises(AccessError):
            self._as(paper, self.lead).action_revoke()

    # Rounds

    def test_rounds(self):
        """Source: S0-93, S0-97."""
        negotiation = self._negotiation()
        Round = self._as(self.env["kam.negotiation.round"], self.lead)
        values = {"negotiation_id": negotiation.id, "key_info": "x"}
        with self.assertRaises(UserError):
            Round.create(values)
        self._authorise(negotiation, date_to=TODAY + 2 * DAY)
        self._set_floor(negotiation)
        self._as(negotiation, self.lead).action_start()
        one = Round.create(values)
        self.assertEqual((one.number, one.lead_id, one.date), (1, self.lead, TODAY))
        for day in (-1, 1):
            with self.assertRaises(ValidationError, msg=day):
                Round.create({**values, "date": TODAY + day * DAY})
        with freeze_time(f"{TODAY + 3 * DAY} 04:00:00"):
            with self.assertRaises(UserError) as refused:
                Round.create(values)
            self.assertIn("authorization", str(refused.exception))
            two = Round.create({**values, "date": TODAY + 2 * DAY})
            self.assertEqual(two.number, 2, "entered later, held in time")
        with self.assertRaises(UserError):
            one.unlink()
        one.action_close()
        with self.assertRaisesRegex(UserError, "closed"):
            one.key_info = "y"
        for forged in ({"number": 7}, {"closed_on": "2026-01-01"}, {"lead_id": self.gm.id}):
            with self.assertRaises(AccessError):
                two.write(forged)

    def test_papers(self):
        """P13, P14; the bottom line is on none of them.  Source: S0-93, S0-97."""
        negotiation = self._begun()
        Report = self._as(self.env["ir.actions.report"], self.lead)
        for name, records, text in (
            ("minutes", negotiation.round_ids, "They want less"),
            ("authorization", negotiation.authorization_ids, "Prices and terms of next year"),
        ):
            html = Report._render_qweb_html(
                f"key_account_mgmt.report_negotiation_{name}", records.ids
            )[0].decode()
            self.assertIn(text, html)
            self.assertIn("Tianheng", html)
            self.assertNotIn("4711", html)

    def test_the_ledger_counts_money_per_year(self):
        """Price × volume; payment days at the company's interest.  Source: users §3.5."""
        negotiation = self._begun()
        price, days = negotiation.item_ids
        Step = negotiation.env["kam.negotiation.concession"]
        belongs = {"negotiation_id": negotiation.id, "round_id": negotiation.round_ids.id}
        one = Step.create({**belongs, "item_id": price.id, "to_value": 5100.5})
        self.assertEqual((one.from_value, one.value), (5200.5, 100_000))
        two = Step.create({**belongs, "item_id": price.id, "to_value": 5150.5})
        self.assertEqual((two.from_value, two.value), (5100.5, -50_000), "won back")
        three = Step.create({**belongs, "item_id": days.id, "to_value": 60})
        self.assertEqual(negotiation.yearly_sales, 5_200_500)
        self.assertAlmostEqual(three.value, 30 * 5_200_500 * 0.073 / 365, 2)
        self.assertAlmostEqual(negotiation.conceded, 50_000 + three.value, 2)
        self.assertEqual(price.current, 5150.5)
        with self.assertRaises(UserError):
            one.to_value = 1
        with self.assertRaises(UserError):
            price.opening = 9000
        with self.assertRaises(UserError):
            price.unlink()
        two.unlink()
        self.assertEqual(price.current, 5100.5)
        with self.assertRaises(AccessError):
            three.write({"from_value": 1})
        other = self._begun()
        with self.assertRaises(ValidationError):
            Step.create({**belongs, "item_id": other.item_ids[0].id, "to_value": 1})

    def test_a_step_is_typed_into_the_form(self):
        """The open round is there already; where it begins and what it costs is shown."""
        negotiation = self._begun()
        with Form(negotiation) as form, form.concession_ids.new() as line:
            self.assertEqual(line.round_id, negotiation.round_ids)
            self.assertEqual(line.value, 0)
            line.item_id = negotiation.item_ids[0]
            self.assertEqual(line.from_value, 5200.5)
            line.to_value = 5100.5
            self.assertEqual(line.value, 100_000)
        self.assertEqual(negotiation.concession_ids.from_value, 5200.5)
        self.assertEqual(negotiation.conceded, 100_000)
        Step = negotiation.env["kam.negotiation.concession"]
        for forged in ("x", [1], {"a": 1}, -1, None):
            mine = Step.with_context(default_negotiation_id=forged)
            self.assertFalse(mine.default_get(["round_id"]).get("round_id"))

    # Agreeing

    def test_every_agreement_is_confirmed_by_an_executive(self):
        """Source: design §4.4, (c7)."""
        negotiation = self._begun()
        with self.assertRaisesRegex(UserError, "Not settled"):
            negotiation.action_submit()
        self._settle(negotiation, 0.0)
        with self.assertRaisesRegex(UserError, "Not settled"):
            negotiation.action_submit()
        self._settle(negotiation, 5000.0)
        with self.assertRaises(UserError):
            self._as(negotiation, self.user).action_submit()
        negotiation.action_submit()
        self.assertEqual(negotiation.state, "to_confirm")
        for change in (
            lambda: negotiation.write({"objective": "Other"}),
            lambda: negotiation.item_ids[0].write({"agreed": 1}),
            lambda: negotiation.round_ids.write({"key_info": "Other"}),
            lambda: negotiation.write({"lead_negotiator_id": self.user.id}),
            lambda: self._as(negotiation, self.executive).write({"executive_ids": False}),
            lambda: self._set_floor(negotiation),
        ):
            with self.assertRaises(UserError):
                change()
        for user in (self.lead, self.officer, self.director):
            with self.assertRaises(AccessError, msg=user.name):
                self._confirm(negotiation, user)
        self._confirm(negotiation)
        self.assertEqual((negotiation.state, negotiation.agreed_on), ("agreed", TODAY))
        self.assertTrue(negotiation.round_ids.closed_on)
        with self.assertRaises(UserError):
            negotiation.item_ids[0].agreed = 1

    def test_nobody_confirms_his_own_agreement(self):
        negotiation = self._negotiation(
            lead_negotiator_id=self.executive.id, executive_ids=[Command.set(self.executive.ids)]
        )
        self._set_floor(negotiation)
        mine = self._as(negotiation, self.executive)
        mine.action_start()
        mine.env["kam.negotiation.round"].create({"negotiation_id": mine.id, "key_info": "x"})
        self._settle(mine, 5000.0)
        with self.assertRaisesRegex(UserError, "another executive"):
            mine.action_submit()
        mine.executive_ids |= self.gm
        mine.action_submit()
        with self.assertRaises(AccessError):
            self._confirm(mine, self.executive)
        self._confirm(mine, self.gm)
        self.assertEqual(mine.state, "agreed")

    def test_refused_goes_on(self):
        negotiation = self._settle(self._begun(), 5000.0)
        negotiation.action_submit()
        self._confirm(negotiation, kind="refuse")
        self.assertEqual(negotiation.state, "negotiating")
        negotiation.action_submit()
        negotiation.action_withdraw()
        self.assertEqual(negotiation.state, "negotiating")

    def test_an_expired_authorization_ends_nothing(self):
        """Neither a round nor an agreement on it.  Source: g Q19."""
        negotiation = self._settle(self._begun(), 5000.0)
        late = freeze_time("2027-03-01 04:00:00")
        with late, self.assertRaisesRegex(UserError, "authorization"):
            negotiation.action_submit()
        negotiation.action_submit()

    def test_a_new_one_is_prepared_without_a_warning(self):
        """What is shown of a draft asks the database for nothing of it."""
        with self.assertNoLogs("odoo", "WARNING"):
            form = Form(self._as(self.env["kam.negotiation"], self.executive))
            form.name = "Draft"
            form.partner_id = self.customer
            kept = form.save()
            with Form(kept) as form:
                form.objective = "Keep the volume"
        self.assertFalse(kept.has_floor)

    def test_the_opportunity_is_lost_meanwhile(self):
        """An agreement that waits is still decided; breaking off goes without asking."""
        begun = self._begun(lead_id=self.deal.id)
        self.deal.action_set_lost()
        self._settle(begun, 5000.0).action_submit()
        self._confirm(begun)
        self.assertEqual(begun.state, "agreed")
        self.assertEqual(self.deal.won_status, "lost", "nothing moves without being asked")
        self.deal.action_unarchive()
        other = self._begun(lead_id=self.deal.id)
        self.deal.action_set_lost()
        other._break_off("They buy elsewhere")
        self.assertEqual(other.state, "broken_off")

    def test_broken_off_and_prepared_anew(self):
        negotiation = self._begun(lead_id=self.deal.id)
        wizard = negotiation.env["kam.negotiation.break.wizard"].create(
            {"negotiation_id": negotiation.id, "reason": "They buy elsewhere"}
        )
        action = wizard.action_confirm()
        self.assertEqual(negotiation.state, "broken_off")
        self.assertEqual(action["res_model"], "kam.deal.result.wizard")
        self.assertEqual(self.deal.won_status, "pending", "asked first")
        with self.assertRaises(UserError):
            negotiation.item_ids[0].agreed = 1
        negotiation.action_reopen()
        self.assertEqual(negotiation.state, "preparing")
        self.assertTrue(negotiation.has_floor)
        with self.assertRaises(UserError):
            self._as(negotiation, self.lead)._break_off(" ")

    def test_the_order_rests_on_the_agreement(self):
        """Source: S0-98."""
        negotiation = self._settle(self._begun(lead_id=self.deal.id), 5000.0)
        with self.assertRaises(UserError):
            negotiation.action_quote()
        negotiation.action_submit()
        self._confirm(negotiation)
        action = negotiation.action_quote()
        order = self.env["sale.order"].browse(action["res_id"])
        self.assertEqual(order.kam_negotiation_id, negotiation)
        self.assertEqual(order.opportunity_id, self.deal)
        self.assertIn("5,000", order.note)

    # Keeping

    def test_facts_are_nobodys_to_write(self):
        negotiation = self._negotiation()
        for values in (
            {"state": "agreed"},
            {"floor_version": 3},
            {"floor_sealed": 1},
            {"agreed_on": "2026-01-01"},
            {"floor_set_by_id": self.gm.id},
        ):
            for user in (self.lead, self.gm):
                with self.assertRaises(AccessError, msg=values):
                    self._as(negotiation, user).write(values)
                with self.assertRaises(AccessError, msg=values):
                    self._as(negotiation, user).create({"name": "x", **values})
        forged = self._as(negotiation, self.lead).with_context(
            default_state="agreed", default_floor_version=2, kam_engine=True
        )
        self.assertEqual(forged.create({"name": "x"}).state, "preparing")
        begun = self._begun()
        copied = begun.copy()
        self.assertEqual((copied.state, copied.floor_version), ("preparing", 0))
        self.assertFalse(copied.round_ids | copied.env["kam.negotiation.round"])
        self.assertFalse(any(copied.item_ids.mapped("is_agreed")))
        with self.assertRaises(UserError):
            self._as(begun, self.officer).unlink()

    def test_who_reads_and_writes(self):
        negotiation = self._begun()
        stranger = self._new_user("stranger", "key_account_mgmt.group_kam_user")
        for user, reads, writes in (
            (self.lead, True, True),
            (self.member, True, True),
            (self.user, True, True),
            (self.officer, True, True),
            (self.admin, True, False),
            (self.auditor, True, False),
            (stranger, False, False),
            (self.seller, False, False),
        ):
            mine = self._as(negotiation, user)
            self.assertEqual(mine.has_access("read"), reads, user.name)
            self.assertEqual(mine.has_access("write"), writes, user.name)
            for part in ("item", "round"):
                parts = self._as(negotiation[f"{part}_ids"], user)
                self.assertEqual(parts.has_access("read"), reads, f"{part} {user.name}")
                self.assertEqual(parts.has_access("unlink"), writes, f"{part} {user.name}")

    def test_the_team_reaches_the_opportunity_list(self):
        negotiation = self._begun(lead_id=self.deal.id)
        members = self.env["kam.deal.member"].search([("lead_id", "=", self.deal.id)])
        self.assertEqual(members.user_id, self.lead | self.member)
        negotiation.sudo().member_ids = self.user
        members = self.env["kam.deal.member"].search([("lead_id", "=", self.deal.id)])
        self.assertEqual(members.user_id, self.lead | self.user)

    def test_merged_opportunities_take_it_along(self):
        """With its bid; the customer of a copy is the same."""
        other = self.deal.copy({"name": "Twin"})
        bid = self.env["kam.bid"].create(
            {"name": "Line 7", "lead_id": other.id, "user_id": self.user.id}
        )
        bid._as_engine().write({"state": "result", "result": "won"})
        negotiation = self._begun(lead_id=other.id, bid_id=bid.id)
        kept = (self.deal | other).merge_opportunity()
        self.env.invalidate_all()
        self.assertEqual((negotiation.lead_id, bid.lead_id), (kept, kept))
        self.assertEqual(negotiation.copy().partner_id, self.customer)

    def test_what_belongs_to_another_negotiation(self):
        one, two = self._negotiation(), self._begun()
        quote = {"competitor_id": self.customer.id, "amount": 1, "source": "Buyer"}
        wrong = {**quote, "negotiation_id": one.id, "item_id": two.item_ids[0].id}
        with self.assertRaises(ValidationError):
            self.env["kam.negotiation.quote"].create(wrong)
        with self.assertRaises(AccessError):
            two.item_ids[0].write({"negotiation_id": one.id})
        order = self.env["sale.order"].create({"partner_id": self.customer.id})
        with self.assertRaises(ValidationError):
            order.kam_negotiation_id = two

    def test_the_customer_stays_while_it_runs(self):
        self._begun(lead_id=self.deal.id)
        other = self._customer("Other")
        with self.assertRaises(UserError):
            self._as(self.deal, self.user).partner_id = other

    def test_a_leader_hands_over_and_his_paper_stays_his(self):
        """Source: g Q35, g Q19."""
        negotiation = self._negotiation(lead_negotiator_id=self.user.id)
        self._authorise(negotiation, self.user)
        handover = self._as(self.env["kam.handover"], self.user).create(
            {
                "company_id": self.company.id,
                "from_user_id": self.user.id,
                "to_user_id": self.lead.id,
                "account_ids": [Command.set(self.account.ids)],
                "date_from": TODAY,
                "note": "Moves",
            }
        )
        handover.action_propose()
        self.assertIn("kam.negotiation", handover.sudo().line_ids.mapped("res_model"))
        self._as(handover, self.lead).action_accept()
        self.env.invalidate_all()
        self.assertEqual(negotiation.lead_negotiator_id, self.lead)
        self.assertFalse(self._as(negotiation, self.lead).has_authority)

    def test_my_week(self):
        """The next round of whoever leads; the bottom line an executive has to set."""
        negotiation = self._negotiation(next_date=TODAY + DAY)

        def items(user):
            found = self._as(self.env["kam.week.item"], user).search([("user_id", "=", user.id)])
            return {(item.code, item.res_id) for item in found}

        self.assertIn(("negotiation", negotiation.id), items(self.lead))
        self.assertIn(("floor", negotiation.id), items(self.executive))
        self._set_floor(negotiation)
        self.assertNotIn(("floor", negotiation.id), items(self.executive))

    def test_asking_the_executives(self):
        negotiation = self._negotiation()
        self._as(negotiation, self.lead).action_ask_executives()
        notices = self.env["kam.notice"].search([("topic", "=", "negotiation_floor")])
        self.assertEqual(notices.user_id, self.executive | self.gm)
        self._set_floor(negotiation)
        self.assertTrue(all(notices.mapped("settled_on")))

    def test_several_currencies(self):
        """What is asked of the executives is in company currency."""
        self.env["res.currency.rate"].search([("currency_id", "=", self.usd.id)]).unlink()
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.usd.id,
                "company_id": self.company.id,
                "name": "2026-01-01",
                "rate": 0.125,
            }
        )
        negotiation = self._settle(self._begun(price_currency_id=self.usd.id), 500.0)
        negotiation.action_submit()
        request = negotiation.sudo()._approval_request()
        self.assertEqual(request.amount, 500 * 1000 * 8)
