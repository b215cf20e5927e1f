"""How do programs keep what hangs at homes, and what phones call them?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import refuse_keeping
from calltime_server.api.times import Time
from calltime_server.jobs.keeping import LONGEST_CALLED, Refused, call, hang, make_tags
from calltime_server.rights import Right
from calltime_server.store.homes import list_homes
from calltime_server.store.ledger import share_now

Reference = Annotated[str, Field(min_length=1, max_length=64, examples=["S1"])]


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


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

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
            raise refuse_keeping(refused)

    @api.post("/tags", status_code=HTTPStatus.CREATED, summary="Make tags", openapi_extra=needs(Right.KEEP_DOORS))
    def make(request: Request, wanted: TagsIn) -> TagsOut:
        """A new one for each of these homes; what hangs there stays good."""
        with front.open(request, Right.KEEP_DOORS, "made tags", {"service_users": wanted.service_users}) as connection:
            made = make_tags(connection, seated_of(request).who, wanted.service_users, now=share_now(connection, front.now))
        if isinstance(made, Refused):
            raise refuse_keeping(Refused(field="service_users", says=made.says))
        return TagsOut(tags=[_tag(front, tag, home) for home, tag in made.items()])

    @api.put("/tags/{tag}", summary="Say where a tag hangs that was not made here", openapi_extra=needs(Right.KEEP_DOORS))
    def hang_one(request: Request, tag: Annotated[str, Path(max_length=64, examples=["04A2B3C4D5E680"])], told: HangingIn) -> TagOut:
        """A tag never moves: what was tapped at it before belongs to this home, too."""
        about = {"tag": tag, "service_user": told.service_user}
        with front.open(request, Right.KEEP_DOORS, "said where a tag hangs", about) as connection:
            refused = hang(connection, seated_of(request).who, tag=tag, home=told.service_user, now=share_now(connection, front.now))
        if refused is not None:
            raise refuse_keeping(refused)
        return _tag(front, tag, told.service_user)


def _tag(front: Front, tag: str, home: str) -> TagOut:
    return TagOut(tag=tag, service_user=home, address=f"{front.public_url}/t/{tag}")
