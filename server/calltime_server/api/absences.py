"""How do programs read and tell absences?"""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem
from calltime_server.api.times import Time
from calltime_server.rights import Right
from calltime_server.store.absences import (
    ToldAbsence,
    knows_service_user,
    list_absences,
    lock_absences,
    standing_absence,
    tell_absence,
    visits_within,
)
from calltime_server.store.ledger import share_now

TAGS: list[str | Enum] = ["Plan"]
YEARS = range(2000, 2100)


class AbsenceOut(BaseModel):
    """What stands of an absence."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    number: int
    service_user: str
    kind: Literal["hospital", "respite", "away", "death"]
    since: Time
    until: Time | None = Field(description="null: it lasts.")
    noted_by: str
    noted_at: Time


class AbsenceIn(BaseModel):
    """What is told. The same service user and beginning again: it stands in place of what was told before."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        json_schema_extra={"examples": [{"service_user": "S5", "kind": "hospital", "since": "2026-10-05T08:30:00Z", "until": None}]},
    )

    service_user: str = Field(min_length=1, max_length=200)
    kind: Literal["hospital", "respite", "away", "death", "withdrawn"]
    since: AwareDatetime
    until: AwareDatetime | None = None
    standing: int | None = Field(
        default=None,
        ge=0,
        le=2**63 - 1,
        description="The number of the absence that stands as you know it (0: none); another one is a 409.",
    )


class ToldOut(BaseModel):
    """What was told, or would be, and which planned visits lie in it."""

    model_config = ConfigDict(frozen=True)

    number: int | None = Field(description="null: it was a dry run.")
    visits: list[str] = Field(description="The first five hundred planned visits in this time.")


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/absences", tags=TAGS, summary="List absences, the latest beginning first", openapi_extra=needs(Right.SEE_PLAN))
    def absences(
        request: Request,
        service_user: Annotated[str, Query(max_length=200)] = "",
        lasting: Annotated[bool, Query(description="Only those that are not over.")] = False,
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Listed[AbsenceOut]:
        mark = read_cursor(request, cursor, datetime, int)
        behind = (mark[0], mark[1]) if mark else None
        with front.open(request, Right.SEE_PLAN, "read absences", {"service_user": service_user}) as connection:
            rows = list_absences(connection, now=front.now(), lasting=lasting, service_user=service_user, behind=behind, limit=limit + 1)
        items = [AbsenceOut.model_validate(row) for row in rows]
        return listed(request, items, limit=limit, key=lambda each: (each.since, each.number))

    @api.post("/absences", tags=TAGS, summary="Tell, end or withdraw an absence", openapi_extra=needs(Right.PLAN))
    def tell(
        request: Request,
        absence: AbsenceIn,
        dry_run: Annotated[bool, Query(description="Only tell which visits it concerns.")] = False,
    ) -> ToldOut:
        wrong = _wrong(absence)
        if wrong:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, wrong)
        told = ToldAbsence(service_user=absence.service_user, kind=absence.kind, since=_second(absence.since), until=_until(absence))
        about = {"service_user": told.service_user, "since": told.since, "dry_run": dry_run}
        with front.open(request, Right.PLAN, "told an absence", about) as connection:
            if not knows_service_user(connection, told.service_user):
                raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Nothing is planned or agreed for this service user. Check the reference.")
            lock_absences(connection, told.service_user)
            known = standing_absence(connection, told.service_user, told.since)
            if told.kind == "withdrawn" and known is None:
                says = "No absence of this service user with this beginning stands, so there is none to withdraw. List them with /absences."
                raise Problem(HTTPStatus.CONFLICT, says)
            if absence.standing is not None and absence.standing != (known.number if known else 0):
                raise Problem(HTTPStatus.CONFLICT, "Something else was told of this absence since. Nothing was changed; read it again.")
            until = known.until if known and told.kind == "withdrawn" else told.until
            visits = visits_within(connection, told.service_user, told.since, until)
            by = seated_of(request).who.name
            number = None if dry_run else tell_absence(connection, told, by=by, now=share_now(connection, front.now))
        return ToldOut(number=number, visits=[visit.visit_id for visit in visits])


def _wrong(absence: AbsenceIn) -> str:
    if any(at is not None and at.astimezone(UTC).year not in YEARS for at in (absence.since, absence.until)):
        return "A time is not in the years from 2000 to 2099. Correct it."
    if absence.until is not None and absence.kind in ("death", "withdrawn"):
        return f"An absence of the kind {absence.kind} has no end. Leave out until."
    if absence.until is not None and _second(absence.until) <= _second(absence.since):
        return "The end comes before the beginning. Correct one of the two."
    return ""


def _until(absence: AbsenceIn) -> datetime | None:
    return _second(absence.until) if absence.until is not None else None


def _second(at: datetime) -> datetime:
    """Absences begin and end with a second: by its beginning one is known again."""
    return at.astimezone(UTC).replace(microsecond=0)
