"""Which doors are there, and how are they?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.jobs.keeping import revoke
from calltime_server.rights import Right, require
from calltime_server.store.concerned import of_door
from calltime_server.store.connection import Connection
from calltime_server.store.door_health import (
    DoorSeen,
    count_doors,
    list_doors,
    lost_numbers,
    missing_numbers,
    read_door,
    taps_of_door,
    why_revoked,
)
from calltime_server.web import door_codes, tags
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

A_PAGE = 50
HISTORY = timedelta(days=14)


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a door is shown: `name` is its colour, `why` what is meant and what next."""

    name: str
    symbol: str
    words: str
    why: str


HEALTH = {
    "healthy": Health(name="well", symbol="✓", words=N_("Well"), why=N_("It was heard within the last week, and nothing is missing.")),
    "silent": Health(
        name="open",
        symbol="…",
        words=N_("Silent for a week"),
        why=N_("Nothing came for a week. A door that nobody taps is silent; if visits were made there, look at its power and its network."),
    ),
    "gaps": Health(
        name="mend",
        symbol="⋯",
        words=N_("Numbers missing"),
        why=N_("Later records came before earlier ones. The door sends them again by itself; if that lasts for a day, look at it."),
    ),
    "lost": Health(
        name="bad",
        symbol="!",
        words=N_("Lost records"),
        why=N_("The door says that it has lost records. Taps may be among them: ask the carers for the visits of that time."),
    ),
    "clock": Health(
        name="mend",
        symbol="◷",
        words=N_("Clock in trouble"),
        why=N_("It does not know the time well. Its taps are kept, and are placed once it knows: see that it reaches the network."),
    ),
    "new": Health(
        name="to_come",
        symbol="○",
        words=N_("Nothing came yet"),
        why=N_("It is enrolled and has sent nothing. It says so much when it is switched on and reaches the network."),
    ),
    "revoked": Health(name="revoked", symbol="×", words=N_("Revoked"), why=N_("It is let in no more.")),
}
KINDS = {"carer": N_("A carer's own device"), "home": N_("A reader at a home"), "line": N_("A telephone line")}


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""
    door_codes.add_to(pages, office)
    tags.add_to(pages, office)

    @pages.get("/doors")
    def doors(request: Request, kind: str = "", state: str = "", text: str = "", after: str = "", done: str = "") -> HTMLResponse:
        asked = {
            "kind": kind if kind in KINDS else "",
            "state": state if state in HEALTH else "",
            "text": text.strip().replace("\0", "")[:100],
        }
        whom, _, device = after.replace("\0", "").partition(" ")
        with office.open(request, Right.SEE_DOORS, "looked at doors", asked) as connection:
            counts = count_doors(connection, now=office.now())
            rows = list_doors(connection, now=office.now(), **asked, behind=(whom, device) if after else None, limit=A_PAGE + 1)
        last = rows[A_PAGE - 1] if len(rows) > A_PAGE else None
        return render(
            request,
            "doors.html",
            rows=rows[:A_PAGE],
            next="/doors?" + urlencode({**asked, "after": f"{last.whom} {last.device}"}) if last else None,
            counts=counts,
            health=HEALTH,
            kinds=KINDS,
            asked=asked,
            may_keep=seat_of(request).seated.who.may(Right.KEEP_DOORS),
            revoked=done == "revoked",
        )

    @pages.get("/doors/{device}")
    def door(request: Request, device: str) -> HTMLResponse:
        with office.open(request, Right.SEE_DOORS, "looked at a door", lambda c: {"door": device, **of_door(c, device)}) as connection:
            found = _door(connection, office, device)
            values: dict[str, Any] = {
                "taps": taps_of_door(connection, device, since=office.now() - HISTORY),
                "missing": missing_numbers(connection, device),
                "lost": lost_numbers(connection, device),
                "revocations": why_revoked(connection, device),
            }
        may_keep = seat_of(request).seated.who.may(Right.KEEP_DOORS)
        return render(request, "door.html", door=found, health=HEALTH, kinds=KINDS, may_keep=may_keep, **values)

    @pages.get("/doors/{device}/revoke")
    def ask(request: Request, device: str) -> HTMLResponse:
        require(seat_of(request).seated.who, Right.KEEP_DOORS)
        with office.open(request, Right.SEE_DOORS, "looked at a door", lambda c: {"door": device, **of_door(c, device)}) as connection:
            return render(request, "door_revoke.html", door=_door(connection, office, device), why="", faults={})

    @pages.post("/doors/{device}/revoke")
    def take_out(request: Request, device: str, form: Form) -> Response:
        why, who = form.text("why"), seat_of(request).seated.who
        with office.open(request, Right.KEEP_DOORS, "revoked a door", lambda c: {"door": device, **of_door(c, device)}) as connection:
            found = _door(connection, office, device)
            refused = revoke(connection, who, device, why=why, now=office.now())
            if refused is not None and refused.field == "why":
                faults = {"why": refused.says}
                return render(request, "door_revoke.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, door=found, why=why, faults=faults)
            if refused is not None:
                raise Trouble(HTTPStatus.CONFLICT, N_("This door was not revoked"), refused.says)
        return RedirectResponse(f"/doors/{quote(device)}", HTTPStatus.SEE_OTHER)


def _door(connection: Connection, office: Office, device: str) -> DoorSeen:
    found = read_door(connection, device.replace("\0", ""), now=office.now())
    if found is None:
        says = N_("There is no such door, or it is not one of your carers or homes. Look it up in the list of doors.")
        raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such door"), says)
    return found
