"""Can a coordinator mend with the keyboard alone, on a page that invents nothing?"""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Page, expect

from calltime_server.rights import Role
from calltime_server.web.guard import COOKIE
from fixtures.browsers import at_the_desk, axe, no_wider_than_its_window, on_a_phone
from fixtures.logged import log_days_now
from fixtures.office import let_in, open_office
from fixtures.small_day import DAY, EVENING, SmallDay

PAGES = ("/mend", "/mend/queue/missed", "/mend/queue/no_stop", "/mend/queue/not_planned", "/mend/amendments", "/mend/unlock", "/compliance")
OF_OFFICERS = ("/mend/queue/unknown_badge", "/settings/reasons", "/settings/reasons?change=weather", "/settings/lock", "/compliance")


@pytest.fixture
def address(small_day: SmallDay) -> Iterator[str]:
    """An office in the evening of the small day, which is worked out, and locks in two days."""
    log_days_now(small_day.dsn, DAY)
    with psycopg.connect(small_day.dsn) as connection:
        connection.execute(
            "INSERT INTO lock_date (locked_through, locks_at, noted_by, noted_at) VALUES (%s, '2026-10-07T17:00Z', 'a test', %s)",
            (DAY, EVENING),
        )
        connection.execute(
            "INSERT INTO unlock_asked (provider, first_day, last_day, why, noted_by, noted_at) "
            "VALUES ('North Care', %s, %s, 'A phone was lost', 'a test', %s)",
            (DAY, DAY, EVENING),
        )
    with open_office(small_day.dsn, now=lambda: EVENING) as found:
        yield found


@pytest.fixture
def coordinator(page: Page, address: str, small_day: SmallDay) -> Page:
    """A browser in which somebody of North Care is signed in."""
    let = let_in(small_day.dsn, Role.PROVIDER, provider="North Care")
    page.context.add_cookies([{"name": COOKIE, "value": let.session, "url": address}])
    return page


def tab_to(page: Page, field: str) -> None:
    """Press the tab key until the focus is on the element of this id, or of this name and value."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("f => document.activeElement.id.startsWith(f) || document.activeElement.value === f", field):
            return
    raise AssertionError(f"the tab key never came to {field}")


def test_a_missed_visit_is_mended_without_a_mouse(coordinator: Page, address: str, small_day: SmallDay) -> None:
    page = coordinator
    page.goto(f"{address}/mend/queue/no_stop")
    # Nothing is filled in by us.
    assert page.locator("input[name^='stop.']").input_value() == ""
    tab_to(page, "stop.")
    page.keyboard.type("10:31")
    tab_to(page, "way")
    page.keyboard.press("Space")
    tab_to(page, "reason")
    page.keyboard.type("Forgot to tap at the end")
    tab_to(page, "check")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Look at the changes")).to_be_visible()
    tab_to(page, "write")
    page.keyboard.press("Enter")
    expect(page.get_by_text("1 row was written down.")).to_be_visible()

    with psycopg.connect(small_day.dsn) as connection:
        assert connection.execute("SELECT action, carer, reason FROM entry").fetchall() == [("stop", "C1", "forgot_out")]


def test_what_is_wrong_is_told_above_and_leads_to_its_field(coordinator: Page, address: str) -> None:
    page = coordinator
    page.goto(f"{address}/mend/queue/missed")
    page.locator("input[name='row']").first.check()
    page.get_by_label("Enter the times that I typed").check()
    page.get_by_role("button", name="Look at the changes").click()
    link = page.get_by_role("link", name="Write the time of the start").first
    link.click()
    expect(page.locator("input[name^='start.']").first).to_be_focused()
    assert axe(page) == []


@pytest.mark.parametrize("path", PAGES)
def test_the_pages_of_a_provider_can_be_used_by_everybody(coordinator: Page, address: str, path: str) -> None:
    _look(coordinator, address + path)


@pytest.mark.parametrize("path", OF_OFFICERS)
def test_the_pages_of_an_officer_can_be_used_by_everybody(page: Page, address: str, small_day: SmallDay, path: str) -> None:
    page.context.add_cookies([{"name": COOKIE, "value": let_in(small_day.dsn).session, "url": address}])
    _look(page, address + path)


def _look(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("h1")).to_be_visible()
    for resize in (on_a_phone, at_the_desk):
        resize(page)
        assert no_wider_than_its_window(page)
        assert axe(page) == []
