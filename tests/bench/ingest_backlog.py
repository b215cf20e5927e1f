"""What becomes of a backlog that waited in the broker while the gateway was away? It is drained, counted, and the memory looked at.

The gateway is known to the broker and gone; everything is published and acknowledged by the broker; then the gateway comes. Mosquitto
holds the whole backlog, within the limits of deploy/mosquitto.conf.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench.ingest_confirmed import confirmed
from bench.ingest_costs import peak_memory_mb
from bench.ingest_processes import listening, publishing
from bench.ingest_stage import GATEWAY, Stage
from bench.ingest_throughput import RECEIPTS, newest, stored

LOOK_EVERY_SECONDS = 0.5
STUCK_SECONDS = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Drained:
    """`seconds`: from the start of the gateway's process to the last row. `confirmed`: records that the doors' receipts cover."""

    stored: int
    distinct: int
    confirmed: int
    quarantined: int
    queued_in: float
    seconds: float
    memory_mb: float


def drain(stage: Stage) -> Drained:
    """Let a backlog wait, then drain it."""
    with stage.storing(GATEWAY):
        pass  # the broker keeps its session from now on
    with publishing(stage, GATEWAY.kind) as publisher:
        publisher.let(stage.load.records)
        sent = publisher.result()
    began = time.monotonic()
    with listening(stage, RECEIPTS) as reader, stage.storing(GATEWAY) as process:
        seconds = _wait_until_stored(stage) - began
        heard, memory = reader.result(), peak_memory_mb(process.pid)
    with stage.connect() as connection:
        row = connection.execute("SELECT count(*), count(DISTINCT (device, seq)) FROM tap WHERE time >= %s", [stage.load.base]).fetchone()
        aside = connection.execute("SELECT count(*) FROM quarantine").fetchone()
    assert row is not None
    assert aside is not None
    return Drained(
        stored=row[0],
        distinct=row[1],
        confirmed=confirmed(stage, heard),
        quarantined=aside[0],
        queued_in=sent.ended - sent.began,
        seconds=seconds,
        memory_mb=memory,
    )


def _wait_until_stored(stage: Stage) -> float:
    """Return when the last row was seen, or when nothing came any more: the counts tell then."""
    load, reached, moved = stage.load, 0, time.monotonic()
    with stage.connect() as connection:
        while True:
            now = newest(connection, GATEWAY.table, load)
            if now >= load.records - load.streams * load.doors:
                now = stored(connection, GATEWAY.table, load)
            if now != reached:
                reached, moved = now, time.monotonic()
            if now >= load.records or time.monotonic() > moved + STUCK_SECONDS:
                return moved
            time.sleep(LOOK_EVERY_SECONDS)
