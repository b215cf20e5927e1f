"""What does a contract say about paying for visits, as values?

Every number stands with the sentence of the council that set it and the clause where it stands. No price and no threshold is in Python.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from calltime_server.payment.example_times import planned_span, tapped_span

Words = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]


class Ruling(BaseModel):
    """A sentence of the contract, the clause where it stands, and in the classes below what it sets."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    says: Words
    clause: Words


class Pairing(Ruling):
    debounce_seconds: int = Field(ge=0, le=3600)
    longest_hours: int = Field(ge=1, le=72)


class Matching(Ruling):
    window_minutes: int = Field(ge=1, le=1440)


class WholeMinutes(Ruling):
    step: Literal["whole_minutes"]


class CapAtPlanned(Ruling):
    step: Literal["cap_at_planned"]


StepTerms = Annotated[WholeMinutes | CapAtPlanned, Field(discriminator="step")]


class Missed(Ruling):
    """What becomes of a planned visit that nobody made."""


def _quoted(value: Any) -> Any:
    """Money is text: unquoted, TOML reads it as a binary fraction, and 18.72 is not one."""
    if isinstance(value, str):
        return value
    raise ValueError(f'the price {value} stands without quotes. Put it in quotes, with pounds and pence, as in "18.72"')


def _pounds(text: str) -> str:
    if re.fullmatch(r"[0-9]{1,4}\.[0-9]{2,4}", text) is None or set(text) <= set("0."):
        raise ValueError(f'"{text}" is not a price. Write pounds, a point and two to four digits, as in "18.72", above nothing')
    return text


class Price(Ruling):
    pounds_per_hour: Annotated[str, BeforeValidator(_quoted), AfterValidator(_pounds)]

    @property
    def per_hour(self) -> int:
        """The rate in hundredths of a penny an hour."""
        pounds, digits = self.pounds_per_hour.split(".")
        return int(pounds) * 10_000 + int(digits.ljust(4, "0"))


def _is_span(text: str) -> str:
    planned_span(text)
    return text


def _is_taps(text: str) -> str:
    tapped_span(text, planned=None)
    return text


class Example(BaseModel):
    """A visit and what it must come to. The terms are refused when it does not."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    name: Words
    planned: Annotated[str, AfterValidator(_is_span)]
    taps: Annotated[str, AfterValidator(_is_taps)]
    paid_minutes: int = Field(ge=0)
    pence: int = Field(ge=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """The terms of one council from one day on. `sha256` is of the file's text; it is stored with every decision."""

    name: str
    sha256: str
    council: str
    title: str
    starts: date
    approved_by: tuple[str, str]
    pairing: Pairing
    matching: Matching
    steps: tuple[WholeMinutes | CapAtPlanned, ...]
    missed: Missed
    price: Price
    examples: tuple[Example, ...]
