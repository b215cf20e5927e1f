"""What has a council arranged before the day is paid? A pay period, and the moment from which on providers mend its visits no more."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from calltime_sim.office import Office

LONDON = ZoneInfo("Europe/London")
WEEK = timedelta(days=6)
TO_MEND = timedelta(days=2)
"""So long after the end of the period, or from now, a coordinator has to mend."""
COUNCIL = "the council"


def arrange(office: Office, day: date, *, now: datetime) -> str:
    """Open the week of that Monday as a pay period, let it lock, and say so."""
    last = day + WEEK
    locks = max(last, now.astimezone(LONDON).date()) + TO_MEND
    office.ask("period", "open", "--first", day.isoformat(), "--last", last.isoformat(), "--by", COUNCIL)
    office.ask("period", "lock", last.isoformat(), "--at", f"{locks}T17:00", "--by", COUNCIL)
    return f"{day:%-d %B} to {last:%-d %B %Y}; providers mend its visits until 17:00 on {locks:%-d %B %Y}"
