"""What do programs learn of amendments, how do they withdraw one, and which reasons are there?"""

from __future__ import annotations

from datetime import date
from enum import Enum
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem
from calltime_server.api.times import Time
from calltime_server.jobs.withdrawing import withdraw_end
from calltime_server.rights import Right
from calltime_server.store.amending import Filter, find_entry, list_amendments
from calltime_server.store.concerned import of_entry
from calltime_server.store.reasons import Reason, list_reasons, write_reason

TAGS: list[str | Enum] = ["Mending"]
Entry = Annotated[int, Path(ge=1, le=2**63 - 1, description="The number of an entry.")]
Code = Annotated[str, Path(pattern="^[a-z0-9_]{1,40}$", description="A reason's code; it never changes.", examples=["forgot_out"])]


class AmendmentOut(BaseModel):
    """An end that was entered by hand, where no tap was. Withdrawn, it counts no more."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    entry: int
    time: Time
    action: str = Field(examples=["stop"])
    carer: str
    service_user: str
    provider: str | None
    reason: str
    words: str | None
    as_planned: bool = Field(description="It is the planned time to the minute.")
    by: str
    at: Time
    withdrawn_why: str | None
    withdrawn_by: str | None
    withdrawn_at: Time | None


class Why(BaseModel):
    """A sentence that is kept."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    why: str = Field(min_length=1, max_length=1000, examples=["It was the day before."])


class ReasonOut(BaseModel):
    """A reason as it stands. An archived one is offered no more, and still told where it was given."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    code: str
    english: str
    welsh: str | None
    needs_words: bool
    archived: bool


class ReasonIn(BaseModel):
    """How a reason is to stand from now on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    english: str = Field(min_length=1, max_length=200, examples=["Forgot to tap at the end"])
    welsh: str | None = Field(default=None, min_length=1, max_length=200, examples=["Wedi anghofio tapio ar y diwedd"])
    needs_words: bool = False
    archived: bool = False


class Reasons(BaseModel):
    """The council's list, in the order in which the reasons came."""

    model_config = ConfigDict(frozen=True)

    reasons: list[ReasonOut]


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/amendments", tags=TAGS, summary="List amendments, the latest first", openapi_extra=needs(Right.SEE_VISITS))
    def amendments(
        request: Request,
        provider: str = "",
        by: str = "",
        reason: str = "",
        day: date | None = None,
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Listed[AmendmentOut]:
        behind = read_cursor(request, cursor, int)
        wanted = Filter(provider=provider or None, by=by or None, reason=reason or None, day=day)
        about = {"provider": provider, "by": by, "reason": reason, "day": day}
        with front.open(request, Right.SEE_VISITS, "read amendments", about) as connection:
            found = list_amendments(connection, wanted, limit=limit + 1, behind=behind[0] if behind else None)
        items = [AmendmentOut.model_validate(each) for each in found]
        return listed(request, items, limit=limit, key=lambda each: (each.entry,))

    @api.post("/amendments/{entry}/withdrawal", tags=TAGS, summary="Withdraw an entry", openapi_extra=needs(Right.MEND))
    def withdraw(request: Request, entry: Entry, sent: Why) -> AmendmentOut:
        with front.open(request, Right.MEND, "withdrew an amendment", lambda c: {"entry": entry, **of_entry(c, entry)}) as connection:
            found = find_entry(connection, entry)
            if found is None:
                raise Problem(HTTPStatus.NOT_FOUND, "There is no entry of this number that you may see. List the amendments.")
            wrong = withdraw_end(connection, found, seated_of(request).who, why=sent.why, clock=front.now)
            if wrong is not None:
                raise Problem(HTTPStatus.CONFLICT if found.withdrawn_at else HTTPStatus.UNPROCESSABLE_ENTITY, wrong)
            after = find_entry(connection, entry)
        return AmendmentOut.model_validate(after)

    @api.get("/reasons", tags=TAGS, summary="List the reasons for amendments", openapi_extra=needs(Right.SEE_VISITS))
    def reasons(request: Request, archived: bool = False) -> Reasons:
        with front.open(request, Right.SEE_VISITS, "read the reasons for amendments") as connection:
            found = list_reasons(connection, archived=archived)
        return Reasons(reasons=[ReasonOut.model_validate(each) for each in found])

    @api.put("/reasons/{code}", tags=TAGS, summary="Add, word or archive a reason", openapi_extra=needs(Right.KEEP_REASONS))
    def put_reason(request: Request, code: Code, sent: ReasonIn) -> ReasonOut:
        english, welsh = sent.english.strip(), sent.welsh.strip() if sent.welsh else None
        if not english:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "The reason says nothing in English. Write it in at most 200 characters.")
        reason = Reason(code=code, english=english, welsh=welsh or None, needs_words=sent.needs_words, archived=sent.archived)
        with front.open(request, Right.KEEP_REASONS, "changed the reasons for amendments", {"reason": code}) as connection:
            write_reason(connection, reason, by=seated_of(request).who.name, now=front.now())
        return ReasonOut.model_validate(reason)
