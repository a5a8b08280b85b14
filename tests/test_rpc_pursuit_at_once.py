"""Two people register the same deal at the same moment: one number each, one protected."""

from client import RefusedError
from test_rpc_at_once import at_once

PURSUIT = "kam.pursuit"
ROUNDS = 3


def applied(site, scope, project):
    """A pursuit that waits for its registration, of an opportunity of its own."""
    office = site.client("office")
    lead = office.create(
        "crm.lead",
        name=project,
        type="opportunity",
        partner_id=site.ids["Gobi Rail"],
        user_id=site.ids["office"],
        expected_revenue=1000.0,
        kam_project=project,
        kam_scope_ids=[[6, 0, [scope]]],
    )
    values = {"lead_id": lead, "objective": "Supply all doors", "first_step": "See them"}
    pursuit = office.create(PURSUIT, **values)
    office.call(PURSUIT, "action_apply", pursuit)
    return pursuit


def register(site, login, pursuit):
    client = site.client(login)
    return lambda: client.call(PURSUIT, "action_register", pursuit)


def numbers(site, *pursuits):
    rows = site.sql(
        f"SELECT number FROM kam_pursuit WHERE id IN ({', '.join(map(str, pursuits))})"
        " AND number IS NOT NULL ORDER BY number"
    )
    return [row for row in rows if row]


def test_two_register_at_once(site):
    scope = site.client("policyadmin").create("kam.product.scope", name="Doors")
    for number in range(ROUNDS):
        project = f"Line {number}{number}"
        pair = [applied(site, scope, project) for _ in range(2)]
        answers = at_once(register(site, "office", pair[0]), register(site, "director", pair[1]))
        assert answers.count(True) == 1, answers
        [other] = [answer for answer in answers if answer is not True]
        assert isinstance(other, (RefusedError, dict)), other
        assert len(numbers(site, *pair)) == 1
        # The second one needs a reason, and gets a number of its own.
        [left] = site.sql(
            f"SELECT id FROM kam_pursuit WHERE id IN ({pair[0]}, {pair[1]}) AND number IS NULL"
        )
        director = site.client("director")
        step = {"pursuit_id": int(left), "step": "admit", "text": "Two plants"}
        wizard = director.create("kam.pursuit.wizard", **step)
        director.call("kam.pursuit.wizard", "action_apply", wizard)
        first, second = numbers(site, *pair)
        assert int(second[-4:]) == int(first[-4:]) + 1


def test_one_is_registered_by_two(site):
    scope = site.client("policyadmin").create("kam.product.scope", name="Rails")
    for number in range(ROUNDS):
        pursuit = applied(site, scope, f"Tower {number}{number}")
        before = len(site.sql("SELECT id FROM kam_pursuit WHERE number IS NOT NULL"))
        answers = at_once(*(register(site, login, pursuit) for login in ("office", "director")))
        assert answers.count(True) == 1, answers
        [refusal] = [answer for answer in answers if answer is not True]
        assert refusal.name == "UserError", refusal
        after = len(site.sql("SELECT id FROM kam_pursuit WHERE number IS NOT NULL"))
        assert after == before + 1
