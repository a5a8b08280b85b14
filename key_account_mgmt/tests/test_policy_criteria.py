from odoo.tests import BaseCase

from odoo.addons.key_account_mgmt.policy import criteria as policy
from odoo.addons.key_account_mgmt.policy.criteria import Criterion, Level

SALES, STANDING, FAMOUS, COMPETITOR, MAIN_SALES, MAIN_STANDING, BENCHMARK = range(1, 8)
STRATEGIC, KEY, MAIN, GENERAL = 10, 20, 30, 40


def s3_levels():
    """The strategic / key / main / general scheme in policy terms."""
    return [
        Level(
            STRATEGIC,
            1,
            (Criterion(FAMOUS, 1, "has"), Criterion(COMPETITOR, 1, "has_not")),
        ),
        Level(
            KEY,
            2,
            (
                Criterion(SALES, 1, ">=", 20_000_000),
                Criterion(STANDING, 1, ">=", 3, declared=True),
            ),
        ),
        Level(
            MAIN,
            3,
            (
                Criterion(MAIN_SALES, 1, ">=", 5_000_000),
                Criterion(MAIN_STANDING, 1, ">=", 2, declared=True),
            ),
        ),
        Level(GENERAL, 4),
    ]


class TestPolicyCriteria(BaseCase):
    def _suggest(self, sales=None, standing=None, famous=None, competitor=None):
        values = {
            SALES: sales,
            MAIN_SALES: sales,
            STANDING: standing,
            MAIN_STANDING: standing,
            FAMOUS: famous,
            COMPETITOR: competitor,
        }
        levels = s3_levels()
        verdicts = {
            c.key: policy.judge(c, values[c.key]) for level in levels for c in level.criteria
        }
        return policy.suggest(levels, verdicts, GENERAL), verdicts

    def test_the_bound_belongs_to_the_level(self):
        """以上 includes the number itself.  Source: S0-15, S3-15, g Q6."""
        criterion = Criterion(1, 1, ">=", 20_000_000)
        self.assertEqual(policy.judge(criterion, 19_999_999.99), "not_met")
        self.assertEqual(policy.judge(criterion, 20_000_000), "met")
        self.assertEqual(policy.judge(criterion, 20_000_000.01), "met")

    def test_an_upper_bound_is_open(self):
        """Half-open bands: no amount falls into two levels.  Source: S0-18, g Q6."""
        below = Criterion(1, 1, "<", 20_000_000)
        self.assertEqual(policy.judge(below, 19_999_999.99), "met")
        self.assertEqual(policy.judge(below, 20_000_000), "not_met")

    def test_every_comparison(self):
        for compare, met in {">": (11,), "<=": (9, 10), "=": (10,), ">=": (10, 11)}.items():
            criterion = Criterion(1, 1, compare, 10)
            verdicts = [policy.judge(criterion, value) for value in (9, 10, 11)]
            wanted = ["met" if value in met else "not_met" for value in (9, 10, 11)]
            self.assertEqual(verdicts, wanted, compare)

    def test_sums_of_cents_reach_the_round_number(self):
        """Binary noise of a sum does not cost a level.  Source: S0-15."""
        criterion = Criterion(1, 1, ">=", 20_000_000)
        self.assertEqual(policy.judge(criterion, 19_999_999.999_999_9), "met")

    def test_no_threshold_switches_off_and_is_never_zero(self):
        """Source: S0-10, g Q1."""
        criterion = Criterion(1, 1, ">=", None)
        self.assertFalse(criterion.active)
        self.assertEqual(policy.judge(criterion, 5), "inactive")
        self.assertEqual(policy.judge(criterion, None), "inactive")
        zero = Criterion(1, 1, ">=", 0.0)
        self.assertTrue(zero.active)
        self.assertEqual(policy.judge(zero, 0.0), "met")

    def test_a_level_whose_criteria_are_all_off_never_matches(self):
        """It becomes a level decided by hand.  Source: S0-10, g Q1."""
        level = Level(1, 1, (Criterion(1, 1, ">=", None), Criterion(2, 2, ">=", None)))
        self.assertIs(policy.level_truth(level, {1: "inactive", 2: "inactive"}), False)

    def test_a_switched_off_criterion_does_not_hinder_its_group(self):
        """Source: S0-10, S0-16."""
        level = Level(1, 1, (Criterion(1, 1, ">=", 5), Criterion(2, 1, ">=", None)))
        self.assertIs(policy.level_truth(level, {1: "met", 2: "inactive"}), True)

    def test_groups_are_or_and_their_criteria_are_and(self):
        """Source: S0-09, S1n-04."""
        level = Level(
            1,
            1,
            (Criterion(1, 1, ">=", 5), Criterion(2, 1, ">=", 5), Criterion(3, 2, "has")),
        )
        for verdicts, truth in (
            (("met", "met", "not_met"), True),
            (("met", "not_met", "not_met"), False),
            (("not_met", "not_met", "met"), True),
            (("met", "missing", "not_met"), None),
            (("not_met", "missing", "not_met"), False),
            (("met", "missing", "met"), True),
            (("met", "no_data", "not_met"), False),
        ):
            found = policy.level_truth(level, dict(zip((1, 2, 3), verdicts, strict=True)))
            self.assertIs(found, truth, verdicts)

    def test_a_manual_level_never_matches_by_figures(self):
        """Source: S2-14."""
        level = Level(1, 1, (Criterion(1, 1, ">=", 5),), manual=True)
        self.assertIs(policy.level_truth(level, {1: "met"}), False)

    def test_yes_or_no_figures(self):
        """Source: S0-11, S3-08, S3-12."""
        has, has_not = Criterion(1, 1, "has"), Criterion(1, 1, "has_not")
        self.assertEqual(policy.judge_column(has, [1.0, 0.0, None]), ["met", "not_met", "not_met"])
        self.assertEqual(policy.judge_column(has_not, [1.0, None]), ["not_met", "met"])

    def test_expired_evidence_does_not_count(self):
        """Neither for a customer nor, unproven, as if nothing were known.  Source: S0-11, S3-12."""
        for compare in ("has", "has_not"):
            verdict = policy.judge(Criterion(1, 1, compare), policy.EXPIRED)
            self.assertEqual(verdict, "expired")
        level = Level(1, 1, (Criterion(1, 1, "has"),))
        self.assertIs(policy.level_truth(level, {1: "expired"}), False)

    def test_an_outdated_assessment_is_work_to_do(self):
        """A standing to be assessed again drops nobody: no suggestion.  Source: g Q5."""
        standing = Criterion(1, 1, ">=", 3, declared=True)
        self.assertEqual(policy.judge(standing, policy.EXPIRED), "outdated")
        level = Level(1, 1, (standing,))
        self.assertIsNone(policy.level_truth(level, {1: "outdated"}))

    def test_what_holds_beats_what_has_expired(self):
        """In a group the best evidence of any member counts.  Source: g Q5, S1n-06."""
        for first, second, best in (
            (policy.EXPIRED, 2.0, 2.0),
            (2.0, policy.EXPIRED, 2.0),
            (1.0, 2.0, 2.0),
            (policy.EXPIRED, policy.EXPIRED, policy.EXPIRED),
        ):
            self.assertEqual(policy.highest(first, second), best)

    def test_not_assessed_is_not_general(self):
        """Enough sales but no standing: work to do, no suggestion.  Source: S3-18, S3-19, g Q5."""
        suggestion, verdicts = self._suggest(sales=30_000_000, standing=None)
        self.assertEqual(suggestion, policy.Suggestion(None, "unassessed"))
        self.assertEqual(verdicts[STANDING], "missing")
        suggestion, _verdicts = self._suggest(sales=5_000_000, standing=None)
        self.assertEqual(suggestion.code, "unassessed")

    def test_small_customers_bother_nobody(self):
        """Where the standing could not change anything it need not be assessed.  Source: S3-19."""
        suggestion, _verdicts = self._suggest(sales=4_999_999, standing=None)
        self.assertEqual(suggestion, policy.Suggestion(GENERAL, "fallback"))

    def test_an_unknown_higher_level_leaves_a_certain_lower_one_open(self):
        """Famous brand and competitor known, key certain, strategic open.  Source: g Q5."""
        levels = [
            Level(1, 1, (Criterion(1, 1, ">=", 3, declared=True),)),
            Level(2, 2, (Criterion(2, 1, ">=", 5),)),
        ]
        suggestion = policy.suggest(levels, {1: "missing", 2: "met"}, 9)
        self.assertEqual(suggestion, policy.Suggestion(None, "unassessed"))
        suggestion = policy.suggest(levels[::-1], {1: "missing", 2: "met"}, 9)
        self.assertEqual(suggestion, policy.Suggestion(2, "matched"))

    def test_the_highest_matching_level_is_suggested(self):
        """Source: S3-08, S3-12, S3-15 – S3-19."""
        for figures, level in (
            ({"sales": 20_000_000, "standing": 3}, KEY),
            ({"sales": 20_000_000, "standing": 2}, MAIN),
            ({"sales": 20_000_000, "standing": 1}, GENERAL),
            ({"sales": 19_999_999, "standing": 3}, MAIN),
            ({"sales": 5_000_000, "standing": 3}, MAIN),
            ({"sales": 4_000_000, "standing": 3}, GENERAL),
            ({"sales": 0, "famous": 1}, STRATEGIC),
            ({"sales": 0, "famous": 1, "competitor": 1}, GENERAL),
        ):
            suggestion, _verdicts = self._suggest(**figures)
            self.assertEqual(suggestion.level, level, figures)

    def test_without_fallback_nothing_is_suggested(self):
        levels = [Level(1, 1, (Criterion(1, 1, ">=", 5),))]
        self.assertEqual(
            policy.suggest(levels, {1: "not_met"}), policy.Suggestion(None, "fallback")
        )

    def test_what_is_missing_is_the_shortest_way(self):
        """Source: S2-08, g Q5."""
        level = Level(
            1,
            1,
            (
                Criterion(1, 1, ">=", 5),
                Criterion(2, 1, ">=", 5),
                Criterion(BENCHMARK, 2, "has"),
                Criterion(4, 3, ">=", None),
            ),
        )
        verdicts = {1: "not_met", 2: "missing", BENCHMARK: "not_met", 4: "inactive"}
        self.assertEqual([c.key for c in policy.missing_for(level, verdicts)], [BENCHMARK])
        verdicts = {1: "met", 2: "missing", BENCHMARK: "met", 4: "inactive"}
        self.assertEqual(policy.missing_for(level, verdicts), [])
        self.assertEqual(policy.missing_for(Level(1, 1), {}), [])

    def test_negative_figures_are_figures(self):
        """Refunds larger than invoices.  Source: g Q2."""
        suggestion, _verdicts = self._suggest(sales=-100.0, standing=3)
        self.assertEqual(suggestion.level, GENERAL)
