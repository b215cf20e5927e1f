"""Can the visits of a provider's own system be taken? Then they are, all of them: what is new, and what corrects or withdraws another.

From a file (CSV: their_id, service_user, carer, started, ended, withdrawn) or from a program: the same checks, all faults at once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from calltime_server.faults import Fault
from calltime_server.jobs.csv_fields import one_of, reference, shown
from calltime_server.jobs.csv_table import Reader, read_table
from calltime_server.jobs.csv_times import wall_time
from calltime_server.store import brought, ledger
from calltime_server.store.brought import BRINGING
from calltime_server.store.connection import Connection
from calltime_server.store.locking import locked_days
from calltime_server.store.visit_log import mark_days
from calltime_server.visits.civil_day import day_of

AT_MOST = 20_000
"""Visits in one file: a day of a large provider many times over."""
LONGEST = timedelta(hours=24)
AHEAD = timedelta(minutes=5)
"""Their clock may be ahead of ours by so much."""

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bringing:
    """How many were (or would be) taken, and of how many nothing changed. `not_agreed`: of days for which no grade is agreed."""

    new: int
    corrected: int
    withdrawn: int
    unchanged: int
    not_agreed: int


def read_visits(data: bytes) -> tuple[list[tuple[int, Row]], tuple[Fault, ...]]:
    """Rows with their lines, and everything that is wrong with the file by itself: a field that cannot be read is None in its row."""
    table = read_table(data, READERS)
    if len(table.lines) > AT_MOST:
        says = f"A file has at most {AT_MOST:,} visits, and this has {len(table.lines):,}. Split it."
        return [], (Fault(line=None, column=None, says=says),)
    rows: list[tuple[int, Row]] = []
    for at, line in enumerate(table.lines):
        rows.append((line, {name: column[at] for name, column in table.values.items()}))
    return rows, table.faults


def bring_visits(
    connection: Connection,
    rows: Sequence[tuple[int, Row]],
    *,
    provider: str,
    by: str,
    for_council: bool,
    clock: Callable[[], datetime],
    dry_run: bool,
    unread: Sequence[Fault] = (),
) -> Bringing | tuple[Fault, ...]:
    """Take the rows of BRINGING, each with its line, or none of them. `for_council`: the council brings them, whom no lock binds.

    `unread`: what `read_visits` found wrong with their file. It is told together with what is wrong with what could be read.
    """
    # A settlement under way must not come to know later what was noted before it began. Who only looks notes nothing, and waits for nobody.
    now = clock() if dry_run else ledger.share_now(connection, clock)
    if not dry_run:
        brought.lock_provider(connection, provider)
    stood = brought.standing_of(connection, provider, [row["their_id"] for _, row in rows if row["their_id"]])
    whole = [(line, _as_it_stood(row, stood.get(row["their_id"]))) for line, row in rows]
    faults = [*_wrong(whole, stood, now), *_against_the_record(connection, whole, stood, provider, for_council=for_council, now=now)]
    if faults or unread:
        faults = [*unread, *_but_for_the_unread(faults, unread)]
        return tuple(sorted(faults, key=lambda fault: fault.line or 0))
    changed = [row for _, row in whole if stood.get(row["their_id"]) != _standing(row)]
    told = _counted(connection, changed, stood, provider, unchanged=len(whole) - len(changed))
    if not dry_run and changed:
        frame = pl.DataFrame([[row[name] for name in BRINGING.names()] for row in changed], schema=BRINGING, orient="row")
        brought.bring(connection, frame, provider=provider, by=by, now=now)
        mark_days(connection, _days(changed) | _days_of_those_that_stood(changed, stood), now=now)
    return told


def _but_for_the_unread(faults: Sequence[Fault], unread: Sequence[Fault]) -> Iterator[Fault]:
    """Those that do not come of a field that could not be read: that field is told already, and nothing is known of what it means."""
    known = {(fault.line, fault.column) for fault in unread}
    for fault in faults:
        beside = ("started", "ended") if fault.column in ("started", "ended") else (fault.column,)
        if not any((fault.line, column) in known for column in (*beside, "withdrawn", None)):
            yield fault


def _moment(text: str) -> datetime | None:
    """London wall time, or a moment with its offset; nothing is nothing."""
    if not text:
        return None
    if re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d)", text, re.ASCII):
        try:
            return datetime.fromisoformat(text).astimezone(UTC)
        except (ValueError, OverflowError):
            raise ValueError(f"{shown(text)} is not a time. Write it as in 2026-10-05T08:02:10+01:00.") from None
    read: datetime = wall_time(seconds=True)(text)
    return read


def _withdrawn(text: str) -> bool:
    return bool(text) and one_of("yes", "no")(text) == "yes"


def _or_empty(text: str) -> str:
    return reference(text) if text else ""


READERS: Mapping[str, Reader] = {
    "their_id": reference,
    "service_user": _or_empty,
    "carer": _or_empty,
    "started": _moment,
    "ended": _moment,
    "withdrawn": _withdrawn,
}


def _as_it_stood(row: Row, stood: tuple[Any, ...] | None) -> Row:
    """What is withdrawn is what stood: of which day it is taken back decides whether it may be."""
    if not row["withdrawn"] or stood is None:
        return row
    return {**row, "service_user": stood[0], "carer": stood[1], "started": stood[2], "ended": stood[3]}


def _standing(row: Row) -> tuple[Any, ...]:
    return row["service_user"], row["carer"], row["started"], row["ended"], row["withdrawn"]


def _wrong(rows: Sequence[tuple[int, Row]], stood: Mapping[str, Any], now: datetime) -> Iterator[Fault]:
    first: dict[str, int] = {}
    for line, row in rows:
        if first.setdefault(row["their_id"], line) != line:
            says = f"This id stands in {first[row['their_id']]} already. Leave the one that is meant."
            yield Fault(line=line, column="their_id", says=says)
        elif row["withdrawn"]:
            if row["their_id"] not in stood:
                yield Fault(line=line, column="their_id", says="No visit of this id was brought, so none can be withdrawn. Check the id.")
        else:
            yield from _wrong_visit(line, row, now)


def _wrong_visit(line: int, row: Row, now: datetime) -> Iterator[Fault]:
    for name in ("service_user", "carer"):
        if not row[name]:
            yield Fault(line=line, column=name, says="This field is empty. Write the reference.")
    started, ended = row["started"], row["ended"]
    if started is None and ended is None:
        yield Fault(
            line=line, column="started", says="Neither the start nor the end is there. Write the one that your system saw, or both."
        )
    elif started and ended and ended < started:
        yield Fault(line=line, column="ended", says="It ends before it starts. Correct one of the two.")
    elif started and ended and ended - started > LONGEST:
        yield Fault(line=line, column="ended", says="It lasts longer than a day. Correct the start or the end.")
    for name, at in (("started", started), ("ended", ended)):
        if at and at > now + AHEAD:
            yield Fault(line=line, column=name, says="This lies in the future. Bring what has happened, not what is planned.")


def _against_the_record(
    connection: Connection, rows: Sequence[tuple[int, Row]], stood: Mapping[str, Any], provider: str, *, for_council: bool, now: datetime
) -> Iterator[Fault]:
    visits = [row for _, row in rows if not row["withdrawn"]]
    strangers = brought.not_visited(connection, provider, sorted({row["service_user"] for row in visits if row["service_user"]}))
    others = brought.others_carers(connection, provider, sorted({row["carer"] for row in visits if row["carer"]}))
    days = _days([row for _, row in rows]) | _days_of_those_that_stood([row for _, row in rows], stood)
    locked = set() if for_council else {day for day, _ in locked_days(connection, [(day, provider) for day in sorted(days)], now=now)}
    for line, row in rows:
        if not row["withdrawn"] and row["service_user"] in strangers:
            says = f"No visit to {shown(row['service_user'])} is planned for {provider}. Write the council's reference of the service user."
            yield Fault(line=line, column="service_user", says=says)
        if not row["withdrawn"] and row["carer"] in others:
            yield Fault(
                line=line, column="carer", says=f"{shown(row['carer'])} works for another provider. Write the reference of your own carer."
            )
        for day in sorted((_days([row]) | _days_of_those_that_stood([row], stood)) & locked):
            says = f"{day:%-d %B %Y} is locked: its visits can be changed no more. Ask the council to unlock it, and say why."
            yield Fault(line=line, column="started", says=says)


def _days(rows: Sequence[Row]) -> set[date]:
    return {day_of(at) for row in rows for at in (row["started"], row["ended"]) if at}


def _days_of_those_that_stood(rows: Sequence[Row], stood: Mapping[str, Any]) -> set[date]:
    before = [stood[row["their_id"]] for row in rows if row["their_id"] in stood]
    return {day_of(at) for each in before for at in each[2:4] if at}


def _counted(connection: Connection, changed: Sequence[Row], stood: Mapping[str, Any], provider: str, *, unchanged: int) -> Bringing:
    agreed = [each for each in brought.list_agreements(connection) if each.provider == provider]
    withdrawn = sum(row["withdrawn"] for row in changed)
    new = sum(row["their_id"] not in stood for row in changed)
    lacking = 0
    for row in changed:
        at = row["started"] or row["ended"]
        grade = next((each.grade for each in agreed if each.since <= day_of(at)), None)  # the latest day comes first
        lacking += not row["withdrawn"] and grade is None
    return Bringing(new=new, corrected=len(changed) - new - withdrawn, withdrawn=withdrawn, unchanged=unchanged, not_agreed=lacking)
