"""My Week in a browser: what is due, ticked off without opening it; desktop and phone."""

from datetime import date, timedelta

import pytest
from conftest import served
from screens import Screen

PROMISES = (("Send drawings", "Everest Group", -3), ("Call back", "Everest Group", 0),
            ("Bring samples", "Alpine Lifts", 0), ("Next year", "Alpine Lifts", 300))  # fmt: skip


@pytest.fixture
def week(world):
    """The account manager promised three things for this week, and one for next year."""
    with served(world) as site:
        manager = site.client("manager")
        site.before = due(manager, site.ids["manager"])
        for name, customer, days in PROMISES:
            [account] = manager.search("kam.account", ("name", "=", customer))
            day = date.today() + timedelta(days=days)
            manager.create("kam.action", name=name, account_id=account, date_due=str(day))
        yield site


def due(client, user):
    """[overdue, today, this week]: what a person had to do before he promised anything."""
    mine = ("user_id", "=", user)
    return [
        client.call("kam.week.item", "search_count", domain=[mine, ("bucket", "=", bucket)])
        for bucket in ("1_overdue", "2_today", "3_week")
    ]


def count(screen, tile):
    return screen.text(f".o_kam_week_banner [data-code={tile}] .fs-3")


def test_the_week_of_an_account_manager(browser, week):
    """By account, what is due; a number filters, a tick is enough, a row opens.

    Source: users §2, §6
    """
    overdue, today, later = week.before
    with Screen(browser, week, "manager") as screen:
        screen.open_app()
        assert "/my-week" in screen.page.url
        counts = [int(count(screen, tile)) for tile in ("overdue", "today")]
        assert counts == [overdue + 1, today + 2]
        screen.wait(".o_group_header", "Everest Group")
        assert screen.page.locator(".o_data_row").count() == overdue + today + later + 3
        screen.wait(".o_kam_week_banner [data-code=sales_month]")
        screen.click(".o_kam_week_banner button[data-code=today]")
        screen.page.locator(".o_data_row").nth(1).wait_for()
        screen.wait_gone(".o_data_row:has-text('Send drawings')")
        screen.wait(".o_group_header", "Alpine Lifts")
        screen.click(".o_data_row:has-text('Call back') button[name=action_quick]")
        screen.wait_gone(".o_data_row:has-text('Call back')")
        screen.wait(".o_kam_week_banner [data-code=today] .fs-3", str(today + 1))
        screen.click(".o_data_row [name=title]", "Bring samples")
        screen.wait(".o_form_view [name=account_id]")
        screen.press("action_done")
        screen.wait_state("done")


def test_nothing_to_plan_is_said(browser, week):
    with Screen(browser, week, "manager") as screen:
        screen.go("/my-week")
        screen.click(".o_data_row:has-text('Call back') .o_list_record_selector input")
        screen.click("button[name=action_plan_visits]")
        screen.wait(".o_notification, .modal", "obligations")
        screen.complaints.clear()


def test_the_week_fits_a_phone(browser, week):
    """Cards instead of rows, nothing beyond 390 pixels, ticked off with the thumb."""
    with Screen(browser, week, "manager", width=390, height=844) as screen:
        screen.go("/my-week")
        card = ".o_kanban_record:not(.o_kanban_ghost)"
        cards = sum(week.before) + len(PROMISES) - 1
        screen.page.locator(card).nth(cards - 1).wait_for()
        assert screen.page.locator(card).count() == cards
        box = screen.wait(f"{card} button[name=action_quick]").bounding_box()
        assert 0 <= box["x"] <= 390 - box["width"]
        assert screen.page.evaluate("document.documentElement.scrollWidth") <= 390
        screen.click(f"{card}:has-text('Send drawings') button[name=action_quick]:visible")
        screen.wait_gone(f"{card}:has-text('Send drawings')")
        assert screen.page.locator(card).count() == cards - 1
