from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_obligation import ObligationCase


@tagged("post_install", "-at_install")
class TestObligationRights(ObligationCase):
    """Who sees what is owed, and that nobody writes it.  Source: design §4.3, §6."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._policy("s0_l1_visit")
        cls._policy("market_research")
        cls.mine = cls._client("Mine", cls.l1)
        cls.theirs = cls._client("Theirs", cls.l1, user=cls.officer)

    def setUp(self):
        super().setUp()
        self._night(date(2026, 5, 10))

    def _seen(self, user):
        found = self._as(self.env["kam.obligation"], user).search(
            [("company_id", "=", self.company.id)]
        )
        return found.account_id & (self.mine | self.theirs), any(not o.account_id for o in found)

    def test_who_sees_what_is_owed(self):
        both = self.mine | self.theirs
        for user, accounts, company in (
            (self.user, self.mine, False),
            (self.member, self.mine.browse(), False),
            (self.officer, both, True),
            (self.gm, both, True),
            (self.admin, both, True),
            (self.auditor, both, True),
        ):
            self.assertEqual(self._seen(user), (accounts, company), user.name)
        with self.assertRaises(AccessError):
            self._seen(self.seller)

    def test_a_member_from_the_first_to_the_last_day(self):
        self.env["kam.team.member"].create(
            {
                "account_id": self.theirs.id,
                "user_id": self.member.id,
                "role_id": self.env.ref("key_account_mgmt.kam_team_role_quality").id,
                "date_from": date(2026, 5, 12),
                "date_to": date(2026, 5, 20),
            }
        )
        for day, accounts in (
            (date(2026, 5, 11), self.mine.browse()),
            (date(2026, 5, 12), self.theirs),
            (date(2026, 5, 20), self.theirs),
            (date(2026, 5, 21), self.mine.browse()),
        ):
            with freeze_time(f"{day} 04:00:00"):
                self.assertEqual(self._seen(self.member)[0], accounts, day)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.models")
    def test_nobody_writes_what_is_owed(self):
        """Create, write, delete, copy, import, defaults: by no road."""
        owed = self._owed(self.mine)[0]
        values = {
            "account_id": self.mine.id,
            "company_id": self.company.id,
            "policy_id": owed.policy_id.id,
            "kind_id": owed.kind_id.id,
            "date_from": date(2026, 1, 1),
            "date_to": date(2026, 1, 31),
            "performer": "anyone",
            "state": "met",
        }
        for user in (self.user, self.officer, self.gm, self.admin):
            own = self._as(owed, user)
            for attack in (
                lambda o=own: o.create(values),
                lambda o=own: o.with_context(kam_engine=True, default_state="met").create(values),
                lambda o=own: o.write({"state": "met"}),
                lambda o=own: o.with_context(kam_engine=True).write({"waive_kind": "manual"}),
                lambda o=own: o.write({"user_id": False}),
                lambda o=own: o.write({"also_policy_ids": [Command.clear()]}),
                lambda o=own: o.unlink(),
                lambda o=own: o.copy(),
                lambda o=own: o.web_save({"state": "waived"}, {}),
            ):
                with self.assertRaises(AccessError, msg=user.name), self.cr.savepoint():
                    attack()
                    self.env.flush_all()
        with self.assertRaises(AccessError):
            owed.sudo().write({"state": "met"})

    def test_only_the_office_pauses(self):
        Pause = self.env["kam.account.pause"]
        values = {"account_id": self.mine.id, "date_from": date(2026, 5, 11), "reason": "x"}
        for user in (self.user, self.member, self.admin, self.auditor):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(Pause, user).create(values)
        with self.assertRaises(AccessError), self.cr.savepoint():
            self._as(Pause, self.officer).create({**values, "kind": "lost"})
        with freeze_time("2026-05-20 04:00:00"):
            pause = self._as(Pause, self.officer).create(values)
            with self.assertRaises(AccessError), self.cr.savepoint():
                pause.write({"account_id": self.theirs.id})
            with self.assertRaises(UserError), self.cr.savepoint():
                pause.unlink()
            later = self._as(Pause, self.officer).create(
                {**values, "account_id": self.theirs.id, "date_from": date(2026, 6, 1)}
            )
            later.unlink()
            self.mine._set_life_cycle("lost", "gone")
            followed = self.mine.pause_ids.filtered(lambda p: p.kind == "lost")
            for attack in (
                lambda: self._as(followed, self.officer).write({"date_to": date(2026, 5, 21)}),
                lambda: self._as(followed, self.officer).unlink(),
            ):
                with self.assertRaises(UserError), self.cr.savepoint():
                    attack()

    def test_the_marks_of_the_night_cannot_be_forged_in_the_policy(self):
        policy = self._policy("s0_l1_visit")
        policy.with_user(self.admin).write({"known_since": date(2020, 1, 1)})
        self.assertFalse(policy.known_since)

    def test_the_wizards(self):
        wizard = self._as(self.env["kam.account.pause.wizard"], self.officer).create(
            {
                "account_ids": [Command.set((self.mine | self.theirs).ids)],
                "date_from": date(2026, 5, 11),
                "date_to": date(2026, 5, 20),
                "reason": "renovation",
            }
        )
        wizard.action_confirm()
        self.assertEqual(len((self.mine | self.theirs).pause_ids), 2)
        wizard.date_to = date(2026, 5, 1)
        with self.assertRaises(UserError):
            wizard.action_confirm()

    def test_the_account_shows_what_it_is_owed(self):
        with freeze_time("2026-07-02 04:00:00"):
            self._night(date(2026, 7, 2))
            mine = self._as(self.mine, self.user)
            self.assertEqual((mine.obligation_count, mine.obligation_overdue_count), (3, 2))
            action = mine.action_open_obligations()
            found = self._as(self.env["kam.obligation"], self.user).search(action["domain"])
            self.assertEqual(found.account_id, mine)

    def test_merging_moves_what_is_owed(self):
        """Of what both were owed in the same days the kept file's stays."""
        kept = self.theirs.partner_id
        self.env["kam.account"]._merge_partners(self.mine.partner_id | kept, kept)
        self.env.invalidate_all()
        owed = self._owed(self.theirs)
        self.assertFalse(self._owed(self.mine))
        running = owed.filtered(lambda o: o.state != "cancelled").mapped("date_from")
        self.assertEqual(len(running), len(set(running)))

    def test_policies_are_logged_with_their_name(self):
        policy = self._policy("s0_l1_visit")
        policy.with_user(self.admin).times = 2
        log = self.env["kam.policy.log"].search(
            [("policy_model", "=", "kam.obligation.policy"), ("policy_id", "=", policy.id)], limit=1
        )
        self.assertEqual((log.old_value, log.new_value), ("1", "2"))
