"""What does the database say about itself? Plain facts for `calltime-server doctor`, which judges them; nothing is changed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.edition import Edition, Found, find_edition
from calltime_server.store.rows import as_value

GUARDED = (
    *("tap", "untimed_tap", "clock_record", "receipt", "declared_loss", "ledger_line", "payment_run", "forgotten"),
    *("visit_report", "absence", "entry", "entry_withdrawn", "carer_provider", "journey", "package", "block", "provider"),
    *("terms_text", "settlement", "settlement_input", "pay_period", "period_closed", "run_state"),
)
"""Tables that are only ever added to."""
BEFORE_UPDATE_OR_DELETE, BEFORE_TRUNCATE = 1 + 2 + 8 + 16, 2 + 32
"""As PostgreSQL notes in tgtype when a trigger fires: for each row, before, DELETE, UPDATE, TRUNCATE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """How this server keeps what it has confirmed, as a session of ours sees it. `clock` is the database's."""

    fsync: bool
    full_page_writes: bool
    synchronous_commit: str
    checksums: bool
    archives: bool
    is_replica: bool
    standbys: int
    synchronous_standbys: int
    waits_for: str
    shared_buffers: int
    size: int
    clock: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How the record lies there. `interval` and `newest_indexes` (bytes) are None where `tap` is an ordinary table."""

    interval: timedelta | None
    chunks: int
    newest_indexes: int | None
    unguarded: tuple[str, ...]
    tended_at: datetime | None
    forgotten_before: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A job of TimescaleDB's own; `last_good` is None while it has not run."""

    name: str
    last_good: datetime | None
    failed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """Doors that may send, those that were never heard, the ones silent since `since`, and what the gateway could not take."""

    gateway_keys: int
    doors: int
    never_heard: int
    silent: int
    with_gaps: int
    quarantined: int


def read_applied(connection: Connection) -> frozenset[str]:
    """Name the migrations that this database has had."""
    if not fetch(connection, "SELECT to_regclass('_yoyo_migration') IS NOT NULL", {})[0][0]:
        return frozenset()
    return frozenset(name for (name,) in fetch(connection, "SELECT migration_id FROM _yoyo_migration", {}))


def read_server(connection: Connection) -> Server:
    """Read the settings on which the first promise leans, and who else keeps a copy."""
    rows = fetch(
        connection,
        """
        SELECT current_setting('fsync')::boolean, current_setting('full_page_writes')::boolean, current_setting('synchronous_commit'),
               current_setting('data_checksums')::boolean, current_setting('archive_mode') <> 'off', pg_is_in_recovery(),
               (SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'),
               (SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming' AND sync_state IN ('sync', 'quorum')),
               current_setting('synchronous_standby_names'), pg_size_bytes(current_setting('shared_buffers')),
               pg_database_size(current_database()), clock_timestamp()
        """,
        {},
    )
    return as_value(Server, rows[0])


def read_record(connection: Connection, found: Found) -> Record:
    """Read how the tables of the record lie there and whether they are still guarded."""
    interval, chunks, indexes = (None, 0, None) if found.edition is Edition.NONE else _read_chunks(connection)
    rows = fetch(
        connection,
        """
        SELECT (SELECT array_agg(name ORDER BY name) FROM unnest(%(guarded)s::text[]) AS name WHERE 2 > (
                   SELECT count(DISTINCT tgtype) FROM pg_trigger WHERE tgrelid = to_regclass(name) AND tgenabled IN ('O', 'A')
                   AND tgtype = ANY(%(guards)s) AND tgfoid = to_regproc('refuse_change') AND tgqual IS NULL AND tgattr::text = '')),
               (SELECT nullif(tended_at, '-infinity') FROM tending), (SELECT max(before) FROM forgotten)
        """,
        {"guarded": list(GUARDED), "guards": [BEFORE_UPDATE_OR_DELETE, BEFORE_TRUNCATE]},
    )
    unguarded, tended_at, forgotten = rows[0]
    return Record(
        interval=interval, chunks=chunks, newest_indexes=indexes, unguarded=tuple(unguarded or ()),
        tended_at=tended_at, forgotten_before=forgotten,
    )  # fmt: skip


def _read_chunks(connection: Connection) -> tuple[timedelta | None, int, int | None]:
    rows = fetch(
        connection,
        """
        SELECT time_interval, (SELECT count(*) FROM show_chunks('tap')),
               (SELECT pg_indexes_size(format('%%I.%%I', chunk_schema, chunk_name)::regclass) FROM timescaledb_information.chunks
                WHERE hypertable_name = 'tap' ORDER BY range_end DESC LIMIT 1)
        FROM timescaledb_information.dimensions WHERE hypertable_name = 'tap'
        """,
        {},
    )
    if not rows:
        return None, 0, None
    interval, chunks, indexes = rows[0]
    return interval, chunks, indexes


def read_jobs(connection: Connection) -> list[Job]:
    """List the jobs of TimescaleDB's community edition that work on our tables; others know none."""
    if find_edition(connection).edition is not Edition.COMMUNITY:
        return []
    rows = fetch(
        connection,
        """
        SELECT CASE proc_name WHEN 'policy_compression' THEN 'compression'
                              WHEN 'policy_refresh_continuous_aggregate' THEN 'hours of the boards' ELSE proc_name END,
               nullif(last_successful_finish, '-infinity'), coalesce(last_run_status = 'Failed', false)
        FROM timescaledb_information.jobs JOIN timescaledb_information.job_stats USING (job_id)
        WHERE proc_name IN ('policy_compression', 'policy_refresh_continuous_aggregate') ORDER BY 1
        """,
        {},
    )
    return [as_value(Job, row) for row in rows]


def read_post(connection: Connection, *, silent_since: datetime) -> Post:
    """Count doors by when their latest record came, and what stands in quarantine and not in the record."""
    rows: list[tuple[Any, ...]] = fetch(
        connection,
        """
        SELECT (SELECT count(*) FROM gateway_key), count(*), count(*) FILTER (WHERE latest.received_at IS NULL),
               count(*) FILTER (WHERE latest.received_at < %(since)s), count(*) FILTER (WHERE latest.seq > through),
               (SELECT count(*) FROM quarantine WHERE NOT EXISTS (
                    SELECT FROM receipt WHERE receipt.device = quarantine.device AND receipt.seq = quarantine.seq
                    AND receipt.digest = quarantine.digest))
        FROM door LEFT JOIN door_progress USING (device) LEFT JOIN LATERAL (
            SELECT seq, received_at FROM receipt WHERE receipt.device = door.device ORDER BY seq DESC LIMIT 1
        ) AS latest ON true
        WHERE revoked_at IS NULL
        """,
        {"since": silent_since},
    )
    return as_value(Post, rows[0])
