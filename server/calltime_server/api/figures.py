"""What do programs learn of compliance?"""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.problem_json import Problem
from calltime_server.rights import Right
from calltime_server.store.compliance import Share, read_providers, read_threshold, read_weeks, set_threshold
from calltime_server.visits.civil_day import day_of

LONGEST = timedelta(days=366)


class ShareOut(BaseModel):
    """Carer visits that were due, and how many of them were tapped at both ends, amended, or lack an end or both.

    `brought` are those with an end as a provider's own system saw it.
    """

    model_config = ConfigDict(frozen=True)

    due: int
    electronic: int
    amended: int
    brought: int
    reported: int = Field(description="Not made, and the provider itself told why: they stay due.")
    missing: int


class ProviderOut(ShareOut):
    """`as_planned`: ends by hand that are the planned time to the minute."""

    provider: str
    as_planned: int


class WeekOut(ShareOut):
    """By the Monday of the week."""

    monday: date


class ComplianceOut(BaseModel):
    """`threshold` is what the council asks to be electronic, in hundredths of a per cent."""

    model_config = ConfigDict(frozen=True)

    first: date
    last: date
    threshold: int = Field(examples=[8500])
    providers: list[ProviderOut]
    weeks: list[WeekOut]


class Threshold(BaseModel):
    """What share of the visits that were due is to be tapped at both ends, from now on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hundredths: int = Field(ge=0, le=10_000, description="Of a per cent.", examples=[8500])


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/compliance", tags=["Figures"], summary="Read how much was tapped", openapi_extra=needs(Right.SEE_VISITS))
    def compliance(request: Request, first: date | None = None, last: date | None = None, zone: str = "") -> ComplianceOut:
        # Today is not over: what is still to come would stand as missing.
        yesterday = day_of(front.now()) - timedelta(days=1)
        until = min(last or yesterday, yesterday)
        since = first or until - timedelta(days=min(83, until.toordinal() - 1))
        if since <= until and until - since > LONGEST:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, "That is more than a year. Ask for fewer days.")
        about = {"first": since, "last": until, "zone": zone}
        with front.open(request, Right.SEE_VISITS, "read compliance", about) as connection:
            providers = read_providers(connection, first=since, last=until, zone=zone or None)
            weeks = read_weeks(connection, first=since, last=until, zone=zone or None, provider=None)
            threshold = read_threshold(connection)
        return ComplianceOut(
            first=since,
            last=until,
            threshold=threshold,
            providers=[ProviderOut(provider=each.provider, as_planned=each.as_planned, **_counts(each.share)) for each in providers],
            weeks=[WeekOut(monday=each.monday, **_counts(each.share)) for each in weeks],
        )

    @api.put("/compliance/threshold", tags=["Figures"], summary="Set what share must be tapped", openapi_extra=needs(Right.KEEP_LOCK))
    def ask_for(request: Request, sent: Threshold) -> Threshold:
        with front.open(request, Right.KEEP_LOCK, "set the share that must be electronic", sent.model_dump()) as connection:
            set_threshold(connection, sent.hundredths, by=seated_of(request).who.name, now=front.now())
        return sent


def _counts(share: Share) -> dict[str, int]:
    return {name: getattr(share, name) for name in ("due", "electronic", "amended", "brought", "reported", "missing")}
