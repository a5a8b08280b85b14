"""Winning the business, in a browser: pursuit, bid and negotiation of opportunities.

As the salesperson, the office, an executive, a colleague on the team of a bid who does not
sell, the negotiator and a stranger work with it; in two languages.
"""

import base64
from datetime import date, datetime, timedelta

import pytest
from client import RefusedError
from conftest import served_in
from screens import Screen

PHONE = {"width": 390, "height": 844}
PURSUIT, BID, NEGOTIATION, LEAD = "kam.pursuit", "kam.bid", "kam.negotiation", "crm.lead"
AREAS = ("pursuit", "bid", "negotiation", "plan")
PEOPLE = ("office", "boss", "director", "manager", "engineer", "seller")
RIBBON, NEXT = ".o_kam_deal_ribbon", ".o_kam_deal_ribbon button.btn-primary"
CARD = ".o_kanban_record:not(.o_kanban_ghost)"
PROJECT, ROUND = "Metro line 7", "Yearly price round"
BOTTOM_LINE = "4711.37"


@pytest.fixture(scope="module")
def deals(world, language):
    """A site where all areas of deals are on, and a colleague has registered a deal."""
    with served_in(world, language, PEOPLE) as site:
        admin, policy = site.client("admin"), site.client("policyadmin")
        ticks = admin.create("res.config.settings", **{f"group_kam_area_{a}": True for a in AREAS})
        admin.call("res.config.settings", "execute", ticks)
        site.scope = policy.create("kam.product.scope", name="Platform doors")
        for login in ("manager", "engineer"):
            people = [[6, 0, [site.ids[login]]]]
            policy.create("kam.department", name=f"Department {login}", member_ids=people)
        add_executive(admin, language)
        register_for_the_director(site)
        yield site


def add_executive(admin, language):
    """Somebody who approves plans: an executive by name, not by a higher rank."""
    found = admin.call(
        "ir.model.data",
        "search_read",
        domain=[("module", "=", "key_account_mgmt"), ("name", "=", "group_kam_executive")],
        fields=["res_id"],
    )
    admin.create(
        "res.users",
        context={"no_reset_password": True},
        name="Executive",
        login="executive",
        password="executive",
        lang=language,
        group_ids=[[6, 0, [found[0]["res_id"]]]],
    )


def register_for_the_director(site):
    """The director's pursuit of the same project protects it."""
    director = site.client("director")
    site.other = director.create(
        PURSUIT,
        partner_id=site.ids["Cygnus Towers"],
        project=PROJECT,
        scope_ids=[[6, 0, [site.scope]]],
        expected_amount=9e6,
        objective="All platforms",
        first_step="Meet the institute",
    )
    director.call(PURSUIT, "action_apply", site.other)
    site.client("office").call(PURSUIT, "action_register", site.other)
    site.other_number = director.read(PURSUIT, site.other, "number")
    [site.other_lead] = director.read(PURSUIT, site.other, "lead_id")[:1]


def opportunity(site, name, customer):
    return site.client("manager").create(
        LEAD, name=name, type="opportunity", partner_id=site.ids[customer], expected_revenue=5e6
    )


def fits(screen):
    """Nothing of the page lies beyond the screen's width."""
    width = screen.page.viewport_size["width"]
    return screen.page.evaluate("document.documentElement.scrollWidth") <= width


def tab(screen, name):
    screen.click(f".o_form_view .nav-link[name={name}]")


def select(screen, name, number):
    """Choose the entry of a selection by its place: its word depends on the language."""
    field = f".o_form_view .o_field_widget[name={name}] input"
    for _press in range(5):
        screen.click(field)
        screen.click(f".o_select_menu_item[data-choice-index='{number}']")
        screen.settle()
        if screen.page.input_value(field):
            return
    raise AssertionError(f"{name} stays empty")


def add_row(screen, lines, /, **values):
    """A line of an editable list; what ends in _id is chosen."""
    listed = f".o_field_widget[name={lines}]"
    screen.click(f"{listed} .o_field_x2many_list_row_add a")
    row = f"{listed} .o_selected_row"
    screen.wait(row)
    for field, value in values.items():
        if field.endswith("_id"):
            screen.choose(field, value, within=row)
        else:
            screen.fill(field, value, within=row)


def save(screen):
    screen.click(".o_form_button_save:visible")
    screen.settle()


def refused(screen, path):
    """A page that says by Odoo's own dialog that its record is not for this user."""
    screen.page.goto(f"{screen.site.address}/odoo{path}")
    told = screen.wait(".modal", path.split("/")[1])
    told.locator("button").last.click()
    screen.complaints.clear()


@pytest.fixture(scope="module")
def applied(browser, deals):
    """The account manager's application; what he saw on the way.

    Five fields of which the opportunity knows one; the collision stands there before he
    has typed the other four.
    """
    lead = opportunity(deals, "Doors of line 7", "Cygnus Towers")
    with Screen(browser, deals, "manager") as screen:
        screen.go(f"/{LEAD}/{lead}")
        screen.wait(f"{RIBBON} button[data-code=pursuit]")
        tab(screen, "kam_deal")
        screen.fill("kam_project", PROJECT)
        screen.choose("kam_scope_ids", "Platform doors", within=".o_form_view")
        save(screen)
        on_lead = screen.text(".o_field_widget[name=kam_collision]")
        screen.click(NEXT)
        screen.wait(".o_form_view .o_field_widget[name=objective]")
        assert screen.page.input_value("[name=project] input") == PROJECT
        screen.wait(".o_field_widget[name=scope_ids] .o_tag", "Platform doors")
        screen.fill("objective", "Supply every platform")
        screen.fill("first_step", "See their engineers")
        screen.press("action_apply")
        screen.wait_state("to_register")
        on_pursuit = screen.text(".o_field_widget[name=collision]")
    [pursuit] = deals.client("manager").search(PURSUIT, ("lead_id", "=", lead))
    return {"lead": lead, "pursuit": pursuit, "on_lead": on_lead, "on_pursuit": on_pursuit}


@pytest.fixture(scope="module")
def registered(browser, deals, applied):
    """The office admits a second registration with a reason, and sees its number."""
    with Screen(browser, deals, "office") as screen:
        screen.go("/kam-pursuits")
        screen.click(".o_data_row:has-text('Manager') .o_data_cell[name=partner_id]")
        screen.press("action_register")
        screen.fill("text", "Two lots, told apart by the customer", within=".modal")
        screen.confirm()
        screen.wait_state("to_approve")
        number = screen.text("h3 .o_field_widget[name=number]")
    return applied | {"number": number}


def test_a_collision_is_shown_before_the_work(deals, applied):
    """Number, owner and end of protection on the opportunity; nothing else of the deal.

    Source: (c2), users §3.3
    """
    for text in (applied["on_lead"], applied["on_pursuit"]):
        assert deals.other_number in text
        assert "Director" in text
        for secret in ("All platforms", "Meet the institute", "9,000,000"):
            assert secret not in text
    manager = deals.client("manager")
    assert deals.other not in manager.search(PURSUIT)
    [step] = manager.search("kam.action", ("pursuit_id", "=", applied["pursuit"]))
    assert manager.read("kam.action", step, "name") == "See their engineers"


def test_the_plan_of_a_registered_pursuit_is_approved(browser, deals, registered):
    """Registered before any plan; completed by the owner, decided in My Approvals.

    Source: S1n-08, S1n-10, S1n-18
    """
    pursuit = registered["pursuit"]
    office = deals.client("office")
    row = office.read(PURSUIT, pursuit, "number", "admit_reason", "is_protected")
    assert row["number"] == registered["number"] != deals.other_number
    assert row["admit_reason"].startswith("Two lots")
    assert row["is_protected"]
    with Screen(browser, deals, "manager") as screen:
        screen.go(f"/{PURSUIT}/{pursuit}")
        screen.wait(".o_field_widget[name=missing]")
        tab(screen, "plan")
        select(screen, "kind", 0)
        select(screen, "mode", 0)
        screen.tick(".o_field_widget[name=no_budget] input")
        screen.fill("background", "They build three lines at once")
        add_row(screen, "indicator_ids", name="Share of the platforms", target="80 %")
        save(screen)
        tab(screen, "team")
        add_row(screen, "member_ids", user_id="Engineer")
        save(screen)
        screen.wait_gone(".o_field_widget[name=missing]")
        screen.press("action_submit")
        screen.wait("button[name=action_withdraw]")
    with Screen(browser, deals, "executive") as screen:
        screen.open_app()
        screen.go("/my-approvals")
        screen.click(f"{CARD}:has-text('{registered['number']}') button[name=action_open_approve]")
        screen.fill("comment", "Go on", within=".modal")
        screen.confirm()
        screen.wait_gone(f"{CARD}:has-text('{registered['number']}')")
    assert office.read(PURSUIT, pursuit, "state") == "in_progress"
    with Screen(browser, deals, "manager") as screen:
        screen.go(f"/{LEAD}/{registered['lead']}")
        screen.wait(f"{RIBBON} button[data-code=pursuit]", registered["number"])


@pytest.fixture(scope="module")
def bid(deals):
    """A bid that is being prepared, with a question of the customer; not of the director."""
    manager = deals.client("manager")
    lead = opportunity(deals, "Line 9 tender", "Alpine Lifts")
    tender = {"datas": base64.b64encode(b"tender").decode(), "res_model": BID}
    document = manager.create("ir.attachment", name="tender.txt", **tender)
    deadline = datetime.now().replace(microsecond=0) + timedelta(days=20)
    team = {"user_id": deals.ids["engineer"], "role": "technical"}
    number = manager.create(
        BID,
        lead_id=lead,
        deadline=str(deadline),
        deadline_tz="Asia/Shanghai",
        tender_file_ids=[[6, 0, [document]]],
        member_ids=[[0, 0, team]],
    )
    manager.call(BID, "action_score", number)
    scores = manager.search("kam.bid.score", ("bid_id", "=", number))
    manager.write("kam.bid.score", scores, score=4)
    for step in ("action_go", "action_prepare"):
        manager.call(BID, step, number)
    question = manager.create(
        "kam.bid.clarification",
        bid_id=number,
        question="Which motor?",
        due_on=str(date.today()),
        user_id=deals.ids["engineer"],
    )
    return {"lead": lead, "bid": number, "question": question}


def test_who_does_not_sell_works_on_a_bid(browser, deals, bid):
    """A member without sales rights: My Week, the bid, its opportunity, his task; on a
    phone, too. What colleagues pursue stays closed.

    Source: S0-83, S0-87, S0-91, users §3.4
    """
    engineer = deals.client("engineer")
    with Screen(browser, deals, "engineer") as screen:
        screen.open_app()
        assert "/my-week" in screen.page.url
        screen.go(f"/{BID}/{bid['bid']}")
        tab(screen, "tasks")
        mine = "[name=task_ids] .o_data_row:has-text('Engineer') button[name=action_done]"
        screen.click(mine)
        screen.wait_gone(mine)
        screen.press("action_deal_lead")
        screen.wait(f"{RIBBON} button[data-code=bid]")
        screen.wait(".o_form_view h1", "Line 9 tender")
        for path in (f"/{LEAD}/{deals.other_lead}", f"/{PURSUIT}/{deals.other}"):
            refused(screen, path)
    with Screen(browser, deals, "engineer", **PHONE) as screen:
        screen.go("/my-week")
        screen.click(f"{CARD}:has-text('Which motor?')")
        screen.wait(".o_form_view .o_field_widget[name=answer]")
        assert fits(screen)
        screen.fill("answer", "Ours, 48 dB")
        save(screen)
        screen.go(f"/{BID}/{bid['bid']}")
        screen.wait(f"{RIBBON} button[data-code=bid]")
        assert fits(screen)
    row = engineer.read("kam.bid.clarification", bid["question"], "is_answered", "answered_by_id")
    assert row["is_answered"]
    assert row["answered_by_id"][0] == deals.ids["engineer"]
    [task] = engineer.search("kam.action", ("bid_id", "=", bid["bid"]), ("state", "=", "done"))
    assert engineer.read("kam.action", task, "bid_task") == "technical"
    leads = engineer.search(LEAD)
    assert bid["lead"] in leads
    assert deals.other_lead not in leads
    with pytest.raises(RefusedError) as refusal:
        engineer.write(LEAD, bid["lead"], expected_revenue=1.0)
    assert refusal.value.name == "AccessError"


def test_a_stranger_finds_nothing(browser, deals, bid):
    """No app, no record; the address of a bid answers with Odoo's own words.

    Source: design §5.2
    """
    with Screen(browser, deals, "seller") as screen:
        screen.page.goto(f"{deals.address}/odoo")
        screen.click(".o_navbar_apps_menu button")
        screen.wait(".o_app[data-menu-xmlid='crm.crm_menu_root']")
        app = ".o_app[data-menu-xmlid='key_account_mgmt.kam_menu_root']"
        assert not screen.page.locator(app).count()
        refused(screen, f"/{BID}/{bid['bid']}")
    with Screen(browser, deals, "director") as screen:
        screen.go("/key-account-bids")
        assert "kam.bid" not in screen.wait(CARD, "Line 9 tender").inner_text()
        screen.click(CARD, "Line 9 tender")
        tab(screen, "offer")
        screen.settle()
        assert screen.page.locator(".o_field_widget[name=price_strategy]:visible").count() == 0


@pytest.fixture(scope="module")
def negotiation(deals):
    """Prepared by the account manager but for the bottom line; the executive authorised him."""
    manager = deals.client("manager")
    number = manager.create(
        NEGOTIATION,
        name=ROUND,
        partner_id=deals.ids["Alpine Lifts"],
        objective="Keep the volume",
        strategy="Volume for price",
        no_quotes_known=True,
        member_ids=[[6, 0, [deals.ids["engineer"]]]],
        executive_ids=[[6, 0, [deals.ids["boss"]]]],
        item_ids=[
            [0, 0, {"name": "Door operator", "opening": 5200, "target": 5000, "quantity": 1000}]
        ],
    )
    deals.client("boss").create(
        "kam.negotiation.authorization",
        negotiation_id=number,
        user_id=deals.ids["manager"],
        scope="Prices of next year",
    )
    return number


def concede(client, negotiation, to_value):
    """A step of the one item in the one round, for the ledger."""
    belongs = ("negotiation_id", "=", negotiation)
    [item] = client.search("kam.negotiation.item", belongs)
    [meeting] = client.search("kam.negotiation.round", belongs)
    values = {"negotiation_id": negotiation, "item_id": item, "round_id": meeting}
    client.create("kam.negotiation.concession", **values, to_value=to_value)


def test_a_negotiation_from_bottom_line_to_agreement(browser, deals, negotiation):
    """The executive sets the bottom line, the negotiator works against it, the executive
    confirms on a phone; who is on the team reads everything but the bottom line.

    Source: design §4.4, (c7), S0-93 … S0-98
    """
    with Screen(browser, deals, "boss") as screen:
        screen.go(f"/{NEGOTIATION}/{negotiation}")
        screen.press("action_open_floor")
        screen.page.fill(".o_kam_floor input", BOTTOM_LINE)
        screen.click(".o_kam_floor button[name=set]")
        screen.wait_gone(".o_kam_floor")
        screen.check()
    with Screen(browser, deals, "manager") as screen:
        screen.go(f"/{NEGOTIATION}/{negotiation}")
        assert BOTTOM_LINE not in screen.page.content()
        screen.press("action_start")
        screen.wait_state("negotiating")
        tab(screen, "rounds")
        screen.click(".o_field_widget[name=round_ids] .o_field_x2many_list_row_add a")
        screen.fill("key_info", "They have two more offers", within=".modal")
        screen.fill("agreed_points", "4950 for two years", within=".modal")
        screen.click(".modal footer .o_form_button_save")
        screen.wait_gone(".modal")
        save(screen)
        concede(deals.client("manager"), negotiation, 4950)
        screen.page.reload()
        screen.wait_state("negotiating")
        screen.press("action_settle")
        screen.press("action_submit")
        screen.wait_state("to_confirm")
        screen.press("action_open_floor")
        screen.click(".o_kam_floor button[name=show]")
        screen.wait(".o_kam_floor td", "4,711.37")
    with Screen(browser, deals, "engineer") as screen:
        screen.go(f"/{NEGOTIATION}/{negotiation}")
        screen.wait_state("to_confirm")
        assert not screen.page.locator("button[name=action_open_floor]").count()
        assert "4711" not in screen.page.content()
    with Screen(browser, deals, "boss", **PHONE) as screen:
        screen.go("/my-approvals")
        assert fits(screen)
        screen.click(f"{CARD}:has-text('{ROUND}') button[name=action_open_approve]")
        screen.fill("comment", "Agreed", within=".modal")
        screen.confirm()
        screen.wait_gone(f"{CARD}:has-text('{ROUND}')")
    manager = deals.client("manager")
    row = manager.read(NEGOTIATION, negotiation, "state", "agreed_on", "conceded")
    assert row["state"] == "agreed"
    assert row["agreed_on"]
    assert row["conceded"] == 250_000
    assert deals.client("auditor").call(
        "kam.negotiation.reading",
        "search_count",
        domain=[("negotiation_id", "=", negotiation), ("user_id", "=", deals.ids["manager"])],
    )
