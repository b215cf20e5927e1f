"""How does a door become known? With a code that is made here, shown once, and good for a quarter of an hour."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from calltime_server.jobs.codes import GOOD_FOR
from calltime_server.jobs.keeping import FOR_WHOM, Refused, enrol
from calltime_server.rights import Right, require
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.place import address_for_doors
from calltime_server.web.posted import Form
from calltime_server.web.qr import picture_of
from calltime_server.web.rendering import render

CHOICES = (
    ("carer", N_("A carer's own device"), N_("Every tap on it is that carer's.")),
    ("home", N_("A reader at a home"), N_("Every tap on it happened at that home.")),
    ("line", N_("A telephone line"), N_("Carers call it from homes and key in a PIN.")),
)
OF_COUNCIL = frozenset({"line"})
"""What a provider cannot enrol."""


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this part of the room."""

    @pages.get("/doors/new")
    def new(request: Request, kind: str = "", reference: str = "") -> HTMLResponse:
        require(seat_of(request).seated.who, Right.KEEP_DOORS)
        return _form(request, kind, reference[:100], {})

    @pages.post("/doors/new")
    def make(request: Request, form: Form) -> Response:
        kind, reference = form.text("kind"), form.text("reference")
        about = {"kind": kind[:20], FOR_WHOM.get(kind, "for"): reference[:100]}
        with office.open(request, Right.KEEP_DOORS, "made a code for a door", about) as connection:
            made = enrol(connection, seat_of(request).seated.who, kind=kind, reference=reference, now=office.now())
        if isinstance(made, Refused):
            return _form(request, kind, reference, {made.field: made.says})
        # Answered at once and not after a redirect: the code is in no address, and is shown this once.
        server = address_for_doors(request, office)
        scanned = picture_of(f"{server}/enrol#{made.code}") if made.place.carer else None
        minutes = int(GOOD_FOR.total_seconds()) // 60
        return render(
            request,
            "door_code.html",
            status=HTTPStatus.CREATED,
            made=made,
            scanned=scanned,
            minutes=minutes,
            server=server,
            can_send=bool(office.phones.brokers),
        )


def _form(request: Request, kind: str, reference: str, faults: dict[str, str]) -> HTMLResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    own = seat_of(request).seated.who.provider is not None
    choices = [each for each in CHOICES if not (own and each[0] in OF_COUNCIL)]
    return render(request, "door_new.html", status=status, kind=kind, reference=reference, faults=faults, choices=choices, own=own)
