"""Which span of time is a day in London, and which day is it there at an instant?"""

from datetime import date, datetime, time, timedelta

from calltime_server.visits.wall import LONDON, instants


def span_of(day: date) -> tuple[datetime, datetime]:
    """From midnight to the next one, in UTC, half open: 23, 24 or 25 hours. (London's clocks never change at midnight.)"""
    return instants(day, time())[0], instants(day + timedelta(days=1), time())[0]


def day_of(at: datetime) -> date:
    """The day in London."""
    return at.astimezone(LONDON).date()
