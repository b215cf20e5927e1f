"""What do programs learn of what is paid, and why?"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from calltime_server.api.describing import needs
from calltime_server.api.frames import ALSO_CSV, Format, as_file, plain, wants_csv
from calltime_server.api.front import Front
from calltime_server.api.problem_json import Problem, refuse
from calltime_server.api.times import Time
from calltime_server.evidence import verify
from calltime_server.faults import Fault
from calltime_server.rights import Right
from calltime_server.store.asked import read_asked
from calltime_server.store.evidence import SignedTap, read_taps_of_visit
from calltime_server.store.forgotten import taps_forgotten
from calltime_server.store.ledger import read_history, read_standing
from calltime_server.store.looking import read_actuals
from calltime_server.store.untapped import brought_ends, entered_ends
from calltime_server.visits.written import as_records

HISTORY = ("line", "run", "settled_at", "reverses", "carer_no", "pence", "outcome", "explanation")


class DayLines(BaseModel):
    """The standing lines of a day."""

    day: date | None
    lines: list[dict[str, Any]] = Field(description="In the columns of lines.csv.")


class EntryOut(BaseModel):
    """An entry of the ledger about a visit: a line, or the reversal of one."""

    line: int
    run: int
    settled_at: Time
    reverses: int | None
    carer_no: int
    pence: int
    outcome: Literal["pay", "park", "refuse"]
    explanation: str


class TapOut(BaseModel):
    """A tap as its door signed it, and whether the signature verifies with the key that the door was enrolled with."""

    device: str
    seq: int
    time: Time
    received_at: Time
    alg: str
    signature: str = Field(examples=["verifies"])
    jws: str


class EnteredOut(BaseModel):
    """An end of a visit that was entered by hand: who, when and why."""

    entry: int
    time: Time
    action: Literal["start", "stop"]
    reason: str = Field(examples=["forgot_out"])
    words: str | None
    by: str
    entered_at: Time


class BroughtEndOut(BaseModel):
    """An end of a visit that the provider's own system brought, as its visit `their_id`."""

    action: Literal["start", "stop"]
    time: Time
    provider: str
    their_id: str
    by: str
    brought_at: Time


class VisitPaid(BaseModel):
    """How one visit came to its pence: its standing lines, all entries about it, and the signed taps and told ends behind them."""

    visit_id: str
    lines: list[dict[str, Any]]
    history: list[EntryOut]
    evidence: list[TapOut]
    entered: list[EnteredOut]
    brought: list[BroughtEndOut]
    taps_forgotten_at: Time | None = Field(
        description="When taps behind a line were forgotten on purpose, for their age; null: all are here."
    )


Text = Annotated[str, Query(max_length=200)]


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get(
        "/actuals",
        tags=["Actuals"],
        summary="Read what a day came to",
        openapi_extra=needs(Right.SEE_PAY),
        response_model=DayLines,
        responses=ALSO_CSV,
    )
    def actuals(request: Request, day: Text = "", provider: Text = "", outcome: Text = "", format: Format = None) -> Any:  # noqa: A002
        about = {"day": day, "provider": provider}
        with front.open(request, Right.SEE_PAY, "read the actuals of a day", about) as connection:
            asked = read_asked(connection, day=day, provider=provider, outcome=outcome)
            if isinstance(asked, Fault):
                raise refuse(asked)
            frame = read_actuals(connection, day=asked.day, provider=asked.provider, outcome=asked.outcome)
        if wants_csv(request, format):
            return as_file(frame, f"actuals-{asked.day or 'nothing-planned'}.csv")
        return JSONResponse({"day": asked.day and asked.day.isoformat(), "lines": as_records(frame)})

    @api.get("/actuals/{visit_id:path}", tags=["Actuals"], summary="Read how a visit came to its pence", openapi_extra=needs(Right.SEE_PAY))
    def visit(request: Request, visit_id: Annotated[str, Path(max_length=200)]) -> VisitPaid:
        visit_id = visit_id.replace("\0", "")  # PostgreSQL has no text with this character in it
        with front.open(request, Right.SEE_PAY, "read the payment of a visit", {"visit": visit_id}) as connection:
            lines, history = read_standing(connection, visits=[visit_id]), read_history(connection, visit_id)
            taps = read_taps_of_visit(connection, visit_id)
            rows = tuple(lines.iter_rows(named=True))
            entered = [EnteredOut(**asdict(end)) for row in rows for end in entered_ends(connection, row)]
            brought = [BroughtEndOut(**asdict(end)) for row in rows for end in brought_ends(connection, row)]
            forgotten = [found.at for row in rows if (found := taps_forgotten(connection, row, taps))]
        if not history:
            says = "The ledger has no line of such a visit. Check its id; if it is planned, settle its day first."
            raise Problem(HTTPStatus.NOT_FOUND, says)
        return VisitPaid(
            visit_id=visit_id,
            lines=as_records(lines),
            history=[EntryOut(**{name: getattr(entry, name) for name in HISTORY}) for entry in history],
            evidence=[TapOut.model_validate(_evidence(tap)) for tap in taps.values()],
            entered=entered,
            brought=brought,
            taps_forgotten_at=min(forgotten, default=None),
        )


def _evidence(tap: SignedTap) -> dict[str, Any]:
    return {
        "device": tap.device,
        "seq": tap.seq,
        "time": plain(tap.time),
        "received_at": plain(tap.received_at),
        "alg": tap.alg,
        "signature": verify(tap.jws, alg=tap.alg, public_key=tap.public_key),
        "jws": tap.jws,
    }
