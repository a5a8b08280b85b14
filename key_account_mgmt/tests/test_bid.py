from datetime import date, datetime, timedelta

from freezegun import freeze_time
from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_bid import NOW, BidCase

TODAY = date(2026, 11, 23)


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestBid(BidCase):
    """The way of a bid.  Source: (c6), S0-83 … S0-91."""

    def test_what_the_opportunity_knows_is_not_typed_again(self):
        """Name, leader, customer, competitors, amount.  Source: design §4.4"""
        bid = self._bid()
        self.assertEqual((bid.name, bid.user_id), ("Metro line 7", self.user))
        self.assertEqual((bid.partner_id, bid.account_id), (self.customer, self.account))
        self.assertEqual(bid.competitor_ids, self.rival)
        self.assertEqual((bid.expected_amount, bid.company_id), (1000.0, self.company))
        self.assertEqual((bid.state, bid.department_count), ("identified", 2))

    # Deadline

    def test_the_deadline_is_on_the_customers_clock(self):
        bid = self._bid(deadline_tz="Europe/Berlin", deadline="2026-12-07 09:00:00")
        self.assertEqual((bid.deadline_date, bid.deadline_time), (date(2026, 12, 7), 10.0))
        bid.write({"deadline_time": 12.5})
        self.assertEqual(bid.deadline, datetime(2026, 12, 7, 11, 30))
        bid.write({"deadline_tz": "Asia/Shanghai"})
        self.assertEqual(bid.deadline, datetime(2026, 12, 7, 4, 30))

    def test_a_time_that_does_not_exist_is_refused(self):
        """28 March 2027, Berlin: the clock is put forward at two."""
        bid = self._bid(deadline_tz="Europe/Berlin")
        with self.assertRaises(ValidationError):
            bid.write({"deadline_date": "2027-03-28", "deadline_time": 2.5})
        bid.write({"deadline_date": "2027-03-28", "deadline_time": 3.0})
        self.assertEqual(bid.deadline, datetime(2027, 3, 28, 1, 0))
        # 31 October 2027: half past two comes twice, and the first of them is sure.
        bid.write({"deadline_date": "2027-10-31", "deadline_time": 2.5})
        self.assertEqual(bid.deadline, datetime(2027, 10, 31, 0, 30))
        self.assertEqual((bid.deadline_date, bid.deadline_time), (date(2027, 10, 31), 2.5))
        for hours in (-1, 24):
            with self.assertRaises(ValidationError):
                bid.write({"deadline_time": hours})

    def test_a_deadline_in_the_past_is_the_offices_to_enter(self):
        with self.assertRaises(ValidationError):
            self._bid(deadline="2026-11-23 01:59:59")
        bid = self._bid(deadline="2026-11-23 02:00:01")
        with self.assertRaises(ValidationError):
            bid.deadline_date = date(2026, 11, 22)
        self.officer.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        old = self._bid(self.officer, deadline="2025-01-01 00:00:00")
        self.assertTrue(old.is_late)

    def test_the_deadline_is_not_moved_after_submission(self):
        bid = self._submitted()
        for vals in (
            {"deadline": "2026-12-20 02:00:00"},
            {"deadline_date": "2026-12-20"},
            {"deadline_time": 1.0},
            {"deadline_tz": "Europe/Berlin"},
        ):
            with self.assertRaises(UserError):
                bid.write(vals)

    # Go / no-go

    def test_the_score_weighs_us_and_competitors(self):
        """Weights are data; competitors are scored where the criterion asks for it."""
        self.env["kam.bid.criterion"].search([]).active = False
        price, terms = self.env["kam.bid.criterion"].create(
            [
                {"name": "Price", "code": "p", "weight": 30, "of_competitors": True},
                {"name": "Terms", "code": "t", "weight": 10},
            ]
        )
        bid = self._bid()
        bid.action_score()
        own = bid.score_ids.filtered(lambda line: not line.partner_id)
        theirs = bid.score_ids - own
        self.assertEqual(own.criterion_id, price | terms)
        self.assertEqual((theirs.criterion_id, theirs.partner_id), (price, self.rival))
        own[0].score, own[1].score, theirs.score = 4, 2, 5
        self.assertEqual(bid.score, 3.5)
        self.assertEqual(bid.best_rival, "Keruite (5.00)")
        price.weight = 0
        self.assertEqual(bid.score, 3.5, "scored with the weights of that day")
        bid.action_score()
        self.assertEqual(len(bid.score_ids), 3, "pressed twice, nothing twice")
        bid.action_go()
        with self.assertRaises(UserError):
            own.write({"score": 5})
        with self.assertRaises(UserError):
            own[0].unlink()

    def test_below_the_threshold_a_director_says_why(self):
        bid = self._scored(2.9)
        self.assertEqual(bid.action_go()["res_model"], "kam.bid.wizard")
        with self.assertRaises(AccessError):
            bid._go("We want it")
        with self.assertRaises(UserError):
            self._as(bid, self.director)._go(" ")
        self._as(bid, self.director)._go("The first metro")
        self.assertEqual((bid.go_decision, bid.go_note), ("go", "The first metro"))
        self.assertEqual(bid.go_decided_by_id, self.director)
        exact = self._scored(3.0, lead=self._lead("Line 8"))
        self.assertTrue(exact.action_go())
        self.assertEqual(exact.go_decision, "go", "three is enough")

    def test_no_bid_says_why_and_does_not_count(self):
        bid = self._scored(1)
        with self.assertRaises(UserError):
            bid._end("no_bid", TODAY, "")
        bid._end("no_bid", TODAY, "No capacity")
        self.assertEqual((bid.state, bid.result, bid.go_decision), ("result", "no_bid", "no_go"))
        self.assertFalse(bid.decided_amount)

    # Team

    def test_members_of_at_least_two_departments(self):
        """Source: S0-83"""
        bid = self._scored(member_ids=[Command.create({"user_id": self.member.id})])
        bid.action_go()
        self.assertEqual(bid.department_count, 1, "a member without a department adds none")
        with self.assertRaises(ValidationError):
            bid.action_prepare()
        helper = (
            self.env["kam.bid.member"]
            .with_user(self.user)
            .create({"bid_id": bid.id, "user_id": self.helper.id, "date_from": "2026-11-24"})
        )
        self.assertEqual(bid.department_count, 1, "from tomorrow on")
        helper.date_from = TODAY
        self.assertEqual(bid.department_count, 2)
        bid.action_prepare()
        self.assertEqual(bid.state, "preparing")

    def test_somebody_else_leads_only_where_a_director_agrees(self):
        """Source: S0-83"""
        bid = self._scored(user_id=self.helper.id)
        bid.action_go()
        self.assertIn("account manager", bid.missing)
        with self.assertRaises(ValidationError):
            bid.action_prepare()
        with self.assertRaises(AccessError):
            bid._agree_leader("He knows doors")
        self._as(bid, self.director)._agree_leader("He knows doors")
        bid.member_ids.user_id = self.chief
        bid.member_ids.department_id = self.sales
        bid.action_prepare()
        self.assertEqual(bid.state, "preparing")

    def test_who_has_something_to_do_does_not_leave(self):
        """A member removed who owns an open task.  Source: S0-86"""
        bid = self._preparing()
        row = bid.member_ids
        self.assertEqual(bid.sudo().task_ids.filtered(lambda t: t.user_id == self.helper).bid_task,
                         "technical")  # fmt: skip
        with self.assertRaises(UserError):
            row.unlink()
        with self.assertRaises(UserError):
            row.write({"user_id": self.chief.id})
        with self.assertRaises(UserError):
            row.write({"date_to": "2026-11-24"})
        task = bid.task_ids.filtered(lambda t: t.user_id == self.helper)
        task.user_id = self.user
        row.write({"date_to": "2026-11-24"})
        self.assertTrue(row.date_to)

    def test_only_who_leads_composes_the_team(self):
        bid = self._bid()
        rows = self._as(self.env["kam.bid.member"], self.helper)
        with self.assertRaises(UserError):
            rows.create({"bid_id": bid.id, "user_id": self.quality.id})
        with self.assertRaises(UserError):
            self._as(bid.member_ids, self.helper).write({"date_to": TODAY})
        with self.assertRaises(UserError):
            self._as(bid.member_ids, self.helper).unlink()

    # Work

    def test_three_mandatory_tasks_go_to_their_roles(self):
        """Source: S0-87, S0-88, S0-89"""
        rows = [
            Command.create({"user_id": self.helper.id, "role": "technical"}),
            Command.create({"user_id": self.chief.id, "role": "service"}),
        ]
        bid = self._preparing(member_ids=rows)
        owners = {task.bid_task: task.user_id for task in bid.sudo().task_ids}
        self.assertEqual(
            owners, {"technical": self.helper, "commercial": self.user, "need": self.chief}
        )
        # Monday 7 December less two working days.
        self.assertEqual(set(bid.sudo().task_ids.mapped("date_due")), {date(2026, 12, 3)})
        self.assertEqual(bid.sudo().task_ids.account_id, self.account)

    def test_the_commercial_task_needs_the_quotation(self):
        """Source: S0-88"""
        bid = self._preparing()
        task = bid.task_ids.filtered(lambda t: t.bid_task == "commercial")
        with self.assertRaises(UserError):
            task.action_done()
        bid.sudo().quotation_id = self._quotation()
        task.action_done()
        self.assertEqual(task.state, "done")

    def test_nobody_makes_up_a_mandatory_task(self):
        bid = self._preparing()
        vals = {"name": "x", "bid_id": bid.id, "date_due": TODAY}
        with self.assertRaises(AccessError):
            self._as(self.env["kam.action"], self.user).create({**vals, "bid_task": "technical"})
        defaults = self._as(self.env["kam.action"], self.user).with_context(
            default_bid_task="technical"
        )
        self.assertFalse(defaults.create(vals).bid_task)
        with self.assertRaises(AccessError):
            bid.task_ids.filtered(lambda t: not t.bid_task).write({"bid_task": "need"})
        task = bid.task_ids.filtered(lambda t: t.bid_task == "need")
        with self.assertRaises(UserError):
            task._cancel("No time")

    def test_the_review_asks_for_everything(self):
        """Source: S0-84 … S0-89"""
        bid = self._preparing()
        reviewer = self._as(bid, self.helper)
        with self.assertRaises(ValidationError) as error:
            reviewer.action_review()
        texts = ("Technical", "Commercial", "Need", "require", "proposal", "strategy", "amount")
        for text in texts:
            self.assertIn(text, str(error.exception))
        self._complete(bid)
        bid.requirement_ids.status = "open"
        with self.assertRaises(ValidationError):
            reviewer.action_review()
        bid.requirement_ids.status = "deviation"
        with self.assertRaises(AccessError, msg="not by the leader himself"):
            bid.action_review()
        reviewer.action_review()
        self.assertEqual((bid.state, bid.reviewed_by_id), ("reviewed", self.helper))
        with self.assertRaises(UserError):
            bid.requirement_ids.write({"status": "met"})
        with self.assertRaises(UserError):
            bid.write({"amount": 1.0})
        bid.action_back()
        bid.write({"amount": 940.0})
        self.assertEqual((bid.amount, bid.reviewed_by_id), (940.0, self.env["res.users"]))

    def test_two_envelopes_are_checked_each(self):
        bid = self._complete(self._preparing(is_two_envelope=True))
        with self.assertRaises(ValidationError):
            self._as(bid, self.helper).action_review()
        bid.action_check_technical()
        bid.action_check_commercial()
        self._as(bid, self.helper).action_review()
        self.assertEqual(bid.state, "reviewed")

    def test_a_certificate_expired_on_the_deadline_is_pointed_out(self):
        """Before, on and after its last day.  Source: users §3.4"""
        paper = self.env["kam.certificate"].create(
            {"name": "ISO 9001", "valid_until": "2026-12-06", "company_id": self.company.id}
        )
        bid = self._bid(certificate_ids=[Command.set(paper.ids)])
        self.assertIn("ISO 9001", bid.certificate_warning)
        paper.valid_until = date(2026, 12, 7)
        self.assertIs(bid.certificate_warning, False)
        self.assertIs(bid.requirement_text, False)
        self.assertEqual(paper.status, "expiring")
        self.assertIn(paper, paper.search([("status", "=", "expiring")]))
        with self.assertRaises(ValidationError):
            paper.valid_from = date(2026, 12, 8)

    def test_a_setting_asks_for_a_pursuit(self):
        bid = self._scored()
        bid.action_go()
        self.company.kam_bid_needs_pursuit = True
        with self.assertRaises(ValidationError):
            bid.action_prepare()
        self.company.kam_bid_needs_pursuit = False
        bid.action_prepare()

    # Submission

    def test_handed_in_in_time_with_proof_and_who_follows(self):
        """Before, on and after the deadline.  Source: S0-86, S0-90"""
        bid = self._reviewed()
        proof = self._proof(self.user)
        for moment, files, follower in (
            (datetime(2026, 11, 23, 2, 0), proof.browse(), self.user),
            (datetime(2026, 11, 23, 2, 0), proof, self.user.browse()),
            (datetime(2026, 11, 23, 2, 0, 1), proof, self.user),
            (datetime(2026, 11, 22), proof, self.user),
        ):
            with self.assertRaises(ValidationError):
                bid._submit(moment, files, follower)
        with freeze_time("2026-12-07 03:00:00"):
            with self.assertRaises(ValidationError):
                bid._submit(datetime(2026, 12, 7, 2, 0, 1), proof, self.user)
            bid._submit(datetime(2026, 12, 7, 2, 0), proof, self.member)
        self.assertEqual((bid.state, bid.submitted_on), ("submitted", bid.deadline))
        self.assertTrue(bid.entered_late, "in time, entered after it")
        self.assertEqual((bid.proof_ids, bid.follow_up_user_id), (proof, self.member))
        self.assertEqual((proof.res_model, proof.res_id), ("kam.bid", bid.id))
        for vals in ({"raw": b"other"}, {"res_id": 0}):
            with self.assertRaises(UserError):
                proof.write(vals)
        with self.assertRaises(UserError):
            proof.unlink()

    def test_entered_in_time_is_not_marked(self):
        self.assertFalse(self._submitted().entered_late)

    def test_nothing_is_set_by_hand(self):
        """State, result, proof and figures are the buttons'.  Source: design §5.2"""
        bid = self._bid()
        for vals in (
            {"state": "submitted"},
            {"result": "won"},
            {"submitted_on": NOW},
            {"go_decision": "go"},
            {"won_amount": 1.0},
            {"reviewed_by_id": self.user.id},
            {"account_id": self.elsewhere.id},
            {"lead_id": self._lead("Other").id},
            {"leader_approved_by_id": self.user.id},
        ):
            with self.assertRaises(AccessError, msg=vals):
                bid.write(vals)
        with self.assertRaises(AccessError):
            self._bid(result="won")
        forged = self._as(self.env["kam.bid"], self.user).with_context(default_state="submitted")
        new = forged.create({"lead_id": self.lead.id, "deadline": "2026-12-07 02:00:00"})
        self.assertEqual(new.state, "identified")
        self.assertFalse(self._won(lead=self._lead("Line 9")).copy().result)

    # Clarifications

    def test_clarifications_are_records(self):
        """Source: S0-91"""
        bid = self._submitted()
        line = self._as(self.env["kam.bid.clarification"], self.user).create(
            {"bid_id": bid.id, "question": "Which motor?", "due_on": "2026-11-25"}
        )
        self.assertFalse(line.is_answered)
        line.answer = "Ours"
        self.assertEqual((line.answered_on, line.answered_by_id), (TODAY, self.user))
        with self.assertRaises(UserError):
            line.unlink()
        with self.assertRaises(ValidationError):
            line.answered_on = date(2026, 11, 22)
        with self.assertRaises(ValidationError):
            line.create({"bid_id": bid.id, "question": "x", "due_on": "2026-11-22"})
        with self.assertRaises(ValidationError):
            line.create({"bid_id": bid.id, "question": "x", "answered_on": "2026-11-23"})


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestBidResult(BidCase):
    """What came of a bid, what it is worth, and the opportunity behind it.

    Source: S0-87, design §4.4.
    """

    def test_won_starts_the_deadline_for_signing(self):
        """Source: users §3.7 K10"""
        bid = self._won()
        self.assertEqual((bid.award_on, bid.sign_until), (date(2026, 11, 20), date(2026, 12, 20)))
        self.assertEqual((bid.won_amount, bid.decided_amount, bid.own_price), (900.0, 900.0, 900.0))

    def test_the_contract_is_signed_from_the_award_to_today(self):
        bid = self._won()
        yesterday, tomorrow = TODAY - timedelta(days=1), TODAY + timedelta(days=1)
        for day in (bid.award_on - timedelta(days=1), tomorrow):
            with self.assertRaises(ValidationError):
                bid.signed_on = day
        for day in (bid.award_on, yesterday, TODAY):
            bid.signed_on = day

    def test_won_moves_the_opportunity_after_a_confirmation(self):
        """Also one that was marked lost.  Source: design §4.4"""
        bid = self._opened(self._submitted(), 900.0, winner="us")
        self.lead.action_set_lost()
        self.assertTrue(bid.lead_warning)
        action = bid._end("won", TODAY)
        self.assertEqual(action["res_model"], "kam.deal.result.wizard")
        self.assertEqual(self.lead.won_status, "lost", "only after a word")
        wizard = self._as(self.env[action["res_model"]], self.user).with_context(
            **action["context"]
        )
        wizard.create({}).action_confirm()
        self.assertEqual(self.lead.won_status, "won")
        self.env.invalidate_all()
        self.assertFalse(bid.lead_warning)

    def test_lost_while_the_opportunity_is_won(self):
        self.lead.action_set_won()
        bid = self._lost()
        self.assertTrue(bid.lead_warning)
        self.assertEqual(bid._deal_result(), "lost")
        action = self.env["crm.lead"].with_user(self.user)._kam_deal_result(bid, "lost")
        self.assertEqual(self.lead.won_status, "won", "only after a word")
        wizard = self._as(self.env[action["res_model"]], self.user)
        wizard.with_context(**action["context"]).create({}).action_confirm()
        self.assertEqual(self.lead.won_status, "lost")
        self.env.invalidate_all()
        self.assertFalse(bid.lead_warning)

    def test_the_reason_of_a_result_stays(self):
        bid = self._lost()
        with self.assertRaises(AccessError):
            bid.result_reason = "Bad luck"
        bid.lesson = "Ask twice"
        self._as(bid, self.officer).result_reason = "Price, by two percent"

    def test_lost_says_why_to_whom_and_what_is_learned(self):
        bid = self._opened(self._submitted())
        for text, lesson in (("", "x"), ("Price", "")):
            with self.assertRaises(UserError):
                bid._end("lost", TODAY, text, lesson=lesson)
        with self.assertRaises(ValidationError):
            bid._end("lost", TODAY + timedelta(days=1), "Price", lesson="x")
        with self.assertRaises(ValidationError, msg="the record says who won"):
            bid._end("won", TODAY)
        bid._end("lost", TODAY, "Price", lesson="x")
        self.assertEqual((bid.winner_id, bid.win_price, bid.own_price), (self.rival, 930.0, 950.0))
        self.assertAlmostEqual(bid.price_gap, 2.15, 2)
        with self.assertRaises(UserError):
            bid.opening_ids.write({"price": 1.0})

    def test_a_tender_ends_from_the_right_state_only(self):
        bid = self._bid()
        for result in ("won", "lost", "rejected", "withdrawn"):
            with self.assertRaises(UserError, msg=result):
                bid._end(result, TODAY, "x", lesson="x")
        bid._end("cancelled", TODAY, "No budget")
        self.assertFalse(bid._deal_result(), "it may be put out again")
        self.assertFalse(bid.decided_amount)
        with self.assertRaises(UserError):
            bid._end("cancelled", TODAY, "Again")

    def test_tasks_end_with_the_tender(self):
        bid = self._preparing()
        bid._end("withdrawn", TODAY, "Too late")
        self.assertEqual(set(bid.sudo().task_ids.mapped("state")), {"cancelled"})

    def test_the_office_takes_a_result_back(self):
        bid = self._lost()
        with self.assertRaises(AccessError):
            bid._reopen("Wrong")
        self._as(bid, self.officer)._reopen("The customer decided anew")
        self.assertEqual((bid.state, bid.result, bid.win_price), ("submitted", False, 0.0))

    def test_amounts_of_the_opening_are_in_the_companys_currency(self):
        """950 CNY against 110 USD at 8 : 1."""
        self._rate(self.usd, date(2026, 1, 1), 0.125)
        bid = self._opened(self._submitted(), winner="")
        bid.opening_ids.filtered("partner_id").write({"price": 110.0, "currency_id": self.usd.id})
        theirs, ours = bid.opening_ids.sorted("price_company")
        self.assertEqual((theirs.partner_id, theirs.price_company), (self.rival, 880.0))
        self.assertEqual((theirs.rank, ours.rank), (1, 2))
        self.assertAlmostEqual(ours.gap, (950 / 880 - 1) * 100, 2)

    @mute_logger("odoo.sql_db")
    def test_one_winner_and_every_bidder_once(self):
        bid = self._opened(self._submitted())
        for vals in (
            {"is_us": True, "price": 1.0},
            {"partner_id": self.rival.id, "price": 1.0},
        ):
            with self.assertRaises(UniqueViolation), self.cr.savepoint():
                bid.opening_ids.create({"bid_id": bid.id, **vals})
        ours = bid.opening_ids.filtered("is_us")
        for line, vals in (
            (ours, {"partner_id": self.customer.id}),
            (ours, {"is_us": False}),
            (bid.opening_ids - ours, {"partner_id": False}),
        ):
            with self.assertRaises(ValidationError):
                line.write(vals)

    # Bonds

    def test_a_bond_is_paid_and_returned_once(self):
        """Source: users §3.4"""
        bid = self._bid()
        bond = self._as(self.env["kam.bid.bond"], self.user).create(
            {"bid_id": bid.id, "amount": 80.0, "due_back": "2026-11-22"}
        )
        with self.assertRaises(UserError):
            bond._enter("returned", TODAY, 80.0)
        money = self._as(bond, self.finance)
        money._enter("paid", date(2026, 11, 20))
        self.assertEqual((bond.state, bond.paid_by_id), ("paid", self.finance))
        self.assertTrue(bond.is_overdue)
        self.assertEqual(bond.days_overdue, 1)
        self.assertEqual(money.search([("is_overdue", "=", True)]), bond)
        for day, amount, text in (
            (date(2026, 11, 19), 80.0, False),
            (date(2026, 11, 24), 80.0, False),
            (TODAY, 80.1, False),
            (TODAY, 0.0, "x"),
            (TODAY, 70.0, False),
        ):
            with self.assertRaises(ValidationError):
                money._enter("returned", day, amount, text)
        money._enter("returned", TODAY, 70.0, "Fee kept")
        self.assertFalse(bond.is_overdue)
        for step in ("paid", "returned", "forfeited"):
            with self.assertRaises(UserError):
                money._enter(step, TODAY, 70.0, "x")
        with self.assertRaises(UserError):
            bond.write({"amount": 1.0})
        with self.assertRaises(AccessError):
            bond.write({"state": "paid"})
        with self.assertRaises(UserError):
            bond.sudo().unlink()

    def test_a_bond_in_another_currency(self):
        """100 USD at 8 : 1, returned in the bond's own currency."""
        self._rate(self.usd, date(2026, 1, 1), 0.125)
        bond = self._as(self.env["kam.bid.bond"], self.user).create(
            {"bid_id": self._bid().id, "amount": 100.0, "currency_id": self.usd.id}
        )
        self.assertEqual((bond.amount, bond.amount_company), (100.0, 800.0))
        bond._enter("paid", date(2026, 11, 20))
        with self.assertRaises(ValidationError):
            bond._enter("returned", TODAY, 800.0)
        bond._enter("returned", TODAY, 100.0)
        self.assertEqual((bond.state, bond.returned_amount), ("returned", 100.0))

    def test_who_is_on_the_bid_no_more_enters_no_bond(self):
        bid = self._bid()
        bond = self._as(self.env["kam.bid.bond"], self.helper).create(
            {"bid_id": bid.id, "amount": 80.0}
        )
        bid.member_ids.unlink()
        with self.assertRaises(AccessError):
            bond._enter("paid", TODAY)

    # One deal

    def test_the_ribbon_shows_the_bid_and_its_next_button(self):
        lead = self._as(self.lead, self.user)
        self.assertEqual(lead.kam_deal_ribbon["next"]["label"], "Start Bid")
        bid = self._bid()
        self.env.invalidate_all()
        step = next(s for s in lead.kam_deal_ribbon["steps"] if s["code"] == "bid")
        self.assertEqual((step["state"], step["holder"]), ("Identified", self.user.name))
        self.assertEqual(lead.kam_deal_ribbon["next"]["label"], "Score")
        self.assertEqual(bid.deal_ribbon["next"]["label"], "Score")
        self.assertEqual(lead.kam_bid_count, 1)

    def test_a_bid_needs_no_pursuit_and_starts_at_its_step(self):
        """Source: design §4.4"""
        self.env.ref("key_account_mgmt.group_kam_area_pursuit")._kam_switch_on()
        lead = self._as(self.lead, self.user)
        ribbon = lead.kam_deal_ribbon
        self.assertEqual(ribbon["next"]["label"], "Apply for a Pursuit")
        starts = {step["code"]: step["start"] for step in ribbon["steps"]}
        self.assertEqual((starts["bid"], starts["order"]), ("Start Bid", False))
        action = lead.action_kam_deal_open("bid")
        self.assertEqual((action["res_model"], action.get("res_id")), ("kam.bid", None))
        with self.assertRaises(AccessError):
            self._as(self.lead, self.quality).action_kam_deal_open("bid")

    def test_no_bid_is_offered_before_its_pursuit_is_registered(self):
        """Nor for what was won or lost."""
        self.env.ref("key_account_mgmt.group_kam_area_pursuit")._kam_switch_on()
        lead = self._as(self.lead, self.user)
        lead.write({"kam_project": "Line 7", "expected_revenue": 1e6})
        lead.kam_scope_ids = self.env["kam.product.scope"].create({"name": "Doors"})
        pursuit = self._as(self.env["kam.pursuit"], self.user).create(
            {"lead_id": lead.id, "objective": "x", "first_step": "y"}
        )
        pursuit.action_apply()
        self.env.invalidate_all()
        self.assertIsNone(lead.kam_deal_ribbon["next"])
        self._as(pursuit, self.officer).action_register()
        self._as(pursuit, self.user)._cancel("Without one")
        self.env.invalidate_all()
        self.assertEqual(lead.kam_deal_ribbon["next"]["label"], "Start Bid")
        self.lead.action_set_won()
        self.env.invalidate_all()
        following = lead.kam_deal_ribbon["next"]
        self.assertNotEqual(following and following["label"], "Start Bid")

    def test_the_customer_stays_while_the_bid_runs(self):
        bid = self._bid()
        lead = self._as(self.lead, self.user)
        with self.assertRaises(UserError):
            lead.partner_id = self.elsewhere.partner_id
        bid._end("cancelled", TODAY, "x")
        lead.partner_id = self.elsewhere.partner_id
        self.assertEqual(bid.account_id, self.elsewhere)

    def test_a_merged_opportunity_keeps_its_bid(self):
        bid = self._bid()
        other = self._lead("Metro line 7 again", amount=1.0)
        kept = (self.lead | other).merge_opportunity(auto_unlink=False)
        self.assertEqual(bid.lead_id, kept)

    def test_a_lead_converted_into_the_opportunity_keeps_the_bid(self):
        """Odoo's wizard merges: bid, account and the access of its team go on."""
        bid = self._bid()
        lead = self._lead("Metro line 7, by mail", amount=1.0)
        lead.type = "lead"
        wizard = self.env["crm.lead2opportunity.partner"].with_context(
            active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
        )
        wizard.create(
            {
                "name": "merge",
                "user_id": self.user.id,
                "duplicated_lead_ids": [Command.set((lead | self.lead).ids)],
            }
        ).action_apply()
        kept = (lead | self.lead).exists()
        self.assertEqual(len(kept), 1)
        self.env.invalidate_all()
        self.assertEqual((bid.lead_id, bid.account_id), (kept, self.account))
        self.assertEqual(self._as(self.env["crm.lead"], self.helper).search([]), kept)

    def test_a_lead_converted_alone_keeps_its_bid(self):
        """With another customer the file follows, for the office."""
        lead = self._lead("By mail")
        lead.type = "lead"
        bid = self._bid(lead=lead)
        lead.convert_opportunity(self.customer, user_ids=self.user.ids)
        self.assertEqual((lead.type, bid.lead_id, bid.account_id),
                         ("opportunity", lead, self.account))  # fmt: skip

    def test_a_handover_takes_the_bid_along(self):
        bid = self._preparing()
        self.assertIn(bid.id, [i["res_id"] for i in self.account._handover_items(self.user)
                               if i["model"] == "kam.bid"])  # fmt: skip
        self.account.sudo()._as_engine()._handover_apply(self.user, self.officer)
        self.assertEqual(bid.sudo().user_id, self.officer)
        self.assertEqual(bid.sudo().task_ids.filtered(lambda t: t.bid_task == "need").user_id,
                         self.officer)  # fmt: skip

    def test_the_paper(self):
        """P12: appointment, plan, tasks; not what we offer."""
        bid = self._complete(self._preparing())
        report = self._as(self.env["ir.actions.report"], self.helper)
        html = report._render_qweb_html("key_account_mgmt.report_bid", bid.ids)[0].decode()
        for text in ("Metro line 7", "Helper", "Technical proposal", "IP54", "Asia/Shanghai"):
            self.assertIn(text, html)
        for secret in ("950", "Two percent", "rattle"):
            self.assertNotIn(secret, html)

    def test_what_was_worked_on_is_not_deleted(self):
        self.officer.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        bid = self._preparing()
        with self.assertRaises(UserError):
            self._as(bid, self.officer).unlink()
        self._as(self._bid(lead=self._lead("Line 8")), self.officer).unlink()
