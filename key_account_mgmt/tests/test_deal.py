from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common_pursuit import PursuitCase


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestCollision(PursuitCase):
    """What tells the same deal, and what is told of it.  Source: (c2), users §3.3."""

    def _told(self, partner=None, project="Door operators 2027", scopes=None):
        scopes = self.doors if scopes is None else scopes
        pursuits = self._as(self.env["kam.pursuit"], self.rival)
        return pursuits._collisions(partner or self.lingfeng, project, scopes, self.company)

    def test_only_number_owner_and_day(self):
        pursuit = self._registered()
        self.assertEqual(
            self._told(),
            [{"number": pursuit.number, "owner": "User", "until": date(2027, 5, 22)}],
        )

    def test_same_customer(self):
        """By record, contact, group, credit code and normalised name."""
        self.lingfeng.company_registry = "91330100MA2BXYZ123"
        plant = self._customer("Lingfeng Suzhou", is_company=True)
        self._account(plant, self.rival, parent=self.account)
        contact = self.env["res.partner"].create({"name": "Wang", "parent_id": self.lingfeng.id})
        self._registered()
        for partner in (
            contact,
            plant,
            self._customer("LINGFENG ELEVATOR", is_company=True),
            self._customer("凌峰", is_company=True, company_registry="91330100-MA2B XYZ123"),
        ):
            self.assertEqual(len(self._told(partner)), 1, partner.name)
        self.assertFalse(self._told(self._customer("Other", is_company=True)))

    def test_a_customer_typed_three_ways(self):
        """As a company, as a person in a hurry, as a name on the opportunity only."""
        self._registered()
        hurried = self._customer("lingfeng elevator", is_company=False)
        self.assertEqual(len(self._told(hurried)), 1)
        lead = self._lead(self.rival, partner_id=False, partner_name="LINGFENG Elevator, Ltd")
        self.assertTrue(self._as(lead, self.rival).kam_collision)
        lead.partner_name = "Linfeng Elevator"
        self.assertFalse(self._as(lead, self.rival).kam_collision)

    def test_a_registration_does_not_move_onto_another(self):
        """What was registered is changed later: by the office, or where nobody is."""
        pursuit = self._registered()
        mine = self._registered(self.rival, self._lead(self.rival, kam_project="Rails, phase 2"))
        lead = self._as(mine.lead_id, self.rival)
        with self.assertRaises(UserError) as error, self.cr.savepoint():
            lead.kam_project = "Door operators 2027"
        self.assertIn(pursuit.number, str(error.exception))
        with self.assertRaises(UserError), self.cr.savepoint():
            self._as(mine, self.rival).project = "Door operators 2027"
        lead.kam_project = "Rails, phase 3"
        self.assertIn("Rails, phase 2", " ".join(mine.message_ids.mapped("body")))
        lead.write({"kam_scope_ids": [Command.set(self.rails.ids)]})
        lead.kam_project = "Door operators 2027"
        with self.assertRaises(UserError), self.cr.savepoint():
            lead.write({"kam_scope_ids": [Command.set((self.doors | self.rails).ids)]})
        self._as(mine, self.officer).write({"scope_ids": [Command.set(self.doors.ids)]})
        self.assertEqual(mine.scope_ids, self.doors)

    def test_same_project_and_overlapping_scope(self):
        self._registered()
        self.assertFalse(self._told(project="Rails for phase 2"))
        self.assertFalse(self._told(scopes=self.rails))
        self.assertTrue(self._told(scopes=self.rails | self.doors))
        self.assertTrue(self._told(project=False, scopes=self.rails.browse()), "not known yet")

    def test_only_what_is_registered_and_protected(self):
        pursuit = self._applied()
        self.assertFalse(self._told(), "applied only")
        self._as(pursuit, self.officer).action_register()
        self.assertTrue(self._told())
        with freeze_time("2027-05-22 04:00:00"):
            self.assertTrue(self._told(), "last day")
        with freeze_time("2027-05-23 04:00:00"):
            self.assertFalse(self._told(), "day after")
        other = self._new_company("Yunting Rail", self.cny)
        pursuits = self.env["kam.pursuit"]
        self.assertFalse(pursuits._collisions(self.lingfeng, False, self.doors, other))
        self._as(pursuit, self.user)._cancel("Given up")
        self.assertFalse(self._told())

    def test_already_on_the_opportunity(self):
        pursuit = self._registered()
        self.assertFalse(self._as(self.lead, self.user).kam_collision, "our own")
        lead = self._as(self._lead(self.rival), self.rival)
        for word in (pursuit.number, "User", "05/22/2027"):
            self.assertIn(word, lead.kam_collision)
        self.assertNotIn("Half of", lead.kam_collision)
        form = Form(self._as(self.env["crm.lead"], self.rival))
        form.name = "New"
        form.partner_id = self._as(self.lingfeng, self.rival)
        self.assertIn(pursuit.number, form.kam_collision, "before it is saved")
        self.assertFalse(self._as(lead, self.seller).kam_collision, "not one of ours")


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestDeal(PursuitCase):
    """One deal, one place.  Source: design §4.4."""

    def _ribbon(self, record, user):
        name = "kam_deal_ribbon" if record._name == "crm.lead" else "deal_ribbon"
        return self._as(record, user)[name]

    def test_the_ribbon(self):
        ribbon = self._ribbon(self.lead, self.user)
        self.assertEqual([step["code"] for step in ribbon["steps"]], ["pursuit", "order"])
        self.assertEqual(ribbon["next"]["label"], "Apply for a Pursuit")
        pursuit = self._applied()
        for record in (self.lead, pursuit):
            ribbon = self._ribbon(record, self.user)
            step = ribbon["steps"][0]
            self.assertEqual((step["state"], step["holder"]), ("To Register", "KAM office"))
            self.assertIsNone(ribbon["next"], "nothing for him to do")
            shown = self._ribbon(record, self.officer)["next"]
            self.assertEqual(shown["label"], "Register")
            self.assertEqual(shown["here"], record == pursuit, "it stands in its own header")
        self._as(pursuit, self.officer).action_deal_next()
        self.assertEqual(pursuit.state, "to_approve")
        self.assertEqual(self._ribbon(self.lead, self.user)["next"]["label"], "Submit Plan")
        self.assertEqual(self._ribbon(self.lead, self.seller)["steps"][0]["state"], "To Approve")

    def test_steps_open_for_those_who_may(self):
        pursuit = self._registered()
        action = self._as(self.lead, self.user).action_kam_deal_open("pursuit")
        self.assertEqual((action["res_model"], action["res_id"]), ("kam.pursuit", pursuit.id))
        self.assertFalse(self._ribbon(self.lead, self.seller)["steps"][0]["open"])
        with self.assertRaises(UserError):
            self._as(self.lead, self.seller).action_kam_deal_open("pursuit")
        with self.assertRaises(UserError):
            self._as(self.lead, self.user).action_kam_deal_open("bid")
        with self.assertRaises(UserError):
            self._as(self.lead, self.seller).action_kam_deal_next()

    def test_to_whom_the_opportunity_is_closed(self):
        """A member without Odoo's sales sees the step of what he works on."""
        pursuit = self._planned()
        ribbon = self._ribbon(pursuit, self.member)
        self.assertFalse(self._as(self.lead, self.member).has_access("write"))
        self.assertEqual([step["code"] for step in ribbon["steps"]], ["pursuit", "order"])
        self.assertTrue(ribbon["steps"][0]["open"])
        self.assertFalse(ribbon["steps"][1]["open"])
        self.assertEqual(self._as(pursuit, self.member).project, "Door operators 2027")
        with self.assertRaises(UserError):
            self._as(pursuit, self.member).action_deal_next()

    def test_the_button_to_a_closed_opportunity_is_not_shown(self):
        pursuit = self._registered()
        self.assertTrue(self._as(pursuit, self.user).is_lead_open)
        self.lead.user_id = self.rival
        self.env["kam.deal.member"].sudo()._as_engine().search([]).unlink()
        self.assertFalse(self._as(pursuit, self.user).is_lead_open)
        ribbon = self._ribbon(pursuit, self.user)
        self.assertEqual([step["code"] for step in ribbon["steps"]], ["pursuit", "order"])
        self.assertEqual(ribbon["next"]["label"], "Submit Plan")
        with self.assertRaises(UserError):
            self._as(pursuit, self.user).action_deal_open("order")

    def test_the_executive_approves_from_the_ribbon(self):
        pursuit = self._planned()
        self._as(pursuit, self.user).action_submit()
        self.assertIsNone(self._ribbon(pursuit, self.user)["next"])
        self.assertEqual(self._ribbon(pursuit, self.executive)["next"]["label"], "Approve")
        step = self._ribbon(self.lead, self.user)["steps"][0]
        self.assertEqual(step["state"], "To Approve")
        self.assertIn("Executive", step["holder"])

    def test_orders_are_the_last_step(self):
        order = self.env["sale.order"].create(
            {
                "partner_id": self.lingfeng.id,
                "opportunity_id": self.lead.id,
                "user_id": self.user.id,
            }
        )
        self._registered()
        step = self._ribbon(self.lead, self.user)["steps"][-1]
        self.assertEqual((step["code"], step["state"]), ("order", "1 quotations"))
        order.state = "sale"
        step = self._ribbon(self.lead, self.user)["steps"][-1]
        self.assertEqual(step["state"], "1 confirmed")

    def test_files_of_the_deal_in_one_place(self):
        pursuit = self._registered()
        files = self.env["ir.attachment"].create(
            [
                {"name": "a.txt", "raw": b"a", "res_model": r._name, "res_id": r.id}
                for r in (self.lead, pursuit)
            ]
        )
        self.assertEqual(self._as(self.lead, self.user).kam_deal_files, files)
        self.assertEqual(self._as(self.lead, self.seller).kam_deal_files, files[0])

    def test_the_customer_under_a_running_pursuit(self):
        """Partner changed on a lead with a running pursuit."""
        other = self._customer("Other", is_company=True)
        contact = self.env["res.partner"].create({"name": "Wang", "parent_id": self.lingfeng.id})
        pursuit = self._registered()
        with self.assertRaises(UserError):
            self._as(self.lead, self.user).partner_id = other
        with self.assertRaises(UserError):
            self._as(pursuit, self.user).partner_id = other
        self._as(self.lead, self.user).partner_id = contact
        self.assertEqual(pursuit.account_id, self.account, "another person there")
        self.lead.with_user(self.officer).sudo().partner_id = other
        self.assertFalse(pursuit.account_id)
        account = self._account(other, self.rival)
        self.assertEqual(pursuit.account_id, account, "a file opened later")

    def test_merged_opportunities_keep_their_documents(self):
        """Lead merged by Odoo's wizard."""
        pursuit = self._planned()
        kept = self._lead(self.user, probability=90, kam_project=False, kam_scope_ids=False)
        result = self._as(self.lead | kept, self.user).merge_opportunity()
        self.assertEqual(result, kept)
        self.assertFalse(self.lead.exists())
        self.assertEqual(pursuit.lead_id, kept)
        self.assertEqual(kept.kam_project, "Door operators 2027")
        self.assertEqual(kept.kam_scope_ids, self.doors)
        self.assertEqual(kept.sudo().kam_deal_member_ids.user_id, self.user | self.member)

    def test_odoos_wizard_merges(self):
        pursuit = self._registered()
        other = self._lead(self.user, probability=90)
        wizard = self._as(self.env["crm.merge.opportunity"], self.user)
        wizard.create(
            {
                "opportunity_ids": [Command.set((self.lead | other).ids)],
                "user_id": self.user.id,
            }
        ).action_merge()
        self.assertEqual(pursuit.lead_id, (self.lead | other).exists())

    def test_two_running_pursuits_are_not_merged(self):
        """One opportunity has one pursuit, also after a merge."""
        one = self._registered()
        other = self._registered(lead=self._lead(self.user, kam_project="Rails, phase 2"))
        with self.assertRaises(UserError) as error, self.cr.savepoint():
            self._as(one.lead_id | other.lead_id, self.user).merge_opportunity()
        self.assertIn(other.number, str(error.exception))
        self._as(other, self.user)._cancel("One deal")
        kept = self._as(one.lead_id | other.lead_id, self.user).merge_opportunity()
        self.assertEqual((one | other).lead_id, kept)

    def test_the_company_of_a_deal_stays(self):
        self._registered()
        other = self._new_company("Yunting Rail", self.cny)
        with self.assertRaises(UserError):
            self.lead.company_id = other

    def test_a_merge_does_not_change_the_customer_of_a_pursuit(self):
        self._registered()
        kept = self._lead(self.user, self._customer("Other"), probability=90)
        with self.assertRaises(UserError):
            self._as(self.lead | kept, self.user).merge_opportunity()

    def test_a_converted_lead(self):
        """Lead converted by Odoo's wizard."""
        lead = self._lead(self.user, type="lead")
        self.assertFalse(self._as(lead, self.user).kam_collision)
        lead.convert_opportunity(self.lingfeng)
        self.assertEqual(self._ribbon(lead, self.user)["next"]["label"], "Apply for a Pursuit")

    def test_odoos_wizard_converts_and_merges(self):
        """A lead of the same customer is merged into the opportunity with a pursuit."""
        pursuit = self._registered()
        lead = self._lead(self.user, type="lead", user_id=False)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._applied(lead=lead)
        wizard = self._as(self.env["crm.lead2opportunity.partner"], self.user)
        wizard = wizard.with_context(
            active_model="crm.lead", active_id=lead.id, active_ids=lead.ids
        ).create(
            {
                "name": "merge",
                "user_id": self.user.id,
                "duplicated_lead_ids": [Command.set((lead | self.lead).ids)],
            }
        )
        wizard.action_apply()
        self.assertEqual(pursuit.lead_id, (lead | self.lead).exists())
        self.assertEqual(pursuit.lead_id.type, "opportunity")

    def test_an_opportunity_with_documents_is_kept(self):
        self._registered()
        with self.assertRaises(UserError):
            self.lead.unlink()

    def test_amounts_are_compared_in_company_currency(self):
        """Multi-currency amounts: an opportunity of a company with another currency."""
        pursuit = self._registered()
        self.assertEqual(pursuit._approval_amount(), 8e6)
        self.assertEqual(pursuit.currency_id, self.company.currency_id)
        # An opportunity of no company, looked at from a company that counts in dollars.
        self.lead.company_id = False
        abroad = self._new_company("Yunting America", self.env.ref("base.USD"))
        self.user.company_ids |= abroad
        pursuit = self._as(pursuit, self.user)
        pursuit = pursuit.with_context(allowed_company_ids=[abroad.id, self.company.id])
        self.assertEqual(pursuit.env.company, abroad)
        self.assertEqual(pursuit.currency_id, self.company.currency_id)
        self.assertEqual(pursuit._approval_amount(), 8e6)

    def test_the_colour_of_nobody_else(self):
        """Odoo's own people read the opportunity as before."""
        lead = self._as(self.lead, self.seller)
        self.assertTrue(lead.read())
        self.assertFalse(lead.kam_account_id)
        spec = self._spec(self.lead, "form", self.seller)
        self.assertTrue(lead.web_read(spec))

    def test_scopes_are_the_administrators(self):
        with self.assertRaises(AccessError):
            self._as(self.doors, self.officer).name = "x"
        self._as(self.doors, self.admin).name = "Door operators"
        self.assertEqual(
            self._as(self.lead, self.seller).kam_scope_ids.mapped("name"), ["Door operators"]
        )

    def test_a_copy_of_an_opportunity_begins_anew(self):
        self._registered()
        copy = self.lead.copy()
        self.assertFalse(copy.sudo().kam_pursuit_ids)
        self.assertEqual(copy.kam_scope_ids, self.doors)
        self.assertFalse(copy.sudo().kam_deal_member_ids)
