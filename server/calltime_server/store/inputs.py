"""What goes into a settlement? The plan of a span of time, and the taps that can have to do with it."""

from __future__ import annotations

from datetime import datetime

import polars as pl

from calltime_server.store.connection import Connection, read_frame
from calltime_server.visits.columns import PLAN
from calltime_server.visits.retiming import CLOCKS, TIMED


def read_plan(connection: Connection, *, start: datetime, end: datetime) -> pl.DataFrame:
    """Read the planned visits that start in [start, end), as a PLAN frame."""
    return read_frame(
        connection,
        """
        SELECT visit_id, service_user, provider, zone, service, planned_start, planned_minutes, carers
        FROM planned_visit WHERE planned_start >= %(start)s AND planned_start < %(end)s
        ORDER BY planned_start, visit_id
        """,
        {"start": start, "end": end},
        PLAN,
    )


def read_taps(connection: Connection, *, start: datetime, end: datetime) -> pl.DataFrame:
    """Read the taps in [start, end) as a TIMED frame: with the references resolved, and the time still as the door had it.

    Taps of doors that did not know the time are all included, whatever they say: where they belong is decided by their clock records.
    The grades are those of docs/wire.md; a second proof is not looked at yet.
    """
    return read_frame(
        connection,
        """
        SELECT tap.device, tap.seq, tap.time, tap.action,
               CASE tap.carer_via WHEN 'device' THEN door.carer ELSE badge.carer END,
               CASE tap.place_via WHEN 'reader' THEN door.home ELSE tag.service_user END,
               CASE tap.place_via WHEN 'reader' THEN 4 WHEN 'nfc' THEN 2 ELSE 1 END,
               tap.place_ref, tap.carer_ref, tap.boot::text, tap.up_ms, tap.sync
        FROM tap
        JOIN door USING (device)
        LEFT JOIN tag ON tap.place_via <> 'reader' AND tag.tag = tap.place_ref
        LEFT JOIN LATERAL (
            SELECT carer FROM badge WHERE tap.carer_via = 'badge' AND badge.uid = tap.carer_ref AND badge.valid_from <= tap.time
            ORDER BY badge.valid_from DESC LIMIT 1
        ) AS badge ON true
        WHERE (tap.time >= %(start)s AND tap.time < %(end)s) OR tap.sync = 'none'
        ORDER BY tap.device, tap.seq
        """,
        {"start": start, "end": end},
        TIMED,
    )


def read_clocks(connection: Connection) -> pl.DataFrame:
    """Read the clock records of power-ups in which there were taps without a known time, as a CLOCKS frame."""
    return read_frame(
        connection,
        """
        SELECT device, boot::text, up_ms, time FROM clock_record
        WHERE kind = 'clock' AND sync <> 'none'
          AND EXISTS (SELECT FROM tap WHERE tap.device = clock_record.device AND tap.boot = clock_record.boot AND tap.sync = 'none')
        ORDER BY device, boot, up_ms
        """,
        {},
        CLOCKS,
    )
