"""Does an open page move with the day? A tap arrives, the watch works it out, and the page shows it without being loaded again."""

from datetime import UTC, datetime, timedelta

import psycopg
from playwright.sync_api import Page, expect

from calltime_server.jobs.watch import Watch
from calltime_server.rights import Role
from calltime_server.web.guard import COOKIE
from fixtures.browsers import at_the_desk, axe, no_wider_than_its_window, on_a_phone, shoot
from fixtures.logged import log_days_now
from fixtures.office import example_terms, let_in, open_office
from fixtures.small_day import DAY, SmallDay, signer_of, write_tap

pytest_plugins = ["fixtures.browsers"]
ELEVEN = datetime(2026, 10, 5, 10, 20, tzinfo=UTC)
"""20 minutes past 11 in London: the visit of 11:00 is late."""


def enter(page: Page, address: str, session: str) -> None:
    page.context.add_cookies([{"name": COOKIE, "value": session, "url": address}])


def test_a_tap_changes_the_open_page(small_day: SmallDay, page: Page) -> None:
    log_days_now(small_day.dsn, DAY, now=ELEVEN)
    session = let_in(small_day.dsn, Role.PROVIDER, provider="North Care", now=ELEVEN).session
    watch = Watch(small_day.dsn, (example_terms(),), lambda: ELEVEN)
    with open_office(small_day.dsn, now=lambda: ELEVEN) as address:
        enter(page, address, session)
        page.goto(f"{address}/today?queue=late")
        expect(page.get_by_role("table")).to_contain_text("S4")
        page.evaluate("window.untouched = true")
        watch.start()
        try:
            with psycopg.connect(small_day.dsn) as connection:
                connection.execute("INSERT INTO door_progress (device) SELECT device FROM door ON CONFLICT DO NOTHING")
                at = ELEVEN - timedelta(seconds=20)
                write_tap(connection, signer_of("C1"), seq=6, at=at, action="start", home="S4", badge=None)
            expect(page.get_by_role("link", name="Here now 1")).to_be_visible(timeout=20_000)
            expect(page.get_by_text("Nobody is in this queue now.")).to_be_visible()
        finally:
            watch.stop()
        assert page.evaluate("window.untouched") is True


def test_the_pages_of_visits_are_readable_by_everybody(small_day: SmallDay, page: Page) -> None:
    log_days_now(small_day.dsn, DAY, now=ELEVEN)
    officer = let_in(small_day.dsn, Role.OFFICER, now=ELEVEN)
    carer = let_in(small_day.dsn, Role.CARER, provider="North Care", carer="C1", now=ELEVEN)
    looks = (
        ("today", officer, "/today"),
        ("today-late", officer, "/today?queue=late"),
        ("visits", officer, "/visits?day=2026-10-05"),
        ("visits-range", officer, "/visits?day=2026-10-01&until=2026-10-06"),
        ("timeline", officer, "/visits?day=2026-10-05&view=service_users"),
        ("timeline-carers", officer, "/visits?day=2026-10-05&view=carers"),
        ("visit", officer, "/visits/V2"),
        ("own", carer, "/own"),
    )
    with open_office(small_day.dsn, now=lambda: ELEVEN) as address:
        for name, let, path in looks:
            page.context.clear_cookies()
            enter(page, address, let.session)
            at_the_desk(page)
            answer = page.goto(f"{address}{path}")
            assert answer is not None
            assert answer.status == 200, path
            assert axe(page) == [], path
            shoot(page, name)
            on_a_phone(page)
            assert no_wider_than_its_window(page), path
            shoot(page, f"{name}-phone")
