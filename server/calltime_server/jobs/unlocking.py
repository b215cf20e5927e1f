"""Who is told that days were unlocked, or that they stay locked? The provider that asked, by e-mail, where it has named an address."""

from __future__ import annotations

from datetime import datetime

from calltime_server.store.alerts import read_settings
from calltime_server.store.locking import Unlock, find_unlock
from calltime_server.store.messages import write_email
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.visits.wall import LONDON

EVENT = "unlock.decided"


def tell_decision(database: OfficeDatabase, unlock: int, *, open_until: datetime | None, why: str, now: datetime) -> bool:
    """Write the e-mail about what was decided (None: refused). False: the provider that asked has named no address."""
    # As the office: officers write no messages of their own, and this one goes to nobody but the provider that asked.
    with database.as_office() as connection:
        asked = find_unlock(connection, unlock)
        setting = read_settings(connection).get(asked.provider) if asked is not None else None
        if asked is None or setting is None or not setting.email:
            return False
        says = _words(asked, open_until)
        body = f"{says}. {why}\n\nWhat was asked and answered stands under To mend.\n"
        write_email(connection, to=setting.email, subject=f"Calltime: {says}", body=body, event=EVENT, provider=asked.provider, now=now)
    return True


def _words(unlock: Unlock, open_until: datetime | None) -> str:
    days = f"{unlock.first_day:%-d %B %Y} to {unlock.last_day:%-d %B %Y}"
    if open_until is None:
        return f"The days from {days} stay locked"
    return f"The days from {days} are open until {open_until.astimezone(LONDON):%-d %B %Y, %H:%M}"
