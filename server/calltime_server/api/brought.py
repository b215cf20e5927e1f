"""How do programs bring visits of another system? One by its id, or up to a thousand; the same again changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from enum import Enum
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Mistake, Problem
from calltime_server.api.times import Time
from calltime_server.faults import Fault
from calltime_server.jobs.bring_visits import Bringing, bring_visits
from calltime_server.rights import Right
from calltime_server.store.asked import list_providers
from calltime_server.store.brought import Brought, agree, brought_days_since, list_agreements, list_brought
from calltime_server.store.concerned import of_brought
from calltime_server.store.connection import Connection
from calltime_server.store.ledger import share_now
from calltime_server.store.visit_log import mark_days

TAGS: list[str | Enum] = ["Brought visits"]
PRINTED = r"^[!-~¡-ÿĀ-ſ]([ -~¡-ÿĀ-ſ]{0,198}[!-~¡-ÿĀ-ſ])?$"
Reference = Annotated[str, Field(pattern=PRINTED, description="As council and provider write it.")]
TheirId = Annotated[str, Path(pattern=r"^[!-.0-~]{1,200}$", description="The visit's id in the other system.", examples=["X-20261005-17"])]
Whose = Annotated[str, Query(max_length=200, description="Whose visits, for tokens of the council; a provider's own brings its own.")]
Moment = Annotated[
    AwareDatetime | None,
    Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2100, 1, 1, tzinfo=UTC), examples=["2026-10-05T07:04:10Z"]),
]


class VisitIn(BaseModel):
    """A visit as the other system saw it; one end may be missing. Sent again with the same id it stands in the place of the earlier one."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    service_user: Reference = Field(examples=["S1"])
    carer: Reference = Field(examples=["C1"])
    started: Moment = None
    ended: Moment = None
    withdrawn: bool = Field(default=False, description="It was none: it counts no more.")


class VisitOfMany(VisitIn):
    """The same with its id."""

    their_id: Reference = Field(examples=["X-20261005-17"])


class VisitsIn(BaseModel):
    """Up to a thousand: all are taken, or none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    visits: list[VisitOfMany] = Field(min_length=1, max_length=1000)


class Taken(BaseModel):
    """What came of them. `not_agreed`: of days for which no grade is agreed; they are kept, and do not count."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    new: int
    corrected: int
    withdrawn: int
    unchanged: int
    not_agreed: int


class BroughtOut(BaseModel):
    """A visit as it was brought. `counts_as` is the planned visit as which it counts, where it does."""

    model_config = ConfigDict(frozen=True)

    brought: int
    provider: str
    their_id: str
    service_user: str
    carer: str
    started: Time | None
    ended: Time | None
    noted_at: Time
    became: Literal["withdrawn", "replaced", "matched", "not_planned", "not_counted"]
    counts_as: str | None


class GradeOut(BaseModel):
    """From `since` on each end of such a visit proves this much; null: they are not taken."""

    model_config = ConfigDict(frozen=True, from_attributes=True)

    provider: str
    since: date
    grade: int | None
    noted_at: Time


class GradeIn(BaseModel):
    """What was agreed with a provider."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    provider: Reference = Field(examples=["North Care"])
    since: date = Field(ge=date(2000, 1, 1), lt=date(2100, 1, 1), examples=["2026-10-01"])
    grade: Annotated[int, Field(ge=0, le=3)] | None = Field(examples=[2])


class Grades(BaseModel):
    """All agreements that stand."""

    model_config = ConfigDict(frozen=True)

    grades: list[GradeOut]


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/brought-visits", tags=TAGS, summary="List what was brought, the latest first", openapi_extra=needs(Right.BRING))
    def visits(
        request: Request,
        provider: Whose = "",
        their_id: Annotated[str, Query(max_length=200)] = "",
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Listed[BroughtOut]:
        behind = read_cursor(request, cursor, int)
        with front.open(request, Right.BRING, "read brought visits", {"provider": provider}) as connection:
            found = list_brought(
                connection, provider=_clean(provider), their_id=_clean(their_id), before=behind[0] if behind else None, limit=limit + 1
            )
        return listed(request, [_out(each) for each in found], limit=limit, key=lambda each: (each.brought,))

    @api.put("/brought-visits/{their_id}", tags=TAGS, summary="Bring or correct one visit", openapi_extra=needs(Right.BRING))
    def bring_one(request: Request, their_id: TheirId, visit: VisitIn, provider: Whose = "") -> BroughtOut:
        whose = _whose(request, provider)
        told = [{**visit.model_dump(), "their_id": their_id}]

        def about(connection: Connection) -> dict[str, object]:
            return {"provider": whose, "their_id": their_id, **of_brought(connection, whose, told)}

        with front.open(request, Right.BRING, "brought a visit of another system", about) as connection:
            _bring(connection, request, told, whose, front)
            return _out(list_brought(connection, provider=whose, their_id=their_id, limit=1)[0])

    @api.post("/brought-visits", tags=TAGS, summary="Bring or correct many visits", openapi_extra=needs(Right.BRING))
    def bring_many(request: Request, sent: VisitsIn, provider: Whose = "") -> Taken:
        whose = _whose(request, provider)
        told = [each.model_dump() for each in sent.visits]

        def about(connection: Connection) -> dict[str, object]:
            return {"provider": whose, "brought": len(told), **of_brought(connection, whose, told)}

        with front.open(request, Right.BRING, "brought visits of another system", about) as connection:
            found = _bring(connection, request, told, whose, front, many=True)
        return Taken.model_validate(found)

    @api.get("/brought-grades", tags=TAGS, summary="List what is agreed of brought visits", openapi_extra=needs(Right.BRING))
    def grades(request: Request) -> Grades:
        with front.open(request, Right.BRING, "read the grades of brought visits") as connection:
            found = list_agreements(connection)
        return Grades(grades=[GradeOut.model_validate(each) for each in found])

    @api.post("/brought-grades", tags=TAGS, summary="Write down what was agreed", openapi_extra=needs(Right.PREPARE))
    def agree_one(request: Request, sent: GradeIn) -> GradeOut:
        by = seated_of(request).who.name
        about = {"provider": sent.provider, "since": sent.since, "grade": sent.grade}
        with front.open(request, Right.PREPARE, "agreed a grade for visits of another system", about) as connection:
            if sent.provider not in list_providers(connection):
                raise Problem(
                    HTTPStatus.UNPROCESSABLE_ENTITY, "No visit of this provider was ever planned. Write its reference as the plan does."
                )
            now = share_now(connection, front.now)
            agree(connection, provider=sent.provider, since=sent.since, grade=sent.grade, by=by, now=now)
            mark_days(connection, brought_days_since(connection, sent.provider, sent.since), now=now)
        return GradeOut(provider=sent.provider, since=sent.since, grade=sent.grade, noted_at=now)


def _bring(
    connection: Connection, request: Request, visits: Sequence[dict[str, Any]], provider: str, front: Front, *, many: bool = False
) -> Bringing:
    who = seated_of(request).who
    if who.provider is None and provider not in list_providers(connection):
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "Say whose visits these are: provider=… with the reference that the plan has.")
    rows = [
        (number, {**visit, "started": _whole(visit["started"]), "ended": _whole(visit["ended"])}) for number, visit in enumerate(visits)
    ]
    found = bring_visits(connection, rows, provider=provider, by=who.name, for_council=who.provider is None, clock=front.now, dry_run=False)
    if isinstance(found, Bringing):
        return found
    raise Problem(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Nothing was taken: something is wrong with what was sent. Mend it and send all of it again.",
        errors=[Mistake(detail=fault.says, pointer=_pointer(fault, many=many)) for fault in found],
    )


def _pointer(fault: Fault, *, many: bool) -> str:
    return f"#/visits/{fault.line}/{fault.column}" if many else f"#/{fault.column}"


def _whole(at: datetime | None) -> datetime | None:
    """To the thousandth of a second, as times are kept."""
    return None if at is None else at.astimezone(UTC).replace(microsecond=at.microsecond // 1000 * 1000)


def _whose(request: Request, provider: str) -> str:
    own = seated_of(request).who.provider
    if own is not None and provider not in ("", own):
        raise Problem(HTTPStatus.FORBIDDEN, "A provider brings its own visits alone. Leave provider out, or write your own.")
    return own or provider.replace("\0", "")


def _clean(text: str) -> str | None:
    return text.replace("\0", "") or None


def _out(each: Brought) -> BroughtOut:
    return BroughtOut(
        **{name: getattr(each, name) for name in BroughtOut.model_fields if name != "counts_as"}, counts_as=each.counts_as or None
    )
