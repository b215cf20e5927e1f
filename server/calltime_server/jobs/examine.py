"""Can this installation keep its promises? Facts become findings: what was found, what that means, and whether a promise is at risk."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from calltime_server.store.edition import Edition, Found
from calltime_server.store.examining import Job, Post, Record, Server

Level = Literal["ok", "note", "RISK"]
"""`note`: worth knowing, and no promise is at risk."""

CLOCKS_AGREE = timedelta(seconds=5)
SILENT_AFTER = timedelta(days=7)
TEND_WITHIN = timedelta(hours=3)
KEPT_HOT = 4
"""The indexes of the newest chunk should fit several times into the memory that PostgreSQL shares: its tables want room as well."""

EDITIONS = {
    Edition.NONE: "without TimescaleDB the record is one table. Everything works; removing old taps is slow, and nothing is compressed",
    Edition.APACHE: "the Apache edition cuts the record into chunks. It cannot compress them; calltime-server tend counts for the boards",
    Edition.COMMUNITY: "the community edition compresses old chunks to about a third and counts for the boards by itself",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the doctor's table."""

    level: Level
    what: str
    says: str


def examine_schema(missing: tuple[str, ...]) -> Finding:
    """Say whether the database has the tables of this version."""
    if missing:
        return Finding(level="RISK", what="schema", says=f"lacks {', '.join(missing)}. Run: calltime-server migrate")
    return Finding(level="ok", what="schema", says="has the tables of this version")


def examine_server(found: Found, server: Server, *, ahead: timedelta) -> Iterator[Finding]:
    """Judge the server. `ahead` is how far its clock is before ours."""
    says = f"PostgreSQL {found.postgresql}, " + (f"TimescaleDB {found.timescaledb}: " if found.timescaledb else "")
    yield Finding(level="ok", what="database", says=f"{says}{EDITIONS[found.edition]}")
    yield _durability(server)
    yield _place(server)
    yield from _standbys(server)
    if not server.archives:
        says = "archive_mode is off: a database set back to last night's backup has lost today, and doors do not send again"
        yield Finding(level="note", what="archive", says=says)
    if not server.checksums:
        yield Finding(
            level="note", what="checksums", says="are off: a disk that returns wrong bytes is not noticed (pg_checksums --enable)"
        )
    if abs(ahead) > CLOCKS_AGREE:
        side = "ahead of" if ahead > timedelta() else "behind"
        says = f"the database is {abs(ahead) // timedelta(seconds=1)} s {side} this machine. Set both by NTP"
        yield Finding(level="RISK", what="clock", says=says)
    else:
        yield Finding(level="ok", what="clock", says="the database's agrees with this machine's")
    says = f"{_bytes(server.size)} in use. PostgreSQL does not tell how much is free: watch its disk, a full one stops receipts"
    yield Finding(level="ok", what="space", says=says)


def _durability(server: Server) -> Finding:
    off = [name for name, on in (("fsync", server.fsync), ("full_page_writes", server.full_page_writes)) if not on]
    if server.synchronous_commit == "off":
        off.append("synchronous_commit")
    if off:
        says = f"{' and '.join(off)} off: a power cut can lose taps that were receipted, and doors have forgotten them. Switch on"
        return Finding(level="RISK", what="commits", says=says)
    if server.waits_for and server.synchronous_commit == "remote_write":
        says = "synchronous_commit is remote_write: power lost on both machines at once loses what was receipted last. Set it to on"
        return Finding(level="note", what="commits", says=says)
    return Finding(level="ok", what="commits", says="are on disk when a door gets its receipt")


def _place(server: Server) -> Finding:
    if server.is_replica:
        says = "this is a replica, which takes no taps. Name all hosts in CALLTIME_DATABASE, with target_session_attrs=read-write"
        return Finding(level="RISK", what="primary", says=says)
    return Finding(level="ok", what="primary", says="takes writes")


def _standbys(server: Server) -> Iterator[Finding]:
    needed = _needed(server.waits_for)
    if needed and server.synchronous_commit == "local":
        says = "synchronous_commit is local, so no commit waits for the standby. Set it to on"
        yield Finding(level="RISK", what="standby", says=says)
    elif server.synchronous_standbys < needed:
        there = server.synchronous_standbys or "none"
        says = f"every commit waits: {server.waits_for} needs {needed}, and {there} is there. Start one, or ask for fewer"
        yield Finding(level="RISK", what="standby", says=says)
    elif server.synchronous_standbys:
        says = f"{server.synchronous_standbys} of {server.standbys} synchronous: what is receipted outlasts this machine"
        yield Finding(level="ok", what="standby", says=says)
    elif server.standbys:
        says = f"{server.standbys}, none synchronous: if this machine is lost, so is what was receipted last (synchronous_standby_names)"
        yield Finding(level="note", what="standby", says=says)
    elif not server.is_replica:
        yield Finding(level="note", what="standby", says="none: if this machine's disk is lost, what counts is the archive")


def _needed(waits_for: str) -> int:
    """How many standbys must have a commit: the number before the list, with FIRST, ANY or neither; of a bare list, one."""
    numbered = re.match(r"\s*(?:(?:FIRST|ANY)\s+)?(\d+)\s*\(", waits_for, re.IGNORECASE)
    return int(numbered[1]) if numbered else int(bool(waits_for.strip()))


def examine_record(found: Found, server: Server, record: Record, *, now: datetime, keep_years: int | None) -> Iterator[Finding]:
    """Judge how the record lies there and how it is tended."""
    if record.unguarded:
        says = f"{', '.join(record.unguarded)} can be changed: triggers are off, gone or others. {guard_again(record.unguarded[0])}"
        yield Finding(level="RISK", what="append-only", says=says)
    else:
        yield Finding(level="ok", what="append-only", says="the record and the ledger refuse changes")
    if found.edition is not Edition.NONE:
        yield _chunks(server, record)
    if record.tended_at is None or now - record.tended_at > TEND_WITHIN:
        last = "never" if record.tended_at is None else f"last {record.tended_at:%Y-%m-%d %H:%MZ}"
        yield Finding(level="note", what="tending", says=f"{last}. Run hourly: calltime-server tend. Until then boards are slow or late")
    else:
        yield Finding(level="ok", what="tending", says=f"last {record.tended_at:%Y-%m-%d %H:%MZ}")
    kept = "for ever" if keep_years is None else f"for {keep_years} years"
    before = f"; forgotten so far: before {record.forgotten_before:%Y-%m-%d}" if record.forgotten_before else ""
    yield Finding(level="ok", what="keeping", says=f"taps are kept {kept} (CALLTIME_KEEP_YEARS){before}")


def guard_again(table: str) -> str:
    """What the owner of a table tells the database to guard it again. A hypertable knows neither ENABLE TRIGGER nor CREATE OR REPLACE."""
    return (
        f"DROP TRIGGER IF EXISTS append_only ON {table}; DROP TRIGGER IF EXISTS append_only_whole ON {table}; "
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change(); "
        f"CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
    )


def _chunks(server: Server, record: Record) -> Finding:
    if record.interval is None:
        says = "TimescaleDB is here, but tap is an ordinary table: it came after the first migration. It works as without"
        return Finding(level="note", what="chunks", says=says)
    says = f"{record.chunks} of {record.interval.days} days"
    indexes = record.newest_indexes or 0
    if indexes * KEPT_HOT > server.shared_buffers:
        says += f"; the newest one's indexes ({_bytes(indexes)}) crowd shared_buffers ({_bytes(server.shared_buffers)}). Raise that"
        return Finding(level="note", what="chunks", says=says)
    return Finding(level="ok", what="chunks", says=f"{says}; the newest one's indexes ({_bytes(indexes)}) stay in memory")


def examine_jobs(jobs: list[Job]) -> Iterator[Finding]:
    """Judge the jobs of TimescaleDB's own."""
    for job in jobs:
        last = f"{job.last_good:%Y-%m-%d %H:%MZ}" if job.last_good else "never yet"
        if job.failed:
            says = f"TimescaleDB's job failed; last good run: {last}. Its reason stands in timescaledb_information.job_errors"
            yield Finding(level="note", what=job.name, says=says)
        else:
            yield Finding(level="ok", what=job.name, says=f"TimescaleDB's own job, last good run: {last}")


def examine_post(post: Post) -> Iterator[Finding]:
    """Judge what comes in."""
    match post.gateway_keys:
        case 0:
            yield Finding(level="note", what="gateway", says="none has ever run on this database, so no door can be enrolled yet")
        case 1:
            yield Finding(level="ok", what="gateway", says="its key is registered")
        case many:
            yield Finding(level="note", what="gateway", says=f"{many} keys are registered, and a door believes one: the one it was given")
    silent = f"{post.doors:,} enrolled; {post.never_heard:,} never heard, {post.silent:,} silent for {SILENT_AFTER.days} days"
    level: Level = "note" if post.never_heard or post.silent else "ok"
    yield Finding(level=level, what="doors", says=silent)
    if post.with_gaps:
        says = f"{post.with_gaps:,} of the doors have records stored behind a gap: they keep the missing ones and will send them"
        yield Finding(level="note", what="gaps", says=says)
    if post.quarantined:
        says = f"{post.quarantined:,} in it and not in the record. See: calltime-server quarantine"
        yield Finding(level="note", what="quarantine", says=says)
    else:
        yield Finding(level="ok", what="quarantine", says="holds nothing that is not in the record")


def _bytes(count: int) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if count < 10_000:
            return f"{count:,} {unit}"
        count //= 1024
    return f"{count:,} TB"
