from datetime import date

from odoo.tests import tagged

from .common import KamCase


@tagged("post_install", "-at_install")
class TestAccountMerge(KamCase):
    """Odoo's contact merge keeps every file and its history; design §3."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.source = cls._customer("Tianheng (double)", 6e6)
        cls.kept = cls._customer("Tianheng", 10e6)

    def _merge(self, *partners, into=None):
        into = into or self.kept
        records = self.env["res.partner"].concat(into, *partners)
        self.env["base.partner.merge.automatic.wizard"]._merge(records.ids, into)
        self.env.invalidate_all()

    def _accounts(self, partner, **equal):
        domain = [("partner_id", "=", partner.id)] + [(n, "=", v) for n, v in equal.items()]
        return self.env["kam.account"].with_context(active_test=False).search(domain)

    def test_only_the_source_has_a_file(self):
        """It moves over, with everything on it."""
        account = self._hold(self._account(self.source, self.user), self.key)
        self._merge(self.source)
        self.assertEqual(account.partner_id, self.kept)
        self.assertEqual((account.active, account.tier_id), (True, self.key))
        self.assertEqual(self.kept.kam_account_id, account)
        self.assertEqual(self.kept.kam_tier_id, self.key)
        self.assertEqual(account.assignment_ids.tier_id, self.key)

    def test_only_the_destination_has_a_file(self):
        account = self._hold(self._account(self.kept), self.key)
        self._merge(self.source)
        self.assertEqual(self.kept.kam_account_id, account)
        self.assertEqual(account.tier_id, self.key)

    def test_both_hold_the_same_level(self):
        old = self._hold(self._account(self.source, self.user), self.key, date(2024, 1, 1))
        new = self._hold(self._account(self.kept), self.key, date(2025, 1, 1))
        self._merge(self.source)
        self.assertEqual((old.active, old.merged_into_id), (False, new))
        self.assertEqual((new.active, new.tier_id), (True, self.key))
        self.assertEqual(self.kept.kam_account_id, new)
        history = new.assignment_ids.sorted("date_from")
        self.assertEqual(history.mapped("date_from"), [date(2024, 1, 1), date(2025, 1, 1)])
        self.assertEqual([bool(a.date_to) for a in history], [True, False])
        self.assertFalse(
            self.env["kam.tier.evaluation"].search([("partner_ids", "in", self.kept.ids)])
        )

    def test_conflicting_levels_open_an_evaluation(self):
        """The destination's level stands until the office decides."""
        old = self._hold(self._account(self.source), self.main)
        new = self._hold(self._account(self.kept), self.key)
        self._merge(self.source)
        self.assertEqual(new.tier_id, self.key)
        evaluation = self.env["kam.tier.evaluation"].search([("partner_ids", "in", self.kept.ids)])
        self.assertEqual(len(evaluation), 1)
        self.assertEqual((evaluation.state, evaluation.scheme_ids), ("draft", self.s3))
        self.assertFalse(old.assignment_ids)
        self.assertEqual(set(new.assignment_ids.mapped("tier_id.code")), {"main", "key"})
        evaluation.with_user(self.officer).action_compute()
        self.assertEqual(evaluation.line_ids.sales, 16e6)

    def test_the_source_gives_the_level_the_destination_lacks(self):
        self._hold(self._account(self.source), self.key)
        new = self._account(self.kept)
        self._merge(self.source)
        self.assertEqual((new.tier_id, self.kept.kam_tier_id), (self.key, self.key))

    def test_three_at_once_and_a_chain_of_merges(self):
        """A contact that took others in before can be merged itself."""
        third = self._customer("Tianheng (third)")
        first, second = (self._hold(self._account(p), self.key) for p in (self.source, third))
        self._merge(self.source, third)
        active = self._accounts(self.kept, active=True)
        self.assertEqual(len(active), 1)
        self.assertEqual(len(self._accounts(self.kept)), 2)
        final = self._customer("Tianheng Group")
        self._merge(self.kept, into=final)
        self.assertEqual(final.kam_account_id, active)
        self.assertEqual(self._accounts(final), first | second)

    def test_the_chain_ends_at_a_file_of_its_own(self):
        self._hold(self._account(self.source), self.key)
        self._hold(self._account(self.kept), self.key)
        self._merge(self.source)
        final = self._customer("Tianheng Group")
        account = self._hold(self._account(final), self.key)
        self._merge(self.kept, into=final)
        self.assertEqual(final.kam_account_id, account)
        self.assertEqual(len(self._accounts(final)), 3)
        self.assertEqual(len(account.assignment_ids), 3)

    def test_the_team_and_the_group_move_over(self):
        old = self._account(self.source)
        new = self._account(self.kept)
        child = self._account(self._customer("Plant"), parent=old)
        role = self.env["kam.team.role"].search([], limit=1)
        member = self.env["kam.team.member"].create(
            {"account_id": old.id, "user_id": self.member.id, "role_id": role.id}
        )
        self._merge(self.source)
        self.assertEqual((member.account_id, child.parent_id), (new, new))

    def test_a_head_merged_into_its_own_group_leaves_no_cycle(self):
        head = self._account(self.source)
        middle = self._account(self._customer("Middle"), parent=head)
        below = self._account(self.kept, parent=middle)
        self._merge(self.source)
        self.assertEqual(middle.parent_id, below)
        self.assertFalse(below.parent_id)
        self.assertEqual(middle.group_root_id, below)

    def test_declarations_move_over(self):
        """The latest one counts.  Source: S0-11, S3-16."""
        self._stand(self.source, "leading", date=date(2026, 2, 1))
        self._stand(self.kept, "medium", date=date(2025, 2, 1))
        self._qualify(self.source, "famous_brand")
        self._qualify(self.source, "strategic_significance")
        self._merge(self.source)
        evaluation = self._evaluation(self.kept)
        self.assertEqual(evaluation.line_ids.suggested_tier_id, self.strategic)
        standing = evaluation.line_ids.result_ids.filtered(
            lambda r: r.metric_id.code == "industry_standing"
        )
        self.assertEqual(set(standing.mapped("value")), {3.0})

    def test_opening_figures_are_added_up(self):
        self._merge(self.source)
        self.assertEqual(self._evaluation(self.kept).line_ids.sales, 16e6)

    def test_the_opening_classification_of_both_is_no_obstacle(self):
        """The earliest known day of the customer stays known."""
        Opening = self.env["kam.opening.classification"]
        for partner, since in ((self.source, "2001-01-01"), (self.kept, "2010-01-01")):
            Opening.create(
                {
                    "partner_id": partner.id,
                    "company_id": self.company.id,
                    "customer_since": since,
                }
            )
        self._merge(self.source)
        self.assertEqual(Opening._customer_since(self.company)[self.kept.id], date(2001, 1, 1))

    def test_evaluations_of_the_source_stay_readable(self):
        account = self._account(self.source)
        evaluation = self._evaluation(self.source)
        self._approve(evaluation)
        kept = self._account(self.kept)
        self._merge(self.source)
        self.assertEqual(evaluation.line_ids.partner_id, self.kept)
        self.assertEqual(account.merged_into_id, kept)

    def test_two_companies_are_merged_each_for_itself(self):
        other = self._new_company("Yunting Rail", self.cny)
        here = self._account(self.source)
        there = self._account(self.kept, company=other)
        self._merge(self.source)
        self.assertEqual(self.kept.kam_account_id, here)
        self.assertEqual(self.kept.with_company(other).kam_account_id, there)

    def test_suggestions_of_the_source_do_not_stop_the_merge(self):
        self._hold(self._account(self.source), self.key)
        self._account(self.kept)
        self._job("_cron_nightly", self.day)
        self._merge(self.source)
        self._job("_cron_nightly", self.day)
        self.assertEqual(self.kept.kam_tier_id, self.key)
