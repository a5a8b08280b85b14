from datetime import date, timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamCase

TODAY = date(2026, 11, 22)
DAY = timedelta(days=1)


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestTeam(KamCase):
    """Dated members in roles with duties and department.  Source: S0-05, S0-37, S1q-19."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-11-01 04:00:00"):
            cls.account = cls._account(cls._customer("Tianheng"), cls.user)
        cls.quality = cls.env.ref("key_account_mgmt.kam_team_role_quality")
        cls.manager_role = cls.env.ref("key_account_mgmt.kam_team_role_manager")

    def _join(self, user=None, role=None, account=None, by=None, **values):
        vals = {
            "account_id": (account or self.account).id,
            "user_id": (user or self.member).id,
            "role_id": (role or self.quality).id,
            **values,
        }
        return self._as(self.env["kam.team.member"], by or self.officer).create(vals)

    def _leads(self, account=None):
        rows = (account or self.account).member_ids.filtered("is_lead").sorted("date_from")
        return [(row.user_id, row.date_from, row.date_to) for row in rows]

    # Lead

    def test_the_lead_has_a_row_from_the_day_of_the_file(self):
        """Source: S3-21."""
        self.assertEqual(self._leads(), [(self.user, date(2026, 11, 1), False)])
        self.assertEqual(self.account.member_ids.role_id, self.manager_role)
        self.assertEqual(self.account.lead_since, date(2026, 11, 1))

    def test_a_new_lead_closes_the_row_of_the_old_one_the_day_before(self):
        """Never two leads on one day.  Source: g Q35."""
        self._as(self.account, self.officer).user_id = self.director
        self.env.invalidate_all()
        wanted = [
            (self.user, date(2026, 11, 1), TODAY - DAY),
            (self.director, TODAY, False),
        ]
        self.assertEqual(self._leads(), wanted)
        # Changed again the same day: the row of an hour was a mistake.
        self._as(self.account, self.officer).user_id = self.gm
        self.env.invalidate_all()
        self.assertEqual(self._leads(), [wanted[0], (self.gm, TODAY, False)])
        self._as(self.account, self.officer).user_id = False
        self.env.invalidate_all()
        self.assertEqual(self._leads(), wanted[:1])

    def test_writing_the_same_lead_changes_no_row(self):
        before = self.account.member_ids.ids
        self._as(self.account, self.officer).user_id = self.user
        self.env.invalidate_all()
        self.assertEqual(self.account.member_ids.ids, before)

    def test_missing_rows_of_leads_are_made_once(self):
        """Accounts from before there were rows; run twice, no change."""
        self.account.member_ids.sudo()._as_engine().unlink()
        self.env.cr.execute(
            "UPDATE kam_account SET create_date = '2026-11-01 18:00' WHERE id = %s",
            [self.account.id],
        )
        self.env.invalidate_all()
        self.company.resource_calendar_id.tz = "Asia/Shanghai"
        self.assertEqual(self.env["kam.account"]._ensure_lead_rows(self.company), 1)
        self.assertEqual(self._leads(), [(self.user, date(2026, 11, 2), False)])
        self.assertEqual(self.env["kam.account"]._ensure_lead_rows(self.company), 0)

    def test_nobody_makes_or_moves_a_lead_row_by_hand(self):
        with self.assertRaises(AccessError):
            self._join(is_lead=True)
        lead = self._as(self.account.member_ids, self.officer)
        for values in (
            {"user_id": self.gm.id},
            {"date_to": TODAY},
            {"role_id": self.quality.id},
            {"date_from": TODAY + DAY},
        ):
            with self.assertRaises(UserError), self.cr.savepoint():
                lead.write(values)
        for values in ({"is_lead": False}, {"account_id": self.account.id}):
            with self.assertRaises(AccessError), self.cr.savepoint():
                lead.write(values)
        with self.assertRaises(UserError), self.cr.savepoint():
            lead.unlink()
        # A wrong first day can be corrected, and that is written down.
        lead.date_from = date(2024, 3, 1)
        self.assertEqual(self.account.lead_since, date(2024, 3, 1))
        self.assertIn("→", self.account.message_ids[0].body)

    def test_a_plain_account_manager_who_becomes_the_lead_has_one_row_a_day(self):
        self._join(self.gm, self.manager_role, date_from=date(2026, 11, 10))
        self._as(self.account, self.officer).user_id = self.gm
        self.env.invalidate_all()
        rows = self.account.member_ids.filtered(lambda m: m.user_id == self.gm)
        self.assertEqual(
            [(row.is_lead, row.date_from, row.date_to) for row in rows.sorted("date_from")],
            [(False, date(2026, 11, 10), TODAY - DAY), (True, TODAY, False)],
        )

    # Rows

    def test_duties_and_department_come_with_role_and_person(self):
        """Source: S1q-19, S0-54."""
        department = self.env["kam.department"].create(
            {"name": "Quality", "company_id": self.company.id, "member_ids": self.member.ids}
        )
        member = self._join()
        self.assertEqual((member.duties, member.department_id), (self.quality.duties, department))
        own = self._join(self.gm, duties="Audits at the plant")
        self.assertEqual((own.duties, own.department_id.id), ("Audits at the plant", False))
        with self.assertRaises(ValidationError), self.cr.savepoint():
            own.duties = " "
        # Nothing written past the field leaves a member without duties.
        member.own_duties = " "
        self.assertEqual(member.duties, self.quality.duties)
        member.own_duties = False
        # The role's, in the language of whoever reads, until somebody says otherwise.
        self.env["res.lang"]._activate_lang("fr_FR")
        self.quality.with_context(lang="fr_FR").duties = "Qualité"
        self.assertEqual(member.with_context(lang="fr_FR").duties, "Qualité")
        self.assertFalse(member.own_duties)
        own.duties = self.quality.duties
        self.quality.duties = "Another text"
        self.assertEqual((own.duties, member.duties), ("Another text", "Another text"))

    def test_reversed_days_are_refused(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            self._join(date_from=TODAY, date_to=TODAY - DAY)

    def test_nobody_twice_in_one_role_on_one_day(self):
        """Before, on and after the boundary."""
        self._join(date_from=date(2026, 12, 1), date_to=date(2026, 12, 10))
        for first, last in (
            (date(2026, 12, 10), False),
            (date(2026, 11, 25), date(2026, 12, 1)),
            (date(2026, 11, 25), False),
            (date(2026, 12, 3), date(2026, 12, 4)),
        ):
            with self.assertRaisesRegex(ValidationError, "do not overlap"), self.cr.savepoint():
                self._join(date_from=first, date_to=last)
        self._join(date_from=date(2026, 12, 11))
        self._join(date_from=date(2026, 11, 25), date_to=date(2026, 11, 30))
        # Another role is another row.
        self._join(role=self.env.ref("key_account_mgmt.kam_team_role_expert"))

    def test_who_was_in_the_team_stays_in_its_history(self):
        """Ended, not deleted; a row of today or later was a mistake."""
        past = self._join(date_from=TODAY - DAY)
        with self.assertRaisesRegex(UserError, "last day"), self.cr.savepoint():
            past.unlink()
        self._join(self.gm, date_from=TODAY).unlink()
        self._join(self.gm, date_from=TODAY + DAY).unlink()

    def test_past_days_are_entered_by_the_office_and_leave_a_line(self):
        """Silently: nobody is written to."""
        mails = self.env["mail.mail"].search_count([])
        count = len(self.account.message_ids)
        member = self._join(date_from=TODAY)
        self.assertEqual(len(self.account.message_ids), count)
        member.date_from = TODAY - 10 * DAY
        self.env.invalidate_all()
        self.assertEqual(len(self.account.message_ids), count + 1)
        body = self.account.message_ids[0].body
        self.assertIn("Team, changed", body)
        self.assertEqual(self.account.message_ids[0].author_id, self.officer.partner_id)
        self._join(self.gm, date_from=TODAY - DAY)
        self.env.invalidate_all()
        self.assertEqual(len(self.account.message_ids), count + 2)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)
        for user in (self.user, self.member, self.admin, self.auditor):
            with self.assertRaises(AccessError):
                self._as(member, user).write({"date_from": TODAY - 20 * DAY})
            with self.assertRaises(AccessError):
                self._join(self.gm, by=user)

    def test_the_team_of_a_day(self):
        """Both ends included; ``_kam_team_on``."""
        member = self._join(date_from=date(2026, 11, 10), date_to=date(2026, 11, 20))
        empty = self._account(self._customer("Empty"))
        lead = self.account.member_ids.filtered("is_lead")
        for day, rows in (
            (date(2026, 11, 9), lead),
            (date(2026, 11, 10), lead | member),
            (date(2026, 11, 20), lead | member),
            (date(2026, 11, 21), lead),
        ):
            found = (self.account | empty)._kam_team_on(day)
            self.assertEqual(found, {self.account: rows, empty: rows.browse()}, day)

    # Access

    def _rpc(self, user, method, *args, **kwargs):
        self.env.flush_all()
        self.env.invalidate_all()
        env = self.env(user=user, su=False, context={})
        return call_kw(env["kam.account"], method, [self.account.ids, *args], kwargs)

    def test_the_team_works_on_the_file_from_the_first_to_the_last_day(self):
        """The day after, a former member reads and writes nothing over RPC.  Source: S0-05."""
        self._join(date_from=date(2026, 11, 10), date_to=date(2026, 11, 20))
        for day, works in (
            (date(2026, 11, 9), False),
            (date(2026, 11, 10), True),
            (date(2026, 11, 20), True),
            (date(2026, 11, 21), False),
        ):
            with freeze_time(f"{day} 04:00:00"):
                if works:
                    self.assertTrue(self._rpc(self.member, "read", ["name"]))
                    self._rpc(self.member, "write", {"note": f"<p>{day}</p>"})
                    continue
                with self.assertRaises(AccessError), self.cr.savepoint():
                    self._rpc(self.member, "read", ["name"])
                with self.assertRaises(AccessError), self.cr.savepoint():
                    self._rpc(self.member, "write", {"note": "<p>late</p>"})
        with self.assertRaises(AccessError):
            self._rpc(self.seller, "read", ["name"])
        self.env.invalidate_all()
        self.assertIn("2026-11-20", self.account.note)

    def test_a_member_manages_nothing(self):
        """Who leads, group, life cycle and target stay with manager and office."""
        self._join()
        head = self._account(self._customer("Group"))
        for values in (
            {"user_id": self.member.id},
            {"executive_sponsor_id": self.member.id},
            {"parent_id": head.id},
            {"is_target": True},
            {"state": "lost", "state_reason": "x"},
            {"company_id": self.company.id},
            {"member_ids": [(0, 0, {"user_id": self.gm.id, "role_id": self.quality.id})]},
        ):
            with self.assertRaises(AccessError, msg=values), self.cr.savepoint():
                self._rpc(self.member, "write", values)
        self._rpc(self.user, "write", {"is_target": True})

    def test_a_lead_who_was_replaced_sees_nothing_any_more(self):
        self._rpc(self.user, "read", ["name"])
        self._as(self.account, self.officer).user_id = self.gm
        with self.assertRaises(AccessError):
            self._rpc(self.user, "read", ["name"])

    # Roles

    def test_roles_count_their_people(self):
        """Planned and actual; who left or is over does not count.  Source: S0-146."""
        self._join()
        self._join(account=self._account(self._customer("Hongyue")))
        self._join(self.director, date_from=date(2026, 1, 1), date_to=TODAY - DAY)
        left = self._new_user("left", "key_account_mgmt.group_kam_member")
        self._join(left)
        left.active = False
        self.assertEqual(self._as(self.quality, self.admin).headcount, 1)

    def test_a_topic_counts_as_one_role_only(self):
        """Source: S3-36."""
        topic = self.env.ref("key_account_mgmt.kam_team_role_tech_interface")
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.quality.counts_as_id = topic
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.quality.counts_as_id = self.quality

    # Merging

    def test_a_merged_file_leaves_one_lead_a_day(self):
        """And one row per person, role and day."""
        other = self._account(self._customer("Tianheng (double)"), self.gm)
        self._join(date_from=date(2026, 10, 1), date_to=date(2026, 10, 31), account=other)
        self._join(date_from=date(2026, 10, 15))
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.account.partner_id | other.partner_id).ids, self.account.partner_id)
        self.env.invalidate_all()
        self.assertEqual(self._leads(), [(self.user, date(2026, 11, 1), False)])
        joined = self.account.member_ids.filtered(lambda m: m.user_id == self.member)
        self.assertEqual(
            [(row.date_from, row.date_to) for row in joined], [(date(2026, 10, 1), False)]
        )
