"""Can everybody use every page? Asked of axe-core in a real Chromium, in both languages, at a desk, on a phone and four times enlarged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from calltime_server.rights import Role
from calltime_server.web.guard import COOKIE
from calltime_server.web.language import COOKIE as LANGUAGE_COOKIE
from calltime_server.web.language import LANGUAGES, Language
from fixtures.browsers import at_the_desk, axe, enlarged_four_times, no_wider_than_its_window, on_a_phone
from fixtures.office import let_in, open_office
from fixtures.small_day import EVENING, SmallDay

FOR_AN_OFFICER = (
    "/today",
    "/today?queue=due",
    "/visits",
    "/visits?day=2026-10-05&view=service_users",
    "/visits?day=2026-10-05&view=carers",
    "/visits/V1",
    "/actuals",
    "/actuals?outcome=pay",
    "/actuals/V1",
    "/actuals/V%2F6",
    "/actuals/V404",
    "/visits?day=soon",
    "/nowhere",
    "/doors",
    "/doors/new",
    "/doors/tags",
    "/doors/tags?tag=04A2B3",
    "/doors/tags/hang?tag=04A2B3",
    "/doors/tags/called?service_user=S1",
    "/doors/tags/sheets?home=S1&home=S2",
    "/doors/d_nowhere",
    "/carers",
    "/carers/new",
    "/carers/C1",
    "/settings/tokens",
    "/runs",
    "/runs/1",
    "/runs/1/close",
    "/runs/1/lines?outcome=refuse",
    "/statements",
    "/statements/1",
    "/statements/1?provider=North+Care&printed=1",
    "/work",
    "/mend",
    "/mend/queue/missed",
    "/mend/queue/unknown_badge",
    "/mend/amendments",
    "/mend/unlock",
    "/compliance",
    "/settings/reasons",
    "/variance",
    "/variance/reports/continuity",
    "/plan",
    "/plan/agreed/packages",
    "/plan/bring",
    "/absences",
    "/absences/new",
    "/terms",
    "/terms/from/2026-04-06",
    "/terms/try",
    "/settings/lock",
)
FOR_EVERYBODY = ("/accessibility", "/privacy", "/sign-in", "/t/any", "/enrol")
FOR_AN_ADMINISTRATOR = ("/people", "/people/new", "/people/1", "/audit", "/settings", "/settings/me", "/subject-access")


@pytest.fixture
def address(settled_day: SmallDay, tmp_path: Path) -> Iterator[str]:
    """Where the office is, in the evening of the small day, settled. Without the app of phones, which is looked at by its own tests."""
    with open_office(settled_day.dsn, now=lambda: EVENING, phone_app=tmp_path) as found:
        yield found


@pytest.fixture
def officer(page: Page, address: str, settled_day: SmallDay) -> Page:
    """A browser in which a council officer is signed in."""
    page.context.add_cookies([{"name": COOKIE, "value": let_in(settled_day.dsn).session, "url": address}])
    return page


def look(page: Page, address: str, paths: tuple[str, ...], language: Language) -> None:
    """Open each page and hold it against the rules."""
    page.context.add_cookies([{"name": LANGUAGE_COOKIE, "value": language, "url": address}])
    for path in paths:
        page.goto(address + path)
        expect(page.locator("html")).to_have_attribute("lang", {"en": "en-GB", "cy": "cy"}[language])
        for resize in (enlarged_four_times, on_a_phone, at_the_desk):
            resize(page)
            assert no_wider_than_its_window(page), f"{path} is wider than its window, {resize.__name__}"
            # On a phone a page is laid out as it is when it is enlarged.
            if resize is not on_a_phone:
                assert axe(page) == [], f"{path}, {resize.__name__}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_an_officer(officer: Page, address: str, language: Language) -> None:
    look(officer, address, FOR_AN_OFFICER, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_an_administrator(page: Page, address: str, settled_day: SmallDay, language: Language) -> None:
    session = let_in(settled_day.dsn, Role.ADMINISTRATOR).session
    page.context.add_cookies([{"name": COOKIE, "value": session, "url": address}])
    look(page, address, FOR_AN_ADMINISTRATOR, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_pages_for_everybody(page: Page, address: str, language: Language) -> None:
    look(page, address, FOR_EVERYBODY, language)


def test_the_keyboard_reaches_the_content_first(officer: Page, address: str) -> None:
    officer.goto(f"{address}/visits")
    officer.keyboard.press("Tab")
    expect(officer.get_by_role("link", name="Skip to main content")).to_be_focused()
    officer.keyboard.press("Enter")

    expect(officer.locator("#main-content")).to_be_focused()


def test_a_closed_part_opens_by_the_keyboard(officer: Page, address: str) -> None:
    officer.goto(f"{address}/visits")
    summary = officer.locator("summary", has_text="The same as a table").first
    expect(officer.get_by_role("table", name="Carer visits by the hour of their planned start")).to_be_hidden()
    summary.focus()
    officer.keyboard.press("Enter")

    expect(officer.get_by_role("table", name="Carer visits by the hour of their planned start")).to_be_visible()


def test_without_scripts_everything_is_there(browser: Browser, address: str, settled_day: SmallDay) -> None:
    with browser.new_context(java_script_enabled=False) as context:
        context.add_cookies([{"name": COOKIE, "value": let_in(settled_day.dsn).session, "url": address}])
        page = context.new_page()
        on_a_phone(page)
        page.goto(f"{address}/visits")

        expect(page.get_by_role("link", name="Payment actuals")).to_be_visible()  # not behind a button that nothing moves
        page.get_by_label("Provider").select_option("North Care")
        page.get_by_role("button", name="Show").click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("North Care")
        expect(page.get_by_role("cell").filter(has_text="Delivered").first).to_be_visible()


def test_nothing_touches_the_edge_of_the_window(officer: Page, address: str) -> None:
    for width in (360, 768, 1024, 1100, 1200, 1280):
        officer.set_viewport_size({"width": width, "height": 900})
        officer.goto(f"{address}/visits")

        assert officer.evaluate("document.querySelector('h1').getBoundingClientRect().left") >= 15, width
