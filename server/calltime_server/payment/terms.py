"""What does a contract say about paying for visits, as values?

Every number stands with the sentence of the council that set it and the clause where it stands. No price and no threshold is in Python.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from calltime_server.payment.ruling import Percent, Ruling
from calltime_server.payment.terms_example import Example
from calltime_server.payment.terms_price import Price
from calltime_server.payment.terms_steps import PeriodStep, VisitStep

Nation = Literal["england", "wales"]


class Pairing(Ruling):
    debounce_seconds: int = Field(ge=0, le=3600)
    longest_hours: int = Field(ge=1, le=72)


class Matching(Ruling):
    """`tolerance_minutes`: a visit that is more than this shorter or longer than planned is called short or over. `notice_hours`: told so
    long before its planned start, a visit is cancelled in notice.
    """

    window_minutes: int = Field(ge=1, le=1440)
    tolerance_minutes: int = Field(default=0, ge=0, le=240)
    notice_hours: int = Field(default=24, ge=0, le=720)


class Period(Ruling):
    """The span that period steps, runs and closing go by. `first` is the first day of one of them."""

    length: Literal["week", "four_weeks", "month"]
    first: date


class Missed(Ruling):
    """What becomes of a planned visit that nobody made."""


class NotMade(Ruling):
    """What is paid for a visit that was not made, for the reason that was told: so many per cent of the planned time, or of `minutes`."""

    why: Literal["no_access", "declined_at_door", "cancelled_in_notice", "cancelled_short_notice", "cancelled_by_council"]
    percent: Percent
    at_most_minutes: int | None = Field(default=None, ge=1, le=1440)


class Absence(Ruling):
    """Pay stops from the hour of an absence on."""


class Entered(Ruling):
    """Ends that were entered by hand: with one of these reasons they are paid, with another the line is parked."""

    reasons: Annotated[tuple[str, ...], Field(strict=False)]


class Grade(Ruling):
    """A line whose weaker tap proves less than this is parked (entered ends follow [entered] instead)."""

    at_least: int = Field(ge=1, le=5)


class Shares(Ruling):
    """Who pays: the NHS this many per cent of each line, the council the rest; a package may have its own share."""

    health_percent: Percent
    services: Annotated[tuple[str, ...], Field(strict=False)] = ()


class Charge(Ruling):
    """What the service user is charged of what is paid for the visit, on the actuals; a package may have its own."""

    percent: Percent
    services: Annotated[tuple[str, ...], Field(strict=False)] = ()


class KnownCliff(Ruling):
    """The council knows that for a visit planned so long, staying longer can pay less, and has signed for it."""

    planned_minutes: int = Field(ge=1, le=1440)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of one council from one day on. `sha256` is of the file's text; it is stored with every decision.

    `ends` is their last day (None: open). What the contract says nothing of is None or empty.
    """

    name: str
    sha256: str
    council: str
    title: str
    nation: Nation
    starts: date
    ends: date | None
    approved_by: tuple[str, str]
    pairing: Pairing
    matching: Matching
    period: Period | None
    visit_steps: tuple[VisitStep, ...]
    period_steps: tuple[PeriodStep, ...]
    missed: Missed
    not_made: tuple[NotMade, ...]
    absence: Absence | None
    entered: Entered | None
    grade: Grade | None
    price: Price
    shares: tuple[Shares, ...]
    charge: tuple[Charge, ...]
    known_cliffs: tuple[KnownCliff, ...]
    examples: tuple[Example, ...]
    text: str = field(default="", repr=False)  # of the file
