from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import KamCase


@tagged("post_install", "-at_install")
class TestOpening(KamCase):
    """Tiers, managers and "customer since" known from paper; design §1, §4.1."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.kam_go_live_date = date(2026, 7, 1)
        cls.customer = cls._customer("Tianheng", user_id=cls.officer.id)
        cls.row = cls._row(cls.customer)

    @classmethod
    def _row(cls, partner, **values):
        return cls.env["kam.opening.classification"].create(
            {
                "partner_id": partner.id,
                "company_id": cls.company.id,
                "tier_id": cls.key.id,
                "date_from": date(2019, 4, 1),
                "customer_since": date(2001, 5, 1),
                "user_id": cls.user.id,
                "note": "Decision of 2019",
                **values,
            }
        )

    def test_applying_opens_the_file_and_marks_the_tier(self):
        self._as(self.row, self.admin).action_apply()
        account = self.customer.kam_account_id
        self.assertEqual(
            (account.tier_id, account.tier_since, account.user_id, account.state),
            (self.key, date(2019, 4, 1), self.user, "active"),
        )
        self.assertEqual(account.assignment_ids.origin, "opening")
        self.assertEqual(account.assignment_ids.reason, "Decision of 2019")
        self.assertEqual(self.row.state, "applied")

    def test_without_a_date_the_tier_begins_at_go_live(self):
        self.row.date_from = False
        self.row.with_user(self.admin).action_apply()
        self.assertEqual(self.customer.kam_account_id.tier_since, date(2026, 7, 1))

    def test_nothing_after_go_live_comes_from_paper(self):
        for name in ("date_from", "customer_since"):
            self.row[name] = date(2026, 7, 1)
            with self.assertRaisesRegex(ValidationError, "go-live"), self.cr.savepoint():
                self.row[name] = date(2026, 7, 2)

    def test_it_never_replaces_a_decision(self):
        """All rows or none."""
        decided = self._customer("Hongyue", 6e6, "medium")
        self._approve(self._evaluation(decided))
        rows = self.row | self._row(decided)
        with self.assertRaisesRegex(UserError, "use an evaluation"), self.cr.savepoint():
            self._as(rows, self.admin).action_apply()
        self.assertFalse(self.customer.kam_account_id)
        self.assertEqual(decided.kam_tier_id, self.main)

    def test_applying_twice_changes_nothing(self):
        self._as(self.row, self.admin).action_apply()
        self._as(self.row, self.admin).action_apply()
        self.assertEqual(len(self.customer.kam_account_id.assignment_ids), 1)

    def test_an_applied_row_does_not_change(self):
        self._as(self.row, self.admin).action_apply()
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(self.row, self.admin).tier_id = self.strategic
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(self.row, self.admin).unlink()

    def test_only_the_administrator_applies(self):
        for user in (self.user, self.officer, self.gm, self.auditor, self.seller):
            with self.assertRaises(AccessError):
                self._as(self.row, user).action_apply()

    @mute_logger("odoo.sql_db")
    def test_the_import_reads_codes_and_refuses_states(self):
        partner = self._customer("Imported")
        fields = ["partner_id/.id", "tier_id/id", "date_from"]
        tier = self.key.get_external_id()[self.key.id]
        model = self.env["kam.opening.classification"].with_user(self.admin)
        model = model.with_company(self.company)
        result = model.load(fields, [[str(partner.id), tier, "2020-01-01"]])
        self.assertFalse(result["messages"])
        row = model.browse(result["ids"])
        self.assertEqual((row.tier_id, row.state), (self.key, "draft"))
        self.assertEqual(row.company_id, self.company)
        result = model.load([*fields, "state"], [[str(partner.id), tier, "2020-01-01", "applied"]])
        self.assertFalse(result["ids"])
        result = model.load(fields, [[str(partner.id), tier, "sometime"]])
        self.assertFalse(result["ids"])

    def test_a_contact_is_not_classified(self):
        contact = self.env["res.partner"].create({"name": "Lin", "parent_id": self.customer.id})
        with self.assertRaisesRegex(ValidationError, "classify Tianheng"), self.cr.savepoint():
            self._row(contact)

    def test_a_level_of_another_company_is_refused(self):
        other = self._new_company("Yunting Rail", self.cny)
        foreign = self.s3.copy({"company_id": other.id})
        with self.assertRaises(UserError), self.cr.savepoint():
            self._row(self._customer("Hongyue"), tier_id=foreign.tier_ids[0].id)

    def test_a_customer_older_than_the_database(self):
        """Relationship months count from the day on paper.  Source: S0-19, S2-11."""
        self._invoice(self.customer, "2026-10-01", 10.0)
        line = self._evaluation(self.customer, self._scheme("s2_value")).line_ids
        months = line.result_ids.filtered(lambda r: r.metric_id.code == "relationship_months")
        self.assertGreater(months.value, 300)

    def test_an_opening_label(self):
        label = self.s1n.tier_ids[0]
        self.row.tier_id = label
        self._as(self.row, self.admin).action_apply()
        account = self.customer.kam_account_id
        self.assertEqual((account.label_ids, account.tier_id.id), (label, False))

    def test_members_of_a_group_follow_the_head(self):
        """Unless they were classified themselves; they do not count beside their head."""
        head = self._account(self.customer)
        follower = self._account(self._customer("Tianheng Suzhou"), parent=head)
        own = self._account(self._customer("Tianheng Tianjin"), parent=head)
        rows = self.row | self._row(own.partner_id, tier_id=self.main.id, user_id=False)
        self._as(rows, self.admin).action_apply()
        self.assertEqual((follower.tier_id, own.tier_id), (self.key, self.main))
        self.assertTrue(follower.assignment_ids.is_inherited)
        evaluation = self._evaluation(self._customer("Small", 1e3, "other"))
        self.assertEqual(evaluation._customers_per_tier(self.key), {self.key.id: 1})
