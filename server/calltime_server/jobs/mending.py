"""Can what a person typed for rows of a queue be written down? Then all of it is; else everything that is wrong is told at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from calltime_server.jobs.mending_rows import GONE, open_desk
from calltime_server.jobs.wishes import LOOKED_AT, WAYS, Change, Checked, Wish, Wrong
from calltime_server.payment.terms import Terms
from calltime_server.rights import Person
from calltime_server.store.amending import hold_rows, write_entry, write_look, write_report
from calltime_server.store.connection import Connection, RowRefused
from calltime_server.store.ledger import share_now
from calltime_server.store.mending import OF_VISITS
from calltime_server.store.visit_log import mark_days
from calltime_server.visits.civil_day import day_of

AT_MOST = 200
"""Rows at once: a page has fewer."""
REFUSED = Wrong(
    place="row",
    says="The database did not take this: a day was locked meanwhile, or a carer works for another provider. Nothing was written. Load the "
    "queue again.",
)


def mend(connection: Connection, wish: Wish, who: Person, terms: Sequence[Terms], *, clock: Callable[[], datetime]) -> Checked:
    """Check once more, while nobody else can mend the same rows, and write it down: all of it or, with a wrong, nothing."""
    hold_rows(connection, [row.known_as for row in wish.rows])
    checked = check(connection, wish, who, terms, now=clock())
    if checked.wrongs:
        return checked
    try:
        _write(connection, checked, who, now=share_now(connection, clock))
    except RowRefused:
        return Checked(wrongs=(REFUSED,))
    return checked


def _write(connection: Connection, checked: Checked, who: Person, *, now: datetime) -> None:
    reported = set()
    for change in checked.changes:
        for entry in change.entries:
            write_entry(connection, entry, who, now=now)
        # Two carers of one visit are two rows, and what is reported is reported of the visit.
        if change.report is not None and change.report.visit_id not in reported:
            reported.add(change.report.visit_id)
            write_report(connection, change.report, who, now=now)
        if change.look is not None:
            write_look(connection, change.look, who, now=now)
    days = {change.row.day for change in checked.changes} | {day_of(entry.time) for each in checked.changes for entry in each.entries}
    mark_days(connection, sorted(days), now=now)


def check(connection: Connection, wish: Wish, who: Person, terms: Sequence[Terms], *, now: datetime) -> Checked:
    """What would be written, or everything that is wrong, at once."""
    wrongs = list(_wrong_as_a_whole(wish))
    if wrongs:
        return Checked(wrongs=tuple(wrongs))
    desk = open_desk(connection, wish, who, terms, now=now)
    wrongs = list(desk.wrong_beside())
    changes = []
    for typed in wish.rows:
        row = desk.rows.get(typed.known_as)
        result = GONE if row is None else desk.change_of(typed, row)
        if isinstance(result, Change):
            changes.append(result)
        else:
            wrongs.extend(Wrong(place=f"{each.place}.{typed.known_as}", says=each.says) for each in result)
    wrongs.extend(desk.locked(changes))
    return Checked(changes=tuple(changes), wrongs=tuple(wrongs))


def _wrong_as_a_whole(wish: Wish) -> Iterator[Wrong]:
    if not wish.rows:
        yield Wrong(place="row", says="No row was chosen. Tick at least one, or type a time into it.")
    if len(wish.rows) > AT_MOST:
        yield Wrong(place="row", says=f"These are {len(wish.rows)} rows at once. Choose at most {AT_MOST}.")
    if wish.way not in WAYS:
        yield Wrong(place="way", says="Choose what to write for the chosen rows.")
    elif wish.queue not in OF_VISITS and wish.way != LOOKED_AT:
        yield Wrong(place="way", says="In this queue no end is missing. Say that you looked at it, or mend the visit in its own queue.")
