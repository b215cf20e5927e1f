"""Are days unlocked, and who is told? The provider that asked, by e-mail where it has named an address, in one with the decision."""

from __future__ import annotations

from datetime import datetime

from calltime_server.store.alerts import read_settings
from calltime_server.store.connection import Connection
from calltime_server.store.locking import Unlock, decide_unlock, find_unlock
from calltime_server.store.messages import write_email
from calltime_server.visits.wall import LONDON

EVENT = "unlock.decided"


def answer_unlock(connection: Connection, unlock: int, *, open_until: datetime | None, why: str, by: str, now: datetime) -> bool:
    """Open the days until then, or (None) refuse, and write the e-mail about it. False: nobody asked this, or it was answered already.

    All in the transaction of the officer who decides: row-level security lets this one e-mail of theirs pass, to this one address.
    """
    if not decide_unlock(connection, unlock, open_until=open_until, why=why, by=by, now=now):
        return False
    asked = find_unlock(connection, unlock)
    setting = read_settings(connection).get(asked.provider) if asked is not None else None
    if asked is not None and setting is not None and setting.email:
        says = _words(asked, open_until)
        body = f"{says}. {why}\n\nWhat was asked and answered stands under To mend.\n"
        write_email(connection, to=setting.email, subject=f"Calltime: {says}", body=body, event=EVENT, provider=asked.provider, now=now)
    return True


def _words(unlock: Unlock, open_until: datetime | None) -> str:
    days = f"{unlock.first_day:%-d %B %Y} to {unlock.last_day:%-d %B %Y}"
    if open_until is None:
        return f"The days from {days} stay locked"
    return f"The days from {days} are open until {open_until.astimezone(LONDON):%-d %B %Y, %H:%M}"
