"""Is every penny the sum of its seconds, each at the price of its own moment on London's clocks?"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as some

from calltime_server.payment.price import priced
from calltime_server.payment.terms_price import Price, Rate, SpecialDays
from fixtures.care import example_terms

LONDON = ZoneInfo("Europe/London")
SAYS: dict[str, Any] = {"says": "…", "clause": "5"}
PRICE = Price(
    **SAYS,
    pounds_per_hour="18.0001",
    special_days=SpecialDays(**SAYS, days=("12-25", "2026-10-24")),
    rate=(
        Rate(**SAYS, days=("weekday",), from_time="20:00", pounds_per_hour="20.03"),
        Rate(**SAYS, days=("weekend",), pounds_per_hour="21.07"),
        Rate(**SAYS, days=("sun",), from_time="00:30", to_time="01:30", pounds_per_hour="25.11"),
        Rate(**SAYS, days=("bank_holiday",), pounds_per_hour="30.13"),
        Rate(**SAYS, days=("special_day",), pounds_per_hour="40.17"),
        Rate(**SAYS, days=("sat",), zones=("rural",), pounds_per_hour="22.19"),
    ),
)
TERMS = replace(example_terms(), price=PRICE)
# The clocks go back on 25 October 2026 and forward on 29 March; 28 December 2026 is a bank holiday in lieu, 26 December is none.
NIGHTS = [datetime(2026, 10, 24, 18, tzinfo=UTC), datetime(2026, 3, 28, 18, tzinfo=UTC), datetime(2026, 12, 24, 12, tzinfo=UTC)]


def pounds_at(at: datetime, zone: str) -> str:
    """By hand, for one moment."""
    wall = at.astimezone(LONDON)
    minute = wall.hour * 60 + wall.minute
    if zone == "rural" and wall.weekday() == 5:
        return "22.19"
    if (wall.month, wall.day) == (12, 25) or wall.date() == date(2026, 10, 24):
        return "40.17"
    if wall.date() in (date(2026, 4, 3), date(2026, 12, 28)):  # Good Friday, and Boxing Day moved to Monday
        return "30.13"
    if wall.weekday() == 6 and 30 <= minute < 90:
        return "25.11"
    if wall.weekday() >= 5:
        return "21.07"
    return "20.03" if minute >= 20 * 60 else "18.0001"


@given(
    some.lists(
        some.tuples(
            some.sampled_from(NIGHTS), some.integers(0, 5 * 24 * 60), some.integers(0, 14 * 60), some.sampled_from(["town", "rural"])
        ),
        min_size=1,
        max_size=6,
    )
)
@settings(max_examples=40)
def test_a_price_is_added_up_minute_by_minute(visits: list[tuple[datetime, int, int, str]]) -> None:
    rows: list[dict[str, Any]] = [
        {"provider": "p", "zone": zone, "service": "care", "counted_from": night + timedelta(minutes=later), "seconds": minutes * 60}
        for night, later, minutes, zone in visits
    ]
    frame = priced(pl.DataFrame(rows), TERMS, seconds="seconds")

    for row, pence in zip(rows, frame["pence"].to_list(), strict=True):
        moments = [row["counted_from"] + timedelta(minutes=number) for number in range(row["seconds"] // 60)]
        exact = sum((Fraction(pounds_at(at, row["zone"])) * 100 / 60 for at in moments), start=Fraction(0))
        assert pence == (exact + Fraction(1, 2)).__floor__(), row
