from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.key_account_mgmt.policy.periods import Period

from .common import GROUP, KamCase
from .common_sales import SalesCommon

DAY = timedelta(days=1)
TODAY = date(2026, 11, 23)


class ExecutionCase(KamCase):
    """Monday 23 November 2026.  ``cls.manager`` runs a contract with Tianheng, signed on
    1 August; ``cls.worker`` owns a milestone and reads nothing else; ``cls.user`` leads the
    account."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        for area in ("contract", "issue", "negotiation"):
            group = cls.env.ref(f"key_account_mgmt.group_kam_area_{area}")
            cls.env.ref("base.group_user").implied_ids |= group
        cls.manager = cls._new_user("manager", GROUP % "user")
        cls.worker = cls._new_user("worker", GROUP % "member")
        cls.treasurer = cls._new_user("treasurer", GROUP % "finance")
        cls.customer = cls._customer("Tianheng", email="office@tianheng.example")
        cls.account = cls._account(cls.customer, cls.user)
        cls.account.member_ids = [
            Command.create(
                {
                    "user_id": cls.manager.id,
                    "role_id": cls.env.ref("key_account_mgmt.kam_team_role_technical").id,
                    "date_from": date(2026, 1, 1),
                }
            )
        ]
        cls.department = cls.env["kam.department"].create({"name": "Production"})
        cls.product = cls.env["product.product"].create(
            {"name": "Door operator", "list_price": 100.0, "taxes_id": False, "type": "consu"}
        )
        cls.contract = cls._in_force()

    @classmethod
    def _in_force(cls, **values):
        contract = (
            cls.env["kam.contract"]
            .sudo()
            ._as_engine()
            .create(
                {
                    "name": "Door operators 2026",
                    "kind": "single",
                    "type_id": cls.env["kam.contract.type"].search([], limit=1).id,
                    "own_partner_id": cls.customer.id,
                    "company_id": cls.company.id,
                    "user_id": cls.user.id,
                    "project_manager_id": cls.manager.id,
                    "date_from": date(2026, 8, 1),
                    "date_to": date(2027, 7, 31),
                    "amount_total": 10_000.0,
                    **values,
                }
            )
        )
        contract.write({"state": "in_force", "signed_on": date(2026, 8, 1)})
        return contract._without_engine().sudo(False)

    def _milestone(self, user=None, **values):
        contract = self._as(self.contract, user or self.manager)
        return contract.env["kam.contract.milestone"].create(
            {
                "contract_id": self.contract.id,
                "name": "First hundred",
                "user_id": self.worker.id,
                "date_due": TODAY + 7 * DAY,
                "department_id": self.department.id,
                **values,
            }
        )

    def _term(self, **values):
        return self.env["kam.contract.term"].create(
            {
                "contract_id": self.contract.id,
                "name": "Notice",
                "kind": "notice",
                "fixed_on": TODAY + 40 * DAY,
                **values,
            }
        )

    def _watch(self, day=TODAY):
        self._job("_cron_contract_watch", day, "kam.contract")
        self.env.invalidate_all()


@freeze_time("2026-11-23 02:00:00")
@tagged("post_install", "-at_install")
class TestWhereTheyBegin(ExecutionCase):
    """Finance and project managers.  Source: users §6."""

    def _home(self, user):
        home = self._as(self.env["res.users"], user)._kam_home_action_xmlid()
        return home.removeprefix("key_account_mgmt.")

    def test_homes(self):
        self.assertEqual(self._home(self.treasurer), "kam_contract_payment_action_finance")
        self.assertEqual(self._home(self.manager), "kam_week_item_action", "leads accounts")
        self.assertEqual(self._home(self.worker), "kam_week_item_action")
        self.contract.sudo()._as_engine().project_manager_id = self.worker
        self.assertEqual(self._home(self.worker), "kam_contract_action_run")
        self.contract.sudo()._as_engine().state = "completed"
        self.assertEqual(self._home(self.worker), "kam_week_item_action")

    def test_what_is_still_to_collect(self):
        payment = self.env["kam.contract.payment"]
        self.contract.sudo()._as_engine().write(
            {"payment_ids": [Command.create({"kind": "advance", "percent": 100})]}
        )
        mine = self._as(payment, self.treasurer)
        wanted = [("contract_id", "=", self.contract.id)]
        found = mine.search([*wanted, ("is_to_collect", "=", True)])
        self.assertEqual(found, mine.search(wanted))
        self.assertFalse(mine.search([*wanted, ("is_to_collect", "=", False)]))


@freeze_time("2026-11-23 02:00:00")
@tagged("post_install", "-at_install")
class TestMilestones(ExecutionCase):
    """S0-107, S0-108, S0-110, K11."""

    def test_owner_and_day_are_the_action_s(self):
        milestone = self._milestone()
        action = milestone.sudo().action_id
        self.assertEqual((action.user_id, action.date_due), (self.worker, TODAY + 7 * DAY))
        self.assertEqual((action.contract_id, action.account_id), (self.contract, self.account))
        milestone.date_due = TODAY + 9 * DAY
        self.assertEqual(action.date_due, TODAY + 9 * DAY)
        self.assertEqual(action.date_due_first, TODAY + 7 * DAY)

    def test_not_after_the_end_of_the_contract(self):
        """A milestone after the contract's end; on its last day it is in time."""
        self._milestone(date_due=date(2027, 7, 31))
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self._milestone(date_due=date(2027, 8, 1))
        milestone = self._milestone()
        with self.assertRaises(ValidationError), self.cr.savepoint():
            milestone.date_due = date(2027, 8, 1)

    def test_the_owner_does_it_and_the_manager_judges(self):
        milestone = self._milestone()
        with self.assertRaises(UserError), self.cr.savepoint():
            milestone.action_conform()
        action = self._as(milestone.sudo().action_id.sudo(False), self.worker)
        action.action_done()
        with self.assertRaises(UserError), self.cr.savepoint():
            milestone._judge("not_conform", " ")
        milestone._judge("not_conform", "no record")
        self.assertEqual(milestone.conformity, "not_conform")
        self.assertEqual(milestone.judged_by_id, self.manager)
        other = self._as(milestone, self.user)
        with self.assertRaises(AccessError):
            other.action_conform()

    def test_facts_are_not_written_by_hand(self):
        milestone = self._milestone()
        for values in (
            {"conformity": "conform"},
            {"judged_by_id": self.manager.id},
            {"action_id": milestone.sudo().action_id.id},
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                milestone.write(values)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._milestone(conformity="conform")
        with self.assertRaises(AccessError), self.cr.savepoint():
            self.env["kam.action"].with_user(self.worker).create(
                {"name": "X", "date_due": TODAY, "contract_id": self.contract.id}
            )

    def test_in_force_needs_one_with_a_department(self):
        contract = self._in_force()
        self.assertTrue(any("milestone" in p for p in contract._in_force_problems()))
        milestone = self._milestone(contract_id=contract.id, department_id=False)
        self.env.invalidate_all()
        self.assertTrue(any("department" in p for p in contract._in_force_problems()))
        milestone.department_id = self.department
        self.assertFalse(contract._in_force_problems())

    def test_a_late_delivery_raises_its_issue_once(self):
        late = self._milestone(is_delivery=True, date_due=TODAY)
        self._milestone(date_due=TODAY)
        self._watch(TODAY)
        Issue = self.env["kam.issue"]
        self.assertFalse(Issue.search([("contract_id", "=", self.contract.id)]))
        self._watch(TODAY + DAY)
        self._watch(TODAY + DAY)
        issue = Issue.search([("contract_id", "=", self.contract.id)])
        self.assertEqual(len(issue), 1)
        self.assertEqual((issue.milestone_id, issue.category), (late, "delivery"))
        self.assertTrue(issue.is_automatic)


@freeze_time("2026-11-23 02:00:00")
@tagged("post_install", "-at_install")
class TestTerms(ExecutionCase):
    """S1s-04, S1s-05, S1s-07, S1s-13, J10."""

    def test_days_follow_the_contract_and_its_events(self):
        before = self._term(basis="end", number=7, direction="before", fixed_on=False)
        self.assertEqual(before.date, date(2027, 7, 24))
        event = self._term(
            kind="end", basis="event", event="Opening", number=18, unit="month", fixed_on=False
        )
        self.assertFalse(event.date)
        event.event_on = date(2026, 11, 1)
        self.assertEqual(event.date, date(2028, 5, 1))
        self.env.invalidate_all()
        self.assertEqual(self.contract.date_to_in_force, date(2028, 5, 1))
        self.assertEqual(before.date, date(2028, 4, 24))

    def test_it_goes_on_unless_notice_was_given(self):
        self.contract.sudo()._as_engine().write({"date_to": TODAY})
        term = self._term(kind="extension", extend_months=12, fixed_on=False)
        self._watch(TODAY)
        self.assertEqual(self.contract.date_to_in_force, TODAY)
        self._watch(TODAY + DAY)
        self._watch(TODAY + DAY)
        self.assertEqual(self.contract.date_to_in_force, date(2027, 11, 23))
        self.assertEqual((term.extended, self.contract.date_to), (1, TODAY))

    def test_a_notice_stops_it(self):
        self.contract.sudo()._as_engine().write({"date_to": TODAY})
        self._term(kind="extension", extend_months=12, fixed_on=False)
        self._as(self._term(), self.manager).action_kept()
        self._watch(TODAY + DAY)
        self.assertEqual(self.contract.date_to_in_force, TODAY)

    def test_reminded_once_of_each_day(self):
        term = self._term(remind_days=30, fixed_on=TODAY + 31 * DAY)
        Notice = self.env["kam.notice"]
        self._watch(TODAY)
        self.assertFalse(Notice.search([("topic", "=", "contract_term")]))
        self._watch(TODAY + DAY)
        self._watch(TODAY + 2 * DAY)
        told = Notice.search([("topic", "=", "contract_term")])
        self.assertEqual((len(told), told.user_id), (1, self.manager))
        term.sudo()._as_engine().write({"fixed_on": TODAY + 20 * DAY})
        self._watch(TODAY + 2 * DAY)
        self.assertEqual(Notice.search_count([("topic", "=", "contract_term")]), 2)

    def test_what_was_signed_stays(self):
        term = self._term()
        mine = self._as(term, self.manager)
        with self.assertRaises(UserError), self.cr.savepoint():
            mine.write({"number": 3})
        mine.write({"note": "They called."})
        with self.assertRaises(AccessError), self.cr.savepoint():
            mine.write({"state": "kept"})
        for name in ("end_by_terms", "settled_on", "ended_on"):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(self.contract, self.officer).write({name: TODAY})

    def test_exclusivity_warns_about_another_contract(self):
        """S1s-13: until its last day, for the same customer."""
        term = self._term(kind="exclusivity", fixed_on=TODAY)
        other = self._in_force()
        self.assertIn("exclusivity", other.exclusive_warning)
        self.assertFalse(self.contract.exclusive_warning)
        stranger = self._customer("Beichen")
        elsewhere = self._in_force(own_partner_id=stranger.id)
        self.assertFalse(elsewhere.exclusive_warning)
        term.sudo()._as_engine().write({"fixed_on": TODAY - DAY})
        self.env.invalidate_all()
        self.assertFalse(other.exclusive_warning)

    def test_a_job_that_slept_catches_up(self):
        """Late by two years: the contract went on as often as it would have."""
        self.contract.sudo()._as_engine().write({"date_to": TODAY})
        term = self._term(kind="extension", extend_months=12, fixed_on=False)
        self._watch(date(2028, 11, 24))
        self.assertEqual(self.contract.date_to_in_force, date(2029, 11, 23))
        self.assertEqual(term.extended, 3)
        self._watch(date(2028, 11, 24))
        self.assertEqual(term.extended, 3)


@freeze_time("2026-11-23 02:00:00")
@tagged("post_install", "-at_install")
class TestChecks(ExecutionCase):
    """S0-109, S0-111, P18, P19, J10."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        policies = cls.env["kam.contract.check.policy"].search([])
        policies.key_accounts_only = False

    def test_one_of_every_period_that_is_over(self):
        self._watch()
        self._watch()
        checks = self.contract.check_ids.sorted("date_to")
        ends = [date(2026, 8, 31), date(2026, 9, 30), date(2026, 10, 31)]
        self.assertEqual(checks.mapped("date_to"), ends)
        self.assertTrue(all(c.is_check and c.is_report for c in checks))
        self.assertEqual(checks.user_id, self.manager)

    def test_only_contracts_the_policy_names(self):
        self.env["kam.contract.check.policy"].search([]).amount_from = 10_000.01
        self._watch()
        self.assertFalse(self.contract.check_ids)

    def test_prepared_sent_and_finished(self):
        self._milestone(date_due=TODAY)
        self._watch()
        check = self._as(self.contract.check_ids[:1], self.manager)
        self.assertIn("Progress of contract", check.report_text)
        check.conclusion = "on_track"
        with self.assertRaises(UserError), self.cr.savepoint():
            check.action_done()
        check.contact_id = self.customer
        with mute_logger("odoo.addons.mail.models.mail_mail"):
            check.action_send()
        self.assertTrue(check.sent_on)
        message = check.sudo().message_ids.filtered("attachment_ids")
        self.assertEqual(message.partner_ids, self.customer)
        with self.assertRaises(UserError), self.cr.savepoint():
            check.action_send()
        with self.assertRaises(UserError), self.cr.savepoint():
            check.report_text = "Better"
        check.action_done()
        self.assertEqual((check.state, check.done_late), ("done", check.due_on < TODAY))

    def test_who_hears_of_it(self):
        """Of the group, else who signs, else the customer; next time whoever had the last."""
        signatory, member = self.env["res.partner"].create(
            [
                {"name": name, "parent_id": self.customer.id, "email": f"{name}@y.example"}
                for name in ("signatory", "member")
            ]
        )
        contract = self.contract.sudo()
        self.customer.email = "office@y.example"
        self.assertEqual(contract._report_contact(), self.customer)
        contract._as_engine().contact_id = signatory
        self.assertEqual(contract._report_contact(), signatory)
        self.env["kam.contract.coordinator"].create(
            {"contract_id": contract.id, "partner_id": member.id}
        )
        self.assertEqual(contract._report_contact(), member)
        member.email = False
        self.assertEqual(contract._report_contact(), signatory)

    def test_only_to_the_customer_and_by_who_runs_it(self):
        self._watch()
        check = self.contract.check_ids[:1]
        stranger = self._customer("Stranger", email="x@y.example")
        mine = self._as(check, self.manager)
        mine.contact_id = stranger
        with self.assertRaises(UserError), self.cr.savepoint():
            mine.action_send()
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(check, self.user).action_done()
        with self.assertRaises(AccessError), self.cr.savepoint():
            mine.write({"sent_on": "2026-11-01 00:00:00"})


@freeze_time("2026-11-23 02:00:00")
@tagged("post_install", "-at_install")
class TestMoneyAndEnd(ExecutionCase):
    """Invoiced, collected, overdue; S1s-14; (c8); time in each state."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.customer.id,
                "company_id": cls.company.id,
                "order_line": [
                    Command.create(
                        {"product_id": cls.product.id, "product_uom_qty": 100, "price_unit": 100.0}
                    )
                ],
            }
        )
        engine = cls.contract._as_engine().env.context
        cls.order.with_context(**engine).write({"kam_contract_id": cls.contract.id})

    def _bill(self, quantity, due):
        line = self.order.order_line
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "invoice_date": TODAY - 60 * DAY,
                "invoice_date_due": due,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "quantity": quantity,
                            "price_unit": 100.0,
                            "tax_ids": False,
                            "sale_line_ids": [Command.set(line.ids)],
                        }
                    )
                ],
            }
        )
        move.action_post()
        return move

    def test_figures_are_odoo_s(self):
        self._bill(30, TODAY - DAY)
        self._bill(20, TODAY)
        self.env.invalidate_all()
        contract = self._as(self.contract, self.manager)
        self.assertEqual(
            (contract.invoiced, contract.collected, contract.overdue), (5000.0, 0.0, 3000.0)
        )

    def test_in_the_currency_of_the_contract(self):
        """Contract in another currency: figures are its own, whatever was invoiced."""
        dollar = self.env.ref("base.USD")
        if dollar == self.company.currency_id:
            dollar = self.env.ref("base.EUR")
        dollar.active = True
        self.env["res.currency.rate"].create(
            {
                "currency_id": dollar.id,
                "name": TODAY - 90 * DAY,
                "rate": 0.125,
                "company_id": self.company.root_id.id,
            }
        )
        self._bill(40, TODAY - DAY)
        self.contract.sudo()._as_engine().write({"currency_id": dollar.id})
        self.env.invalidate_all()
        self.assertEqual((self.contract.invoiced, self.contract.overdue), (500.0, 500.0))

    def test_instalments_are_paid_in_their_order(self):
        """Invoiced, overdue and the retention that is reminded once."""
        plan = self.env["kam.contract.payment"].sudo()
        kinds = (("advance", TODAY - DAY), ("delivery", TODAY), ("retention", TODAY + 30 * DAY))
        lines = plan.with_env(self.contract.sudo()._as_engine().env).create(
            [
                {
                    "contract_id": self.contract.id,
                    "sequence": 10 * number,
                    "kind": kind,
                    "amount": amount,
                    "due_on": day,
                }
                for number, ((kind, day), amount) in enumerate(
                    zip(kinds, (3000.0, 6000.0, 1000.0), strict=True)
                )
            ]
        )
        self._bill(35, TODAY + DAY)
        self.env.invalidate_all()
        self.assertEqual(lines.mapped("invoiced"), [3000.0, 500.0, 0.0])
        self.assertEqual(lines.mapped("status"), ["overdue", "due", "planned"])
        self.assertEqual(plan.search([("is_overdue", "=", True)]) & lines, lines[0])
        self._watch()
        self._watch()
        told = self.env["kam.notice"].search([("topic", "=", "contract_retention")])
        self.assertEqual(told.user_id, self.manager | self.user | self.treasurer)
        self.assertEqual(len(told), 3)

    def test_the_analysis(self):
        """Where it stands, since when, with whom; in time; called off; the reader's rights."""
        self._milestone(date_due=TODAY - DAY)
        self._bill(30, TODAY - DAY)
        self.env.flush_all()
        self.env.invalidate_all()
        Report = self.env["kam.contract.report"]
        row = Report.with_user(self.director).search([("contract_id", "=", self.contract.id)])
        self.assertEqual((row.state, row.holder_id), ("in_force", self.manager))
        self.assertEqual((row.milestones_due, row.execution_rate), (1, 0.0))
        self.assertEqual((row.invoiced, row.overdue), (3000.0, 3000.0))
        self.assertFalse(
            Report.with_user(self.worker).search([("contract_id", "=", self.contract.id)])
        )

    def test_lists_have_constant_queries(self):
        """Twelve more contracts, milestones and instalments ask nothing more."""

        def spent(model, names):
            self.env.flush_all()
            self.env.invalidate_all()
            records = self.env[model].with_user(self.officer)
            before = self.cr.sql_log_count
            records.search([]).read(names)
            return self.cr.sql_log_count - before

        lists = (
            ("kam.contract.report", ["invoiced", "called_off", "waiting_for", "days_in_state"]),
            ("kam.contract.milestone", ["name", "date_due", "is_overdue", "conformity"]),
            ("kam.contract.payment", ["invoiced", "collected", "status", "days_overdue"]),
        )

        def more(count):
            for _number in range(count):
                contract = self._in_force()
                self._milestone(contract_id=contract.id)
                contract.env["kam.contract.payment"].with_env(
                    contract.sudo()._as_engine().env
                ).create(
                    {"contract_id": contract.id, "kind": "advance", "amount": 5.0, "due_on": TODAY}
                )

        more(2)
        for model, names in lists:
            spent(model, names)
        few = {model: spent(model, names) for model, names in lists}
        more(12)
        for model, names in lists:
            with self.subTest(model):
                self.assertLessEqual(spent(model, names), few[model] + 2)

    def test_a_draft_counts_nothing(self):
        self._bill(30, TODAY).button_draft()
        self.env.invalidate_all()
        self.assertEqual(self.contract.invoiced, 0.0)

    def test_only_a_director_ends_it_early(self):
        contract = self._as(self.contract, self.manager)
        with self.assertRaises(AccessError), self.cr.savepoint():
            contract._terminate("They merged.", TODAY, 0.0)
        milestone = self._milestone()
        boss = self._as(self.contract, self.director)
        for reason, day, performed in (
            (" ", TODAY, 0.0),
            ("x", TODAY + DAY, 0.0),
            ("x", date(2026, 7, 31), 0.0),
            ("x", TODAY, -1.0),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                boss._terminate(reason, day, performed)
        self._bill(30, TODAY)
        boss._terminate("They merged.", TODAY, 5000.0, 500.0)
        self.env.invalidate_all()
        self.assertEqual(self.contract.state, "terminated")
        self.assertEqual(self.contract.settlement_to_invoice, 2500.0)
        self.assertEqual(self.contract.settlement_to_collect, 5500.0)
        self.assertEqual(milestone.sudo().state, "cancelled")
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(self.contract, self.manager).action_settled()
        boss.action_settled()
        self.assertEqual(self.contract.settled_on, TODAY)

    def test_completed_when_nothing_is_open(self):
        milestone = self._milestone()
        contract = self._as(self.contract, self.manager)
        with self.assertRaisesRegex(UserError, "First hundred"), self.cr.savepoint():
            contract.action_complete()
        milestone.action_done()
        with self.assertRaises(UserError), self.cr.savepoint():
            contract.action_complete()
        milestone.action_conform()
        contract.action_complete()
        self.assertEqual(self.contract.state, "completed")

    def test_time_in_each_state(self):
        stages = self.contract.sudo().stage_ids
        self.assertEqual(stages.mapped("state"), ["draft", "in_force"])
        self.assertEqual(stages.filtered(lambda s: not s.left_on).state, "in_force")
        with self.assertRaises(AccessError):
            self._as(stages[0], self.officer).write({"left_on": False})


@freeze_time("2026-11-23 02:00:00")
@tagged("post_install", "-at_install")
class TestCoordination(ExecutionCase):
    """S1s-15, S1s-16; next negotiations (J10)."""

    def _group(self):
        person = self.env["res.partner"].create(
            {"name": "Meng Yuhan", "parent_id": self.customer.id}
        )
        self.contract.sudo().write({"coordination_period": "month"})
        for values in ({"partner_id": person.id}, {"user_id": self.worker.id}):
            self.env["kam.contract.coordinator"].create({"contract_id": self.contract.id, **values})

    def test_meets_once_a_period_when_the_group_is_complete(self):
        self.contract.sudo().write({"coordination_period": "month"})
        self._watch()
        self.assertFalse(self.contract.meeting_ids)
        self._group()
        self._watch()
        self._watch()
        meeting = self.contract.meeting_ids
        self.assertEqual(len(meeting), 1)
        self.assertEqual(
            (meeting.chair_id, meeting.kind_id.code), (self.manager, "contract_coordination")
        )
        self.assertIn(self.worker, meeting.participant_ids)
        self._as(meeting, self.manager).action_start()

    def test_two_of_the_customer_at_most(self):
        people = self.env["res.partner"].create(
            [{"name": str(n), "parent_id": self.customer.id} for n in range(3)]
        )
        Coordinator = self.env["kam.contract.coordinator"]
        for person in people[:2]:
            Coordinator.create({"contract_id": self.contract.id, "partner_id": person.id})
        with self.assertRaises(ValidationError):
            Coordinator.create({"contract_id": self.contract.id, "partner_id": people[2].id})

    def test_an_ending_frame_starts_its_negotiation_once(self):
        frame = self._in_force(kind="frame", date_to=TODAY + 91 * DAY)
        self._watch()
        self.assertFalse(frame.renewal_ids)
        frame.sudo()._as_engine().write({"date_to": TODAY + 90 * DAY})
        self._watch()
        self._watch()
        self.assertEqual(len(frame.renewal_ids), 1)
        self.assertEqual(frame.renewal_ids.lead_negotiator_id, self.user)
        self.assertFalse(self.contract.renewal_ids)


@freeze_time("2026-11-23 02:00:00")
@tagged("post_install", "-at_install")
class TestExecutionMetrics(SalesCommon):
    """K07, K10, K25, K30, K32, K33, K34: figure and the documents behind it.  S0-163."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._new_customer("Hongyue Elevator")
        cls.account = cls.env["kam.account"]._open_for(cls.customer, cls.company)[cls.customer.id]
        cls.november = Period(date(2026, 11, 1), date(2026, 11, 30))

    def _issues(self, category, *facts):
        kind = self.env["kam.issue.kind"].search([("category", "=", category)], limit=1)
        Issue = self.env["kam.issue"].sudo()._as_engine()
        for values in facts:
            Issue.create(
                {
                    "account_id": self.account.id,
                    "kind_id": kind.id,
                    "severity": "2",
                    "description": "Noise",
                }
            ).write(values)

    def test_k07_complaints_by_orders_or_sales(self):
        """Rejected ones do not count; frame customers are measured by sales."""
        self._issues("complaint", {}, {}, {"state": "rejected"})
        for _number in range(4):
            self._order(self.customer, "2026-11-10", 500_000.0)
        rate = self._figure("complaint_rate", self.customer, self.november)
        self.assertEqual(rate, 50.0)
        self._invoice(self.customer, "2026-11-10", 4_000_000.0)
        rate = self._figure("complaint_rate_sales", self.customer, self.november)
        self.assertEqual(rate, 0.5)

    def test_k10_signed_by_its_last_day(self):
        """On the last day is in time; unsigned after it is late; cancelled does not count."""
        type_ = self.env["kam.contract.type"].search([], limit=1)
        rows = (
            (date(2026, 11, 20), date(2026, 11, 20), "in_force"),
            (date(2026, 11, 20), date(2026, 11, 21), "in_force"),
            (date(2026, 11, 22), False, "to_sign"),
            (date(2026, 11, 23), False, "to_sign"),
            (date(2026, 11, 20), False, "cancelled"),
        )
        contracts = self.env["kam.contract"].sudo()._as_engine()
        made = [
            contracts.create(
                {
                    "name": "X",
                    "kind": "single",
                    "type_id": type_.id,
                    "own_partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "amount_total": 1.0,
                }
            )
            for _row in rows
        ]
        for contract, (deadline, signed, state) in zip(made, rows, strict=True):
            contract.write({"sign_deadline": deadline, "signed_on": signed, "state": state})
        figure = self._figure("contract_signing_rate", self.customer, self.november)
        self.assertAlmostEqual(figure, 100 / 3)

    def _pay(self, invoice, day, amount):
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        ) or self.env["account.journal"].create(
            {"name": "Bank", "code": "BNK9", "type": "bank", "company_id": self.company.id}
        )
        receivable = invoice.line_ids.filtered(lambda li: li.display_type == "payment_term")
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "journal_id": journal.id,
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": receivable.account_id.id,
                            "partner_id": self.customer.id,
                            "credit": amount,
                        }
                    ),
                    Command.create({"account_id": journal.default_account_id.id, "debit": amount}),
                ],
            }
        )
        entry.action_post()
        lines = entry.line_ids.filtered(lambda li: li.credit) | receivable
        lines.reconcile()
        return entry

    def test_k32_k33_k34_money_as_of_the_day(self):
        """Paid in the window; due up to the day; a window that runs looks until today."""
        due = {"invoice_date_due": "2026-11-10"}
        early = self._invoice(self.customer, "2026-10-10", 1000.0, **due)
        later = self._invoice(self.customer, "2026-11-01", 500.0, invoice_date_due=TODAY + 2 * DAY)
        self._pay(early, "2026-11-15", 600.0)
        self.assertEqual(self._figure("collections", self.customer, self.november), 600.0)
        # What falls due on the 25th is neither fallen due nor overdue on the 23rd.
        for code, value in (
            ("receivables_fallen_due", 1000.0),
            ("receivables_collected", 600.0),
            ("collection_rate", 60.0),
            ("receivables_open", 900.0),
            ("receivables_overdue", 400.0),
        ):
            with self.subTest(code):
                figure = self._figure(code, self.customer, self.november)
                self.assertAlmostEqual(figure, value)
        ratio = self._figure("overdue_ratio", self.customer, self.november)
        self.assertAlmostEqual(ratio, 100 * 400 / 900)
        self.assertEqual(later.amount_residual, 500.0)

    def test_k25_k30_answered_in_time(self):
        """Answered by the deadline, or not by then; rejected ones do not count."""
        before, after = "2026-11-10 01:00:00", "2026-11-12 01:00:00"
        due = {
            "response_deadline": "2026-11-11 01:00:00",
            "response_day": "2026-11-11",
            "resolve_deadline": "2026-11-11 01:00:00",
            "resolve_day": "2026-11-11",
        }
        in_time = {"response_on_time": True, "reply_on_time": True}
        self._issues(
            "quality",
            {**due, **in_time, "responded_on": before, "replied_on": before},
            {**due, "responded_on": after, "replied_on": after},
            {**due, **in_time, "responded_on": before, "replied_on": before, "state": "rejected"},
        )
        for code in ("response_rate", "resolution_rate", "quality_reply_rate"):
            with self.subTest(code):
                figure = self._figure(code, self.customer, self.november)
                self.assertEqual(figure, 50.0)

    def test_k25_k30_by_what_people_do(self):
        """One answered at once, one a week too late; the figures open both, and the one."""
        kind = self.env["kam.issue.kind"].search([("category", "=", "quality")], limit=1)
        vals = {
            "account_id": self.account.id,
            "kind_id": kind.id,
            "severity": "2",
            "description": "Noise",
        }
        with freeze_time("2026-11-10 02:00:00"):
            officer = self._user("kam_officer", "base.group_user,officer")
            issues = self.env["kam.issue"].with_user(officer).create([vals, vals])
            issues[0].action_respond()
        with freeze_time("2026-11-17 02:00:00"):
            issues[1].action_respond()
        self.assertEqual(self._figure("response_rate", self.customer, self.november), 50.0)
        self._assert_behind("issues_to_answer", issues)
        self._assert_behind("issues_answered_in_time", issues[0])

    def _assert_behind(self, code, records):
        action = self._metric(code)._explain_action(self.customer, self.company, self.november)
        self.assertEqual(action["res_model"], records._name)
        found = self.env[records._name].search(action["domain"])
        self.assertEqual(set(found.ids), set(records.ids))

    def test_the_documents_behind_k07_and_k10(self):
        """What was rejected, cancelled or signed late is not behind the figure."""
        self._issues("complaint", {}, {"state": "rejected"})
        complaint = self.env["kam.issue"].search([("state", "!=", "rejected")])
        self._assert_behind("complaints", complaint)
        contracts = self.env["kam.contract"].sudo()._as_engine()
        vals = {
            "name": "X",
            "own_partner_id": self.customer.id,
            "company_id": self.company.id,
            "amount_total": 1.0,
        }
        in_time, late, given_up = contracts.create([vals] * 3)
        day = date(2026, 11, 20)
        in_time.write({"sign_deadline": day, "signed_on": day, "state": "in_force"})
        late.write({"sign_deadline": day, "signed_on": day + DAY, "state": "in_force"})
        given_up.write({"sign_deadline": day, "state": "cancelled"})
        self._assert_behind("contracts_to_sign", in_time | late)
        self._assert_behind("contracts_signed_in_time", in_time)

    def test_the_documents_behind_them(self):
        """Explain opens exactly what counted."""
        early = self._invoice(self.customer, "2026-10-10", 1000.0, invoice_date_due="2026-11-10")
        entry = self._pay(early, "2026-11-15", 600.0)
        for code, move, amount in (
            ("collections", entry, 600.0),
            ("receivables_fallen_due", early, 1000.0),
            ("receivables_overdue", early, 400.0),
        ):
            with self.subTest(code):
                metric = self._metric(code)
                action = metric._explain_action(self.customer, self.company, self.november)
                self.assertEqual(
                    self.env["account.move"].search(action["domain"]), move, (code, amount)
                )
