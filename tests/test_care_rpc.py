"""What we owe an account, over RPC: who sees it, who works on it, and what nobody forges."""

from datetime import date, datetime, timedelta, timezone

import pytest
from client import RefusedError

OBLIGATION, VISIT, MEMBER = "kam.obligation", "kam.visit", "kam.team.member"
WAIVE = "kam.obligation.waive.wizard"
PLAN, LINE = "kam.visit.plan.wizard", "kam.visit.plan.line"
# Everything of an account that its people see and nobody else.
OF_ACCOUNTS = (VISIT, OBLIGATION, "kam.stakeholder", "kam.insight", "kam.request", MEMBER)
NOTHING_NEW = {"report": "They were content.", "nothing_else": True}
# What only the engine writes.
GUARDED = ("kam_obligation", "kam_visit", "kam_team_member", "kam_account_pause")


def moment(**ago):
    """A point in time, in UTC, so long ago."""
    return (datetime.now(timezone.utc) - timedelta(**ago)).strftime("%Y-%m-%d %H:%M:%S")


def in_days(days):
    return (date.today() + timedelta(days=days)).isoformat()


def account_of(site, customer):
    partner = site.ids[customer]
    return int(site.sql(f"SELECT id FROM kam_account WHERE partner_id = {partner}")[0])


@pytest.fixture(scope="module")
def alpine(site):
    return account_of(site, "Alpine Lifts")


@pytest.fixture(scope="module")
def borealis(site):
    return account_of(site, "Borealis Elevators")


def accounts_seen(client, model):
    """Ids of the accounts whose rows of a model a person finds."""
    rows = client.call(model, "search_read", domain=[], fields=["account_id"])
    return {row["account_id"] and row["account_id"][0] for row in rows}


def refused(client, *call, **arguments):
    """The server refuses, by a rule and not because the call was clumsy."""
    with pytest.raises(RefusedError) as refusal:
        client.call(*call, **arguments)
    assert refusal.value.name in ("AccessError", "UserError", "ValidationError"), refusal.value
    return refusal.value


def log_visit(client, account, **values):
    """A visit of this morning, without its report."""
    values = {"start": moment(hours=3), "stop": moment(hours=2), **values}
    return client.create(VISIT, account_id=account, **values)


def hand_in(client, visit, **values):
    """The report of a visit with its next action."""
    promise = {"next_action": "Call back", "next_action_date": in_days(7)}
    client.write(VISIT, visit, **{**NOTHING_NEW, **promise, **values})
    client.call(VISIT, "action_report", visit)


# Who sees and works


def test_something_is_owed_to_both(site, alpine, borealis):
    """Else whoever sees nothing would prove nothing."""
    office = site.client("office")
    assert {alpine, borealis} <= accounts_seen(office, OBLIGATION)
    for model in OF_ACCOUNTS:
        assert alpine in accounts_seen(office, model), model


def test_a_specialist_sees_his_account_and_no_other(site, alpine, borealis):
    """Source: S0-05, S0-37"""
    engineer = site.client("engineer")
    assert engineer.search("kam.account") == [alpine]
    for model in OF_ACCOUNTS:
        assert accounts_seen(engineer, model) == {alpine}, model
    refused(engineer, "kam.account", "read", [borealis], fields=["name"])
    owed = site.client("office").search(OBLIGATION, ("account_id", "=", borealis))
    refused(engineer, OBLIGATION, "read", owed, fields=["state"])


def test_a_specialist_works_on_his_account(site, alpine, borealis):
    """A visit with its report, a stakeholder, the profile; nothing of it elsewhere."""
    engineer = site.client("engineer")
    visit = log_visit(engineer, alpine)
    hand_in(engineer, visit)
    assert engineer.read(VISIT, visit, "state") == "reported"
    [action] = engineer.search("kam.action", ("visit_id", "=", visit))
    assert engineer.read("kam.action", action, "user_id")[0] == site.ids["engineer"]
    [role] = engineer.search("kam.stakeholder.role", ("code", "=", "user"))
    values = {"account_id": alpine, "role_id": role, "attitude": "neutral"}
    [person] = site.sql(
        f"SELECT partner_id FROM kam_stakeholder WHERE id = {site.ids['Alpine stakeholder']}"
    )
    engineer.write("kam.stakeholder", site.ids["Alpine stakeholder"], attitude="sponsor")
    engineer.write("kam.account", alpine, note="<p>Quieter doors</p>")
    refused(
        engineer, "kam.stakeholder", "create",
        vals_list=[{**values, "account_id": borealis, "partner_id": int(person)}],
    )  # fmt: skip
    refused(engineer, "kam.account", "write", [borealis], vals={"note": "x"})
    with pytest.raises(RefusedError):
        log_visit(engineer, borealis)


@pytest.fixture
def ex_member(site, alpine):
    """The engineer left the team of Alpine yesterday."""
    office = site.client("office")
    rows = office.search(
        MEMBER, ("account_id", "=", alpine), ("user_id", "=", site.ids["engineer"])
    )
    office.write(MEMBER, rows, date_to=in_days(-1))
    yield site.client("engineer")
    office.write(MEMBER, rows, date_to=False)


def test_an_ex_member_sees_nothing_from_the_day_after(site, alpine, ex_member):
    """Nor through a visit he took part in. Source: g Q35"""
    assert ex_member.search("kam.account") == []
    for model in OF_ACCOUNTS:
        assert accounts_seen(ex_member, model) == set(), model
    refused(ex_member, "kam.account", "read", [alpine], fields=["note"])
    for model, name in ((VISIT, "visit"), ("kam.stakeholder", "stakeholder"),
                        ("kam.insight", "insight"), ("kam.request", "request"),
                        ("kam.action", "action")):  # fmt: skip
        record = [site.ids[f"Alpine {name}"]]
        refused(ex_member, model, "read", record, fields=["create_date"])
        refused(ex_member, model, "write", record, vals={"active": False})
    about = [("model", "=", "kam.account"), ("res_id", "=", alpine)]
    assert site.client("office").search("mail.message", *about)
    assert ex_member.search("mail.message", *about) == []
    with pytest.raises(RefusedError):
        log_visit(ex_member, alpine)


def test_on_his_last_day_a_member_still_sees(site, alpine):
    office, engineer = site.client("office"), site.client("engineer")
    rows = office.search(
        MEMBER, ("account_id", "=", alpine), ("user_id", "=", site.ids["engineer"])
    )
    office.write(MEMBER, rows, date_to=in_days(0))
    assert engineer.search("kam.account") == [alpine]
    office.write(MEMBER, rows, date_to=False)


@pytest.mark.parametrize("login", ["seller", "portal"])
def test_a_stranger_sees_nothing(site, alpine, login):
    """Though he is the salesperson of the customer."""
    stranger = site.client(login)
    for model in OF_ACCOUNTS:
        refused(stranger, model, "search_read", domain=[], fields=["account_id"])
    for model in ("kam.handover", "kam.action", "kam.account.pause", "kam.week.item"):
        refused(stranger, model, "search_read", domain=[], fields=["display_name"])
    with pytest.raises(RefusedError):
        log_visit(stranger, alpine)


# What nobody forges


def attacks(site, owed, visit):
    """(model, method, ids, arguments) that would say something happened that did not."""
    forged = {"kam_engine": True, "default_state": "met", "default_is_lead": True}
    now = {"start": moment(hours=3), "stop": moment(hours=2)}
    account = {"account_id": account_of(site, "Alpine Lifts")}
    for vals in ({"state": "met"}, {"done": 1}, {"required": 0}, {"waive_reason": "x"},
                 {"waive_kind": "manual"}, {"user_id": 2}, {"date_to": "2099-12-31"}):  # fmt: skip
        yield OBLIGATION, "write", owed, {"vals": vals}
        yield OBLIGATION, "write", owed, {"vals": vals, "context": forged}
        yield OBLIGATION, "web_save", owed[:1], {"vals": vals, "specification": {}}
    yield OBLIGATION, "unlink", owed, {}
    yield OBLIGATION, "copy", owed[:1], {"default": {"date_to": "2099-12-31"}}
    yield OBLIGATION, "action_waive", owed, {}
    yield OBLIGATION, "_waive", owed, {"reason": "x"}
    yield OBLIGATION, "load", None, {"fields": [".id", "state"], "data": [[owed[0], "met"]]}
    wizard = {"obligation_ids": [[6, 0, owed]], "reason": "x"}
    yield WAIVE, "create", None, {"vals_list": [wizard]}
    pause = {**account, "date_from": in_days(0), "reason": "x"}
    yield "kam.account.pause", "create", None, {"vals_list": [pause]}
    for vals in ({"state": "reported"}, {"day": "2026-01-01"}, {"reported_on": moment()},
                 {"reported_by_id": 2}, {"report_due": "2099-12-31"},
                 {"check_in_on": moment()}):  # fmt: skip
        yield VISIT, "write", visit, {"vals": vals}
        yield VISIT, "write", visit, {"vals": vals, "context": forged}
    yield VISIT, "create", None, {"vals_list": [{**account, **now, "state": "reported"}]}
    yield VISIT, "load", None, {"fields": [".id", "state"], "data": [[visit[0], "reported"]]}
    yield VISIT, "unlink", visit, {}
    member = {**account, "user_id": site.ids["engineer"], "date_from": in_days(0)}
    role = int(site.sql("SELECT id FROM kam_team_role WHERE code = 'manager'")[0])
    lead = {**member, "role_id": role, "is_lead": True}
    yield MEMBER, "create", None, {"vals_list": [lead]}
    yield MEMBER, "create", None, {"vals_list": [lead], "context": forged}
    rows = [int(row) for row in site.sql("SELECT id FROM kam_team_member WHERE NOT is_lead")]
    yield MEMBER, "write", rows, {"vals": {"is_lead": True}}
    yield MEMBER, "write", rows, {"vals": {"is_lead": True}, "context": forged}
    yield "kam.account", "write", [account["account_id"]], {
        "vals": {"member_ids": [[0, 0, lead]]}
    }  # fmt: skip


@pytest.mark.parametrize("login", ["manager", "engineer", "auditor", "seller"])
def test_nobody_forges_what_happened(site, borealis, login):
    """Not one row changes, whatever is called with whatever context.

    Source: (c4), (c5)
    """
    office = site.client("office")
    owed = office.search(OBLIGATION, ("account_id", "=", borealis), ("state", "=", "open"))
    assert owed
    before = site.digest(dict.fromkeys(GUARDED, "true"))
    attacker = site.client(login)
    for attack in attacks(site, owed, [site.ids["Alpine visit"]]):
        succeeds(attacker, *attack)
        assert site.digest(dict.fromkeys(GUARDED, "true")) == before, attack


def succeeds(client, model, method, ids, arguments):
    """Whether the server let a call pass; a dialog must go all the way."""
    try:
        answer = client.call(model, method, ids, **arguments)
        if model == WAIVE:
            client.call(model, "action_confirm", answer)
    except RefusedError as refusal:
        assert refusal.name in ("AccessError", "UserError", "ValidationError"), refusal
        return False
    return True


@pytest.mark.parametrize("login", ["office", "director", "admin"])
def test_not_even_the_office_forges_a_lead(site, alpine, login):
    """Who leads is said on the account file only."""
    before = site.digest({"kam_team_member": "is_lead"})
    client = site.client(login)
    rows = [int(row) for row in site.sql("SELECT id FROM kam_team_member WHERE NOT is_lead")]
    succeeds(client, MEMBER, "write", rows, {"vals": {"is_lead": True}})
    values = {"account_id": alpine, "user_id": site.ids["boss"], "is_lead": True}
    [role] = site.sql("SELECT id FROM kam_team_role WHERE code = 'manager'")
    succeeds(client, MEMBER, "create", None, {"vals_list": [{**values, "role_id": int(role)}]})
    assert site.digest({"kam_team_member": "is_lead"}) == before


def test_the_office_waives_two_with_one_reason(site, borealis):
    """With who and when; a reason of blanks is none. Source: (c5)"""
    office = site.client("office")
    still_open = (
        ("account_id", "=", borealis), ("state", "=", "open"), ("kind_id.code", "!=", "visit")
    )  # fmt: skip
    owed = office.search(OBLIGATION, *still_open)[:2]
    assert len(owed) == 2
    context = office.call(OBLIGATION, "action_waive", owed)["context"]
    assert sorted(context["default_obligation_ids"]) == sorted(owed)
    blank = office.create(WAIVE, context=context, reason="  ")
    refused(office, WAIVE, "action_confirm", blank)
    wizard = office.create(WAIVE, context=context, reason="Plant under renovation")
    assert office.read(WAIVE, wizard, "account_waivers") == 0
    office.call(WAIVE, "action_confirm", wizard)
    for row in office.call(
        OBLIGATION, "read", owed, fields=["state", "waive_reason", "waived_by_id", "waived_on"]
    ):
        assert row["state"] == "waived"
        assert row["waive_reason"] == "Plant under renovation"
        assert row["waived_by_id"][0] == site.ids["office"]
        assert row["waived_on"]
    refused(office, OBLIGATION, "action_waive", owed)
    more = office.search(OBLIGATION, *still_open)[:1]
    context = office.call(OBLIGATION, "action_waive", more)["context"]
    wizard = office.create(WAIVE, context=context, reason="Once more")
    assert office.read(WAIVE, wizard, "account_waivers") == 2


# Reporting


def test_only_who_was_there_reports(site, alpine):
    """Not the specialist of the same team, not even the office. Source: (c4)"""
    visit = log_visit(site.client("manager"), alpine)
    for login in ("engineer", "office"):
        client = site.client(login)
        with pytest.raises(RefusedError) as refusal:
            hand_in(client, visit)
        assert refusal.value.name == "AccessError"
    assert site.client("office").read(VISIT, visit, "state") == "to_report"


def test_a_report_says_what_it_lacks(site, alpine):
    manager = site.client("manager")
    visit = log_visit(manager, alpine)
    manager.write(VISIT, visit, report="Talked")
    said = str(refused(manager, VISIT, "action_report", visit))
    assert "Next Action" in said
    assert "Competitors" in said
    with pytest.raises(RefusedError):
        hand_in(manager, visit, next_action_date=in_days(-30))


def test_a_visit_is_not_reported_before_it_begins(site, alpine):
    manager = site.client("manager")
    later = {"start": moment(hours=-30), "stop": moment(hours=-31)}
    visit = manager.create(VISIT, account_id=alpine, **later)
    with pytest.raises(RefusedError) as refusal:
        hand_in(manager, visit)
    assert refusal.value.name == "UserError"
    assert manager.read(VISIT, visit, "state") == "planned"


@pytest.mark.parametrize("login", ["manager", "office", "admin"])
def test_a_reported_visit_does_not_change(site, alpine, login):
    """Its text, its people, its day, its account. Source: (c4)"""
    manager = site.client("manager")
    visit = log_visit(manager, alpine)
    hand_in(manager, visit)
    before = site.digest({"kam_visit": f"id = {visit}"})
    client = site.client(login)
    for vals in ({"report": "x"}, {"start": moment(days=40)}, {"satisfaction": "5"},
                 {"participant_ids": [[6, 0, [site.ids["engineer"]]]]},
                 {"state": "planned"}, {"location": "x"}):  # fmt: skip
        refused(client, VISIT, "write", visit, vals=vals)
    refused(client, VISIT, "unlink", visit)
    refused(client, VISIT, "action_report", visit)
    assert site.digest({"kam_visit": f"id = {visit}"}) == before


def test_a_visit_ends_after_it_begins(site, alpine):
    refused(
        site.client("manager"), VISIT, "create",
        vals_list=[{"account_id": alpine, "start": moment(hours=1), "stop": moment(hours=2)}],
    )  # fmt: skip


# Planning


def plan(client, accounts, start):
    line = {"start": start}
    return client.create(PLAN, line_ids=[[0, 0, {**line, "account_id": a}] for a in accounts])


def test_nothing_is_planned_in_the_past(site, alpine, borealis):
    """And then not one of the trip's visits is made."""
    manager = site.client("manager")
    before = site.digest({"kam_visit": "true", "calendar_event": "true"})
    refused(manager, PLAN, "action_plan", plan(manager, [alpine, borealis], moment(hours=1)))
    assert site.digest({"kam_visit": "true", "calendar_event": "true"}) == before


def test_planned_visits_stand_in_the_calendar(site, alpine, borealis):
    manager = site.client("manager")
    wizard = plan(manager, [alpine, borealis], moment(days=-3))
    domain = manager.call(PLAN, "action_plan", wizard)["domain"]
    visits = manager.call(VISIT, "search_read", domain=domain, fields=["state", "event_id"])
    assert [visit["state"] for visit in visits] == ["planned", "planned"]
    assert all(visit["event_id"] for visit in visits)


def test_a_specialist_plans_no_visit_elsewhere(site, borealis):
    engineer = site.client("engineer")
    with pytest.raises(RefusedError):
        engineer.call(PLAN, "action_plan", plan(engineer, [borealis], moment(days=-3)))


# What a visit fulfils


def test_what_was_held_in_a_window_counts_in_it(site, borealis):
    """Held on the last day and reported far too late: met late, in that window, not in this.

    Source: S3-27, (c5)
    """
    manager = site.client("manager")
    fields = ["date_from", "date_to", "done"]
    overdue = [("account_id", "=", borealis), ("state", "=", "overdue")]
    visits = [*overdue, ("kind_id.code", "=", "visit")]
    [last, *_older] = manager.call(
        OBLIGATION, "search_read", domain=visits, fields=fields, order="date_to desc"
    )
    noon = datetime.fromisoformat(last["date_to"]).replace(hour=4)
    visit = log_visit(manager, borealis, start=f"{noon}", stop=f"{noon + timedelta(hours=1)}")
    assert manager.read(VISIT, visit, "day") == last["date_to"]
    assert manager.read(OBLIGATION, last["id"], "done") == 0
    hand_in(manager, visit)
    after = manager.read(OBLIGATION, last["id"], "state", "done", "completed_on")
    assert after["state"] == "met_late"
    assert (after["done"], after["completed_on"]) == (1, last["date_to"])
    assert manager.read(VISIT, visit, "entered_late") is True


def test_a_visit_of_today_meets_the_window_that_runs(site, borealis):
    """Open until the report, met with it.

    Source: S3-27, (c5)
    """
    manager = site.client("manager")
    [running] = manager.search(
        OBLIGATION, ("account_id", "=", borealis), ("kind_id.code", "=", "visit"),
        ("date_from", "<=", in_days(0)), ("date_to", ">=", in_days(0)),
    )  # fmt: skip
    visit = log_visit(manager, borealis)
    assert manager.read(OBLIGATION, running, "state", "awaiting")["awaiting"] == 1
    hand_in(manager, visit)
    assert manager.read(OBLIGATION, running, "state") == "met"
