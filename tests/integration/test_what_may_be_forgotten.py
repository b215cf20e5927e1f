"""What leaves the record for its age, and what holds it there? On both kinds of database."""

from __future__ import annotations

from datetime import UTC, datetime

import psycopg
import pytest
from psycopg import sql

from calltime_server.jobs.tend import tend
from calltime_server.store.connection import connect
from calltime_server.store.forgetting import Forgotten
from calltime_wire.records import Clock
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
