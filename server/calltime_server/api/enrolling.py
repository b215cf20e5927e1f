"""How does a door become known? It answers a one-time code with its public key, signed by it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from calltime_server.api.describing import needs_no_token
from calltime_server.api.front import Front
from calltime_server.api.problem_json import Problem
from calltime_server.evidence import Algorithm, Unreadable, device_of, from_base64url, payload_of, to_base64url, verify
from calltime_server.store.broker_passwords import password_of
from calltime_server.store.connection import Connection
from calltime_server.store.enrolment import add_door, gateway_key, use_code

AT_MOST_BYTES = 8192

NOT_A_REQUEST = 'This is not an enrolment request. Send {"request": "<compact JWS of type calltime.enrolment.v1>"}, as docs/wire.md has it.'


class Body(BaseModel):
    """What is posted."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", title="EnrolmentRequest")

    request: Annotated[
        str, Field(min_length=1, max_length=4096, description="Compact JWS of type calltime.enrolment.v1; see docs/wire.md.")
    ]


class Enrolled(BaseModel):
    """What a door is told when it has become known."""

    model_config = ConfigDict(frozen=True)

    device: str
    gateway_key: str = Field(description="The key whose receipts the door may trust, in base64url.")
    broker: str
    password: str | None = Field(default=None, description="With which the door calls the brokers, where each has one of its own.")
    carer: str | None = None
    home: str | None = None
    line: str | None = None


class Claim(BaseModel):
    """What the door says of itself."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    type: Literal["calltime.enrolment.v1"]
    code: Annotated[str, Field(min_length=1, max_length=64)]
    alg: Algorithm
    public_key: Annotated[str, Field(max_length=128)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """A door that has proved that it holds its key."""

    code: str
    alg: str
    public_key: bytes

    @property
    def device(self) -> str:
        return device_of(self.public_key)


def add_to(api: APIRouter, front: Front, *, broker: str, passwords: bool) -> None:
    """Add the address of this part. `broker` is what doors are told, with `passwords` one of their own, too."""
    body = {"required": True, "content": {"application/json": {"schema": Body.model_json_schema()}}}

    # Whatever is posted is looked at as it is: a door of any age learns in the same words why it is refused.
    @api.post(
        "/enrolments",
        status_code=HTTPStatus.CREATED,
        tags=["Enrolment"],
        summary="Let a door become known",
        response_model_exclude_none=True,
        openapi_extra=needs_no_token(at_most_bytes=AT_MOST_BYTES) | {"requestBody": body},
    )
    async def enrolments(request: Request) -> Enrolled:
        door = read_request(await request.body())
        return await run_in_threadpool(_enrol, front, door, broker, passwords)


def _enrol(front: Front, door: Door, broker: str, passwords: bool) -> Enrolled:
    with front.desks.database.as_office() as connection:
        return Enrolled(**enrol(connection, door, broker=broker, passwords=passwords, now=front.now()))


def read_request(posted: bytes) -> Door:
    """Read and verify a request. Raises Problem."""
    try:
        compact = Body.model_validate_json(posted).request
        claim = Claim.model_validate_json(payload_of(compact))
        public_key = from_base64url(claim.public_key)
    except (ValidationError, Unreadable) as error:
        raise Problem(HTTPStatus.BAD_REQUEST, NOT_A_REQUEST) from error
    if verify(compact, alg=claim.alg, public_key=public_key) != "verifies":
        raise Problem(
            HTTPStatus.BAD_REQUEST,
            "The request is not signed by the key that it brings. The code is still good: sign with the door's own key and ask again.",
        )
    return Door(code=re.sub(r"[\s-]", "", claim.code).upper(), alg=claim.alg, public_key=public_key)


def enrol(connection: Connection, door: Door, *, broker: str, passwords: bool, now: datetime) -> dict[str, str]:
    """Use up the code and remember the door, in the caller's transaction: a Problem must roll it back, and so leave the code good.

    With `passwords`, the answer holds the one with which the door calls the brokers.
    """
    pinned = gateway_key(connection)
    if pinned is None:
        raise Problem(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "No gateway has started yet, so there is no key whose receipts the door could trust. The code is still good: "
            "start calltime-gateway, then ask again.",
        )
    place = use_code(connection, door.code, device=door.device, now=now)
    if place is None:
        raise Problem(
            HTTPStatus.FORBIDDEN,
            "This code was never given out, is too old, or another door has used it. Ask the office for a new one.",
        )
    if not add_door(connection, device=door.device, alg=door.alg, public_key=door.public_key, place=place, now=now):
        raise Problem(
            HTTPStatus.CONFLICT,
            f"The door {door.device} is enrolled for somebody else, and its earlier taps would change hands. The code is still good: "
            "let the door make a new key, then ask again.",
        )
    answer = {
        "device": door.device,
        "gateway_key": to_base64url(pinned),
        "broker": broker,
        "password": password_of(connection, door.device) if passwords else None,
        "carer": place.carer,
        "home": place.home,
        "line": place.line,
    }
    return {name: value for name, value in answer.items() if value is not None}
