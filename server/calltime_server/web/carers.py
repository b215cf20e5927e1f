"""Who are the carers, which badges and devices do they have, and for whom do they work?"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.jobs.keeping import Refused, employ, give, wrong_employment
from calltime_server.rights import Right, Role, require
from calltime_server.store.carers import badges_of, employments_of, is_noted, list_carers
from calltime_server.store.connection import Connection
from calltime_server.store.door_health import list_doors
from calltime_server.store.ledger import share_now
from calltime_server.store.visit_log import latest_with_visits
from calltime_server.visits.civil_day import day_of
from calltime_server.visits.wall import LONDON
from calltime_server.web.doors import HEALTH
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form, Posted
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

A_PAGE = 50
A_WEEK = timedelta(days=6)
NOTED_ALREADY = N_("This is noted already: the carer works for this provider from that day on. Nothing was written.")
NOT_A_TIME = N_("This is not a day and a time of it. Write both, or leave both empty.")
DONE = {
    "badge": N_("The badge was noted. Days on which it was tapped are being looked at anew."),
    "employment": N_("It was noted for whom the carer works. The days that it concerns are being looked at anew."),
}


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/carers")
    def carers(request: Request, text: str = "", after: str = "", badge: str = "") -> HTMLResponse:
        text, today = text.strip().replace("\0", "")[:100], day_of(office.now())
        with office.open(request, Right.SEE_CARERS, "looked at carers", {"carer": text}) as connection:
            rows = list_carers(connection, first=today - A_WEEK, last=today, text=text, behind=after.replace("\0", ""), limit=A_PAGE + 1)
            latest = None if rows or text else latest_with_visits(connection, until=today, provider=seat_of(request).seated.who.provider)
        more = "/carers?" + urlencode({"after": rows[A_PAGE - 1].carer, "badge": badge[:100]}) if len(rows) > A_PAGE else None
        return render(
            request, "carers.html", rows=rows[:A_PAGE], text=text, next=more, badge=badge[:100], may_keep=_may_keep(request), latest=latest
        )

    @pages.get("/carers/new")
    def new(request: Request, carer: str = "") -> HTMLResponse:
        require(seat_of(request).seated.who, Right.KEEP_CARERS)
        return _new(request, {"carer": carer[:64], "provider": "", "since": ""}, {})

    @pages.post("/carers/new")
    def take_on(request: Request, form: Form) -> Response:
        typed = {name: form.text(name)[:200] for name in ("carer", "provider", "since")}
        faults = _employ(request, office, typed)
        return _new(request, typed, faults) if faults else _back(typed["carer"], "employment")

    @pages.get("/carers/{carer}")
    def carer(request: Request, carer: str, done: str = "", badge: str = "") -> HTMLResponse:
        return _one(request, office, carer, {"uid": badge[:100]}, {}, done=DONE.get(done))

    @pages.post("/carers/{carer}/badges")
    def badge(request: Request, carer: str, form: Form) -> Response:
        typed = {name: form.text(name)[:100] for name in ("uid", "since_day", "since_time")}
        since = _moment(form)
        if isinstance(since, str):
            return _one(request, office, carer, typed, {"since_day": since})
        who, about = seat_of(request).seated.who, {"carer": carer, "badge": typed["uid"]}
        with office.open(request, Right.KEEP_CARERS, "gave a badge", about) as connection:
            refused = give(connection, who, uid=typed["uid"], carer=carer, since=since, now=share_now(connection, office.now))
        if refused is not None:
            field = "since_day" if refused.field == "since" else "uid"
            return _one(request, office, carer, typed, {field: refused.says})
        return _back(carer, "badge")

    @pages.post("/carers/{carer}/employments")
    def employment(request: Request, carer: str, form: Form) -> Response:
        typed = {"carer": carer, "provider": form.text("provider")[:200], "since": form.text("since")[:20]}
        faults = _employ(request, office, typed)
        shown = {("since" if name == "carer" else name): says for name, says in faults.items()}
        return _one(request, office, carer, typed, shown) if faults else _back(carer, "employment")


def _may_keep(request: Request) -> bool:
    return seat_of(request).seated.who.may(Right.KEEP_CARERS)


def _back(carer: str, done: str) -> Response:
    return RedirectResponse(f"/carers/{quote(carer, safe='')}?done={done}", HTTPStatus.SEE_OTHER)


def _employ(request: Request, office: Office, typed: dict[str, str]) -> dict[str, str]:
    """Note an employment; all that is wrong, by field."""
    who = seat_of(request).seated.who
    require(who, Right.KEEP_CARERS)
    provider = who.provider if who.role is Role.PROVIDER else typed["provider"]
    since = _day(typed["since"])
    faults = wrong_employment(carer=typed["carer"], provider=provider or "", since=since, now=office.now())
    if since is None or faults:
        return {each.field: each.says for each in faults}
    about = {"carer": typed["carer"], "provider": provider, "since": typed["since"]}
    with office.open(request, Right.KEEP_CARERS, "noted for whom a carer works", about) as connection:
        if is_noted(connection, typed["carer"], provider or "", since=since):
            return {"since": NOTED_ALREADY}
        refused = employ(connection, who, carer=typed["carer"], provider=provider or "", since=since, now=share_now(connection, office.now))
    return {refused.field: refused.says} if isinstance(refused, Refused) else {}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(form: Posted) -> datetime | str | None:
    """When a badge passes on; None: now, or always where nobody has had it."""
    day, time = form.text("since_day"), form.text("since_time")
    if not day and not time:
        return None
    try:
        return datetime.fromisoformat(f"{day}T{time}").replace(tzinfo=LONDON)
    except ValueError:
        return NOT_A_TIME


def _new(request: Request, typed: dict[str, str], faults: dict[str, str]) -> HTMLResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    council = seat_of(request).seated.who.role is not Role.PROVIDER
    return render(request, "carer_new.html", status=status, typed=typed, faults=faults, council=council)


def _one(
    request: Request, office: Office, carer: str, typed: dict[str, str], faults: dict[str, str], *, done: str | None = None
) -> HTMLResponse:
    with office.open(request, Right.SEE_CARERS, "looked at a carer", {"carer": carer}) as connection:
        values = _known(connection, office, carer.replace("\0", ""))
    blank = dict.fromkeys(("uid", "since_day", "since_time", "provider", "since"), "")
    return render(
        request,
        "carer.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
        typed=blank | typed,
        faults=faults,
        done=done,
        health=HEALTH,
        may_keep=_may_keep(request),
        council=seat_of(request).seated.who.role is not Role.PROVIDER,
        **values,
    )


def _known(connection: Connection, office: Office, carer: str) -> dict[str, Any]:
    today = day_of(office.now())
    week = list_carers(connection, first=today - A_WEEK, last=today, text=carer, limit=1)
    employments, badges = employments_of(connection, carer), badges_of(connection, carer)
    doors = list_doors(connection, now=office.now(), kind="carer", text=carer, limit=A_PAGE)
    if not (week or employments or badges or doors):
        says = N_("No such carer is known to work for you. Check the reference, or note from which day on the carer does.")
        raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such carer"), says)
    return {"carer": carer, "week": week[0] if week else None, "employments": employments, "badges": badges, "doors": doors}
