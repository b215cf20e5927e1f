"""What leaves the record for its age, and what holds it there? On both kinds of database."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql

from calltime_server.jobs.tend import tend
from calltime_server.store.connection import connect
from calltime_server.store.forgetting import Forgotten, TapsForgotten
from calltime_sim.services.programs import program
from calltime_wire.records import Clock
from fixtures import post_room, small_day
from fixtures.office import settle_small_day
from fixtures.plain_doors import BOOT, Door, enrol
from fixtures.post_room import deliver, rows
from fixtures.small_day import TAPS, write_small_day

LONG_AFTER = datetime(2037, 1, 4, tzinfo=UTC)
"""Ten years and a quarter after the small day, eleven and a quarter after what other doors say."""


def forget_after(dsn: str, years: int, *, now: datetime = LONG_AFTER) -> Forgotten | None:
    with connect(dsn) as connection:
        return tend(connection, now=now, keep_years=years).forgotten


def write_line(dsn: str, *, settled_at: str, outcome: str) -> None:
    """A visit on the morning on which doors of tests tap, settled at that time."""
    with psycopg.connect(dsn) as connection:
        connection.execute(
            """
            WITH run AS (
                INSERT INTO payment_run (from_time, to_time, terms_name, terms_sha256, digest, settled_at)
                VALUES ('2025-10-06', '2025-10-07', 'terms', 'sum', 'sum', %(settled_at)s) RETURNING run
            )
            INSERT INTO ledger_line (run, visit_id, carer_no, service_user, provider, zone, service, planned_start, planned_minutes,
                                     contact_seconds, paid_minutes, pence, outcome, reason, explanation)
            SELECT run, 'v', 1, 's', 'p', 'z', 'care', '2025-10-06 08:00Z', 30, 1800, 30, 936, %(outcome)s, 'r', 'e' FROM run
            """,
            {"settled_at": settled_at, "outcome": outcome},
        )


@pytest.fixture
def old(database: str) -> str:
    """A door's two taps, one of them without a time, a boot, and one message in quarantine."""
    door, stranger = Door("old"), Door("stranger")
    enrol(database, door)
    unsure = Clock(boot=BOOT, up_ms=1000, sync="none", error_ms=86_400_000)
    deliver(database, door, door.boot(), door.tap(), door.tap(clock=unsure))
    deliver(database, stranger, stranger.tap())
    return database


def test_what_nothing_rests_on_is_forgotten_and_the_record_remembers_that(old: str) -> None:
    gone = forget_after(old, 10)

    assert gone is not None
    assert (gone.taps, gone.untimed_taps, gone.quarantined) == (1, 1, 1)
    assert rows(old, "SELECT count(*) FROM every_tap") == [(0,)]
    assert rows(old, "SELECT years, taps, untimed_taps, quarantined, forgotten_at FROM forgotten") == [(10, 1, 1, 1, LONG_AFTER)]
    assert forget_after(old, 10) is None


def test_receipts_stay_so_that_a_forgotten_tap_does_not_come_in_again(old: str) -> None:
    forget_after(old, 10)
    door = Door("old")

    answered = deliver(old, door, door.boot(), door.tap())

    assert answered.through == 3
    assert rows(old, "SELECT count(*) FROM every_tap") == [(0,)]


def test_what_is_younger_stays(old: str) -> None:
    assert forget_after(old, 12) is None
    assert rows(old, "SELECT count(*) FROM every_tap") == [(2,)]


def test_after_forgetting_the_record_refuses_changes_as_before(old: str) -> None:
    forget_after(old, 10)
    door = Door("young")
    enrol(old, door)
    unsure = Clock(boot=BOOT, up_ms=1000, sync="none", error_ms=86_400_000)
    deliver(old, door, door.tap(), door.tap(clock=unsure))

    for table in ("tap", "untimed_tap", "forgotten"):
        with psycopg.connect(old) as connection, pytest.raises(psycopg.errors.RaiseException, match="never overwritten"):
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))


def test_a_paid_line_holds_its_taps_for_as_many_years_after_it_was_settled(old: str) -> None:
    write_line(old, settled_at="2029-01-01Z", outcome="pay")

    assert forget_after(old, 10) is None
    assert forget_after(old, 10, now=datetime(2039, 1, 4, tzinfo=UTC)) is not None


def test_a_parked_line_holds_its_taps_for_ever(old: str) -> None:
    write_line(old, settled_at="2025-10-07Z", outcome="park")

    assert forget_after(old, 7, now=datetime(2090, 1, 1, tzinfo=UTC)) is None


def test_a_day_that_was_never_settled_holds_its_taps_and_everything_after_it(database: str) -> None:
    write_small_day(database)

    assert forget_after(database, 7, now=datetime(2090, 1, 1, tzinfo=UTC)) is None
    assert rows(database, "SELECT count(*) FROM tap") == [(len(TAPS),)]


def test_a_settled_day_with_a_visit_still_parked_is_held_as_well(database: str) -> None:
    write_small_day(database)
    settle_small_day(database)

    assert forget_after(database, 7, now=datetime(2090, 1, 1, tzinfo=UTC)) is None


@pytest.fixture
def forgotten_day(database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The small day with its one visit that is paid, settled, and so long ago that its taps were forgotten."""
    monkeypatch.setattr(small_day, "PLAN", small_day.PLAN[:1])
    monkeypatch.setattr(small_day, "TAPS", small_day.TAPS[:2])
    write_small_day(database)
    settle_small_day(database)
    gone = forget_after(database, 7)
    assert gone is not None
    assert gone.taps == 2
    return database


LINES = "SELECT visit_id, outcome, reverses FROM ledger_line"


def test_a_day_whose_taps_were_forgotten_is_not_settled_again_and_its_paid_line_stands(forgotten_day: str) -> None:
    with pytest.raises(TapsForgotten, match="Nothing was changed"):
        settle_small_day(forgotten_day, now=LONG_AFTER)

    assert rows(forgotten_day, LINES) == [("V1", "pay", None)]
    words = [program("calltime-server"), "settle", "--day", "2026-10-05"]
    said = subprocess.run(
        words, env=os.environ | {"CALLTIME_DATABASE": forgotten_day}, capture_output=True, text=True, check=False, timeout=60
    )
    assert said.returncode == 1
    assert said.stderr.startswith("calltime-server: Taps before 4 January 2030 were forgotten for their age (CALLTIME_KEEP_YEARS)")
    assert "Traceback" not in said.stderr


def test_its_line_can_still_be_explained(forgotten_day: str) -> None:
    words = [program("calltime-server"), "explain", "V1"]
    said = subprocess.run(
        words, env=os.environ | {"CALLTIME_DATABASE": forgotten_day}, capture_output=True, text=True, check=False, timeout=60
    )

    assert said.returncode == 0, said.stderr
    assert "no longer in the record. Taps before 4 January 2030 were forgotten for their age." in said.stdout


def test_a_visit_that_is_planned_afterwards_where_the_taps_are_gone_holds_nothing(forgotten_day: str) -> None:
    with psycopg.connect(forgotten_day) as connection:
        connection.execute("INSERT INTO planned_visit VALUES ('late', 'S1', 'p', 'z', 'care', '2026-10-06 08:00Z', 30, 1)")
    door = Door("younger")
    enrol(forgotten_day, door)
    deliver(forgotten_day, door, door.tap(at=datetime(2030, 6, 3, 8, tzinfo=UTC)))

    assert forget_after(forgotten_day, 7, now=datetime(2044, 1, 4, tzinfo=UTC)) is not None


def test_the_day_of_an_open_visit_can_be_settled_after_the_days_before_it_were_forgotten(database: str) -> None:
    write_small_day(database)
    settle_small_day(database)
    door = Door("before")
    enrol(database, door)
    deliver(database, door, door.tap(at=datetime(2026, 1, 5, 8, tzinfo=UTC)))

    assert forget_after(database, 7) is not None
    settle_small_day(database, now=LONG_AFTER)

    assert rows(database, "SELECT count(*) FROM ledger_line WHERE reverses IS NOT NULL") == [(0,)]


def test_a_tap_that_came_in_lately_from_a_door_with_a_clock_years_behind_stays(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    door = Door("years behind")
    enrol(database, door)
    monkeypatch.setattr(post_room, "ARRIVAL", LONG_AFTER)
    wrong = Clock(boot=BOOT, up_ms=1000, sync="rtc", error_ms=600_000)
    deliver(database, door, door.tap(clock=wrong, at=datetime(2025, 1, 6, 8, tzinfo=UTC)))

    assert forget_after(database, 7, now=LONG_AFTER + timedelta(hours=3)) is None
    assert rows(database, "SELECT count(*) FROM tap") == [(1,)]


def test_hours_are_counted_as_long_as_their_taps_are_there(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    old, behind = Door("old"), Door("years behind")
    enrol(database, old, behind)
    deliver(database, old, old.tap(at=datetime(2025, 1, 6, 8, tzinfo=UTC)))
    monkeypatch.setattr(post_room, "ARRIVAL", LONG_AFTER)
    wrong = Clock(boot=BOOT, up_ms=1000, sync="rtc", error_ms=600_000)
    deliver(database, behind, behind.tap(clock=wrong, at=datetime(2025, 3, 3, 8, tzinfo=UTC)))

    gone = forget_after(database, 7, now=LONG_AFTER + timedelta(hours=3))

    assert gone is not None
    assert gone.taps == 1
    assert rows(database, "SELECT device, taps FROM door_hour") == [(behind.device, 1)]
