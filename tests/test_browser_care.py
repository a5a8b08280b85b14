"""What we owe an account, in a browser: planned, logged, waived, asked, handed over.

As the account manager, the specialist, the office and a director work with it; on a
desktop and on a phone, in two languages.
"""

from datetime import date, timedelta

import pytest
from conftest import served_in
from screens import Screen

PHONE = {"width": 390, "height": 844}
OBLIGATION, VISIT, ITEM = "kam.obligation", "kam.visit", "kam.week.item"
OWED = ("number", "in", (20, 21))
PEOPLE = ("office", "manager", "director", "engineer")


@pytest.fixture(scope="module")
def care(world, language):
    """A site of its own whose people read the language of the test."""
    with served_in(world, language, PEOPLE) as site:
        yield site


@pytest.fixture(scope="module")
def alpine(care):
    [account] = care.client("manager").search("kam.account", ("name", "=", "Alpine Lifts"))
    return account


def fits(screen):
    """Nothing of the page lies beyond the screen's width."""
    width = screen.page.viewport_size["width"]
    return screen.page.evaluate("document.documentElement.scrollWidth") <= width


def due_now(care, client, language):
    """{id: what My Week says} of two obligations that run, with their pace brought forward
    to today.

    None where the periods end within days: what is planned would lie in the next ones.
    """
    today = date.today()
    owed = client.call(
        OBLIGATION,
        "search_read",
        domain=[
            ("state", "=", "open"),
            ("date_from", "<=", str(today)),
            ("date_to", ">=", str(today + timedelta(days=10))),
            ("kind_id.code", "!=", "visit"),
            ("kind_id.fulfilled_by", "=", "visit"),
            ("manager_id", "=", care.ids["manager"]),
            ("performer_missing", "=", False),
        ],
        fields=["id"],
        limit=2,
    )
    for row in owed:
        care.sql(f"UPDATE kam_obligation SET date_next = '{today}' WHERE id = {row['id']}")
    return in_my_week(client, language, OBLIGATION, [row["id"] for row in owed])


def in_my_week(client, language, model, ids):
    """{id: (account, title)} of documents as My Week shows them."""
    items = client.call(
        ITEM,
        "search_read",
        domain=[("res_model", "=", model), ("res_id", "in", ids)],
        fields=["res_id", "account_id", "title"],
        context={"lang": language},
    )
    return {item["res_id"]: (item["account_id"][1], item["title"]) for item in items}


def row_of(screen, *texts):
    """The rows of a list that say all of it."""
    rows = screen.page.locator(".o_data_row")
    for text in texts:
        rows = rows.filter(has_text=text)
    return rows


def remove_facet(screen, name):
    screen.click(f".o_searchview_facet:has-text('{name}') .o_facet_remove")
    screen.wait_gone(f".o_searchview_facet:has-text('{name}')")


def tick(row):
    row.first.locator(".o_list_record_selector input").click()


def test_two_obligations_become_one_trip(browser, care, words, language):
    """My Week, two ticks, one dialog: visits in the calendar instead of what was owed.

    Source: users §2
    """
    client = care.client("manager")
    chosen = due_now(care, client, language)
    if len(chosen) < 2:
        pytest.skip("the periods end within days")
    events = client.call("calendar.event", "search_count", domain=[])
    with Screen(browser, care, "manager") as screen:
        screen.open_app()
        assert "/my-week" in screen.page.url
        screen.wait(".o_group_header", "Borealis Elevators")
        for texts in chosen.values():
            tick(row_of(screen, *texts))
        assert screen.text("button[name=action_plan_visits]") == words("Plan Visits")
        screen.click("button[name=action_plan_visits]")
        screen.wait(".modal [name=line_ids] .o_data_row:nth-child(2)", "Borealis Elevators")
        screen.confirm()
        screen.wait(".o_list_view .o_data_row:nth-child(2)", "Borealis Elevators")
        screen.check()
        assert client.call("calendar.event", "search_count", domain=[]) == events + 2
        fields = ["event_id", "day", "user_id"]
        domain = [("state", "=", "planned")]
        planned = client.call(VISIT, "search_read", domain=domain, fields=fields)
        screen.go("/my-week")
        remove_facet(screen, words("Until the End of the Week"))
        # What somebody else performs was planned for him.
        own = [visit["id"] for visit in planned if visit["user_id"][0] == care.ids["manager"]]
        assert own
        for texts in in_my_week(client, language, VISIT, own).values():
            row_of(screen, *texts).first.wait_for()
        for texts in chosen.values():
            assert not row_of(screen, *texts).count(), texts
    assert len(planned) == 2
    assert all(visit["event_id"] for visit in planned)
    assert all(visit["day"] > str(date.today()) for visit in planned)
    for row in client.call(OBLIGATION, "read", list(chosen), fields=["planned"]):
        assert row["planned"] == 1, row


def test_a_visit_is_logged_on_a_phone(browser, care, words, alpine):
    """From the account: one text, the next action, one tap, handed in; no sideways scroll.

    Source: S0-76, S0-77, users §2
    """
    client = care.client("manager")
    with Screen(browser, care, "manager", **PHONE) as screen:
        screen.go(f"/kam.account/{alpine}")
        screen.wait(".o_form_view")
        assert fits(screen)
        screen.press("action_kam_log_visit")
        screen.wait(".modal [name=report] textarea")
        assert fits(screen)
        screen.fill("report", "They build a second plant", within=".modal")
        screen.fill("next_action", "Send the offer", within=".modal")
        screen.fill_day("next_action_date", "+7d", within=".modal")
        screen.tick(".modal [name=nothing_else] input")
        assert screen.text("button[name=action_log]") == words("Save and Hand In")
        assert fits(screen)
        screen.confirm()
        screen.check()
        assert fits(screen)
    [visit] = client.search(VISIT, ("report", "=", "They build a second plant"))
    row = client.read(VISIT, visit, "state", "account_id", "reported_by_id", "entered_late")
    assert row["state"] == "reported"
    assert row["account_id"][0] == alpine
    assert not row["entered_late"]
    assert row["reported_by_id"][0] == care.ids["manager"]
    [action] = client.search("kam.action", ("visit_id", "=", visit))
    promised = client.read("kam.action", action, "name", "date_due", "state")
    assert promised["name"] == "Send the offer"
    assert promised["state"] == "open"
    assert promised["date_due"] == str(date.today() + timedelta(days=7))


def test_the_office_waives_two_with_one_reason(browser, care, words):
    """From the list, and coverage opens as a pivot. Source: (c5)"""
    client = care.client("office")
    with Screen(browser, care, "office") as screen:
        screen.go("/obligations")
        rows = screen.page.locator(".o_data_row").filter(has_text="Borealis Elevators")
        rows.nth(1).wait_for()
        for number in (0, 1):
            rows.nth(number).locator(".o_list_record_selector input").click()
        assert screen.text("button[name=action_waive]") == words("Waive")
        screen.click("button[name=action_waive]")
        screen.wait(".modal [name=obligation_ids] .o_tag:nth-child(2)")
        screen.wait(".modal [name=account_waivers]", "0")
        screen.fill("reason", "Plant under renovation", within=".modal")
        screen.confirm()
        screen.check()
        screen.go("/coverage")
        screen.wait(".o_pivot table td.o_pivot_cell_value")
        assert words("Waived") in screen.text(".o_pivot thead")
    waived = client.search(OBLIGATION, ("waive_reason", "=", "Plant under renovation"))
    assert len(waived) == 2
    rows = client.call(OBLIGATION, "read", waived, fields=["state", "waived_by_id"])
    assert {row["state"] for row in rows} == {"waived"}
    assert {row["waived_by_id"][0] for row in rows} == {care.ids["office"]}


def test_who_decides_is_drawn(browser, care, words, alpine):
    """The influence map from the account, on a desktop and on a phone. Source: S1c-06"""
    card = ".o_kam_influence_map .o_kam_card"
    with Screen(browser, care, "manager") as screen:
        screen.go(f"/kam.account/{alpine}")
        screen.click("button[name=action_open_influence_map]")
        assert words("Decision Maker") in screen.wait(card, "Buyer Li").inner_text()
        screen.check()
    with Screen(browser, care, "manager", **PHONE) as screen:
        screen.go(f"/kam.account/{alpine}")
        more = screen.page.locator(".o-form-buttonbox .o_button_more")
        if more.count():
            more.first.click()
        screen.click("button[name=action_open_influence_map]")
        screen.wait(card, "Buyer Li")
        assert fits(screen)


def test_a_request_goes_there_and_back(browser, care, words, alpine):
    """The account manager asks, the engineer promises and answers, the asker confirms.

    Source: S0-42, S0-48
    """
    name = "Noise at full speed"
    with Screen(browser, care, "manager") as screen:
        screen.go(f"/kam.account/{alpine}")
        screen.press("action_ask")
        screen.page.locator(".modal [name=kind_id] input[type=radio]").nth(2).click()
        screen.fill("name", name, within=".modal")
        screen.choose("user_id", "Engineer")
        screen.click(".modal footer .o_form_button_save")
        screen.wait_gone(".modal")
        screen.check()
    [request] = care.client("manager").search("kam.request", ("name", "=", name))
    with Screen(browser, care, "engineer") as screen:
        screen.open_app()
        assert "/my-week" in screen.page.url
        screen.go("/my-key-account-requests")
        screen.click(".o_data_row .o_data_cell[name=name]", name)
        screen.press("action_accept")
        screen.confirm()
        screen.wait_state("accepted")
        screen.press("action_answer")
        screen.fill("text", "48 dB, measured", within=".modal")
        screen.confirm()
        screen.wait_state("answered")
    with Screen(browser, care, "manager") as screen:
        screen.go(f"/kam.request/{request}")
        screen.wait("[name=answer]", "48 dB, measured")
        screen.press("action_confirm")
        screen.wait_state("closed")
    assert care.client("engineer").read("kam.request", request, "on_time") == "yes"


def test_accounts_change_hands(browser, care, words):
    """Proposed by the office, accepted by the receiver: his accounts, and the slip prints.

    The last of this file: nothing is the account manager's afterwards.
    Source: g Q35
    """
    led = care.client("office").search("kam.account", ("user_id", "=", care.ids["manager"]))
    assert len(led) > 1
    with Screen(browser, care, "office") as screen:
        screen.go("/hand-overs")
        screen.click(".o_list_button_add")
        screen.choose("from_user_id", "Manager", within=".o_form_view")
        screen.wait("[name=account_ids] .o_tag", "Borealis Elevators")
        screen.choose("to_user_id", "Director", within=".o_form_view")
        screen.fill("note", "Leaves for the south")
        screen.press("action_propose")
        screen.wait_state("proposed")
        screen.wait("[name=line_ids] .o_data_row", "Price list")
    [handover] = care.client("director").search("kam.handover", ("state", "=", "proposed"))
    with Screen(browser, care, "director") as screen:
        screen.go(f"/kam.handover/{handover}")
        screen.press("action_accept")
        screen.wait_state("done")
        slip = f"{care.address}/report/pdf/key_account_mgmt.report_handover/{handover}"
        answer = screen.context.request.get(slip, timeout=90_000)
        assert answer.status == 200
        assert answer.body().startswith(b"%PDF")
    rows = care.client("office").call("kam.account", "read", led, fields=["user_id"])
    assert {row["user_id"][0] for row in rows} == {care.ids["director"]}
    # In the team of one of them he stays.
    [seen] = care.client("manager").search("kam.account")
    assert care.client("manager").read("kam.account", seen, "name") == "Borealis Elevators"
