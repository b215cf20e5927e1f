"""What may leave the record for its age? Only where a council has said so, and never what an open visit or a recent payment rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.edition import Edition


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many were removed, all older than `before`."""

    before: datetime
    taps: int
    untimed_taps: int
    quarantined: int


def find_limit(connection: Connection, *, now: datetime, years: int) -> datetime:
    """Say before which moment nothing is needed any more.

    That is `years` ago, or earlier: a day before the oldest planned visit that is not settled, that is parked, or whose line (a correction
    too) was settled within these years. A paid line rests on its taps for as long as a claim can be made about it, and then no longer.
    """
    rows = fetch(
        connection,
        """
        WITH old AS (SELECT %(now)s::timestamptz - make_interval(years => %(years)s) AS limit)
        SELECT least(
            old.limit,
            (SELECT min(planned_start) FROM ledger_line JOIN payment_run USING (run)
             WHERE planned_start < old.limit AND settled_at >= old.limit) - interval '1 day',
            (SELECT min(planned_start) FROM standing_line WHERE planned_start < old.limit AND outcome = 'park') - interval '1 day',
            (SELECT min(planned_start) FROM planned_visit WHERE planned_start < old.limit
             AND NOT EXISTS (SELECT FROM ledger_line WHERE ledger_line.visit_id = planned_visit.visit_id)) - interval '1 day'
        ) FROM old
        """,
        {"now": now, "years": years},
    )
    limit: datetime = rows[0][0]
    return limit


def forget(connection: Connection, edition: Edition, *, now: datetime, years: int) -> Forgotten | None:
    """Remove what `find_limit` lets go, and note that it was done. None: there is nothing so old.

    Taps go with their chunk, once all of it is old enough, and one by one where there are no chunks; those without a time by the day of
    their arrival. Receipts and clock records stay: they name no person, and a record that came again would else be new.
    """
    before = find_limit(connection, now=now, years=years)
    taps = _forget_chunks(connection, before) if edition is not Edition.NONE else _forget_rows(connection, before)
    untimed = _forget_untimed(connection, before)
    quarantined = execute(connection, "DELETE FROM quarantine WHERE last_at < %(before)s", {"before": before})
    if not taps + untimed + quarantined:
        return None
    execute(connection, "DELETE FROM counted_hour WHERE hour < %(before)s", {"before": before})
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
        SELECT max(range_end) FROM timescaledb_information.chunks
        WHERE hypertable_schema = current_schema() AND hypertable_name = 'tap' AND range_end <= %(before)s
        """,
        {"before": before},
    )
    end = rows[0][0]
    if end is None:
        return 0
    taps: int = fetch(connection, "SELECT count(*) FROM tap WHERE time < %(end)s", {"end": end})[0][0]
    fetch(connection, "SELECT drop_chunks('tap', older_than => %(end)s::timestamptz)", {"end": end})
    return taps


def _forget_rows(connection: Connection, before: datetime) -> int:
    if not fetch(connection, "SELECT EXISTS (SELECT FROM tap WHERE time < %(before)s)", {"before": before})[0][0]:
        return 0
    # The trigger stands aside for this transaction only, and gateways wait that long: it holds the table's lock.
    execute(connection, "ALTER TABLE tap DISABLE TRIGGER append_only", {})
    gone = execute(connection, "DELETE FROM tap WHERE time < %(before)s", {"before": before})
    execute(connection, "ALTER TABLE tap ENABLE TRIGGER append_only", {})
    return gone


def _forget_untimed(connection: Connection, before: datetime) -> int:
    if not fetch(connection, "SELECT EXISTS (SELECT FROM untimed_tap WHERE received_at < %(before)s)", {"before": before})[0][0]:
        return 0
    execute(connection, "ALTER TABLE untimed_tap DISABLE TRIGGER append_only", {})
    gone = execute(connection, "DELETE FROM untimed_tap WHERE received_at < %(before)s", {"before": before})
    execute(connection, "ALTER TABLE untimed_tap ENABLE TRIGGER append_only", {})
    return gone
