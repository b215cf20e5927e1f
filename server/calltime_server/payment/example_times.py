"""At which instants do the visit and the taps of a worked example stand?

Examples are written as a person would say them, in London's wall time: `2026-04-07 08:00-08:30` and `08:04:10 08:31:55`.
An end at or before the start is on the next day. Where the wall shows a time twice (the autumn Sunday), the plan means the first; a stop
tap is the first time after its start at which the wall shows it.
"""

import re
from datetime import UTC, date, datetime, time, timedelta

from calltime_server.visits.wall import LONDON, instants

Span = tuple[datetime, datetime]

HHMM = r"((?:[01]\d|2[0-3]):[0-5]\d)"
HHMMSS = r"((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d)"


def planned_span(text: str) -> Span:
    """Start and end in UTC. Raises ValueError with a sentence."""
    found = re.fullmatch(rf"(20\d\d-\d\d-\d\d) {HHMM}-{HHMM}", text, re.ASCII)
    if found is None:
        raise ValueError(f'"{text}" is not a planned visit. Write the day and both times, as in "2026-04-07 08:00-08:30"')
    day, first, last = found.groups()
    on = date.fromisoformat(day)
    starts = instants(on, time.fromisoformat(first))
    if not starts:
        raise ValueError(f"on {day} the clocks went forward over {first}: there is no such time. Choose another")
    return starts[0], _first_after(starts[0], on, time.fromisoformat(last))


def planned_day(text: str) -> date:
    """The day in London on which it was planned, of a text that `planned_span` takes."""
    return date.fromisoformat(text[:10])


def later(start: datetime, *, minutes: int) -> datetime:
    """So many minutes later by the clocks of London: the same time tomorrow is the same time on the wall."""
    wall = start.astimezone(LONDON)
    days, of_day = divmod(wall.hour * 60 + wall.minute + minutes, 24 * 60)
    shown = instants(wall.date() + timedelta(days=days), time(of_day // 60, of_day % 60))
    return shown[0] if minutes and shown else start + timedelta(minutes=minutes)


def tapped_span(text: str, *, planned: Span | None) -> Span:
    """Start and stop in UTC, the start as near as can be to the planned one. Raises ValueError with a sentence.

    Without `planned` only the form is checked, against a day like any other.
    """
    found = re.fullmatch(rf"{HHMMSS} {HHMMSS}", text, re.ASCII)
    if found is None:
        raise ValueError(f'"{text}" is not a start and a stop tap. Write both times with seconds, as in "08:04:10 08:31:55"')
    first, last = (time.fromisoformat(part) for part in found.groups())
    near = planned[0] if planned else datetime(2026, 4, 7, 12, tzinfo=UTC)
    day = near.astimezone(LONDON).date()
    days = (day - timedelta(days=1), day, day + timedelta(days=1))
    started = min((at for on in days for at in instants(on, first)), key=lambda at: (abs(at - near), at))
    return started, _first_after(started, started.astimezone(LONDON).date(), last)


def _first_after(start: datetime, on: date, wall: time) -> datetime:
    days = (on, on + timedelta(days=1), on + timedelta(days=2))
    return min(at for day in days for at in instants(day, wall) if at > start)
