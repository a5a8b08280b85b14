from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_plan import PlanCase
from .common_visit import NOW


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestTargetList(PlanCase):
    """Accounts of a low level with high potential, with an owner: S1l-10, S1l-11."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._hold(cls.plant, cls.general)
        for account, score in ((cls.tianheng, 95), (cls.plant, 60), (cls.other, 59)):
            cls._analyse(account, score)
        cls._hold(cls.tianheng, cls.key)

    @classmethod
    def _analyse(cls, account, score, day=date(2026, 11, 1)):
        insight = cls.env["kam.insight"].create(
            {
                "account_id": account.id,
                "name": "Analysis",
                "kind_id": cls.env.ref("key_account_mgmt.kam_insight_kind_analysis").id,
                "date": day,
                "leader_id": account.user_id.id,
                "value_score": 50,
                "potential_score": score,
            }
        )
        insight.with_user(account.user_id).action_confirm()
        return insight

    def _list(self, **values):
        return self._as(self.env["kam.target.list"], self.officer).create({"year": 2027, **values})

    def test_low_level_and_high_potential(self):
        """60 is enough, 59 is not; a key account is none; nor one that is suspended."""
        targets = self._list()
        targets.action_propose()
        self.assertEqual(targets.line_ids.account_id, self.plant)
        line = targets.line_ids
        self.assertEqual(
            (line.potential, line.tier_id, line.user_id), (60.0, self.general, self.user)
        )
        targets.min_potential = 59
        targets.action_propose()
        self.assertEqual(targets.line_ids.account_id, self.plant | self.other)
        self._analyse(self.plant, 61, date(2026, 11, 20))
        self.env.invalidate_all()
        self.assertEqual(line.potential, 60.0, "as it was when it was chosen")
        other = self._list(year=2028)
        self.plant._set_life_cycle("paused", "moving")
        with self.assertRaisesRegex(UserError, "60"):
            other.action_propose()

    def test_confirmed_with_an_owner_for_each(self):
        targets = self._list(min_potential=50)
        with self.assertRaises(UserError):
            targets.action_confirm()
        targets.action_propose()
        line = targets.line_ids.filtered(lambda one: one.account_id == self.plant)
        line.user_id = False
        with self.assertRaisesRegex(UserError, "Tianheng Suzhou"):
            targets.action_confirm()
        line.user_id = self.user
        targets.action_confirm()
        self.assertTrue(self.plant.is_target and self.other.is_target)
        self.assertEqual(targets.plan_by, date(2026, 12, 23))
        notices = self.env["kam.notice"].search([("topic", "=", "target_account")])
        self.assertEqual(notices.user_id, self.user | self.stranger)
        with self.assertRaises(UserError):
            targets.action_propose()
        with self.assertRaises(UserError):
            line.unlink()
        with self.assertRaises(UserError):
            targets.unlink()

    def test_the_next_year_replaces_it(self):
        first = self._list(year=2026, min_potential=50)
        first.action_propose()
        first.action_confirm()
        second = self._list(line_ids=[Command.create({"account_id": self.other.id})])
        second.line_ids.user_id = self.stranger
        self.assertEqual(second.line_ids.potential, 59.0, "by hand, with its score")
        second.action_confirm()
        self.assertTrue(self.plant.is_target, "2026 is not over")
        for day, state in ((date(2026, 12, 31), "confirmed"), (date(2027, 1, 1), "closed")):
            self._job("_cron_plans", day, "kam.plan")
            self.env.invalidate_all()
            self.assertEqual(first.state, state, day)
        self.assertFalse(self.plant.is_target)
        self.assertTrue(self.other.is_target)
        self.plant.is_target = True
        self._job("_cron_plans", date(2027, 1, 2), "kam.plan")
        self.assertTrue(self.plant.is_target, "ticked by hand it stays")

    def test_the_owner_works_on_the_file(self):
        targets = self._list()
        targets.action_propose()
        targets.line_ids.user_id = self.stranger
        with self.assertRaisesRegex(UserError, "Stranger"):
            targets.action_confirm()
        targets.line_ids.user_id = self.user
        targets.action_confirm()

    def test_a_hand_over_takes_the_target_along(self):
        targets = self._list()
        targets.action_propose()
        targets.action_confirm()
        self.plant.sudo()._as_engine()._handover_apply(self.user, self.stranger)
        self.assertEqual(targets.line_ids.user_id, self.stranger)

    def test_the_office_decides(self):
        targets = self._list()
        targets.action_propose()
        for user in (self.user, self.member, self.admin, self.auditor):
            mine = self._as(targets, user)
            for method in ("action_propose", "action_confirm", "action_close", "action_reopen"):
                with self.subTest(user=user.name, method=method), self.assertRaises(AccessError):
                    getattr(mine, method)()
            with self.assertRaises(AccessError):
                self._as(targets.line_ids, user).write({"goal": "x"})
        with self.assertRaises(AccessError):
            targets.write({"state": "confirmed"})
        with self.assertRaises(AccessError):
            targets.line_ids.write({"potential": 99.0})

    def test_everybody_sees_his_own(self):
        targets = self._list(min_potential=50)
        targets.action_propose()
        for user, accounts in (
            (self.user, self.plant),
            (self.stranger, self.other),
            (self.member, self.env["kam.account"]),
            (self.officer, self.plant | self.other),
            (self.auditor, self.plant | self.other),
        ):
            lines = self._as(self.env["kam.target.account"], user).search(
                [("list_id", "=", targets.id)]
            )
            self.assertEqual(lines.sudo().account_id, accounts, user.name)

    @mute_logger("odoo.sql_db")
    def test_one_list_a_year_and_one_line_an_account(self):
        targets = self._list()
        targets.action_propose()
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            self._list()
        with self.assertRaises(IntegrityError), self.cr.savepoint():
            targets.line_ids = [Command.create({"account_id": self.plant.id})]

    def test_the_owner_writes_a_plan(self):
        """S1l-11; My Week until there is one that lasts into the year."""
        targets = self._list(year=2026)
        targets.action_propose()

        def week():
            found = self._as(self.env["kam.week.item"], self.user).search(
                [("user_id", "=", self.user.id), ("code", "=", "target")]
            )
            return found.mapped("res_id")

        line = targets.line_ids
        self.assertFalse(week(), "not decided yet")
        targets.action_confirm()
        self.assertEqual(week(), line.ids)
        action = self._as(line, self.user).action_make_plan()
        self.assertEqual(action["context"]["default_account_id"], self.plant.id)
        plan = self._plan(account_id=self.plant.id)
        self.assertFalse(week())
        self.env.invalidate_all()
        self.assertEqual(line.plan_id, plan)
        self._move(plan, "cancel")
        self.assertEqual(week(), line.ids)
        targets.action_close()
        self.assertFalse(week())

    def test_paper(self):
        """P30: everybody prints what he may read."""
        targets = self._list(min_potential=50)
        targets.action_propose()

        def printed(user):
            report = self._as(self.env["ir.actions.report"], user)
            name = "key_account_mgmt.report_target_list"
            return report._render_qweb_html(name, targets.ids)[0].decode()

        self.assertIn("Ruisheng", printed(self.officer))
        mine = printed(self.user)
        self.assertIn("Tianheng Suzhou", mine)
        self.assertNotIn("Ruisheng", mine)
        self.assertIn("1 further accounts", mine.replace("<span>", "").replace("</span>", ""))
