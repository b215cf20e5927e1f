"""What was planned and agreed?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from calltime_server.rights import Right
from calltime_server.store.agreement import Agreement, read_some
from calltime_server.store.connection import Connection
from calltime_server.store.planned_visits import PlannedVisit, SoughtVisits, list_planned, names_in_plan, planned_days
from calltime_server.visits.civil_day import day_of
from calltime_server.web import bringing
from calltime_server.web.from_to import FromTo, read_from_to
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

A_PAGE = 50
A_WEEK = timedelta(days=6)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedList:
    """A list of something that was agreed. `columns` are name and heading; the first `keys` of them are its key."""

    what: Agreement
    path: str
    title: str
    columns: tuple[tuple[str, str], ...]
    keys: int = 1


LISTS = (
    AgreedList(
        what="package",
        path="packages",
        title=N_("Packages"),
        columns=(
            *(("package", N_("Package")), ("service_user", N_("Service user")), ("provider", N_("Provider")), ("service", N_("Service"))),
            *(("starts", N_("Starts")), ("ends", N_("Ends")), ("agreed_minutes", N_("Agreed")), ("contingency_minutes", N_("Contingency"))),
            *(("budget_pence", N_("Budget")), ("fund_holder", N_("Fund holder"))),
        ),
    ),
    AgreedList(
        what="block",
        path="blocks",
        title=N_("Blocks"),
        columns=(
            *(("block", N_("Block")), ("provider", N_("Provider")), ("zone", N_("Zone")), ("service", N_("Service"))),
            *(("starts", N_("Starts")), ("ends", N_("Ends")), ("minutes_per_week", N_("A week"))),
        ),
    ),
    AgreedList(
        what="provider",
        path="providers",
        title=N_("Providers"),
        columns=(
            *(("provider", N_("Provider")), ("name", N_("Name")), ("kind", N_("Kind")), ("town", N_("Town"))),
            *(("postcode", N_("Postcode")), ("vat_number", N_("VAT number"))),
        ),
    ),
    AgreedList(
        what="journey",
        path="journeys",
        title=N_("Journeys"),
        columns=(("from_home", N_("From")), ("to_home", N_("To")), ("least_minutes", N_("At least"))),
        keys=2,
    ),
)


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""
    bringing.add_to(pages, office)

    @pages.get("/plan")
    def plan(
        request: Request,
        first: str = "",
        last: str = "",
        provider: str = "",
        zone: str = "",
        service: str = "",
        sought: str = "",
        after: str = "",
        taken: str = "",
    ) -> HTMLResponse:
        about = {"first": first, "last": last, "provider": provider, "sought": sought}
        with office.open(request, Right.SEE_PLAN, "looked at the plan", about) as connection:
            days = read_from_to(first, last, otherwise=_this_week(connection, office.now()))
            chosen = {"provider": provider, "zone": zone, "service": service, "sought": sought.strip()}
            wanted = SoughtVisits(start=days.span[0], end=days.span[1], **{name: _sane(text) for name, text in chosen.items()})
            rows = list_planned(connection, wanted, behind=_behind(after), limit=A_PAGE + 1)
            names = names_in_plan(connection)
        return render(
            request,
            "plan.html",
            status=HTTPStatus.BAD_REQUEST if days.faults else HTTPStatus.OK,
            days=days,
            chosen=chosen,
            rows=rows[:A_PAGE],
            names=names,
            next=_next(rows, days, chosen),
            lists=LISTS,
            may_bring=seat_of(request).seated.who.may(Right.PLAN),
            taken=taken.isdecimal(),
        )

    @pages.get("/plan/agreed/{path}")
    def agreed(request: Request, path: str, sought: str = "", after: str = "", more: str = "") -> HTMLResponse:
        found = next((each for each in LISTS if each.path == path), None)
        if found is None:
            says = N_("There is no such list. Choose one under Plans and packages.")
            raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such page"), says)
        with office.open(request, Right.SEE_PLAN, "looked at what was agreed", {"list": path, "sought": sought}) as connection:
            behind = (_sane(after), _sane(more))
            rows = read_some(connection, found.what, sought=_sane(sought.strip()), behind=behind, limit=A_PAGE + 1).to_dicts()
        return render(
            request,
            "agreed.html",
            of=found,
            rows=rows[:A_PAGE],
            sought=sought,
            next=_next_agreed(rows, found, sought),
            lists=LISTS,
            may_bring=seat_of(request).seated.who.may(Right.PLAN),
        )


def _this_week(connection: Connection, now: datetime) -> tuple[date, date]:
    """From today on, or the last days that were planned."""
    known = planned_days(connection)
    today = day_of(now)
    if known is None:
        return today, today + A_WEEK
    last = day_of(known[1])
    first = min(max(today, day_of(known[0])), last)
    return first, min(first + A_WEEK, last)


def _sane(text: str) -> str:
    """PostgreSQL has no text with this character in it."""
    return text.replace("\0", "")[:200]


def _behind(after: str) -> tuple[datetime, str] | None:
    start, _, visit = after.partition(" ")
    try:
        at = datetime.fromisoformat(start)
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC), _sane(visit))


def _next(rows: Sequence[PlannedVisit], days: FromTo, chosen: dict[str, str]) -> str | None:
    if len(rows) <= A_PAGE:
        return None
    edge = rows[A_PAGE - 1]
    asked = {**days.query, **chosen, "after": f"{edge.planned_start:%Y-%m-%dT%H:%M:%SZ} {edge.visit_id}"}
    return "/plan?" + urlencode({name: value for name, value in asked.items() if value})


def _next_agreed(rows: Sequence[dict[str, Any]], of: AgreedList, sought: str) -> str | None:
    if len(rows) <= A_PAGE:
        return None
    key = [str(rows[A_PAGE - 1][name]) for name, _ in of.columns[: of.keys]]
    asked = {"sought": sought, "after": key[0], "more": key[1] if of.keys > 1 else ""}
    return f"/plan/agreed/{of.path}?" + urlencode({name: value for name, value in asked.items() if value})
