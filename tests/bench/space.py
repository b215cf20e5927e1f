"""How much room does a tap take for ever, and what does the length of a chunk change? On a real TimescaleDB, as `python -m bench.space`.

Each chunk length gets a database of its own with the same signed taps, in the order in which they would arrive: carers' phones, some twenty
taps a day each, with position and a tag's proof. Where the community edition is found, all chunks are compressed at the end.
"""

import argparse
import hashlib
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, LiteralString

import psycopg

from bench.figures import percentile, tell
from calltime_server.store.edition import Edition, find_edition
from calltime_server.store.migrations import migrate
from calltime_server.store.tending import hand_to_timescaledb
from calltime_sim.services.timescaledb import TimescaleDb
from calltime_wire import jws
from calltime_wire.records import CarerSeen, Clock, Place, Position
from fixtures.plain_doors import Door, enrol

BEGIN = datetime(2026, 1, 5, 7, tzinfo=UTC)
A_DAY = 20
"""Taps of one carer."""
TAP: LiteralString = (
    "COPY tap (time, device, seq, action, place_via, place_ref, place_proof, carer_via, carer_ref, lat, lon, accuracy_m, "
    "boot, up_ms, sync, error_ms, received_at, jws) FROM STDIN"
)
ONE_DAY: LiteralString = "SELECT count(*), max(jws) FROM tap WHERE time >= %s AND time < %s"
ONE_DOOR: LiteralString = "SELECT time, jws FROM tap WHERE device = %s AND seq = %s"


def main() -> None:
    """Fill one database for each chunk length and tell what it takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--doors", type=int, default=100)
    parser.add_argument("--days", type=int, default=28)
    parser.add_argument("--chunks", type=int, nargs="+", default=[7], metavar="DAYS", help="lengths to compare (7)")
    asked = parser.parse_args()
    doors = [Door(f"phone {number}") for number in range(asked.doors)]
    taps = [row for day in range(asked.days) for row in _a_day(doors, day)]
    with tempfile.TemporaryDirectory(prefix="ct-", ignore_cleanup_errors=True) as folder, TimescaleDb(Path(folder)) as server:
        for days in asked.chunks:
            with psycopg.connect(server.dsn, autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE chunks_{days}".encode())
            _measure(server.dsn_of(f"chunks_{days}"), doors, taps, days)


def _a_day(doors: Sequence[Door], day: int) -> Iterator[tuple[Any, ...]]:
    """Make rows of `tap`, and behind them the digest of each record and of the one before it, by time."""
    for turn in range(A_DAY):
        for number, door in enumerate(doors):
            at = BEGIN + timedelta(days=day, minutes=30 * turn, seconds=number % 1500, milliseconds=number)
            seq, action = day * A_DAY + turn + 1, "start" if turn % 2 == 0 else "stop"
            mark = hashlib.sha256(f"{number} {seq}".encode()).hexdigest()
            place = Place(via="nfc", ref=f"tag{mark[:9]}", proof=f"e={mark[:32].upper()}&c={mark[32:48].upper()}")
            carer, clock = (
                CarerSeen(via="device", ref=f"carer-{number}"),
                Clock(boot=_boot(number, day), up_ms=seq * 9973, sync="ntp", error_ms=20),
            )
            position = Position(lat=50.2 + number / 7919, lon=-5.1 + seq / 7907, accuracy_m=4.5 + turn)
            compact = door.tap(at=at, action=action, place=place, carer=carer, position=position, clock=clock)
            seen = (place.via, place.ref, place.proof, carer.via, carer.ref, position.lat, position.lon, position.accuracy_m)
            told = (clock.boot, clock.up_ms, clock.sync, clock.error_ms, at + timedelta(seconds=2), compact)
            yield at, door.device, seq, action, *seen, *told, jws.digest(compact)


def _boot(number: int, day: int) -> str:
    return f"0199b8a0-{number:04x}-7000-8000-{day:012x}"


def _measure(dsn: str, doors: Sequence[Door], taps: Sequence[tuple[Any, ...]], days: int) -> None:
    migrate(dsn)
    enrol(dsn, *doors)
    chunk = f"chunks of {days} days"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("SELECT set_chunk_time_interval('tap', make_interval(days => %s))", (days,))
        started = time.perf_counter()
        _fill(connection, taps)
        tell(f"space/fill/{chunk}", len(taps) / (time.perf_counter() - started), "records/s", note="COPY, 500 a transaction, fsync on")
        connection.execute("VACUUM ANALYZE")
        sizes = _sizes(connection)
        for part, size in sizes.items():
            tell(f"space/{part}/{chunk}", size / len(taps), "bytes a record")
        tell(f"space/all/{chunk}", sum(sizes.values()) / len(taps), "bytes a record")
        tell(f"space/jws/{chunk}", sum(len(row[-2]) for row in taps) / len(taps), "bytes a record", note="the signed record itself")
        _ask(connection, doors, chunk)
        if find_edition(connection).edition is Edition.COMMUNITY:
            with connection.transaction():
                hand_to_timescaledb(connection)
            connection.execute("SELECT compress_chunk(chunk, if_not_compressed => true) FROM show_chunks('tap') AS chunk")
            sizes = _sizes(connection)
            tell(f"space/tap and its indexes, compressed/{chunk}", (sizes["tap"] + sizes["indexes of tap"]) / len(taps), "bytes a record")
            _ask(connection, doors, f"{chunk}, compressed")


def _fill(connection: psycopg.Connection[Any], taps: Sequence[tuple[Any, ...]]) -> None:
    last: dict[str, bytes] = {}
    for begin in range(0, len(taps), 500):
        batch = taps[begin : begin + 500]
        with connection.transaction(), connection.cursor() as cursor:
            with cursor.copy(TAP) as copy:
                for row in batch:
                    copy.write_row(row[:-1])
            with cursor.copy("COPY receipt (device, seq, digest, prev, received_at) FROM STDIN") as copy:
                for row in batch:
                    copy.write_row((row[1], row[2], row[-1], last.get(row[1]), row[-3]))
                    last[row[1]] = row[-1]


def _sizes(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Bytes of the record's parts."""
    tap = "SELECT coalesce(table_bytes, 0) + coalesce(toast_bytes, 0), index_bytes FROM hypertable_detailed_size('tap')"
    receipt = "SELECT pg_table_size('receipt'), pg_indexes_size('receipt')"
    sizes: dict[str, int] = {}
    for name, query in (("tap", tap), ("receipt", receipt)):
        row = connection.execute(query.encode()).fetchone()
        assert row is not None
        sizes |= {name: int(row[0]), f"indexes of {name}": int(row[1])}
    return sizes


def _ask(connection: psycopg.Connection[Any], doors: Sequence[Door], chunk: str) -> None:
    """Time the two questions that are asked most: a day's taps, and one signed record of a door."""
    day = BEGIN.replace(hour=0) + timedelta(days=7)
    for name, query, given in (
        ("a day's taps", ONE_DAY, (day, day + timedelta(days=1))),
        ("one record of a door", ONE_DOOR, (doors[0].device, 77)),
    ):
        took = []
        for _ in range(11):
            started = time.perf_counter_ns()
            connection.execute(query, given, prepare=False).fetchall()
            took.append(time.perf_counter_ns() - started)
        tell(f"space/{name}/{chunk}", percentile(took, 50) / 1e6, "ms")


if __name__ == "__main__":
    main()
