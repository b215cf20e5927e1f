"""What goes into a settlement? The plan of a span of time, the taps that can have to do with it, and what was told and agreed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from calltime_server.payment.agreed import Agreed
from calltime_server.payment.inputs import Inputs
from calltime_server.payment.spanning import parts_of, taps_needed
from calltime_server.payment.terms import Terms
from calltime_server.store.agreed import read_agreed
from calltime_server.store.connection import Connection, read_frame
from calltime_server.store.kept import kept
from calltime_server.store.told import read_told
from calltime_server.visits.columns import PLAN
from calltime_server.visits.retiming import CLOCKS, SAID
from calltime_server.visits.whose import BADGES


def read_inputs(
    connection: Connection,
    *,
    start: datetime,
    end: datetime,
    terms: Sequence[Terms],
    known_by: datetime | None = None,
    settlement: int | None = None,
    agreed: bool = True,
) -> Inputs:
    """Read all that is needed to settle the visits planned in [start, end), as it was known at `known_by` (None: as it is now).

    Of the plan, and of whose badge was whose, no earlier state can be read: with a settlement they are those that it kept. Without `agreed`
    what only payment asks for is left out.
    """
    parts = parts_of(start=start, end=end, terms=terms)
    around = max(part.around for part in parts)
    since, until = parts[0].decided[0], parts[-1].decided[1]
    first, last = taps_needed(start=start, end=end, terms=terms)
    plan, badges = (None, None) if settlement is None else (kept(connection, settlement, name) for name in ("plan", "badges"))
    if plan is None:
        plan = read_plan(connection, start=since - around, end=until + around)
    return Inputs(
        plan=plan,
        said=read_taps(connection, start=first, end=last, known_by=known_by),
        clocks=read_clocks(connection, start=first, end=last, known_by=known_by),
        badges=read_badges(connection) if badges is None else badges,
        told=read_told(connection, start=first, end=last, known_by=known_by, visits=plan["visit_id"]),
        agreed=read_agreed(connection, start=since, end=until, terms=parts[0].terms, known_by=known_by) if agreed else Agreed(),
    )


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


def read_taps(connection: Connection, *, start: datetime, end: datetime, known_by: datetime | None = None) -> pl.DataFrame:
    """Read the taps in [start, end) as a SAID frame, the time as the door had it.

    Taps of doors that did not know the time are all included: where they belong is decided by their clock records.
    """
    return read_frame(
        connection,
        """
        SELECT said.device, seq, time, action, place_via, place_ref, carer_via, carer_ref, boot::text, up_ms, sync, error_ms,
               received_at, door.carer, door.home, tag.service_user
        FROM (
            SELECT * FROM tap WHERE time >= %(start)s AND time < %(end)s
            UNION ALL
            SELECT * FROM untimed_tap
        ) AS said
        JOIN door USING (device)
        LEFT JOIN tag ON said.place_via IN ('nfc', 'qr', 'line') AND tag.tag = said.place_ref
                         AND (said.place_via = 'line') = starts_with(tag.tag, 'tel_') -- no paper with its name is a telephone
                         AND tag.made_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
        WHERE received_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
        ORDER BY device, seq
        """,
        {"start": start, "end": end, "known_by": known_by},
        SAID,
    )


def read_clocks(connection: Connection, *, start: datetime, end: datetime, known_by: datetime | None = None) -> pl.DataFrame:
    """Read what tells the time of the power-ups of the taps that `read_taps` reads, as a CLOCKS frame.

    A boot record counts as well: an agent that was started again after the clock was set knew the time from its start.
    """
    return read_frame(
        connection,
        """
        SELECT device, boot::text, seq, up_ms, time, error_ms FROM clock_record
        WHERE sync <> 'none' AND (device, boot) IN (
            SELECT device, boot FROM untimed_tap
            UNION
            SELECT device, boot FROM tap WHERE time >= %(start)s AND time < %(end)s
        ) AND received_at <= coalesce(%(known_by)s::timestamptz, 'infinity')
        ORDER BY device, boot, up_ms, seq
        """,
        {"start": start, "end": end, "known_by": known_by},
        CLOCKS,
    )


def read_badges(connection: Connection) -> pl.DataFrame:
    """Read who has had which badge since when, as a BADGES frame."""
    return read_frame(
        connection,
        "SELECT uid, carer, greatest(valid_from, '0001-01-01T00:00Z'::timestamptz) FROM badge ORDER BY valid_from, uid",
        {},
        BADGES,
    )
