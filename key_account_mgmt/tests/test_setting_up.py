from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import SQL

from .common import GROUP, KamCase

AREAS = {
    "tier": ("tier_evaluation", "tier_suggestion", "tier_assignment", "opening_classification"),
    "qualification": ("qualification", "industry_standing", "tier_flag"),
    "figures": ("metric_value", "opening_figure"),
    "approval": ("approval_audit",),
    "visit": ("visit", "obligation", "obligation_coverage", "obligation_policy"),
}
# Off until somebody wants them: deals are worked in CRM as before.
LATER = {
    "pursuit": ("pursuit", "pursuit_analysis", "review", "review_kind"),
    "bid": ("bid", "bid_bond", "certificate", "bid_analysis", "bid_criterion"),
    "negotiation": ("negotiation", "negotiation_reading"),
    "contract": (
        "contract_list",
        "contract_legal",
        "contract_sign",
        "seal",
        "contract_type",
        "contract_template",
        "contract_clause_template",
    ),
    "plan": ("plan", "target_list", "campaign", "work_calendar", "plan_template", "referral"),
    "issue": ("issue", "issue_kind", "issue_deadline", "issue_escalation"),
    "price": ("order_first", "price_approval", "tier_price"),
    "kpi": (
        "target",
        "kpi",
        "kpi_set",
        "sales_membership",
        "scorecard",
        "scorecard_menu_review",
        "scorecard_trend",
    ),
    "status": ("status_report",),
    "programme": ("programme_review", "programme_kind"),
}


@tagged("post_install", "-at_install")
class TestOnboarding(KamCase):
    """A new company is led: scheme, thresholds, opening classification, evaluation."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls._new_company("Yunting Rail", cls.cny)
        cls.scheme, cls.thresholds, cls.opening, cls.first = cls.env.ref(
            "key_account_mgmt.kam_onboarding"
        ).step_ids.sorted("sequence")
        cls.steps = cls.scheme | cls.thresholds | cls.opening | cls.first
        cls.s3._as_engine().write({"is_primary": False, "active": False, "version": 1})

    def _states(self, user=None):
        steps = self._as(self.steps, user or self.admin).with_company(self.company)
        return [step["kam_state"] for step in steps.read(["kam_state"])]

    def _home(self, user):
        Users = self._as(self.env["res.users"], user).with_company(self.company)
        return Users._kam_home_action_xmlid().partition(".")[2]

    def _press(self, step, name, user=None):
        return getattr(self._as(step, user or self.admin).with_company(self.company), name)()

    def test_the_road(self):
        """Steps turn done by themselves, from the data; nothing is written on reading."""
        self.assertEqual(self._states(), ["not_done"] * 4)
        self.assertEqual(self._home(self.admin), "kam_onboarding_action")
        # Whoever is no Settings user chooses the scheme in the list.
        self.assertFalse(self.admin.has_group("base.group_system"))
        self.s3.with_user(self.admin).action_make_primary()
        self.assertEqual(self._states(), ["done", "not_done", "not_done", "not_done"])
        self.s3.tier_ids.criterion_ids.filtered("is_active")[0].with_user(self.admin).threshold = 7
        self.assertEqual(self._states(), ["done", "done", "not_done", "not_done"])
        row = (
            self.env["kam.opening.classification"]
            .with_user(self.admin)
            .create(
                {
                    "partner_id": self._customer("Tianheng").id,
                    "company_id": self.company.id,
                    "tier_id": self.key.id,
                }
            )
        )
        self.assertEqual(self._states()[2], "not_done", "not applied")
        row.action_apply()
        self.assertEqual(self._states(), ["done", "done", "done", "not_done"])
        evaluation = self._evaluation(self._customer("Big", 30e6, "leading"))
        self.assertEqual(self._states()[3], "not_done", "computed only")
        self._approve(evaluation)
        self.assertEqual(self._states(), ["done"] * 4)
        self.assertEqual(self._home(self.admin), "kam_job_action")
        steps = self._as(self.steps, self.admin).with_company(self.other)
        self.assertFalse(steps.sudo().progress_ids, "reading writes nothing")

    def test_by_the_administrators_word(self):
        self.s3.action_make_primary()
        self._press(self.thresholds, "action_kam_confirm")
        self.assertEqual(self._states(), ["just_done", "just_done", "not_done", "not_done"])
        self._press(self.opening, "action_kam_confirm")
        self.assertEqual(self._states(), ["done", "done", "just_done", "not_done"])
        for step in (self.scheme, self.first):
            with self.assertRaises(AccessError):
                self._press(step, "action_kam_confirm")
        self.assertEqual(self._states()[3], "not_done")

    def test_each_company_has_its_own(self):
        self.s3.action_make_primary()
        self._press(self.opening, "action_kam_confirm")
        self.admin.company_ids |= self.other
        steps = self._as(self.steps, self.admin).with_company(self.other)
        states = [step["kam_state"] for step in steps.read(["kam_state"])]
        self.assertEqual(states[2], "not_done")
        branch = self._new_company("Suzhou", self.cny, parent=self.company)
        steps = self._as(self.steps, self.admin).sudo().with_company(branch)
        self.assertNotEqual(steps[2].kam_state, "not_done", "a branch is led by its root")

    def test_a_step_opens_its_screen(self):
        self.s3.action_make_primary()
        models = [self._press(step, "action_kam_open")["res_model"] for step in self.steps]
        self.assertEqual(
            models,
            [
                "kam.tier.scheme",
                "kam.tier.scheme",
                "kam.opening.classification",
                "kam.tier.evaluation",
            ],
        )
        self.assertEqual(self._press(self.thresholds, "action_kam_open")["res_id"], self.s3.id)

    def test_nobody_else(self):
        for user in (self.officer, self.gm, self.auditor, self.seller):
            for name in ("action_kam_open", "action_kam_confirm"):
                with self.assertRaises(AccessError):
                    self._press(self.thresholds, name, user)
            with self.assertRaises(AccessError):
                self._as(self.steps, user).read(["title"])
        with self.assertRaises(AccessError):
            self._as(self.thresholds, self.admin).write({"title": "x"})
        foreign = self.env["onboarding.onboarding.step"].search(
            [("id", "not in", self.steps.ids)], limit=1
        )
        if foreign:
            self.assertFalse(self._as(foreign, self.admin).kam_state)
            for name in ("action_kam_open", "action_kam_confirm"):
                with self.assertRaises(AccessError):
                    self._press(foreign, name)

    def test_home_of_the_others_waits_for_no_setting_up(self):
        self.assertEqual(self._home(self.officer), "kam_exception_kind_action")
        self.assertEqual(self._home(self.gm), "kam_approval_request_step_action_mine")
        self.officer.group_ids |= self.env.ref(GROUP % "admin")
        self.assertEqual(self._home(self.officer), "kam_onboarding_action")
        self.s3.action_make_primary()
        for step in (self.thresholds, self.opening):
            self._press(step, "action_kam_confirm")
        self._approve(self._evaluation(self._customer("Big", 30e6, "leading")))
        self.assertEqual(self._home(self.officer), "kam_exception_kind_action")


@tagged("post_install", "-at_install")
class TestAreas(KamCase):
    """An item appears only when its area is on and the role may read it."""

    def _menus(self, user):
        """Names of the items the user can reach from the root of the app."""
        self.env.flush_all()
        self.env.registry.clear_all_caches()
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        todo, found = list(menus["root"]["children"]), set()
        while todo:
            menu = menus[todo.pop()]
            todo += menu["children"]
            if (menu["xmlid"] or "").startswith("key_account_mgmt.kam_"):
                found.add(menu["xmlid"].partition(".kam_")[2].removesuffix("_menu"))
        return found

    def _tick(self, area, value):
        Settings = self.env["res.config.settings"]
        Settings.create({f"group_kam_area_{area}": value}).set_values()

    def test_what_exists_is_on(self):
        names = [f"group_kam_area_{area}" for area in AREAS]
        values = self.env["res.config.settings"].default_get(names)
        self.assertEqual([values[name] for name in names], [True] * len(names))
        names = [f"group_kam_area_{area}" for area in LATER]
        values = self.env["res.config.settings"].default_get(names)
        self.assertEqual([values[name] for name in names], [False] * len(names))

    def test_an_area_that_is_off_has_no_menu(self):
        users = (self.officer, self.gm, self.admin, self.auditor)
        for area in LATER:
            self._tick(area, True)
        before = {user: self._menus(user) for user in users}
        areas = AREAS | LATER
        for area, menus in areas.items():
            self._tick(area, False)
            for user in users:
                gone = before[user] - self._menus(user)
                self.assertLessEqual(gone & set().union(*areas.values()), set(menus), area)
                self.assertFalse(set(menus) & self._menus(user), area)
                self.assertTrue(gone, f"{area} {user.name}")
            self._tick(area, True)
            for user in users:
                self.assertEqual(self._menus(user), before[user], area)

    def test_an_area_that_is_on_shows_nothing_to_whom_it_does_not_concern(self):
        for area in LATER:
            self._tick(area, True)
        self.assertFalse(self._menus(self.seller) & set().union(*(AREAS | LATER).values()))
        mine = self._menus(self.member)
        self.assertIn("visit", mine)
        self.assertNotIn("qualification", mine)
        self.assertNotIn("opening_figure", mine)

    def test_no_section_has_more_than_seven_entries(self):
        """Source: users §6."""
        for area in LATER:
            self._tick(area, True)
        root = self.env.ref("key_account_mgmt.kam_menu_root").id
        for user in (self.member, self.user, self.officer, self.gm, self.admin, self.auditor):
            self.env.registry.clear_all_caches()
            menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
            for section in menus[root]["children"]:
                entries = [menus[child]["name"] for child in menus[section]["children"]]
                self.assertLessEqual(len(entries), 7, (user.name, menus[section]["name"], entries))

    def test_scheduled_work_and_setting_up_are_where_they_belong(self):
        for user, expected in (
            (self.admin, {"job", "onboarding"}),
            (self.officer, {"job_menu_reading"}),
            (self.auditor, {"job_menu_reading"}),
            (self.user, set()),
        ):
            found = self._menus(user) & {"job", "onboarding", "job_menu_reading"}
            self.assertEqual(found, expected, user.name)

    def test_switching_on_at_installation_rewrites_no_user(self):
        area = self.env.ref("key_account_mgmt.group_kam_area_figures")
        self._tick("figures", False)
        self.assertFalse(self.officer.has_group("key_account_mgmt.group_kam_area_figures"))

        def rows():
            self.env.flush_all()
            return [
                self.env.execute_query(
                    SQL(
                        "SELECT id, xmin::text, ctid::text FROM %s ORDER BY id",
                        SQL.identifier(table),
                    )
                )
                for table in ("res_users", "res_partner")
            ]

        before = rows()
        area._kam_switch_on()
        self.assertEqual(rows(), before)
        self.assertTrue(self.officer.has_group("key_account_mgmt.group_kam_area_figures"))
        area._kam_switch_on()

    def test_no_yearly_round_where_tier_evaluations_are_off(self):
        Evaluation = self.env["kam.tier.evaluation"]
        self.assertTrue(Evaluation._yearly_is_on())
        self._tick("tier", False)
        self.assertFalse(Evaluation._yearly_is_on())
