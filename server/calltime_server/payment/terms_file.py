"""Does this text hold terms that can be used to pay, and if not, what is wrong with it and where?

All faults are reported at once. Terms whose own worked examples do not come out are refused as well.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from datetime import date
from hashlib import sha256
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from calltime_server.faults import Fault
from calltime_server.payment.examples import wrong_examples
from calltime_server.payment.ruling import Words
from calltime_server.payment.step_order import out_of_order
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
    Terms,
)
from calltime_server.payment.terms_example import Example
from calltime_server.payment.terms_price import Price
from calltime_server.payment.terms_steps import PERIOD_STEPS, StepTerms
from calltime_server.payment.toml_lines import Key, line_of, lines_of

Wrong = tuple[Key, str]


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
    example: Annotated[tuple[Example, ...], Field(strict=False, min_length=1)]


def load_terms(text: str, *, name: str) -> Terms | tuple[Fault, ...]:
    """The terms in this TOML text, or everything that is wrong with it, by line. `name` is what people call the file."""
    try:
        written = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return (_not_toml(text, str(error)),)
    try:
        contract = Contract.model_validate(written)
    except ValidationError as error:
        return _located([*_wrong_shape(error), *_wrong_order(written)], text)
    terms = _terms(contract, text=text, name=name)
    wrong = _wrong_order(written) or [(("example", number), says) for number, says in wrong_examples(terms)]
    return _located(wrong, text) if wrong else terms


def _terms(contract: Contract, *, text: str, name: str) -> Terms:
    return Terms(
        name=name,
        sha256=sha256(text.encode()).hexdigest(),
        council=contract.council,
        title=contract.title,
        nation=contract.nation,
        starts=contract.starts,
        ends=contract.ends,
        approved_by=contract.approved_by,
        pairing=contract.pairing,
        matching=contract.matching,
        period=contract.period,
        visit_steps=tuple(step for step in contract.step if not isinstance(step, PERIOD_STEPS)),
        period_steps=tuple(step for step in contract.step if isinstance(step, PERIOD_STEPS)),
        missed=contract.missed,
        not_made=contract.not_made,
        absence=contract.absence,
        entered=contract.entered,
        grade=contract.grade,
        price=contract.price,
        shares=contract.share,
        charge=contract.charge,
        known_cliffs=contract.known_cliff,
        examples=contract.example,
    )


def _not_toml(text: str, trouble: str) -> Fault:
    found = re.search(r"at line (\d+)", trouble)
    line = int(found.group(1)) if found else text.count("\n") + 1
    return Fault(line=line, column=None, says=f"This is not TOML: {trouble}. Mend this line first; the rest is read after that.")


def _located(wrong: Sequence[Wrong], text: str) -> tuple[Fault, ...]:
    lines = lines_of(text)
    faults = [Fault(line=line_of(key, lines), column=_column(key), says=says) for key, says in wrong]
    return tuple(sorted(faults, key=lambda fault: (fault.line or 0, fault.column or "", fault.says)))


def _column(key: Key) -> str | None:
    return next((name for name in reversed(key) if isinstance(name, str)), None)


def _wrong_order(written: dict[str, Any]) -> list[Wrong]:
    entries = written.get("step")
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        return []  # the shape is at fault, and says so
    return [(("step", number, "step"), says) for number, says in out_of_order([str(entry.get("step")) for entry in entries])]


def _wrong_shape(error: ValidationError) -> Iterator[Wrong]:
    for each in error.errors(include_url=False):
        key: Key = each["loc"]
        if key[0] == "step" and len(key) > 2:
            key = (*key[:2], *key[3:])  # between the number and the key stands which step it was read as
        yield (*key, "step") if each["type"] == "union_tag_invalid" else key, _says(key, each)


def _says(key: Key, error: ErrorDetails) -> str:
    known = error.get("ctx", {})
    named, place = f"`{key[-1]}`", _place(key[:-1])
    match error["type"]:
        case "missing":
            return f"{named} is missing{place}. Add it, as the contract has it."
        case "extra_forbidden":
            return f"{named} is not known{place}. Correct its spelling or remove it."
        case "union_tag_invalid":
            return f"The step `{known['tag']}` is not known. Known steps are {known['expected_tags']}. Use one of them."
        case "union_tag_not_found":
            return f'[[step]] {int(key[1]) + 1} does not say which step it is. Add a line like: step = "whole_minutes".'
        case "value_error":
            return f"{named}{place}: {known['error']}."
        case _:
            shown = repr(error["input"])
            shown = shown if len(shown) <= 40 else shown[:40] + "…"
            return f"{named}{place}: {error['msg'][0].lower()}{error['msg'][1:]}, but it is {shown}. Correct it."


def _place(key: Key) -> str:
    match key:
        case ():
            return ""
        case (str(name), int(number), *_):
            return f" in [[{name}]] {number + 1}"
        case _:
            return f" in [{key[0]}]"
