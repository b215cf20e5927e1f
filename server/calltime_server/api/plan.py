"""How do programs read and bring plans, packages and absences?"""

from __future__ import annotations

from datetime import date, datetime
from enum import Enum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Body, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api import absences, agreed
from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Mistake, Problem
from calltime_server.api.times import Time
from calltime_server.jobs.bring_file import Brought, take, would_change
from calltime_server.jobs.difference import Difference
from calltime_server.rights import Right
from calltime_server.store.ledger import share_now
from calltime_server.store.noting import one_file_at_a_time
from calltime_server.store.planned_visits import SoughtVisits, list_planned
from calltime_server.visits.civil_day import span_of
from calltime_server.visits.written import as_records

TAGS: list[str | Enum] = ["Plan"]
AT_MOST_BYTES = 64 * 2**20
Text = Annotated[str, Query(max_length=200)]
Day = Annotated[date, Query(ge=date(2000, 1, 1), le=date(2099, 12, 31))]
Row = dict[str, str | int | bool | None]


class PlannedVisitOut(BaseModel):
    """A planned visit as the plan has it."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    visit_id: str = Field(examples=["V1"])
    service_user: str
    provider: str
    zone: str
    service: str
    planned_start: Time
    planned_minutes: int
    carers: int


class ChangedOut(BaseModel):
    """A row that stands, and what the file says in its place."""

    model_config = ConfigDict(frozen=True)

    before: Row
    after: Row


class DifferenceOut(BaseModel):
    """What a file changes: of each kind how many rows, and the first of them."""

    model_config = ConfigDict(frozen=True)

    written: bool = Field(description="false: it was a dry run, and nothing was written.")
    digest: str = Field(description="Send it as `digest` to write exactly this difference or nothing.")
    added: int
    changed: int
    removed: int
    unchanged: int
    touched: int = Field(description="How many visits change or go that have taps, or a line in the ledger, already.")
    first_added: list[Row]
    first_changed: list[ChangedOut]
    first_removed: list[Row]


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""
    absences.add_to(api, front)
    agreed.add_to(api, front)

    @api.get("/plan", tags=TAGS, summary="List planned visits, by their time", openapi_extra=needs(Right.SEE_PLAN))
    def plan(
        request: Request,
        first: Day,
        last: Day,
        provider: Text = "",
        zone: Text = "",
        service: Text = "",
        sought: Annotated[str, Query(max_length=200, description="A visit's id, or the reference of a service user.")] = "",
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Listed[PlannedVisitOut]:
        if last < first:
            raise Problem(HTTPStatus.BAD_REQUEST, f"The last day, {last}, comes before the first, {first}. Exchange them.")
        behind = read_cursor(request, cursor, datetime, str)
        of = SoughtVisits(start=span_of(first)[0], end=span_of(last)[1], provider=provider, zone=zone, service=service, sought=sought)
        about = {"first": first, "last": last, "provider": provider, "sought": sought}
        with front.open(request, Right.SEE_PLAN, "read the plan", about) as connection:
            rows = list_planned(connection, of, behind=(behind[0], behind[1]) if behind else None, limit=limit + 1)
        items = [PlannedVisitOut.model_validate(row) for row in rows]
        return listed(request, items, limit=limit, key=lambda each: (each.planned_start, each.visit_id))

    @api.post(
        "/plan/files/{what}",
        tags=TAGS,
        summary="Bring a CSV file of planned visits or agreements, or see what it would change",
        openapi_extra=needs(Right.PLAN, at_most_bytes=AT_MOST_BYTES),
    )
    def bring(
        request: Request,
        what: Brought,
        content: Annotated[bytes, Body(media_type="text/csv", description="UTF-8, with a header line.")],
        dry_run: Annotated[bool, Query(description="Only tell what would change.")] = True,
        removing: Annotated[bool, Query(description="Of a plan: visits of its days and providers that it does not have go.")] = False,
        digest: Annotated[str, Query(max_length=64, description="Of the difference that was looked at.")] = "",
        rows: Annotated[int, Query(ge=0, le=100_000, description="Of each kind, so many rows are told at most.")] = 100,
    ) -> DifferenceOut:
        about = {"what": what, "bytes": len(content), "dry_run": dry_run}
        with front.open(request, Right.PLAN, "brought a file", about) as connection:
            if not dry_run:
                one_file_at_a_time(connection)
            found = would_change(connection, content, what, removing=removing and what == "plan", now=front.now())
            if not isinstance(found, Difference):
                mistakes = [Mistake(detail=f"Line {each.line}: {each.says}" if each.line else each.says, pointer="#") for each in found]
                says = f"The file has {len(found)} fault{'s' if len(found) != 1 else ''}; nothing was taken. See errors."
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, says, kind="invalid-request", errors=mistakes)
            if digest and digest != found.digest:
                says = "The file would change something else now than what you looked at. Nothing was taken. Ask for a dry run again."
                raise Problem(HTTPStatus.CONFLICT, says)
            if not dry_run:
                take(connection, what, found, by=seated_of(request).who.name, now=share_now(connection, front.now))
        return _out(found, written=not dry_run, rows=rows)


def _out(found: Difference, *, written: bool, rows: int) -> DifferenceOut:
    def first(of: str) -> list[Row]:
        frame = getattr(found, of).head(rows)
        return [{name: _plain(value) for name, value in row.items()} for row in as_records(frame)]

    pairs = zip(first("before"), first("after"), strict=True)
    return DifferenceOut(
        written=written,
        digest=found.digest,
        added=found.added.height,
        changed=found.after.height,
        removed=found.removed.height,
        unchanged=found.unchanged,
        touched=len(found.touched),
        first_added=first("added"),
        first_changed=[ChangedOut(before=before, after=after) for before, after in pairs],
        first_removed=first("removed"),
    )


def _plain(value: object) -> str | int | bool | None:
    return value if isinstance(value, str | int | bool) or value is None else str(value)
