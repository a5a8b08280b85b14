"""The dashboards in a browser, in two languages: every figure computes and opens its records."""

from datetime import date

import pytest
from conftest import served_in
from screens import Screen

ACTIVE = "odoo.__WOWL_DEBUG__.root.env.services.spreadsheet_dashboard_loader.getActiveDashboard()"
LOADED = f"() => {ACTIVE} && {ACTIVE}.status === 'Loaded'"
# What is still being read says so in the cell.
COMPUTED = f"""() => {{
    const getters = {ACTIVE}.model.getters;
    return getters.getSheetIds().every((sheet) =>
        Object.values(getters.getEvaluatedCells(sheet)).every(
            (cell) => !String(cell.value).startsWith("Loading")
        )
    );
}}"""
WRONG = f"""() => {{
    const getters = {ACTIVE}.model.getters;
    return getters.getSheetIds().flatMap((sheet) =>
        Object.values(getters.getEvaluatedCells(sheet))
            .filter((cell) => cell.type === "error")
            .map((cell) => cell.message || cell.value)
    );
}}"""
FIGURE = f"""(place) => {{
    const getters = {ACTIVE}.model.getters;
    return getters.getEvaluatedCell({{ sheetId: "sheet2", ...place }}).value;
}}"""


AREAS = """
for area in ("pursuit", "bid", "contract", "issue", "kpi"):
    env.ref(f"key_account_mgmt.group_kam_area_{area}")._kam_switch_on()
env.cr.commit()
# The server is running already.
env.registry.clear_all_caches()
env.registry.signal_changes()
"""


@pytest.fixture(scope="module")
def house(world, language):
    """A site of its own, all areas on, whose director reads the language of the test."""
    with served_in(world, language, ["director"]) as site:
        world.environment.run_shell(site.database, AREAS)
        yield site


@pytest.fixture
def screen(browser, house):
    with Screen(browser, house, "director", width=1500, height=1000) as screen:
        screen.go("/key-account-sales")
        yield screen


def dashboards(house):
    """Ours that the director may open."""
    ours = house.sql(
        "SELECT res_id FROM ir_model_data"
        " WHERE module = 'key_account_mgmt' AND model = 'spreadsheet.dashboard'"
    )
    return house.client("director").search(
        "spreadsheet.dashboard", ("id", "in", [int(number) for number in ours])
    )


def test_every_figure_computes(house, screen):
    """No cell of any dashboard shows an error."""
    found = dashboards(house)
    assert len(found) == 4
    for dashboard in found:
        screen.do(
            {
                "type": "ir.actions.client",
                "tag": "action_spreadsheet_dashboard",
                "params": {"dashboard_id": dashboard},
            }
        )
        screen.page.wait_for_function(LOADED)
        screen.settle()
        screen.page.wait_for_function(COMPUTED)
        assert screen.page.evaluate(WRONG) == []
        assert screen.page.locator(".o-figure").count() >= 2


def test_the_menu_opens_it_and_sales_are_those_of_the_report(house, screen):
    screen.do("key_account_mgmt.kam_dashboard_action")
    screen.page.wait_for_function(LOADED)
    screen.settle()
    screen.page.wait_for_function(COMPUTED)
    today = date.today()
    [expected] = house.client("director").call(
        "kam.sales.report",
        "formatted_read_group",
        domain=[
            ("month", ">=", f"{today.year}-01-01"),
            ("month", "<=", str(today)),
        ],
        groupby=[],
        aggregates=["sales:sum"],
    )
    shown = screen.page.evaluate(FIGURE, {"col": 1, "row": 1})
    assert shown == pytest.approx(expected["sales:sum"])
