"""How are visits of the log written as CSV, many at a time and none held in memory for long?"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import datetime

from calltime_server.rights import Person
from calltime_server.store.forgotten import Forgetting, forgettings, forgotten_on
from calltime_server.store.logged import COLUMNS, Place, Row, Wanted, became, read_visits
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.visits.written import plain_cell, written_time

AT_ONCE = 2000
WRITTEN = (*COLUMNS, "taps_forgotten_at")


def csv_of(database: OfficeDatabase, who: Person, wanted: Wanted, *, now: datetime, exact: bool = False) -> Iterator[str]:
    """Parts of a CSV file with the columns of the log, times in UTC. Each part is read in a transaction of its own, as this person.

    `exact`: for programs, with every text as it is; else for spreadsheets.
    """
    yield _lines([WRITTEN])
    after: Place | None = None
    while True:
        with database.as_person(who) as connection:
            found = read_visits(connection, wanted, now=now, after=after, limit=AT_ONCE)
            rows = [{**row, "delivery": became(row)} for row in found]
            known = forgettings(connection, since=wanted.first)
        if rows:
            yield _lines([[*(_written(row[name], exact=exact) for name in COLUMNS), _forgotten_at(row, known)] for row in rows])
        if len(rows) < AT_ONCE:
            return
        after = _place(rows[-1])


def _place(row: Row) -> Place:
    return row["day"], row["place"]


def _forgotten_at(row: Row, known: Sequence[Forgetting]) -> object:
    forgotten = forgotten_on(known, row["day"])
    return _written(forgotten and forgotten.at, exact=True)


def _written(value: object, *, exact: bool) -> object:
    match value:
        case datetime():
            return written_time(value)
        case bool():
            return "true" if value else "false"
        case _:
            return value if exact else plain_cell(value)


def _lines(rows: Sequence[Sequence[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()
