"""Profiles: what is known of a customer, how complete, how fresh, how he really buys."""

from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools.misc import mute_logger

from .common import KamCase

FULL = {
    "legal_representative": "Li Gang",
    "business_scope": "Elevators",
    "organisation": "Purchasing buys, technology decides",
    "decision_process": "Technology, purchasing, board",
    "business_scale": "3 000 people",
    "main_products": "Passenger lifts",
    "market_share": 12.0,
    "purchase_need": "Doors",
    "purchase_frequency": "monthly",
    "purchase_budget": 5e6,
    "purchase_criteria": "Quality, then price",
    "no_competitor": True,
    "cooperation_history": "Since 2012",
}


class ProfileCase(KamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.kam_go_live_date = date(2024, 1, 1)
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.channel = cls.env.ref("key_account_mgmt.kam_source_channel_web")
        with freeze_time("2026-05-21 17:00:00"):
            # In Shanghai it is the 22nd already.
            cls.account = cls._opened("Tianheng", cls.user)
        cls.env["kam.notice"]._as_engine().search([]).write({"sent_on": "2026-01-01 00:00:00"})

    @classmethod
    def _opened(cls, name, user=None, **values):
        return cls._account(cls._customer(name), user, is_target=True, **values)

    @classmethod
    def _opened_on(cls, account, day):
        account._as_engine().write({"opened_on": day})


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestProfile(ProfileCase):
    """Source: S0-60 … S0-66."""

    def test_completeness_is_the_average_of_the_six_blocks(self):
        """Source: S0-60."""
        self.assertEqual(self.account.profile_completeness, 0.0)
        self.account.write({"legal_representative": "Li Gang"})
        self.assertEqual(self.account.profile_completeness, 5.6, "a third of one block of six")
        self.account.write({"business_scope": "Elevators", "source_channel_id": self.channel.id})
        self.assertEqual(self.account.profile_completeness, 16.7)
        missing = self.account.with_context(lang="en_US").profile_missing
        expected = "Organisation, Business, Purchasing, Competitors, Relationship"
        self.assertEqual(missing, expected)
        self.account.write({**FULL, "source_channel_id": self.channel.id})
        self.assertEqual(self.account.profile_completeness, 100.0)
        self.assertFalse(self.account.profile_missing)
        self.account.cooperation_history = "   "
        self.assertEqual(self.account.profile_completeness, 83.3, "blanks are not known")

    def test_a_competitor_comes_from_an_insight(self):
        """Source: S0-65."""
        kind = self.env.ref("key_account_mgmt.kam_insight_kind_competitor")
        values = {"name": "Supplies doors", "kind_id": kind.id, "account_id": self.account.id}
        insight = self.env["kam.insight"].create(values)
        self.assertFalse(self.account.competitors_known, "nobody is named")
        insight.competitor_id = self._customer("Keruite")
        self.assertTrue(self.account.competitors_known)
        self.assertEqual(self.account.competitor_insight_ids, insight)
        insight.active = False
        self.assertFalse(self.account.competitors_known)

    def test_incomplete_profiles_are_found_and_sorted(self):
        """Source: S0-60."""
        other = self._opened("Beichen", self.user)
        other.write({**FULL, "source_channel_id": self.channel.id})
        both = [("id", "in", (self.account | other).ids)]
        Account = self.env["kam.account"]
        self.assertEqual(Account.search([*both, ("profile_completeness", "<", 100)]), self.account)
        self.assertEqual(
            Account.search(both, order="profile_completeness desc"), other | self.account
        )

    def test_nobody_forges_review_and_completeness(self):
        """Over RPC, by default or on creation; not even the office."""
        forged = (
            {"profile_reviewed_on": date(2026, 11, 22)},
            {"profile_reviewed_by_id": self.officer.id},
            {"profile_completeness": 100.0},
            {"competitors_known": True},
            {"opened_on": date(2030, 1, 1)},
            {"profile_told_on": date(2030, 1, 1)},
        )
        partner = self._customer("New")
        for values in forged:
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(self.account, self.officer).write(values)
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(self.env["kam.account"], self.officer).create(
                    {"partner_id": partner.id, "company_id": self.company.id, **values}
                )
        defaults = {f"default_{name}": value for values in forged for name, value in values.items()}
        account = (
            self._as(self.env["kam.account"], self.officer)
            .with_context(**defaults)
            .create({"partner_id": partner.id, "company_id": self.company.id})
        )
        self.assertFalse(account.profile_reviewed_on or account.profile_reviewed_by_id)
        self.assertEqual((account.opened_on, account.profile_told_on), (self.day, False))
        self.assertEqual((account.profile_completeness, account.competitors_known), (0.0, False))

    def test_wrong_numbers_are_refused(self):
        for values in ({"market_share": 101.0}, {"delivery_cycle": -1}, {"purchase_budget": -1.0}):
            with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.cr.savepoint():
                self.account.write(values)
                self.env.flush_all()

    def test_a_channel_is_not_a_part_of_itself(self):
        """Source: S0-55."""
        research = self.env.ref("key_account_mgmt.kam_source_channel_research")
        part = self.env.ref("key_account_mgmt.kam_source_channel_seminar")
        self.assertEqual(part.parent_id, research)
        self.assertEqual(part.with_context(lang="en_US").display_name, "Market Research / Seminar")
        with self.assertRaises(ValidationError), self.cr.savepoint():
            research.parent_id = part

    def test_the_file_takes_the_channel_of_the_opportunity(self):
        """Source: S0-56, S0-59: chosen once."""
        partner = self._customer("Prospect")
        lead = self.env["crm.lead"].create(
            {
                "name": "Lifts",
                "partner_id": partner.id,
                "kam_source_channel_id": self.channel.id,
                "kam_potential_key_account": True,
                "company_id": self.company.id,
            }
        )
        action = lead.action_kam_open_account()
        account = self.env["kam.account"].browse(action["res_id"])
        self.assertEqual(account.source_channel_id, self.channel)
        lead.kam_source_channel_id = self.env.ref("key_account_mgmt.kam_source_channel_referral")
        lead.action_kam_open_account()
        self.assertEqual(account.source_channel_id, self.channel, "what the file says stays")

    def test_merged_files_know_what_either_knew(self):
        kept = self._opened("Kept", self.user, legal_representative="Wang")
        self.account.write({"legal_representative": "Li", "business_scope": "Doors"})
        kind = self.env.ref("key_account_mgmt.kam_insight_kind_needs")
        insight = self.env["kam.insight"].create(
            {"name": "Quieter", "kind_id": kind.id, "account_id": self.account.id}
        )
        insight.action_confirm()
        self.env["kam.account"]._merge_partners(self.account.partner_id, kept.partner_id)
        self.assertEqual(kept.legal_representative, "Wang")
        self.assertEqual(kept.business_scope, "Doors")
        self.assertEqual(insight.account_id, kept)

    # How the customer buys

    def test_buying_behaviour_is_computed_from_orders(self):
        """Source: S0-64, S1a-12, S1b-05."""
        partner = self.account.partner_id
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": partner.id})
        self._order(partner, "2025-11-21 04:00:00", 999.0)
        for day, amount, who in (
            ("2025-11-22", 100.0, partner),
            ("2026-01-01", 200.0, contact),
            ("2026-01-11", 300.0, partner),
            ("2026-01-11", 400.0, partner),
            ("2026-03-02", 500.0, partner),
        ):
            self._order(who, f"{day} 04:00:00", amount)
        self.env["sale.order"].create({"partner_id": partner.id, "company_id": self.company.id})
        account = self._as(self.account, self.user)
        self.assertEqual(account.order_count, 5, "a quotation and last year's do not count")
        self.assertEqual(account.order_average, 300.0)
        self.assertEqual(account.order_interval, 40.0, "the median of 40, 10 and 50 days")
        self.assertEqual(account.order_categories, self.piece.name, "it has no category")
        self.piece.categ_id = self.env["product.category"].create({"name": "Doors"})
        self.env.invalidate_all()
        self.assertEqual(account.order_categories, "Doors")
        self.assertEqual(account.customer_since, date(2025, 11, 21))

    def test_orders_of_another_company_do_not_count(self):
        other = self._new_company("Yunting Rail", self.cny)
        self._order(self.account.partner_id, "2026-01-01 04:00:00", 100.0, company=other)
        self.assertEqual((self.account.order_count, self.account.customer_since), (0, False))

    def test_customer_since_is_also_known_from_paper(self):
        """Source: S0-66."""
        self._order(self.account.partner_id, "2026-01-01 04:00:00", 100.0)
        self.env["kam.opening.classification"].create(
            {
                "partner_id": self.account.partner_id.id,
                "company_id": self.company.id,
                "customer_since": date(2012, 5, 1),
            }
        )
        self.assertEqual(self.account.customer_since, date(2012, 5, 1))

    def test_orders_and_invoices_are_one_click_away(self):
        """Source: S0-153: only for who may open them, of this customer only."""
        order = self._order(self.account.partner_id, "2026-01-01 04:00:00", 100.0)
        self._order(self._customer("Other"), "2026-01-01 04:00:00", 100.0)
        invoice = self._invoice(self.account.partner_id, "2026-03-01", 7.0)
        self.officer.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        self.officer.group_ids += self.env.ref("account.group_account_readonly")
        account = self._as(self.account, self.officer)
        for action, document in (
            (account.action_open_orders(), order),
            (account.action_open_invoices(), invoice),
        ):
            found = self.env[action["res_model"]].search(action["domain"])
            self.assertEqual(found, document)
        for name in ("action_open_orders", "action_open_invoices"):
            with self.assertRaises(AccessError), self.cr.savepoint():
                getattr(self._as(self.account, self.user), name)()

    def test_the_figures_of_many_files_cost_constant_queries(self):
        accounts = self.account
        for number in range(12):
            accounts |= self._opened(f"Of many {number}", self.user)
        names = ["order_count", "order_categories", "customer_since", "insight_count",
                 "profile_missing", "profile_stale"]  # fmt: skip

        def queries(records):
            records = self._as(records, self.officer)
            before = self.cr.sql_log_count
            records.read(names)
            return self.cr.sql_log_count - before

        queries(accounts)
        self.assertEqual(queries(accounts[:2]), queries(accounts))


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestProfileReview(ProfileCase):
    """A profile nobody looks at becomes stale; one notice a week.  Source: S2-48, J14."""

    def _is_stale(self, day, account=None):
        account = account or self.account
        with freeze_time(f"{day} 04:00:00"):
            self.env.invalidate_all()
            found = account.search([("id", "=", account.id), ("profile_stale", "=", True)])
            self.assertEqual(bool(found), account.profile_stale)
            hidden = account.search([("id", "=", account.id), ("profile_stale", "=", False)])
            self.assertEqual(found | hidden, account)
            return account.profile_stale

    def test_six_months_after_the_review_it_is_stale_from_the_next_day(self):
        """Source: S2-48."""
        with freeze_time("2026-05-22 04:00:00"):
            self.account.action_profile_reviewed()
        self.assertEqual(self.account.profile_reviewed_on, date(2026, 5, 22))
        self.assertFalse(self._is_stale("2026-11-21"))
        self.assertFalse(self._is_stale("2026-11-22"), "the last day in time")
        self.assertTrue(self._is_stale("2026-11-23"))
        with freeze_time("2026-11-23 04:00:00"):
            self.account.action_profile_reviewed()
        self.assertFalse(self._is_stale("2026-11-23"))

    def test_never_reviewed_counts_from_the_opening(self):
        self.assertEqual(self.account.opened_on, date(2026, 5, 22), "where the company works")
        self.assertFalse(self._is_stale("2026-11-22"))
        self.assertTrue(self._is_stale("2026-11-23"))

    def test_nothing_before_go_live_counts(self):
        self._opened_on(self.account, date(2024, 1, 1))
        self.company.kam_go_live_date = date(2026, 5, 22)
        self.assertFalse(self._is_stale("2026-11-22"))
        self.assertTrue(self._is_stale("2026-11-23"))

    def test_the_company_chooses_the_months(self):
        with freeze_time("2026-05-22 04:00:00"):
            self.account.action_profile_reviewed()
        self.company.kam_profile_months = 7
        self.assertFalse(self._is_stale("2026-11-23"))
        self.assertTrue(self._is_stale("2026-12-23"))
        with self.assertRaises(ValidationError), self.cr.savepoint():
            self.company.kam_profile_months = -1

    def test_only_key_and_target_accounts_in_business(self):
        self._opened_on(self.account, date(2025, 1, 1))
        self.assertTrue(self._is_stale("2026-11-22"))
        self.account.is_target = False
        self.assertFalse(self._is_stale("2026-11-22"))
        self._hold(self.account, self.key)
        self.assertTrue(self._is_stale("2026-11-22"), "a key account")
        self.account._set_life_cycle("paused", "renovation")
        self.assertFalse(self._is_stale("2026-11-22"))

    def test_whoever_changes_the_profile_has_reviewed_it(self):
        self._opened_on(self.account, date(2025, 1, 1))
        self._as(self.account, self.user).write({"positioning": "Partner"})
        self.assertEqual(self.account.profile_reviewed_by_id, self.user)
        self.assertEqual(self.account.profile_reviewed_on, date(2026, 11, 22))
        self.assertFalse(self._is_stale("2026-11-22"))

    def test_who_may_say_reviewed(self):
        stranger = self._new_user("stranger", "key_account_mgmt.group_kam_user")
        for user in (stranger, self.admin, self.auditor, self.seller):
            with self.assertRaises(AccessError), self.cr.savepoint():
                self._as(self.account, user).action_profile_reviewed()
        self._as(self.account, self.officer).action_profile_reviewed()
        self.assertEqual(self.account.profile_reviewed_by_id, self.officer)

    # The weekly notice

    def _told(self):
        return self.env["kam.notice"].search([("topic", "=", "profile")], order="id")

    def _stale_accounts(self, count, user):
        accounts = self.env["kam.account"]
        for number in range(count):
            account = self._opened(f"{user.name} {number}", user)
            self._opened_on(account, date(2025, 1, 1))
            accounts |= account
        return accounts

    def _night(self, day):
        """The new notices of a night."""
        before = self._told()
        with freeze_time(f"{day} 04:00:00"):
            self._job("_cron_profiles", date.fromisoformat(day), model="kam.account")
        return self._told() - before

    def test_one_notice_per_manager_and_week(self):
        """Source: S2-48: twice in a week changes nothing, the next week tells again."""
        self._stale_accounts(12, self.user)
        self._stale_accounts(1, self.officer)
        new = self._night("2026-11-23")
        self.assertEqual(new.user_id, self.user | self.officer)
        self.assertEqual(len(new), 2)
        mine = new.filtered(lambda n: n.user_id == self.user)
        self.assertEqual(mine.title, "Profiles to review: 13")
        self.assertEqual(len(mine.lines), 11, "ten names and how many more")
        for day in ("2026-11-23", "2026-11-24", "2026-11-29"):
            self.assertFalse(self._night(day), day)
        self.assertEqual(len(self._night("2026-11-30")), 2)

    def test_after_an_outage_it_catches_up_once(self):
        self._stale_accounts(1, self.user)
        self.assertEqual(len(self._night("2026-11-27")), 1, "on a Friday")
        self.assertFalse(self._night("2026-11-28"))

    def test_nobody_is_told_of_nothing_or_after_he_left(self):
        with freeze_time("2026-11-20 04:00:00"):
            self.account.action_profile_reviewed()
        self.assertFalse(self._night("2026-11-23"))
        self._stale_accounts(2, self.member)
        self.member.active = False
        self.assertFalse(self._night("2026-11-23"))
        self.assertFalse(self.account.activity_ids)

    def test_the_job_says_what_it_will_do(self):
        job = self.env.ref("key_account_mgmt.kam_job_profiles").with_context(lang="en_US")
        with freeze_time("2026-05-22 04:00:00"):
            self.account.action_profile_reviewed()
        self.assertEqual(
            job._job_forecast_profiles(self.company, date(2026, 11, 22)),
            ["Every profile is up to date."],
        )
        self.assertEqual(
            job._job_forecast_profiles(self.company, date(2026, 11, 23)),
            ["Profiles that need a review: 1."],
        )

    def test_the_settings_show_six_months_where_nothing_was_chosen(self):
        Settings = self.env["res.config.settings"].with_company(self.company)
        settings = Settings.create({"company_id": self.company.id})
        self.assertEqual(settings.kam_profile_months, 6)
        settings.kam_profile_months = 9
        self.assertEqual(self.company.kam_profile_months, 9)
