"""How do programs keep doors and tags?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Mistake, Problem
from calltime_server.api.times import Time
from calltime_server.jobs.keeping import LONGEST_CALLED, Refused, call, enrol, hang, make_tags, revoke
from calltime_server.rights import Right
from calltime_server.store.door_health import list_doors, lost_numbers, missing_numbers, read_door
from calltime_server.store.homes import list_homes
from calltime_server.store.ledger import share_now

Device = Annotated[str, Path(max_length=64, examples=["d_ye5ql4fhkrwxxmlqmtmkhv7ixy"])]
Reference = Annotated[str, Field(min_length=1, max_length=64, examples=["S1"])]
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
    reference: Reference


class CodeOut(BaseModel):
    """A one-time code; it is told this once."""

    model_config = ConfigDict(frozen=True)

    code: str = Field(examples=["K7M2XQ9TRA"])
    expires_at: Time


class RevocationIn(BaseModel):
    """Why a door is let in no more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str = Field(min_length=1, max_length=1000, examples=["Lost on a bus"])


class HomeOut(BaseModel):
    """A home with its tags, the oldest first."""

    model_config = ConfigDict(frozen=True, from_attributes=True, title="Home")

    service_user: str = Field(examples=["S1"])
    tags: tuple[str, ...] = Field(examples=[["kx7fq2mhdw4c"]])
    made_at: Time | None
    called: str | None = Field(description="What carers' phones show instead of the reference.", examples=["M. J."])
    telephone: bool = Field(default=False, description="Carers can log in from the telephone there.")


class CalledIn(BaseModel):
    """What carers' phones call a home."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    called: str = Field(max_length=LONGEST_CALLED, description="Such as initials; empty: the reference again.", examples=["M. J."])


class TagsIn(BaseModel):
    """Homes that get a new tag each."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service_users: list[Reference] = Field(min_length=1, max_length=200, examples=[["S1", "S2"]])


class TagOut(BaseModel):
    """A tag, the home at which it hangs, and the address that it bears."""

    model_config = ConfigDict(frozen=True)

    tag: str = Field(examples=["kx7fq2mhdw4c"])
    service_user: str = Field(examples=["S1"])
    address: str = Field(examples=["https://calltime.example.org/t/kx7fq2mhdw4c"])


class TagsOut(BaseModel):
    """Tags that were made."""

    model_config = ConfigDict(frozen=True)

    tags: list[TagOut]


class HangingIn(BaseModel):
    """At whose home a tag hangs."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service_user: Reference


def refuse(refused: Refused) -> Problem:
    """What was not done, as a problem."""
    mistake = Mistake(detail=refused.says, pointer=f"#/{refused.field}")
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, refused.says, errors=[mistake])


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""
    _add_doors(api, front)
    _add_tags(api, front)


def _add_doors(api: APIRouter, front: Front) -> None:
    @api.get("/doors", summary="List doors", openapi_extra=needs(Right.SEE_DOORS))
    def doors(
        request: Request,
        kind: Kind | None = None,
        state: State | None = None,
        reference: Annotated[str, Query(max_length=64, description="Only those of this carer or at this home.")] = "",
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Listed[DoorOut]:
        """By the carer or the home that they are for."""
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
        with front.open(request, Right.SEE_DOORS, "read a door", {"door": device}) as connection:
            found = read_door(connection, device, now=front.now())
            if found is None:
                raise Problem(HTTPStatus.NOT_FOUND, NO_DOOR)
            missing = [RangeOut(first=first, last=last) for first, last in missing_numbers(connection, device)]
            lost = [RangeOut(first=first, last=last) for first, last, _ in lost_numbers(connection, device)]
        return DoorToldOut.model_validate(found).model_copy(update={"missing": missing, "lost": lost})

    @api.post("/doors/codes", status_code=201, summary="Make a code to enrol a door", openapi_extra=needs(Right.KEEP_DOORS, secret=True))
    def code(request: Request, wanted: CodeIn) -> CodeOut:
        """Good once, for a quarter of an hour."""
        about = {"kind": wanted.kind, "for": wanted.reference}
        with front.open(request, Right.KEEP_DOORS, "made a code for a door", about) as connection:
            made = enrol(connection, seated_of(request).who, kind=wanted.kind, reference=wanted.reference, now=front.now())
        if isinstance(made, Refused):
            raise refuse(made)
        return CodeOut(code=made.code, expires_at=made.expires_at)

    @api.post(
        "/doors/{device}/revocation", status_code=HTTPStatus.NO_CONTENT, summary="Revoke a door", openapi_extra=needs(Right.KEEP_DOORS)
    )
    def take_out(request: Request, device: Device, told: RevocationIn) -> None:
        """From now on it is let in no more; what it has sent stays and counts."""
        with front.open(request, Right.KEEP_DOORS, "revoked a door", {"door": device}) as connection:
            refused = revoke(connection, seated_of(request).who, device, why=told.why, now=front.now())
        if refused is not None:
            raise Problem(HTTPStatus.NOT_FOUND, refused.says)


def _add_tags(api: APIRouter, front: Front) -> None:
    @api.get("/tags", summary="List homes and their tags", openapi_extra=needs(Right.SEE_DOORS))
    def homes(
        request: Request, which: Literal["all", "with", "without"] = "all", limit: Limit = 100, cursor: Cursor = ""
    ) -> Listed[HomeOut]:
        """Homes for which visits are planned."""
        behind = read_cursor(request, cursor, str)
        with front.open(request, Right.SEE_DOORS, "read the tags", {"which": which}) as connection:
            found = list_homes(connection, which=which, behind=behind[0] if behind else "", limit=limit + 1)
        return listed(request, [HomeOut.model_validate(home) for home in found], limit=limit, key=lambda home: (home.service_user,))

    @api.put(
        "/homes/{service_user}/called",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Say what phones call a home",
        openapi_extra=needs(Right.KEEP_DOORS),
    )
    def called(request: Request, service_user: Annotated[str, Path(max_length=64, examples=["S1"])], told: CalledIn) -> None:
        """Shown on carers' own phones instead of the reference; no record and no message holds it."""
        with front.open(request, Right.KEEP_DOORS, "said what phones call a home", {"service_user": service_user}) as connection:
            refused = call(connection, seated_of(request).who, home=service_user, called=told.called.strip(), now=front.now())
        if refused is not None:
            raise refuse(refused)

    @api.post("/tags", status_code=HTTPStatus.CREATED, summary="Make tags", openapi_extra=needs(Right.KEEP_DOORS))
    def make(request: Request, wanted: TagsIn) -> TagsOut:
        """A new one for each of these homes; what hangs there stays good."""
        with front.open(request, Right.KEEP_DOORS, "made tags", {"homes": wanted.service_users}) as connection:
            made = make_tags(connection, seated_of(request).who, wanted.service_users, now=share_now(connection, front.now))
        if isinstance(made, Refused):
            raise refuse(Refused(field="service_users", says=made.says))
        return TagsOut(tags=[_tag(front, tag, home) for home, tag in made.items()])

    @api.put("/tags/{tag}", summary="Say where a tag hangs that was not made here", openapi_extra=needs(Right.KEEP_DOORS))
    def hang_one(request: Request, tag: Annotated[str, Path(max_length=64, examples=["04A2B3C4D5E680"])], told: HangingIn) -> TagOut:
        """A tag never moves: what was tapped at it before belongs to this home, too."""
        about = {"tag": tag, "home": told.service_user}
        with front.open(request, Right.KEEP_DOORS, "said where a tag hangs", about) as connection:
            refused = hang(connection, seated_of(request).who, tag=tag, home=told.service_user, now=share_now(connection, front.now))
        if refused is not None:
            raise refuse(refused)
        return _tag(front, tag, told.service_user)


def _tag(front: Front, tag: str, home: str) -> TagOut:
    return TagOut(tag=tag, service_user=home, address=f"{front.public_url}/t/{tag}")
