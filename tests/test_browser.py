"""Journeys 3 → 4 → 5 in a browser, in two languages, and every screen for every role."""

import pytest
from conftest import served_in
from screens import Screen


@pytest.fixture(scope="module")
def journey(world, language):
    """A site of its own whose people read the language of the test."""
    with served_in(world, language, ("office", "boss", "manager", "seller")) as site:
        yield site


def test_office_evaluates_and_submits(browser, journey, words):
    """From the app's first screen to a submitted evaluation with one override.

    Source: S0-34, S0-35, S2-08, (c1)
    """
    with Screen(browser, journey, "office") as screen:
        screen.open_app()
        assert "/exceptions" in screen.page.url
        assert screen.text(".o_menu_brand") == words("Key Accounts")
        screen.click(".o_menu_sections [data-menu-xmlid='key_account_mgmt.kam_accounts_menu']")
        screen.click("[data-menu-xmlid='key_account_mgmt.kam_account_menu']")
        screen.wait(".o_list_view .o_data_row", "Borealis")
        create_and_compute(screen, words)
        read_line(screen, words)
        show_documents(screen)
        override(screen, words)
        screen.page.locator(".breadcrumb-item, .o_back_button").filter(
            has_text="Classification"
        ).first.click()
        screen.wait("[name=override_count]", "1")
        screen.press("action_submit")
        screen.wait_state("to_approve")
        assert "Boss" in screen.text("[name=approval_waiting_for]")


def create_and_compute(screen, words):
    screen.click(".o_menu_sections [data-menu-xmlid='key_account_mgmt.kam_programme_menu']")
    screen.click("[data-menu-xmlid='key_account_mgmt.kam_tier_evaluation_menu']")
    screen.wait(".o_breadcrumb", words("Tier Evaluations"))
    screen.click(".o_list_button_add")
    screen.fill("name", "Classification")
    assert screen.text("button[name=action_compute]:visible") == words("Compute")
    screen.press("action_compute")
    screen.wait_state("computed")
    screen.wait("[name=changed_line_ids] .o_data_row", "Alpine Lifts")
    screen.click(".nav-link[name=matrix]")
    assert words("Current ↓ Decided →") in screen.text("[name=matrix_html]")


def read_line(screen, words):
    """Value, threshold, verdict and what is missing, with the window in words."""
    screen.page.locator("button[name=action_view_lines]:visible").nth(1).click()
    screen.click(".o_list_view .o_data_row [name=partner_id]", "Harbour Hoists")
    screen.wait(".o_form_view [name=result_ids] .o_data_row")
    missing = screen.text("[name=missing_text]")
    assert "500,000" in missing
    row = screen.wait("[name=result_ids] .o_data_row", "19,500,000").inner_text()
    assert "20,000,000" in row
    assert words("Not met") in row


def show_documents(screen):
    row = screen.page.locator("[name=result_ids] .o_data_row").filter(has_text="19,500,000").first
    row.locator("button[name=action_show_documents]").click()
    screen.wait(".o_list_view .o_data_row [name=amount_untaxed_in_currency_signed]")
    assert screen.page.locator(".o_list_view .o_data_row").count() == 2
    screen.page.go_back()
    screen.wait(".o_form_view [name=result_ids] .o_data_row")


def override(screen, words):
    screen.press("action_override")
    tier = words("Key")
    screen.choose("tier_id", tier)
    screen.fill("reason", "Signed for next year", within=".modal")
    screen.confirm()
    screen.wait(".o_form_view [name=override_reason]", "Signed for next year")
    assert screen.text(".o_form_view [name=decided_tier_id]") == tier


@pytest.fixture
def submitted(journey):
    """The evaluation of the journey's first part."""
    office = journey.client("office")
    found = office.search("kam.tier.evaluation", ("name", "=", "Classification"))
    if not found:
        pytest.fail("the office's part of the journey did not get to an evaluation")
    return found[0]


CARD = ".o_kanban_record:not(.o_kanban_ghost):has-text('Classification')"
PHONE = {"width": 390, "height": 844}


def test_a_round_goes_back_and_forth(browser, journey, words, submitted):
    """Returned with a reason, submitted again, reminded, transferred to a colleague and
    back. It is returned on a phone."""
    with Screen(browser, journey, "boss", **PHONE) as screen:
        screen.go("/my-approvals")
        screen.click(CARD)
        screen.press_more("action_open_return")
        assert screen.text(".modal footer button.btn-primary:visible") == words("Return")
        screen.fill("comment", "Which order was signed?", within=".modal")
        screen.confirm()
        screen.wait_gone("button[name=action_open_approve]:visible")
        assert screen.page.evaluate("document.documentElement.scrollWidth") <= 390
    office = journey.client("office")
    assert office.read("kam.tier.evaluation", submitted, "state") == "computed"
    with Screen(browser, journey, "office") as screen:
        screen.go(f"/kam.tier.evaluation/{submitted}")
        screen.click(".nav-link[name=approval]")
        screen.wait("[name=approval_decision_ids] .o_data_row", "Which order was signed?")
        screen.press("action_submit")
        screen.wait_state("to_approve")
        screen.press("action_remind")
        screen.wait_gone("button[name=action_remind]")
    for login, receiver in (("boss", "Manager"), ("manager", "Boss")):
        with Screen(browser, journey, login) as screen:
            screen.go("/my-approvals")
            assert screen.text(".o_kam_approvals .badge") == ("2" if login == "boss" else "1")
            screen.click(CARD)
            screen.press("action_open_transfer")
            screen.choose("user_id", receiver)
            screen.confirm()
            screen.wait_gone("button[name=action_open_approve]:visible")


def test_general_manager_approves_from_the_inbox(browser, journey, words, submitted):
    """What is unusual stands on the card; unchanged lines are one click away."""
    with Screen(browser, journey, "boss") as screen:
        screen.open_app()
        assert "/my-approvals" in screen.page.url
        highlights = screen.text(f"{CARD} [name=highlights_html]")
        assert "Harbour Hoists" in highlights
        assert "Signed for next year" in highlights
        screen.click(f"{CARD} button[name=action_open_document]")
        screen.wait("[name=changed_line_ids] .o_data_row", "Harbour Hoists")
        screen.page.locator("button[name=action_view_lines]:visible").nth(1).click()
        screen.wait(".o_list_view .o_data_row", "Delta Homes")
        screen.page.go_back()
        screen.press("action_approve_document")
        screen.fill("comment", "Agreed", within=".modal")
        assert screen.text(".modal footer button.btn-primary:visible") == words("Approve")
        screen.confirm()
        screen.wait_state("applied")
    assert journey.client("boss").read("kam.tier.evaluation", submitted, "state") == "applied"


def test_salesperson_sees_and_filters_by_tier(browser, journey, words, submitted):
    """The badge on contact, opportunity and quotation; filter and groups by tier."""
    assert journey.client("boss").read("kam.tier.evaluation", submitted, "state") == "applied"
    pages = {
        f"/res.partner/{journey.ids['Alpine Lifts']}": "Key",
        f"/crm.lead/{journey.ids['Alpine opportunity']}": "Key",
        f"/sale.order/{journey.ids['Alpine quotation']}": "Key",
        f"/sale.order/{journey.ids['quotation']}": "Main",
    }
    with Screen(browser, journey, "seller") as screen:
        for path, tier in pages.items():
            screen.go(path)
            assert screen.text(".o_form_view [name=kam_tier_id]") == words(tier), path
        for action in ("crm.crm_lead_action_pipeline", "sale.action_quotations_with_onboarding"):
            context = {"search_default_kam_key_account": 1, "search_default_kam_group_tier": 1}
            screen.do(action, viewType="list", additionalContext=context)
            screen.wait(".o_searchview_facet", words("Key Accounts"))
            screen.click(".o_group_header", words("Key"))
            screen.wait(".o_data_row", "Alpine")
            assert screen.page.locator(".o_group_header").count() == 1


# Every screen for every role

# A director sees what a general manager sees.
ROLES = ("office", "boss", "manager", "engineer", "auditor", "policyadmin", "admin")


def menu_actions(client):
    """{menu: action id} of the app as far as the user sees it."""
    menus = client.call("ir.ui.menu", "load_web_menus", debug=False)
    root = next(
        menu for menu in menus.values() if menu["xmlid"] == "key_account_mgmt.kam_menu_root"
    )
    found, waiting = {}, [root]
    while waiting:
        menu = waiting.pop(0)
        waiting += [menus[str(child)] for child in menu["children"]]
        if menu["actionID"]:
            found[menu["xmlid"].partition(".")[2]] = menu["actionID"]
    return found


@pytest.mark.parametrize("login", ROLES)
def test_every_menu_opens_in_every_view(browser, site, login):
    """No screen the app offers a role ends in an error, down to the first record."""
    with Screen(browser, site, login) as screen:
        client = screen.rpc()
        screen.open_app()
        for menu, action in menu_actions(client).items():
            try:
                walk(screen, client, action)
            except Exception as error:
                raise AssertionError(f"{menu} as {login}: {error}") from error
            assert not screen.complaints, (menu, "\n".join(screen.complaints))


def walk(screen, client, action):
    """Open an action in each of its views, then its first record."""
    screen.do(action)
    screen.settle()
    description = screen.load(action)
    if description["type"] != "ir.actions.act_window":
        return
    views = [view_type for _view, view_type in description["views"]]
    for view_type in views[1:]:
        if view_type not in ("form", "search"):
            screen.do(action, viewType=view_type)
            screen.wait(f".o_{view_type}_view, .o_{view_type}_renderer")
            screen.settle()
    records = client.call(description["res_model"], "search", domain=[], limit=1)
    if records and "form" in views:
        screen.do(action, viewType="form", props={"resId": records[0]})
        screen.wait(".o_form_view")
        screen.settle()


def test_inbox_fits_a_phone(browser, site):
    """The general manager decides on a screen of 390 pixels without scrolling sideways."""
    with Screen(browser, site, "boss", width=390, height=844) as screen:
        screen.go("/my-approvals")
        card = ".o_kanban_record:not(.o_kanban_ghost)"
        for button in ("action_open_approve", "action_open_refuse", "action_open_document"):
            box = screen.wait(f"{card} button[name={button}]").bounding_box()
            assert box["x"] >= 0
            assert box["x"] + box["width"] <= 390
        assert screen.page.evaluate("document.documentElement.scrollWidth") <= 390
        screen.click(f"{card} button[name=action_open_approve]")
        screen.wait(".modal [name=comment] textarea")
        assert screen.page.evaluate("document.documentElement.scrollWidth") <= 390
