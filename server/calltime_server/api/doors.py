"""How do programs keep doors?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api import tags
from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem, refuse_keeping
from calltime_server.api.times import Time
from calltime_server.jobs.keeping import FOR_WHOM, Refused, enrol, revoke
from calltime_server.rights import Right
from calltime_server.store.concerned import of_door
from calltime_server.store.door_health import list_doors, lost_numbers, missing_numbers, read_door

Device = Annotated[str, Path(max_length=64, examples=["d_ye5ql4fhkrwxxmlqmtmkhv7ixy"])]
Kind = Literal["carer", "home", "line"]
State = Literal["healthy", "silent", "gaps", "lost", "clock", "new", "revoked"]
NO_DOOR = "There is no such door, or it is not one of your carers or homes. List doors to see which there are."


class DoorOut(BaseModel):
    """A door and how it is. All numbers up to `through` are stored or declared lost."""

    model_config = ConfigDict(frozen=True, from_attributes=True, title="Door")

    device: str = Field(examples=["d_ye5ql4fhkrwxxmlqmtmkhv7ixy"])
    carer: str | None = Field(examples=["C1"])
    home: str | None = Field(examples=[None])
    line: str | None = Field(default=None, description="The telephone line that it is.", examples=[None])
    state: State
    enrolled_at: Time
    revoked_at: Time | None
    heard_at: Time | None = Field(description="When a record of it was stored last.")
    tap_at: Time | None = Field(description="Its latest tap by a clock that knew the time.")
    through: int
    sync: str | None = Field(description="By what its clock was set last; none: it does not know the time.")
    error_ms: int | None = Field(description="By how much its clock may be off.")


class RangeOut(BaseModel):
    """Numbers from the first to the last, both included."""

    model_config = ConfigDict(frozen=True)

    first: int
    last: int


class DoorToldOut(DoorOut):
    """The same with the numbers that the record lacks."""

    model_config = ConfigDict(frozen=True, from_attributes=True, title="DoorInFull")

    missing: list[RangeOut] = Field(default=[], description="The first 20 ranges; the door still holds them, or says one day that not.")
    lost: list[RangeOut] = Field(default=[], description="What the door says to have lost, the latest 50 ranges.")


class CodeIn(BaseModel):
    """For whom a code is."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = Field(examples=["home"])
    reference: tags.Reference


class CodeOut(BaseModel):
    """A one-time code; it is told this once."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(examples=["K7M2XQ9TRA"])
    expires_at: Time


class RevocationIn(BaseModel):
    """Why a door is let in no more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str = Field(min_length=1, max_length=1000, examples=["Lost on a bus"])


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part, and those of what hangs at homes."""

    @api.get("/doors", summary="List doors", openapi_extra=needs(Right.SEE_DOORS))
    def doors(
        request: Request,
        kind: Kind | None = None,
        state: State | None = None,
        reference: Annotated[str, Query(max_length=64, description="Only those of this carer, at this home or of this line.")] = "",
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Listed[DoorOut]:
        """By the carer, the home or the line that they are for."""
        behind = read_cursor(request, cursor, str, str)
        with front.open(request, Right.SEE_DOORS, "read the doors", {"for": reference}) as connection:
            found = list_doors(
                connection, now=front.now(), kind=kind or "", state=state or "", text=reference, behind=behind, limit=limit + 1
            )
        items = [DoorOut.model_validate(door) for door in found]
        return listed(request, items, limit=limit, key=lambda door: (door.carer or door.home or door.line or "", door.device))

    @api.get("/doors/{device}", summary="Read a door", openapi_extra=needs(Right.SEE_DOORS))
    def door(request: Request, device: Device) -> DoorToldOut:
        """How it is, and what the record lacks of it."""
        with front.open(request, Right.SEE_DOORS, "read a door", lambda c: {"door": device, **of_door(c, device)}) as connection:
            found = read_door(connection, device, now=front.now())
            if found is None:
                raise Problem(HTTPStatus.NOT_FOUND, NO_DOOR)
            missing = [RangeOut(first=first, last=last) for first, last in missing_numbers(connection, device)]
            lost = [RangeOut(first=first, last=last) for first, last, _ in lost_numbers(connection, device)]
        return DoorToldOut.model_validate(found).model_copy(update={"missing": missing, "lost": lost})

    @api.post("/doors/codes", status_code=201, summary="Make a code to enrol a door", openapi_extra=needs(Right.KEEP_DOORS, secret=True))
    def code(request: Request, wanted: CodeIn) -> CodeOut:
        """Good once, for a quarter of an hour."""
        about = {"kind": wanted.kind, FOR_WHOM.get(wanted.kind, "for"): wanted.reference}
        with front.open(request, Right.KEEP_DOORS, "made a code for a door", about) as connection:
            made = enrol(connection, seated_of(request).who, kind=wanted.kind, reference=wanted.reference, now=front.now())
        if isinstance(made, Refused):
            raise refuse_keeping(made)
        return CodeOut(code=made.code, expires_at=made.expires_at)

    @api.post(
        "/doors/{device}/revocation", status_code=HTTPStatus.NO_CONTENT, summary="Revoke a door", openapi_extra=needs(Right.KEEP_DOORS)
    )
    def take_out(request: Request, device: Device, told: RevocationIn) -> None:
        """From now on it is let in no more; what it has sent stays and counts."""
        with front.open(request, Right.KEEP_DOORS, "revoked a door", lambda c: {"door": device, **of_door(c, device)}) as connection:
            refused = revoke(connection, seated_of(request).who, device, why=told.why, now=front.now())
        if refused is not None:
            raise Problem(HTTPStatus.NOT_FOUND, refused.says)

    tags.add_to(api, front)
