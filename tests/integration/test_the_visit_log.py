"""Does the visit log say what the record says, and no more often than it must?"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl
import psycopg

from calltime_server.jobs.watch import Watch
from calltime_server.store.connection import connect, heard, session
from calltime_server.store.noting import note
from calltime_server.store.visit_log import mark_days, read_marks, unmark
from fixtures.logged import log_days_now
from fixtures.office import example_terms
from fixtures.small_day import DAY, EVENING, SmallDay, signer_of, write_tap
from fixtures.waiting import wait_until


def ask(dsn: str, words: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn) as connection:
        return connection.execute(words, values).fetchall()


@contextmanager
def watching(dsn: str, now: datetime | Callable[[], datetime], *, also: Sequence[Callable[[], None]] = ()) -> Iterator[Watch]:
    watch = Watch(dsn, (example_terms(),), (lambda: now) if isinstance(now, datetime) else now, also=also)
    watch.start()
    try:
        yield watch
    finally:
        watch.stop()


def version_of(dsn: str, day: date) -> int:
    return int(ask(dsn, "SELECT version FROM logged_day WHERE day = %s", day)[0][0])


def test_a_day_is_logged_with_all_that_became_of_its_visits(small_day_on_each: SmallDay) -> None:
    log_days_now(small_day_on_each.dsn, DAY)

    rows = ask(
        small_day_on_each.dsn, "SELECT visit_id, carer_no, provider, carer, delivery, contact_seconds FROM logged_visit ORDER BY place"
    )
    assert rows == [
        ("V1", 1, "North Care", "C1", "delivered_short", 1665),
        ("V2", 1, "North Care", "C1", "delivered", 2700),
        ("V2", 2, "North Care", None, "missed", 0),
        ("V3", 1, "North Care", "C1", "no_stop", 0),
        ("V4", 1, "North Care", None, "missed", 0),
        ("V5", 1, "South & West Care", "C3", "delivered_over", 4200),
        ("V/6", 1, "South & West Care", None, "missed", 0),
        (None, None, "South & West Care", "C3", "not_planned", 1200),
    ]
    problems = ask(small_day_on_each.dsn, "SELECT kind, provider FROM logged_problem ORDER BY kind")
    assert problems == [
        ("no_stop", "North Care"),
        ("not_planned", "South & West Care"),
        ("one_carer_short", "North Care"),
        ("second_tap", "South & West Care"),
        ("unknown_badge", "South & West Care"),
    ]


def test_a_day_that_has_not_changed_is_not_written_again(small_day: SmallDay) -> None:
    assert log_days_now(small_day.dsn, DAY) == [DAY]
    assert log_days_now(small_day.dsn, DAY, now=EVENING + timedelta(hours=1)) == []

    assert ask(small_day.dsn, "SELECT version, worked_at FROM logged_day") == [(1, EVENING)]


def test_a_late_tap_changes_only_the_rows_that_it_touches(small_day: SmallDay) -> None:
    log_days_now(small_day.dsn, DAY)
    before = dict(ask(small_day.dsn, "SELECT place, xmin::text FROM logged_visit"))
    with psycopg.connect(small_day.dsn) as connection:
        write_tap(connection, signer_of("C1"), seq=6, at=datetime(2026, 10, 5, 9, 31, tzinfo=UTC), action="stop", home="S3", badge=None)

    assert log_days_now(small_day.dsn, DAY) == [DAY]

    after = dict(ask(small_day.dsn, "SELECT place, xmin::text FROM logged_visit"))
    assert [place for place in after if after[place] != before[place]] == [4]
    assert ask(small_day.dsn, "SELECT delivery FROM logged_visit WHERE visit_id = 'V3'") == [("delivered",)]
    assert ask(small_day.dsn, "SELECT count(*) FROM logged_problem WHERE kind = 'no_stop'") == [(0,)]
    assert version_of(small_day.dsn, DAY) == 2


def test_late_and_missed_go_by_the_provider_and_by_the_terms(small_day: SmallDay) -> None:
    window = timedelta(minutes=example_terms().matching.window_minutes)
    with psycopg.connect(small_day.dsn) as connection:
        connection.execute(
            "INSERT INTO alert_setting (provider, late_minutes, noted_by, noted_at) VALUES ('North Care', 7, 'a test', %s)", (EVENING,)
        )
    log_days_now(small_day.dsn, DAY)

    (north,) = ask(small_day.dsn, "SELECT planned_start, late_from, missed_from, open_until FROM logged_visit WHERE visit_id = 'V1'")
    (south,) = ask(small_day.dsn, "SELECT late_from - planned_start FROM logged_visit WHERE visit_id = 'V5'")
    assert north[1:] == (north[0] + timedelta(minutes=7), north[0] + window, north[0] + timedelta(minutes=30) + window)
    assert south == (timedelta(minutes=15),)


def test_an_end_that_was_entered_by_hand_makes_a_visit_amended(small_day: SmallDay) -> None:
    with psycopg.connect(small_day.dsn) as connection:
        connection.execute(
            "INSERT INTO entry (time, action, carer, service_user, reason, noted_by, noted_at)"
            " VALUES ('2026-10-05T09:29Z', 'stop', 'C1', 'S3', 'forgot_out', 'provider', %s)",
            (EVENING,),
        )
    log_days_now(small_day.dsn, DAY)

    assert ask(small_day.dsn, "SELECT visit_id, stop_device FROM logged_visit WHERE amended") == [("V3", "office")]


def test_what_nobody_planned_is_told_to_the_provider_for_whom_its_carer_works(small_day: SmallDay) -> None:
    with psycopg.connect(small_day.dsn) as connection:
        connection.execute(
            "INSERT INTO carer_provider (carer, provider, since, noted_by, noted_at) VALUES"
            " ('C3', 'South & West Care', '2026-01-01', 'a test', %(at)s), ('C3', 'Third Care', '2026-10-06', 'a test', %(at)s)",
            {"at": EVENING},
        )
    log_days_now(small_day.dsn, DAY)

    assert ask(small_day.dsn, "SELECT DISTINCT provider FROM logged_visit WHERE visit_id IS NULL") == [("South & West Care",)]


def test_the_hour_that_london_has_twice_belongs_to_its_day(postgres_database: str) -> None:
    """On 25 October 2026 the day has 25 hours: from 23:00 UTC on the 24th to midnight UTC at its end."""
    autumn = date(2026, 10, 25)
    with psycopg.connect(postgres_database) as connection:
        for visit, at in (("first", "2026-10-24T23:00Z"), ("last", "2026-10-25T23:59Z"), ("next", "2026-10-26T00:00Z")):
            connection.execute("INSERT INTO planned_visit VALUES (%s, 'S1', 'P', 'Z', 'care', %s, 30, 1)", (visit, at))
    log_days_now(postgres_database, autumn, autumn + timedelta(days=1))

    rows = ask(postgres_database, "SELECT day, visit_id FROM logged_visit ORDER BY day, place")
    assert rows == [(autumn, "first"), (autumn, "last"), (autumn + timedelta(days=1), "next")]


def test_a_day_that_is_marked_again_while_it_is_worked_out_stays_marked(small_day: SmallDay) -> None:
    with connect(small_day.dsn) as connection:
        mark_days(connection, [DAY], now=EVENING)
    with connect(small_day.dsn) as working:
        (mark,) = read_marks(working, now=EVENING, near=DAY)
        with connect(small_day.dsn) as meanwhile:
            mark_days(meanwhile, [DAY], now=EVENING)
        unmark(working, mark)
    with connect(small_day.dsn) as connection:
        (again,) = read_marks(connection, now=EVENING, near=DAY)
        unmark(connection, again)
        assert read_marks(connection, now=EVENING, near=DAY) == []


def test_news_yesterday_and_today_are_worked_out_and_told_to_who_listens(small_day: SmallDay) -> None:
    """A tap of four days before comes in: its own day is brought up to date, and no other is written anew."""
    four_days_later = EVENING + timedelta(days=4)
    log_days_now(small_day.dsn, DAY, now=EVENING)
    with watching(small_day.dsn, four_days_later), session(small_day.dsn) as listening:
        listening.execute("LISTEN calltime_log")
        wait_until(lambda: ask(small_day.dsn, "SELECT FROM logged_day WHERE day > %s", DAY), within=20, what="the first round")
        with psycopg.connect(small_day.dsn) as connection:
            at = datetime(2026, 10, 5, 9, 31, tzinfo=UTC)
            write_tap(connection, signer_of("C1"), seq=6, at=at, action="stop", home="S3", badge=None)
            # As the gateway would: it is received when it comes, whenever it was.
            connection.execute("ALTER TABLE tap DISABLE TRIGGER append_only")
            connection.execute("UPDATE tap SET received_at = %s WHERE seq = 6", (four_days_later,))
            connection.execute("ALTER TABLE tap ENABLE TRIGGER append_only")
        wait_until(lambda: version_of(small_day.dsn, DAY) == 2, within=20, what="the day of the tap to be worked out")
        told = {day for _ in range(20) for day in heard(listening, within=0.05)}

    assert DAY.isoformat() in told
    assert ask(small_day.dsn, "SELECT delivery FROM logged_visit WHERE visit_id = 'V3'") == [("delivered",)]


def test_what_people_enter_marks_its_day(small_day: SmallDay) -> None:
    with watching(small_day.dsn, EVENING):
        wait_until(lambda: ask(small_day.dsn, "SELECT FROM logged_day WHERE day = %s", DAY), within=20, what="the day to be logged")
        with connect(small_day.dsn) as connection:
            told = {"visit_id": ["V4"], "kind": ["cancelled_by_council"], "told_at": [EVENING], "reason": ["the council said so"]}
            schema = pl.Schema({"visit_id": pl.String(), "kind": pl.String(), "told_at": pl.Datetime("ms", "UTC"), "reason": pl.String()})
            note(connection, "visit_report", pl.DataFrame(told, schema=schema), by="council", now=EVENING)
            mark_days(connection, [DAY], now=EVENING)

        wait_until(
            lambda: ask(small_day.dsn, "SELECT FROM logged_visit WHERE delivery = 'cancelled_by_council'"),
            within=20,
            what="the cancelled visit to be shown so",
        )


def test_when_a_day_begins_it_is_logged_though_nothing_came_in(small_day: SmallDay) -> None:
    clock = [EVENING]
    with watching(small_day.dsn, lambda: clock[0]):
        wait_until(lambda: ask(small_day.dsn, "SELECT FROM logged_day WHERE day = %s", DAY), within=20, what="the day to be logged")
        clock[0] = datetime(2026, 10, 7, 23, 0, 1, tzinfo=UTC)  # one second into 8 October in London
        tomorrow = date(2026, 10, 9)
        wait_until(lambda: ask(small_day.dsn, "SELECT FROM logged_day WHERE day = %s", tomorrow), within=20, what="the new days")

    assert len(ask(small_day.dsn, "SELECT FROM logged_day WHERE day >= '2026-10-07'")) == 3


def test_of_two_that_watch_one_works_and_the_other_takes_over(small_day: SmallDay) -> None:
    holders = (
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with watching(small_day.dsn, EVENING) as first, watching(small_day.dsn, EVENING):
        wait_until(lambda: ask(small_day.dsn, holders) == [(1,)], within=20, what="one of them to hold the lock")
        first.stop()
        with connect(small_day.dsn) as connection:
            mark_days(connection, [DAY + timedelta(days=30)], now=EVENING)
        wait_until(
            lambda: ask(small_day.dsn, "SELECT FROM logged_day WHERE day = %s", DAY + timedelta(days=30)),
            within=20,
            what="the other to take over",
        )


def test_a_connection_that_is_cut_ends_nothing(small_day: SmallDay) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with watching(small_day.dsn, EVENING):
        wait_until(lambda: ask(small_day.dsn, "SELECT FROM logged_day"), within=20, what="the first days")
        ask(small_day.dsn, cut)
        with connect(small_day.dsn) as connection:
            mark_days(connection, [DAY + timedelta(days=40)], now=EVENING)
        wait_until(
            lambda: ask(small_day.dsn, "SELECT FROM logged_day WHERE day = %s", DAY + timedelta(days=40)), within=20, what="the marked day"
        )


def test_something_that_goes_along_and_stumbles_ends_nothing(small_day: SmallDay) -> None:
    called = []

    def stumbles() -> None:
        called.append(True)
        raise ValueError("on purpose")

    with watching(small_day.dsn, EVENING, also=(stumbles,)):
        wait_until(lambda: len(called) > 1, within=20, what="it to be tried again")
