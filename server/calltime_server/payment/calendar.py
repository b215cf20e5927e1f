"""Which spans of time, on London's clocks, have which price of an hour?

Only instants at which a price can change are looked at: where a rate's hours begin or end, at midnight, and where the clocks change. So a
span has one wall time at its beginning, one day, and one price, also in the night when an hour comes twice.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from calltime_server.payment.bank_holidays import bank_holidays
from calltime_server.payment.terms import Nation
from calltime_server.payment.terms_price import DayKind, Price
from calltime_server.visits.wall import LONDON, instants

NAMED: tuple[DayKind, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
SATURDAY = 5
WHOLE_DAY = 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """From this instant to the beginning of the next cell: what kinds its day is of, and the minute of the day on the wall."""

    begins: datetime
    kinds: frozenset[DayKind]
    minute: int


def cells(price: Price, nation: Nation, *, first: date, last: date) -> Iterator[Cell]:
    """All cells of these days in London, in order."""
    walls = sorted({time(), *(_wall(minute) for rate in price.rate for minute in (minutes(rate.from_time), minutes(rate.to_time)))})
    holidays = bank_holidays(nation, range(first.year, last.year + 1))
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        kinds = _kinds(day, price, holidays)
        for begins in sorted({at for wall in walls for at in instants(day, wall)} | clock_change(day)):
            shown = begins.astimezone(LONDON)
            yield Cell(begins=begins, kinds=kinds, minute=shown.hour * 60 + shown.minute)


def minutes(wall: str) -> int:
    """Of the day: 06:30 is 390, and 24:00 is 1440."""
    hours, rest = wall.split(":")
    return int(hours) * 60 + int(rest)


def _wall(minute: int) -> time:
    return time(minute % WHOLE_DAY // 60, minute % 60)


def _kinds(day: date, price: Price, holidays: frozenset[date]) -> frozenset[DayKind]:
    kinds: set[DayKind] = {"any", NAMED[day.weekday()], "weekend" if day.weekday() >= SATURDAY else "weekday"}
    if day in holidays:
        kinds.add("bank_holiday")
    special = price.special_days.days if price.special_days else ()
    if day.isoformat() in special or f"{day:%m-%d}" in special:
        kinds.add("special_day")
    return frozenset(kinds)


def summers(first: date, last: date) -> Iterator[tuple[datetime, datetime]]:
    """From when to when London is an hour ahead, in each year that these days have a part of."""
    for year in range(first.year, last.year + 1):
        [begins], [ends] = (set().union(*(clock_change(date(year, month, day)) for day in range(25, 32))) for month in (3, 10))
        yield begins, ends


def clock_change(day: date) -> set[datetime]:
    """The instant on this day in London at which the clocks change, if they do."""
    midnights = [datetime.combine(each, time(), tzinfo=LONDON).utcoffset() for each in (day, day + timedelta(days=1))]
    # By law at one o'clock Greenwich mean time, in spring as in autumn.
    return set() if midnights[0] == midnights[1] else {datetime.combine(day, time(1), tzinfo=UTC)}
