from datetime import date

from odoo.tests import BaseCase, tagged

from ..policy import routing
from ..policy.routing import Route, Step


@tagged("post_install", "-at_install")
class TestApprovalRouting(BaseCase):
    """The pure functions, without a database."""

    def test_first_route_by_sequence_that_accepts(self):
        routes = [Route(1, 20, None), Route(2, 10, None), Route(3, 10, None)]
        self.assertEqual(routing.choose_route(routes, {1}, lambda route: True), 2)
        self.assertEqual(routing.choose_route(routes, {1}, lambda route: route != 2), 3)
        self.assertIsNone(routing.choose_route(routes, {1}, lambda route: False))

    def test_company_of_the_route(self):
        routes = [Route(1, 1, 7), Route(2, 2, None)]
        self.assertEqual(routing.choose_route(routes, {7, 8}, lambda route: True), 1)
        self.assertEqual(routing.choose_route(routes, {8}, lambda route: True), 2)

    def test_eligible_approvers(self):
        self.assertEqual(routing.eligible_approvers([1, 2], {2}, 3), [1])
        self.assertEqual(routing.eligible_approvers([2], {2}, 3), [3])
        self.assertEqual(routing.eligible_approvers([], {2}, 2), [])
        self.assertEqual(routing.eligible_approvers([], set()), [])

    def test_next_steps_and_outcome(self):
        cases = (
            (["waiting", "waiting"], [1], "pending"),
            (["pending", "waiting"], [], "pending"),
            (["approved", "waiting"], [2], "pending"),
            (["approved", "skipped"], [], "approved"),
            (["refused", "waiting"], [], "refused"),
            ([], [], "pending"),
        )
        for states, wanted, outcome in cases:
            steps = [Step(n, n, state) for n, state in enumerate(states, start=1)]
            self.assertEqual(routing.next_steps(steps), wanted, states)
            self.assertEqual(routing.outcome(steps), outcome, states)

    def test_a_stage_is_asked_together_and_the_next_one_waits_for_all_of_it(self):
        together = [Step(1, 1, "waiting"), Step(2, 1, "waiting"), Step(3, 2, "waiting")]
        self.assertEqual(routing.next_steps(together), [1, 2])
        half = [Step(1, 1, "approved"), Step(2, 1, "pending"), Step(3, 2, "waiting")]
        self.assertEqual(routing.next_steps(half), [])
        done = [Step(1, 1, "approved"), Step(2, 1, "skipped"), Step(3, 2, "waiting")]
        self.assertEqual(routing.next_steps(done), [3])

    def test_stages(self):
        for parallel, wanted in (
            ([], []),
            ([True, False], [1, 2]),
            ([False, True, True, False, True], [1, 1, 1, 2, 2]),
        ):
            self.assertEqual(routing.stages(parallel), wanted)

    def test_quorum(self):
        """(quorum, n, approvers, approvals, refusals): one (或签), all (会签), n of m."""
        for vote, state in (
            (("any", 0, 3, 0, 0), "pending"),
            (("any", 0, 3, 1, 0), "approved"),
            (("any", 0, 3, 0, 1), "refused"),
            (("all", 0, 3, 2, 0), "pending"),
            (("all", 0, 3, 3, 0), "approved"),
            (("all", 0, 3, 2, 1), "refused"),
            (("number", 2, 3, 1, 0), "pending"),
            (("number", 2, 3, 2, 0), "approved"),
            (("number", 2, 3, 0, 1), "pending"),
            (("number", 2, 3, 1, 1), "pending"),
            (("number", 2, 3, 1, 2), "refused"),
            # Fewer people than wanted: all of them.
            (("number", 3, 2, 1, 0), "pending"),
            (("number", 3, 2, 2, 0), "approved"),
        ):
            self.assertEqual(routing.step_outcome(*vote), state, vote)

    def test_amounts_are_half_open(self):
        """Source: g Q16."""
        for amount, wanted in ((99.99, False), (100, True), (199.99, True), (200, False)):
            self.assertEqual(routing.within(amount, 100, 200), wanted, amount)
        self.assertTrue(routing.within(10**9, 100, 0))

    def test_escalation_levels(self):
        for hours, level in ((-0.1, 0), (0, 1), (7.9, 1), (8, 2), (100, 2)):
            self.assertEqual(routing.due_level(hours, [0, 8]), level, hours)

    def test_a_step_sees_its_part(self):
        values = {"amount": 1, "terms": 2}
        self.assertEqual(routing.part(values, ["terms", "gone"]), {"terms": 2})
        self.assertEqual(routing.part(values, []), values)

    def test_delegation_includes_both_days(self):
        first, last = date(2028, 2, 28), date(2028, 2, 29)
        days = (date(2028, 2, 27), first, last, date(2028, 3, 1))
        answers = [routing.delegation_in_force(first, last, day) for day in days]
        self.assertEqual(answers, [False, True, True, False])

    def test_fingerprint_is_about_content(self):
        one = {"b": [1, date(2026, 1, 1)], "a": {3, 1}}
        two = {"a": {1, 3}, "b": [1, date(2026, 1, 1)]}
        self.assertEqual(routing.fingerprint(one), routing.fingerprint(two))
        self.assertNotEqual(routing.fingerprint([1, 2]), routing.fingerprint([2, 1]))
        self.assertNotEqual(routing.fingerprint({"a": "1"}), routing.fingerprint({"a": 1}))
        with self.assertRaises(TypeError):
            routing.fingerprint({"a": object()})
