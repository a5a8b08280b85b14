from datetime import date

from freezegun import freeze_time
from lxml import etree
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from .common_plan import TEXTS, PlanCase
from .common_visit import NOW


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestPlan(PlanCase):
    """Draft, confirmed, running, done; what was confirmed stays.  (c3), S0-40, S0-71."""

    # Confirming

    def test_a_development_plan_says_everything_before_it_is_confirmed(self):
        """S0-71, S0-72, S1l-11: goal, solution, proposal, expected result."""
        for name in TEXTS:
            with self.subTest(name):
                plan = self._plan(**{name: "  "})
                label = plan._fields[name]._description_string(plan.env)
                with self.assertRaisesRegex(UserError, label):
                    plan.action_confirm()
                plan[name] = "text"
                plan.action_confirm()
                self.assertEqual(plan.state, "running")

    @mute_logger("odoo.sql_db")
    def test_a_plan_needs_a_step(self):
        """S0-71: dated, with an owner; a cancelled one is none."""
        plan = self._plan(steps=0)
        with self.assertRaisesRegex(UserError, "step"):
            plan.action_confirm()
        for name in ("user_id", "date_due"):
            with self.assertRaises(IntegrityError), self.cr.savepoint():
                self._as(self.env["kam.action"], self.user).create(
                    {"name": "x", "plan_id": plan.id, "date_due": "2026-12-01", name: False}
                )
        plan.action_ids = [Command.create({"name": "Meet", "date_due": date(2026, 11, 23)})]
        plan.action_confirm()
        self.assertEqual(plan.state, "running")
        self.assertEqual(plan.confirmed_by_id, self.user)

    def test_no_step_is_overdue_from_the_start(self):
        plan = self._plan()
        plan.action_ids.date_due = date(2026, 11, 22)
        with self.assertRaisesRegex(UserError, "overdue at once"):
            plan.action_confirm()
        plan.action_ids.date_due = date(2026, 11, 23)
        plan.action_confirm()

    def test_other_kinds_ask_for_their_own_texts(self):
        """S0-40, S2-42."""
        for kind, missing, values in (
            ("marketing", "Strategy", {"strategy": "Volume"}),
            ("cooperation", "Mode", {"cooperation_mode": "strategic", "mutual_goals": "Both"}),
        ):
            plan = self._plan(kind=kind)
            with self.assertRaisesRegex(UserError, missing):
                plan.action_confirm()
            plan.write(values)
            plan.action_confirm()
            self.assertEqual(plan.state, "running", kind)

    def test_it_runs_from_its_first_day(self):
        plan = self._plan(date_from=date(2026, 11, 24))
        plan.action_confirm()
        self.assertEqual(plan.state, "confirmed")
        self._job("_cron_plans", date(2026, 11, 23), "kam.plan")
        self.assertEqual(plan.state, "confirmed")
        self._job("_cron_plans", date(2026, 11, 24), "kam.plan")
        self.assertEqual(plan.state, "running")
        other = self._plan(date_from=date(2026, 11, 24))
        other.action_confirm()
        other.action_start()
        self.assertEqual(other.state, "running")

    # Locks

    def test_what_was_confirmed_stays(self):
        """Texts, steps and initiatives: S1k-07."""
        plan = self._running(
            kind="cooperation",
            cooperation_mode="strategic",
            mutual_goals="Both",
            initiative_ids=[Command.create({"name": "New door"})],
        )
        refused = (
            {"goal": "Another"},
            {"mutual_goals": "Another"},
            {"date_to": date(2028, 1, 1)},
            {"initiative_ids": [Command.create({"name": "More"})]},
            {"initiative_ids": [Command.update(plan.initiative_ids.id, {"name": "Less"})]},
            {"initiative_ids": [Command.delete(plan.initiative_ids.id)]},
            {"action_ids": [Command.create({"name": "More", "date_due": date(2026, 12, 1)})]},
            {"action_ids": [Command.delete(plan.action_ids.id)]},
            {"action_ids": [Command.set([])]},
        )
        for user in (self.user, self.officer):
            for values in refused:
                subtest = self.subTest(user=user.name, values=values)
                with subtest, self.assertRaises(UserError), self.cr.savepoint():
                    self._as(plan, user).write(values)
        with self.assertRaises(UserError):
            plan.sudo().goal = "As superuser"
        with self.assertRaises(UserError):
            self._as(self.env["kam.action"], self.user).create(
                {"name": "x", "plan_id": plan.id, "date_due": date(2026, 12, 1)}
            )
        # How far it is may be said.
        plan.initiative_ids.write({"state": "running", "result": "Prototype"})
        plan.action_ids.date_due = date(2026, 12, 5)

    def test_state_and_history_are_never_typed(self):
        plan = self._plan()
        for values in ({"state": "done"}, {"version": 4}, {"confirmed_on": NOW}, {"outcome": "x"}):
            with self.assertRaises(AccessError):
                plan.write(values)
            with self.assertRaises(AccessError):
                self._plan(**values)
        defaults = plan.with_context(default_state="running", default_version=9)
        made = defaults.create(
            {"name": "x", "account_id": self.tianheng.id, "date_to": date(2027, 1, 1)}
        )
        self.assertEqual((made.state, made.version), ("draft", 1))
        with self.assertRaises(AccessError):
            plan.account_id = self.plant

    def test_steps_of_a_draft_may_be_taken_out(self):
        plan = self._plan(steps=2)
        first, second = plan.action_ids
        plan.action_ids = [Command.delete(second.id)]
        self.assertEqual(plan.action_ids, first)
        plan.action_confirm()
        self._move(plan, "revise")
        plan.action_ids = [Command.delete(first.id)]
        self.assertEqual(first.state, "cancelled", "it was promised: it stays as cancelled")
        foreign = self._plan().action_ids
        with self.assertRaises(UserError):
            plan.action_ids = [Command.delete(foreign.id)]

    # Going on

    def test_progress(self):
        """S0-40: done ÷ all that are not cancelled."""
        plan = self._running(steps=4)
        self.assertEqual((plan.progress, plan.step_count), (0.0, 4))
        steps = plan.action_ids
        self._as(steps[0], self.member).action_done()
        self.env.invalidate_all()
        self.assertEqual(plan.progress, 25.0)
        steps[1].sudo()._cancel("no need")
        self.env.invalidate_all()
        self.assertAlmostEqual(plan.progress, 100 / 3)
        with freeze_time("2026-12-03 16:30:00"):
            self.env.invalidate_all()
            self.assertEqual(plan.overdue_count, 1, "the third is due on the 3rd")

    def test_a_revision_keeps_the_version_before(self):
        """S1k-07, S0-81."""
        plan = self._running(steps=2)
        self._as(plan.action_ids[0], self.member).action_done()
        with self.assertRaises(UserError):
            self._move(plan, "revise", "  ")
        self._move(plan, "revise", "They want more")
        self.assertEqual((plan.state, plan.version), ("draft", 2))
        kept = plan.revision_ids
        self.assertEqual((kept.version, kept.reason, kept.progress), (1, "They want more", 50.0))
        plan.solution = "Another"
        self.assertIn(TEXTS["solution"], kept.content_html)
        self.assertIn("Step 1", kept.content_html)
        plan.action_confirm()
        self.assertEqual(plan.state, "running")
        self._move(plan, "revise", "Again")
        self.assertEqual(plan.revision_ids.mapped("version"), [2, 1])
        for user in (self.user, self.officer, self.admin):
            mine = self._as(kept, user)
            for write in (lambda m=mine: m.write({"reason": "x"}), mine.unlink):
                with self.assertRaises(AccessError):
                    write()
        with self.assertRaises(AccessError):
            kept.sudo().reason = "x"

    def test_what_was_written_is_shown_as_text(self):
        plan = self._running(goal="<img src=x onerror=alert(1)>")
        self._move(plan, "revise")
        self.assertNotIn("<img", plan.revision_ids.content_html)

    def test_finished_with_an_outcome_and_nothing_open(self):
        plan = self._running()
        with self.assertRaisesRegex(UserError, "Step 0"):
            self._move(plan, "done", "Won")
        self._as(plan.action_ids, self.member).action_done()
        with self.assertRaises(UserError):
            self._move(plan, "done", " ")
        self._move(plan, "done", "Won")
        self.assertEqual((plan.state, plan.outcome), ("done", "Won"))
        for move in ("revise", "done", "cancel"):
            with self.assertRaises(UserError):
                self._move(plan, move)

    def test_cancelled_with_its_open_steps(self):
        plan = self._running(steps=2)
        self._as(plan.action_ids[0], self.member).action_done()
        self._move(plan, "cancel", "No budget")
        self.assertEqual(plan.action_ids.mapped("state"), ["done", "cancelled"])
        self.assertEqual(plan.action_ids[1].cancel_reason, "No budget")
        draft = self._plan()
        self._move(draft, "cancel")
        self.assertFalse(draft.action_ids, "promised to nobody")

    # Who

    def test_the_lead_account_manager_or_the_office_decides(self):
        """S0-40, S0-71: the team may draft."""
        plan = self._plan(user=self.member)
        for method in ("action_confirm", "action_revise", "action_done", "action_cancel"):
            with self.assertRaises(AccessError):
                getattr(self._as(plan, self.member), method)()
        with self.assertRaises(AccessError):
            self._move(self._as(plan, self.member), "cancel")
        self._as(plan, self.officer).action_confirm()
        self.assertEqual(plan.state, "running")

    def test_a_plan_is_given_by_who_leads(self):
        with self.assertRaises(AccessError):
            self._plan(user=self.member, user_id=self.user.id)
        plan = self._plan(user=self.member)
        with self.assertRaises(AccessError):
            self._as(plan, self.member).user_id = self.user
        self._as(plan, self.user).user_id = self.user
        self.assertEqual(plan.user_id, self.user)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_who_is_not_on_the_account_sees_nothing(self):
        plan = self._running()
        self._move(plan, "revise")
        for record in (plan, plan.revision_ids):
            with self.assertRaises(AccessError):
                self._as(record, self.stranger).read(["id", "display_name"])
            self.assertTrue(self._as(record, self.member).read(["display_name"]))
            for reader in (self.admin, self.auditor):
                self.assertTrue(self._as(record, reader).read(["display_name"]))
                with self.assertRaises(AccessError):
                    self._as(record, reader).write({"display_name": "x"})
        with self.assertRaises(AccessError):
            self._plan(user=self.stranger)
        self.tianheng.member_ids.filtered(lambda m: m.user_id == self.member).date_to = date(
            2026, 11, 22
        )
        with self.assertRaises(AccessError):
            self._as(plan, self.member).read(["name"])

    def test_a_plan_is_for_a_customer(self):
        with self.assertRaises(ValidationError):
            self._plan(account_id=False, steps=0)
        plan = self._plan(account_id=False, kind="expansion", strategy="Railways", steps=0)
        self.assertEqual(plan.company_id, self.company)
        plan.action_ids = [
            Command.create(
                {"name": "Fair", "user_id": self.member.id, "date_due": date(2026, 12, 1)}
            )
        ]
        self.assertEqual(self._as(plan, self.user).action_ids.name, "Fair", "given to another")
        self.assertFalse(self._as(plan.action_ids, self.stranger)._filtered_access("read"))
        with self.assertRaises(AccessError):
            self._as(plan, self.stranger).read(["name"])

    @mute_logger("odoo.sql_db")
    def test_one_marketing_plan_of_a_year(self):
        """S0-40."""
        first = self._plan(kind="marketing", strategy="Volume")
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._plan(kind="marketing", strategy="Volume").flush_recordset()
        self._move(first, "cancel")
        self._plan(kind="marketing", strategy="Volume").flush_recordset()

    def test_a_copy_is_ones_own_draft(self):
        """That of a marketing plan is for the year after."""
        plan = self._running(kind="marketing", strategy="Up", date_from=date(2026, 1, 1))
        mine = self._as(plan, self.member).copy()
        self.assertEqual(
            (mine.state, mine.user_id, mine.year, mine.goal),
            ("draft", self.member, 2027, plan.goal),
        )
        self.assertFalse(mine.action_ids)

    def test_a_default_gives_no_plan_to_another(self):
        plans = self._as(self.env["kam.plan"], self.member)
        with self.assertRaises(AccessError):
            plans.with_context(default_user_id=self.user.id).create(
                {"name": "x", "account_id": self.tianheng.id}
            )

    # Screens

    def test_a_template_gives_texts_and_steps(self):
        """S2-21, S2-36."""
        template = self.env.ref("key_account_mgmt.kam_plan_template_product")
        with Form(self._as(self.env["kam.plan"], self.user)) as form:
            form.account_id = self.tianheng
            form.goal = "Mine"
            form.template_id = template
        plan = form.save()
        self.assertEqual(plan.goal, "Mine")
        self.assertEqual(plan.solution, template.solution)
        self.assertEqual(plan.action_ids.mapped("name"), template.step_ids.mapped("name"))
        self.assertEqual(plan.action_ids.account_id, self.tianheng)
        self.assertNotIn("Tianheng", plan.name)
        self.assertEqual(plan.display_name, f"{self.tianheng.name} · {plan.name}")

    def test_the_first_visit(self):
        """S0-71: since the plan began, planned or held."""
        plan = self._plan()
        self.assertEqual(plan.action_plan_first_visit()["res_model"], "kam.visit.plan.wizard")
        self._held()
        visit = self._visit()
        self.env.invalidate_all()
        self.assertEqual(plan.first_visit_id.day, date(2026, 11, 23))
        self.assertTrue(visit)
        self.assertEqual(plan.action_plan_first_visit()["res_model"], "kam.visit")

    def test_steps_of_a_draft_are_promised_to_nobody(self):
        """My Week and the owner's notice begin with the confirmation."""
        plan = self._plan()
        step = plan.action_ids

        def told():
            return self.env["kam.notice"].search_count(
                [("res_model", "=", "kam.action"), ("res_id", "=", step.id)]
            )

        def week():
            items = self._as(self.env["kam.week.item"], self.member)
            domain = [("user_id", "=", self.member.id), ("res_model", "=", "kam.action")]
            return step.id in items.search(domain).mapped("res_id")

        self.assertFalse(told() or week())
        plan.action_confirm()
        self.assertTrue(told() and week())
        self._move(plan, "revise")
        self.assertTrue(week(), "what was promised goes on")
        plan.action_confirm()
        self.assertEqual(told(), 1)

    def test_my_week_of_the_owner(self):
        """A draft, and a plan whose last day has come."""
        plan = self._plan()

        def items():
            found = self._as(self.env["kam.week.item"], self.user).search(
                [("user_id", "=", self.user.id), ("code", "=", "plan")]
            )
            return found.mapped("res_id")

        self.assertIn(plan.id, items())
        plan.action_confirm()
        self.assertNotIn(plan.id, items())
        with freeze_time("2027-05-31 02:00:00"):
            self.assertIn(plan.id, items())
        with freeze_time("2027-05-30 02:00:00"):
            self.assertNotIn(plan.id, items())

    def test_papers(self):
        """P9 with steps and revisions."""
        plan = self._running()
        self._move(plan, "revise", "They want more")
        report = self._as(self.env["ir.actions.report"], self.user)
        html = report._render_qweb_html("key_account_mgmt.report_plan", plan.ids)[0].decode()
        for text in (TEXTS["goal"], "Step 0", "They want more", self.member.name):
            self.assertIn(text, html)

    def test_what_the_night_drafted_for_later_is_no_wall(self):
        """The list begins with plans in hand; drafts of the next year are a filter."""
        mine = self._plan()
        begun, coming = (
            self._plan(kind="marketing", date_from=day, date_to=day, steps=0)
            for day in (date(2026, 11, 23), date(2027, 1, 1))
        )
        (begun | coming)._as_engine().write({"drafted_by_night": True})
        action = self.env.ref("key_account_mgmt.kam_plan_action")
        self.assertIn("search_default_in_hand", action.context)
        view = etree.fromstring(self.env.ref("key_account_mgmt.kam_plan_view_search").arch)
        node = view.find(".//filter[@name='in_hand']")
        domain = safe_eval(node.get("domain"), {"uid": self.user.id})
        found = mine.search([*domain, ("id", "in", (mine | begun | coming).ids)])
        self.assertEqual(found, mine | begun)

    # Accounts

    def test_a_hand_over_takes_the_plans_along(self):
        plan = self._running()
        items = self.tianheng.sudo()._handover_items(self.user)
        self.assertIn(("kam.plan", plan.id), [(i["model"], i["res_id"]) for i in items])
        self.tianheng.sudo()._as_engine()._handover_apply(self.user, self.stranger)
        self.assertEqual(plan.user_id, self.stranger)

    def test_merged_accounts_keep_one_marketing_plan_of_a_year(self):
        mine = self._plan(kind="marketing", strategy="A")
        theirs = self._plan(user=self.stranger, account_id=self.other.id, kind="marketing")
        more = self._plan(user=self.stranger, account_id=self.other.id)
        self.env["kam.product.generation"].create({"account_id": self.other.id, "name": "G1"})
        self.env["kam.account"]._merge_partners(self.other.partner_id, self.tianheng.partner_id)
        self.env.invalidate_all()
        self.assertEqual((mine | theirs | more).account_id, self.tianheng)
        self.assertEqual((mine.state, theirs.state), ("draft", "cancelled"))
        self.assertEqual(self.tianheng.generation_ids.name, "G1")

    def test_product_generations(self):
        """S3-40: one cooperating needs one in development or in reserve."""
        Generation = self._as(self.env["kam.product.generation"], self.user)

        def gap():
            self.env.invalidate_all()
            account = self._as(self.tianheng, self.user)
            found = account.search([("generation_gap", "=", True), ("id", "=", account.id)])
            self.assertEqual(bool(found), account.generation_gap)
            return account.generation_gap

        self.assertFalse(gap(), "nothing is known, and not of the highest level")
        first = Generation.create({"account_id": self.tianheng.id, "name": "Door 3"})
        self.assertTrue(gap())
        for stage in ("developing", "reserve"):
            after = Generation.create(
                {"account_id": self.tianheng.id, "name": "Door 4", "stage": stage}
            )
            self.assertFalse(gap(), stage)
            after.unlink()
        first.unlink()
        self._hold(self.tianheng, self.key)
        self.assertFalse(gap())
        self._hold(self.tianheng, self.strategic, date(2026, 11, 1))
        self.assertTrue(gap(), "of the highest level")
        self.tianheng._set_life_cycle("paused", "moving")
        self.assertFalse(gap())
        with self.assertRaises(AccessError):
            self._as(Generation, self.stranger).create(
                {"account_id": self.tianheng.id, "name": "x"}
            )
