"""How does somebody get what is held about them?"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from calltime_server.rights import Right
from calltime_server.store.work import ask_for_work
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.sign_in import Field

KINDS = (("service_user", N_("Service user")), ("carer", N_("Carer")))
NO_KIND = N_("Choose whether it is a service user or a carer.")
NO_WHO = N_("Write the person's reference, as in the plan.")


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/subject-access")
    def form(request: Request) -> Response:
        with office.open(request, Right.SUBJECT_ACCESS, "began a subject-access export"):
            return _show(request, {}, {})

    @pages.post("/subject-access")
    def ask(request: Request, kind: Field = "", who: Field = "") -> Response:
        who = who.replace("\0", "").strip()
        faults = {} if kind in dict(KINDS) else {"kind": NO_KIND}
        if not 1 <= len(who) <= 200:
            faults["who"] = NO_WHO
        if faults:
            return _show(request, {"kind": kind, "who": who}, faults)
        with office.open(request, Right.SUBJECT_ACCESS, "asked for a subject-access export", {kind: who}) as connection:
            asked = {"kind": kind, "who": who}
            work = ask_for_work(connection, "subject-access", asked, who=seat_of(request).seated.who, now=office.now())
        return RedirectResponse(f"/work/{work}", HTTPStatus.SEE_OTHER)


def _show(request: Request, written: dict[str, str], faults: dict[str, str]) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return render(request, "subject_access.html", status=status, written=written, faults=faults, kinds=KINDS)
