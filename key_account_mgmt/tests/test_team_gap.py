from datetime import date, datetime, timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..models.tier.team_jobs import RECEIVERS
from .common import GROUP, KamCase

MONDAY = date(2026, 11, 23)
DAY = timedelta(days=1)


class GapCase(KamCase):
    """One account, led by ``cls.user``; scheme S3 with the rules as shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._account(cls._customer("Tianheng"), cls.user)

    @classmethod
    def _rule(cls, code):
        return cls.env.ref(f"key_account_mgmt.kam_tier_team_rule_{code}")

    def _join(self, role, user=None, account=None, **values):
        return self.env["kam.team.member"].create(
            {
                "account_id": (account or self.account).id,
                "user_id": (user or self.member).id,
                "role_id": self.env.ref(f"key_account_mgmt.kam_team_role_{role}").id,
                "date_from": date(2026, 1, 1),
                **values,
            }
        )

    def _gaps(self, account=None, user=None):
        """Codes of the rules that find something, by external id."""
        self.env.flush_all()
        self.env.invalidate_all()
        gaps = (
            self.env["kam.team.gap"]
            .with_user(user or self.env.user)
            .search([("account_id", "in", (account or self.account).ids)])
        )
        names = gaps.sudo().rule_id._get_external_ids()
        return {name.partition("rule_")[2] for gap in gaps for name in names[gap.sudo().rule_id.id]}


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestTeamGap(GapCase):
    """What the team rules find missing, live; J21."""

    def test_a_strategic_account(self):
        """Source: S3-21, S3-36, S3-48, S3-56, S0-137."""
        self._hold(self.account, self.strategic)
        owed = {"strategic_technical", "strategic_quality", "strategic_after_sales", "key_service"}
        self.assertEqual(self._gaps(), owed)
        self._join("quality")
        self._join("tech_interface")
        self.assertEqual(self._gaps(), {"strategic_after_sales", "key_service"})
        self._join("service")
        self.assertEqual(self._gaps(), set())
        self.account.user_id = False
        self.assertEqual(self._gaps(), {"strategic_lead"})

    def test_a_key_account_needs_a_service_member(self):
        """S0-137; of main accounts nothing is asked."""
        self._hold(self.account, self.main)
        self.assertEqual(self._gaps(), set())
        self._hold(self.account, self.key, date(2026, 1, 1))
        self.assertEqual(self._gaps(), {"key_service"})

    def test_the_resident_representative_from_fifty_million_on(self):
        """Source: S3-22; the members of the group count."""
        self._hold(self.account, self.strategic)
        plant = self._account(self._customer("Plant"), self.user, parent=self.account)
        for head, below, missing in (
            (49_999_999.99, 0, False),
            (50_000_000, 0, True),
            (20_000_000, 29_999_999, False),
            (20_000_000, 30_000_000, True),
        ):
            self.account._as_engine().write({"sales": head})
            plant._as_engine().write({"sales": below})
            self.assertEqual("strategic_resident" in self._gaps(), missing, (head, below))
        self._join("resident")
        self.assertNotIn("strategic_resident", self._gaps())

    def test_first_level_needs_a_lead_and_a_further_dedicated_member(self):
        """Source: S0-23."""
        self.s0.action_make_primary()
        one = self.s0.tier_ids.sorted("rank")[0]
        self._hold(self.account, one)
        self._rule("key_service").active = False
        self.assertEqual(self._gaps(), {"l1_member"})
        member = self._join("expert")
        self.assertEqual(self._gaps(), {"l1_member"})
        member.is_dedicated = True
        self.assertEqual(self._gaps(), set())
        # The lead himself in a second role is no further member.
        member.is_dedicated = False
        self._join("presales", self.user, is_dedicated=True)
        self.assertEqual(self._gaps(), {"l1_member"})
        self.account.user_id = False
        self.assertIn("l1_lead", self._gaps())

    def test_second_and_third_level_need_a_lead(self):
        """Source: S0-27, S0-31."""
        self.s0.action_make_primary()
        self._rule("key_service").active = False
        for number, code in ((1, "l2_lead"), (2, "l3_lead")):
            account = self._account(self._customer(code), self.user)
            self._hold(account, self.s0.tier_ids.sorted("rank")[number])
            self.assertEqual(self._gaps(account), set())
            account.user_id = False
            self.assertEqual(self._gaps(account), {code})

    def test_one_to_one(self):
        """Who serves two strategic accounts is a gap at both.  Source: S3-36."""
        other = self._account(self._customer("Ruisheng"), self.user)
        self._hold(self.account, self.strategic)
        self._hold(other, self.strategic)
        self._join("technical")
        self.assertNotIn("strategic_technical", self._gaps())
        second = self._join("tech_service", account=other)
        for account in (self.account, other):
            self.assertIn("strategic_technical", self._gaps(account))
        gap = self.env["kam.team.gap"].search(
            [("account_id", "=", other.id), ("rule_id", "=", self._rule("strategic_technical").id)]
        )
        self.assertEqual((gap.kind, gap.person_id, gap.served), ("shared", self.member, 2))
        self.assertEqual(gap.what, "Member as Technical Owner serves 2 accounts")
        second.date_to = date(2026, 11, 21)
        self.assertNotIn("strategic_technical", self._gaps())

    def test_two_companies_of_one_group_are_one_account(self):
        """For one to one, and for the team of the head."""
        plant = self._account(self._customer("Plant"), self.user, parent=self.account)
        self._hold(self.account, self.strategic)
        plant._assign_tier(self.s3, self.strategic, date(2025, 1, 1), "opening", inherited=True)
        self.assertEqual(self._gaps(plant), set())
        self._join("technical")
        self._join("technical", account=plant)
        self._join("quality", account=plant)
        self.assertEqual(self._gaps(), {"strategic_after_sales", "key_service"})
        plant.user_id = False
        self.assertEqual(self._gaps(plant), {"strategic_lead"})

    def test_dates_and_people_who_left(self):
        """The last day counts, the day after does not; the inactive never."""
        self._hold(self.account, self.key)
        left = self._new_user("left", "key_account_mgmt.group_kam_member")
        member = self._join("service", left, date_to=date(2026, 11, 22))
        self.assertEqual(self._gaps(), set())
        member.date_to = date(2026, 11, 21)
        self.assertEqual(self._gaps(), {"key_service"})
        member.date_to = False
        left.active = False
        self.assertEqual(self._gaps(), {"key_service"})

    def test_suspended_accounts_and_the_time_before_go_live_have_none(self):
        self._hold(self.account, self.key)
        for state in ("paused", "lost", "blacklisted"):
            self._as(self.account, self.officer)._set_life_cycle(state, "why")
            self.assertEqual(self._gaps(), set(), state)
        self._as(self.account, self.officer)._set_life_cycle("active")
        self.assertEqual(self._gaps(), {"key_service"})
        self.company.kam_go_live_date = date(2026, 11, 23)
        self.assertEqual(self._gaps(), set())
        self.company.kam_go_live_date = date(2026, 11, 22)
        self.assertEqual(self._gaps(), {"key_service"})

    def test_a_level_of_a_scheme_out_of_use_asks_for_nothing(self):
        """Source: S2-23, S2-41."""
        size = self._scheme("s2_size")
        size.active = True
        large = size.tier_ids.sorted("rank")[0]
        self._hold(self.account, large)
        self.assertLessEqual({"large_technical", "large_service"}, self._gaps())
        size.active = False
        self.assertEqual(self._gaps() & {"large_technical", "large_service"}, set())

    def test_gaps_follow_the_account(self):
        """Account rule and company rule."""
        self._hold(self.account, self.key)
        for user, found in (
            (self.user, {"key_service"}),
            (self.officer, {"key_service"}),
            (self.auditor, {"key_service"}),
            (self.member, set()),
        ):
            self.assertEqual(self._gaps(user=user), found, user.name)
        with self.assertRaises(AccessError):
            self._gaps(user=self.seller)

    def test_the_effort_does_not_grow_with_the_accounts(self):
        for name in ("One", "Two", "Three"):
            self._hold(self._account(self._customer(name), self.user), self.strategic)
        spec = self._spec(self.env["kam.team.gap"], "list", self.officer)

        def queries(limit):
            gaps = self._as(self.env["kam.team.gap"], self.officer)
            before = self.env.cr.sql_log_count
            found = gaps.web_search_read([], spec, limit=limit)["records"]
            return len(found), self.env.cr.sql_log_count - before

        queries(1)
        (few, some), (many, more) = queries(2), queries(100)
        self.assertGreater(many, few)
        self.assertLessEqual(more, some)

    def test_on_the_account_file(self):
        """A sentence, and a filter.  Source: S0-37."""
        self._hold(self.account, self.key)
        account = self._as(self.account, self.user)
        self.assertEqual(account.team_gap_text, "Service Member missing")
        found = account.search([("has_team_gap", "=", True)])
        self.assertIn(account, found)
        self.assertTrue(account.has_team_gap)
        self._join("service")
        account = self._as(self.account, self.user)
        self.assertFalse(account.team_gap_text)
        self.assertNotIn(account, account.search([("has_team_gap", "=", True)]))

    def test_assigning_from_the_list(self):
        """The office; the gap is gone."""
        self._hold(self.account, self.strategic)
        gap = self.env["kam.team.gap"].search(
            [("rule_id", "=", self._rule("strategic_quality").id)], limit=1
        )
        with self.assertRaises(AccessError):
            self._as(gap, self.user).action_assign()
        action = self._as(gap, self.officer).action_assign()
        members = self._as(self.env["kam.team.member"], self.officer)
        members.with_context(**action["context"]).create({"user_id": self.member.id})
        self.assertNotIn("strategic_quality", self._gaps())

    # Rules

    def test_rules_are_policy_in_words(self):
        rule = self._rule("strategic_resident")
        self.assertEqual(
            rule.display_name, "Strategic from sales of 50,000,000: Resident Representative"
        )
        self.assertEqual(
            self._rule("l1_member").sentence,
            "Level 1: Further Member, dedicated, not the lead account manager",
        )
        log = self.env["kam.policy.log"].search([("policy_model", "=", rule._name)], limit=1)
        self._as(rule, self.admin).sales_from = 60e6
        newest = self.env["kam.policy.log"].search([("policy_model", "=", rule._name)], limit=1)
        self.assertNotEqual(log, newest)
        self.assertEqual((newest.policy_id, newest.new_value), (rule.id, "60000000"))

    def test_senseless_rules_are_refused(self):
        Rule = self.env["kam.tier.team.rule"]
        for values in ({"who": "role"}, {"who": "lead", "min_count": 2}):
            with self.assertRaises(ValidationError), self.cr.savepoint():
                Rule.create(values)

    # The weekly message

    def _told(self):
        return self.env["kam.notice"].search([("topic", "=", "team_gap")])

    def _week(self, day):
        with freeze_time(datetime.combine(day, datetime.min.time()) + timedelta(hours=4)):
            self._job("_cron_team_gaps", day, "kam.tier.team.rule")

    def test_one_message_a_week_with_counts_per_rule(self):
        """To directors and the office, on a working day, once; J21."""
        self._hold(self.account, self.strategic)
        other = self._hold(self._account(self._customer("Other"), self.user), self.strategic)
        self._week(date(2026, 11, 22))
        self.assertFalse(self._told(), "a Sunday")
        self._week(MONDAY)
        self._week(MONDAY)
        notices = self._told()
        self.assertEqual(notices.user_id, self.officer | self.director)
        self.assertEqual(len(notices), 2)
        lines = notices[0].lines
        self.assertIn("Strategic: Quality Engineer: 2", lines)
        self.assertIn("Every key account: Service Member: 2", lines)
        self._week(MONDAY + 4 * DAY)
        self.assertEqual(self._told(), notices)
        # Next week again; after an outage on the first day the job runs.
        self._week(MONDAY + 9 * DAY)
        self.assertEqual(len(self._told()), 4)
        self.assertTrue(other)

    def test_no_message_without_gaps_or_before_go_live(self):
        self._week(MONDAY)
        self.assertFalse(self._told())
        self._hold(self.account, self.key)
        self.company.kam_go_live_date = date(2027, 1, 4)
        self._week(MONDAY + 7 * DAY)
        self.assertFalse(self._told())
        self._week(date(2027, 1, 4))
        self.assertEqual(len(self._told()), 2)

    def test_a_holiday_monday_is_told_on_tuesday(self):
        self._hold(self.account, self.key)
        self.env["kam.calendar.day"].create(
            {"name": "Holiday", "date": MONDAY, "kind": "holiday", "company_id": self.company.id}
        )
        self._week(MONDAY)
        self.assertFalse(self._told())
        self._week(MONDAY + DAY)
        self.assertEqual(len(self._told()), 2)

    def test_the_page_of_jobs_says_what_will_be_told(self):
        self._hold(self.account, self.key)
        job = self.env.ref("key_account_mgmt.kam_job_team_gaps")
        lines = self._as(job, self.auditor)._job_forecast_team_gaps(self.company, MONDAY)
        self.assertEqual(lines, ["Tell the directors and the office: 1 team gaps."])


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestTierChangeAction(GapCase):
    """A change of tier is work for who leads the account; (c1)."""

    def _actions(self, account=None):
        return self.env["kam.action"].search(
            [("account_id", "in", (account or self.account).ids)], order="id"
        )

    def _change(self, partners, tier):
        evaluation = self._evaluation(partners)
        evaluation.line_ids.filtered(lambda x: x.scheme_id == self.s3)._override(tier, "agreed")
        self._approve(evaluation)
        self.assertEqual(evaluation.state, "applied")

    def test_one_action_in_ten_working_days(self):
        self._sell(self.account.partner_id, 6e6)
        self._hold(self.account, self.main)
        self.assertFalse(self._actions(), "an opening classification makes none")
        self._change(self.account.partner_id, self.key)
        action = self._actions()
        self.assertEqual(len(action), 1)
        self.assertIn("Adjust the strategy for Tianheng (Main → Key)", action.name)
        # 22 November 2026 is a Sunday.
        self.assertEqual((action.user_id, action.date_due), (self.user, date(2026, 12, 4)))
        self.assertIn(
            "Team: Service Member missing",
            self.account._strategy_proposals(self.account, self.main, self.key),
        )

    def test_nobody_and_suspended_accounts_get_none(self):
        self._hold(self.account, self.main)
        self._sell(self.account.partner_id, 6e6)
        self.account._set_life_cycle("paused", "renovation")
        self._change(self.account.partner_id, self.key)
        self.assertFalse(self._actions())
        other = self._hold(self._account(self._customer("Nobody's", 6e6)), self.main)
        self._change(other.partner_id, self.key)
        self.assertFalse(self._actions(other))

    def test_a_group_under_one_lead_adjusts_once(self):
        own, foreign = (
            self._account(self._customer(name), user, parent=self.account)
            for name, user in (("Own", self.user), ("Foreign", self.gm))
        )
        self._sell(self.account.partner_id, 6e6)
        self._hold(self.account, self.main)
        for account in (own, foreign):
            account._assign_tier(self.s3, self.main, date(2025, 1, 1), "opening", inherited=True)
        self._change(self.account.partner_id, self.key)
        self.assertEqual((own | foreign).tier_id, self.key)
        self.assertEqual(self._actions(self.account | own | foreign).account_id,
                         self.account | foreign)  # fmt: skip

    def test_a_calendar_without_working_days_stops_nothing(self):
        self._hold(self.account, self.main)
        self._sell(self.account.partner_id, 6e6)
        calendar = self.company.resource_calendar_id
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed for ever",
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": datetime(2020, 1, 1),
                "date_to": datetime(2040, 1, 1),
            }
        )
        changes = [(self.account, self.s3, self.main, self.key)]
        self.env["kam.account"]._on_tier_changed(changes, self.day)
        self.assertEqual(self._actions().date_due, date(2026, 12, 6))

    def test_receivers_are_the_office_and_directors_themselves(self):
        """Not by a higher group."""
        users = self.company._kam_people_in(*RECEIVERS)
        self.assertEqual(users, self.officer | self.director)
        self.gm.group_ids = [Command.link(self.env.ref(GROUP % "director").id)]
        users = self.company._kam_people_in(*RECEIVERS)
        self.assertIn(self.gm, users)
