"""Which of a contract's prices of an hour is the right one, for whom and when?"""

from collections.abc import Sequence
from dataclasses import dataclass

from calltime_server.payment.calendar import Cell, minutes
from calltime_server.payment.terms_price import DayKind, Price, Rate

# The later in this list, the stronger.
STRENGTH: tuple[tuple[DayKind, ...], ...] = (
    ("any",),
    ("weekday", "weekend"),
    ("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
    ("bank_holiday",),
    ("special_day",),
)
# The number of the rate that the price names for all that no [[price.rate]] fits, and of none at all.
DEFAULT, NONE = -1, -2


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Whom:
    """A provider, zone and service, as far as some rate names them (empty: none does)."""

    provider: str
    zone: str
    service: str


def chosen(price: Price, whom: Whom, cell: Cell) -> int:
    """The number of the rate that fits best, from 0; or DEFAULT, or NONE. Of equals, the one that is written first."""
    fitting = [(_rank(rate, cell), -number) for number, rate in enumerate(price.rate) if _fits(rate, whom, cell)]
    if fitting:
        return -max(fitting)[1]
    return NONE if price.per_hour is None else DEFAULT


def per_hour(price: Price, number: int) -> int | None:
    """In hundredths of a penny; None where there is no price."""
    if number == NONE:
        return None
    return price.per_hour if number == DEFAULT else price.rate[number].per_hour


def _fits(rate: Rate, whom: Whom, cell: Cell) -> bool:
    named: Sequence[tuple[tuple[str, ...], str]] = (
        (rate.providers, whom.provider),
        (rate.zones, whom.zone),
        (rate.services, whom.service),
    )
    in_hours = minutes(rate.from_time) <= cell.minute < minutes(rate.to_time)
    return all(not names or name in names for names, name in named) and not cell.kinds.isdisjoint(rate.days) and in_hours


def _rank(rate: Rate, cell: Cell) -> tuple[bool, bool, bool, int]:
    strength = max(number for number, kinds in enumerate(STRENGTH) if any(kind in rate.days and kind in cell.kinds for kind in kinds))
    return bool(rate.providers), bool(rate.zones), bool(rate.services), strength
