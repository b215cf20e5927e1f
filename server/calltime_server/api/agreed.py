"""How do programs read what was agreed? Packages, blocks of hours, providers and journeys, as each of them stands now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from enum import Enum
from typing import Annotated, Literal, TypeVar

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.rights import Right
from calltime_server.store.agreement import Agreement, read_some

TAGS: list[str | Enum] = ["Plan"]
SEES = needs(Right.SEE_PLAN)
HUNDREDTHS = "In hundredths of a per cent: 2500 is 25 %. null: as the terms say."
Sought = Annotated[str, Query(max_length=200, description="A part of the words of a row: of its references, and of its name and town.")]


class PackageOut(BaseModel):
    """A package of care."""

    model_config = ConfigDict(frozen=True, title="Package")

    package: str = Field(examples=["P1"])
    service_user: str = Field(examples=["S1"])
    provider: str = Field(examples=["North Care"])
    service: str = Field(examples=["personal care"])
    starts: date = Field(examples=["2026-04-06"])
    ends: date | None = Field(description="Its last day; null: it has no end yet.", examples=[None])
    agreed_minutes: int | None = Field(description="In a period of the terms.", examples=[600])
    contingency_minutes: int | None = Field(examples=[None])
    budget_pence: int | None = Field(examples=[60000])
    outcome: Literal["met", "not_met"] | None = Field(examples=[None])
    exceptional: bool = Field(description="The council has agreed to pay above the budget.", examples=[False])
    health_percent: int | None = Field(description=f"The NHS's share. {HUNDREDTHS}", examples=[2500])
    fund_holder: str | None = Field(description="Who is paid in place of the provider.", examples=[None])
    charge_percent: int | None = Field(description=f"What the service user is charged. {HUNDREDTHS}", examples=[None])


class BlockOut(BaseModel):
    """Hours bought as a block, paid whatever is used of them."""

    model_config = ConfigDict(frozen=True, title="Block")

    block: str = Field(examples=["B1"])
    provider: str = Field(examples=["North Care"])
    zone: str | None = Field(examples=["Z1"])
    service: str | None = Field(examples=["personal care"])
    starts: date = Field(examples=["2026-04-06"])
    ends: date | None = Field(description="Its last day; null: it has no end yet.", examples=[None])
    minutes_per_week: int = Field(examples=[6000])


class ProviderToldOut(BaseModel):
    """A provider, or a fund holder, as it stands on an invoice."""

    model_config = ConfigDict(frozen=True, title="Provider")

    provider: str = Field(examples=["North Care"])
    kind: Literal["lead", "additional", "framework", "small", "fund_holder"] = Field(examples=["lead"])
    name: str = Field(examples=["North Care Limited"])
    street: str | None = Field(examples=["1 High Street"])
    town: str | None = Field(examples=["Truro"])
    postcode: str | None = Field(examples=["TR1 1AA"])
    country: str = Field(description="In two letters.", examples=["GB"])
    vat_number: str | None = Field(examples=["GB123456789"])


class JourneyOut(BaseModel):
    """How long the way from one home to another takes at the least."""

    model_config = ConfigDict(frozen=True, title="Journey")

    from_home: str = Field(examples=["S1"])
    to_home: str = Field(examples=["S2"])
    least_minutes: int = Field(examples=[12])


Row = TypeVar("Row", PackageOut, BlockOut, ProviderToldOut, JourneyOut)


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/packages", tags=TAGS, summary="List packages of care", openapi_extra=SEES)
    def packages(request: Request, sought: Sought = "", limit: Limit = 100, cursor: Cursor = "") -> Listed[PackageOut]:
        """By reference, each as it was agreed last. A provider's programs see that provider's own."""
        return _part(request, front, "package", PackageOut, lambda each: (each.package,), sought, limit, cursor)

    @api.get("/blocks", tags=TAGS, summary="List hours bought as a block", openapi_extra=SEES)
    def blocks(request: Request, sought: Sought = "", limit: Limit = 100, cursor: Cursor = "") -> Listed[BlockOut]:
        """By reference, each as it was agreed last. A provider's programs see that provider's own."""
        return _part(request, front, "block", BlockOut, lambda each: (each.block,), sought, limit, cursor)

    @api.get("/providers", tags=TAGS, summary="List providers and fund holders", openapi_extra=SEES)
    def providers(request: Request, sought: Sought = "", limit: Limit = 100, cursor: Cursor = "") -> Listed[ProviderToldOut]:
        """By reference, each as it was told last. A provider's programs see that provider."""
        return _part(request, front, "provider", ProviderToldOut, lambda each: (each.provider,), sought, limit, cursor)

    @api.get("/journeys", tags=TAGS, summary="List journeys between homes", openapi_extra=SEES)
    def journeys(request: Request, sought: Sought = "", limit: Limit = 100, cursor: Cursor = "") -> Listed[JourneyOut]:
        """By their two homes. A provider's programs see those between homes that it visits."""
        return _part(request, front, "journey", JourneyOut, lambda each: (each.from_home, each.to_home), sought, limit, cursor)


def _part(
    request: Request,
    front: Front,
    what: Agreement,
    row: type[Row],
    key: Callable[[Row], tuple[str, ...]],
    sought: str,
    limit: int,
    cursor: str,
) -> Listed[Row]:
    """One part of a list, in the order of its key, which is one text or two."""
    first, second, *_ = (*(read_cursor(request, cursor, *_texts(what)) or ()), "", "")
    with front.open(request, Right.SEE_PLAN, "read what was agreed", {"list": what, "sought": sought}) as connection:
        rows = read_some(connection, what, sought=sought.strip(), behind=(first, second), limit=limit + 1)
    return listed(request, [row.model_validate(each) for each in rows.iter_rows(named=True)], limit=limit, key=key)


def _texts(what: Agreement) -> tuple[type[str], ...]:
    return (str, str) if what == "journey" else (str,)
