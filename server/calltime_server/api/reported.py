"""What do programs learn of visits that were reported as not made and of rows that were looked at, and how do they withdraw a report?"""

from __future__ import annotations

from datetime import date
from enum import Enum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem
from calltime_server.api.times import Time
from calltime_server.jobs.withdrawing import withdraw_report
from calltime_server.rights import Right
from calltime_server.store.amending import Filter
from calltime_server.store.concerned import of_report
from calltime_server.store.reported import find_report, list_looks, list_reports

TAGS: list[str | Enum] = ["Mending"]
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The number of a report.")]
Name = Annotated[str, Query(max_length=200)]
Day = Annotated[date | None, Query(ge=date(2000, 1, 1), le=date(2099, 12, 31), description="The day of the visit, in London.")]


class ReportOut(BaseModel):
    """Why a visit was not made. It stands while nothing was told of the visit since: `then` is null."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    number: int
    visit_id: str
    kind: str = Field(examples=["no_access"])
    told_at: Time
    why: str
    by_provider: str | None = Field(description="Whose account wrote it; null: the council's.")
    by: str
    at: Time
    service_user: str | None
    provider: str | None
    planned_start: Time | None
    then: str | None = Field(description="What was told next; `withdrawn`: it counts no more.")
    then_why: str | None
    then_by: str | None
    then_at: Time | None


class LookOut(BaseModel):
    """That somebody looked at a row of a queue and changed nothing."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    number: int
    kind: str
    day: date
    provider: str
    words: str
    by_provider: str | None = Field(description="Whose account looked; null: the council's.")
    by: str
    at: Time


class WhyReport(BaseModel):
    """A sentence that is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str = Field(min_length=1, max_length=1000, examples=["The carer did come, and had no door."])


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/not-made", tags=TAGS, summary="List what was reported as not made, the latest first", openapi_extra=needs(Right.SEE_VISITS))
    def not_made(
        request: Request, provider: Name = "", by: Name = "", day: Day = None, limit: Limit = 100, cursor: Cursor = ""
    ) -> Listed[ReportOut]:
        behind = read_cursor(request, cursor, int)
        wanted = Filter(provider=provider or None, by=by or None, day=day)
        with front.open(request, Right.SEE_VISITS, "read reports", {"provider": provider, "by": by, "day": day}) as connection:
            found = list_reports(connection, wanted, limit=limit + 1, behind=behind[0] if behind else None)
        return listed(request, [ReportOut.model_validate(each) for each in found], limit=limit, key=lambda each: (each.number,))

    @api.post("/not-made/{number}/withdrawal", tags=TAGS, summary="Withdraw a report", openapi_extra=needs(Right.MEND))
    def withdraw(request: Request, number: Number, sent: WhyReport) -> ReportOut:
        with front.open(request, Right.MEND, "withdrew a report", lambda c: {"report": number, **of_report(c, number)}) as connection:
            found = find_report(connection, number)
            if found is None:
                raise Problem(HTTPStatus.NOT_FOUND, "There is no report of this number that you may see. List the reports.")
            wrong = withdraw_report(connection, found, seated_of(request).who, why=sent.why, clock=front.now)
            if wrong is not None:
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY if found.stands else HTTPStatus.CONFLICT, wrong)
            after = find_report(connection, number)
        return ReportOut.model_validate(after)

    @api.get("/looks", tags=TAGS, summary="List rows that were looked at and left, the latest first", openapi_extra=needs(Right.SEE_VISITS))
    def looks(
        request: Request, provider: Name = "", by: Name = "", day: Day = None, limit: Limit = 100, cursor: Cursor = ""
    ) -> Listed[LookOut]:
        behind = read_cursor(request, cursor, int)
        wanted = Filter(provider=provider or None, by=by or None, day=day)
        with front.open(request, Right.SEE_VISITS, "read what was looked at", {"provider": provider, "by": by, "day": day}) as connection:
            found = list_looks(connection, wanted, limit=limit + 1, behind=behind[0] if behind else None)
        return listed(request, [LookOut.model_validate(each) for each in found], limit=limit, key=lambda each: (each.number,))
