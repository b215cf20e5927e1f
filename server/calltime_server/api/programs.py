"""Where do programs ask? The same as on the pages, as JSON and as CSV, and the door's way in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Annotated, Any

import polars as pl
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse, Response

from calltime_server.api.enrolling import AT_MOST_BYTES, enrol, read_request
from calltime_server.api.problem_json import Problem, answer_with_problems, refuse
from calltime_server.evidence import verify
from calltime_server.faults import Fault
from calltime_server.payment.terms import Terms
from calltime_server.store.asked import Asked, read_asked
from calltime_server.store.connection import Connection, connect
from calltime_server.store.evidence import SignedTap, read_tap
from calltime_server.store.ledger import read_history, read_standing
from calltime_server.store.looking import read_actuals
from calltime_server.store.span import settle_day
from calltime_server.visits.written import as_csv, as_records

HISTORY = ("line", "run", "settled_at", "reverses", "carer_no", "pence", "outcome", "explanation")


def make_api(*, dsn: str, terms: Terms | Sequence[Terms], broker: str, passwords: bool = False, now: Callable[[], datetime]) -> FastAPI:
    """The programs' door; its addresses are below wherever it is mounted."""
    # Without the documentation pages of the framework: they load scripts from elsewhere. openapi.json stays.
    api = FastAPI(title="Calltime", version="1", docs_url=None, redoc_url=None)
    answer_with_problems(api)

    @api.get("/visits")
    def visits(day: str = "", provider: str = "", format: str = "json") -> Response:  # noqa: A002
        with connect(dsn) as connection:
            asked = _read(connection, day, provider)
            frame = settle_day(connection, day=asked.day, provider=asked.provider, terms=terms).visits
        return _answer(frame, name="visits", rows="lines", day=asked.day, format=format)

    @api.get("/problems")
    def problems(day: str = "", provider: str = "", format: str = "json") -> Response:  # noqa: A002
        with connect(dsn) as connection:
            asked = _read(connection, day, provider)
            frame = settle_day(connection, day=asked.day, provider=asked.provider, terms=terms).problems
        return _answer(frame, name="problems", rows="problems", day=asked.day, format=format)

    @api.get("/actuals")
    def actuals(day: str = "", provider: str = "", outcome: str = "", format: str = "json") -> Response:  # noqa: A002
        with connect(dsn) as connection:
            asked = _read(connection, day, provider, outcome)
            frame = read_actuals(connection, day=asked.day, provider=asked.provider, outcome=asked.outcome)
        return _answer(frame, name="actuals", rows="lines", day=asked.day, format=format)

    @api.get("/actuals/{visit_id:path}")
    def visit(visit_id: str) -> Response:
        visit_id = visit_id.replace("\0", "")  # PostgreSQL has no text with this character in it
        with connect(dsn) as connection:
            lines, history = read_standing(connection, visits=[visit_id]), read_history(connection, visit_id)
            behind = dict.fromkeys(tap for entry in history for tap in entry.taps)
            taps = [read_tap(connection, device, seq) for device, seq in behind]
        if not history:
            says = "The ledger has no line of such a visit. Check its id, or settle its day first with calltime-server settle."
            raise Problem(HTTPStatus.NOT_FOUND, says)
        evidence = [_evidence(tap) for tap in taps if tap]
        entries = [{name: _plain(getattr(entry, name)) for name in HISTORY} for entry in history]
        return JSONResponse({"visit_id": visit_id, "lines": as_records(lines), "history": entries, "evidence": evidence})

    @api.post("/enrolments", status_code=HTTPStatus.CREATED)
    def enrolments(posted: Annotated[bytes, Depends(_limited)]) -> dict[str, str]:
        door = read_request(posted)
        with connect(dsn) as connection:
            return enrol(connection, door, broker=broker, passwords=passwords, now=now())

    return api


async def _limited(request: Request) -> bytes:
    """The posted bytes; whoever posts more is cut off before it is held in memory."""
    posted = bytearray()
    async for chunk in request.stream():
        posted += chunk
        if len(posted) > AT_MOST_BYTES:
            says = f"A request has at most {AT_MOST_BYTES} bytes. Send the enrolment request and nothing else."
            raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, says)
    return bytes(posted)


def _read(connection: Connection, day: str, provider: str, outcome: str = "") -> Asked:
    asked = read_asked(connection, day=day, provider=provider, outcome=outcome)
    if isinstance(asked, Fault):
        raise refuse(asked)
    return asked


def _answer(frame: pl.DataFrame, *, name: str, rows: str, day: date | None, format: str) -> Response:  # noqa: A002
    match format:
        case "json":
            return JSONResponse({"day": day and day.isoformat(), rows: as_records(frame)})
        case "csv":
            headers = {"Content-Disposition": f'attachment; filename="{name}-{day or "nothing-planned"}.csv"'}
            return Response(as_csv(frame), media_type="text/csv; charset=utf-8", headers=headers)
        case _:
            raise Problem(HTTPStatus.BAD_REQUEST, f"The format “{format[:40]}” is not known. Write json or csv.")


def _evidence(tap: SignedTap) -> dict[str, Any]:
    return {
        "device": tap.device,
        "seq": tap.seq,
        "time": _plain(tap.time),
        "received_at": _plain(tap.received_at),
        "alg": tap.alg,
        "signature": verify(tap.jws, alg=tap.alg, public_key=tap.public_key),
        "jws": tap.jws,
    }


def _plain(value: object) -> object:
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value
