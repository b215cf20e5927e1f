"""How is each door: when was it heard last, does it know the time, and does the record lack any of its numbers?"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import LiteralString

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_values

SILENT = timedelta(days=7)
"""A door that nobody taps says nothing (docs/adr/0015), so only a week of silence is worth a look."""
LOST = timedelta(days=30)
"""How long a declared loss is shown as what is the matter with a door."""
UNSURE_MS = 60_000
"""A clock that may be off by more than this is in trouble."""
LOOK_BACK = timedelta(minutes=10)
PACKED = timedelta(days=50)
"""Older taps may be compressed, and to look through those takes long."""

# What is the matter with a door, the gravest first. `h` is door_heard, `p` door_progress.
STATE: LiteralString = """CASE
    WHEN d.revoked_at IS NOT NULL THEN 'revoked'
    WHEN h.device IS NULL THEN 'new'
    WHEN h.sync = 'none' OR h.error_ms > %(unsure)s THEN 'clock'
    WHEN EXISTS (SELECT FROM declared_loss l WHERE l.device = d.device AND l.received_at > %(lost)s) THEN 'lost'
    WHEN h.seq > coalesce(p.through, 0) THEN 'gaps'
    WHEN h.heard_at < %(silent)s THEN 'silent'
    ELSE 'healthy' END"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorSeen:
    """A door and how it is: of a carer, a home or a line. `through`: all numbers up to this one are stored or lost."""

    device: str
    carer: str | None
    home: str | None
    line: str | None
    enrolled_at: datetime
    revoked_at: datetime | None
    heard_at: datetime | None
    tap_at: datetime | None
    seq: int | None
    through: int
    sync: str | None
    error_ms: int | None
    state: str

    @property
    def whom(self) -> str:
        """The carer, the service user or the telephone line."""
        return self.carer or self.home or self.line or ""

    @property
    def kind(self) -> str:
        """Which of them: carer, home or line."""
        return "carer" if self.carer else "home" if self.home else "line"


@dataclass(frozen=True, slots=True, kw_only=True)
class TapsOfDay:
    """How many taps a door made on a day, and how long the slowest took to arrive."""

    day: date
    starts: int
    stops: int
    waits: int
    slowest: timedelta


def refresh_heard(connection: Connection) -> int:
    """Note what came in since the last time; returns of how many doors. Only as the office itself: it reads the record."""
    ((since,),) = fetch(connection, "SELECT max(heard_at) FROM door_heard", {})
    begin = since - LOOK_BACK if since else None
    return execute(
        connection,
        """
        INSERT INTO door_heard AS h (device, heard_at, seq, sync, error_ms, tap_at)
        SELECT device, max(received_at), max(seq), (array_agg(sync ORDER BY seq DESC))[1], (array_agg(error_ms ORDER BY seq DESC))[1],
               max(tap_at)
        FROM (
            SELECT device, received_at, seq, sync, error_ms, time AS tap_at FROM tap
            WHERE received_at >= coalesce(%(begin)s, '-infinity'::timestamptz) AND time >= coalesce(%(near)s, '-infinity'::timestamptz)
            UNION ALL
            SELECT device, received_at, seq, sync, error_ms, NULL FROM untimed_tap
            WHERE received_at >= coalesce(%(begin)s, '-infinity'::timestamptz)
            UNION ALL
            SELECT device, received_at, seq, sync, error_ms, NULL FROM clock_record
            WHERE received_at >= coalesce(%(begin)s, '-infinity'::timestamptz)
        ) AS came JOIN door USING (device) GROUP BY device
        ON CONFLICT (device) DO UPDATE SET
            heard_at = greatest(h.heard_at, excluded.heard_at), seq = greatest(h.seq, excluded.seq),
            sync = CASE WHEN excluded.seq >= h.seq THEN excluded.sync ELSE h.sync END,
            error_ms = CASE WHEN excluded.seq >= h.seq THEN excluded.error_ms ELSE h.error_ms END,
            tap_at = greatest(h.tap_at, excluded.tap_at)
        WHERE (h.heard_at, h.seq) < (excluded.heard_at, excluded.seq)
        """,
        {"begin": begin, "near": begin - PACKED if begin else None},
    )


def _limits(now: datetime) -> dict[str, object]:
    return {"unsure": UNSURE_MS, "lost": now - LOST, "silent": now - SILENT}


def list_doors(
    connection: Connection,
    *,
    now: datetime,
    kind: str = "",
    state: str = "",
    text: str = "",
    behind: tuple[str, str] | None = None,
    limit: int,
) -> list[DoorSeen]:
    """Doors in the order of whom they are for, behind this reference and device. `kind`: carer, home or line; `text`: its reference."""
    rows = fetch(
        connection,
        f"""
        SELECT * FROM (
            SELECT d.device, d.carer, d.home, d.line, d.enrolled_at, d.revoked_at, h.heard_at, h.tap_at, h.seq, coalesce(p.through, 0),
                   h.sync, h.error_ms, {STATE} AS state
            FROM door d LEFT JOIN door_heard h USING (device) LEFT JOIN door_progress p USING (device)
            WHERE (%(text)s = '' OR d.carer = %(text)s OR d.home = %(text)s OR d.line = %(text)s
                   OR d.device = %(text)s)
            AND (%(kind)s = '' OR CASE %(kind)s WHEN 'carer' THEN d.carer WHEN 'home' THEN d.home ELSE d.line END IS NOT NULL)
            AND (coalesce(d.carer, d.home, d.line), d.device) > (%(whom)s, %(device)s)
        ) AS doors WHERE %(state)s = '' OR state = %(state)s
        ORDER BY coalesce(carer, home, line), device LIMIT %(limit)s
        """,  # noqa: S608 # a part of this file
        {
            **_limits(now),
            "kind": kind,
            "state": state,
            "text": text,
            "limit": limit,
            "whom": behind[0] if behind else "",
            "device": behind[1] if behind else "",
        },
    )
    return list(as_values(DoorSeen, rows))


def count_doors(connection: Connection, *, now: datetime) -> dict[str, int]:
    """How many doors are in each state."""
    rows = fetch(
        connection,
        f"""
        SELECT {STATE} AS state, count(*) FROM door d LEFT JOIN door_heard h USING (device) LEFT JOIN door_progress p USING (device)
        GROUP BY 1
        """,  # noqa: S608 # a part of this file
        _limits(now),
    )
    return dict(rows)


def read_door(connection: Connection, device: str, *, now: datetime) -> DoorSeen | None:
    """One door; None: there is none that these eyes may see."""
    found = [door for door in list_doors(connection, now=now, text=device, limit=2) if door.device == device]
    return found[0] if found else None


def doors_seen(connection: Connection, devices: Collection[str]) -> frozenset[str]:
    """Those of these doors that whoever asks may see."""
    rows = fetch(connection, "SELECT device FROM door WHERE device = ANY(%(devices)s)", {"devices": list(devices)})
    return frozenset(device for (device,) in rows)


def missing_numbers(connection: Connection, device: str, *, limit: int = 20) -> list[tuple[int, int]]:
    """Ranges of numbers that are neither stored nor declared lost, though later ones are stored, in order."""
    return [
        (first, last)
        for first, last in fetch(
            connection,
            """
            WITH beyond AS (
                SELECT seq FROM receipt WHERE device = %(device)s
                AND seq >= coalesce((SELECT through FROM door_progress WHERE device = %(device)s), 0)
            ), edges AS (
                SELECT seq AS upto, lag(seq, 1, coalesce((SELECT through FROM door_progress WHERE device = %(device)s), 0))
                       OVER (ORDER BY seq) AS behind FROM beyond
            )
            SELECT behind + 1, upto - 1 FROM edges WHERE upto > behind + 1 ORDER BY 1 LIMIT %(limit)s
            """,
            {"device": device, "limit": limit},
        )
    ]


def lost_numbers(connection: Connection, device: str) -> list[tuple[int, int, datetime]]:
    """Ranges that the door said to have lost, and when that was heard, the latest first; some of it may have come all the same."""
    return [
        (first, last, at)
        for first, last, at in fetch(
            connection,
            "SELECT first, last, received_at FROM declared_loss WHERE device = %(device)s ORDER BY declared_by DESC, first LIMIT 50",
            {"device": device},
        )
    ]


def taps_of_door(connection: Connection, device: str, *, since: datetime) -> tuple[TapsOfDay, ...]:
    """How many taps it made on each day since then, the latest first."""
    rows = fetch(connection, "SELECT * FROM taps_of_door(%(device)s, %(since)s) ORDER BY day DESC", {"device": device, "since": since})
    return as_values(TapsOfDay, rows)


def why_revoked(connection: Connection, device: str) -> list[tuple[str, str, datetime]]:
    """Why, by whom and when it was revoked, the latest first."""
    return [
        (why, by, at)
        for why, by, at in fetch(
            connection,
            "SELECT why, noted_by, noted_at FROM door_revoked WHERE device = %(device)s ORDER BY number DESC",
            {"device": device},
        )
    ]


def note_revoked(connection: Connection, device: str, *, why: str, by: str, now: datetime) -> None:
    """Write down why."""
    execute(
        connection,
        "INSERT INTO door_revoked (device, why, noted_by, noted_at) VALUES (%(device)s, %(why)s, %(by)s, %(now)s)",
        {"device": device, "why": why, "by": by, "now": now},
    )
