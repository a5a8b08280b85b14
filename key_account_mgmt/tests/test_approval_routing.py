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

    def test_next_step_and_outcome(self):
        cases = (
            (["waiting", "waiting"], 1, "pending"),
            (["pending", "waiting"], None, "pending"),
            (["approved", "waiting"], 2, "pending"),
            (["approved", "skipped"], None, "approved"),
            (["refused", "waiting"], None, "refused"),
            ([], None, "pending"),
        )
        for states, wanted, outcome in cases:
            steps = [Step(n, n, state) for n, state in enumerate(states, start=1)]
            self.assertEqual(routing.next_step(steps), wanted, states)
            self.assertEqual(routing.outcome(steps), outcome, states)

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
