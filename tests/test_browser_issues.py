"""What customers have a right to hear an answer to, and prices of a level, in a browser.

As a colleague on the account who raises an issue, after-sales who handles it without the
account file, a salesperson without rights on it, the account manager and the director; in
two languages.
"""

import pytest
from conftest import served_in
from screens import Screen
from test_browser_contracts import add_person
from test_browser_deals import CARD, add_row, fits, refused, save, select, tab

PHONE = {"width": 390, "height": 844}
ISSUE, ORDER, ACTION = "kam.issue", "sale.order", "kam.action"
PEOPLE = ("office", "director", "manager", "engineer", "seller")
ON_TEAM, KEY = "Alpine Lifts", "Borealis Elevators"
MEASURES = ".o_field_widget[name=measure_ids]"
PRICE = "div[name=kam_price]"
GROUP_DISCOUNT = "div[name=kam_group_discount]"


@pytest.fixture(scope="module")
def issues(world, language):
    """A site where issues and prices are on; key accounts get up to ten percent unasked."""
    with served_in(world, language, PEOPLE) as site:
        admin, policy = site.client("admin"), site.client("policyadmin")
        ticks = {f"group_kam_area_{area}": True for area in ("issue", "price", "plan")}
        settings = admin.create("res.config.settings", **ticks)
        admin.call("res.config.settings", "execute", settings)
        add_person(admin, "service", ("key_account_mgmt.group_kam_service",), language)
        [key] = policy.search("kam.tier", ("code", "=", "key"), ("scheme_id.code", "=", "s3"))
        policy.write("kam.tier", key, max_discount=10.0)
        site.product = admin.create(
            "product.product", name="Car door", list_price=6000.0, taxes_id=[]
        )
        yield site


def quotation(site, customer, **line):
    values = {"product_id": site.product, "product_uom_qty": 10, "tax_ids": [], **line}
    return site.client("manager").create(
        ORDER, partner_id=site.ids[customer], order_line=[[0, 0, values]]
    )


def file_of(site, customer):
    [account] = site.client("office").search("kam.account", ("partner_id", "=", site.ids[customer]))
    return account


@pytest.fixture(scope="module")
def raised(browser, issues, words):
    """With three fields, by a colleague on the account; what follows is worked out."""
    with Screen(browser, issues, "engineer") as screen:
        screen.go(f"/kam.account/{file_of(issues, ON_TEAM)}")
        screen.press("action_raise_issue")
        screen.choose("kind_id", words("Quality Problem"))
        screen.fill("description", "The doors hum at 62 dB", within=".modal")
        screen.click(".modal footer .o_form_button_save")
        screen.wait_gone(".modal")
    office = issues.client("office")
    [issue] = office.search(ISSUE, ("reporter_id", "=", issues.ids["engineer"]))
    row = office.read(ISSUE, issue, "name", "severity", "response_deadline", "resolve_deadline")
    assert row["name"] == "The doors hum at 62 dB"
    assert row["response_deadline"]
    assert row["resolve_deadline"]
    return issue


@pytest.fixture(scope="module")
def answered(browser, issues, raised):
    """After-sales finds it at home, responds, plans a measure and answers the customer."""
    with Screen(browser, issues, "service") as screen:
        screen.open_app()
        screen.click(".o_data_row .o_data_cell[name=name]", "62 dB")
        screen.wait(".o_form_view")
        screen.press("action_respond")
        screen.wait_state("in_progress")
        screen.fill("root_cause", "Belt tension of the old motor")
        add_row(screen, "measure_ids", name="Noise test of every tenth piece", user_id="Engineer")
        select(screen, "issue_measure", 2)
        screen.fill_day("date_due", "+7d", within=f"{MEASURES} .o_data_row")
        save(screen)
        screen.press("action_reply")
        screen.fill("text", "New tension: 53 dB", within=".modal")
        screen.confirm()
        screen.wait_state("replied")
    return raised


def test_from_raised_to_closed(browser, issues, answered):
    """Replied, it helped, the measure done by its owner and verified by another, closed.

    Source: S0-52, S2-55, S3-52, S3-53, S3-54, S1d-11, users §1
    """
    office = issues.client("office")
    [measure] = office.search(ACTION, ("issue_id", "=", answered))
    row = office.read(ACTION, measure, "issue_measure", "user_id", "state")
    assert (row["issue_measure"], row["state"]) == ("preventive", "open")
    with Screen(browser, issues, "engineer") as screen:
        screen.go(f"/{ISSUE}/{answered}")
        screen.press("action_verify")
        screen.fill("text", "Tenants are content", within=".modal")
        select(screen, "satisfaction", 3)
        screen.confirm()
        screen.wait_state("verified")
        screen.wait(".alert-warning", "Noise test")
        screen.click(f"{MEASURES} button[name=action_done]")
        screen.wait_gone(f"{MEASURES} button[name=action_done]")
        assert not screen.page.locator(f"{MEASURES} button[name=action_verify_measure]").count()
        tab(screen, "customer")
        assert screen.text("[name=customer_view]") == "Tenants are content"
    with Screen(browser, issues, "service") as screen:
        screen.go(f"/{ISSUE}/{answered}")
        screen.click(f"{MEASURES} button[name=action_verify_measure]")
        screen.fill("note", "53 dB in three towers", within=".modal")
        screen.confirm()
        screen.press("action_close")
        screen.wait_state("closed")
    row = office.read(ISSUE, answered, "customer_satisfaction", "closed_on")
    assert row["customer_satisfaction"]
    assert row["closed_on"]


def test_lists_and_figures_of_issues(browser, issues, raised):
    """The list, the cards and the pivot by type, product, department.  Source: S0-53"""
    with Screen(browser, issues, "office", **PHONE) as screen:
        screen.go(f"/{ISSUE}/{raised}")
        screen.wait(".o_form_view")
        assert fits(screen)
    with Screen(browser, issues, "office") as screen:
        screen.open_app()
        screen.do("key_account_mgmt.kam_issue_action")
        for view in ("kanban", "pivot", "graph", "list"):
            screen.click(f".o_cp_switch_buttons button.o_{view}")
            screen.wait(f".o_{view}_view")
            screen.settle()


def test_not_for_whoever_has_no_part_in_the_account(browser, issues, raised):
    """Neither the record nor the menu."""
    with Screen(browser, issues, "seller") as screen:
        refused(screen, f"/{ISSUE}/{raised}")


def test_a_discount_beyond_the_level(browser, issues):
    """Asked on the quotation, decided by the director on the phone, confirmed.

    Source: S1p-12, S2-26
    """
    within, beyond = (quotation(issues, KEY, discount=discount) for discount in (10, 25))
    name = issues.client("manager").read(ORDER, beyond, "name")
    with Screen(browser, issues, "manager") as screen:
        screen.go(f"/{ORDER}/{within}")
        screen.wait(".o_statusbar_status")
        assert not screen.page.locator(f"{PRICE}:visible").count()
        screen.go(f"/{ORDER}/{beyond}")
        screen.wait(PRICE, "25")
        screen.press("action_kam_ask_price")
        screen.fill("reason", "First year of a new line", within=".modal")
        screen.click(".modal footer button[name=action_submit]")
        screen.wait_gone(".modal")
    with Screen(browser, issues, "director", **PHONE) as screen:
        screen.go("/my-approvals")
        card = f"{CARD}:has-text('{name}')"
        assert fits(screen)
        screen.click(f"{card} button[name=action_open_approve]")
        screen.fill("comment", "Yes", within=".modal")
        screen.confirm()
        screen.wait_gone(card)
    with Screen(browser, issues, "manager") as screen:
        screen.go(f"/{ORDER}/{beyond}")
        screen.wait(".o_statusbar_status")
        assert not screen.page.locator(f"{PRICE}:visible").count()
        screen.press("action_confirm")
        screen.wait_state("sale")


def test_quantity_steps_of_a_campaign(browser, issues):
    """Set by the director on the campaign; the quotation says what its quantity earns.

    Source: S1c-17, S1c-18, S1c-19
    """
    utm = issues.client("admin").create("utm.campaign", title="Unit purchase")
    campaign = issues.client("office").create("kam.campaign", campaign_id=utm)
    with Screen(browser, issues, "manager") as screen:
        screen.go(f"/kam.campaign/{campaign}")
        screen.wait(".o_field_widget[name=step_ids]")
        assert not screen.page.locator("[name=step_ids] .o_field_x2many_list_row_add").count()
    with Screen(browser, issues, "director") as screen:
        screen.go(f"/kam.campaign/{campaign}")
        add_row(screen, "step_ids", quantity_from="50", discount="8")
        save(screen)
    order = quotation(issues, KEY, product_uom_qty=60)
    issues.client("manager").write(ORDER, order, campaign_id=utm)
    with Screen(browser, issues, "manager") as screen:
        screen.go(f"/{ORDER}/{order}")
        screen.wait(GROUP_DISCOUNT, "8")
        screen.press("action_kam_apply_group_discount")
        screen.settle()
    [line] = issues.client("manager").search("sale.order.line", ("order_id", "=", order))
    assert issues.client("manager").read("sale.order.line", line, "discount") == 8.0
