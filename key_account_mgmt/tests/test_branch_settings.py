from datetime import date

from odoo import Command
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval

from .common import KamCase

# Setting: (as it is without a word, what the root says, what is typed in the branch)
SETTINGS = {
    "kam_go_live_date": (False, date(2026, 1, 1), date(2026, 2, 1)),
    "kam_amount_unit": ("1", "10000", "1000000"),
    "kam_notice_channel": ("email", "chat", "webhook"),
    "kam_notice_webhook_kind": (False, "wecom", "feishu"),
    "kam_notice_webhook_url": (False, "https://one.example", "https://two.example"),
    "kam_handover_grace": (10, 4, 0),
    "kam_profile_months": (6, 3, 9),
    "kam_large_deal_amount": (1_000_000.0, 5_000.0, 7_000.0),
    "kam_sponsor_months": (6, 2, 8),
    "kam_visit_report_days": (3, 2, 5),
    "kam_visit_missed_days": (10, 7, 12),
    "kam_visit_preparation": (True, False, True),
    "kam_pursuit_months": (6, 3, 9),
    "kam_pursuit_warn_days": (30, 20, 25),
    "kam_pursuit_release_days": (60, 40, 50),
    "kam_bid_threshold": (3.0, 2.5, 4.0),
    "kam_bid_sign_days": (30, 20, 40),
    "kam_bid_needs_pursuit": (False, True, False),
    "kam_interest_rate": (5.0, 3.5, 4.0),
    "kam_authorization_days": (90, 30, 60),
    "kam_prospect_days": (90, 60, 120),
    "kam_stage_owners": (False, True, False),
    "kam_stage_limit": (False, True, False),
    "kam_lead_scores_required": (False, True, False),
    "kam_contract_expiry_days": (90, 60, 120),
    "kam_issue_delivery": (True, False, True),
    "kam_status_due_day": (5, 8, 10),
    "kam_status_sales_yellow": (100, 95, 90),
    "kam_status_sales_red": (80, 70, 75),
    "kam_status_visits_red": (50, 40, 60),
    "kam_status_issues_red": (1, 2, 3),
    "kam_status_overdue_yellow": (10, 5, 15),
    "kam_status_overdue_red": (30, 20, 40),
    "kam_churn_months": (12, 6, 18),
    "kam_scorecard_review_days": (5, 3, 10),
    "kam_scorecard_acknowledge_days": (7, 5, 14),
}


@tagged("post_install", "-at_install")
class TestBranchSettings(KamCase):
    """A branch has no settings of its own: it shows and writes those of its root company."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls._new_company("Yunting Suzhou", cls.cny, parent=cls.company)
        cls.head = cls._new_user("head", "base.group_system,key_account_mgmt.group_kam_admin")
        cls.head.company_ids = [Command.set((cls.company | cls.branch).ids)]
        cls.local = cls._new_user("local", "key_account_mgmt.group_kam_user")
        cls.local.write({"company_ids": [Command.set(cls.branch.ids)], "company_id": cls.branch.id})

    def _settings(self, company, **values):
        model = self._as(self.env["res.config.settings"], self.head).with_context(
            allowed_company_ids=company.ids
        )
        return model.create(values)

    def _save(self, company, **values):
        """As the page does: whatever it shows, with what was changed."""
        shown = self._settings(company)
        self._settings(company, **{name: shown[name] for name in SETTINGS} | values)
        self.env.flush_all()
        self.env.invalidate_all()

    def test_every_setting_is_listed(self):
        """One that is new is put to this test, too."""
        fields = self.env["res.config.settings"]._fields
        ours = {name for name in fields if name.startswith("kam_")}
        self.assertEqual(
            ours,
            {
                *SETTINGS,
                "kam_currency_id",
                "kam_guard_from",
                "kam_primary_scheme_id",
                "kam_status_leader_ids",
            },
        )

    def _check(self, name, value):
        for company in (self.company, self.branch):
            self.assertEqual(self._settings(company)[name], value, f"{name}, {company.name}")

    def test_a_branch_shows_and_writes_what_its_root_says(self):
        for name, (unsaid, of_root, of_branch) in SETTINGS.items():
            with self.subTest(name):
                self._check(name, unsaid)
                self._save(self.company, **{name: of_root})
                self._check(name, of_root)
                self._save(self.branch, **{name: of_branch})
                self._check(name, of_branch)

    def test_saving_in_a_branch_keeps_what_was_not_changed(self):
        for name, (_unsaid, of_root, _of_branch) in SETTINGS.items():
            self._save(self.company, **{name: of_root})
        self._save(self.branch)
        for name, (_unsaid, of_root, _of_branch) in SETTINGS.items():
            self._check(name, of_root)
            field = self.env["res.company"]._fields.get(name)
            if field and name != "kam_visit_preparation":
                self.assertFalse(self.branch.sudo()[name], name)

    def test_a_branch_shows_the_contract_control_of_its_root(self):
        """It is switched on in a dialog of its own; the page changes nothing."""
        tiers = self.s3.tier_ids[:1]
        self.company.write({"kam_guard_tier_ids": [Command.set(tiers.ids)]})
        self.company.kam_guard_from = date(2026, 3, 1)
        self._check("kam_guard_from", date(2026, 3, 1))
        self._save(self.branch)
        self._save(self.company)
        self._check("kam_guard_from", date(2026, 3, 1))

    def test_whoever_works_in_the_branch_only_follows_the_root(self):
        for name in ("kam_large_deal_amount", "kam_sponsor_months", "kam_amount_unit"):
            self._save(self.company, **{name: SETTINGS[name][1]})
        branch = self._as(self.branch, self.local)
        self.assertEqual(branch._kam_large_deal_limit(), 5_000.0)
        self.assertEqual(branch._kam_sponsor_silent_months(), 2)
        self.assertEqual(branch._kam_amount_unit(), 10_000)
        self.assertEqual(branch._kam_handover_grace(), 10)
        self.assertEqual(branch._kam_profile_months(), 6)
        self.assertEqual(branch._kam_visit_report_days(), 3)
        self.assertTrue(branch._kam_today())

    def test_a_branch_offers_the_schemes_of_its_root(self):
        own = self.s0.copy({"company_id": self.company.id, "active": True})
        domain = self.env["res.config.settings"]._fields["kam_primary_scheme_id"].domain
        wanted = safe_eval(domain, {"company_id": self.branch.id})
        self.assertIn(own, self.env["kam.tier.scheme"].search(wanted))
