"""Two people act on the same request at the same moment: one of them decides."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from client import RefusedError
from journey import EVALUATION, STEP, step_of, submit_one

REQUEST = "kam.approval.request"
ROUNDS = 3
# what each of two does with (step, request): (login, model, method, arguments)
APPROVE = ("boss", STEP, "action_approve", {"comment": "Yes"})
AS_WELL = ("director", STEP, "action_approve", {"comment": "Yes"})
REFUSE = ("director", STEP, "action_refuse", {"comment": "No"})
RETURN = ("director", STEP, "action_return", {"comment": "Not yet"})
WITHDRAW = ("office", REQUEST, "action_withdraw", {})
PAIRS = {
    "both approve": (APPROVE, AS_WELL),
    "approve and refuse": (APPROVE, REFUSE),
    "approve and return": (APPROVE, RETURN),
    "approve and withdraw": (APPROVE, WITHDRAW),
    "clicked twice": (APPROVE, APPROVE),
}
RESULTS = {
    "action_approve": ("approve", "approved"),
    "action_refuse": ("refuse", "refused"),
    "action_return": ("return", "returned"),
    "action_withdraw": ("withdraw", "withdrawn"),
}


@pytest.fixture(scope="module", autouse=True)
def two_approvers(site):
    """The director may decide what the general manager may."""
    [group] = site.sql(
        "SELECT res_id FROM ir_model_data WHERE model = 'res.groups' AND name = 'group_kam_gm'"
    )
    site.client("admin").write("res.users", site.ids["director"], group_ids=[[4, int(group), 0]])


def at_once(*calls):
    """Run calls at the same moment; returns what each answered or raised."""
    start = threading.Barrier(len(calls))

    def run(call):
        start.wait()
        try:
            return call()
        except RefusedError as refusal:
            return refusal

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def caller(site, act, step, request):
    login, model, method, arguments = act
    client, ids = site.client(login), {STEP: step, REQUEST: request}[model]
    return lambda: client.call(model, method, ids, **arguments)


def submitted(site, name):
    """A request that waits for both: (evaluation, step, request)."""
    evaluation = submit_one(site.client("office"), site.ids["Delta Homes"], name)
    step = step_of(site.client("director"), evaluation)
    return evaluation, step, site.client("boss").read(STEP, step, "request_id")[0]


def votes(site, request):
    statement = f"SELECT kind FROM kam_approval_decision WHERE request_id = {request} ORDER BY id"
    return site.sql(statement)


@pytest.mark.parametrize("case", PAIRS)
def test_one_of_two_decides(site, case):
    """Exactly one decision is recorded; the other hears that it was decided."""
    for number in range(ROUNDS):
        name = f"{case} {number}"
        _evaluation, step, request = submitted(site, name)
        acts = PAIRS[case]
        answers = at_once(*(caller(site, act, step, request) for act in acts))
        [(winner, _answer)] = [
            (act, answer)
            for act, answer in zip(acts, answers, strict=True)
            if not isinstance(answer, RefusedError)
        ]
        [refusal] = [answer for answer in answers if isinstance(answer, RefusedError)]
        assert refusal.name == "UserError", refusal
        assert f"“{name}”" in str(refusal), refusal
        kind, state = RESULTS[winner[2]]
        assert votes(site, request) == [kind]
        assert site.client("boss").read(REQUEST, request, "state") == state


def test_both_count_where_both_must_agree(site):
    """Whoever was told that somebody else is deciding decides a moment later."""
    admin = site.client("policyadmin")
    [origin] = admin.search(
        "kam.approval.step",
        ("name", "=", "General Manager"),
        ("route_id.res_model", "=", EVALUATION),
    )
    admin.write("kam.approval.step", origin, quorum="all")
    evaluation, step, request = submitted(site, "Both")
    calls = [caller(site, act, step, request) for act in (APPROVE, AS_WELL)]
    answers = at_once(*calls)
    for call, answer in zip(calls, answers, strict=True):
        if isinstance(answer, RefusedError):
            assert answer.name == "UserError"
            assert "Somebody else is deciding" in str(answer)
            call()
    assert votes(site, request) == ["approve", "approve"]
    assert site.client("boss").read(EVALUATION, evaluation, "state") == "applied"
