"""What may leave the record for its age? Only where a council has said so, and never what an open visit or a recent payment rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.edition import Edition

HELD_BEFORE = timedelta(days=7)
"""Taps are held so long before a visit that is still open. To settle its day, more than the day is read: terms may ask for nearly five."""


class TapsForgotten(RuntimeError):
    """Some of the taps that a settlement would need are gone for their age; the message says which, and what to settle instead."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many were removed, all older than `before`."""

    before: datetime
    taps: int
    untimed_taps: int
    quarantined: int


def find_limit(connection: Connection, *, now: datetime, years: int) -> datetime:
    """Say before which moment nothing is needed any more.

    That is `years` ago, or earlier: `HELD_BEFORE` the oldest planned visit that is not settled, that is parked, or whose line (a correction
    too) was settled within these years. A paid line rests on its taps for as long as a claim can be made about it, and then no longer. A
    visit that was planned afterwards, for a time of which the taps are gone, holds nothing: it can never be settled.
    """
    rows = fetch(
        connection,
        """
        WITH old AS (SELECT %(now)s::timestamptz - make_interval(years => %(years)s) AS limit)
        SELECT least(
            old.limit,
            (SELECT min(planned_start) FROM ledger_line l JOIN payment_run p USING (run) LEFT JOIN settlement s USING (settlement)
             WHERE planned_start < old.limit AND coalesce(s.settled_at, p.settled_at) >= old.limit) - %(held)s::interval,
            (SELECT min(planned_start) FROM standing_line WHERE planned_start < old.limit AND outcome = 'park')
                - %(held)s::interval,
            (SELECT min(planned_start) FROM planned_visit WHERE planned_start < old.limit
             AND planned_start >= coalesce((SELECT max(before) FROM forgotten) + %(held)s::interval, '-infinity')
             AND NOT EXISTS (SELECT FROM ledger_line WHERE ledger_line.visit_id = planned_visit.visit_id)) - %(held)s::interval
        ) FROM old
        """,
        {"now": now, "years": years, "held": HELD_BEFORE},
    )
    limit: datetime = rows[0][0]
    return limit


def forgotten_before(connection: Connection) -> datetime | None:
    """Since when all taps are still there; None: nothing was ever forgotten."""
    before: datetime | None = fetch(connection, "SELECT max(before) FROM forgotten", {})[0][0]
    return before


def refuse_forgotten(connection: Connection, *, since: datetime) -> None:
    """Raise TapsForgotten when taps were forgotten that may be younger than this: visits would be taken for ones that nobody came to."""
    before = forgotten_before(connection)
    if before is not None and since < before:
        raise TapsForgotten(
            f"Taps before {before:%-d %B %Y} were forgotten for their age (CALLTIME_KEEP_YEARS), and this would need them from "
            f"{since:%-d %B %Y} on: paid visits would look as if nobody had come. Nothing was changed. What stands in the ledger for these "
            "days is final. Settle later days."
        )


def forget(connection: Connection, edition: Edition, *, now: datetime, years: int) -> Forgotten | None:
    """Remove what `find_limit` lets go, and note that it was done. None: there is nothing so old.

    Taps go with their chunk, once all of it is old enough, and one by one where there are no chunks. Old enough is what was tapped and has
    arrived before: a door's clock may be years behind. Those without a time go by their arrival alone. Receipts and clock records stay:
    they name no person, and a record that came again would else be new.
    """
    before = find_limit(connection, now=now, years=years)
    taps = _forget_chunks(connection, before) if edition is not Edition.NONE else _forget_rows(connection, before)
    untimed = _forget_untimed(connection, before)
    quarantined = execute(connection, "DELETE FROM quarantine WHERE last_at < %(before)s", {"before": before})
    if not taps + untimed + quarantined:
        return None
    execute(
        connection,
        """
        DELETE FROM counted_hour WHERE hour < %(before)s AND NOT EXISTS (
            SELECT FROM tap WHERE tap.device = counted_hour.device AND time >= hour AND time < hour + interval '1 hour')
        """,
        {"before": before},
    )
    execute(
        connection,
        """
        INSERT INTO forgotten (before, years, taps, untimed_taps, quarantined, forgotten_at)
        VALUES (%(before)s, %(years)s, %(taps)s, %(untimed)s, %(quarantined)s, %(now)s)
        """,
        {"before": before, "years": years, "taps": taps, "untimed": untimed, "quarantined": quarantined, "now": now},
    )
    return Forgotten(before=before, taps=taps, untimed_taps=untimed, quarantined=quarantined)


def _forget_chunks(connection: Connection, before: datetime) -> int:
    rows = fetch(
        connection,
        """
        SELECT range_start, range_end, (SELECT count(*) FROM tap WHERE time >= range_start AND time < range_end)
        FROM timescaledb_information.chunks
        WHERE hypertable_schema = current_schema() AND hypertable_name = 'tap' AND range_end <= %(before)s
        AND NOT EXISTS (SELECT FROM tap WHERE time >= range_start AND time < range_end AND received_at >= %(before)s)
        """,
        {"before": before},
    )
    for start, end, _ in rows:
        fetch(
            connection,
            "SELECT drop_chunks('tap', newer_than => %(start)s::timestamptz, older_than => %(end)s::timestamptz)",
            {"start": start, "end": end},
        )
    return sum(taps for _, _, taps in rows)


def _forget_rows(connection: Connection, before: datetime) -> int:
    old = "SELECT EXISTS (SELECT FROM tap WHERE time < %(before)s AND received_at < %(before)s)"
    if not fetch(connection, old, {"before": before})[0][0]:
        return 0
    # The trigger stands aside for this transaction only, and gateways wait that long: it holds the table's lock.
    execute(connection, "ALTER TABLE tap DISABLE TRIGGER append_only", {})
    gone = execute(connection, "DELETE FROM tap WHERE time < %(before)s AND received_at < %(before)s", {"before": before})
    execute(connection, "ALTER TABLE tap ENABLE TRIGGER append_only", {})
    return gone


def _forget_untimed(connection: Connection, before: datetime) -> int:
    if not fetch(connection, "SELECT EXISTS (SELECT FROM untimed_tap WHERE received_at < %(before)s)", {"before": before})[0][0]:
        return 0
    execute(connection, "ALTER TABLE untimed_tap DISABLE TRIGGER append_only", {})
    gone = execute(connection, "DELETE FROM untimed_tap WHERE received_at < %(before)s", {"before": before})
    execute(connection, "ALTER TABLE untimed_tap ENABLE TRIGGER append_only", {})
    return gone
