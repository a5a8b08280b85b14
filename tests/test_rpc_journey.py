"""The whole re-tiering by programs of real users, and what attackers get from it."""

import xmlrpc.client

import pytest
from client import RefusedError
from journey import (
    DECIDED,
    EVALUATION,
    LINE,
    STEP,
    approve,
    decided,
    step_of,
    submit_everybody,
    tier_id,
    tiers,
)

# Everything a decision rests on: whoever may not decide changes not one row of it.
DECIDING_TABLES = (
    "kam_account",
    "kam_tier",
    "kam_tier_assignment",
    "kam_tier_criterion",
    "kam_tier_evaluation",
    "kam_tier_evaluation_criterion",
    "kam_tier_evaluation_line",
    "kam_tier_evaluation_result",
    "kam_tier_scheme",
    "kam_qualification",
    "kam_industry_standing",
    "kam_approval_request",
    "kam_approval_request_step",
    "kam_approval_decision",
)


@pytest.fixture(scope="module")
def submitted(site):
    """An evaluation of everybody: computed, one line overridden, submitted by the office."""
    return submit_everybody(site.client("office"))


@pytest.fixture(scope="module")
def applied(site, submitted):
    """The same evaluation, approved by the general manager. Use it after `submitted`."""
    boss = site.client("boss")
    step = approve(boss, submitted)
    # Decided once, decided for good.
    with pytest.raises(RefusedError):
        boss.call(STEP, "action_refuse", step, comment="Changed my mind")
    return submitted


def contents(site):
    """A digest of every table a decision rests on."""
    return site.digest(dict.fromkeys(DECIDING_TABLES, "true"))


def test_lines_say_what_the_figures_suggest(site, submitted):
    """Bands, missing evidence, groups and what lacks for the next level.

    Source: S3-15 – S3-19, S2-08
    """
    office = site.client("office")
    assert decided(office, submitted) == DECIDED
    lines = office.call(
        LINE,
        "search_read",
        domain=[("evaluation_id", "=", submitted)],
        fields=["partner_id", "suggested_tier_id", "change", "code", "sales"],
    )
    by_name = {line["partner_id"][1]: line for line in lines}
    assert by_name["Fuji Parts"]["code"] == "unassessed"
    assert by_name["Borealis Elevators"]["change"] == "down"
    assert by_name["Everest Group"]["sales"] == 22_000_000
    assert by_name["Harbour Hoists"]["suggested_tier_id"][1] == "Main"


ATTACKERS = ("seller", "manager", "engineer", "auditor")


def attacks(site, evaluation):
    """(model, method, ids, arguments) that would change a decision if they got through."""
    key = tier_id(site.client("policyadmin"), "strategic")
    step = step_of(site.client("boss"), evaluation)
    borealis = site.ids["Borealis Elevators"]
    account, line, request, assignment = (
        int(site.sql(f"SELECT min(id) FROM {table}")[0])
        for table in (
            f"kam_account WHERE partner_id = {borealis}",
            f"kam_tier_evaluation_line WHERE evaluation_id = {evaluation}",
            f"kam_approval_request WHERE res_id = {evaluation}",
            "kam_tier_assignment",
        )
    )
    declared = {"partner_id": borealis, "company_id": 1}
    forged = {"kam_engine": True, "default_state": "approved", "default_tier_id": key}
    yield "kam.account", "write", [account], {"vals": {"tier_id": key}}
    yield "kam.account", "write", [account], {"vals": {"is_key_account": True}, "context": forged}
    yield "kam.account", "web_save", [account], {"vals": {"tier_id": key}, "specification": {}}
    yield "kam.account", "unlink", [account], {}
    yield "kam.account", "_assign_tier", [account], {}
    yield (
        "kam.account",
        "create",
        None,
        {"vals_list": [{"partner_id": site.ids["Fuji Parts"], "tier_id": key}]},
    )
    yield "kam.account", "load", None, {"fields": [".id", "tier_id/.id"], "data": [[account, key]]}
    yield "res.partner", "write", [borealis], {"vals": {"kam_tier_id": key}}
    yield "res.partner", "write", [borealis], {"vals": {"kam_account_id": False}}
    yield EVALUATION, "write", [evaluation], {"vals": {"state": "approved"}}
    yield EVALUATION, "write", [evaluation], {"vals": {"state": "approved"}, "context": forged}
    yield EVALUATION, "create", None, {"vals_list": [{"name": "x", "state": "approved"}]}
    yield EVALUATION, "create", None, {"vals_list": [{"name": "x"}], "context": forged}
    yield EVALUATION, "load", None, {"fields": ["name", "state"], "data": [["x", "approved"]]}
    yield EVALUATION, "copy", [evaluation], {"default": {"state": "approved"}}
    yield EVALUATION, "action_apply", [evaluation], {}
    yield EVALUATION, "action_compute", [evaluation], {}
    yield EVALUATION, "action_reset", [evaluation], {}
    yield EVALUATION, "action_withdraw", [evaluation], {}
    yield EVALUATION, "_apply", [evaluation], {"day": "2026-01-01"}
    yield EVALUATION, "_approval_granted", [evaluation], {}
    yield LINE, "write", [line], {"vals": {"decided_tier_id": key}}
    yield LINE, "write", [line], {"vals": {"decided_tier_id": key}, "context": forged}
    yield LINE, "action_take_suggestion", [line], {}
    yield LINE, "unlink", [line], {}
    yield LINE, "load", None, {
        "fields": [".id", "decided_tier_id/.id"], "data": [[line, key]],
    }  # fmt: skip
    yield "kam.tier.assignment", "write", [assignment], {"vals": {"tier_id": key}}
    yield (
        "kam.tier.assignment",
        "create",
        None,
        {"vals_list": [{"account_id": account, "tier_id": key, "date_from": "2026-01-01"}]},
    )
    yield "kam.qualification", "create", None, {"vals_list": [declared]}
    yield (
        "kam.industry.standing",
        "create",
        None,
        {"vals_list": [{**declared, "standing": "leading"}]},
    )
    yield "kam.tier", "write", [key], {"vals": {"is_key_account": False}}
    yield (
        "kam.approval.decision",
        "create",
        None,
        {"vals_list": [{"request_id": request, "kind": "approve", "user_id": 1, "approver_id": 1}]},
    )
    yield "kam.approval.request", "write", [request], {"vals": {"state": "approved"}}
    yield "kam.approval.request", "action_approve", [request], {"comment": "yes"}
    yield STEP, "write", [step], {"vals": {"state": "approved"}}
    yield STEP, "action_approve", [step], {"comment": "yes"}
    yield STEP, "action_refuse", [step], {"comment": "no"}
    yield STEP, "_decide", [step], {"kind": "approved", "comment": "yes"}
    yield (
        "kam.approval.decision.wizard",
        "create",
        None,
        {"vals_list": [{"kind": "approve", "step_ids": [[6, 0, [step]]]}]},
    )


@pytest.mark.parametrize("login", ATTACKERS)
def test_nobody_sets_a_tier_by_the_back_door(site, submitted, login):
    """No call of a user without the right changes anything a decision rests on.

    Source: S3-20, (c1)
    """
    before = contents(site)
    attacker = site.client(login)
    through = []
    for attack in attacks(site, submitted):
        if succeeds(attacker, *attack):
            through.append(attack)
            assert contents(site) == before, attack
    assert contents(site) == before
    # A computed field without a column takes a value and forgets it.
    assert {attack[0] for attack in through} <= {"res.partner"}, through


def succeeds(client, model, method, ids, arguments):
    """Whether the server let a call pass; an import and a dialog must go all the way."""
    try:
        answer = client.call(model, method, ids, **arguments)
        if model.endswith(".wizard"):
            client.call(model, "action_confirm", answer)
    except RefusedError as refusal:
        # Refused by a rule, not because the attack was clumsy.
        assert refusal.name in ("AccessError", "UserError", "ValidationError"), refusal
        return False
    return method != "load" or bool(answer["ids"])


def test_forged_defaults_give_a_new_file_no_tier(site, submitted):
    """An account manager may open a file for a prospect; its tier starts empty."""
    manager = site.client("manager")
    forged = {
        "kam_engine": True,
        "default_tier_id": tier_id(site.client("policyadmin"), "strategic"),
        "default_is_key_account": True,
        "default_tier_rank": 1,
    }
    [account] = manager.call(
        "kam.account",
        "create",
        vals_list=[{"partner_id": site.ids["Delta Homes"], "user_id": site.ids["manager"]}],
        context=forged,
    )
    values = manager.read("kam.account", account, "tier_id", "is_key_account", "tier_rank")
    assert values == {
        "id": account,
        "tier_id": False,
        "is_key_account": False,
        "tier_rank": 9999,
    }


def test_office_cannot_approve_its_own(site, submitted):
    before = contents(site)
    office = site.client("office")
    step = step_of(site.client("boss"), submitted)
    for call in ((STEP, "action_approve", [step]), (EVALUATION, "action_apply", [submitted])):
        with pytest.raises(RefusedError):
            office.call(*call)
    with pytest.raises(RefusedError) as refused:
        office.write(EVALUATION, submitted, effective_date="2030-01-01")
    assert refused.value.name == "UserError"
    assert contents(site) == before


@pytest.mark.parametrize("login", ["admin", "policyadmin", "director"])
def test_configuring_or_ranking_below_is_not_approving(site, submitted, login):
    """Approvers are members of the step's group by name; the administrator is none."""
    before = contents(site)
    step = step_of(site.client("boss"), submitted)
    with pytest.raises(RefusedError):
        site.client(login).call(STEP, "action_approve", [step], comment="ok")
    with pytest.raises(RefusedError):
        site.client(login).write(EVALUATION, submitted, state="approved")
    assert contents(site) == before


def test_auditor_reads_everything_and_writes_nothing(site, submitted):
    auditor = site.client("auditor")
    assert auditor.read(EVALUATION, submitted, "state") == "to_approve"
    assert auditor.search(LINE, ("evaluation_id", "=", submitted))
    assert auditor.search("kam.tier.evaluation.result", ("line_id.evaluation_id", "=", submitted))
    assert auditor.search("kam.approval.request", ("res_id", "=", submitted))
    account = auditor.search("kam.account", ("partner_id", "=", site.ids["Borealis Elevators"]))
    for model, ids in (("kam.account", account), (EVALUATION, [submitted])):
        with pytest.raises(RefusedError):
            auditor.write(model, ids, note="x")
        with pytest.raises(RefusedError) as refused:
            auditor.create(model, name="x", partner_id=site.ids["Fuji Parts"])
        assert refused.value.name == "AccessError"


def test_xml_rpc_is_no_other_door(site, submitted):
    address = f"{site.address}/xmlrpc/2"
    uid = xmlrpc.client.ServerProxy(f"{address}/common").login(site.database, "seller", "seller")
    models = xmlrpc.client.ServerProxy(f"{address}/object", allow_none=True)
    call = (site.database, uid, "seller", EVALUATION, "write", [[submitted], {"state": "approved"}])
    with pytest.raises(xmlrpc.client.Fault):
        models.execute_kw(*call)


def test_general_manager_approves_and_tiers_are_set(site, applied):
    """Approval on the effective day sets tiers and writes dated history.

    Source: S0-36, S2-25, S3-20
    """
    boss = site.client("boss")
    assert boss.read(EVALUATION, applied, "state") == "applied"
    shown = tiers(boss)
    assert shown["Alpine Lifts"] == shown["Harbour Hoists"] == "Key"
    assert shown["Everest Group"] == shown["Everest Service"] == "Key"
    assert shown["Borealis Elevators"] == shown["Cygnus Towers"] == "Main"
    assert shown["Gobi Rail"] == "Strategic"
    history = boss.call(
        "kam.tier.assignment",
        "search_read",
        domain=[("account_id.partner_id", "=", site.ids["Borealis Elevators"])],
        fields=["tier_id", "date_from", "date_to", "direction", "origin"],
        order="date_from",
    )
    assert [(row["tier_id"][1], row["direction"], row["origin"]) for row in history] == [
        ("Key", "new", "opening"),
        ("Main", "down", "evaluation"),
    ]
    assert history[0]["date_to"] == history[1]["date_from"]
    decisions = boss.call(
        "kam.approval.decision",
        "search_read",
        domain=[("request_id.res_id", "=", applied)],
        fields=["kind", "user_id", "comment"],
    )
    [decision] = decisions
    assert (decision["kind"], decision["comment"]) == ("approve", "Agreed")
    assert decision["user_id"][0] == site.ids["boss"]


def test_one_digest_per_account_manager(site, applied):
    """His accounts in one notice, nobody else's."""
    rows = site.sql(
        "SELECT u.login, n.lines FROM kam_notice n JOIN res_users u ON u.id = n.user_id"
        f" WHERE n.res_model = '{EVALUATION}' AND n.res_id = {applied} ORDER BY 1"
    )
    by_login = dict(row.split("|", 1) for row in rows)
    assert len(rows) == len(by_login)
    assert "Borealis" in by_login["manager"]
    assert "Harbour" not in by_login["manager"]


def test_salesperson_groups_his_documents_by_tier(site, applied):
    """Tier of opportunities, orders and the two reports, without a group of ours."""
    seller = site.client("seller")
    assert seller.read("res.partner", site.ids["Alpine Lifts"], "kam_tier_id")[1] == "Key"
    assert seller.read("crm.lead", site.ids["Alpine opportunity"], "kam_is_key_account") is True
    assert seller.read("sale.order", site.ids["quotation"], "kam_tier_id")[1] == "Main"
    for model in ("crm.lead", "sale.order", "sale.report", "res.partner"):
        groups = seller.call(
            model,
            "formatted_read_group",
            domain=[("kam_tier_id", "!=", False)],
            groupby=["kam_tier_id"],
            aggregates=["__count"],
        )
        assert {"Key", "Main"} <= {group["kam_tier_id"][1] for group in groups}, model
    invoices = site.client("office").call(
        "account.invoice.report",
        "formatted_read_group",
        domain=[("kam_is_key_account", "=", True)],
        groupby=["kam_tier_id"],
        aggregates=["price_subtotal:sum"],
    )
    # sales of the group's member count there, too
    assert {group["kam_tier_id"][1]: group["price_subtotal:sum"] for group in invoices} == {
        "Strategic": 3_000_000,
        "Key": 65_500_000,
    }
