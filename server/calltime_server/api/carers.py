"""How do programs keep carers?"""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem, refuse_keeping
from calltime_server.api.times import Time
from calltime_server.jobs.keeping import employ, give
from calltime_server.rights import Right, Role
from calltime_server.store.carers import badges_of, employments_of, list_carers
from calltime_server.store.ledger import share_now
from calltime_server.visits.civil_day import day_of

Carer = Annotated[str, Path(max_length=64, examples=["C1"])]
A_WEEK = timedelta(days=6)


class CarerOut(BaseModel):
    """A carer, with the visits of the last seven days."""

    model_config = ConfigDict(frozen=True, from_attributes=True, title="Carer")

    carer: str = Field(examples=["C1"])
    providers: tuple[str, ...] = Field(description="For whom the carer works now, as far as you may know.", examples=[["North Care"]])
    badges: int
    doors: int = Field(description="Devices of the carer's own that are not revoked.")
    visits: int
    tapped: int = Field(description="Visits of which both ends were tapped.")


class EmploymentOut(BaseModel):
    """For whom a carer works from a day on."""

    model_config = ConfigDict(frozen=True, from_attributes=True, title="Employment")

    provider: str = Field(examples=["North Care"])
    since: date
    noted_by: str
    noted_at: Time


class BadgeOut(BaseModel):
    """A badge that was given to a carer. `since` null: always; `until` null: still."""

    model_config = ConfigDict(frozen=True, from_attributes=True, title="Badge")

    uid: str = Field(examples=["04A2B3C4D5E680"])
    since: Time | None
    until: Time | None


class CarerToldOut(BaseModel):
    """What is known of one carer."""

    model_config = ConfigDict(frozen=True, title="CarerInFull")

    carer: str
    employments: list[EmploymentOut]
    badges: list[BadgeOut]


class EmploymentIn(BaseModel):
    """From which day on the carer works for a provider: a provider's programs leave it out, and mean their own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    since: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2099, 12, 31), examples=["2026-10-05"])]
    provider: str | None = Field(default=None, min_length=1, max_length=200, examples=[None])


class BadgeIn(BaseModel):
    """A badge to give. Without `since`: from now on, and always where nobody has had it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uid: str = Field(min_length=1, max_length=64, examples=["04A2B3C4D5E680"])
    since: AwareDatetime | None = Field(default=None, examples=[None])


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/carers", summary="List carers", openapi_extra=needs(Right.SEE_CARERS))
    def carers(
        request: Request,
        carer: Annotated[str, Query(max_length=64, description="Only this one.")] = "",
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Listed[CarerOut]:
        """Those who work for you, and those who made visits for you in the last seven days."""
        behind, today = read_cursor(request, cursor, str), day_of(front.now())
        with front.open(request, Right.SEE_CARERS, "read the carers", {"carer": carer}) as connection:
            found = list_carers(
                connection, first=today - A_WEEK, last=today, text=carer, behind=behind[0] if behind else "", limit=limit + 1
            )
        return listed(request, [CarerOut.model_validate(each) for each in found], limit=limit, key=lambda each: (each.carer,))

    @api.get("/carers/{carer}", summary="Read a carer", openapi_extra=needs(Right.SEE_CARERS))
    def one(request: Request, carer: Carer) -> CarerToldOut:
        """For whom the carer works and worked, and which badges the carer has and had."""
        today = day_of(front.now())
        with front.open(request, Right.SEE_CARERS, "read a carer", {"carer": carer}) as connection:
            employments = [EmploymentOut.model_validate(each) for each in employments_of(connection, carer)]
            badges = [BadgeOut.model_validate(each) for each in badges_of(connection, carer)]
            known = employments or badges or list_carers(connection, first=today - A_WEEK, last=today, text=carer, limit=1)
        if not known:
            raise Problem(HTTPStatus.NOT_FOUND, "No such carer is known to work for you. List carers to see who is.")
        return CarerToldOut(carer=carer, employments=employments, badges=badges)

    @api.post(
        "/carers/{carer}/employments",
        status_code=HTTPStatus.NO_CONTENT,
        summary="Note for whom a carer works",
        openapi_extra=needs(Right.KEEP_CARERS),
    )
    def employment(request: Request, carer: Carer, told: EmploymentIn) -> None:
        """From a day on. A carer whom another provider has is moved by the council."""
        who = seated_of(request).who
        provider = who.provider if who.role is Role.PROVIDER else told.provider
        about = {"carer": carer, "provider": provider, "since": told.since}
        with front.open(request, Right.KEEP_CARERS, "noted for whom a carer works", about) as connection:
            refused = employ(connection, who, carer=carer, provider=provider or "", since=told.since, now=share_now(connection, front.now))
        if refused is not None:
            raise refuse_keeping(refused)

    @api.post("/carers/{carer}/badges", status_code=HTTPStatus.NO_CONTENT, summary="Give a badge", openapi_extra=needs(Right.KEEP_CARERS))
    def badge(request: Request, carer: Carer, told: BadgeIn) -> None:
        """Taps of it are this carer's from then on; earlier ones stay whose they were."""
        about = {"carer": carer, "badge": told.uid}
        with front.open(request, Right.KEEP_CARERS, "gave a badge", about) as connection:
            now = share_now(connection, front.now)
            refused = give(connection, seated_of(request).who, uid=told.uid, carer=carer, since=told.since, now=now)
        if refused is not None:
            raise refuse_keeping(refused)
