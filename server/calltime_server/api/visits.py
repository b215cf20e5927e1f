"""What do programs learn of visits?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import StreamingResponse

from calltime_server.api.describing import needs
from calltime_server.api.frames import ALSO_CSV, CSV, Format, wants_csv
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem
from calltime_server.api.visit_answers import LoggedVisit, Queues, VisitProblem, logged_visit
from calltime_server.rights import Right
from calltime_server.store.connection import Connection
from calltime_server.store.forgotten import Forgetting, forgettings, forgotten_on, gone_says
from calltime_server.store.logged import Wanted, read_visit, read_visits
from calltime_server.store.logged_csv import csv_of
from calltime_server.store.logged_now import count_now
from calltime_server.store.logged_problems import read_problems
from calltime_server.store.visit_log import latest_logged, unlogged
from calltime_server.visits.civil_day import day_of

LONGEST = 31
SEES = needs(Right.SEE_VISITS)
FIRST, LAST = date(2000, 1, 1), date(2099, 12, 31)
Day = Annotated[
    date | None,
    Query(ge=FIRST, le=LAST, description="The first day in London. Without it: the latest that is in the log, up to today."),
]
Until = Annotated[date | None, Query(ge=FIRST, le=LAST, description="The last day, included; at most 31 days. Without it: the first.")]
Name = Annotated[str, Query(max_length=200)]
State = Literal["to_come", "late", "missed", "under_way", "no_stop", "no_start", "delivered", "told", "not_planned"]


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get(
        "/visits", tags=["Visits"], summary="List carer visits", openapi_extra=SEES, responses=ALSO_CSV, response_model=Listed[LoggedVisit]
    )
    def visits(
        request: Request,
        day: Day = None,
        until: Until = None,
        provider: Name = "",
        zone: Name = "",
        service: Name = "",
        carer: Name = "",
        service_user: Name = "",
        state: State | None = None,
        delivery: Name = "",
        amended: bool | None = None,
        search: Annotated[str, Query(max_length=200, description="A visit, a service user or a carer, by reference.")] = "",
        format: Format = None,  # noqa: A002
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Any:
        behind = read_cursor(request, cursor, date, int)
        with front.open(request, Right.SEE_VISITS, "read visits", dict(request.query_params)) as connection:
            first, last = _days(connection, day, until, front)
            wanted = Wanted(
                first=first,
                last=last,
                provider=provider or None,
                zone=zone or None,
                service=service or None,
                carer=carer or None,
                service_user=service_user or None,
                state=state,
                delivery=delivery or None,
                amended=amended,
                search=search or None,
            )
            known = forgettings(connection, since=first)
            _refuse_gone(connection, known, first, last)
            if wants_csv(request, format):
                return _as_csv(request, front, wanted)
            rows = read_visits(connection, wanted, now=front.now(), after=(behind[0], behind[1]) if behind else None, limit=limit + 1)
        return listed(request, [logged_visit(row, known) for row in rows], limit=limit, key=lambda each: (each.day, each.place))

    @api.get("/visits/{visit_id:path}", tags=["Visits"], summary="Read a visit: a row for each carer asked for", openapi_extra=SEES)
    def visit(request: Request, visit_id: Annotated[str, Path(max_length=200)]) -> list[LoggedVisit]:
        with front.open(request, Right.SEE_VISITS, "read a visit", {"visit": visit_id}) as connection:
            rows = read_visit(connection, visit_id, now=front.now()) if "\0" not in visit_id else []
            known = forgettings(connection, since=rows[0]["day"]) if rows else ()
        if not rows:
            raise Problem(HTTPStatus.NOT_FOUND, "The visit log has no such visit that you may see. List the visits of its day.")
        return [logged_visit(row, known) for row in rows]

    @api.get("/problems", tags=["Visits"], summary="List what should be looked at", openapi_extra=SEES)
    def problems(
        request: Request,
        day: Day = None,
        until: Until = None,
        provider: Name = "",
        kind: Name = "",
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Listed[VisitProblem]:
        behind = read_cursor(request, cursor, date, int)
        with front.open(request, Right.SEE_VISITS, "read problems of visits", dict(request.query_params)) as connection:
            first, last = _days(connection, day, until, front)
            after = (behind[0], behind[1]) if behind else None
            rows = read_problems(
                connection, first=first, last=last, provider=provider or None, kind=kind or None, after=after, limit=limit + 1
            )
        return listed(request, [VisitProblem.model_validate(row) for row in rows], limit=limit, key=lambda each: (each.day, each.place))

    @api.get("/today", tags=["Visits"], summary="Count how the day stands now", openapi_extra=SEES)
    def today(request: Request, provider: Name = "") -> Queues:
        with front.open(request, Right.SEE_VISITS, "read how today stands", {"provider": provider}) as connection:
            at = front.now()
            counts = count_now(connection, today=day_of(at), provider=provider or None, now=at)
        return Queues(day=day_of(at), at=at, **counts)


def _days(connection: Connection, day: date | None, until: date | None, front: Front) -> tuple[date, date]:
    first = day or latest_logged(connection, until=day_of(front.now())) or day_of(front.now())
    last = until or first
    if not timedelta(0) <= last - first < timedelta(days=LONGEST):
        says = f"At most {LONGEST} days can be asked for at once, and `until` comes not before `day`. Ask for a month at a time."
        raise Problem(HTTPStatus.BAD_REQUEST, says)
    return first, last


def _refuse_gone(connection: Connection, known: Sequence[Forgetting], first: date, last: date) -> None:
    """An empty list would say that nothing was planned, where nobody can know any more how it went."""
    forgotten = forgotten_on(known, last)
    if forgotten is not None and len(unlogged(connection, first, last)) == (last - first).days + 1:
        raise Problem(HTTPStatus.GONE, gone_says(forgotten, last))


def _as_csv(request: Request, front: Front, wanted: Wanted) -> StreamingResponse:
    parts = csv_of(front.desks.database, seated_of(request).who, wanted, now=front.now(), exact=True)
    headers = {"Content-Disposition": f'attachment; filename="visits-{wanted.first}-{wanted.last}.csv"'}
    return StreamingResponse(parts, media_type=CSV, headers=headers)
