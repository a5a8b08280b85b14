from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import KamCase


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestQualification(KamCase):
    """Declared, with evidence, author, date and expiry.  Source: S0-11, S2-07, S3-08 – S3-12."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer = cls._customer("Tianheng")

    def test_the_author_is_whoever_writes_it(self):
        standing = (
            self.env["kam.industry.standing"]
            .with_user(self.officer)
            .create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "standing": "leading",
                    "author_id": self.gm.id,
                }
            )
        )
        self.assertEqual(standing.author_id, self.officer)

    def test_it_belongs_to_the_company_of_the_contact(self):
        """Customers without a file have it too; design §4.1."""
        contact = self.env["res.partner"].create({"name": "Lin", "parent_id": self.customer.id})
        branch = self._new_company("Yunting Shanghai", self.cny, parent=self.company)
        standing = self._stand(contact, "leading", company_id=branch.id)
        self.assertEqual((standing.partner_id, standing.company_id), (self.customer, self.company))

    def test_the_validity_of_the_policy_is_proposed(self):
        """24 months; 29 February becomes the 28th."""
        standing = self._stand(self.customer, "leading", date=date(2024, 2, 29))
        self.assertEqual(standing.date_expiry, date(2026, 2, 28))
        flag = self._qualify(self.customer, "benchmark")
        self.assertEqual(flag.date_expiry, date(2028, 1, 1))
        flag.flag_id.validity_months = 0
        self.assertFalse(self._qualify(self._customer("Other"), "benchmark").date_expiry)

    def test_the_last_day_still_counts(self):
        standing = self._stand(self.customer, "leading", date_expiry=date(2026, 11, 22))
        for day, status in ((date(2026, 11, 22), "valid"), (date(2026, 11, 23), "expired")):
            self.assertEqual(standing._status_on(day), status)

    def test_without_evidence_it_does_not_count(self):
        standing = self._stand(self.customer, "leading", attachment_ids=False)
        self.assertEqual(standing.status, "no_evidence")
        standing.attachment_ids = self.evidence
        self.assertEqual(standing.status, "valid")

    def test_evidence_is_added_never_taken_away(self):
        standing = self._stand(self.customer, "leading")
        more = self.env["ir.attachment"].create({"name": "more.txt", "raw": b"x"})
        standing.attachment_ids = [Command.link(more.id)]
        for command in (Command.unlink(self.evidence.id), Command.clear(), Command.set(more.ids)):
            with self.assertRaisesRegex(UserError, "not taken away"), self.cr.savepoint():
                standing.attachment_ids = [command]

    def test_what_was_declared_does_not_change(self):
        standing = self._stand(self.customer, "leading")
        for values in (
            {"standing": "other"},
            {"date": "2020-01-01"},
            {"date_expiry": "2099-01-01"},
            {"partner_id": self.company.partner_id.id},
            {"ended_on": False},
            {"author_id": self.gm.id},
        ):
            for user in (self.env.user, self.officer):
                with self.assertRaises(AccessError):
                    standing.with_user(user).write(values)
        with self.assertRaises(AccessError):
            standing.unlink()

    def test_a_new_declaration_ends_the_one_before(self):
        old = self._stand(self.customer, "medium", date=date(2026, 1, 1))
        new = self._stand(self.customer, "leading", date=date(2026, 5, 1))
        self.assertEqual((old.ended_on, new.ended_on), (date(2026, 5, 1), False))
        self.assertEqual((old.status, new.status), ("ended", "valid"))
        other = self._qualify(self.customer, "benchmark")
        self.assertFalse(self._qualify(self.customer, "influence").ended_on)
        self.assertFalse(other.ended_on)

    def test_one_entered_late_does_not_end_a_later_one(self):
        later = self._stand(self.customer, "leading", date=date(2026, 5, 1))
        late = self._stand(self.customer, "medium", date=date(2026, 1, 1))
        self.assertEqual((later.ended_on, late.ended_on), (False, date(2026, 5, 1)))

    def test_an_evaluation_of_an_earlier_day_sees_what_held_then(self):
        """Source: S2-07."""
        self._sell(self.customer, 30e6)
        self._stand(self.customer, "leading", date=date(2026, 1, 1))
        self._stand(self.customer, "medium", date=date(2026, 11, 10))
        early = self._evaluation(self.customer, day=date(2026, 11, 9)).line_ids
        late = self._evaluation(self.customer, day=date(2026, 11, 10)).line_ids
        self.assertEqual((early.suggested_tier_id, late.suggested_tier_id), (self.key, self.main))

    def test_it_ends_by_hand(self):
        standing = self._stand(self.customer, "leading")
        self._as(standing, self.officer).action_end()
        self.assertEqual((standing.status, standing.ended_on), ("ended", self.day))

    def test_many_customers_at_once_with_one_file(self):
        """Source: S0-11, S3-16."""
        others = self._new_customers(2)
        contact = self.env["res.partner"].create({"name": "Lin", "parent_id": self.customer.id})
        evidence = self.evidence.with_user(self.officer).create({"name": "a.txt", "raw": b"a"})
        flags = self.env["kam.tier.flag"].search([("code", "in", ("benchmark", "influence"))])
        wizard = (
            self.env["kam.qualification.wizard"]
            .with_user(self.officer)
            .create(
                {
                    "partner_ids": [Command.set((others | contact).ids)],
                    "company_id": self.company.id,
                    "standing": "leading",
                    "flag_ids": [Command.set(flags.ids)],
                    "expected_amount": 5e6,
                    "expected_basis": "frame contract",
                    "attachment_ids": [Command.set(evidence.ids)],
                }
            )
        )
        wizard.action_confirm()
        partners = others | self.customer
        for model, count in (
            ("kam.industry.standing", 3),
            ("kam.qualification", 6),
            ("kam.expected.sales", 3),
        ):
            records = self.env[model].search([("partner_id", "in", partners.ids)])
            self.assertEqual(len(records), count, model)
            self.assertEqual(set(records.mapped("status")), {"valid"})
            self.assertEqual(set(records.attachment_ids.mapped("checksum")), {evidence.checksum})

    def test_the_wizard_wants_something_to_record(self):
        wizard = self.env["kam.qualification.wizard"].create(
            {"partner_ids": [Command.set(self.customer.ids)], "company_id": self.company.id}
        )
        with self.assertRaises(UserError), self.cr.savepoint():
            wizard.action_confirm()
        wizard.expected_amount = 5.0
        with self.assertRaisesRegex(UserError, "rest on"), self.cr.savepoint():
            wizard.action_confirm()

    def test_only_the_office_assesses(self):
        self._account(self.customer, self.user)
        for user in (self.user, self.member, self.auditor, self.admin, self.seller):
            with self.assertRaises(AccessError):
                self.env["kam.industry.standing"].with_user(user).create(
                    {"partner_id": self.customer.id, "standing": "leading"}
                )

    def test_an_industry_criterion(self):
        """Source: S2-17."""
        industry = self.env["res.partner.industry"].create({"name": "Lifts"})
        self.customer.industry_id = industry
        self.env["kam.tier.criterion"].create(
            {
                "tier_id": self.strategic.id,
                "metric_id": self._metric("industry").id,
                "operator": "has",
                "industry_ids": [Command.set(industry.ids)],
                "group_no": 5,
            }
        )
        other = self._customer("Other industry")
        evaluation = self._evaluation(self.customer | other)
        self.assertEqual(self._line(evaluation, self.customer).suggested_tier_id, self.strategic)
        self.assertEqual(self._line(evaluation, other).suggested_tier_id, self.general)

    def test_each_declaration_keeps_its_own_file(self):
        """One upload for many customers; who reads the declaration reads its evidence."""
        upload = self.env["ir.attachment"].create({"name": "survey.txt", "raw": b"standing"})
        customers = self.customer | self._customer("Beichen")
        wizard = self.env["kam.qualification.wizard"].create(
            {
                "partner_ids": [Command.set(customers.ids)],
                "standing": "leading",
                "attachment_ids": [Command.set(upload.ids)],
            }
        )
        wizard.action_confirm()
        standings = self.env["kam.industry.standing"].search(
            [("partner_id", "in", customers.ids), ("ended_on", "=", False)]
        )
        self.assertEqual(len(standings.attachment_ids), 2)
        for standing in standings:
            file = standing.attachment_ids
            self.assertEqual((file.res_model, file.res_id), (standing._name, standing.id))
            self.assertEqual(file.with_user(self.officer).raw, b"standing")
            self.assertEqual(standing.status, "valid")

    def test_an_expired_declaration_is_no_figure(self):
        """It is neither stored nor shown as a number.  Source: g Q5."""
        self._account(self.customer)
        metric = self.env.ref("key_account_mgmt.metric_expected_annual_sales")
        for expiry, stored in (("2026-11-22", 1), ("2026-11-21", 0)):
            self.env["kam.expected.sales"].create(
                {
                    "partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date": "2026-01-01",
                    "date_expiry": expiry,
                    "amount": 15e6,
                    "basis": "Contract",
                    "attachment_ids": [Command.set(self.evidence.ids)],
                }
            )
            self.env["kam.metric.value"]._refresh(
                self.company, date(2026, 11, 22), self.customer, metric
            )
            values = self.env["kam.metric.value"].search(
                [("metric_id", "=", metric.id), ("partner_id", "=", self.customer.id)]
            )
            self.assertEqual(len(values.filtered(lambda v: v.kind == "latest")), stored, expiry)
