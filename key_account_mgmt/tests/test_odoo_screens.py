from datetime import date

from odoo.tests import tagged

from .common import KamCase


@tagged("post_install", "-at_install")
class TestOdooScreens(KamCase):
    """Tier on Odoo's own screens, for salespeople without any group of ours; design §3, §7."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.big = cls._customer("Tianheng")
        cls.contact = cls.env["res.partner"].create({"name": "Lin", "parent_id": cls.big.id})
        cls.none = cls._customer("Corner Shop")
        cls.account = cls._hold(cls._account(cls.big), cls.key)
        cls.both = cls.big | cls.none

    def _found(self, model, records, name="kam_tier_id"):
        """Search, filter, group and read as the plain salesperson."""
        Model = self._as(self.env[model], self.seller)
        scope = [("id", "in", records.ids)]
        by_tier = Model.search([*scope, (name, "=", self.key.id)])
        by_name = Model.search([*scope, (name, "ilike", "Key")])
        key = Model.search([*scope, ("kam_is_key_account", "=", True)])
        without = Model.search([*scope, (name, "=", False)])
        groups = Model.formatted_read_group(scope, [name], ["__count"])
        counts = {group[name] and group[name][0]: group["__count"] for group in groups}
        self.assertEqual(by_tier, by_name)
        self.assertEqual(by_tier, key)
        self.assertEqual(by_tier[name], self.key if by_tier else self.env["kam.tier"])
        self.assertEqual(by_tier | without, records)
        self.assertEqual(counts, {self.key.id: len(by_tier), False: len(without)})
        return by_tier

    def test_contacts(self):
        """Source: S0-08."""
        found = self._found("res.partner", self.both | self.contact)
        self.assertEqual(found, self.big | self.contact)
        ordered = self._as(self.env["res.partner"], self.seller).search(
            [("id", "in", self.both.ids)], order="kam_tier_id, id"
        )
        self.assertEqual(ordered, self.both)

    def test_opportunities(self):
        leads = self.env["crm.lead"].create(
            [{"name": p.name, "partner_id": p.id} for p in (self.contact, self.none)]
        )
        self.assertEqual(self._found("crm.lead", leads), leads[0])
        typing = self._as(leads, self.seller).new({"partner_id": self.contact.id})
        self.assertEqual(typing.kam_tier_id, self.key)
        typing.partner_id = self.none
        self.assertFalse(typing.kam_tier_id)
        typing.partner_id = False
        self.assertFalse(typing.kam_tier_id)

    def test_opportunities_of_all_kinds_of_customers_at_once(self):
        """Each gets the tier of its own customer, known, unknown, typed just now or none."""
        Lead = self.env["crm.lead"]
        partners = [self.none, self.contact, Lead.partner_id, self.big, self.contact]
        leads = Lead.create([{"name": "Lift", "partner_id": p.id} for p in partners])
        none = self.env["kam.tier"]
        self.env.invalidate_all()
        self.assertEqual(
            [lead.kam_tier_id for lead in self._as(leads, self.seller)],
            [none, self.key, none, self.key, self.key],
        )
        alone = self._as(leads[2], self.seller)
        alone.invalidate_recordset()
        self.assertFalse(alone.kam_tier_id)
        colleague = self.env["res.partner"].new({"name": "Wu", "parent_id": self.big.id})
        self.assertEqual(Lead.new({"partner_id": colleague}).kam_tier_id._origin, self.key)
        stranger = self.env["res.partner"].new({"name": "Mo"})
        self.assertFalse(Lead.new({"partner_id": stranger}).kam_tier_id)

    def test_quotations_and_the_sales_analysis(self):
        orders = self.env["sale.order"].create(
            [
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "order_line": [(0, 0, {"product_id": self.piece.id, "price_unit": 5.0})],
                }
                for partner in (self.big, self.none)
            ]
        )
        self.assertEqual(self._found("sale.order", orders), orders[0])
        Report = self._as(self.env["sale.report"], self.seller)
        scope = [("order_reference", "in", [f"sale.order,{order.id}" for order in orders])]
        groups = Report.formatted_read_group(scope, ["kam_tier_id"], ["price_subtotal:sum"])
        sums = {g["kam_tier_id"] and g["kam_tier_id"][0]: g["price_subtotal:sum"] for g in groups}
        self.assertEqual(sums, {self.key.id: 5.0, False: 5.0})
        self.assertTrue(Report.search_count([*scope, ("kam_tier_id", "=", self.key.id)]))

    def test_the_invoice_analysis(self):
        moves = self._invoice(self.big, "2026-03-01", 7.0) | self._invoice(
            self.none, "2026-03-01", 9.0
        )
        self.seller.group_ids += self.env.ref("account.group_account_readonly")
        Report = self._as(self.env["account.invoice.report"], self.seller)
        scope = [("move_id", "in", moves.ids)]
        groups = Report.formatted_read_group(scope, ["kam_tier_id"], ["price_subtotal:sum"])
        sums = {g["kam_tier_id"] and g["kam_tier_id"][0]: g["price_subtotal:sum"] for g in groups}
        self.assertEqual(sums, {self.key.id: 7.0, False: 9.0})

    def test_the_views_hold_the_filters(self):
        self.seller.group_ids += self.env.ref("account.group_account_readonly")
        for model in ("res.partner", "crm.lead", "sale.order", "sale.report",
                      "account.invoice.report"):  # fmt: skip
            arch = self._as(self.env[model], self.seller).get_view(view_type="search")["arch"]
            self.assertIn("kam_tier_id", arch, model)

    def test_the_forms_open_for_a_salesperson(self):
        order = self.env["sale.order"].create({"partner_id": self.big.id})
        lead = self.env["crm.lead"].create({"name": "Lift", "partner_id": self.big.id})
        for record in (self.big, order, lead):
            spec = self._spec(record, "form", self.seller)
            self.assertIn("kam_tier_id", spec)
            (data,) = self._as(record, self.seller).web_read(spec)
            self.assertEqual(data["kam_tier_id"]["id"], self.key.id)
            if "kam_is_key_account" in spec:
                self.assertTrue(data["kam_is_key_account"])

    def test_tiers_do_not_leak_between_companies(self):
        other = self._new_company("Yunting Rail", self.cny)
        partner = self.big.with_company(other)
        self.assertFalse(partner.kam_tier_id)
        found = (
            self.env["res.partner"]
            .with_company(other)
            .search([("id", "=", self.big.id), ("kam_tier_id", "=", self.key.id)])
        )
        self.assertFalse(found)

    # Constant queries

    def _queries(self, function):
        function()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        function()
        return self.cr.sql_log_count - before

    def _many_accounts(self, count):
        partners = self._new_customers(count)
        accounts = self.env["kam.account"]._open_for(partners, self.company).values()
        result = self.env["kam.account"]
        label = self.s1n.tier_ids[0]
        for account in accounts:
            result |= self._hold(account, self.key, date(2026, 1, 1))
            self._hold(account, label, date(2026, 1, 1))
        return result

    def _assert_constant(self, records, view_type, user):
        spec = self._spec(records, view_type, user)
        model = self._as(records.browse(), user)

        def read(ids):
            return lambda: model.web_search_read([("id", "in", ids)], spec, limit=80)

        few, many = self._queries(read(records.ids[:3])), self._queries(read(records.ids))
        self.assertEqual(few, many, f"{view_type}: {few} queries for 3, {many} for {len(records)}")

    def test_lists_of_accounts_cost_constant_queries(self):
        """Source: design §7."""
        accounts = self._many_accounts(30)
        self._job("_cron_nightly", self.day)
        for view_type in ("list", "kanban"):
            for user in (self.officer, self.auditor):
                self._assert_constant(accounts, view_type, user)

    def test_the_account_form_costs_constant_queries(self):
        head, big_head = self._many_accounts(2)
        small = self._many_accounts(3)
        large = self._many_accounts(30)
        small.parent_id, large.parent_id = head, big_head
        self._job("_cron_nightly", self.day)
        spec = self._spec(head, "form", self.officer)
        counts = [
            self._queries(lambda a=account: self._as(a, self.officer).web_read(spec))
            for account in (head, big_head)
        ]
        self.assertEqual(*counts)

    def test_evaluation_lines_cost_constant_queries(self):
        partners = self._new_customers(30)
        for partner in partners:
            self._sell(partner, 6e6)
        lines = self._evaluation(partners).line_ids
        for user in (self.officer, self.gm):
            self._assert_constant(lines, "list", user)

    def test_contacts_opportunities_and_orders_cost_constant_queries(self):
        """A badge in a list is not a query per row."""
        accounts = self._many_accounts(30)
        leads = self.env["crm.lead"].create(
            [{"name": "Lift", "partner_id": a.partner_id.id} for a in accounts]
        )
        names = {"kam_tier_id": {"fields": {"display_name": {}}}, "kam_is_key_account": {}}
        for records in (accounts.partner_id, leads):
            model = self._as(records.browse(), self.seller)

            def read(ids, model=model):
                return lambda: model.web_search_read([("id", "in", ids)], names, limit=80)

            few, many = self._queries(read(records.ids[:3])), self._queries(read(records.ids))
            self.assertEqual(few, many, records._name)
