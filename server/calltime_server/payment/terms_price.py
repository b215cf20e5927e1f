"""What does an hour of care cost, when, where, and by whom?"""

import re
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from calltime_server.payment.ruling import Pounds, Ruling, pence_of

DayKind = Literal["any", "weekday", "weekend", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "bank_holiday", "special_day"]


def _is_wall_time(text: str) -> str:
    if re.fullmatch(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00", text, re.ASCII) is None:
        raise ValueError(f'"{text}" is not a time of day. Write it as "06:00", and the end of a day as "24:00"')
    return text


WallTime = Annotated[str, AfterValidator(_is_wall_time)]


class Rate(Ruling):
    """The price of an hour on these days between these wall times in London, for these services, zones and providers (empty: all).

    Where several fit: the one that names the provider before one that does not, then the zone, then the service; then a special day before
    a bank holiday, before a named day of the week, before weekday and weekend, before any. What fits equally must not overlap.
    """

    days: Annotated[tuple[DayKind, ...], Field(strict=False, min_length=1)] = ("any",)
    from_time: WallTime = "00:00"
    to_time: WallTime = "24:00"
    services: Annotated[tuple[str, ...], Field(strict=False)] = ()
    zones: Annotated[tuple[str, ...], Field(strict=False)] = ()
    providers: Annotated[tuple[str, ...], Field(strict=False)] = ()
    pounds_per_hour: Pounds

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.to_time <= self.from_time:
            raise ValueError("to_time must be later than from_time. Write hours over midnight as two rates, to 24:00 and from 00:00")
        return self

    @property
    def per_hour(self) -> int:
        """The rate in hundredths of a penny an hour."""
        return pence_of(self.pounds_per_hour)


class BandPrice(BaseModel):
    """What a visit of this length costs in all, whatever the hour's price."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    minutes: int = Field(ge=1, le=1440)
    pounds: Pounds

    @property
    def price(self) -> int:
        """In hundredths of a penny."""
        return pence_of(self.pounds)


def _is_day(text: str) -> str:
    written = re.fullmatch(r"(20\d\d-)?(\d\d-\d\d)", text, re.ASCII)
    try:
        date.fromisoformat(f"{written[1] or '2024-'}{written[2]}" if written else text)  # 2024 has every day
    except ValueError:
        written = None
    if written is None:
        raise ValueError(f'"{text}" is no day. Write month and day as "12-25", or a date as "2026-06-15"')
    return text


class SpecialDays(Ruling):
    """Days that are priced as special days, as month and day (12-25) or a date (2026-06-15)."""

    days: Annotated[tuple[Annotated[str, AfterValidator(_is_day)], ...], Field(strict=False, min_length=1)]


class Price(Ruling):
    """The rates. `pounds_per_hour` is the rate where no [[price.rate]] fits (None: one must fit always).

    With `band`: the longest band that is not longer than the visit has its own price, and what is over it is paid at the hour's rate.
    """

    pounds_per_hour: Pounds | None = None
    rate: Annotated[tuple[Rate, ...], Field(strict=False)] = ()
    band: Annotated[tuple[BandPrice, ...], Field(strict=False)] = ()
    special_days: SpecialDays | None = None

    @model_validator(mode="after")
    def _some_price(self) -> Self:
        if self.pounds_per_hour is None and not self.rate:
            raise ValueError("no price stands here. Add pounds_per_hour, or [[price.rate]] tables")
        return self

    @model_validator(mode="after")
    def _bands_ascend(self) -> Self:
        minutes = [band.minutes for band in self.band]
        if minutes != sorted(set(minutes)):
            raise ValueError("the bands must stand in ascending order of minutes, each once")
        return self

    @property
    def per_hour(self) -> int | None:
        """The rate where no other fits, in hundredths of a penny an hour."""
        return None if self.pounds_per_hour is None else pence_of(self.pounds_per_hour)
