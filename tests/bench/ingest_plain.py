"""What do scripts without signatures write? The columns of the office's own table of taps, found by time; no key, no chain."""

from __future__ import annotations

import json
from typing import Any

import psycopg

TOPICS = "calltime/v1/+/records"
TABLE = """
CREATE TABLE plain_tap (
    time timestamptz NOT NULL, device text NOT NULL, seq bigint NOT NULL, action text NOT NULL,
    place_via text NOT NULL, place_ref text NOT NULL, carer_via text NOT NULL, carer_ref text NOT NULL,
    boot uuid NOT NULL, up_ms bigint NOT NULL, sync text NOT NULL, error_ms bigint NOT NULL,
    received_at timestamptz NOT NULL DEFAULT now(), message text NOT NULL
);
SELECT create_hypertable('plain_tap', by_range('time', INTERVAL '7 days'), create_default_indexes => false);
CREATE INDEX plain_tap_time ON plain_tap (time);
"""
COLUMNS = "time, device, seq, action, place_via, place_ref, carer_via, carer_ref, boot, up_ms, sync, error_ms, message"


def make_table(dsn: str) -> None:
    """Make the table, a hypertable like ours."""
    with psycopg.connect(dsn) as connection:
        connection.execute(TABLE)


def row(payload: bytes) -> tuple[Any, ...]:
    """Read a message into the columns."""
    said = json.loads(payload)
    data, clock = said["data"], said["data"]["clock"]
    return (
        *(said["time"], said["source"][len("/doors/") :], data["seq"], data["action"]),
        *(data["place"]["via"], data["place"]["ref"], data["carer"]["via"], data["carer"]["ref"]),
        *(clock["boot"], clock["up_ms"], clock["sync"], clock["error_ms"], payload.decode()),
    )
