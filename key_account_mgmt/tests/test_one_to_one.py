from datetime import date

from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import GROUP, KamCase


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestOneToOne(KamCase):
    """A preset list of one person's accounts, for a talk.  Source: users §2 (director)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = cls._new_user("boss", GROUP % "director")
        cls.account = cls._hold(cls._account(cls._customer("Tianheng", 10.0), cls.user), cls.key)
        cls.foreign = cls._hold(cls._account(cls._customer("Hongyue", 5.0), cls.officer), cls.key)
        department = cls.env["kam.department"].create(
            {"name": "Sales", "manager_id": cls.boss.id, "company_id": cls.company.id}
        )
        department.member_ids = cls.user

    def _wizard(self, user):
        return self._as(self.env["kam.one.to.one.wizard"], user)

    def test_a_director_chooses_the_person(self):
        wizard = Form(self._wizard(self.director))
        wizard.user_id = self.user
        action = wizard.save().action_open()
        self.assertIn(self.user.name, action["name"])
        self.assertEqual(self.env["kam.account"].search(action["domain"]), self.account)

    def test_own_people_come_first(self):
        self.assertEqual(self._wizard(self.boss)._people()[:1], self.user)
        self.assertEqual(self._wizard(self.user)._people(), self.user)

    def test_a_salesperson_sees_it_of_himself_only(self):
        self._as(self.user, self.user).action_kam_one_to_one()
        for person in (self.officer, self.director):
            with self.assertRaises(AccessError):
                self._as(person, self.user).action_kam_one_to_one()
        with self.assertRaises(AccessError):
            self._as(self.user, self.seller).action_kam_one_to_one()
        with self.assertRaises(AccessError):
            self._wizard(self.member).create({"user_id": self.user.id})

    def test_from_the_list_of_accounts(self):
        action = self._as(self.account, self.user).action_kam_one_to_one()
        self.assertEqual(action["domain"], [("user_id", "=", self.user.id)])
        with self.assertRaises(UserError):
            self._as(self.account | self.foreign, self.officer).action_kam_one_to_one()

    def test_the_next_step_is_the_open_action_due_first(self):
        for name, day in (("Send offer", date(2026, 12, 3)), ("Call", date(2026, 12, 1))):
            self.env["kam.action"].create(
                {
                    "name": name,
                    "date_due": day,
                    "account_id": self.account.id,
                    "user_id": self.user.id,
                }
            )
        self.assertIn("Call", self._as(self.account, self.officer).next_step)

    def test_obligations_done_of_those_due(self):
        kind = self.env["kam.obligation.kind"].search([], limit=1)
        policy = self.env["kam.obligation.policy"].search([], limit=1)
        values = {
            "account_id": self.account.id, "company_id": self.company.id, "kind_id": kind.id,
            "policy_id": policy.id, "performer": "manager", "times": 1,
        }  # fmt: skip
        Obligation = self.env["kam.obligation"].sudo()._as_engine()
        for month, state, required, done in (
            (1, "met", 2, 2), (2, "overdue", 2, 1), (3, "waived", 2, 0), (12, "open", 2, 0),
        ):  # fmt: skip
            Obligation.create(
                {
                    **values, "date_from": date(2026, month, 1), "date_to": date(2026, month, 28),
                    "state": state, "required": required, "done": done,
                }
            )  # fmt: skip
        account = self._as(self.account, self.officer)
        self.assertEqual((account.obligation_done, account.obligation_due), (3, 4))

    def test_constant_queries(self):
        view = self.env.ref("key_account_mgmt.kam_account_view_list_one_to_one")
        Account = self.env["kam.account"]

        def spent():
            self.env.flush_all()
            self.env.invalidate_all()
            model = self._as(Account, self.officer)
            arch = model.get_view(view.id, "list")["arch"]

            spec = self._fields_spec(model, etree.fromstring(arch))
            before = self.cr.sql_log_count
            model.web_search_read([], spec, limit=80)
            return self.cr.sql_log_count - before

        spent()
        few = spent()
        for partner in self._new_customers(80):
            self._account(partner, self.user)
        self.assertLessEqual(spent(), few + 2)
