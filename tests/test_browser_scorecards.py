"""A month of a person assessed in a browser, in two languages: the director reviews in one
list, the account manager objects and acknowledges."""

import pytest
from conftest import served_in
from screens import Screen
from test_browser_deals import tab

PEOPLE = ("office", "director", "manager")
CARD = "kam.scorecard"
AREA = "env.ref('key_account_mgmt.group_kam_area_kpi')._kam_switch_on()"
MAKE = """
from datetime import timedelta

people = {u.login: u for u in env["res.users"].search([("login", "in", ("director", "manager"))])}
last = env.company._kam_today().replace(day=1) - timedelta(days=1)
card = env["kam.scorecard"]._as_engine().create(
    {
        "company_id": env.company.id,
        "set_id": env.ref("key_account_mgmt.kam_kpi_set_am_month").id,
        "subject_kind": "user",
        "user_id": people["manager"].id,
        "subject_user_id": people["manager"].id,
        "reviewer_id": people["director"].id,
        "period_kind": "month",
        "date_from": last.replace(day=1),
        "date_to": last,
        "state": "computed",
    }
)
card._send_to_review()
env.cr.commit()
env.registry.clear_all_caches()
env.registry.signal_changes()
"""


@pytest.fixture(scope="module")
def assessed(world, language):
    """A site where the account manager's month waits for the director."""
    with served_in(world, language, PEOPLE) as site:
        world.environment.run_shell(site.database, f"{AREA}\n{MAKE}")
        yield site


@pytest.fixture(scope="module")
def reviewed(browser, assessed):
    """Score and feedback inline, then done, without opening the card."""
    with Screen(browser, assessed, "director", width=1500) as screen:
        screen.go("/key-account-scorecards-to-review")
        screen.click(".o_data_row .o_data_cell[name=manual_score]")
        screen.page.fill(".o_data_row [name=manual_score] input", "80")
        screen.page.fill(".o_data_row [name=feedback] textarea", "Well done")
        screen.click(".o_list_button_save:visible")
        screen.wait_gone(".o_selected_row")
        screen.click(".o_data_row .o_list_record_selector input")
        screen.click("button[name=action_review]:visible")
        screen.wait_gone(".o_data_row")
    office = assessed.client("office")
    [card] = office.search(CARD, ("user_id", "=", assessed.ids["manager"]))
    row = office.read(CARD, card, "state", "feedback", "total")
    assert (row["state"], row["feedback"], row["total"]) == ("acknowledge", "Well done", 80.0)
    return card


def test_objected_to_decided_acknowledged(browser, assessed, reviewed):
    """Source: (c13), S0-167, S0-168"""
    with Screen(browser, assessed, "manager") as screen:
        screen.go("/my-scorecard")
        screen.click(".o_kanban_record:not(.o_kanban_ghost)")
        screen.wait_state("acknowledge")
        screen.press("action_object")
        screen.fill("text", "The trial order is missing", within=".modal")
        screen.confirm()
    with Screen(browser, assessed, "director") as screen:
        screen.go(f"/key-account-scorecards/{reviewed}")
        screen.press("action_rule")
        screen.wait(".modal", "The trial order is missing")
        screen.fill("text", "It came in the next month", within=".modal")
        screen.confirm()
        screen.press("action_review")
        screen.wait_state("acknowledge")
    with Screen(browser, assessed, "manager") as screen:
        screen.go("/my-scorecard")
        screen.click(".o_kanban_record:not(.o_kanban_ghost)")
        tab(screen, "objections")
        screen.wait(".o_data_row", "It came in the next month")
        screen.press("action_acknowledge")
        screen.confirm()
        screen.wait_state("closed")
