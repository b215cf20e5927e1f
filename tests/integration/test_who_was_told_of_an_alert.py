"""Does the page say how it really stands with telling of a late visit: who was told, who will be, and why nobody was?

V4 of the small day is planned at 11:00 in London for North Care, and nobody comes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time

import httpx
import psycopg
import pytest

from calltime_server.jobs.alerts import tell_late_and_missed
from calltime_server.jobs.sending import send_due
from calltime_server.rights import Role
from calltime_server.store.alerts import AlertSetting, set_alerts
from calltime_server.store.connection import connect, fetch
from calltime_server.store.hooks import add_hook
from calltime_server.web.guard import COOKIE
from fixtures.html import read_page
from fixtures.logged import log_days_now
from fixtures.office import csrf_of, let_in, office, open_office
from fixtures.receivers import Mailbox, a_mailbox, a_receiver
from fixtures.small_day import DAY, SmallDay, signer_of, write_tap

NORTH = "North Care"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with a_mailbox() as kept:
        yield kept


def at(clock: str) -> datetime:
    """On the small day, in UTC; London is an hour ahead."""
    return datetime.fromisoformat(f"{DAY}T{clock}+00:00").astimezone(UTC)


def wants(dsn: str, *, email: str | None = "rota@example.org", quiet: tuple[time, time] | None = None) -> None:
    begins, ends = quiet or (None, None)
    with connect(dsn) as connection:
        set_alerts(connection, NORTH, AlertSetting(email=email, quiet_from=begins, quiet_until=ends), by="the rota", now=at("05:00"))


def look(dsn: str, now: datetime) -> None:
    """One round of the office."""
    log_days_now(dsn, DAY, now=now)
    with connect(dsn) as connection:
        connection.execute("DELETE FROM day_to_log")
        tell_late_and_missed(connection, now=now, public_url="https://calltime.example.org")


def told_of_v4(dsn: str, now: datetime, *, sends_mail: bool = True) -> str:
    """What North Care's coordinator reads under “Who was told” of the late V4."""
    coordinator = let_in(dsn, Role.PROVIDER, provider=NORTH, now=now)
    with open_office(dsn, now=lambda: now, sends_mail=sends_mail) as address:
        page = httpx.get(f"{address}/settings/alerts", cookies={COOKIE: coordinator.session}, timeout=30)
    [table] = read_page(page.text).tables
    column = table.rows[0].index("Who was told")
    [row] = [row for row in table.rows if row[0] == "V4" and "Late" in row[1]]
    return row[column]


def test_what_waits_for_the_end_of_quiet_hours_is_not_said_to_be_told(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    wants(dsn, quiet=(time(8, 0), time(14, 0)))
    look(dsn, at("10:20"))

    assert told_of_v4(dsn, at("10:20")) == "Will be told when the quiet hours end, on 5 Oct 2026, 14:00."


def test_what_was_settled_in_quiet_hours_had_to_be_told_nobody(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    wants(dsn, quiet=(time(8, 0), time(11, 30)))
    look(dsn, at("10:20"))
    with psycopg.connect(dsn) as connection:
        write_tap(connection, signer_of("C1"), seq=99, at=at("10:22"), action="start", home="S4", badge=None)
    look(dsn, at("10:31"))

    assert told_of_v4(dsn, at("10:31")).startswith("Nobody had to be told")


def test_an_e_mail_is_said_to_be_sent_once_the_mail_server_has_taken_it(small_day: SmallDay, mailbox: Mailbox) -> None:
    dsn = small_day.dsn
    wants(dsn)
    look(dsn, at("10:15"))
    before = told_of_v4(dsn, at("10:15"))
    send_due(dsn, mail=mailbox.mail, private=True, now=lambda: at("10:16"))

    assert before == "Will be told within a minute."
    assert told_of_v4(dsn, at("10:17")) == "Sent by e-mail on 5 Oct 2026, 11:16."


def test_without_a_mail_server_it_says_that_no_e_mail_can_leave(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    wants(dsn)
    look(dsn, at("10:15"))
    send_due(dsn, mail=None, private=True, now=lambda: at("10:16"))

    assert told_of_v4(dsn, at("10:17"), sends_mail=False) == "Not sent by e-mail: no e-mail can leave this server."


def test_with_no_way_set_up_it_says_that_nobody_was_told(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    look(dsn, at("10:15"))

    assert told_of_v4(dsn, at("10:17")).startswith("Nobody was told: there was no e-mail address for alerts")


def test_a_webhook_that_does_not_take_it_is_said_so_with_what_it_answered(small_day: SmallDay) -> None:
    dsn = small_day.dsn
    with a_receiver(500) as receiver, connect(dsn) as connection:
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the standard's own example
        add_hook(connection, address=receiver.address, secret=secret, events=["visit.late"], provider=NORTH, by="t", now=at("05:00"))
        connection.commit()
        look(dsn, at("10:15"))
        send_due(dsn, mail=None, private=True, now=lambda: at("10:16"))

    told = told_of_v4(dsn, at("10:16"))
    assert told == "Not sent to a webhook yet. The next try is on 5 Oct 2026, 11:17. It was answered 500."


def test_a_test_is_not_said_to_be_written_where_no_e_mail_can_leave(small_day: SmallDay) -> None:
    coordinator = let_in(small_day.dsn, Role.PROVIDER, provider=NORTH)
    with office(small_day.dsn, let=coordinator) as desk:
        before = desk.get("/settings/alerts")
        wanted = {"late_minutes": "15", "email": "rota@example.org", "quiet_from": "", "quiet_until": "", "step": "test"}
        after = desk.post("/settings/alerts", data={"csrf": csrf_of(small_day.dsn, coordinator), **wanted})
        by_program = desk.post("/api/v1/alert-settings/test")

    assert "No e-mail can leave this server" in before.text
    assert "no test was sent" in after.text
    assert "govuk-notification-banner--success" not in after.text
    assert (by_program.status_code, "No e-mail can leave this server" in by_program.text) == (409, True)
    with connect(small_day.dsn) as connection:
        assert fetch(connection, "SELECT count(*) FROM message", {}) == [(0,)]
