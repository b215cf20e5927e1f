"""What do programs learn of variance, and how do they ask for reports?"""

from __future__ import annotations

from datetime import date, timedelta
from enum import Enum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front
from calltime_server.api.problem_json import Problem
from calltime_server.api.work import WorkOut, take_up
from calltime_server.jobs.reported import KIND
from calltime_server.jobs.reports import REPORTS
from calltime_server.rights import Right
from calltime_server.store.variance import Compared, Looked, read_variance
from calltime_server.visits.civil_day import day_of

TAGS: list[str | Enum] = ["Variance"]
Text = Annotated[str, Query(max_length=200)]
Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
LONGEST = 366


class GivenOut(BaseModel):
    """Counts of carer visits, planned minutes, and seconds of contact of those made."""

    model_config = ConfigDict(frozen=True)

    planned: int
    planned_minutes: int
    made: int = Field(description="With both ends.")
    contact_seconds: int
    electronic: int = Field(description="Both ends tapped at a door.")
    missed: int
    started: int
    early: int = Field(description="Of those started, by more than 15 minutes; late as well.")
    on_time: int
    late: int
    very_late: int = Field(description="By more than 30 minutes.")
    short: int = Field(description="Of those made: under three quarters of the planned time.")
    under_15: int = Field(description="More than 15 minutes shorter than planned.")
    under_5: int
    as_planned: int = Field(description="Within 5 minutes.")
    over_5: int
    over_15: int
    not_planned: int
    brought: int = Field(description="Of those made: an end or both as a provider's own system brought it, and not amended.")
    no_start: int
    no_stop: int
    told: int = Field(description="Not made, and somebody told why.")
    missing_seconds: int = Field(description="What each visit was shorter than planned, the whole of those not made.")
    extra_seconds: int = Field(description="What each visit was longer than planned; it makes up for nothing.")


class PaidOut(BaseModel):
    """What the standing lines of the ledger come to."""

    model_config = ConfigDict(frozen=True)

    paid_minutes: int
    parked_minutes: int
    parked: int = Field(description="Lines of visits that are parked.")
    pence: int


class ComparedOut(BaseModel):
    """One group. `key` is the provider, zone or service; the Monday of a week; provider and zone; or nothing, of all."""

    model_config = ConfigDict(frozen=True)

    key: list[str]
    given: GivenOut
    paid: PaidOut


class VarianceOut(BaseModel):
    """Planned against given, and what is paid. `last` is yesterday at the latest: today is not over."""

    model_config = ConfigDict(frozen=True)

    first: date
    last: date
    total: ComparedOut
    providers: list[ComparedOut]
    zones: list[ComparedOut]
    services: list[ComparedOut]
    weeks: list[ComparedOut]
    provider_zones: list[ComparedOut]


class ReportOut(BaseModel):
    """A report that can be asked for."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(examples=["continuity"])
    says: str


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/variance", tags=TAGS, summary="Compare what was planned, given and paid", openapi_extra=needs(Right.COMPARE))
    def variance(request: Request, first: Day, last: Day, provider: Text = "", zone: Text = "", service: Text = "") -> VarianceOut:
        _require_span(first, last)
        until = min(last, day_of(front.now()) - timedelta(days=1))
        of = Looked(first=first, last=until, provider=provider, zone=zone, service=service)
        with front.open(request, Right.COMPARE, "read variance", {"first": first, "last": last, "provider": provider}) as connection:
            found = read_variance(connection, of)
        groups = {
            name: [_out(each) for each in getattr(found, name)] for name in ("providers", "zones", "services", "weeks", "provider_zones")
        }
        return VarianceOut(first=first, last=until, total=_out(found.total), **groups)

    @api.get("/reports", tags=TAGS, summary="List the reports", openapi_extra=needs(Right.COMPARE))
    def reports(request: Request) -> list[ReportOut]:
        with front.open(request, Right.COMPARE, "read the list of reports"):
            return [ReportOut(name=name, says=each.says) for name, each in REPORTS.items()]

    @api.post("/reports/{name}", tags=TAGS, summary="Ask for a report", openapi_extra=needs(Right.COMPARE), status_code=HTTPStatus.ACCEPTED)
    def make(request: Request, name: Annotated[str, Path(max_length=40)], first: Day, last: Day, provider: Text = "") -> WorkOut:
        if name not in REPORTS:
            raise Problem(HTTPStatus.NOT_FOUND, "There is no report of this name. List them with /reports.")
        _require_span(first, last)
        asked = {"name": name, "first": first, "last": last, "provider": provider}
        with front.open(request, Right.COMPARE, "asked for a report", asked) as connection:
            return take_up(request, front, connection, KIND, asked)


def _require_span(first: date, last: date) -> None:
    if not 0 <= (last - first).days < LONGEST:
        raise Problem(HTTPStatus.BAD_REQUEST, f"{first} to {last} is no span of at most {LONGEST} days. Correct first or last.")


def _out(compared: Compared) -> ComparedOut:
    return ComparedOut(key=list(compared.key), given=GivenOut(**compared.given._asdict()), paid=PaidOut(**compared.paid._asdict()))
