"""May an end that was entered by hand be withdrawn? It stays in the record, and counts no more."""

from __future__ import annotations

from datetime import datetime

from calltime_server.jobs.mending_rows import locked_words
from calltime_server.rights import Person, Role
from calltime_server.store.amending import Amendment, withdraw
from calltime_server.store.connection import Connection
from calltime_server.store.locking import locked_days
from calltime_server.store.visit_log import mark_days
from calltime_server.visits.civil_day import day_of


def withdraw_end(connection: Connection, entry: Amendment, who: Person, *, why: str, now: datetime) -> str | None:
    """Withdraw it; or say why not, and what next: then nothing was written."""
    day = day_of(entry.time)
    if not 1 <= len(why.strip()) <= 1000:
        return "Write in a sentence why this entry was wrong: it is kept beside it."
    if who.role is Role.PROVIDER and locked_days(connection, [(day, who.provider)], now=now):
        return locked_words(day)
    if not withdraw(connection, entry.entry, who, why=why.strip(), now=now):
        return f"Entry {entry.entry} was withdrawn already. Nothing was changed."
    mark_days(connection, [day], now=now)
    return None
