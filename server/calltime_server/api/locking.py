"""How do programs learn what is locked, ask to be let in again, and answer that?"""

from __future__ import annotations

from datetime import date
from enum import Enum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem
from calltime_server.api.times import Time
from calltime_server.jobs.unlocking import answer_unlock
from calltime_server.rights import Right
from calltime_server.store.locking import ask_unlock, list_unlocks, may_lock, read_lock, set_lock

TAGS: list[str | Enum] = ["Mending"]
Number = Annotated[int, Path(ge=1, le=2**63 - 1, description="The number of what was asked.")]
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(2099, 12, 31)


class LockOut(BaseModel):
    """`through` is the last day that is locked for providers; `next_through` will be at `next_at`. Null: none."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    through: date | None
    next_through: date | None
    next_at: Time | None


class LockIn(BaseModel):
    """Lock all days up to `through`, from `at` on (null: now)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    through: date = Field(ge=FIRST_DAY, le=LAST_DAY, examples=["2026-11-01"])
    at: AwareDatetime | None = Field(default=None, examples=["2026-11-03T18:00:00Z"])


class UnlockOut(BaseModel):
    """What a provider asked, and what became of it: `decided_by` is null while nobody has answered, `open_until` where it was refused."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    unlock: int
    provider: str
    first_day: date
    last_day: date
    why: str
    asked_by: str
    asked_at: Time
    open_until: Time | None
    answer: str | None
    decided_by: str | None
    decided_at: Time | None


class AskIn(BaseModel):
    """The days to open, both included, and why."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    first_day: date = Field(ge=FIRST_DAY, le=LAST_DAY, examples=["2026-10-05"])
    last_day: date = Field(ge=FIRST_DAY, le=LAST_DAY, examples=["2026-10-06"])
    why: str = Field(min_length=1, max_length=1000, examples=["The phone was lost and has come back."])


class Asked(BaseModel):
    """The number under which it is answered."""

    model_config = ConfigDict(frozen=True)

    unlock: int


class DecisionIn(BaseModel):
    """Open the days until then, or refuse (null); `why` is for the provider to read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    open_until: AwareDatetime | None = Field(default=None, examples=["2026-11-05T18:00:00Z"])
    why: str = Field(min_length=1, max_length=1000, examples=["For this once."])


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/lock", tags=TAGS, summary="Read up to which day providers can amend no more", openapi_extra=needs(Right.SEE_VISITS))
    def lock(request: Request) -> LockOut:
        with front.open(request, Right.SEE_VISITS, "read the lock date") as connection:
            return LockOut.model_validate(read_lock(connection, now=front.now()))

    @api.post("/lock", tags=TAGS, summary="Set the lock date", openapi_extra=needs(Right.KEEP_LOCK))
    def write_lock(request: Request, sent: LockIn) -> LockOut:
        now = front.now()
        if not may_lock(sent.through, at=sent.at or now, now=now):
            says = "This day is not over when it is to lock. Send an earlier day, or in `at` a moment after it."
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, says)
        about = {"through": sent.through, "at": sent.at or now}
        with front.open(request, Right.KEEP_LOCK, "set the lock date", about) as connection:
            set_lock(connection, through=sent.through, at=sent.at or now, by=seated_of(request).who.name, now=now)
            return LockOut.model_validate(read_lock(connection, now=now))

    @api.get("/unlocks", tags=TAGS, summary="List what was asked to be unlocked", openapi_extra=needs(Right.SEE_VISITS))
    def unlocks(request: Request, limit: Limit = 100, cursor: Cursor = "") -> Listed[UnlockOut]:
        behind = read_cursor(request, cursor, int)
        with front.open(request, Right.SEE_VISITS, "read what was asked to be unlocked") as connection:
            found = list_unlocks(connection, limit=limit + 1, before=behind[0] if behind else None)
        return listed(request, [UnlockOut.model_validate(each) for each in found], limit=limit, key=lambda each: (each.unlock,))

    @api.post("/unlocks", tags=TAGS, summary="Ask for days to be unlocked", openapi_extra=needs(Right.ASK_UNLOCK))
    def ask(request: Request, sent: AskIn) -> Asked:
        if sent.last_day < sent.first_day:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The last day lies before the first one. Exchange them.")
        about = {"first_day": sent.first_day, "last_day": sent.last_day}
        who, now = seated_of(request).who, front.now()
        with front.open(request, Right.ASK_UNLOCK, "asked for days to be unlocked", about) as connection:
            number = ask_unlock(connection, who, first_day=sent.first_day, last_day=sent.last_day, why=sent.why, now=now)
        return Asked(unlock=number)

    @api.post("/unlocks/{unlock}/decision", tags=TAGS, summary="Unlock days, or refuse", openapi_extra=needs(Right.KEEP_LOCK))
    def decide(request: Request, unlock: Number, sent: DecisionIn) -> Asked:
        now, by = front.now(), seated_of(request).who.name
        if sent.open_until is not None and sent.open_until <= now:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The days would be open until a moment that is past. Send one that lies ahead.")
        about = {"unlock": unlock, "granted": sent.open_until is not None}
        with front.open(request, Right.KEEP_LOCK, "decided whether days are unlocked", about) as connection:
            if not answer_unlock(connection, unlock, open_until=sent.open_until, why=sent.why, by=by, now=now):
                says = "Nobody asked this, or somebody has answered it already. Nothing was changed; list the unlocks."
                raise Problem(HTTPStatus.CONFLICT, says)
        return Asked(unlock=unlock)
