"""What may a carer's phone ask? The office's time, and what concerns its carer: as a door, by its key, and not as a person."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calltime_server.api.describing import needs_no_token
from calltime_server.api.front import Front
from calltime_server.api.nonces import is_fresh, make_nonce
from calltime_server.api.problem_json import Problem
from calltime_server.api.times import Time
from calltime_server.evidence import Unreadable, payload_of, verify
from calltime_server.people.desk import Seated
from calltime_server.rights import Person, Right, Role
from calltime_server.store.phones import find_door, homes_of_own, office_secret, planned_of_own, visits_of_own
from calltime_server.visits.civil_day import day_of, span_of

AT_MOST_BYTES = 8192
AHEAD = timedelta(days=7)
A_WEEK = timedelta(days=7)
NOT_A_REQUEST = 'This is not a question of a phone. Send {"request": "<compact JWS of type calltime.mine.v1>"}, as docs/api.md has it.'
A_TAG = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")]


class OfficeTime(BaseModel):
    """What time it is at the office, and a number to sign with the next question."""

    model_config = ConfigDict(frozen=True)

    now: Time = Field(examples=["2026-10-05T08:04:10.123Z"])
    nonce: str = Field(description="Good for five minutes.")


class Body(BaseModel):
    """What is posted."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", title="PhoneQuestion")

    request: Annotated[str, Field(min_length=1, max_length=4096, description="Compact JWS of type calltime.mine.v1; see docs/api.md.")]


class Claim(BaseModel):
    """What the phone says, signed by its key. `tags`: those that it has read and does not know."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    type: Literal["calltime.mine.v1"]
    device: Annotated[str, Field(pattern=r"^d_[a-z2-7]{26}$")]
    nonce: Annotated[str, Field(max_length=64)]
    tags: Annotated[list[A_TAG], Field(max_length=8)] = []


class HomeOnPhone(BaseModel):
    """A home with one of its tags that the carer has tapped. A home of which she has tapped none stands here once."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    tag: str | None
    service_user: str
    called: str = Field(description="What its provider lets phones show, such as initials; otherwise the reference.", examples=["M. J."])


class PlannedOnPhone(BaseModel):
    """A visit that is planned at one of the homes. The plan does not say by whom."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    visit: str
    service_user: str
    start: Time
    minutes: int


class VisitOnPhone(BaseModel):
    """A visit that the carer made."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    service_user: str
    day: date
    planned_start: Time | None
    planned_minutes: int | None
    started: Time | None
    ended: Time | None
    waiting_seconds: int
    contact_seconds: int


class Mine(BaseModel):
    """What a phone is told: its carer's homes of two weeks, what is planned there for a week, and visits since Monday of last week."""

    model_config = ConfigDict(frozen=True)

    now: Time
    carer: str
    language: Literal["en", "cy"] | None = Field(description="That of the carer's account; null where there is none.")
    position: bool = Field(description="Whether a tap may say where the phone was: the council has switched it on.")
    homes: list[HomeOnPhone]
    planned: list[PlannedOnPhone]
    visits: list[VisitOnPhone]


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""
    body = {"required": True, "content": {"application/json": {"schema": Body.model_json_schema()}}}

    @api.get("/phone/time", summary="Ask what time it is", openapi_extra=needs_no_token())
    def time() -> OfficeTime:
        """For a phone whose clock nobody has set: how far off it is."""
        with front.desks.database.as_office() as connection:
            secret = office_secret(connection)
        now = front.now()
        return OfficeTime(now=now, nonce=make_nonce(secret, now))

    # Whatever is posted is looked at as it is: a phone of any age learns in the same words why it is refused.
    @api.post(
        "/phone/mine",
        summary="Ask what concerns the carer",
        openapi_extra=needs_no_token(at_most_bytes=AT_MOST_BYTES) | {"requestBody": body},
    )
    async def mine(request: Request) -> Mine:
        """By the phone's own key: what its carer may know, and no more than it needs."""
        return await run_in_threadpool(_answer, front, await request.body())


def _answer(front: Front, posted: bytes) -> Mine:
    now = front.now()
    claim, compact = _read(posted)
    carer, language = _let_in(front, claim, compact, now)
    today = day_of(now)
    monday = today - timedelta(days=today.weekday())
    who = Person(id=0, name=f"phone {claim.device}", role=Role.CARER, carer=carer)
    about = {"carer": carer, "door": claim.device}
    with front.desks.open(Seated(who=who), Right.SEE_OWN, "looked at own visits", about) as connection:
        return Mine(
            now=now,
            carer=carer,
            language="cy" if language == "cy" else "en" if language == "en" else None,
            position=front.position,
            homes=[HomeOnPhone.model_validate(home) for home in homes_of_own(connection, seen=claim.tags, now=now)],
            planned=[
                PlannedOnPhone.model_validate(visit)
                for visit in planned_of_own(connection, seen=claim.tags, now=now, span=(span_of(today)[0], span_of(today + AHEAD)[0]))
            ],
            visits=[
                VisitOnPhone.model_validate(visit)
                for visit in visits_of_own(connection, first=monday - A_WEEK, last=monday + A_WEEK - timedelta(days=1))
            ],
        )


def _read(posted: bytes) -> tuple[Claim, str]:
    try:
        compact = Body.model_validate_json(posted).request
        return Claim.model_validate_json(payload_of(compact)), compact
    except (ValidationError, Unreadable) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, NOT_A_REQUEST) from error


def _let_in(front: Front, claim: Claim, compact: str, now: datetime) -> tuple[str, str | None]:
    """Whose phone it is, and the language of that account. Raises Problem."""
    with front.desks.database.as_office() as connection:
        fresh = is_fresh(office_secret(connection), claim.nonce, now)
        door = find_door(connection, claim.device)
    if not fresh:
        says = "The number in this question is not one of the last five minutes. Ask for the time (GET /phone/time), and sign the new one."
        raise Problem(HTTPStatus.FORBIDDEN, says, kind="stale-nonce")
    if door is None:
        says = "This phone is not enrolled here. What was tapped stays on it. Ask your provider for a code, and enrol it."
        raise Problem(HTTPStatus.FORBIDDEN, says, kind="unknown-door")
    if verify(compact, alg=door.alg, public_key=door.public_key) != "verifies":
        says = "The question is not signed by the key with which this door was enrolled. Sign it with the door's own key and ask again."
        raise Problem(HTTPStatus.FORBIDDEN, says, kind="bad-signature")
    # Told only to whoever holds the key.
    if door.revoked:
        says = "This phone was revoked: what is tapped on it counts no more. Ask your provider why, and for a new code."
        raise Problem(HTTPStatus.FORBIDDEN, says, kind="revoked-door")
    if door.carer is None:
        says = "This door is no carer's phone, so nothing here is its own. Enrol the phone with a carer's code."
        raise Problem(HTTPStatus.FORBIDDEN, says, kind="not-a-phone")
    return door.carer, door.language
