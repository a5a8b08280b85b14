from datetime import date

from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common_bid import NOW, BidCase

SECRETS = ("Doors that do not rattle", "Two percent under Keruite", "950")


@freeze_time(NOW)
@tagged("post_install", "-at_install")
class TestBidAccess(BidCase):
    """Members reach opportunity and bid, nobody else's deals open up; what we offer is the
    team's and the executives'.  Source: S0-83, S0-85, design §4.4.
    """

    def _leads(self, user):
        return self._as(self.env["crm.lead"], user).search([])

    # The opportunity

    def test_members_reach_the_opportunity_and_no_other(self):
        other = self._lead("Line 8", user=self.officer)
        self.assertFalse(self._leads(self.helper))
        bid = self._bid()
        self.assertEqual(self._leads(self.helper), self.lead)
        self.assertFalse(self._leads(self.quality), "not on the team")
        self.assertFalse(self._leads(self.member), "on the account's team only")
        lead = self._as(self.lead, self.helper)
        self.assertEqual(lead.name, "Metro line 7")
        self.assertEqual(bid.sudo().lead_id, lead)
        for operation in ("write", "create", "unlink"):
            self.assertFalse(lead.has_access(operation), operation)
        with self.assertRaises(AccessError):
            self._as(other, self.helper).read(["name"])

    def test_from_the_first_day_to_the_last(self):
        """Source: S0-83"""
        bid = self._bid()
        bid.member_ids.write({"date_from": "2026-11-25", "date_to": "2026-11-26"})
        for day, leads in (
            ("2026-11-24", 0),
            ("2026-11-25", 1),
            ("2026-11-26", 1),
            ("2026-11-27", 0),
        ):
            with freeze_time(f"{day} 04:00:00"):
                self.assertEqual(len(self._leads(self.helper)), leads, day)
                found = self._as(self.env["kam.bid"], self.helper).search([])
                self.assertEqual(len(found), leads, day)

    def test_who_leaves_the_team_sees_it_no_more(self):
        bid = self._bid()
        self.assertTrue(self._leads(self.helper))
        bid.member_ids.unlink()
        self.assertFalse(self._leads(self.helper))

    def test_a_salesperson_on_a_team_reads_more_and_writes_no_more(self):
        """His own rule stays: others' opportunities are read, not changed."""
        self.helper.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        mine = self._lead("Mine", user=self.helper)
        self.assertNotIn(self.lead, self._leads(self.helper))
        self._bid()
        found = self._leads(self.helper)
        self.assertIn(self.lead, found)
        self.assertIn(mine, found)
        self._as(mine, self.helper).name = "Mine too"
        with self.assertRaises(AccessError):
            self._as(self.lead, self.helper).name = "Ours"

    def test_who_is_on_no_team_asks_the_same_query(self):
        """One small query more in a request, whatever the number of searches."""
        self.quality.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        leads = self._as(self.env["crm.lead"], self.quality)
        leads.search([])
        with self.assertQueryCount(3):
            for _each in range(3):
                leads.search([("name", "=", "x")], order="id")

    def test_who_gives_his_own_away_keeps_reading_what_he_works_on(self):
        """His own are Odoo's affair, and cost him no query of ours; given away, the team's
        rule takes over at once."""
        self.helper.group_ids |= self.env.ref("sales_team.group_sale_salesman")
        self._bid()
        self.lead.user_id = self.helper
        lead = self._as(self.lead, self.helper)
        self.assertFalse(lead._kam_my_deal_ids(), "Odoo's query stays what it is")
        self.assertEqual(self._leads(self.helper), self.lead)
        lead.user_id = self.seller
        self.assertEqual(lead._kam_my_deal_ids(), (self.lead.id,))
        self.assertEqual(self._leads(self.helper), self.lead)
        self.assertEqual(lead.name, "Metro line 7")
        self.assertFalse(lead.has_access("write"))

    def test_the_opportunity_opens_for_a_member(self):
        """Form, list and kanban, without any right of Odoo's sales."""
        self._bid()
        for view_type in ("form", "list", "kanban"):
            spec = self._spec(self.env["crm.lead"], view_type, self.helper)
            found = self._as(self.env["crm.lead"], self.helper).web_search_read([], spec)
            self.assertEqual(found["length"], 1, view_type)

    def test_orders_stay_closed_to_a_member(self):
        """No number, no amount, no order, no button of Odoo's sales."""
        self._quotation().user_id = self.user
        self._bid()
        self.assertEqual(self._as(self.lead, self.user).quotation_count, 1)
        lead = self._as(self.lead, self.helper)
        self.assertEqual((lead.quotation_count, lead.sale_order_count), (0, 0))
        with self.assertRaises(AccessError):
            lead.order_ids.mapped("name")
        shown = {}
        for user in (self.helper, self.user):
            arch = self._as(self.env["crm.lead"], user).get_view(view_type="form")["arch"]
            shown[user] = {node.get("name") for node in etree.fromstring(arch).iter("button")}
        for name in ("action_sale_quotations_new", "action_view_sale_quotation",
                     "action_set_won_rainbowman"):  # fmt: skip
            self.assertNotIn(name, shown[self.helper])
            self.assertIn(name, shown[self.user])

    # The bid

    def test_who_sees_which_bid(self):
        bid = self._bid()
        for user, sees in (
            (self.user, True),
            (self.helper, True),
            (self.member, False),
            (self.quality, False),
            (self.officer, True),
            (self.gm, True),
            (self.admin, True),
            (self.auditor, True),
        ):
            found = self._as(self.env["kam.bid"], user).search([])
            self.assertEqual(found, bid if sees else found.browse(), user.name)
        self.account.executive_sponsor_id = self.member
        self.assertEqual(self._as(self.env["kam.bid"], self.member).search([]), bid)
        with self.assertRaises(AccessError):
            self._as(self.env["kam.bid"], self.seller).search([])

    def test_a_stranger_starts_no_bid(self):
        for user in (self.quality, self.member, self.officer):
            with self.assertRaises(AccessError, msg=user.name):
                self._as(self.env["kam.bid"], user).create(
                    {"lead_id": self.lead.id, "deadline": "2026-12-07 02:00:00"}
                )

    def test_a_stranger_moves_nothing(self):
        bid = self._bid()
        for method in ("action_score", "action_go", "action_prepare", "action_no_bid",
                       "action_open_offer", "action_deal_next"):  # fmt: skip
            with self.assertRaises(UserError, msg=method):
                getattr(self._as(bid, self.quality), method)()

    def test_a_member_does_not_decide(self):
        bid = self._scored()
        with self.assertRaises(AccessError):
            self._as(bid, self.helper)._go("x")
        with self.assertRaises(AccessError):
            self._as(bid, self.helper)._end("no_bid", date(2026, 11, 23), "x")
        with self.assertRaises(AccessError):
            self._as(bid, self.helper).user_id = self.helper

    # What we offer

    def _texts(self, records, names=None):
        return str(records.read(names or [n for n in records._fields if n != "deal_ribbon"]))

    def test_the_offer_is_the_teams_and_the_executives(self):
        """Source: S0-85"""
        bid = self._complete(self._preparing())
        for user, sees in (
            (self.user, True),
            (self.helper, True),
            (self.executive, True),
            (self.gm, True),
            (self.officer, False),
            (self.director, False),
            (self.admin, False),
            (self.auditor, False),
        ):
            reader = self._as(bid, user)
            offer = (reader.proposal, reader.price_strategy, reader.amount)
            wanted = (SECRETS[0], SECRETS[1], 950.0) if sees else (False, False, 0.0)
            self.assertEqual(offer, wanted, user.name)
            self.assertEqual(reader.sees_offer, sees, user.name)

    def test_no_other_road_to_the_offer(self):
        """Read, domain, order, groups, export, form, chatter, error texts."""
        bid = self._complete(self._preparing())
        for user in (self.officer, self.director, self.admin, self.auditor, self.quality):
            offers = self._as(self.env["kam.bid.offer"], user)
            with mute_logger("odoo.addons.base.models.ir_rule"):
                try:
                    found = offers.search([])
                except AccessError:
                    found = offers
            self.assertFalse(found, user.name)
            if user == self.quality:
                continue
            reader = self._as(bid, user)
            for secret in SECRETS[:2]:
                self.assertNotIn(secret, self._texts(reader), user.name)
                names = ["name", "proposal", "price_strategy", "amount"]
                self.assertNotIn(
                    secret,
                    str(reader.export_data(names)["datas"])
                    if user.has_group("key_account_mgmt.group_kam_export")
                    else "",
                )
                self.assertNotIn(secret, str(reader.message_ids.mapped("body")))
            for domain in ([("amount", ">", 900)], [("price_strategy", "ilike", "Keruite")]):
                self.assertTrue(self._is_refused(reader.search, domain), domain)
            self.assertTrue(self._is_refused(reader.search, [], order="amount"))
            self.assertTrue(
                self._is_refused(reader.formatted_read_group, [], ["state"], ["amount:sum"])
            )

    def _is_refused(self, ask, *args, **kwargs):
        try:
            with self.cr.savepoint():
                ask(*args, **kwargs)
        except (UserError, ValueError):
            return True
        return False

    def test_files_of_the_offer_are_read_by_its_readers(self):
        bid = self._preparing()
        offer = self.env["kam.bid.offer"].browse(bid.action_open_offer()["res_id"])
        file = self._as(self.env["ir.attachment"], self.user).create(
            {"name": "prices.xlsx", "raw": b"1", "res_model": offer._name, "res_id": offer.id}
        )
        self._as(offer, self.helper).write({"file_ids": [Command.link(file.id)]})
        self.assertEqual(self._as(file, self.helper).raw, b"1")
        for user in (self.officer, self.admin, self.auditor, self.quality):
            with self.assertRaises(AccessError, msg=user.name):
                self._as(file, user).read(["name"])
            with self.assertRaises(AccessError, msg=user.name):
                self._as(bid, user).action_open_offer()

    def test_nobody_outside_writes_the_offer(self):
        bid = self._preparing()
        for user in (self.officer, self.director):
            with self.assertRaises(AccessError, msg=user.name):
                self._as(bid, user).write({"amount": 1.0})
        offer = self.env["kam.bid.offer"].browse(bid.action_open_offer()["res_id"])
        for vals in ({"amount": 1.0}, {"bid_id": bid.id}, {"proposal": "x"}):
            with self.assertRaises(AccessError, msg=vals):
                self._as(offer, self.user).write(vals)

    def test_finance_reads_bonds_and_nothing_of_the_bid(self):
        bid = self._bid()
        bond = self._as(self.env["kam.bid.bond"], self.user).create(
            {"bid_id": bid.id, "amount": 80.0}
        )
        for view_type in ("list", "form"):
            spec = self._spec(self.env["kam.bid.bond"], view_type, self.finance)
            found = self._as(bond, self.finance).web_search_read([], spec)
            self.assertEqual(found["length"], 1)
        self.assertEqual(self._as(bond, self.finance).partner_id.name, "Tianheng")
        with self.assertRaises(AccessError):
            self._as(self.env["kam.bid"], self.finance).search([])
        with self.assertRaises(AccessError):
            self._as(self.env["kam.bid.bond"], self.finance).create(
                {"bid_id": bid.id, "amount": 1.0}
            )

    # Area

    def test_an_area_that_is_off_shows_nothing(self):
        settings = self.env["res.config.settings"]
        settings.create({"group_kam_area_bid": False}).set_values()
        self.env.registry.clear_all_caches()
        steps = self._as(self.lead, self.user).kam_deal_ribbon["steps"]
        self.assertNotIn("bid", [step["code"] for step in steps])
        codes = [source.code for source in self.env["kam.week.item"]._week_sources()]
        self.assertNotIn("bid", codes)
        for xmlid in ("bid", "bid_bond", "certificate", "bid_analysis", "bid_criterion"):
            menu = self.env.ref(f"key_account_mgmt.kam_{xmlid}_menu")
            self.assertEqual(
                menu.group_ids, self.env.ref("key_account_mgmt.group_kam_area_bid"), xmlid
            )
        arch = self._as(self.env["crm.lead"], self.helper).get_view(view_type="form")["arch"]
        names = [node.get("name") for node in etree.fromstring(arch).iter("field")]
        self.assertNotIn("kam_project", names)
