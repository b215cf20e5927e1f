"""What has a council said about its finance files? A TOML file; every key has a default but the council's own address."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calltime_server.faults import Fault
from calltime_server.jobs.finance.adam import RECEIPT_FIELDS, RECEIPT_HEADINGS
from calltime_server.jobs.finance.headings import Headings, unknown_fields
from calltime_server.jobs.finance.visit_rows import CARER_FIELDS, STATUSES, VISIT_FIELDS, Status
from calltime_server.payment.toml_lines import line_of, lines_of

Words = Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
Named = dict[Words, Words]

CARER_HEADINGS = {"CarerID": "carer", "ProviderRef": "provider"}
VISIT_HEADINGS = {
    "VisitRef": "visit",
    "SSRef": "service_user",
    "ProviderRef": "provider",
    "PayeeRef": "payee",
    "ServiceRef": "service",
    "PackageRef": "package",
    "CarerID": "carer",
    "CarerNumber": "carer_no",
    "PlannedDate": "planned_date",
    "PlannedStart": "planned_time",
    "PlannedDuration": "planned_duration",
    "ActualDate": "actual_date",
    "ActualStart": "actual_time",
    "ActualEnd": "actual_end",
    "ActualDuration": "actual_duration",
    "PaidDuration": "paid_duration",
    "Status": "status",
    "Cost": "payment",
}


class Settings(BaseModel):
    """Each table of the file knows its own keys."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class Address(Settings):
    """Who pays."""

    name: Words
    street: Words
    town: Words
    postcode: Words
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "GB"
    endpoint: Words | None = None
    endpoint_scheme: Words | None = None
    buyer_reference: Words = "Payment actuals"


class Invoices(Settings):
    """How a self-billing invoice is put together."""

    number: Words = "CT"
    lines_by: Annotated[list[Literal["service", "zone", "package", "service_user"]], Field(min_length=1)] = ["service", "zone"]
    terms: Words = "As agreed in the contract"
    exempt: Words = "Exempt: welfare services, VAT Act 1994, Schedule 9, Group 7, item 9"
    not_registered: Words = "The provider is not registered for VAT"


class Abacus(Settings):
    """The council's own references, and the headings that are not public."""

    file_reference: Words = "CT"
    description: Words = "Visits from Calltime"
    week_ends: Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"] = "sunday"
    services: Named = {}
    contracts: Named = {}
    more: dict[Words, str] = {}


class Controcc(Settings):
    """Headings and statuses, which each council has its own of."""

    carers: Named = CARER_HEADINGS
    visits: Named = VISIT_HEADINGS
    statuses: dict[Status, Words] = STATUSES


class Adam(Settings):
    """The headings of a service receipt."""

    receipts: Named = RECEIPT_HEADINGS


class FinanceSettings(Settings):
    """The whole file. `health`: the NHS body that is billed for its share itself; without it the council is billed for all."""

    council: Address | None = None
    health: Address | None = None
    invoice: Invoices = Invoices()
    abacus: Abacus = Abacus()
    controcc: Controcc = Controcc()
    adam: Adam = Adam()


def read_settings(text: str) -> FinanceSettings | tuple[Fault, ...]:
    """Read the file, or tell everything that is wrong with it."""
    try:
        settings = FinanceSettings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return (Fault(line=None, column=None, says=f"This is not TOML: {error}. Correct that place, then export again."),)
    except ValidationError as error:
        return tuple(_wrong_values(error, text))
    wrong = [
        *_unknown(settings.abacus.more, VISIT_FIELDS, "abacus.more"),
        *_unknown(settings.controcc.carers, CARER_FIELDS, "controcc.carers"),
        *_unknown(settings.controcc.visits, VISIT_FIELDS, "controcc.visits"),
        *_unknown(settings.adam.receipts, RECEIPT_FIELDS, "adam.receipts"),
    ]
    return tuple(wrong) or settings


def _unknown(headings: Headings, known: tuple[str, ...], table: str) -> list[Fault]:
    return unknown_fields(headings, known, table=table)


def _wrong_values(error: ValidationError, text: str) -> Iterator[Fault]:
    lines = lines_of(text)
    for each in error.errors():
        says = {"missing": "This key is missing. Add it.", "extra_forbidden": "This key is not known. Correct its spelling or remove it."}
        yield Fault(
            line=line_of(each["loc"], lines),
            column=".".join(str(part) for part in each["loc"] if part != "[key]"),
            says=says.get(each["type"], f"{each['msg']}. Correct it."),
        )
