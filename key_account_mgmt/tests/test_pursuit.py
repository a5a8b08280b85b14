from datetime import date, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import GROUP
from .common_pursuit import PursuitCase

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestPursuit(PursuitCase):
    """From the application to the closing summary.  Source: (c2), S1n, users §3.3."""

    # Application

    def test_five_fields(self):
        """Project, scope and amount come from the opportunity: nothing is typed twice."""
        form = Form(
            self._as(self.env["kam.pursuit"], self.user).with_context(default_lead_id=self.lead.id)
        )
        self.assertEqual(form.project, "Door operators 2027")
        self.assertEqual(form.expected_amount, 8e6)
        form.objective = "Half of their door operators"
        form.first_step = "See their engineers"
        pursuit = form.save()
        pursuit.action_apply()
        self.assertEqual(pursuit.state, "to_register")
        self.assertEqual(pursuit.account_id, self.account)
        self.assertEqual(pursuit.scope_ids, self.doors)
        step = pursuit.progress_ids
        self.assertEqual(
            (step.name, step.user_id, step.date_due),
            ("See their engineers", self.user, TODAY + 7 * DAY),
        )
        self.assertEqual(step.account_id, self.account)

    def test_what_is_missing_is_said(self):
        lead = self._lead(self.user, kam_project=False, kam_scope_ids=False, expected_revenue=0)
        pursuit = self._draft(lead=lead, objective=False, first_step=False)
        with self.assertRaises(UserError) as error:
            pursuit.action_apply()
        for word in ("Project", "Product Scope", "Expected Amount", "Objective", "First Step"):
            self.assertIn(word, str(error.exception))
        self.assertEqual(pursuit.state, "draft")

    def test_without_an_opportunity_one_is_made(self):
        pursuit = self._as(self.env["kam.pursuit"], self.user).create(
            {
                "partner_id": self.lingfeng.id,
                "project": "Rails for phase 2",
                "scope_ids": [Command.set(self.rails.ids)],
                "expected_amount": 1e6,
                "objective": "x",
                "first_step": "y",
            }
        )
        lead = pursuit.lead_id
        self.assertEqual(lead.kam_project, "Rails for phase 2")
        self.assertEqual((lead.partner_id, lead.expected_revenue), (self.lingfeng, 1e6))
        self.assertEqual(lead.user_id, self.user)
        self.assertFalse(pursuit.sudo().own_partner_id)

    def test_what_is_changed_here_is_changed_on_the_opportunity(self):
        pursuit = self._draft()
        pursuit.write({"project": "Renamed", "expected_amount": 9e6})
        self.assertEqual((self.lead.kam_project, self.lead.expected_revenue), ("Renamed", 9e6))
        self.lead.kam_project = "Again"
        self.assertEqual(pursuit.project, "Again")
        self.assertEqual(self.env["kam.pursuit"].search([("project", "=", "Again")]), pursuit)
        self.assertIn(
            pursuit.id, self.env["kam.pursuit"].search([("partner_id", "=", self.lingfeng.id)]).ids
        )

    def test_only_for_an_open_opportunity(self):
        pursuit = self._draft()
        self.lead.action_set_lost()
        with self.assertRaises(UserError):
            self._as(pursuit, self.user).action_apply()
        self.lead.action_unarchive()
        self._as(pursuit, self.user).action_apply()
        with self.assertRaises(UserError):
            self._as(pursuit, self.user).active = False

    def test_one_pursuit_per_opportunity(self):
        self._registered()
        with self.assertRaises(UserError):
            self._applied()

    def test_nobody_applies_in_another_name(self):
        with self.assertRaises(AccessError):
            self._draft(user_id=self.rival.id)
        self.assertEqual(self._draft(self.officer, user_id=self.user.id).user_id, self.user)
        with self.assertRaises(AccessError):
            self._as(self._draft(), self.user).user_id = self.rival

    def test_facts_cannot_be_forged(self):
        """Through create, write, defaults.  Source: design §5."""
        for name, value in (
            ("state", "in_progress"),
            ("number", "BA1"),
            ("protected_until", date(2030, 1, 1)),
            ("registered_on", TODAY),
            ("admit_reason", "x"),
            ("summary", "x"),
        ):
            with self.assertRaises(AccessError, msg=name):
                self._draft(**{name: value})
            pursuit = self._draft()
            for user in (self.user, self.officer, self.gm):
                with self.assertRaises(AccessError, msg=name):
                    self._as(pursuit, user).write({name: value})
        model = self._as(self.env["kam.pursuit"], self.user)
        forged = model.with_context(default_state="won", default_number="X").create(
            {"lead_id": self.lead.id}
        )
        self.assertEqual((forged.state, forged.number), ("draft", False))

    # Registration

    def test_registration_needs_no_plan(self):
        """Source: S1n-08."""
        pursuit = self._applied()
        with self.assertRaises(AccessError):
            self._as(pursuit, self.user).action_register()
        self._as(pursuit, self.officer).action_register()
        self.assertEqual(pursuit.state, "to_approve")
        self.assertRegex(pursuit.number, r"^BA2026-\d{4}$")
        self.assertEqual(
            (pursuit.registered_on, pursuit.protected_until, pursuit.registered_by_id),
            (TODAY, date(2027, 5, 22), self.officer),
        )
        self.assertTrue(pursuit.is_protected)
        with self.assertRaises(UserError):
            self._as(pursuit, self.officer).action_register()
        with self.assertRaises(UserError):
            self._as(pursuit, self.officer)._give_number("again")

    def test_numbers_per_company_and_year_without_gaps(self):
        """Drawing one makes two registrations at once wait for each other."""
        first = self._registered()
        second = self._registered(lead=self._lead(self.user, kam_project="Other"))
        numbers = [int(p.number[-4:]) for p in (first, second)]
        self.assertEqual(numbers[1], numbers[0] + 1)
        sequence = self.env["ir.sequence"].search(
            [("code", "=", "kam.pursuit"), ("company_id", "=", self.company.id)]
        )
        self.assertEqual(len(sequence), 1)
        self.assertEqual(sequence.implementation, "no_gap")
        with freeze_time("2027-01-04 04:00:00"):
            third = self._registered(lead=self._lead(self.user, kam_project="Third"))
            self.assertEqual(third.number, "BA2027-0001")

    def test_two_apply_one_is_protected(self):
        mine = self._applied()
        theirs = self._applied(self.rival, self._lead(self.rival))
        self._as(mine, self.officer).action_register()
        action = self._as(theirs, self.officer).action_register()
        self.assertEqual(action["context"]["default_step"], "admit")
        self.assertEqual(theirs.state, "to_register")
        with self.assertRaises(UserError) as error:
            self._as(theirs, self.officer)._give_number()
        self.assertIn(mine.number, str(error.exception))

    def test_an_officer_admits_a_second_one_with_a_reason(self):
        self._registered()
        theirs = self._applied(self.rival, self._lead(self.rival))
        wizard = self._as(self.env["kam.pursuit.wizard"], self.officer)
        wizard = wizard.create({"pursuit_id": theirs.id, "step": "admit", "text": "Two plants"})
        wizard.action_apply()
        self.assertEqual((theirs.state, theirs.admit_reason), ("to_approve", "Two plants"))
        self.assertEqual(theirs.admitted_by_id, self.officer)
        self.assertTrue(theirs.number)
        with self.assertRaises(AccessError):
            self._as(theirs, self.rival)._give_number("me")

    def test_returned_and_applied_again(self):
        pursuit = self._applied()
        with self.assertRaises(UserError):
            self._as(pursuit, self.officer)._return(" ")
        self._as(pursuit, self.officer)._return("Which plant?")
        self.assertEqual((pursuit.state, pursuit.reason), ("draft", "Which plant?"))
        self._as(pursuit, self.user).action_apply()
        self.assertEqual(len(pursuit.progress_ids), 1, "the first step is there already")

    # Plan

    def test_a_plan_is_complete_before_approval(self):
        """Source: S1n-15, S1n-18."""
        pursuit = self._registered()
        for words in ("Type", "Development", "Background", "Indicators", "Team", "Budget"):
            self.assertIn(words, pursuit.missing)
        with self.assertRaises(UserError):
            self._as(pursuit, self.user).action_submit()
        pursuit = self._planned(lead=self._lead(self.user, kam_project="Other"))
        self.assertFalse(pursuit.missing)
        pursuit.budget = 0
        self.assertEqual(pursuit.missing, "Budget")
        pursuit.no_budget = True
        self.assertFalse(pursuit.missing)
        pursuit.mode = "cooperative"
        self.assertEqual(pursuit.missing, "Partners")

    def test_the_executive_approves(self):
        """Source: S1n-10."""
        pursuit = self._planned()
        self._as(pursuit, self.user).action_submit()
        self.assertEqual((pursuit.state, pursuit.is_pending), ("to_approve", True))
        with self.assertRaises(UserError):
            self._as(pursuit, self.user).action_submit()
        self._decide_pursuit(pursuit, self.executive)
        self.assertEqual(pursuit.state, "in_progress")

    def test_a_cooperative_plan_then_asks_the_general_manager(self):
        """Source: S1n-20."""
        installer = self._customer("Installer")
        pursuit = self._planned(
            mode="cooperative", cooperation_partner_ids=[Command.set(installer.ids)]
        )
        self._as(pursuit, self.user).action_submit()
        self._decide_pursuit(pursuit, self.executive)
        self.assertEqual(pursuit.state, "to_approve")
        self._decide_pursuit(pursuit, self.gm)
        self.assertEqual(pursuit.state, "in_progress")

    def test_a_submitted_plan_is_locked(self):
        pursuit = self._as(self._planned(), self.user)
        pursuit.action_submit()
        step = pursuit.progress_ids
        more = [Command.create({"name": "z", "date_due": TODAY})]
        for change in (
            lambda: pursuit.write({"background": "x"}),
            lambda: pursuit.indicator_ids.write({"target": "b"}),
            pursuit.member_ids.unlink,
            lambda: step.write({"date_due": TODAY + 9 * DAY}),
            lambda: pursuit.write({"progress_ids": more}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()
        self.lead.expected_revenue = 1.0
        with self.assertRaises(UserError):
            self._decide_pursuit(pursuit, self.executive)
        self._as(pursuit, self.user).action_withdraw()
        pursuit.write({"background": "x"})

    def test_refused_and_submitted_again(self):
        pursuit = self._planned()
        self._as(pursuit, self.user).action_submit()
        self._decide_pursuit(pursuit, self.executive, "refuse")
        self.assertEqual((pursuit.state, pursuit.is_pending), ("to_approve", False))
        self.assertTrue(pursuit.is_protected, "the registration stays")
        self._as(pursuit, self.user).write({"background": "More of it"})
        self._as(pursuit, self.user).action_submit()
        self._decide_pursuit(pursuit, self.executive)
        self.assertEqual(pursuit.state, "in_progress")


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestPursuitProgress(PursuitCase):
    """Progress, stage reports, protection and its end.  Source: S1n-13 … S1n-17, J06."""

    # Progress

    def test_a_step_done_is_progress(self):
        pursuit = self._running()
        with freeze_time("2026-12-10 04:00:00"):
            self._as(pursuit, self.user).progress_ids.action_done()
            self.assertEqual(pursuit.last_progress_on, date(2026, 12, 10))

    def test_progress_table_goes_on_after_approval(self):
        pursuit = self._as(self._running(), self.user)
        pursuit.write(
            {
                "progress_ids": [
                    Command.create({"name": "Sample", "date_due": TODAY, "user_id": self.member.id})
                ],
                "problem_ids": [
                    Command.create(
                        {
                            "problem": "Noise",
                            "name": "New damper",
                            "date_due": TODAY,
                            "pursuit_kind": "solution",
                        }
                    )
                ],
            }
        )
        self.assertEqual(pursuit.progress_ids.mapped("name"), ["Sample", "See their engineers"])
        self.assertEqual(pursuit.problem_ids.problem, "Noise")
        mine = self._as(self.env["kam.action"], self.member).search([("name", "=", "Sample")])
        self.assertEqual(mine.pursuit_id, pursuit)

    def test_indicators_of_an_approved_plan_stay(self):
        pursuit = self._as(self._running(), self.user)
        pursuit.indicator_ids.actual = "20 %"
        for change in (
            lambda: pursuit.indicator_ids.write({"target": "10 %"}),
            pursuit.indicator_ids.unlink,
            lambda: pursuit.write({"budget": 1}),
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                change()

    def test_only_those_on_it_add_steps(self):
        pursuit = self._running()
        for user in (self.rival, self.seller):
            with self.assertRaises(AccessError):
                self._as(self.env["kam.action"], user).create(
                    {"name": "x", "date_due": TODAY, "pursuit_id": pursuit.id}
                )

    def test_a_member_who_owns_an_open_step_stays(self):
        pursuit = self._as(self._running(), self.user)
        pursuit.write(
            {
                "progress_ids": [
                    Command.create({"name": "Sample", "date_due": TODAY, "user_id": self.member.id})
                ]
            }
        )
        with self.assertRaises(UserError) as error:
            pursuit.member_ids.unlink()
        self.assertIn("Sample", str(error.exception))
        with self.assertRaises(UserError):
            pursuit.member_ids.date_to = TODAY - DAY
        pursuit.progress_ids.filtered(lambda a: a.name == "Sample").action_done()
        pursuit.member_ids.unlink()

    def test_stage_reports(self):
        """Due five days after the planned day; late on the sixth.  Source: S1n-16, g Q14."""
        pursuit = self._running()
        planned = pursuit.progress_ids.date_due
        self._night(planned - DAY)
        self.assertFalse(pursuit.report_ids)
        self._night(planned)
        report = self._as(pursuit, self.user).report_ids
        self.assertEqual((report.date_due, report.user_id), (planned + 5 * DAY, self.user))
        self._night(planned)
        self.assertEqual(len(pursuit.report_ids), 1, "run twice")
        with self.assertRaises(UserError):
            report.action_report()
        report.text = "They want a sample"
        for late, day in ((False, planned + 5 * DAY), (True, planned + 6 * DAY)):
            with freeze_time(f"{day} 04:00:00"), self.cr.savepoint() as savepoint:
                self.assertEqual(report.is_overdue, late)
                report.action_report()
                self.assertEqual((report.is_reported_late, report.reported_on), (late, day))
                self.assertEqual(pursuit.last_progress_on, day)
                with self.assertRaises(UserError):
                    report.text = "Other"
                savepoint.rollback()
                self.env.invalidate_all()
        with self.assertRaises(AccessError):
            self._as(report, self.member).action_report()
        for name, value in (("date_due", planned + 90 * DAY), ("user_id", self.member.id)):
            with self.assertRaises(AccessError, msg=name):
                self._as(report, self.user).write({name: value})

    def test_a_moved_step_moves_its_report(self):
        pursuit = self._running()
        self._night(pursuit.progress_ids.date_due)
        self._as(pursuit.progress_ids, self.user).date_due = TODAY + 20 * DAY
        self.assertEqual(pursuit.report_ids.date_due, TODAY + 25 * DAY)

    def test_the_office_tracks_and_is_answered(self):
        """Source: S1n-13."""
        pursuit = self._running()
        with self.assertRaises(AccessError):
            self._as(self.env["kam.pursuit.tracking"], self.user).create(
                {"pursuit_id": pursuit.id, "name": "x"}
            )
        entry = self._as(self.env["kam.pursuit.tracking"], self.officer).create(
            {"pursuit_id": pursuit.id, "name": "Where is the sample?"}
        )
        self.assertEqual((entry.date, entry.user_id), (TODAY, self.officer))
        self._as(entry, self.user).feedback = "On Monday"
        self.assertEqual((entry.feedback_by_id, entry.feedback_on), (self.user, TODAY))
        with self.assertRaises(AccessError):
            self._as(entry, self.user).name = "Nothing"

    # Protection

    def _silent(self, day):
        with freeze_time(f"{day} 04:00:00"):
            self._night(day)

    def test_thirty_silent_days_warn_sixty_release(self):
        """Source: users §3.3, J06."""
        pursuit = self._running()
        self._silent(TODAY + 29 * DAY)
        self.assertFalse(pursuit.warned_on)
        self._silent(TODAY + 30 * DAY)
        self.assertEqual(pursuit.warned_on, TODAY + 30 * DAY)
        self._silent(TODAY + 31 * DAY)
        notices = self.env["kam.notice"].search(
            [("res_model", "=", "kam.pursuit"), ("res_id", "=", pursuit.id)]
        )
        told = notices.filtered(lambda n: "No progress" in n.title)
        self.assertEqual((len(told), told.user_id), (1, self.user), "once per silence")
        self._silent(TODAY + 59 * DAY)
        self.assertEqual(pursuit.state, "in_progress")
        self._silent(TODAY + 60 * DAY)
        self.assertEqual(pursuit.state, "lapsed")
        self.assertFalse(pursuit.is_protected)
        self._silent(TODAY + 60 * DAY)
        self.assertEqual(pursuit.state, "lapsed")

    def test_a_late_night_catches_up(self):
        pursuit = self._running()
        self._silent(TODAY + 100 * DAY)
        self.assertEqual(pursuit.state, "lapsed")

    def test_while_others_decide_nothing_lapses(self):
        pursuit = self._planned()
        self._as(pursuit, self.user).action_submit()
        self._silent(TODAY + 70 * DAY)
        self.assertEqual(pursuit.state, "to_approve")

    def test_the_company_chooses_its_days(self):
        self.company.kam_pursuit_warn_days = 5
        self.company.kam_pursuit_release_days = 10
        self.company.kam_pursuit_months = 3
        pursuit = self._running()
        self.assertEqual(pursuit.protected_until, date(2027, 2, 22))
        self._silent(TODAY + 9 * DAY)
        self.assertEqual((pursuit.state, bool(pursuit.warned_on)), ("in_progress", True))
        self._silent(TODAY + 10 * DAY)
        self.assertEqual(pursuit.state, "lapsed")

    def test_nothing_before_go_live_is_silence(self):
        pursuit = self._running()
        self.company.kam_go_live_date = TODAY + 50 * DAY
        self._silent(TODAY + 70 * DAY)
        self.assertEqual(pursuit.state, "in_progress")
        self._silent(TODAY + 110 * DAY)
        self.assertEqual(pursuit.state, "lapsed")

    def test_an_extension_asks_for_progress(self):
        pursuit = self._running()
        with self.assertRaises(UserError, msg="too early"):
            self._as(pursuit, self.user).action_extend()
        for can, day in ((False, "2027-04-21"), (True, "2027-04-22")):
            with freeze_time(f"{day} 04:00:00"):
                self.assertEqual(self._as(pursuit, self.user).can_extend, can, day)
                self.assertFalse(self._as(pursuit, self.member).can_extend)
                self.env.invalidate_all()
        with freeze_time("2027-05-10 04:00:00"):
            with self.assertRaises(UserError, msg="no progress"):
                self._as(pursuit, self.user)._extend("We talk")
            self._as(pursuit, self.user).progress_ids.action_done()
            with self.assertRaises(UserError, msg="nothing said"):
                self._as(pursuit, self.user)._extend("")
            with self.assertRaises(AccessError):
                self._as(pursuit, self.member)._extend("We talk")
            self._as(pursuit, self.user)._extend("Samples passed")
            self.assertEqual(pursuit.protected_until, date(2027, 11, 22))
            with self.assertRaises(UserError, msg="once at a time"):
                self._as(pursuit, self.user)._extend("Again")

    def test_protection_ends_on_its_last_day(self):
        pursuit = self._running()
        with freeze_time("2027-05-20 04:00:00"):
            self._as(pursuit, self.user).progress_ids.action_done()
        self._silent(date(2027, 5, 22))
        self.assertEqual(pursuit.state, "in_progress")
        self._silent(date(2027, 5, 23))
        self.assertEqual(pursuit.state, "lapsed")

    def test_a_released_one_is_taken_over(self):
        pursuit = self._running()
        with self.assertRaises(AccessError):
            self._as(pursuit, self.rival).read(["objective"])
        with freeze_time("2027-02-01 04:00:00"):
            self._night(date(2027, 2, 1))
            self.assertEqual(self._as(pursuit, self.rival).objective, pursuit.objective)
            with self.assertRaises(AccessError):
                self._as(pursuit, self.rival).write({"objective": "x"})
            with self.assertRaises(AccessError):
                self._as(pursuit, self.member)._take_over("Me")
            self._as(pursuit, self.rival)._take_over("I know their engineers")
            self.assertEqual((pursuit.state, pursuit.user_id), ("in_progress", self.rival))
            self.assertEqual(pursuit.protected_until, date(2027, 8, 1))
            self.assertEqual(self.lead.user_id, self.rival)
            self.assertEqual(pursuit.progress_ids.user_id, self.rival)
            with self.assertRaises(UserError, msg="two at once"):
                self._as(pursuit, self.officer)._take_over("Me")

    def test_what_another_registered_meanwhile_is_not_taken_over(self):
        pursuit = self._running()
        with freeze_time("2027-02-01 04:00:00"):
            self._night(date(2027, 2, 1))
            other = self._registered(self.rival, self._lead(self.rival))
            with self.assertRaises(UserError) as error:
                self._as(pursuit, self.user)._take_over("Back")
            self.assertIn(other.number, str(error.exception))

    def test_suspended_and_resumed(self):
        pursuit = self._running()
        self._as(pursuit, self.user)._suspend("Their budget is frozen")
        self._silent(TODAY + 90 * DAY)
        self.assertEqual(pursuit.state, "suspended")
        with freeze_time("2027-03-01 04:00:00"):
            self._as(pursuit, self.user).action_resume()
            self.assertEqual((pursuit.state, pursuit.silent_days), ("in_progress", 0))


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestPursuitEnd(PursuitCase):
    """How it ends, who sees it, and where else it shows.  Source: S1n-16, (c2)."""

    def _silent(self, day):
        with freeze_time(f"{day} 04:00:00"):
            self._night(day)

    # End

    def test_closing_needs_a_summary(self):
        """Source: S1n-16."""
        pursuit = self._running()
        with self.assertRaises(UserError):
            self._as(pursuit, self.user)._end("won", " ")
        with self.assertRaises(UserError, msg="lost without a reason"):
            self._as(pursuit, self.user)._end("lost", "They stay with the other")
        wizard = self._as(self.env["kam.pursuit.wizard"], self.user)
        wizard = wizard.create({"pursuit_id": pursuit.id, "step": "won", "text": "By samples"})
        action = wizard.action_apply()
        self.assertEqual((pursuit.state, pursuit.closed_on), ("won", TODAY))
        self.assertEqual(pursuit.progress_ids.state, "cancelled")
        self.assertEqual(self.lead.won_status, "pending", "nothing moves unasked")
        self.assertEqual(action["res_model"], "kam.deal.result.wizard")
        follow = self._as(self.env["kam.deal.result.wizard"], self.user)
        follow = follow.with_context(**action["context"]).create({})
        self.assertIn("First supply", follow.changes)
        follow.action_confirm()
        self.assertEqual(self.lead.won_status, "won")

    def test_a_lead_that_was_lost_is_won_after_all(self):
        pursuit = self._running()
        self.lead.action_set_lost()
        self._as(pursuit, self.user)._end("won", "They came back")
        follow = self._as(self.env["kam.deal.result.wizard"], self.user)
        follow.create({"res_model": "kam.pursuit", "res_id": pursuit.id}).action_confirm()
        self.assertEqual((self.lead.won_status, self.lead.active), ("won", True))

    def test_the_confirmation_needs_a_result(self):
        pursuit = self._running()
        for user, error in ((self.user, UserError), (self.rival, AccessError)):
            wizard = self._as(self.env["kam.deal.result.wizard"], user)
            with self.assertRaises(error):
                wizard.create({"res_model": "kam.pursuit", "res_id": pursuit.id}).action_confirm()
        with self.assertRaises(UserError):
            self._as(self.env["kam.deal.result.wizard"], self.user).create(
                {"res_model": "res.users", "res_id": 1}
            ).action_confirm()

    def test_what_is_over_stays(self):
        pursuit = self._running()
        self._as(pursuit, self.user)._end("won", "By samples")
        with self.assertRaises(UserError):
            self._as(pursuit, self.user).objective = "x"
        with self.assertRaises(UserError):
            pursuit.unlink()
        with self.assertRaises(UserError):
            self._as(pursuit, self.officer)._cancel("x")

    # Who

    def test_who_sees_it(self):
        pursuit = self._planned()
        for user in (self.user, self.member, self.officer, self.gm, self.admin, self.auditor):
            self.assertTrue(self._as(pursuit, user).has_access("read"), user.name)
            self.assertTrue(self._as(pursuit, user).indicator_ids, user.name)
        for user in (self.rival, self.seller):
            self.assertFalse(self._as(pursuit, user).has_access("read"), user.name)
        for user in (self.admin, self.auditor):
            self.assertFalse(self._as(pursuit, user).has_access("write"), user.name)
        pursuit.member_ids.date_to = TODAY
        with freeze_time("2026-11-23 04:00:00"):
            self.assertFalse(self._as(pursuit, self.member).has_access("read"))

    def test_the_team_is_that_of_the_deal(self):
        pursuit = self._planned()
        team = self.lead.sudo().kam_deal_member_ids
        self.assertEqual(team.user_id, self.user | self.member)
        self.assertEqual(self._as(self.lead, self.seller).kam_deal_team_ids, team.user_id)
        pursuit.member_ids.date_to = TODAY
        team = self.lead.sudo().kam_deal_member_ids
        self.assertEqual(team.filtered(lambda m: m.user_id == self.member).date_to, TODAY)
        with freeze_time("2026-11-23 04:00:00"):
            self.assertEqual(self._as(self.lead, self.seller).kam_deal_team_ids, self.user)
        for user in (self.user, self.officer):
            with self.assertRaises(AccessError):
                self._as(team, user).write({"user_id": self.rival.id})

    def test_only_key_account_people_are_on_the_team(self):
        pursuit = self._registered()
        with self.assertRaises(ValidationError):
            self._as(pursuit, self.user).write(
                {"member_ids": [Command.create({"user_id": self.seller.id})]}
            )

    # Elsewhere

    def test_a_handed_over_account_takes_its_pursuits_along(self):
        """Source: g Q35."""
        pursuit = self._running()
        items = self.account._handover_items(self.user)
        self.assertIn(("pursuit", pursuit.id), [(i["kind"], i["res_id"]) for i in items])
        self.account.sudo()._as_engine()._handover_apply(self.user, self.rival)
        self.assertEqual((pursuit.user_id, pursuit.progress_ids.user_id), (self.rival, self.rival))
        self.assertEqual(self.lead.sudo().kam_deal_member_ids.user_id, self.rival | self.member)

    def test_merged_customers_keep_their_pursuits(self):
        pursuit = self._registered()
        kept = self._account(self._customer("Lingfeng Group"), self.user)
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((kept.partner_id | self.lingfeng).ids, kept.partner_id)
        self.env.invalidate_all()
        self.assertEqual((pursuit.account_id, pursuit.partner_id), (kept, kept.partner_id))

    def test_exceptions(self):
        """To register, silent, steps and reports overdue."""

        def counts(user):
            kinds = ("to_register", "silent", "step_overdue", "report_overdue")
            rows = [self.env.ref(f"key_account_mgmt.kam_exception_kind_pursuit_{k}") for k in kinds]
            return [self._as(row, user).count for row in rows]

        self.assertEqual(counts(self.officer), [0, 0, 0, 0])
        self._applied(lead=self._lead(self.user, kam_project="Other"))
        pursuit = self._running()
        self.assertEqual(counts(self.officer), [1, 0, 0, 0])
        self._night(pursuit.progress_ids.date_due)
        with freeze_time("2026-12-23 04:00:00"):
            self.assertEqual(counts(self.officer), [1, 1, 1, 1])

    def test_the_opportunity_ends_first(self):
        """Lost in CRM, a pursuit keeps its protection: its owner hears of it and is asked
        to close it.  Source: (c2)."""
        pursuit = self._registered()
        week = [("res_model", "=", "kam.pursuit"), ("user_id", "=", self.user.id)]
        self.assertFalse(pursuit.lead_result)
        self._as(self.lead, self.officer).action_set_lost()
        self.env.invalidate_all()
        self.assertTrue(pursuit.is_protected)
        self.assertEqual(pursuit.lead_result, "lost")
        told = self.env["kam.notice"].search(
            [("res_model", "=", "kam.pursuit"), ("res_id", "=", pursuit.id)]
        )
        lost = told.filtered(lambda notice: "lost" in notice.title)
        self.assertEqual((len(lost), lost.user_id), (1, self.user))
        item = self._as(self.env["kam.week.item"], self.user).search(week)
        self.assertEqual((item.res_id, item.date_due), (pursuit.id, TODAY + 7 * DAY))
        self.assertIn("lost", item.state_text)
        mine = self._as(pursuit, self.user)
        self.assertEqual(mine.deal_ribbon["next"]["label"], "Cancel Pursuit")
        mine._cancel("Lost")
        self.env.invalidate_all()
        self.assertFalse(pursuit.lead_result)
        self.assertFalse(self._as(self.env["kam.week.item"], self.user).search(week))

    def test_an_ended_opportunity_warns_of_nobody(self):
        self._registered()
        lead = self._as(self._lead(self.rival), self.rival)
        self.assertTrue(lead.kam_collision)
        lead.action_set_lost()
        self.env.invalidate_all()
        self.assertFalse(lead.kam_collision)

    def test_in_progress_it_is_won_or_lost_like_its_opportunity(self):
        pursuit = self._running()
        mine = self._as(pursuit, self.user)
        self.lead.action_set_lost()
        self.env.invalidate_all()
        self.assertEqual(mine.deal_ribbon["next"]["label"], "Deal Lost")
        self.lead.action_unarchive()
        self.env.invalidate_all()
        self.assertFalse(pursuit.lead_result)
        self.lead.stage_id = self.env["crm.stage"].search([("is_won", "=", True)], limit=1)
        self.env.invalidate_all()
        titles = self.env["kam.notice"].search([("res_id", "=", pursuit.id)]).mapped("title")
        self.assertTrue([title for title in titles if "won" in title])
        self.assertEqual(pursuit.lead_result, "won")
        self.assertEqual(mine.deal_ribbon["next"]["label"], "Won")

    def test_what_ends_with_its_opportunity_tells_nobody(self):
        pursuit = self._running()
        self._as(pursuit, self.officer)._end("won", "Samples")
        self.lead.action_set_won()
        self.env.invalidate_all()
        self.assertFalse(pursuit.lead_result)

    def test_the_office_tracks_in_the_form(self):
        """A new row is filled in: who looked, and when.  Source: S1n-13."""
        pursuit = self._running()
        with Form(self._as(pursuit, self.officer)) as form, form.tracking_ids.new() as row:
            row.name = "When do the samples come?"
        entry = pursuit.tracking_ids
        self.assertEqual((entry.user_id, entry.date), (self.officer, TODAY))

    def test_one_of_each_button(self):
        """The approval's buttons and who holds it are not shown twice."""
        arch = self._as(self.env["kam.pursuit"], self.user).get_view(view_type="form")["arch"]
        for name in ("action_withdraw", "action_remind", "action_approve_document"):
            self.assertEqual(arch.count(f'name="{name}"'), 1, name)
        self.assertEqual(arch.count('name="approval_waiting_for"'), 1)

    def test_my_week(self):
        pursuit = self._planned()
        Week = self._as(self.env["kam.week.item"], self.user)
        item = Week.search([("res_model", "=", "kam.pursuit"), ("user_id", "=", self.user.id)])
        self.assertEqual((item.res_id, item.date_due), (pursuit.id, TODAY + 14 * DAY))
        self._as(pursuit, self.user).action_submit()
        self.assertFalse(self._as(item, self.user).search([("res_model", "=", "kam.pursuit")]))
        self._decide_pursuit(pursuit, self.executive)
        self._night(pursuit.progress_ids.date_due)
        reports = self._as(self.env["kam.week.item"], self.user).search(
            [("res_model", "=", "kam.pursuit.report")]
        )
        self.assertEqual(reports.date_due, pursuit.report_ids.date_due)
        self.assertIn("See their engineers", reports.title)

    def test_progress_on_time(self):
        """K29: two of three by their day."""
        pursuit = self._running()
        metric = self.env.ref("key_account_mgmt.metric_pursuit_progress_on_time")
        steps = self._as(self.env["kam.action"], self.user).create(
            [
                {"name": f"Step {day}", "date_due": day, "pursuit_id": pursuit.id}
                for day in (TODAY, TODAY + DAY)
            ]
        )
        steps.action_done()
        self._applied(lead=self._lead(self.user, kam_project="Nothing protects it yet"))
        with freeze_time("2026-12-20 04:00:00"):
            self._as(pursuit, self.user).progress_ids.filtered(
                lambda a: a.state == "open"
            ).action_done()
            period = self.window.__class__(date(2026, 11, 1), date(2026, 12, 31))
            value = metric._evaluate(self.lingfeng, self.company, period)
        self.assertAlmostEqual(next(iter(value.values())), 200 / 3, 3)

    def test_prints(self):
        """P1, P2."""
        pursuit = self._running()
        reports = self._as(self.env["ir.actions.report"], self.user).with_context(lang="en_US")
        for name, words in (
            (
                "report_pursuit_application",
                (pursuit.number, "Lingfeng", "50 %", "Engineer", "Approved", "Executive", "seen"),
            ),
            ("report_pursuit_progress", (pursuit.number, "See their engineers")),
        ):
            text = reports._render_qweb_html(f"key_account_mgmt.{name}", pursuit.ids)[0].decode()
            for word in words:
                self.assertIn(word, text)
            with self.assertRaises(AccessError):
                self._as(reports, self.rival)._render_qweb_html(
                    f"key_account_mgmt.{name}", pursuit.ids
                )

    def test_an_area_that_is_off(self):
        """No job, no menu, no field."""
        pursuit = self._running()
        employee = self.env.ref("base.group_user")
        employee.implied_ids -= self.env.ref(GROUP % "area_pursuit")
        self.env.registry.clear_all_caches()
        self._silent(TODAY + 70 * DAY)
        self.assertEqual(pursuit.state, "in_progress")
        arch = self._as(self.env["crm.lead"], self.user).get_view(view_type="form")["arch"]
        self.assertNotIn("kam_collision", arch)
        self.assertNotIn("kam_deal_ribbon", arch)
        codes = [s.code for s in self.env["kam.week.item"]._week_sources()]
        self.assertNotIn("pursuit", codes)
