"""How many records a second, and what does each cost? From the first PUBLISH to the last row that another session sees committed.

The publisher may be so many records ahead of the table, so that the broker's queue is never what is measured. How far the table is,
the newest time in it says, twenty times a second, which its index answers; at the end the rows are counted.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from bench.ingest_costs import busy_seconds, cpu_seconds, peak_memory_mb
from bench.ingest_load import Load
from bench.ingest_processes import Publisher, listening, publishing
from bench.ingest_reader import Heard
from bench.ingest_stage import Contestant, Stage

AHEAD = 20_000
LOOK_EVERY_SECONDS = 0.05
STUCK_SECONDS = 60

RECEIPTS = "calltime/v1/+/receipts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One contestant's round; `cpu`: µs a record by process. `heard`: the doors' receipts. `others`: processors busy with anything else."""

    records: int
    seconds: float
    cpu: dict[str, float]
    memory_mb: float
    heard: Heard
    others: float

    @property
    def rate(self) -> float:
        return self.records / self.seconds


def run(stage: Stage, contestant: Contestant) -> Run:
    """Send the load to one contestant and wait until all of it is stored."""
    load = stage.load
    with stage.storing(contestant) as process, listening(stage, RECEIPTS) as reader, publishing(stage, contestant.kind) as publisher:
        before, busy = stage.cpu() | {"storing": cpu_seconds(process.pid)}, busy_seconds()
        ended = _let_until_stored(stage, contestant, publisher)
        after, busy = stage.cpu() | {"storing": cpu_seconds(process.pid)}, busy_seconds() - busy
        sent, heard, memory = publisher.result(), reader.result(), peak_memory_mb(process.pid)
    cpu = {name: (after[name] - before[name]) / load.records * 1e6 for name in after}
    cpu["generator"] = (sent.cpu_seconds + heard.cpu_seconds) / load.records * 1e6
    seconds = ended - sent.began
    others = busy / seconds - sum(cpu.values()) * load.records / seconds / 1e6
    return Run(records=load.records, seconds=seconds, cpu=cpu, memory_mb=memory, heard=heard, others=others)


def newest(connection: psycopg.Connection[tuple[Any, ...]], table: str, load: Load) -> int:
    """How many records are stored at least if they came in order."""
    asked = sql.SQL("SELECT time FROM {} ORDER BY time DESC LIMIT 1").format(sql.Identifier(table))
    row = connection.execute(asked).fetchone()
    return 0 if row is None else max(0, load.index(row[0]) + 1)


def stored(connection: psycopg.Connection[tuple[Any, ...]], table: str, load: Load) -> int:
    """Count the rows of the load."""
    row = connection.execute(sql.SQL("SELECT count(*) FROM {} WHERE time >= %s").format(sql.Identifier(table)), [load.base]).fetchone()
    assert row is not None
    return int(row[0])


def _let_until_stored(stage: Stage, contestant: Contestant, publisher: Publisher) -> float:
    """Keep the publisher so far ahead. Return when the last row was seen (monotonic). Raises TimeoutError when nothing moves any more."""
    load, reached, moved = stage.load, -1, time.monotonic()
    with stage.connect() as connection:
        while True:
            now = newest(connection, contestant.table, load)
            if now > load.records - load.streams - load.run * load.streams:
                now = stored(connection, contestant.table, load)
            if now >= load.records:
                return time.monotonic()
            if now != reached:
                reached, moved = now, time.monotonic()
                publisher.let(min(now + AHEAD, load.records))
            if time.monotonic() > moved + STUCK_SECONDS:
                raise TimeoutError(f"{contestant.name}: {now} of {load.records} were stored, and then none for {STUCK_SECONDS} s.")
            time.sleep(LOOK_EVERY_SECONDS)
