"""A contract from quotation to confirmed order, in a browser, in two languages.

As the salesperson whose order waits, commercial who drafts, legal, the reviewers, the
director and the keeper of the seal work with it.
"""

import base64
from datetime import date, timedelta

import pytest
from conftest import served_in
from screens import Screen
from test_browser_deals import CARD, RIBBON, add_row, fits, save, tab

PHONE = {"width": 390, "height": 844}
CONTRACT, ORDER, SEAL = "kam.contract", "sale.order", "kam.contract.seal"
CUSTOMER = "Borealis Elevators"
GROUPS = {
    "commercial": (
        "key_account_mgmt.group_kam_commercial",
        "sales_team.group_sale_salesman_all_leads",
    ),
    "lawyer": ("key_account_mgmt.group_kam_legal",),
    "treasurer": ("key_account_mgmt.group_kam_finance",),
}
PEOPLE = ("office", "director", "manager", "engineer")
BLOCK = ".o_form_view div[name=kam_contract_block]"
CHECKLIST = ".modal .o_form_view"
ACCEPT = "[data-bs-target='#modalaccept']"
WAITS = "div[name=kam_contract_waits]"


@pytest.fixture(scope="module")
def contracts(world, language):
    """A site where contract control holds from 100,000 on, and a large quotation waits."""
    with served_in(world, language, PEOPLE) as site:
        admin, policy = site.client("admin"), site.client("policyadmin")
        ticks = admin.create("res.config.settings", group_kam_area_contract=True)
        admin.call("res.config.settings", "execute", ticks)
        for login, groups in GROUPS.items():
            add_person(admin, login, ("key_account_mgmt.group_kam_member", *groups), language)
        site.department = policy.create("kam.department", name="Workshop")
        control = policy.create("kam.guard.wizard", amount=100_000.0, reason="As the policy says")
        policy.call("kam.guard.wizard", "action_apply", control)
        product = admin.create("product.product", name="Car door", taxes_id=[])
        line = {"product_id": product, "product_uom_qty": 100, "price_unit": 6000.0}
        site.line = {**line, "tax_ids": []}
        site.order = site.client("manager").create(
            ORDER,
            partner_id=site.ids[CUSTOMER],
            pricelist_id=False,
            order_line=[[0, 0, site.line]],
        )
        site.order_name = site.client("manager").read(ORDER, site.order, "name")
        yield site


def add_person(admin, login, groups, language):
    ids = []
    for xmlid in groups:
        module, name = xmlid.split(".")
        [found] = admin.call(
            "ir.model.data",
            "search_read",
            domain=[("module", "=", module), ("name", "=", name)],
            fields=["res_id"],
        )
        ids.append(found["res_id"])
    admin.create(
        "res.users",
        context={"no_reset_password": True},
        name=login.title(),
        login=login,
        password=login,
        lang=language,
        group_ids=[[6, 0, ids]],
    )


@pytest.fixture(scope="module")
def submitted(browser, contracts):
    """Drafted from the quotation in one click, completed and submitted."""
    office = contracts.client("office")
    with Screen(browser, contracts, "manager") as screen:
        screen.go(f"/{ORDER}/{contracts.order}")
        screen.wait(BLOCK)
        assert not screen.page.locator("button[name=action_kam_contract]:visible").count()
    with Screen(browser, contracts, "commercial") as screen:
        screen.go(f"/{ORDER}/{contracts.order}")
        screen.press("action_kam_contract")
        screen.wait_state("draft")
        screen.wait(f"{RIBBON} button[data-code=contract]")
        assert "600,000.00" in screen.text(".o_field_widget[name=amount_total]")
        assert screen.page.locator("[name=clause_ids] .o_data_row").count() == 10
        screen.choose("project_manager_id", "Engineer", within=".o_form_view")
        tab(screen, "review")
        screen.choose("delivery_user_id", "Office", within=".o_form_view")
        save(screen)
        screen.press("action_submit")
        screen.wait_state("legal")
    [contract] = office.search(CONTRACT, ("order_ids", "in", [contracts.order]))
    row = office.read(CONTRACT, contract, "technical_user_id", "partner_id")
    assert row["technical_user_id"][0] == contracts.ids["manager"]
    assert row["partner_id"][0] == contracts.ids[CUSTOMER]
    return contract


@pytest.fixture(scope="module")
def approved(browser, contracts, submitted):
    """Legal passes it with a condition that is ticked off in the round; all others agree."""
    with Screen(browser, contracts, "lawyer") as screen:
        screen.open_app()
        screen.wait(".o_list_view")
        screen.click(".o_data_row button[name=action_legal_review]")
        screen.wait(".o_form_view .o_field_widget[name=opinion]")
        screen.tick(".o_field_widget[name=risk] .o_radio_item input >> nth=0")
        screen.fill("opinion", "Usual terms; the insurance is missing")
        add_row(screen, "condition_ids", name="A letter of the insurer")
        save(screen)
        screen.press("action_pass_with_conditions")
        screen.wait_state("conditions")
        screen.click("[name=condition_ids] button[name=action_tick]")
        screen.wait_state("passed")
    for login in ("manager", "office", "treasurer", "director"):
        window = PHONE if login == "director" else {}
        with Screen(browser, contracts, login, **window) as screen:
            screen.go("/my-approvals")
            card = f"{CARD}:has-text('{contracts.order_name}')"
            assert not window or fits(screen)
            screen.click(f"{card} button[name=action_open_approve]")
            screen.fill("comment", "Yes", within=".modal")
            screen.confirm()
            screen.wait_gone(card)
    assert contracts.client("office").read(CONTRACT, submitted, "state") == "to_sign"
    return submitted


def prepare_signing(site, contract):
    """What stands beside the road: a milestone, the days and the scan of the checklist."""
    office, today = site.client("office"), date.today()
    office.create(
        "kam.contract.milestone",
        contract_id=contract,
        name="First delivery",
        date_due=str(today + timedelta(days=40)),
        department_id=site.department,
        user_id=site.ids["engineer"],
    )
    scan = office.create(
        "ir.attachment", name="signed.pdf", datas=base64.b64encode(b"%PDF-1.7 signed").decode()
    )
    [signing] = office.search("kam.contract.signing", ("contract_id", "=", contract))
    approved_on = str(today)
    office.write(
        "kam.contract.signing",
        signing,
        our_on=approved_on,
        their_on=approved_on,
        scan_ids=[[6, 0, [scan]]],
    )


def test_from_the_quotation_to_the_confirmed_order(browser, contracts, approved):
    """Sealed, signed by both, in force; then the salesperson confirms what was blocked.

    Source: S0-99 … S0-107, users §2, §3.6, design §4.5
    """
    with Screen(browser, contracts, "commercial") as screen:
        screen.open_app()
        screen.click(".o_data_row .o_data_cell", contracts.order_name)
        screen.wait_state("to_sign")
        screen.press("action_request_seal")
        screen.wait(".modal [name=seal_id] input").click()
        screen.click(".o-autocomplete--dropdown-item a:not(.o_m2o_dropdown_option)")
        screen.click(".modal footer .o_form_button_save")
        screen.wait_gone(".modal")
    with Screen(browser, contracts, "lawyer") as screen:
        screen.open_app()
        screen.do("key_account_mgmt.kam_contract_seal_action")
        screen.click(".o_data_row button[name=action_affix]")
        screen.wait_gone(".o_data_row button[name=action_affix]")
    prepare_signing(contracts, approved)
    with Screen(browser, contracts, "commercial") as screen:
        screen.go(f"/{CONTRACT}/{approved}")
        screen.press("action_open_signing")
        for name, value in (
            ("our_name", "Wu Yue"),
            ("their_name", "Their director"),
            ("place", "Archive 3"),
        ):
            screen.fill(name, value, within=CHECKLIST)
        for name in ("their_seal", "authority"):
            # What is missing is told anew after every field.
            screen.settle()
            screen.click(f"{CHECKLIST} .o_field_widget[name={name}] input")
        screen.settle()
        screen.click(".modal footer button[name=action_sign]")
        screen.wait_gone(".modal")
        screen.page.reload()
        screen.wait_state("in_force")
    with Screen(browser, contracts, "manager") as screen:
        screen.go(f"/{ORDER}/{contracts.order}")
        screen.wait(".o_statusbar_status")
        assert not screen.page.locator(BLOCK).count()
        screen.press("action_confirm")
        screen.wait_state("sale")


def test_the_customer_signs_only_what_may_be_confirmed(browser, contracts):
    """In the portal a large quotation offers nothing to sign, a small one does; phone.

    Source: design §4.5, g Q20
    """
    manager = contracts.client("manager")
    large, small = (
        manager.create(
            ORDER,
            partner_id=contracts.ids[CUSTOMER],
            pricelist_id=False,
            require_signature=True,
            order_line=[[0, 0, {**contracts.line, "product_uom_qty": quantity}]],
        )
        for quantity in (100, 2)
    )
    window = browser.new_context(viewport=PHONE)
    page = window.new_page()
    for order, offered in ((large, False), (small, True)):
        path = manager.call(ORDER, "get_portal_url", ids=order)
        page.goto(contracts.address + path)
        page.wait_for_selector("#portal_sale_content")
        assert bool(page.locator(ACCEPT).count()) == offered
        assert bool(page.locator(WAITS).count()) != offered
    window.close()


def test_an_early_release(browser, contracts):
    """The salesperson sees why, asks for the order before the signature, reminds; the director
    releases it, and the order is confirmed.

    Source: S0-105, design §4.5
    """
    manager = contracts.client("manager")
    order = manager.create(
        ORDER,
        partner_id=contracts.ids[CUSTOMER],
        pricelist_id=False,
        order_line=[[0, 0, {**contracts.line, "product_uom_qty": 90}]],
    )
    name = manager.read(ORDER, order, "name")
    with Screen(browser, contracts, "manager") as screen:
        screen.go(f"/{ORDER}/{order}")
        screen.wait(BLOCK)
        screen.press("action_kam_early_release")
        screen.wait(".o_form_view button[name=action_submit]")
        screen.fill("reason", "Their line stands still")
        screen.press("action_submit")
        screen.wait_state("to_approve")
        screen.go(f"/{ORDER}/{order}")
        assert "Director" in screen.text(f"{BLOCK} [name=kam_contract_block]")
        screen.press("action_kam_remind")
        screen.wait(".o_notification")
    with Screen(browser, contracts, "director", **PHONE) as screen:
        screen.go("/my-approvals")
        card = f"{CARD}:has-text('{name}')"
        screen.click(f"{card} button[name=action_open_approve]")
        screen.fill("comment", "Deliver", within=".modal")
        screen.confirm()
        screen.wait_gone(card)
    with Screen(browser, contracts, "manager") as screen:
        screen.go(f"/{ORDER}/{order}")
        screen.wait(".o_statusbar_status")
        assert not screen.page.locator(BLOCK).count()
        screen.press("action_confirm")
        screen.wait_state("sale")


def test_the_paper_is_in_the_language_of_the_contract(contracts, submitted, words):
    """P15 with its amount in Chinese capitals.  Source: users §3.6"""
    office = contracts.client("office")
    row = office.read(CONTRACT, submitted, "lang", "amount_in_words")
    assert row["amount_in_words"] == "人民币陆拾万元整"
    headings = office.call(
        "kam.contract.clause",
        "search_read",
        domain=[("contract_id", "=", submitted), ("code", "=", "payment")],
        fields=["name"],
    )
    assert [heading["name"] for heading in headings] == [words("Payment")]
