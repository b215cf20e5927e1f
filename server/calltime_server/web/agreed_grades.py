"""With which providers is it agreed that visits of their own system are taken, and how much does each of their ends prove?"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.rights import Right
from calltime_server.store.asked import list_providers
from calltime_server.store.brought import agree, brought_days_since, list_agreements
from calltime_server.store.ledger import share_now
from calltime_server.store.visit_log import mark_days
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form, Posted
from calltime_server.web.rendering import render

GRADES = (
    ("3", N_("3: more than an NFC tag")),
    ("2", N_("2: as an NFC tag")),
    ("1", N_("1: as a printed QR code")),
    ("0", N_("0: nothing")),
    ("none", N_("Not taken from this day on")),
)


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the page."""

    @pages.get("/settings/brought")
    def agreements(request: Request, done: str = "") -> HTMLResponse:
        return _page(request, office, done=done)

    @pages.post("/settings/brought")
    def write(request: Request, form: Form) -> Response:
        about = {"provider": form.text("provider"), "since": form.text("since"), "grade": form.text("grade")}
        with office.open(request, Right.PREPARE, "agreed a grade for visits of another system", about) as connection:
            faults = _faults(form, list_providers(connection))
            since = form.day("since")
            if not faults and since is not None:
                grade = None if form.text("grade") == "none" else int(form.text("grade"))
                by, now = seat_of(request).seated.who.name, share_now(connection, office.now)
                agree(connection, provider=form.text("provider"), since=since, grade=grade, by=by, now=now)
                mark_days(connection, brought_days_since(connection, form.text("provider"), since), now=now)
        return (
            _page(request, office, typed=form, faults=faults)
            if faults
            else RedirectResponse("/settings/brought?done=yes", HTTPStatus.SEE_OTHER)
        )


def _page(
    request: Request, office: Office, *, done: str = "", typed: Posted | None = None, faults: dict[str, str] | None = None
) -> HTMLResponse:
    with office.open(request, Right.PREPARE, "looked at the grades of visits of other systems") as connection:
        agreed, providers = list_agreements(connection), list_providers(connection)
    shown = {name: typed.text(name) if typed else "" for name in ("provider", "since", "grade")}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return render(
        request,
        "agreed_grades.html",
        status=status,
        agreed=agreed,
        providers=providers,
        grades=GRADES,
        words={**dict(GRADES)},
        shown=shown,
        done=bool(done),
        faults=faults or {},
    )


def _faults(form: Posted, providers: tuple[str, ...]) -> dict[str, str]:
    faults = {}
    if form.text("provider") not in providers:
        faults["provider"] = N_("Choose the provider with whom this is agreed.")
    if form.day("since") is None:
        faults["since"] = N_("Write the day from which on this is agreed.")
    if form.text("grade") not in dict(GRADES):
        faults["grade"] = N_("Choose what each end of such a visit proves.")
    return faults
