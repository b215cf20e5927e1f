"""May what was entered or reported by hand be withdrawn? It stays in the record, and counts no more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from calltime_server.jobs.mending_rows import locked_words
from calltime_server.rights import Person, Role
from calltime_server.store.amending import Amendment, hold_rows, withdraw
from calltime_server.store.connection import Connection
from calltime_server.store.ledger import share_now
from calltime_server.store.locking import locked_days
from calltime_server.store.reported import Reported, find_report, write_withdrawal
from calltime_server.store.visit_log import mark_days
from calltime_server.visits.civil_day import day_of

NOT_YOURS = "The council wrote this, so only the council withdraws it. Nothing was changed. Tell the council why it is wrong."


def withdraw_end(connection: Connection, entry: Amendment, who: Person, *, why: str, clock: Callable[[], datetime]) -> str | None:
    """Withdraw it; or say why not, and what next: then nothing was written."""
    day = day_of(entry.time)
    wrong = _wrong(connection, who, by_provider=entry.by_provider, day=day, why=why, now=clock())
    if wrong is not None:
        return wrong
    now = share_now(connection, clock)
    if not withdraw(connection, entry.entry, who, why=why.strip(), now=now):
        return f"Entry {entry.entry} was withdrawn already. Nothing was changed."
    mark_days(connection, [day], now=now)
    return None


def withdraw_report(connection: Connection, report: Reported, who: Person, *, why: str, clock: Callable[[], datetime]) -> str | None:
    """Withdraw it; or say why not, and what next: then nothing was written."""
    if report.planned_start is None:
        return "The visit is planned no more, so nothing comes of this report. Nothing was changed."
    day = day_of(report.planned_start)
    wrong = _wrong(connection, who, by_provider=report.by_provider, day=day, why=why, now=clock())
    if wrong is not None:
        return wrong
    hold_rows(connection, [f"report of {report.visit_id}"])
    latest = find_report(connection, report.number)
    if latest is None or not latest.stands:
        return f"Report {report.number} stands no more: it was withdrawn, or something else was told of the visit. Nothing was changed."
    now = share_now(connection, clock)
    write_withdrawal(connection, report, who, why=why.strip(), now=now)
    mark_days(connection, [day], now=now)
    return None


def _wrong(connection: Connection, who: Person, *, by_provider: str | None, day: date, why: str, now: datetime) -> str | None:
    if not 1 <= len(why.strip()) <= 1000:
        return "Write in a sentence why this was wrong: it is kept beside it."
    if who.role is Role.PROVIDER and by_provider != who.provider:
        return NOT_YOURS
    if who.role is Role.PROVIDER and locked_days(connection, [(day, who.provider)], now=now):
        return locked_words(day)
    return None
