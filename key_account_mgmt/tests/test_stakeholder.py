from datetime import date

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import GROUP
from .common_people import XMLID, PeopleCase

GAPS = ("no_decision_maker", "one_contact_only", "sponsor_silent", "decision_map_complete")


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestStakeholder(PeopleCase):
    """Who decides at the customer.  Source: S0-62, S1c-06, S1i-15, S3-23."""

    def _contacted(self, days):
        """Let the last contacts be ``{stakeholder: day}``."""
        self.patch(type(self.env["kam.stakeholder"]), "_last_contacts", lambda self: dict(days))
        self.env.invalidate_all()

    def _gaps(self, account=None):
        account = account or self.account
        self.env.flush_all()
        self.env.invalidate_all()
        return {name for name in GAPS if account[name]}

    # A person -------------------------------------------------------------------------

    def test_two_fields_are_typed(self):
        """Decision role and attitude beside the contact, by the account manager."""
        person = self._as(self.env["kam.stakeholder"], self.user).create(
            {
                "account_id": self.account.id,
                "partner_id": self._contact("Qian").id,
                "role_id": self.env.ref(XMLID % ("stakeholder_role", "buyer")).id,
                "attitude": "sceptic",
            }
        )
        self.assertEqual(person.display_name, person.partner_id.name)
        required = {
            name for name, field in person._fields.items()
            if field.required and not field.default and not field.compute
        }  # fmt: skip
        self.assertEqual(required, {"account_id", "partner_id", "role_id"})

    def test_a_contact_stands_once_on_an_account_and_may_on_others(self):
        person = self._person("Qian")
        values = {
            "partner_id": person.partner_id.id,
            "role_id": person.role_id.id,
            "attitude": "neutral",
        }
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.cr.savepoint():
            person.create({**values, "account_id": self.account.id})
        person.create({**values, "account_id": self.elsewhere.id})
        person.active = False
        person.flush_recordset()
        person.create({**values, "account_id": self.account.id})

    def test_a_company_is_no_person(self):
        with self.assertRaises(ValidationError):
            self._person("Qian").partner_id = self.customer

    def test_nobody_reports_to_himself_or_elsewhere(self):
        boss = self._person("Boss")
        middle = self._person("Middle", reports_to_id=boss.id)
        low = self._person("Low", reports_to_id=middle.id)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            boss.reports_to_id = low
        with self.assertRaises(ValidationError), self.cr.savepoint():
            boss.reports_to_id = boss
        with self.assertRaises(ValidationError), self.cr.savepoint():
            low.reports_to_id = self._person("Other", account=self.elsewhere)
        with self.assertRaises(ValidationError), self.cr.savepoint():
            boss.account_id = self.elsewhere

    # Warnings -------------------------------------------------------------------------

    def test_nobody_known_then_one_then_enough(self):
        """Source: S1i-15."""
        self.assertEqual(self._gaps(), {"no_decision_maker", "one_contact_only"})
        first = self._person("Qian", "decision_maker")
        self.assertEqual(self._gaps(), {"one_contact_only"})
        self.assertIn("Qian", self.account.stakeholder_warning)
        self._person("Shen")
        self.assertFalse(self._gaps())
        first.role_id = self.env.ref(XMLID % ("stakeholder_role", "user"))
        self.assertEqual(self._gaps(), {"no_decision_maker"})

    def test_the_decision_map_is_complete(self):
        """Contacts × role × influence × what counts for who decides.  Source: S1i-15."""
        boss = self._person("Qian", "decision_maker", influence="5", criteria="Safety")
        other = self._person("Shen", influence="2")
        self.assertEqual(self._gaps(), {"decision_map_complete"})
        other.influence = "0"
        self.assertFalse(self._gaps())
        other.influence = "1"
        boss.criteria = " "
        self.assertFalse(self._gaps())

    def test_who_left_is_not_counted_from_that_day(self):
        boss = self._person("Qian", "decision_maker")
        self._person("Shen")
        boss.left_on = date(2026, 11, 23)
        self.assertFalse(self._gaps())
        boss.left_on = date(2026, 11, 22)
        self.assertEqual(self._gaps(), {"no_decision_maker", "one_contact_only"})

    def test_a_sponsor_is_silent_after_six_months(self):
        """By role or by attitude; the day six months ago is still in time."""
        champion = self._person("Qian", "champion")
        friend = self._person("Shen", "decision_maker", "sponsor")
        self._person("Lu")
        for first, second, silent in (
            (date(2026, 5, 22), date(2026, 5, 22), False),
            (date(2026, 5, 21), date(2026, 11, 1), True),
            (date(2026, 11, 1), date(2026, 5, 21), True),
            (None, date(2026, 11, 1), True),
        ):
            self._contacted({champion: first, friend: second})
            self.assertEqual("sponsor_silent" in self._gaps(), silent, (first, second))
        self.company.kam_sponsor_months = 12
        self._contacted({champion: date(2025, 11, 22), friend: date(2025, 11, 22)})
        self.assertFalse(self._gaps())
        self._contacted({champion: date(2025, 11, 21), friend: date(2025, 11, 22)})
        self.assertEqual(self._gaps(), {"sponsor_silent"})
        champion.left_on = date(2026, 11, 1)
        self.assertFalse(self._gaps())

    def test_silence_before_the_go_live_is_none(self):
        """Nothing before the go-live date is missing."""
        self._person("Qian", "decision_maker", "sponsor")
        self._person("Shen")
        self.company.kam_go_live_date = date(2026, 5, 22)
        self.assertFalse(self._gaps())
        self.company.kam_go_live_date = date(2026, 5, 21)
        self.assertEqual(self._gaps(), {"sponsor_silent"})

    def test_a_suspended_file_warns_of_nothing(self):
        self.account._set_life_cycle("paused", "Renovation")
        self.assertFalse(self._gaps())
        self.assertFalse(self.account.stakeholder_warning)

    def test_searching_finds_what_is_shown(self):
        accounts = self.account | self.elsewhere
        third = self._account(self._customer("Third"))
        self._person("Qian", "decision_maker", influence="5", criteria="Price")
        self._person("Shen", influence="3")
        self._person("Lu", "champion", account=self.elsewhere)
        accounts |= third
        self._contacted({})
        for name in GAPS:
            shown = accounts.filtered(name)
            for value in (True, False):
                found = accounts.search([("id", "in", accounts.ids), (name, "=", value)])
                self.assertEqual(found, shown if value else accounts - shown, (name, value))
            self.assertTrue(shown, name)
        silent = self.env["kam.stakeholder"].search(
            [("account_id", "in", accounts.ids), ("is_silent", "=", True)]
        )
        self.assertEqual(silent.partner_id.name, "Lu")

    def test_the_list_of_accounts_asks_a_constant_number_of_queries(self):
        def queries(accounts):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            accounts.mapped("stakeholder_warning")
            accounts.mapped("request_count")
            return self.cr.sql_log_count - before

        many = self.env["kam.account"]
        for number in range(12):
            account = self._account(self._customer(f"Customer {number}"))
            self._person(f"Person {number}", "decision_maker", "sponsor", account=account)
            many |= account
        queries(many)
        self.assertEqual(queries(many[:2]), queries(many))

    # Large opportunities ----------------------------------------------------------------

    def _lead(self, amount, partner=None, **values):
        return self.env["crm.lead"].create(
            {
                "name": "Line 7",
                "type": "opportunity",
                "partner_id": (partner or self._contact("Buyer")).id,
                "expected_revenue": amount,
                "company_id": self.company.id,
                "user_id": self.user.id,
                **values,
            }
        )

    def _warned(self, lead, user=None):
        user = user or self.user
        user.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        return self._as(lead, user).kam_stakeholder_warning

    def test_a_large_opportunity_warns(self):
        """From the limit on; below it, won, lost or known well: not.  Source: S1i-15."""
        large = self._lead(1_000_000)
        self.assertIn("No decision maker", self._warned(large))
        self.assertFalse(self._warned(self._lead(999_999)))
        self.company.kam_large_deal_amount = 2_000_000
        self.assertFalse(self._warned(large))
        self.company.kam_large_deal_amount = 999_999
        self.assertTrue(self._warned(large))
        self._person("Qian", "decision_maker", influence="5", criteria="Safety")
        other = self._person("Shen")
        self.assertIn("incomplete", self._warned(large))
        other.influence = "2"
        self.assertFalse(self._warned(large))
        other.unlink()
        self.assertTrue(self._warned(large))
        large.action_set_lost()
        self.assertFalse(self._warned(large))

    def test_only_whoever_may_read_the_file_is_warned(self):
        lead = self._lead(5_000_000)
        self.assertTrue(self._warned(lead, self.member))
        self.assertFalse(self._warned(lead, self.stranger))
        self.assertFalse(self._warned(lead, self.seller))
        unknown = self._lead(5_000_000, self._customer("Nobody's"))
        self.assertFalse(self._warned(unknown))
        found = [("id", "in", (lead | unknown).ids), ("kam_has_stakeholder_gap", "=", True)]
        self.assertEqual(self._as(lead, self.user).search(found), lead)
        self.assertFalse(self._as(lead, self.stranger).search(found))

    def test_each_company_has_its_own_limit_in_its_own_currency(self):
        other = self._new_company("Yunting International", self.env.ref("base.USD"))
        self._account(self.customer, company=other)
        self.company.kam_large_deal_amount = 5_000_000
        for amount, large in ((1_000_000, True), (999_999, False)):
            lead = self._lead(amount, company_id=other.id, user_id=False)
            self.assertEqual(bool(lead.with_company(other).kam_stakeholder_warning), large)
            self.assertFalse(self._lead(amount).kam_stakeholder_warning)

    # Who may --------------------------------------------------------------------------

    def test_people_follow_the_account(self):
        """The team sees and writes them; a stranger and an ex-member do not."""
        person = self._person("Qian")
        self._as(person, self.member).attitude = "supporter"
        for user in (self.stranger, self.helper):
            self.assertFalse(self._as(person.browse(), user).search([("id", "=", person.id)]))
            with self.assertRaises(AccessError):
                self._as(person, user).read(["attitude"])
        for user in (self.admin, self.auditor):
            self.assertTrue(self._as(person, user).read(["attitude"]))
            with self.assertRaises(AccessError):
                self._as(person, user).attitude = "opponent"
        with self.assertRaises(AccessError):
            self._as(person, self.member).unlink()
        self._leave(date(2026, 11, 21))
        with self.assertRaises(AccessError):
            self._as(person, self.member).read(["attitude"])

    def test_preferences_are_private_and_never_exported(self):
        """Source: Q37, S1r-22."""
        person = self._person("Qian", private_note="Likes tea")
        self.assertEqual(self._as(person, self.user).private_note, "Likes tea")
        for user in (self.member, self.auditor, self.admin):
            with self.assertRaises(AccessError):
                self._as(person, user).read(["private_note"])
            with self.assertRaises(AccessError):
                self._as(person, user).search([("private_note", "ilike", "tea")])
        self.env.ref(GROUP % "export").user_ids += self.director
        self.env.ref("base.group_allow_export").user_ids += self.director
        mine = self._as(person, self.director)
        self.assertEqual(mine.export_data(["attitude"])["datas"], [["Neutral"]])
        with self.assertRaisesRegex(AccessError, "Preferences"):
            mine.export_data(["attitude", "private_note"])
        with self.assertRaisesRegex(AccessError, "Preferences"):
            mine.account_id.export_data(["stakeholder_ids/private_note"])
        self.assertFalse(person.fields_get(["private_note"])["private_note"]["exportable"])

    # Merging --------------------------------------------------------------------------

    def _merge(self, source, kept):
        records = self.env["res.partner"].concat(kept, source)
        self.env["base.partner.merge.automatic.wizard"]._merge(records.ids, kept)
        self.env.invalidate_all()

    def test_merged_accounts_keep_the_people_of_both(self):
        double = self._customer("Tianheng (double)")
        old = self._account(double)
        boss = self._person("Boss", account=old)
        low = self._person("Low", account=old, reports_to_id=boss.id)
        shared = self._contact("Shared", double)
        values = {"partner_id": shared.id, "role_id": boss.role_id.id}
        there = boss.create({**values, "account_id": self.account.id, "attitude": "opponent"})
        here = boss.create({**values, "account_id": old.id, "attitude": "sponsor"})
        below = self._person("Below", account=old, reports_to_id=here.id)
        self._merge(double, self.customer)
        self.assertEqual((boss | low | below).account_id, self.account)
        self.assertEqual(low.reports_to_id, boss)
        self.assertEqual((there.active, there.attitude), (True, "opponent"))
        self.assertFalse(here.active)
        self.assertEqual(below.reports_to_id, there)

    def test_merged_contacts_leave_one_of_the_person(self):
        kept = self._person("Qian", attitude="supporter")
        source = self._person("Qian (double)", attitude="opponent")
        middle = self._person("Middle", reports_to_id=source.id)
        kept.reports_to_id = middle
        only = self._person("Elsewhere", account=self.elsewhere)
        self._merge(source.partner_id, kept.partner_id)
        self._merge(only.partner_id, kept.partner_id)
        self.assertEqual((kept.active, kept.attitude, source.active), (True, "supporter", False))
        self.assertEqual(middle.reports_to_id, kept)
        self.assertFalse(kept.reports_to_id)
        self.assertEqual(only.partner_id, kept.partner_id)

    # Visits, hand-over, policy ----------------------------------------------------------

    def test_the_last_contact_is_the_last_visit_held(self):
        """Planned and missed ones are none."""
        person = self._person("Qian", "champion")
        Visit = self.env["kam.visit"]
        if "contact_ids" not in Visit._fields:
            self.skipTest("visits do not know whom they met yet")
        for day, state in (
            (date(2026, 3, 1), "reported"),
            (date(2026, 5, 1), "to_report"),
            (date(2026, 8, 1), "missed"),
            (date(2026, 12, 1), "planned"),
        ):
            self._visit(person, day, state)
        person.invalidate_recordset()
        self.assertEqual((person.last_contact_date, person.is_silent), (date(2026, 5, 1), True))
        self._visit(person, date(2026, 11, 1), "reported")
        person.invalidate_recordset()
        self.assertEqual((person.last_contact_date, person.is_silent), (date(2026, 11, 1), False))

    def _visit(self, person, day, state):
        visit = self.env["kam.visit"].create(
            {
                "account_id": person.account_id.id,
                "mode_id": self.env.ref(XMLID % ("visit_mode", "onsite")).id,
                "purpose_id": self.env.ref(XMLID % ("visit_purpose", "regular")).id,
                "start": f"{day} 02:00:00",
                "stop": f"{day} 03:00:00",
                "day": day,
                "user_id": self.user.id,
                "contact_ids": person.partner_id.ids,
            }
        )
        visit._as_engine().write({"state": state})
        return visit

    def test_only_the_administrator_changes_the_roles(self):
        role = self.env.ref(XMLID % ("stakeholder_role", "user"))
        self._as(role, self.admin).is_decision_maker = True
        for user in (self.member, self.user, self.officer, self.gm, self.auditor):
            with self.assertRaises(AccessError):
                self._as(role, user).is_decision_maker = False

    def test_roles_the_policies_name_are_there(self):
        """Source: S1c-06, S1r-21, S3-37, S3-50."""
        roles = self.env["kam.stakeholder.role"].search([])
        self.assertLessEqual(
            {
                "decision_maker", "influencer", "gatekeeper", "user", "buyer", "technical",
                "technical_executive", "quality", "champion", "key_person",
            },
            set(roles.mapped("code")),
        )  # fmt: skip
        self.assertTrue(roles.filtered("is_decision_maker"))
        self.assertTrue(roles.filtered("is_sponsor"))

    def test_buttons_of_the_account_open_its_people(self):
        person = self._person("Qian")
        member = self._account(self._customer("Plant"), self.user, parent=self.account)
        below = self._person("Plant Head", account=member)
        action = self._as(self.account, self.user).action_open_stakeholders()
        found = self.env["kam.stakeholder"].search(action["domain"])
        self.assertEqual(found, person | below)
        action = self._as(self.account, self.user).action_open_influence_map()
        self.assertEqual(action["tag"], "key_account_mgmt.influence_map")
        for user in (self.stranger, self.seller):
            with self.assertRaises(UserError):
                self._as(self.account, user).action_open_influence_map()
