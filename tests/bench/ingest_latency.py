"""How long does a record take from published to stored, when few come? The same for all: until another session of the database sees it.

Records are due at an even rate. Each is timed from when it was due, so that a stall counts for all that it held up, to the first look
that finds its row: a look every millisecond, over the index on time, on which a commit shows only after its fsync. Nobody's own word on
when it stored something is taken, and the look's own time is in the figure.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta

from psycopg import sql

from bench.ingest_processes import publishing
from bench.ingest_stage import Contestant, Stage

RATE = 200
LOOK_EVERY_SECONDS = 0.001
STUCK_SECONDS = 30


def microseconds(stage: Stage, contestant: Contestant) -> list[int]:
    """Send the load at that rate; return how long each record took."""
    load = stage.load
    with stage.storing(contestant), publishing(stage, contestant.kind, rate=RATE) as publisher:
        publisher.let(load.records)
        seen = dict(_seen(stage, contestant))
        began = publisher.result().began
    return [round((at - began - number / RATE) * 1e6) for number, at in seen.items()]


def _seen(stage: Stage, contestant: Contestant) -> Iterator[tuple[int, float]]:
    """Yield the number of each record and when it was first seen (monotonic). Raises TimeoutError when no more come."""
    load, seen, oldest = stage.load, set[int](), 0
    asked = sql.SQL("SELECT time FROM {} WHERE time >= %s").format(sql.Identifier(contestant.table))
    moved = time.monotonic()
    with stage.connect() as connection:
        while len(seen) < load.records:
            times = connection.execute(asked, [load.base + timedelta(milliseconds=oldest)]).fetchall()
            now = time.monotonic()
            for number in {load.index(row[0]) for row in times} - seen:
                seen.add(number)
                moved = now
                yield number, now
            while oldest in seen:
                oldest += 1
            if now > moved + STUCK_SECONDS:
                raise TimeoutError(f"{contestant.name}: {len(seen)} of {load.records} were stored, and then none for {STUCK_SECONDS} s.")
            time.sleep(LOOK_EVERY_SECONDS)
