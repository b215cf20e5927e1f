"""Can people bring visits, agree a grade, and say how they want to be told, in a real browser and on a phone?"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from calltime_server.rights import Role
from calltime_server.web.guard import COOKIE
from fixtures.browsers import at_the_desk, axe, no_wider_than_its_window, on_a_phone, shoot
from fixtures.logged import log_days_now
from fixtures.office import let_in, open_office
from fixtures.small_day import DAY, EVENING, SmallDay

NORTH = "North Care"
HEADER = "their_id,service_user,carer,started,ended,withdrawn\n"


@pytest.fixture
def address(small_day: SmallDay) -> Iterator[str]:
    with open_office(small_day.dsn, now=lambda: EVENING, sends_mail=True) as found:
        yield found


def sign_in(page: Page, address: str, dsn: str, role: Role, provider: str | None = None) -> None:
    page.context.add_cookies([{"name": COOKIE, "value": let_in(dsn, role, provider=provider).session, "url": address}])


def is_usable(page: Page, name: str) -> None:
    on_a_phone(page)
    assert no_wider_than_its_window(page), name
    assert axe(page) == []
    shoot(page, f"{name}-phone")
    at_the_desk(page)
    assert axe(page) == []
    shoot(page, name)


def bring(page: Page, file: Path, content: str, button: str) -> None:
    file.write_text(HEADER + content, encoding="utf-8")
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name=button).click()


def test_a_provider_checks_a_file_mends_it_and_brings_it(page: Page, address: str, small_day: SmallDay, tmp_path: Path) -> None:
    sign_in(page, address, small_day.dsn, Role.OFFICER)
    page.goto(f"{address}/settings/brought")
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose the provider with whom this is agreed.")
    page.get_by_label("Provider").select_option(NORTH)
    page.get_by_label("From which day on?").fill("2026-10-01")
    page.get_by_label("2: as an NFC tag").check()
    page.get_by_role("button", name="Write it down").click()
    expect(page.get_by_role("table", name="What is agreed")).to_contain_text(NORTH)
    is_usable(page, "agreed-grades")

    sign_in(page, address, small_day.dsn, Role.PROVIDER, NORTH)
    page.goto(f"{address}/brought")
    bring(page, tmp_path / "visits.csv", "X4,S5,C9,2026-10-05 11:02:00,2026-10-05 10:32:00,\nX5,S4,C3,,,\n", "Bring the visits")
    faults = page.get_by_role("table", name="What is wrong in the file")
    for says in ("It ends before it starts", "Neither the start nor the end", "No visit to “S5” is planned"):
        expect(faults).to_contain_text(says)
    is_usable(page, "brought-faults")
    good = "X4,S4,C9,2026-10-05 11:02:00,2026-10-05T11:32:00+01:00,\n"
    bring(page, tmp_path / "visits.csv", good, "Only check the file")
    expect(page.get_by_role("region", name="Important")).to_contain_text("The file can be taken. Nothing was written yet.")
    bring(page, tmp_path / "visits.csv", good, "Bring the visits")
    expect(page.get_by_role("alert", name="Done")).to_contain_text("New: 1")
    log_days_now(small_day.dsn, DAY)
    page.goto(f"{address}/brought")
    expect(page.get_by_role("table", name="What was brought, the latest first")).to_contain_text("Counts as a planned visit V4")
    is_usable(page, "brought")


def test_a_provider_says_how_it_wants_to_be_told(page: Page, address: str, small_day: SmallDay) -> None:
    sign_in(page, address, small_day.dsn, Role.PROVIDER, NORTH)
    page.goto(f"{address}/settings/alerts")
    page.get_by_label("After how many minutes is a visit late?").fill("soon")
    page.get_by_label("Quiet hours begin at").fill("22:00")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("a whole number from 1 to 240")
    expect(page.get_by_label("Quiet hours begin at")).to_have_value("22:00")
    page.get_by_label("After how many minutes is a visit late?").fill("20")
    page.get_by_label("Quiet hours end at").fill("07:00")
    page.get_by_label("E-mail address for alerts").fill("rota@example.org")
    page.get_by_role("button", name="Save and send a test").click()
    expect(page.get_by_role("alert", name="Done")).to_contain_text("A test was written.")
    expect(page.get_by_label("After how many minutes is a visit late?")).to_have_value("20")
    is_usable(page, "alerts")


def test_a_webhook_is_added_tested_and_disabled(page: Page, address: str, small_day: SmallDay) -> None:
    sign_in(page, address, small_day.dsn, Role.PROVIDER, NORTH)
    page.goto(f"{address}/settings/hooks")
    page.get_by_label("Address").fill("http://finance.example.org/")
    page.get_by_role("button", name="Add a webhook").click()
    expect(page.get_by_role("alert")).to_contain_text("Only https:// is taken")
    page.get_by_label("Address").fill("https://finance.example.org/calltime")
    page.get_by_label("Visits are missed").check()
    is_usable(page, "hooks")
    page.get_by_role("button", name="Add a webhook").click()
    expect(page.get_by_text("whsec_")).to_be_visible()
    is_usable(page, "hook-made")
    page.get_by_role("link", name="Back to the webhooks").click()
    page.get_by_role("link", name="https://finance.example.org/calltime").click()
    page.get_by_role("button", name="Send a test").click()
    expect(page.get_by_role("table", name="Messages, the latest first")).to_contain_text("Is about to be sent")
    is_usable(page, "hook")
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("alert", name="Done")).to_contain_text("The webhook was disabled.")
    expect(page.get_by_role("button", name="Send a test")).to_have_count(0)
