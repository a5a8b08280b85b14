from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import KamCase

TODAY = date(2026, 11, 20)


class LeadCase(KamCase):
    """``user`` and ``colleague`` sell; three stages that are not won."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.resource_calendar_id.tz = "Asia/Shanghai"
        cls.env.ref("key_account_mgmt.group_kam_area_plan")._kam_switch_on()
        groups = "key_account_mgmt.group_kam_user,sales_team.group_sale_salesman"
        cls.anna = cls._new_user("anna", groups)
        cls.bert = cls._new_user("bert", groups)
        Stage = cls.env["crm.stage"]
        cls.find, cls.talk, cls.deal = (
            Stage.create({"name": name, "sequence": number})
            for number, name in enumerate(("Find", "Talk", "Deal"), start=900)
        )
        cls.won = Stage.create({"name": "Won!", "sequence": 999, "is_won": True})
        cls.customer = cls._customer("Lingfeng")
        cls.referrer = cls._customer("Hongyue", is_company=True)

    def _lead(self, **values):
        return self.env["crm.lead"].create(
            {
                "name": "Doors",
                "type": "opportunity",
                "partner_id": self.customer.id,
                "user_id": self.anna.id,
                "company_id": self.company.id,
                "stage_id": self.find.id,
                **values,
            }
        )


@freeze_time("2026-11-20 04:00:00")
@tagged("post_install", "-at_install")
class TestLeadScores(LeadCase):
    """Purchase power and sincerity.  Source: S1c-02."""

    def test_the_score_is_the_mean_of_both(self):
        lead = self._lead(kam_purchase_power=80, kam_sincerity=41)
        self.assertEqual(lead.kam_lead_score, 60)
        lead.kam_sincerity = 0
        self.assertEqual(lead.kam_lead_score, 0, "not assessed")

    def test_between_0_and_100(self):
        lead = self._lead(kam_purchase_power=100)
        for value in (-1, 101):
            with self.assertRaises(ValidationError):
                lead.kam_sincerity = value

    def test_required_before_qualifying_where_switched_on(self):
        free = self._lead(type="lead")
        free.convert_opportunity(self.customer)
        self.assertEqual(free.type, "opportunity", "off: nothing is asked")
        self.company.kam_lead_scores_required = True
        lead = self._lead(type="lead", kam_purchase_power=50)
        with self.assertRaises(UserError):
            lead.convert_opportunity(self.customer)
        lead.kam_sincerity = 1
        lead.convert_opportunity(self.customer)
        self.assertEqual(lead.type, "opportunity")

    def test_merged_the_better_known_stays(self):
        one, two = self._lead(kam_sincerity=70), self._lead(kam_sincerity=20, kam_purchase_power=5)
        kept = (one | two).merge_opportunity()
        self.assertEqual((kept.kam_purchase_power, kept.kam_sincerity), (5, 70))


@freeze_time("2026-11-20 04:00:00")
@tagged("post_install", "-at_install")
class TestReferral(LeadCase):
    """A benefit is approved, and only once won.  Source: S1r-20, S1i-10, (c18)."""

    def setUp(self):
        super().setUp()
        self.lead = self._lead()
        self.referral = self._refer()

    def _refer(self, user=None, **values):
        return self._as(self.env["kam.referral"], user or self.anna).create(
            {
                "lead_id": self.lead.id,
                "referrer_id": self.referrer.id,
                "benefit_type": "discount",
                "benefit": "2 % off the next order",
                "amount": 20000,
                **values,
            }
        )

    def _decide_benefit(self, kind):
        request = self.referral.sudo()._approval_request().with_user(self.executive).sudo(False)
        getattr(request, f"action_{kind}")("seen")
        self.env.invalidate_all()

    def test_the_whole_road(self):
        with self.assertRaises(UserError):
            self.referral.action_submit()
        self.lead.action_set_won()
        self.assertTrue(self.referral.is_earned)
        self.referral.action_submit()
        self.assertEqual(self.referral.state, "to_approve")
        office = self._as(self.referral, self.officer)
        with self.assertRaises(UserError):
            office.action_grant()
        with self.assertRaises(UserError):
            self.referral.amount = 1
        self._decide_benefit("approve")
        self.assertEqual(self.referral.state, "approved")
        with self.assertRaises(AccessError):
            self.referral.action_grant()
        office.action_grant()
        self.assertEqual(
            (office.state, office.granted_on, office.granted_by_id),
            ("granted", TODAY, self.officer),
        )

    def test_refused_it_is_pending_again(self):
        self.lead.action_set_won()
        self.referral.action_submit()
        self._decide_benefit("refuse")
        self.assertEqual(self.referral.state, "pending")

    def test_not_won_any_more_nothing_is_granted(self):
        self.lead.action_set_won()
        self.referral.action_submit()
        self._decide_benefit("approve")
        self.lead.stage_id = self.talk
        self.env.invalidate_all()
        office = self._as(self.referral, self.officer)
        with self.assertRaises(UserError):
            office.action_grant()
        with self.assertRaises(UserError):
            office.action_void()
        office.reason = "The order was cancelled"
        office.action_void()
        self.assertEqual(office.state, "void")

    def test_what_a_benefit_needs(self):
        self.lead.action_set_won()
        for values in ({"benefit": " "}, {"amount": 0}, {"benefit_type": False}):
            referral = self._refer(**values)
            with self.assertRaises(UserError, msg=str(values)):
                referral.action_submit()

    def test_what_is_unusual(self):
        person = self.env["res.partner"].create({"name": "Buyer Li"})
        referral = self._refer(referrer_id=person.id)
        self.assertEqual(len(referral.sudo()._approval_highlights()), 1)
        own = self._refer(referrer_id=self.customer.id).sudo()
        self.assertTrue(any("himself" in text for text in own._approval_highlights()))

    def test_nothing_is_forged(self):
        for name, value in (("state", "granted"), ("granted_on", TODAY)):
            with self.assertRaises(AccessError, msg=name):
                self._refer(**{name: value})
            with self.assertRaises(AccessError, msg=name):
                self.referral.write({name: value})
        other = self._lead(user_id=self.bert.id)
        with self.assertRaises(AccessError):
            self.referral.lead_id = other
        with self.assertRaises(AccessError):
            self._refer(lead_id=other.id)

    def test_who_sees_it(self):
        Referral = self.env["kam.referral"]
        for user, count in (
            (self.anna, 1),
            (self.bert, 0),
            (self.member, 0),
            (self.officer, 1),
            (self.auditor, 1),
        ):
            found = self._as(Referral, user).search([("id", "=", self.referral.id)])
            self.assertEqual(len(found), count, user.name)
        account = self._account(self.referrer, self.bert)
        for referral in (self.referral, self._refer()):
            self.assertEqual(referral.sudo().account_id, account)
            self.assertTrue(self._as(referral, self.bert).has_access("read"))
        kept = self._account(self._customer("Kept"), self.officer)
        account.sudo()._as_engine()._merge_into(kept)
        self.assertEqual(self.referral.sudo().account_id, kept)

    def test_merged_leads_keep_their_referrals(self):
        other = self._lead()
        kept = (self.lead | other).merge_opportunity()
        self.assertEqual(self.referral.sudo().lead_id, kept)

    def test_my_week_once_it_is_earned(self):
        Item = self._as(self.env["kam.week.item"], self.anna)
        domain = [("user_id", "=", self.anna.id), ("code", "=", "referral")]
        self.assertFalse(Item.search(domain))
        self.lead.action_set_won()
        self.assertEqual(Item.search(domain).res_id, self.referral.id)


@freeze_time("2026-11-20 04:00:00")
@tagged("post_install", "-at_install")
class TestStageOwners(LeadCase):
    """Owners of stages and their hand-over: off, until switched on.

    Source: S1r-14, S1r-16, S1r-18, g Q34.
    """

    def setUp(self):
        super().setUp()
        self.lead = self._as(self._lead(), self.anna)
        self._own(self.find, self.anna)
        self._own(self.talk, self.bert)

    def _own(self, stage, user, lead=None):
        return self._as(self.env["kam.stage.owner"], self.anna).create(
            {"lead_id": (lead or self.lead).id, "stage_id": stage.id, "user_id": user.id}
        )

    def _on(self):
        self.company.kam_stage_owners = True

    def _hand_over(self):
        self._on()
        action = self.lead.action_kam_hand_over()
        wizard = (
            self._as(self.env["kam.stage.handover.wizard"], self.anna)
            .with_context(**action["context"])
            .create({"stage_id": self.talk.id, "note": "They want samples"})
        )
        self.assertEqual(wizard.owned_stage_ids, self.talk)
        self.assertEqual(wizard.user_id, self.bert)
        wizard.action_confirm()
        return self._as(
            self.env["kam.stage.handover"].search([("lead_id", "=", self.lead.id)]), self.bert
        )

    def test_the_window_opens_before_a_stage_is_chosen(self):
        """With and without a stage somebody else owns.  Source: S1r-18."""
        self._on()
        Wizard = self._as(self.env["kam.stage.handover.wizard"], self.anna)
        form = Form(Wizard.with_context(**self.lead.action_kam_hand_over()["context"]))
        self.assertFalse(form.user_id)
        form.stage_id = self.talk
        self.assertEqual(form.user_id, self.bert)
        form.note = "They want samples"
        form.save().action_confirm()
        other = self._as(self.lead.copy({"name": "Nobody owns a stage of it"}), self.anna)
        form = Form(Wizard.with_context(**other.action_kam_hand_over()["context"]))
        self.assertFalse(form.owned_stage_ids)

    def test_off_it_moves_freely(self):
        self.assertFalse(self.lead.kam_has_stage_owners)
        self.lead.stage_id = self.talk
        self.assertEqual(self.lead.stage_id, self.talk)
        with self.assertRaises(UserError):
            self.lead.action_kam_hand_over()

    def test_on_a_stage_of_somebody_else_is_entered_by_hand_over(self):
        self._on()
        with self.assertRaises(UserError) as caught:
            self.lead.stage_id = self.talk
        self.assertIn("Bert", str(caught.exception))
        for context in ({"kam_engine": True}, {"kam_engine": "x"}):
            with self.assertRaises(UserError):
                self.lead.with_context(**context).stage_id = self.talk
        self.lead.stage_id = self.deal
        self.assertEqual(self.lead.stage_id, self.deal, "nobody owns it")
        self.lead.stage_id = self.won
        self.assertEqual(self.lead.won_status, "won")

    def test_accepted_it_moves_and_is_his(self):
        handover = self._hand_over()
        self.assertEqual(self.lead.stage_id, self.find, "not before")
        self.assertEqual(handover.lead_name, "Doors")
        with self.assertRaises(AccessError):
            self._as(handover, self.anna).action_accept()
        handover.action_accept()
        lead = self.lead.sudo()
        self.assertEqual((lead.stage_id, lead.user_id), (self.talk, self.bert))
        self.assertEqual((handover.state, handover.answered_on), ("accepted", TODAY))
        self.assertEqual(
            (handover.from_user_id, handover.to_user_id, handover.note),
            (self.anna, self.bert, "They want samples"),
        )
        with self.assertRaises(UserError):
            self._as(self.lead, self.bert).stage_id = self.find

    def test_refused_it_stays(self):
        handover = self._hand_over()
        with self.assertRaises(UserError):
            handover.action_refuse()
        handover.answer = "Too early"
        handover.action_refuse()
        self.assertEqual((handover.state, self.lead.stage_id), ("refused", self.find))
        with self.assertRaises(AccessError):
            handover.action_accept()
        self.lead._kam_hand_over(self.talk, "Again")

    def test_taken_back(self):
        handover = self._hand_over()
        with self.assertRaises(AccessError):
            handover.action_withdraw()
        self._as(handover, self.anna).action_withdraw()
        self.assertEqual(handover.state, "withdrawn")

    def test_lost_meanwhile(self):
        handover = self._hand_over()
        self.lead.action_set_lost()
        with self.assertRaises(UserError):
            handover.action_accept()

    def test_nothing_is_forged(self):
        handover = self._hand_over()
        for vals in ({"state": "accepted"}, {"to_user_id": self.anna.id}, {"note": "x"}):
            with self.assertRaises(AccessError, msg=str(vals)):
                handover.write(vals)
        with self.assertRaises(AccessError):
            self._as(handover, self.anna).write({"answer": "x"})
        with self.assertRaises(AccessError):
            self._as(self.env["kam.stage.handover"], self.officer).create(
                {
                    "lead_id": self.lead.id,
                    "company_id": self.company.id,
                    "stage_to_id": self.talk.id,
                    "to_user_id": self.anna.id,
                    "date": TODAY,
                    "note": "x",
                }
            )

    def test_who_names_owners(self):
        with self.assertRaises(AccessError):
            self._as(self.env["kam.stage.owner"], self.bert).create(
                {"lead_id": self.lead.id, "stage_id": self.deal.id, "user_id": self.bert.id}
            )

    def test_at_most_two_stages_where_switched_on(self):
        self._own(self.deal, self.anna)
        self._own(self.won, self.anna)
        self.company.kam_stage_limit = True
        lead = self._lead()
        self._own(self.find, self.anna, lead)
        self._own(self.talk, self.anna, lead)
        with self.assertRaises(ValidationError):
            self._own(self.deal, self.anna, lead)

    def test_an_owner_is_a_member_of_the_deal(self):
        members = self.lead.sudo().kam_deal_member_ids
        self.assertEqual(members.user_id, self.anna | self.bert)
        owner = self.lead.sudo().kam_stage_owner_ids.filtered(lambda o: o.user_id == self.bert)
        self._as(owner, self.anna).unlink()
        self.env.invalidate_all()
        self.assertEqual(self.lead.sudo().kam_deal_member_ids.user_id, self.anna)

    def test_my_week_and_told_at_once(self):
        handover = self._hand_over()
        Item = self._as(self.env["kam.week.item"], self.bert)
        item = Item.search([("user_id", "=", self.bert.id), ("code", "=", "stage_handover")])
        self.assertEqual(item.res_id, handover.id)
        notice = self.env["kam.notice"].search(
            [("res_model", "=", "kam.stage.handover"), ("user_id", "=", self.bert.id)]
        )
        self.assertTrue(notice.urgent)
        item.action_quick()
        self.assertEqual(handover.state, "accepted")

    def test_merged_leads(self):
        handover = self._hand_over()
        other = self._lead()
        kept = (self.lead.sudo() | other).merge_opportunity()
        self.assertEqual(handover.sudo().lead_id, kept)
        self.assertEqual(len(kept.kam_stage_owner_ids), 2)

    def test_six_stages_on_request_only(self):
        """Source: S1r-14, g Q34."""
        Stage = self.env["crm.stage"].with_context(lang="en_US")
        names = {"Find", "First Contact", "Deeper Talks", "Follow-Up", "Deal", "Maintenance"}
        settings = self.env["res.config.settings"].create({})
        before = len(Stage.search([]))
        with self.assertRaises(AccessError):
            self._as(settings, self.officer).sudo(False).action_kam_propose_stages()
        settings.action_kam_propose_stages()
        self.assertLessEqual(names, set(Stage.search([]).mapped("name")))
        added = len(Stage.search([])) - before
        self.assertEqual(added, 4, "Find and Deal were there")
        settings.action_kam_propose_stages()
        self.assertEqual(len(Stage.search([])) - before, added)

    def test_settings_are_the_companys(self):
        Settings = self.env["res.config.settings"]
        Settings.create({"kam_stage_owners": True}).set_values()
        self.assertTrue(self.company.kam_stage_owners)
        self.assertFalse(self.company.kam_stage_limit)
