"""What shape has a contract file, table by table?"""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from calltime_server.payment.ruling import Words
from calltime_server.payment.terms import (
    Absence,
    Charge,
    Entered,
    Grade,
    KnownCliff,
    Matching,
    Missed,
    Nation,
    NotMade,
    Pairing,
    Period,
    Shares,
)
from calltime_server.payment.terms_example import Example
from calltime_server.payment.terms_price import Price
from calltime_server.payment.terms_steps import StepTerms


def _two_people(roles: tuple[str, str]) -> tuple[str, str]:
    if roles[0].strip().casefold() == roles[1].strip().casefold():
        raise ValueError("both approvers are the same. Terms need the approval of two different people: name both by their role")
    return roles


class Contract(BaseModel):
    """The shape of the file."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    council: Words
    title: Words
    nation: Nation = "england"
    starts: date
    ends: date | None = None
    approved_by: Annotated[tuple[Words, Words], Field(strict=False), AfterValidator(_two_people)]
    pairing: Pairing
    matching: Matching
    period: Period | None = None
    step: Annotated[tuple[StepTerms, ...], Field(strict=False, min_length=1)]
    missed: Missed
    not_made: Annotated[tuple[NotMade, ...], Field(strict=False)] = ()
    absence: Absence | None = None
    entered: Entered | None = None
    grade: Grade | None = None
    price: Price
    share: Annotated[tuple[Shares, ...], Field(strict=False)] = ()
    charge: Annotated[tuple[Charge, ...], Field(strict=False)] = ()
    known_cliff: Annotated[tuple[KnownCliff, ...], Field(strict=False)] = ()
    example: Annotated[tuple[Example, ...], Field(strict=False)] = ()


def readable(written: Mapping[str, Any]) -> dict[str, Any]:
    """The tables that are right by themselves, as values: where one is at fault, the others can still be looked at."""
    parts = {}
    for name, field in Contract.model_fields.items():
        if name not in written and field.is_required():
            continue
        try:
            parts[name] = _reader(name).validate_python(written[name]) if name in written else field.get_default()
        except ValidationError:
            continue
    return parts


@cache
def _reader(name: str) -> TypeAdapter[Any]:
    field = Contract.model_fields[name]
    shape: Any = Annotated[field.annotation, field]
    return TypeAdapter(shape)
