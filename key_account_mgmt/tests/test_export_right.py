import json

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .common import GROUP, KamCase


class ExportCase(KamCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.account = cls._account(cls._customer("Tianheng", 30e6, "leading"), cls.officer)
        # Odoo's own right to export everybody has here; ours only the director.
        people = cls.officer | cls.director | cls.gm | cls.admin | cls.auditor | cls.seller
        cls.env.ref("base.group_allow_export").user_ids += people
        cls.env.ref(GROUP % "export").user_ids += cls.director
        cls.start = cls.env["kam.export.log"].search([], limit=1).id or 0

    def _logged(self):
        return self.env["kam.export.log"].search([("id", ">", self.start)], order="id")


@tagged("post_install", "-at_install")
class TestExportRight(ExportCase):
    """Customer information leaves the database only with the right to.  Source: S2-49."""

    def test_nothing_of_ours_without_the_right(self):
        """Every model that is not policy, also for those who read everything."""
        policy = self.env.registry.descendants(["kam.policy.logged"], "_inherit")
        names = [
            name
            for name, model in self.env.registry.items()
            if name.startswith("kam.") and not model._abstract and name not in policy
        ]
        self.assertIn("kam.tier.evaluation.line", names)
        for name in names:
            for user in (self.officer, self.gm, self.admin, self.auditor):
                with self.subTest(model=name, user=user.login), self.assertRaises(AccessError):
                    self._as(self.env[name], user).export_data(["id"])
        self.assertFalse(self._logged())

    def test_the_error_says_what_and_who_can_grant_it(self):
        giver = self._new_user("giver", "base.group_erp_manager")
        self.env.ref("base.group_erp_manager").user_ids = giver
        with self.assertRaisesRegex(AccessError, r"Account File.*May Export.*Giver"):
            self._as(self.account, self.gm).export_data(["name"])

    def test_with_the_right_it_is_exported_and_logged(self):
        account = self._as(self.account, self.director)
        self.assertEqual(account.export_data(["name"])["datas"], [["Tianheng"]])
        log = self._logged().ensure_one()
        self.assertEqual(
            (log.user_id, log.res_model, log.record_count, log.field_names, log.document_type),
            (self.director, "kam.account", 1, "name", "Account File"),
        )
        self.assertEqual(self._as(log, self.auditor).record_count, 1)
        for user in (self.officer, self.director, self.gm):
            with self.assertRaises(AccessError):
                self._as(log, user).read(["record_count"])
        for user in (self.env.user, self.admin, self.auditor):
            with self.assertRaises(AccessError), self.cr.savepoint():
                log.with_user(user).write({"record_count": 0})
            with self.assertRaises(AccessError), self.cr.savepoint():
                log.with_user(user).with_context(_force_unlink=True).sudo().unlink()

    def test_odoo_s_own_right_is_still_needed(self):
        self.env.ref("base.group_allow_export").user_ids -= self.director
        with self.assertRaises(UserError):
            self._as(self.account, self.director).export_data(["name"])

    def test_our_columns_of_odoo_s_models(self):
        """Contacts, opportunities, orders: everything but our columns, by whatever path."""
        partner = self._as(self.account.partner_id, self.officer)
        self.assertEqual(partner.export_data(["name"])["datas"], [["Tianheng"]])
        self.assertFalse(self._logged())
        lead = self.env["crm.lead"].with_user(self.officer)
        order = self.env["sale.order"].with_user(self.officer)
        for records, column in (
            (partner, "kam_account_id"),
            (partner, "kam_account_id/id"),
            (partner, "kam_account_id/tier_id/name"),
            (partner, "child_ids/kam_account_id.id"),
            (lead, "kam_tier_id"),
            (lead, "partner_id/kam_account_id/name"),
            (order, "kam_end_customer_id"),
            (self.env["res.company"].with_user(self.officer), "partner_id/kam_account_id"),
        ):
            with (
                self.subTest(column=column),
                self.assertRaisesRegex(AccessError, column.replace(".", r"\.")),
            ):
                records.export_data(["id", column])
        director = self._as(self.account.partner_id, self.director)
        director.export_data(["name", "kam_account_id/tier_id"])
        self.assertEqual(self._logged().field_names, "name, kam_account_id/tier_id")

    def test_policy_is_no_customer_information(self):
        scheme = self._as(self.s3, self.admin)
        self.assertEqual(scheme.export_data(["code"])["datas"], [["s3"]])
        self.assertFalse(self._logged())

    def test_reading_is_unchanged(self):
        account = self._as(self.account, self.officer)
        self.assertEqual(account.read(["name"])[0]["name"], "Tianheng")
        found = account.web_search_read([("id", "=", account.id)], {"name": {}})
        self.assertEqual(found["length"], 1)

    def test_the_list_offers_the_export_to_whoever_may(self):
        for user, offered in ((self.officer, False), (self.director, True)):
            arch = self._as(self.env["kam.account"], user).get_view(view_type="list")["arch"]
            self.assertEqual('export_xlsx="0"' not in arch, offered, user.login)
        for model in ("kam.tier.scheme", "res.partner"):
            arch = self._as(self.env[model], self.officer).get_view(view_type="list")["arch"]
            self.assertNotIn('export_xlsx="0"', arch)


@tagged("post_install", "-at_install")
class TestExportRoutes(HttpCase, ExportCase):
    """The addresses a browser downloads from.  Source: S2-49."""

    def _download(self, user, address, data):
        self.authenticate(user.login, user.login + "x" * (8 - len(user.login)))
        token = http.Request.csrf_token(self)
        body = {"data": json.dumps(data), "csrf_token": token}
        with mute_logger("odoo.addons.web.controllers.export", "odoo.http"):
            return self.url_open(address, data=body)

    def _list(self, **values):
        return {
            "model": "kam.account",
            "fields": [{"name": "name", "label": "Name", "type": "char"}],
            "ids": self.account.ids,
            "domain": [],
            "import_compat": False,
            "context": {},
            **values,
        }

    def test_files_of_lists(self):
        for address, values in (
            ("/web/export/csv", {}),
            ("/web/export/csv", {"import_compat": True}),
            ("/web/export/xlsx", {}),
            ("/web/export/xlsx", {"groupby": ["user_id"]}),
        ):
            with self.subTest(address=address, values=values):
                refused = self._download(self.officer, address, self._list(**values))
                self.assertNotEqual(refused.status_code, 200)
                self.assertIn("customer information", refused.text)
                allowed = self._download(self.director, address, self._list(**values))
                self.assertEqual(allowed.status_code, 200)
        self.assertEqual(self._logged().mapped("user_id"), self.director)
        self.assertEqual(len(self._logged()), 4)

    def test_files_of_pivots(self):
        table = {
            "model": "kam.tier.evaluation.line",
            "title": "Tier Migration Matrix",
            "col_group_headers": [],
            "measure_headers": [],
            "origin_headers": [],
            "rows": [{"title": "Total", "indent": 0, "values": []}],
            "measure_count": 1,
            "origin_count": 1,
        }
        address = "/web/pivot/export_xlsx"
        self.assertNotEqual(self._download(self.officer, address, table).status_code, 200)
        self.assertEqual(self._download(self.director, address, table).status_code, 200)
        self.assertEqual(self._logged().mapped("res_model"), ["kam.tier.evaluation.line"])
        table["model"] = "sale.report"
        self.assertEqual(self._download(self.officer, address, table).status_code, 200)
