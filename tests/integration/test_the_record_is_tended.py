"""Are the boards right in every edition, before and after the record is tended? Is it the same to tend it twice?"""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from calltime_server.jobs.tend import Tended, tend
from calltime_server.store.connection import connect
from calltime_server.store.edition import Edition, edition_of_tap, find_edition
from calltime_sim.services.programs import program
from calltime_sim.services.timescaledb import TimescaleDb
from fixtures.missing_parts import NOT_TO_BE_INSTALLED
from fixtures.plain_doors import MORNING, Door, enrol
from fixtures.post_room import ARRIVAL, deliver, rows

NOON = datetime(2025, 10, 6, 12, tzinfo=UTC)
LATER = NOON + timedelta(days=100)


def tend_at(dsn: str, now: datetime) -> Tended:
    with connect(dsn) as connection:
        return tend(connection, now=now, keep_years=None)


def refresh(dsn: str) -> None:
    """In the community edition a job of TimescaleDB's own counts, every hour; a test does not wait for it."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        if find_edition(connection).edition is Edition.COMMUNITY:
            connection.execute("CALL refresh_continuous_aggregate('tap_hour', NULL, '2025-10-06 11:00Z')")


def board(dsn: str) -> list[tuple[Any, ...]]:
    return rows(dsn, "SELECT hour, device, taps, starts, stops, proven, first_at, last_at, slowest FROM door_hour ORDER BY hour, device")


def counted_anew(dsn: str) -> list[tuple[Any, ...]]:
    """The same from the taps themselves, in other words than the view's."""
    return rows(
        dsn,
        """
        SELECT to_timestamp(extract(epoch FROM time)::bigint / 3600 * 3600) AS hour, device, count(*), sum((action = 'start')::int),
               sum((action = 'stop')::int), count(place_proof), min(time), max(time), max(received_at - time)
        FROM tap GROUP BY 1, 2 ORDER BY 1, 2
        """,
    )


@pytest.fixture
def doors(database: str) -> list[Door]:
    doors = [Door("first"), Door("second")]
    enrol(database, *doors)
    for number, door in enumerate(doors):
        said = [
            door.tap(at=MORNING - timedelta(hours=2) + timedelta(minutes=30 * turn + number), action=("start", "stop")[turn % 2])
            for turn in range(6)
        ]
        deliver(database, door, *said)
    return doors


def test_the_boards_say_the_same_before_and_after_the_record_is_tended(database: str, doors: list[Door]) -> None:
    before = board(database)

    tended = tend_at(database, NOON)
    refresh(database)

    assert before == counted_anew(database)
    assert sum(row[2] for row in before) == 6 * len(doors)
    assert board(database) == before
    if tended.edition is not Edition.COMMUNITY:
        assert tended.counted == len(before)


def test_to_tend_twice_writes_nothing_new(database: str, doors: list[Door]) -> None:
    tend_at(database, NOON)
    before = board(database)

    again = tend_at(database, NOON + timedelta(minutes=5))

    assert not again.handed_over
    assert not again.counted
    assert board(database) == before
    assert doors


def test_a_tap_that_comes_days_late_is_in_its_hour_when_the_record_is_tended_next(database: str, doors: list[Door]) -> None:
    tend_at(database, NOON)
    refresh(database)

    late = deliver(database, doors[0], doors[0].tap(at=MORNING - timedelta(hours=2)))
    tend_at(database, ARRIVAL + timedelta(hours=4))
    refresh(database)

    assert late.through == 7
    assert board(database) == counted_anew(database)


def test_a_tap_that_was_committed_long_after_it_was_received_is_counted_too(database: str, doors: list[Door]) -> None:
    tend_at(database, ARRIVAL + timedelta(days=1))
    refresh(database)

    deliver(database, doors[1], doors[1].tap(at=MORNING))
    tend_at(database, ARRIVAL + timedelta(days=2))
    refresh(database)

    assert board(database) == counted_anew(database)


def test_a_tap_that_waited_in_quarantine_for_its_door_is_counted_when_it_is_taken_again(database: str, tmp_path: Path) -> None:
    stranger = Door("stranger")
    deliver(database, stranger, stranger.tap())
    tend_at(database, ARRIVAL + timedelta(days=30))
    enrol(database, stranger)
    replay = [program("calltime-gateway"), "replay"]
    subprocess.run(replay, env=os.environ | {"CALLTIME_DATABASE": database, "CALLTIME_STATE": str(tmp_path)}, check=True, timeout=60)

    tend_at(database, ARRIVAL + timedelta(days=31))
    refresh(database)

    assert [row[2] for row in board(database)] == [1]


def test_nothing_is_forgotten_unless_somebody_says_for_how_long_taps_are_kept(database: str, doors: list[Door]) -> None:
    assert tend_at(database, NOON + timedelta(days=365 * 50)).forgotten is None
    assert rows(database, "SELECT count(*) FROM tap") == [(6 * len(doors),)]


def test_only_what_the_edition_has_is_asked_of_it(database: str, doors: list[Door], request: pytest.FixtureRequest) -> None:
    with connect(database) as connection:
        edition = edition_of_tap(connection)
    tended = tend_at(database, NOON)

    if request.node.callspec.params["database"] == "postgres":
        assert edition is Edition.NONE
    else:
        assert edition.value == TimescaleDb.edition().lower()
    assert tended.handed_over is (edition is Edition.COMMUNITY)
    assert tended.counted is None or edition is not Edition.COMMUNITY
    assert doors


@pytest.fixture
def community_database(request: pytest.FixtureRequest) -> str:
    """Where the community edition is installed. Debian does not ship it, so where it is not, the test is skipped in CI as well."""
    if TimescaleDb.available() is None and TimescaleDb.edition() != "Community":
        pytest.skip(f"{NOT_TO_BE_INSTALLED} TimescaleDB's community edition, which Debian does not ship. Here it is the Apache edition.")
    dsn: str = request.getfixturevalue("timescaledb_database")
    return dsn


@pytest.fixture
def compressed(community_database: str) -> str:
    """A database whose taps lie in columns: the job of the policy has run, on chunks that are old enough."""
    door = Door("first")
    enrol(community_database, door)
    deliver(community_database, door, *door.taps(50))
    tend_at(community_database, LATER)
    with psycopg.connect(community_database, autocommit=True) as connection:
        row = connection.execute("SELECT job_id FROM timescaledb_information.jobs WHERE proc_name = 'policy_compression'").fetchone()
        assert row is not None
        connection.execute("CALL run_job(%s)", row)
    assert rows(community_database, "SELECT is_compressed FROM timescaledb_information.chunks WHERE hypertable_name = 'tap'") == [(True,)]
    return community_database


def test_compressed_taps_are_read_as_before_and_late_ones_come_in_beside_them(compressed: str) -> None:
    late = Door("late")
    enrol(compressed, late)

    assert deliver(compressed, late, *late.taps(3)).through == 3
    assert rows(compressed, "SELECT count(*), count(DISTINCT jws), sum(seq) FROM tap") == [(53, 53, 50 * 51 // 2 + 6)]


def test_a_tap_comes_once_though_its_chunk_is_compressed(compressed: str) -> None:
    first = Door("first")

    assert deliver(compressed, first, *first.taps(50)).through == 50
    assert rows(compressed, "SELECT count(*) FROM tap") == [(50,)]


@pytest.mark.parametrize("statement", ["UPDATE tap SET seq = seq", "DELETE FROM tap", "DELETE FROM tap WHERE seq = 7", "TRUNCATE tap"])
def test_a_compressed_tap_refuses_changes_too(compressed: str, statement: str) -> None:
    with psycopg.connect(compressed) as connection, pytest.raises(psycopg.errors.RaiseException, match="never overwritten"):
        connection.execute(statement.encode())
    assert rows(compressed, "SELECT count(*), sum(seq) FROM tap") == [(50, 50 * 51 // 2)]
