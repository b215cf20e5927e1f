"""How do programs see runs, and pull the lines of one?"""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from calltime_server.api import run_steps
from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem
from calltime_server.api.route import etag_of
from calltime_server.api.run_answers import LineOut, OutcomeName, RunNumber, RunOut, RunWhole, State, run_out, run_whole
from calltime_server.api.run_steps import TAGS, found
from calltime_server.rights import Right
from calltime_server.store.run_figures import list_run_rows, read_run_figures
from calltime_server.store.run_lines import Wanted, read_run_lines, stream_run
from calltime_server.store.runs import SPOKEN, read_changes
from calltime_server.visits.written import as_records

Text = Annotated[str | None, Query(max_length=200)]
# What was approved does not change any more, whatever becomes of it.
COUNTS_AS: dict[State, tuple[State, ...]] = {
    "draft": ("draft",),
    "with_provider": ("with_provider",),
    "approved": ("approved", "exported", "paid"),
    "exported": ("exported", "paid"),
    "paid": ("paid",),
}
InState = Annotated[
    State | None,
    Query(description="Send it only if the run is in this state; exported and paid runs are approved, too. Otherwise 409."),
]
STATE_HEADER = "Calltime-Run-State"
_HEADERS = {STATE_HEADER: {"description": "The state of the run as it is sent.", "schema": {"type": "string"}}}
_NOT_IN_STATE = {
    "description": "The run is in another state than was asked for.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
CSV: dict[int | str, dict[str, Any]] = {
    200: {"headers": _HEADERS, "content": {"text/csv": {"schema": {"type": "string"}}}},
    409: _NOT_IN_STATE,
}
JSONL: dict[int | str, dict[str, Any]] = {
    200: {"headers": _HEADERS, "content": {"application/jsonl": {"schema": {"type": "string"}}}},
    409: _NOT_IN_STATE,
}


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/runs", tags=TAGS, summary="List runs, the latest first", openapi_extra=needs(Right.SEE_PAY))
    def runs(request: Request, limit: Limit = 100, cursor: Cursor = "") -> Listed[RunOut]:
        behind = read_cursor(request, cursor, int)
        with front.open(request, Right.SEE_PAY, "read the runs") as connection:
            rows = list_run_rows(connection, before=behind[0] if behind else None, at_most=limit + 1)
        return listed(request, [run_out(row) for row in rows], limit=limit, key=lambda each: (each.run,))

    @api.get("/runs/{run}", tags=TAGS, summary="See a run with its figures", openapi_extra=needs(Right.SEE_PAY))
    def one(request: Request, run: RunNumber) -> RunWhole:
        with front.open(request, Right.SEE_PAY, "read a run", {"run": run}) as connection:
            facts = found(connection, run)
            figures = read_run_figures(connection, run)
            changes = read_changes(connection, run) if seated_of(request).who.provider is None else ()
        return run_whole(facts, figures, changes)

    @api.get("/runs/{run}/lines", tags=TAGS, summary="Read lines of a run, a part at a time", openapi_extra=needs(Right.SEE_PAY))
    def lines(
        request: Request, run: RunNumber, provider: Text = None, outcome: OutcomeName | None = None, reason: Text = None,
        zone: Text = None, carer: Text = None, service_user: Text = None, limit: Limit = 100, cursor: Cursor = "",
    ) -> Listed[LineOut]:  # fmt: skip
        behind = read_cursor(request, cursor, int)
        wanted = Wanted(
            provider=provider, outcome=outcome, reason=reason, zone=zone, carer=carer, service_user=service_user,
            after=behind[0] if behind else 0,
        )  # fmt: skip
        about = {"run": run, "provider": provider, "carer": carer, "service_user": service_user}
        with front.open(request, Right.SEE_PAY, "read lines of a run", about) as connection:
            found(connection, run)
            frame = read_run_lines(connection, run, wanted, at_most=limit + 1)
        items = [LineOut.model_validate(record) for record in as_records(frame)]
        return listed(request, items, limit=limit, key=lambda each: (each.line,))

    @api.get(
        "/runs/{run}/lines.csv", tags=TAGS, summary="Pull all lines of a run as CSV", openapi_extra=needs(Right.SEE_PAY),
        response_class=Response, responses=CSV,
    )  # fmt: skip
    def as_csv(request: Request, run: RunNumber, provider: Text = None, state: InState = None) -> Response:
        return _pull(request, front, run, provider=provider, state=state, form="csv")

    @api.get(
        "/runs/{run}/lines.jsonl", tags=TAGS, summary="Pull all lines of a run as JSON lines", openapi_extra=needs(Right.SEE_PAY),
        response_class=Response, responses=JSONL,
    )  # fmt: skip
    def as_json_lines(request: Request, run: RunNumber, provider: Text = None, state: InState = None) -> Response:
        return _pull(request, front, run, provider=provider, state=state, form="jsonl")

    run_steps.add_to(api, front)


def _pull(
    request: Request, front: Front, run: int, *, provider: str | None, state: State | None, form: Literal["csv", "jsonl"]
) -> Response:
    """Send the lines while they are read, so that a run of any length takes the same memory. Its last entry is its version."""
    with front.open(request, Right.SEE_PAY, "pulled the lines of a run", {"run": run, "provider": provider}) as connection:
        facts = found(connection, run)
        if state is not None and facts.state not in COUNTS_AS[state]:
            says = f"Run {run} is {SPOKEN[facts.state]}, not {SPOKEN[state]}. Nothing was sent. Ask again when it is, or leave state out."
            raise Problem(HTTPStatus.CONFLICT, says)
    who = seated_of(request).who
    etag = etag_of((run, facts.state, facts.through, facts.lines, who.provider, provider, form))
    headers = {"ETag": etag, STATE_HEADER: facts.state}
    if headers["ETag"] in (each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(",")):
        return Response(status_code=304, headers=headers)

    def parts() -> Iterator[bytes]:
        # Noted above. Opened when the first part is asked for, so that nobody who turns away keeps a connection.
        with front.desks.database.as_person(who) as connection:
            yield from stream_run(connection, run, through=facts.through, provider=provider, form=form)

    headers["Content-Disposition"] = f'attachment; filename="run-{run}.{form}"'
    media = "text/csv; charset=utf-8" if form == "csv" else "application/jsonl"
    return StreamingResponse(parts(), media_type=media, headers=headers)
