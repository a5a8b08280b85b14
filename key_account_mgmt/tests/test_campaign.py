from datetime import date, datetime

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged

from ..policy.periods import Period
from .common_plan import PlanCase
from .common_visit import NOW

YEAR = Period(date(2026, 1, 1), date(2026, 12, 31))


class LeadCase(PlanCase):
    def _lead(self, created="2026-11-10 04:00:00", closed=None, won=None, **values):
        lead = self.env["crm.lead"].create({"name": "Lead", "type": "opportunity", **values})
        if won is not None:
            if won:
                lead.action_set_won()
            else:
                lead.action_set_lost()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE crm_lead SET create_date = %s, date_closed = %s WHERE id = %s",
            (created, closed, lead.id),
        )
        self.env.cr.execute(
            "UPDATE mail_message SET date = %s WHERE model = 'crm.lead' AND res_id = %s",
            (created, lead.id),
        )
        self.env.invalidate_all()
        return lead

    def _total(self, code, period=YEAR, partners=None):
        metric = self.env["kam.metric"].search([("code", "=", code)])
        values = metric._evaluate(partners, self.company, period)
        return {key[0]: value for key, value in values.items()}


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestCampaign(LeadCase):
    """Targets per segment, counted from leads: S1c-13, S1c-14, S1c-15, S1c-16."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.utm = cls.env["utm.campaign"].create({"title": "Autumn"})
        cls.segments = {
            code: cls.env.ref(f"key_account_mgmt.kam_campaign_segment_{code}")
            for code in ("soe", "chamber", "public", "office", "other")
        }
        cls.campaign = cls.env["kam.campaign"].create(
            {
                "campaign_id": cls.utm.id,
                "company_id": cls.company.id,
                "user_id": cls.user.id,
                "date_from": date(2026, 11, 1),
                "date_to": date(2026, 11, 30),
            }
        )

    def _target(self, code):
        self.env.invalidate_all()
        return self.campaign.target_ids.filtered(lambda t: t.segment_id == self.segments[code])

    def _registered(self, code="soe", **values):
        return self._lead(campaign_id=self.utm.id, kam_segment_id=self.segments[code].id, **values)

    def test_a_new_campaign_has_the_usual_targets(self):
        """3 state-owned enterprises, 2 chambers, 5 public bodies, 30 companies, 100 others."""
        found = {t.segment_id: t.target for t in self.campaign.target_ids}
        wanted = {"soe": 3, "chamber": 2, "public": 5, "office": 30, "other": 100}
        self.assertEqual(found, {self.segments[c]: n for c, n in wanted.items()})

    def test_customers_count_once_and_lost_ones_too(self):
        partner = self._customer("Metro")
        contact = self.env["res.partner"].create({"name": "Buyer", "parent_id": partner.id})
        self._registered(partner_id=partner.id)
        self._registered(partner_id=contact.id)
        self._registered(won=False, closed="2026-11-11 04:00:00")
        self._registered("chamber")
        self._lead(kam_segment_id=self.segments["soe"].id)
        self.assertEqual((self._target("soe").counted, self._target("chamber").counted), (2, 1))
        self.assertEqual(self._target("chamber").progress, 50.0)
        self.assertFalse(self._target("soe").is_reached)
        self._registered()
        self.assertTrue(self._target("soe").is_reached)

    def test_the_days_of_the_campaign(self):
        """Where the company works: Shanghai is eight hours ahead."""
        self._registered(created="2026-10-31 15:59:59")
        self._registered(created="2026-11-30 16:00:00")
        self.assertEqual(self._target("soe").counted, 0)
        self._registered(created="2026-10-31 16:00:00")
        self._registered(created="2026-11-30 15:59:59")
        self.assertEqual(self._target("soe").counted, 2)

    def test_sincere_and_won_ones(self):
        target = self._target("soe")
        self._registered(kam_sincerity=59)
        self._registered(kam_sincerity=60)
        self._registered(kam_sincerity=10, won=True, closed="2026-11-12 04:00:00")
        for counts, number in (("registered", 3), ("sincere", 1), ("won", 1)):
            target.counts = counts
            self.assertEqual(self._target("soe").counted, number, counts)
        self.assertAlmostEqual(self.campaign.conversion, 100 / 3)
        self.assertTrue(self.campaign.is_converting)
        self._registered()
        self.env.invalidate_all()
        self.assertFalse(self.campaign.is_converting, "25 % is less than 30")

    def test_queries_do_not_grow_with_campaigns(self):
        def count(campaigns):
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            campaigns.mapped("progress")
            campaigns.mapped("conversion")
            return self.cr.sql_log_count - before

        more = self.campaign
        for number in range(4):
            utm = self.env["utm.campaign"].create({"title": f"More {number}"})
            more |= self.campaign.create({"campaign_id": utm.id, "company_id": self.company.id})
        count(more)
        self.assertEqual(count(more[:2]), count(more))

    def test_more_in_one_segment_does_not_help_another(self):
        for _number in range(4):
            self._registered("chamber")
        self.env.invalidate_all()
        self.assertAlmostEqual(self.campaign.progress, 100 * 2 / 140)

    def test_numbers_for_everybody_leads_for_their_readers(self):
        self._registered()
        mine = self._as(self.campaign, self.member)
        self.assertEqual(mine.lead_count, 1)
        for user in (self.member, self.stranger, self.admin):
            with self.assertRaises(AccessError):
                self._as(self.campaign, user).write({"note": "x"})
            with self.assertRaises(AccessError):
                self._as(self._target("soe"), user).write({"target": 1})
        self._as(self.campaign, self.user).write({"note": "x"})
        self._as(self.campaign, self.officer).target_ids = [
            Command.update(self._target("soe").id, {"target": 4})
        ]

    def test_scores_are_between_0_and_100(self):
        """S1c-02."""
        for value in (-1, 101):
            with self.assertRaises(ValidationError):
                self._registered(kam_sincerity=value)

    def test_k15(self):
        """K15: sincere ÷ registered leads; the same as on the campaign."""
        partner = self._customer("Metro")
        self._registered(partner_id=partner.id, kam_sincerity=60)
        self._registered(partner_id=partner.id, kam_sincerity=59)
        self._registered(kam_sincerity=80)
        self._lead(partner_id=partner.id, kam_sincerity=80)
        self._registered(partner_id=partner.id, created="2026-10-31 15:59:59")
        self.assertEqual(self._total("registered_leads"), {partner.id: 2.0, False: 1.0})
        self.assertEqual(self._total("sincere_leads"), {partner.id: 1.0, False: 1.0})
        self.assertEqual(self._total("sincere_conversion", partners=partner), {partner.id: 50.0})
        none = Period(date(2026, 10, 1), date(2026, 10, 31))
        self.assertEqual(
            self._total("sincere_conversion", none, partner), {partner.id: None}, "not known"
        )


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestDevelopmentMetrics(LeadCase):
    """K14 prospects, K16 development success: S2-62, S2-64, users §3.7."""

    def _on(self, day):
        return Period(day, day)

    def _prospects(self, day=date(2026, 11, 22), partner=None):
        found = self._total("prospects", self._on(day), partner)
        return found.get(partner.id if partner else False, 0.0)

    def test_k14_an_open_lead_nobody_has_invoiced(self):
        fresh, known = self._customer("Fresh"), self._customer("Known")
        self._sell(known, 100.0, date(2026, 5, 1))
        for partner in (fresh, known):
            self._lead(partner_id=partner.id)
            self._lead(partner_id=partner.id)
        self.assertEqual(self._prospects(partner=fresh), 1.0, "customers, not leads")
        self.assertEqual(self._prospects(partner=known), 0.0)
        self.assertEqual(self._prospects(date(2026, 11, 9), fresh), 0.0, "not there yet")
        self.assertEqual(self._prospects(date(2026, 11, 10), fresh), 1.0)

    def test_k14_open_on_the_day(self):
        partner = self._customer("Fresh")
        self._lead(partner_id=partner.id, won=False, closed="2026-11-20 04:00:00")
        self.assertEqual(self._prospects(date(2026, 11, 19), partner), 1.0)
        self.assertEqual(self._prospects(date(2026, 11, 20), partner), 0.0)

    def test_k14_without_a_customer_each_lead_counts(self):
        before = self._prospects()
        self._lead()
        self._lead()
        self.assertEqual(self._prospects() - before, 2.0)

    def test_k14_only_with_activity(self):
        """The 90th day still counts; a message or a visit renews it."""
        partner = self.tianheng.partner_id
        lead = self._lead(partner_id=partner.id, created="2026-06-01 04:00:00")
        self.assertEqual(self._prospects(date(2026, 8, 29), partner), 1.0)
        self.assertEqual(self._prospects(date(2026, 8, 30), partner), 0.0)
        self.assertEqual(self._prospects(partner=partner), 0.0)
        message = lead.message_post(body="They called")
        self.assertEqual(self._prospects(date(2026, 11, 23), partner), 1.0)
        message.unlink()
        self.assertEqual(self._prospects(date(2026, 11, 23), partner), 0.0)
        self._reported()
        self.assertEqual(self._prospects(date(2026, 11, 23), partner), 1.0)
        self.company.kam_prospect_days = 200
        self.assertEqual(self._prospects(date(2026, 11, 22), partner), 1.0)

    def test_k16_won_of_decided_new_customers(self):
        fresh, known, young = (self._customer(n) for n in ("Fresh", "Known", "Young"))
        self._sell(known, 100.0, date(2026, 5, 1))
        # Invoiced after the lead came into being: its own result.
        self._sell(young, 100.0, date(2026, 12, 1))
        for partner in (fresh, known, young):
            self._lead(partner_id=partner.id, won=True, closed="2026-11-20 04:00:00")
        self._lead(partner_id=fresh.id, won=False, closed="2026-11-20 04:00:00")
        self._lead(partner_id=fresh.id)
        ours = fresh | known | young
        self.assertEqual(
            self._total("development_decided", partners=ours),
            {fresh.id: 2.0, known.id: 0.0, young.id: 1.0},
        )
        self.assertEqual(
            self._total("development_success", partners=ours),
            {fresh.id: 50.0, known.id: None, young.id: 100.0},
        )

    def test_k16_closed_in_the_window(self):
        """By the day where the company works."""
        partner = self._customer("Fresh")
        self._lead(partner_id=partner.id, won=True, closed="2026-11-20 15:59:59")
        lead = self._lead(partner_id=partner.id, won=True, closed="2026-11-20 16:00:00")
        for day, number in ((20, 1.0), (21, 1.0), (22, 0.0)):
            period = self._on(date(2026, 11, day))
            self.assertEqual(self._total("development_won", period, partner)[partner.id], number)
        metric = self.env["kam.metric"].search([("code", "=", "development_won")])
        run = metric._new_run(self.company, date(2026, 11, 21), partner)
        run.fixed_period = self._on(date(2026, 11, 21))
        self.assertEqual(
            metric.with_env(run.env)._explain_documents(run, partner.ids),
            [("crm.lead", {lead.id: 1.0})],
        )
        self.assertEqual(lead.date_closed, datetime(2026, 11, 20, 16))

    def test_queries_do_not_grow_with_leads(self):
        def count():
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            for code in ("prospects", "development_success", "sincere_conversion"):
                self._total(code)
            return self.cr.sql_log_count - before

        self._lead(partner_id=self._customer("One").id, won=True, closed="2026-11-20 04:00:00")
        self._lead(partner_id=self._customer("Two").id)
        count()
        few = count()
        for number in range(8):
            partner = self._customer(f"More {number}")
            self._lead(partner_id=partner.id, won=bool(number % 2), closed="2026-11-20 04:00:00")
            self._lead(partner_id=partner.id)
        self.assertEqual(count(), few)
