"""Is a provider told of each late and each missed visit, once, and soon enough?

A day whose clock is moved by hand: V4 is planned at 11:00 in London for North Care, and nobody comes.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import psycopg
import pytest

from calltime_server.jobs.alerts import is_quiet, tell_late_and_missed
from calltime_server.jobs.sending import send_due
from calltime_server.store.alerts import AlertSetting, read_alerts, read_untold, set_alerts
from calltime_server.store.connection import connect, fetch
from calltime_server.store.hooks import add_hook
from calltime_server.store.messages import take_due
from fixtures.logged import log_days_now
from fixtures.receivers import Mailbox, Receiver, a_mailbox, a_receiver
from fixtures.small_day import DAY, SmallDay, signer_of, write_tap

NORTH = "North Care"
PAGE = "https://calltime.example.org"
A_MINUTE = timedelta(minutes=1)
SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # of the standard's own example


def at(clock: str, *, days: int = 0) -> datetime:
    """On the small day, in UTC."""
    return datetime.fromisoformat(f"{DAY}T{clock}+00:00").astimezone(UTC) + timedelta(days=days)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with a_mailbox() as kept:
        yield kept


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver(204) as kept:
        yield kept


def wants(dsn: str, *, email: str | None = "rota@example.org", late: int = 15, quiet: tuple[time, time] | None = None) -> None:
    begins, ends = quiet or (None, None)
    setting = AlertSetting(late_minutes=late, email=email, quiet_from=begins, quiet_until=ends)
    with connect(dsn) as connection:
        set_alerts(connection, NORTH, setting, by="the rota", now=at("05:00"))


def look(dsn: str, now: datetime) -> int:
    """One round of the office: the log is brought up to date, alerts are raised, and what is due is sent."""
    log_days_now(dsn, DAY, now=now)
    with connect(dsn) as connection:
        connection.execute("DELETE FROM day_to_log")
        return tell_late_and_missed(connection, now=now, public_url=PAGE)


def send(dsn: str, mailbox: Mailbox, now: datetime) -> int:
    return send_due(dsn, mail=mailbox.mail, private=True, now=lambda: now)


def raised(dsn: str) -> list[tuple[str, str, int]]:
    with connect(dsn) as connection:
        found = read_alerts(connection, since=at("00:00"), provider=NORTH, limit=100)
    return sorted((each.visit_id, each.kind, each.carer_no) for each in found)


def test_each_late_and_each_missed_visit_of_a_day_is_told_once_and_within_a_minute(small_day: SmallDay, mailbox: Mailbox) -> None:
    dsn = small_day.dsn
    wants(dsn)
    now = at("07:50")
    while now < at("13:00"):
        look(dsn, now)
        send(dsn, mailbox, now)
        now += A_MINUTE / 2 if at("10:10") <= now < at("10:20") else 10 * A_MINUTE

    told = [str(letter["Subject"]) for letter in mailbox.came]
    assert raised(dsn) == [("V2", "late", 2), ("V2", "missed", 2), ("V4", "late", 1), ("V4", "missed", 1)]
    assert told.count("Calltime: 1 visit late") == 2
    assert told.count("Calltime: 1 visit missed") == 2
    with connect(dsn) as connection:
        [(waited,)] = fetch(connection, "SELECT raised_at - due_at FROM alert WHERE visit_id = 'V4' AND kind = 'late'", {})
    assert timedelta(0) <= waited <= A_MINUTE


def test_an_e_mail_holds_references_and_where_to_look_and_no_names(small_day: SmallDay, mailbox: Mailbox) -> None:
    wants(small_day.dsn)
    look(small_day.dsn, at("10:15"))
    send(small_day.dsn, mailbox, at("10:15"))

    [letter] = [letter for letter in mailbox.came if "V4" in letter.get_content()]
    assert (letter["To"], letter["From"]) == ("rota@example.org", "calltime@example.org")
    assert "visit V4, planned 11:00 on 5 October, service user S4" in letter.get_content()
    assert f"{PAGE}/today" in letter.get_content()
    assert NORTH not in letter.get_content()


def test_a_visit_whose_carer_came_or_that_was_cancelled_is_not_told(small_day: SmallDay) -> None:
    with psycopg.connect(small_day.dsn) as connection:
        write_tap(connection, signer_of("C1"), seq=99, at=at("10:05"), action="start", home="S4", badge=None)
    look(small_day.dsn, at("10:30"))

    assert not any(visit == "V4" for visit, *_ in raised(small_day.dsn))


def test_after_how_many_minutes_a_visit_is_late_is_the_providers_choice(small_day: SmallDay) -> None:
    wants(small_day.dsn, late=5)
    look(small_day.dsn, at("10:04"))
    before = raised(small_day.dsn)
    look(small_day.dsn, at("10:05"))

    assert ("V4", "late", 1) not in before
    assert ("V4", "late", 1) in raised(small_day.dsn)


def test_what_happens_in_quiet_hours_is_told_together_when_they_end(small_day: SmallDay, mailbox: Mailbox) -> None:
    dsn = small_day.dsn
    wants(dsn, quiet=(time(8, 0), time(14, 0)))
    for clock in ("08:20", "10:20", "12:10", "12:59"):
        look(dsn, at(clock))
        send(dsn, mailbox, at(clock))
    assert mailbox.came == []
    for clock in ("13:00", "13:01"):
        look(dsn, at(clock))
        send(dsn, mailbox, at(clock))

    [letter] = mailbox.came
    assert letter["Subject"] == "Calltime: 2 visits missed"
    assert letter.get_content().count("visit V4") == 1  # late first, then missed: one line says both


def test_what_was_settled_in_quiet_hours_is_not_told_when_they_end(small_day: SmallDay, mailbox: Mailbox) -> None:
    dsn = small_day.dsn
    wants(dsn, quiet=(time(8, 0), time(11, 30)))
    look(dsn, at("10:20"))
    with psycopg.connect(dsn) as connection:
        write_tap(connection, signer_of("C1"), seq=99, at=at("10:22"), action="start", home="S4", badge=None)
    for clock in ("10:30", "10:31"):
        look(dsn, at(clock))
        send(dsn, mailbox, at(clock))

    assert ("V4", "late", 1) in raised(dsn)
    assert not any("V4" in letter.get_content() for letter in mailbox.came)
    with connect(dsn) as connection:
        assert read_untold(connection, now=at("10:31")) == ()


@pytest.mark.parametrize(("clock", "quiet"), [("21:59", False), ("22:00", True), ("02:00", True), ("06:59", True), ("07:00", False)])
def test_quiet_hours_may_go_over_midnight_and_are_londons(clock: str, quiet: bool) -> None:
    setting = AlertSetting(quiet_from=time(22, 0), quiet_until=time(7, 0))

    assert is_quiet(setting, at(clock) - timedelta(hours=1)) is quiet  # London is an hour ahead of UTC in October


def test_after_an_outage_what_is_old_is_counted_in_one_message(small_day: SmallDay, mailbox: Mailbox, receiver: Receiver) -> None:
    dsn = small_day.dsn
    wants(dsn)
    with connect(dsn) as connection:
        add_hook(connection, address=receiver.address, secret=SECRET, events=["visit.missed"], provider=NORTH, by="t", now=at("05:00"))
    look(dsn, at("20:00"))
    send(dsn, mailbox, at("20:00"))

    [letter] = mailbox.came
    assert letter["Subject"] == "Calltime: 2 visits late or missed earlier"
    [posted] = receiver.came
    assert (posted.said["type"], posted.said["data"]["visits"], posted.said["data"]["earlier"]) == ("visit.missed", [], 2)


def test_a_webhook_is_told_of_its_own_providers_visits_alone(small_day: SmallDay, mailbox: Mailbox, receiver: Receiver) -> None:
    dsn = small_day.dsn
    with connect(dsn) as connection:
        for provider in (NORTH, "South & West Care"):
            add_hook(connection, address=receiver.address, secret=SECRET, events=["visit.late"], provider=provider, by="t", now=at("05:00"))
    look(dsn, at("10:15"))
    send(dsn, mailbox, at("10:15"))

    assert [posted.said["data"]["provider"] for posted in receiver.came] == [NORTH]
    assert [each["visit_id"] for each in receiver.came[0].said["data"]["visits"]] == ["V4"]


def test_who_dies_between_raising_and_sending_has_told_nobody_twice_and_nothing_is_lost(small_day: SmallDay, mailbox: Mailbox) -> None:
    dsn = small_day.dsn
    wants(dsn)
    look(dsn, at("10:15"))
    with connect(dsn) as connection:
        taken = take_due(connection, now=at("10:15"), limit=100)  # and the sender dies before it has sent them
    assert send(dsn, mailbox, at("10:15")) == 0
    look(dsn, at("10:16") + A_MINUTE)
    send(dsn, mailbox, at("10:16") + A_MINUTE)

    assert len(mailbox.came) == len(taken)
    assert sum("V4" in letter.get_content() for letter in mailbox.came) == 1


def test_who_dies_between_sending_and_noting_sends_the_same_message_again_and_raises_no_second_alert(
    small_day: SmallDay, mailbox: Mailbox
) -> None:
    dsn = small_day.dsn
    wants(dsn)
    look(dsn, at("10:15"))
    send(dsn, mailbox, at("10:15"))
    with psycopg.connect(dsn) as connection:  # as if the note had never been written
        connection.execute("UPDATE message SET sent_at = NULL, body = 'as it was'")
    look(dsn, at("10:17"))
    send(dsn, mailbox, at("10:17"))

    ids = [str(letter["Message-ID"]) for letter in mailbox.came]
    assert len(ids) == 2 * len(set(ids))
    assert [kind for visit, kind, _ in raised(dsn) if visit == "V4"] == ["late"]
