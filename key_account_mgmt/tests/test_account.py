from datetime import date

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamCase


@tagged("post_install", "-at_install")
class TestAccount(KamCase):
    """One file per commercial partner and root company.  Source: S0-154, S1n-09."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Tianheng Elevator")
        cls.contact = cls.env["res.partner"].create(
            {"name": "Ms Lin", "parent_id": cls.customer.id}
        )
        cls.account = cls._account(cls.customer, cls.user)

    def test_one_file_per_customer_and_company(self):
        """Source: S0-154."""
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._account(self.customer)
        other = self._new_company("Yunting Rail", self.cny)
        second = self._account(self.customer, company=other)
        self.assertEqual(self.customer.with_company(other).kam_account_id, second)
        self.assertEqual(self.customer.kam_account_id, self.account)

    def test_a_contact_gets_none(self):
        with (
            self.assertRaisesRegex(ValidationError, "open the account file on Tianheng"),
            self.cr.savepoint(),
        ):
            self._account(self.contact)

    def test_a_branch_gets_none(self):
        branch = self._new_company("Yunting Shanghai", self.cny, parent=self.company)
        with self.assertRaisesRegex(ValidationError, "is a branch"), self.cr.savepoint():
            self._account(self._customer("Hongyue"), company=branch)

    def test_branches_see_the_file_new_ones_too(self):
        """Company-dependent values are not inherited by branches."""
        self._hold(self.account, self.key)
        branch = self._new_company("Yunting Shanghai", self.cny, parent=self.company)
        below = self._new_company("Yunting Pudong", self.cny, parent=branch)
        for company in (branch, below):
            partner = self.customer.with_company(company)
            self.assertEqual(partner.kam_account_id, self.account)
            self.assertEqual(self.contact.with_company(company).kam_tier_id, self.key)
        later = self._account(self._customer("Hongyue"))
        self.assertEqual(later.partner_id.with_company(below).kam_account_id, later)

    def test_opening_from_a_contact_finds_or_makes_the_file_of_the_company(self):
        """Source: S0-154."""
        action = self._as(self.contact, self.user).action_kam_open_account()
        self.assertEqual(action["res_id"], self.account.id)
        prospect = self._as(self._customer("Newcomer"), self.user)
        action = prospect.action_kam_open_account()
        account = self.env["kam.account"].browse(action["res_id"])
        self.assertEqual(
            (account.partner_id.id, account.user_id, account.state, account.is_target),
            (prospect.id, self.user, "prospect", True),
        )

    def test_a_file_is_not_opened_by_who_may_not(self):
        for user in (self.seller, self.member, self.auditor):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(self._customer("Newcomer"), user).action_kam_open_account()

    def test_a_salesperson_opens_files_for_himself_only(self):
        """Source: g Q36."""
        for values in (
            {"user_id": self.officer.id},
            {"executive_sponsor_id": self.user.id},
            {"parent_id": self.account.id},
        ):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self.env["kam.account"].with_user(self.user).create(
                    {"partner_id": self._customer("Newcomer").id, "user_id": self.user.id, **values}
                )
        others = self._customer("Taken", user_id=self.officer.id)
        with self.assertRaises(AccessError):
            self._as(others, self.user).action_kam_open_account()

    def test_an_account_manager_does_not_hand_his_account_over(self):
        for values in ({"user_id": self.officer.id}, {"parent_id": False}):
            with self.assertRaises(AccessError):
                self._as(self.account, self.user).write(values)
        self._as(self.account, self.officer).write({"user_id": self.director.id})
        self.assertEqual(self.account.user_id, self.director)

    def test_the_customer_of_a_file_does_not_change(self):
        other = self._customer("Hongyue")
        for values in ({"partner_id": other.id}, {"active": False}, {"merged_into_id": 1}):
            with self.assertRaises(AccessError):
                self.account.write(values)

    def test_a_file_is_never_deleted(self):
        """History hangs on it."""
        for user in (self.env.user, self.officer, self.admin):
            with self.assertRaises(UserError):
                self.account.with_user(user).unlink()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.contact.unlink()
            self.customer.unlink()

    def test_the_link_on_the_contact_belongs_to_the_file(self):
        """Nobody writes another value, by create or write; design §3."""
        other = self._account(self._customer("Hongyue"))
        for user in (self.env.user, self.admin, self.officer):
            partner = self.customer.with_user(user).sudo()
            for value in (other.id, False):
                with self.assertRaises(ValidationError), self.cr.savepoint():
                    partner.write({"kam_account_id": value})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.env["res.partner"].create({"name": "X", "kam_account_id": other.id})
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.contact.kam_account_id = self.account
        self.customer.kam_account_id = self.account
        self.assertFalse(self.customer.copy().kam_account_id)

    def test_the_life_cycle_needs_a_reason_where_obligations_stop(self):
        for state in ("paused", "lost"):
            for reason in (False, "  "):
                with self.assertRaisesRegex(ValidationError, "Say why"), self.cr.savepoint():
                    self._as(self.account, self.user)._set_life_cycle(state, reason)
            wizard = self.env["kam.account.state.wizard"].with_user(self.user)
            wizard.create(
                {
                    "account_ids": [Command.set(self.account.ids)],
                    "state": state,
                    "reason": "factory closed",
                }
            ).action_confirm()
            self.assertEqual(self.account.state_reason, "factory closed")
        self._as(self.account, self.user)._set_life_cycle("active", "no longer needed")
        self.assertFalse(self.account.state_reason)

    def test_only_the_office_uses_the_blacklist(self):
        with self.assertRaises(AccessError):
            self._as(self.account, self.user)._set_life_cycle("blacklisted", "does not pay")
        with self.assertRaises(AccessError):
            self._as(self.env["kam.account"], self.user).create(
                {
                    "partner_id": self._customer("Hongyue").id,
                    "user_id": self.user.id,
                    "state": "blacklisted",
                    "state_reason": "x",
                }
            )
        self._as(self.account, self.officer)._set_life_cycle("blacklisted", "does not pay")
        with self.assertRaises(AccessError):
            self._as(self.account, self.user)._set_life_cycle("active")
        self._as(self.account, self.officer)._set_life_cycle("active")

    def test_the_night_moves_prospect_active_and_dormant(self):
        def states(sales):
            self.account._as_engine().write({"sales": sales})
            self.account._refresh_life_cycle()
            return self.account.state

        self.assertEqual(
            [states(value) for value in (0, 5, 0, 5)], ["prospect", "active", "dormant", "active"]
        )
        self.account._set_life_cycle("paused", "renovation")
        self.assertEqual([states(v) for v in (0, 5)], ["paused", "paused"])

    # Groups of companies

    def test_a_group_has_no_cycle(self):
        head = self._account(self._customer("Group"))
        self.account.parent_id = head
        for parent in (self.account, head):
            with self.assertRaises(UserError), self.cr.savepoint():
                head.parent_id = parent
                self.env.flush_all()
        below = self._account(self._customer("Plant"), parent=self.account)
        with self.assertRaises(UserError), self.cr.savepoint():
            head.parent_id = below
            self.env.flush_all()
        self.assertEqual((below | self.account | head).group_root_id, head)

    def test_a_group_stays_in_its_company(self):
        other = self._new_company("Yunting Rail", self.cny)
        foreign = self._account(self._customer("Group"), company=other)
        with self.assertRaises(UserError):
            self.account.parent_id = foreign

    def test_figures_follow_an_account_that_moves_to_another_group(self):
        """Mid-year: all of the member's figures count in the group it is in now."""
        one, two, member = (
            self._account(self._customer(name, sales))
            for name, sales in (("One", 4e6), ("Two", 4e6), ("Member", 2e6))
        )
        member.parent_id = one
        partners = (one | two).partner_id
        sales = {line.partner_id: line.sales for line in self._evaluation(partners).line_ids}
        self.assertEqual(sales, {one.partner_id: 6e6, two.partner_id: 4e6})
        member.parent_id = two
        sales = {line.partner_id: line.sales for line in self._evaluation(partners).line_ids}
        self.assertEqual(sales, {one.partner_id: 4e6, two.partner_id: 6e6})
        member.parent_id = False
        lines = self._evaluation(partners | member.partner_id).line_ids
        self.assertEqual(lines.filtered(lambda x: x.partner_id == member.partner_id).sales, 2e6)

    def test_the_group_opens_as_a_tree(self):
        child = self._account(self._customer("Plant"), parent=self.account)
        action = self._as(child, self.officer).action_open_group()
        self.assertEqual(self.env["kam.account"].search(action["domain"]), self.account | child)

    # A customer who changes

    def test_a_company_that_becomes_a_contact_keeps_its_history(self):
        """Its level stays readable, and the evaluation of the new parent can be applied."""
        self._sell(self.customer, 30e6)
        self._stand(self.customer, "leading")
        self._hold(self.account, self.key)
        parent = self._customer("Parent Group", 6e6, "medium")
        evaluation = self._evaluation(self.customer | parent)
        self.customer.write({"is_company": False, "parent_id": parent.id})
        self.assertEqual(self.customer.commercial_partner_id, parent)
        self._approve(evaluation)
        self.assertEqual(evaluation.state, "applied")
        self.assertEqual(parent.kam_tier_id, self.main)
        self.assertEqual(self.account.assignment_ids.tier_id, self.key)
        self.assertEqual(self.customer.kam_tier_id, self.main)
        self._job("_cron_nightly", self.day)

    def test_a_customer_without_file_that_becomes_a_contact_blocks_nobody(self):
        """He was computed as a customer of his own; nothing is applied to a contact."""
        moved = self._customer("Moved", 30e6, "leading")
        other = self._customer("Other", 6e6, "medium")
        evaluation = self._evaluation(moved | other)
        moved.write({"is_company": False, "parent_id": self.customer.id})
        self._approve(evaluation)
        self.assertEqual(evaluation.state, "applied")
        self.assertEqual(other.kam_tier_id, self.main)
        self.assertFalse(self.env["kam.account"].search([("partner_id", "=", moved.id)]))

    def test_an_archived_customer_is_still_judged(self):
        """He holds a level; archiving the contact does not take it away unseen."""
        self._hold(self.account, self.key)
        self.customer.action_archive()
        evaluation = self._evaluation()
        line = self._line(evaluation, self.customer)
        self.assertEqual((line.current_tier_id, line.suggested_tier_id), (self.key, self.general))

    def test_departments_have_no_cycle(self):
        """Source: S0-02."""
        top = self.env["kam.department"].create({"name": "Sales"})
        below = self.env["kam.department"].create({"name": "South", "parent_id": top.id})
        with self.assertRaises(UserError), self.cr.savepoint():
            top.parent_id = below
            self.env.flush_all()

    def test_a_team_member_does_not_leave_before_he_came(self):
        role = self.env["kam.team.role"].search([], limit=1)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self.env["kam.team.member"].create(
                {
                    "account_id": self.account.id,
                    "user_id": self.member.id,
                    "role_id": role.id,
                    "date_from": date(2026, 5, 2),
                    "date_to": date(2026, 5, 1),
                }
            )
