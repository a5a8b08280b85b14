import io
import json
import re
from datetime import date

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tests import HttpCase, tagged
from odoo.tools import file_open, mute_logger
from odoo.tools.translate import extract_spreadsheet_terms

from odoo.addons.spreadsheet.utils.validate_data import odoo_charts

from .common import GROUP, KamCase

FILES = {
    "kam": "key_account_dashboard.json",
    "kam_deal": "key_account_deal_dashboard.json",
    "kam_contract": "key_account_contract_dashboard.json",
    "kam_scorecard": "key_account_scorecard_dashboard.json",
    "kam_profit": "key_account_profit_dashboard.json",
}
MENU = re.compile(r"\(odoo://ir_menu_xml_id/([\w.]+)\)")
FILTERS = ["Period", "Tier", "Lead Account Manager", "Sales Team", "Company"]


def _read(name):
    with file_open(f"key_account_mgmt/data/files/{name}") as file:
        return json.load(file)


@freeze_time("2026-11-22 04:00:00")
@tagged("post_install", "-at_install")
class TestDashboard(KamCase):
    """Every figure, list and chart of the dashboards can be asked by those who see them.

    Source: (f) last paragraph, S3-02, users §6.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rich = cls._new_user("rich", f"{GROUP % 'director'},{GROUP % 'cost'}")
        account = cls._hold(cls._account(cls._customer("Tianheng", 10.0), cls.user), cls.key)
        cls._sell(account.partner_id, 7.0, date(2025, 3, 1))

    def _readers(self, key):
        if key == "kam_profit":
            return [self.rich]
        return [self.officer, self.director, self.executive, self.gm, self.auditor]

    def _parts(self, key):
        """``(what, model, domain, groupby, measures, filters)`` of a dashboard."""
        data = _read(FILES[key])
        for pivot in data["pivots"].values():
            groupby = [
                ":".join(filter(None, (row["fieldName"], row.get("granularity"))))
                for row in pivot["rows"] + pivot["columns"]
            ]
            measures = [
                ":".join(filter(None, (measure["fieldName"], measure.get("aggregator"))))
                for measure in pivot["measures"]
            ]
            yield pivot["name"], pivot["model"], pivot["domain"], groupby, measures, pivot
        for chart in odoo_charts(data):
            meta, search = chart["metaData"], chart["searchParams"]
            yield (
                chart["id"], meta["resModel"], search["domain"], meta["groupBy"],
                [meta["measure"]], chart,
            )  # fmt: skip

    def _aggregate(self, model, measure):
        if measure == "__count" or ":" in measure:
            return measure
        return f"{measure}:{model._fields[measure].aggregator}"

    def test_every_figure_can_be_asked(self):
        for key in FILES:
            for what, name, domain, groupby, measures, _part in self._parts(key):
                for user in self._readers(key):
                    model = self._as(self.env[name], user)
                    aggregates = [self._aggregate(model, measure) for measure in measures]
                    with self.subTest(what, user=user.login):
                        model.formatted_read_group(domain, groupby, aggregates)

    def test_money_of_several_companies_adds_up(self):
        """800 yuan are 100 dollars: no figure adds what stands in several currencies."""
        usd = self.env.ref("base.USD")
        abroad = self._new_company("Yunting America", usd)
        self._rate(usd, "2020-01-01", 0.125, self.company)
        self.director.company_ids |= abroad
        far = self._account(self._new_customer("Far"), company_id=abroad.id)
        near = self.env["kam.account"].search([("company_id", "=", self.company.id)])
        far._as_engine().write({"overdue": 100.0, "sales_ytd": 300.0})
        near._as_engine().write({"overdue": 0.0, "sales_ytd": 0.0})
        near[0]._as_engine().write({"overdue": 50.0, "sales_ytd": 70.0})
        self.env.flush_all()
        found = {}
        for _what, name, domain, groupby, measures, _part in self._parts("kam"):
            if name == "kam.account" and "__count" not in measures:
                model = self._as(self.env[name], self.director)
                model = model.with_context(allowed_company_ids=[self.company.id, abroad.id])
                aggregates = [self._aggregate(model, measure) for measure in measures]
                for row in model.formatted_read_group(domain, groupby, aggregates):
                    found |= {key.split(":")[0]: row[key] for key in aggregates}
        self.assertAlmostEqual(found["overdue"], 850.0)
        self.assertAlmostEqual(found["sales_ytd"], 2470.0)

    def test_every_list_can_be_read(self):
        for key, file in FILES.items():
            for part in _read(file)["lists"].values():
                order = ", ".join(
                    f"{rule['name']} {'asc' if rule['asc'] else 'desc'}" for rule in part["orderBy"]
                )
                for user in self._readers(key):
                    model = self._as(self.env[part["model"]], user)
                    with self.subTest(part["name"], user=user.login):
                        records = model.search(part["domain"], order=order, limit=10)
                        records.read(part["columns"])

    def test_every_filter_fits_every_figure(self):
        """Period, tier, manager, team, company lead to fields one can search by."""
        for key, file in FILES.items():
            data = _read(file)
            self.assertEqual([f["label"] for f in data["globalFilters"]], self._filters(key))
            kinds = {f["id"]: f for f in data["globalFilters"]}
            parts = [*(part[-1] for part in self._parts(key)), *data["lists"].values()]
            for part in parts:
                name = part.get("model") or part["metaData"]["resModel"]
                self.assertGreaterEqual(len(part["fieldMatching"]), 3, name)
                for filter_id, match in part["fieldMatching"].items():
                    with self.subTest(key, model=name, chain=match["chain"]):
                        self._check_filter(name, kinds[filter_id], match, self._readers(key)[0])

    def _filters(self, key):
        """A scorecard is about a person: no tier."""
        return [label for label in FILTERS if (key, label) != ("kam_scorecard", "Tier")]

    def test_every_filter_changes_something(self):
        for key, file in FILES.items():
            data = _read(file)
            used = {name for part in self._parts(key) for name in part[-1]["fieldMatching"]}
            self.assertEqual({kind["id"] for kind in data["globalFilters"]}, used, key)

    def test_what_is_late_and_still_open_counts_as_late(self):
        """An on-time rate looks at what was due.  Source: K10, K11"""
        data = _read(FILES["kam_contract"])
        period = data["globalFilters"][0]["id"]
        chains = {p["name"]: p["fieldMatching"][period]["chain"] for p in data["pivots"].values()
                  if period in p["fieldMatching"]}  # fmt: skip
        self.assertEqual(chains["Issues whose solution was due"], "resolve_day")
        self.assertEqual(chains["Contracts signed in time"], "sign_deadline")
        self.assertEqual(_read(FILES["kam_deal"])["pivots"]["2"]["fieldMatching"][period]["chain"],
                         "ended_on")  # fmt: skip

    def _check_filter(self, name, kind, match, user):
        model = self._as(self.env[name], user)
        field = None
        for step in match["chain"].split("."):
            field = (model.env[field.comodel_name] if field else model)._fields[step]
        self.assertEqual(field.type, match["type"])
        if kind["type"] == "date":
            model.search(Domain(match["chain"], ">=", date(2026, 1, 1)), limit=1)
        else:
            self.assertEqual(field.comodel_name, kind["modelName"])
            model.search(Domain(match["chain"], "in", [1]), limit=1)

    def test_titles_and_charts_lead_to_menus_of_the_reader(self):
        """A title links only to a menu that is always there: others would show an error."""
        for name in FILES.values():
            data = _read(name)
            for sheet in data["sheets"]:
                for cell in sheet["cells"].values():
                    for xmlid in MENU.findall(cell):
                        areas = self.env.ref(xmlid).group_ids
                        self.assertFalse(areas, xmlid)
            for xmlid in data["chartOdooMenusReferences"].values():
                self.assertTrue(self.env.ref(xmlid).action, xmlid)
            figures = {f["id"] for sheet in data["sheets"] for f in sheet["figures"]}
            self.assertEqual(set(data["chartOdooMenusReferences"]), figures)

    def test_figures_stand_on_the_second_sheet(self):
        """What a card shows exists; a formula names a table of the dashboard."""
        for name in FILES.values():
            for file in (name, name.replace("_dashboard", "_sample_dashboard")):
                data = _read(file)
                self.assertEqual([sheet["name"] for sheet in data["sheets"]], ["Dashboard", "Data"])
                cells = data["sheets"][1]["cells"]
                for figure in data["sheets"][0]["figures"]:
                    for part in ("keyValue", "baseline"):
                        if place := figure["data"].get(part):
                            self.assertIn(place.partition("!")[2], cells, file)
                text = " ".join(
                    cell for sheet in data["sheets"] for cell in sheet["cells"].values()
                )
                for number in re.findall(r"PIVOT(?:\.VALUE)?\((\d+)", text):
                    self.assertIn(number, data["pivots"], file)
                for number in re.findall(r"ODOO\.LIST(?:\.HEADER)?\((\d+)", text):
                    self.assertIn(number, data["lists"], file)

    def test_the_version_is_that_of_odoo(self):
        with file_open("spreadsheet_dashboard/tests/data/sample_dashboard.json") as file:
            own = json.load(file).get("version")
        for name in FILES.values():
            self.assertRegex(str(_read(name)["version"]), r"^18\.", own)

    def test_every_word_can_be_translated(self):
        """No text but those Odoo's translation finds: formulas, titles, links, filters."""
        for key, name in FILES.items():
            data = _read(name)
            terms = {
                term
                for _line, _name, term, _comments in extract_spreadsheet_terms(
                    io.StringIO(json.dumps(data)), [], [], {}
                )
            }
            self.assertLessEqual(set(self._filters(key)), terms)
            for sheet in data["sheets"]:
                for place, cell in sheet["cells"].items():
                    self.assertTrue(cell[:1] in "=[" or not re.search("[A-Za-z]", cell), place)
            for pivot in data["pivots"].values():
                for measure in pivot["measures"]:
                    # A name of one's own would not be translated; the field's is.
                    self.assertNotIn("userDefinedName", measure)

    def test_who_sees_which_dashboard(self):
        Dashboard = self.env["spreadsheet.dashboard"]
        ours = Dashboard.concat(
            *(self.env.ref(f"key_account_mgmt.spreadsheet_dashboard_{key}") for key in FILES)
        )
        plain, of_areas, profit = ours[:1], ours[1:4], ours[4:]
        accountant = self._new_user("accountant", GROUP % "cost")
        for user, expected in (
            (self.officer, plain),
            (self.director, plain),
            (self.gm, plain),
            (self.auditor, plain),
            (self.rich, plain | profit),
            (self.user, Dashboard),
            (self.member, Dashboard),
            (self.seller, Dashboard),
            (accountant, Dashboard),
        ):
            found = self._as(Dashboard, user).search([("id", "in", ours.ids)])
            self.assertEqual(set(found.ids), set(expected.ids), user.login)
        for area, dashboard in zip(("bid", "issue", "kpi"), of_areas, strict=True):
            self.env.ref(f"key_account_mgmt.group_kam_area_{area}")._kam_switch_on()
            self.assertIn(dashboard.id, self._as(Dashboard, self.gm).search([]).ids)
            self.assertNotIn(dashboard.id, self._as(Dashboard, self.user).search([]).ids)

    def test_the_menu_opens_the_dashboard(self):
        action = self.env.ref("key_account_mgmt.kam_dashboard_menu").action
        self.assertEqual(action.tag, "action_spreadsheet_dashboard")
        dashboard = self.env.ref("key_account_mgmt.spreadsheet_dashboard_kam")
        self.assertEqual(action.params["dashboard_id"], dashboard.id)

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_without_accounts_an_example_is_shown(self):
        for key in FILES:
            dashboard = self.env.ref(f"key_account_mgmt.spreadsheet_dashboard_{key}")
            self.assertFalse(dashboard._dashboard_is_empty())
            self.assertTrue(dashboard._get_sample_dashboard()["sheets"])
            self.assertFalse(dashboard._get_sample_dashboard()["pivots"])
        with self.assertRaises(AccessError):
            self._as(dashboard, self.gm).read(["spreadsheet_data"])

    def test_the_dashboard_queries_do_not_grow(self):
        """Constant queries, whatever the number of accounts."""

        def spent():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            for _what, name, domain, groupby, measures, _part in self._parts("kam"):
                model = self.env[name].with_user(self.director)
                aggregates = [self._aggregate(model, measure) for measure in measures]
                model.formatted_read_group(domain, groupby, aggregates)
            return self.cr.sql_log_count - before

        spent()
        few = spent()
        for partner in self._new_customers(80):
            self._hold(self._account(partner, self.user), self.key)
            self._sell(partner, 10.0)
        self.assertLessEqual(spent(), few + 2)


@tagged("post_install", "-at_install")
class TestDashboardRoute(HttpCase):
    def test_the_browser_gets_it(self):
        dashboard = self.env.ref("key_account_mgmt.spreadsheet_dashboard_kam")
        self.env.ref("base.user_admin").group_ids += self.env.ref(GROUP % "director")
        self.authenticate("admin", "admin")
        answer = self.url_open(f"/spreadsheet/dashboard/data/{dashboard.id}").json()
        self.assertTrue(answer["snapshot"]["sheets"])
