"""Which columns have the files in which people tell and agree something, and what is wrong in one of them?

Columns in any order, UTF-8, times of London's clocks. A file is taken whole or not at all.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import polars as pl

from calltime_server.faults import Fault
from calltime_server.jobs.csv_fields import one_of, reference, reference_or_unknown, shown, whole_number
from calltime_server.jobs.csv_table import Reader, Table, read_table
from calltime_server.jobs.csv_times import day, wall_time
from calltime_server.payment.agreed import BLOCKS, PACKAGES
from calltime_server.visits.columns import INSTANT
from calltime_server.visits.told import ABSENT, JOURNEYS, REPORTED

What = Literal["visit_report", "absence", "entry", "carer_provider", "journey", "package", "block", "provider"]


def _or_nothing(read: Reader) -> Reader:
    return lambda text: read(text) if text else None


def _words(text: str) -> str:
    if not text or len(text) > 1000 or not text.isprintable():
        raise ValueError("This field must hold a sentence of at most 1,000 characters that can be seen. Write it.")
    return text


def _name(text: str) -> str:
    if not text:
        raise ValueError("This field is empty. Write the name as it must stand on an invoice.")
    return reference(text)


def _country(text: str) -> str:
    if re.fullmatch("[A-Z]{2}", text) is None:
        raise ValueError(f"{shown(text)} is not a country's code. Write its two capital letters, as in GB.")
    return text


def _pounds(text: str) -> int:
    """In pence."""
    if re.fullmatch(r"\d{1,9}\.\d\d", text, re.ASCII) is None:
        raise ValueError(f"{shown(text)} is not an amount. Write pounds, a point and two digits, as in 600.00.")
    return int(text.replace(".", ""))


def _percent(text: str) -> int:
    """In hundredths of a per cent."""
    found = re.fullmatch(r"(\d{1,3})(?:\.(\d{1,2}))?", text, re.ASCII)
    hundredths = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 10_001
    if hundredths > 10_000:
        raise ValueError(f"{shown(text)} is not a share. Write per cent from 0 to 100, with two digits after the point at most.")
    return hundredths


def _yes_or_no(text: str) -> bool:
    """Nothing is no."""
    yes: bool = bool(text) and one_of("yes", "no")(text) == "yes"
    return yes


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """How a file of one kind is read, what each row is known by, and what its rows must be besides."""

    readers: Mapping[str, Reader]
    shape: pl.Schema
    key: tuple[str, ...]
    wrong: Callable[[Mapping[str, Any]], tuple[str, str] | None] = lambda _: None


def _ends_before(begin: str, end: str) -> Callable[[Mapping[str, Any]], tuple[str, str] | None]:
    def wrong(row: Mapping[str, Any]) -> tuple[str, str] | None:
        begins, ends = row[begin], row[end]
        if begins is None or ends is None or ends > begins or (ends == begins and begin == "starts"):
            return None
        return end, f"It ends before it begins. Correct {begin} or {end}."

    return wrong


_MINUTES = whole_number(0, 10_000_000)
FORMS: Mapping[What, Form] = {
    "visit_report": Form(
        readers={"visit_id": reference, "kind": one_of(*REPORTED, "withdrawn"), "told_at": wall_time(seconds=True), "reason": _words},
        shape=pl.Schema({"visit_id": pl.String(), "kind": pl.String(), "told_at": INSTANT, "reason": pl.String()}),
        key=("visit_id",),
    ),
    "absence": Form(
        readers={
            "service_user": reference,
            "kind": one_of(*ABSENT, "withdrawn"),
            "since": wall_time(seconds=True),
            "until": _or_nothing(wall_time(seconds=True)),
        },
        shape=pl.Schema({"service_user": pl.String(), "kind": pl.String(), "since": INSTANT, "until": INSTANT}),
        key=("service_user", "since"),
        wrong=_ends_before("since", "until"),
    ),
    "entry": Form(
        readers={
            "time": wall_time(seconds=True),
            "action": one_of("start", "stop"),
            "carer": reference,
            "service_user": reference,
            "reason": reference,
            "words": _or_nothing(_words),
        },
        shape=pl.Schema(
            {"time": INSTANT, **dict.fromkeys(("action", "carer", "service_user", "reason", "words"), pl.String())},
        ),
        key=("time", "action", "carer", "service_user"),
    ),
    "carer_provider": Form(
        readers={"carer": reference, "provider": reference, "since": day},
        shape=pl.Schema({"carer": pl.String(), "provider": pl.String(), "since": pl.Date()}),
        key=("carer", "since"),
    ),
    "journey": Form(
        readers={"from_home": reference, "to_home": reference, "least_minutes": whole_number(0, 1440)},
        shape=JOURNEYS,
        key=("from_home", "to_home"),
    ),
    "package": Form(
        readers={
            **dict.fromkeys(("package", "service_user", "provider", "service"), reference),
            "starts": day,
            "ends": _or_nothing(day),
            "agreed_minutes": _or_nothing(_MINUTES),
            "contingency_minutes": _or_nothing(_MINUTES),
            "budget_pounds": _or_nothing(_pounds),
            "outcome": _or_nothing(one_of("met", "not_met")),
            "exceptional": _yes_or_no,
            "health_percent": _or_nothing(_percent),
            "fund_holder": reference_or_unknown,
            "charge_percent": _or_nothing(_percent),
        },
        shape=PACKAGES,
        key=("package",),
        wrong=_ends_before("starts", "ends"),
    ),
    "block": Form(
        readers={
            **dict.fromkeys(("block", "provider", "zone", "service"), reference),
            "starts": day,
            "ends": _or_nothing(day),
            "minutes_per_week": _MINUTES,
        },
        shape=BLOCKS,
        key=("block",),
        wrong=_ends_before("starts", "ends"),
    ),
    "provider": Form(
        readers={
            "provider": reference,
            "kind": one_of("lead", "additional", "framework", "small", "fund_holder"),
            "name": _name,
            **dict.fromkeys(("street", "town", "postcode"), reference_or_unknown),
            "country": _country,
            "vat_number": reference_or_unknown,
        },
        shape=pl.Schema(
            dict.fromkeys(("provider", "kind", "name", "street", "town", "postcode", "country", "vat_number"), pl.String()),
        ),
        key=("provider",),
    ),
}


def _with_reasons(form: Form, reasons: Mapping[str, bool]) -> Form:
    """The form of entries, whose reasons are the council's: by code, whether it needs words."""

    def wrong(row: Mapping[str, Any]) -> tuple[str, str] | None:
        if not reasons.get(row["reason"]) or row["words"]:
            return None
        return "words", f"The reason is {row['reason']}: write in a sentence what it was."

    return replace(form, readers={**form.readers, "reason": one_of(*reasons)}, wrong=wrong)


def read_said(data: bytes, what: What, *, reasons: Mapping[str, bool] | None = None) -> pl.DataFrame | tuple[Fault, ...]:
    """A frame with the columns of the table of that name, or everything that is wrong with the file, by line.

    `reasons` are those that entries may have, by code, and whether each needs words; None: they are not looked at.
    """
    form = FORMS[what] if reasons is None else _with_reasons(FORMS[what], reasons)
    table = read_table(data, form.readers)
    faults = [*table.faults, *_wrong_rows(table, form), *_twice(table, form)]
    if faults:
        return tuple(sorted(faults, key=lambda fault: fault.line or 0))
    return pl.DataFrame(list(table.values.values()), schema=form.shape, orient="col")


def _rows(table: Table) -> Iterator[tuple[int, Mapping[str, Any]]]:
    for number, line in enumerate(table.lines):
        yield line, {name: column[number] for name, column in table.values.items()}


def _wrong_rows(table: Table, form: Form) -> Iterator[Fault]:
    for line, row in _rows(table):
        wrong = form.wrong(row)
        if wrong is not None:
            yield Fault(line=line, column=wrong[0], says=wrong[1])


def _twice(table: Table, form: Form) -> Iterator[Fault]:
    first: dict[tuple[Any, ...], int] = {}
    for line, row in _rows(table):
        key = tuple(row[name] for name in form.key)
        if None not in key and first.setdefault(key, line) != line:
            says = f"This stands in line {first[key]} already, with the same {' and '.join(form.key)}. Leave the one that is meant."
            yield Fault(line=line, column=form.key[0], says=says)
