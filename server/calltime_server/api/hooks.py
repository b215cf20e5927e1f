"""How do programs keep webhooks and alerts, and look at what was sent?"""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem
from calltime_server.api.times import Time
from calltime_server.jobs.webhook_post import new_secret, wrong_address
from calltime_server.rights import Right
from calltime_server.store.connection import Connection
from calltime_server.store.hooks import Hook, add_hook, disable_hook, find_hook, list_hooks, test_hook
from calltime_server.store.messages import list_deliveries, send_again

TAGS: list[str | Enum] = ["Webhooks"]
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Event = Literal["run.approved", "run.exported", "visit.late", "visit.missed"]
AT_MOST = 20


class HookIn(BaseModel):
    """An address to be told of these events."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str = Field(max_length=500, examples=["https://finance.example.org/calltime"])
    events: list[Event] = Field(min_length=1, max_length=4, examples=[["run.approved"]])


class HookOut(BaseModel):
    """A webhook. Its secret is told once, when it is added."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    webhook: int
    address: str
    events: list[str]
    made_by: str
    made_at: Time
    disabled_at: Time | None


class HookMade(HookOut):
    """The same with its secret, this once: by it a program checks that a message is from this office (Standard Webhooks)."""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class DeliveryOut(BaseModel):
    """A message to a webhook, and how it stands. `says` is what came of the last try."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    message: int
    event: str
    made_at: Time
    tried: int
    tried_at: Time | None
    sent_at: Time | None
    given_up_at: Time | None
    stands: Literal["waiting", "sent", "given_up"]
    says: str


class Written(BaseModel):
    """It was done."""

    model_config = ConfigDict(frozen=True)

    done: bool = True


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/webhooks", tags=TAGS, summary="List webhooks", openapi_extra=needs(Right.KEEP_HOOKS))
    def hooks(request: Request, limit: Limit = 100, cursor: Cursor = "") -> Listed[HookOut]:
        behind = read_cursor(request, cursor, int)
        with front.open(request, Right.KEEP_HOOKS, "read the webhooks") as connection:
            found = list_hooks(connection, provider=_own(request), behind=behind[0] if behind else 0, limit=limit + 1)
        return listed(request, [HookOut.model_validate(each) for each in found], limit=limit, key=lambda each: (each.webhook,))

    @api.post("/webhooks", tags=TAGS, summary="Add a webhook", openapi_extra=needs(Right.KEEP_HOOKS, secret=True), status_code=201)
    def add(request: Request, sent: HookIn) -> HookMade:
        wrong = wrong_address(sent.address, private=front.hooks_private)
        if wrong:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, wrong)
        own, secret, events = _own(request), new_secret(), list(dict.fromkeys(sent.events))
        about = {"address": sent.address, "events": events}
        with front.open(request, Right.KEEP_HOOKS, "added a webhook", about) as connection:
            if sum(each.disabled_at is None for each in list_hooks(connection, provider=own)) >= AT_MOST:
                says = f"There are {AT_MOST} webhooks already. Disable one that is not needed any more."
                raise Problem(HTTPStatus.CONFLICT, says)
            by, now = seated_of(request).who.name, front.now()
            number = add_hook(connection, address=sent.address, secret=secret, events=events, provider=own, by=by, now=now)
        return HookMade(webhook=number, address=sent.address, events=list(events), made_by=by, made_at=now, disabled_at=None, secret=secret)

    @api.delete("/webhooks/{number}", tags=TAGS, summary="Disable a webhook", openapi_extra=needs(Right.KEEP_HOOKS))
    def disable(request: Request, number: Number) -> Written:
        with front.open(request, Right.KEEP_HOOKS, "disabled a webhook", {"webhook": number}) as connection:
            hook = _one(connection, request, number)
            disable_hook(connection, number, provider=hook.provider, now=front.now())
        return Written()

    @api.post("/webhooks/{number}/tests", tags=TAGS, summary="Send a test to a webhook", openapi_extra=needs(Right.KEEP_HOOKS))
    def test(request: Request, number: Number) -> Written:
        with front.open(request, Right.KEEP_HOOKS, "sent a test to a webhook", {"webhook": number}) as connection:
            test_hook(connection, _one(connection, request, number), now=front.now())
        return Written()

    @api.get(
        "/webhooks/{number}/messages",
        tags=TAGS,
        summary="List messages to a webhook, the latest first",
        openapi_extra=needs(Right.KEEP_HOOKS),
    )
    def messages(request: Request, number: Number, limit: Limit = 100, cursor: Cursor = "") -> Listed[DeliveryOut]:
        behind = read_cursor(request, cursor, int)
        with front.open(request, Right.KEEP_HOOKS, "read the messages to a webhook", {"webhook": number}) as connection:
            _one(connection, request, number)
            found = list_deliveries(connection, number, before=behind[0] if behind else None, limit=limit + 1)
        items = [DeliveryOut.model_validate(each) for each in found]
        return listed(request, items, limit=limit, key=lambda each: (each.message,))

    @api.post("/webhooks/{number}/messages/{message}", tags=TAGS, summary="Send a message again", openapi_extra=needs(Right.KEEP_HOOKS))
    def again(request: Request, number: Number, message: Number) -> Written:
        with front.open(
            request, Right.KEEP_HOOKS, "sent a message to a webhook again", {"webhook": number, "message": message}
        ) as connection:
            _one(connection, request, number)
            if not send_again(connection, message, webhook=number, now=front.now()):
                raise Problem(HTTPStatus.NOT_FOUND, "This webhook has no such message. List its messages.")
        return Written()


def _own(request: Request) -> str | None:
    return seated_of(request).who.provider


def _one(connection: Connection, request: Request, number: int) -> Hook:
    found = find_hook(connection, number, provider=_own(request))
    if found is None:
        raise Problem(HTTPStatus.NOT_FOUND, "Your organisation has no such webhook. List the webhooks, and choose again.")
    return found
