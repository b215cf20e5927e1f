"""How far is it from a run to the signed taps behind one of its lines? And can a run be brought to its end with the keyboard alone?"""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from calltime_server.rights import Role
from calltime_server.web.guard import COOKIE
from fixtures.browsers import browser, page  # noqa: F401 (fixtures)
from fixtures.long_work import do_all_work
from fixtures.office import Pass, let_in, open_office
from fixtures.small_day import DAY, EVENING, SmallDay

NEXT_MORNING = EVENING + timedelta(hours=12)


def sit_down(page: Page, address: str, let: Pass) -> None:  # noqa: F811
    page.context.clear_cookies()
    page.context.add_cookies([{"name": COOKIE, "value": let.session, "url": address}])


def to(page: Page, role: str, name: str) -> None:  # noqa: F811
    """Go on with the tabulator until this has the focus."""
    wanted = page.get_by_role(role, name=name, exact=True).first  # type: ignore[arg-type] # the roles of ARIA
    for _ in range(150):
        if wanted.evaluate("each => each === document.activeElement"):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"the {role} {name!r} is not reached with the tabulator")


def press(page: Page, name: str, role: str = "button") -> None:  # noqa: F811
    to(page, role, name)
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_any_line_is_three_clicks_from_its_run_to_its_taps(settled_day: SmallDay, page: Page) -> None:  # noqa: F811
    with open_office(settled_day.dsn, now=lambda: NEXT_MORNING) as address:
        sit_down(page, address, let_in(settled_day.dsn, Role.AUDITOR, now=NEXT_MORNING))
        page.goto(f"{address}/runs")
        page.get_by_role("link", name="Run 1").click()
        page.get_by_role("link", name="stop missing").click()
        page.get_by_role("link", name="V3").click()

        expect(page.get_by_text("Verifies")).to_be_visible()
        expect(page.get_by_text("What was signed")).to_be_visible()
        expect(page).to_have_title(re.compile("V3"))


def say(page: Page, field: str, words: str, button: str) -> None:  # noqa: F811
    """Write into a field and press a button, which a page answers."""
    to(page, "textbox", field)
    page.keyboard.type(words)
    press(page, button)


def test_a_run_is_brought_from_open_to_closed_by_two_people_with_the_keyboard_alone(small_day: SmallDay, page: Page) -> None:  # noqa: F811
    dsn = small_day.dsn
    officer, approver = (let_in(dsn, role, now=NEXT_MORNING) for role in (Role.OFFICER, Role.APPROVER))
    with open_office(dsn, now=lambda: NEXT_MORNING) as address:
        sit_down(page, address, officer)
        page.goto(f"{address}/runs")
        page.get_by_label("First day").fill(str(DAY))
        page.get_by_label("Last day").fill(str(DAY))
        press(page, "Open the period")
        press(page, "Run 1", role="link")
        press(page, "Settle now")
        do_all_work(dsn, now=NEXT_MORNING)
        # The page finds out by itself.
        page.get_by_text("7 lines were added").wait_for()
        press(page, "Back", role="link")
        press(page, "Send to the provider")
        expect(page.get_by_role("alert").get_by_text("Say why")).to_be_visible()
        say(page, "Why is it sent to the provider?", "Checked with the plan", "Send to the provider")
        # Who sent it is not offered to approve it.
        expect(page.get_by_role("button", name="Approve the run")).to_have_count(0)

        sit_down(page, address, approver)
        page.goto(f"{address}/runs/1")
        say(page, "Why is it approved?", "Looked through what is parked", "Approve the run")
        expect(page.get_by_text("The run is approved.")).to_be_visible()

        sit_down(page, address, officer)
        page.goto(f"{address}/runs/1")
        to(page, "checkbox", "CSV, our own columns")
        page.keyboard.press("Space")
        press(page, "Make the files")
        do_all_work(dsn, now=NEXT_MORNING)
        page.get_by_role("link", name="run-1-lines.csv").wait_for()
        to(page, "link", "run-1-lines.csv")
        with page.expect_download() as fetched:
            page.keyboard.press("Enter")
        lines = fetched.value.path().read_text(encoding="utf-8").splitlines()
        press(page, "Back", role="link")
        say(page, "How was it paid?", "BACS of 9 October, number 12", "Note that it was paid")
        expect(page.get_by_text("It is noted that the run was paid.")).to_be_visible()
        press(page, "Close the period", role="link")
        to(page, "textbox", "Why is the period closed?")
        page.keyboard.type("All of it is settled and paid")
        to(page, "checkbox", "I know that this period cannot be opened again")
        page.keyboard.press("Space")
        press(page, "Close the period for good")

        expect(page.get_by_text("The pay period is closed.")).to_be_visible()
        expect(page.locator(".govuk-body-l")).to_have_text("State: Paid out, closed")
        expect(page.get_by_role("link", name="Close the period")).to_have_count(0)
        became = page.get_by_role("table", name="Every change of its state, oldest first").locator("tbody tr").all_inner_texts()
    assert len(lines) == 8  # a heading and seven lines
    who = ["officer", "officer", "approver", "officer", "officer", "officer"]
    assert [name in row for name, row in zip(who, became, strict=True)] == [True] * 6
    assert "BACS of 9 October, number 12" in became[-2]
    assert "All of it is settled and paid" in became[-1]
