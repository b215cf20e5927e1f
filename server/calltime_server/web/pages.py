"""Which pages are there? Each room of the office in a file of its own, all behind one guard."""

from __future__ import annotations

from http import HTTPStatus
from importlib import resources
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles

from calltime_server.store.connection import DatabaseAway, SchemaMissing
from calltime_server.store.looking import require_schema
from calltime_server.web import (
    absences,
    agreed_grades,
    alerts,
    amendments,
    audit_log,
    brought,
    carers,
    compliance,
    doors,
    first_sign_in,
    hooks,
    locking,
    log,
    me,
    mending,
    organisation,
    own,
    people,
    phone,
    plan,
    reasons,
    run_closing,
    runs,
    settings,
    sign_in,
    statements,
    subject_access,
    terms,
    today,
    tokens,
    variance,
    work,
)
from calltime_server.web.guard import guard, seat_people
from calltime_server.web.navigation import rooms_of
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.trouble import answer_with_pages

ROOMS = (
    *(sign_in, first_sign_in, organisation),
    *(mending, amendments, reasons, locking),
    *(today, log, runs, run_closing, statements, work, variance, compliance, doors, carers, terms, plan, absences, brought, own),
    *(alerts, hooks, agreed_grades, phone),
    *(settings, me, tokens, people, audit_log, subject_access),
)


def make_pages(office: Office) -> FastAPI:
    """The pages, with their style sheet."""
    pages = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, dependencies=[Depends(guard)])
    answer_with_pages(pages)
    seat_people(pages, office)
    pages.mount("/static", StaticFiles(directory=Path(str(resources.files("calltime_server.web") / "static"))))

    @pages.get("/")
    def start(request: Request) -> RedirectResponse:
        rooms = rooms_of(seat_of(request))
        return RedirectResponse(rooms[0].path if rooms else "/sign-in", HTTPStatus.SEE_OTHER)

    @pages.get("/accessibility")
    def accessibility(request: Request) -> Response:
        return render(request, "accessibility.html")

    @pages.get("/privacy")
    def privacy(request: Request) -> Response:
        return render(request, "privacy.html", keeping=office.keeping, keep_years=office.keep_years)

    @pages.get("/healthz")
    def health() -> PlainTextResponse:
        try:
            with office.database.as_office() as connection:
                require_schema(connection)
        except DatabaseAway:
            return PlainTextResponse("The database cannot be reached.\n", HTTPStatus.SERVICE_UNAVAILABLE)
        except SchemaMissing:
            return PlainTextResponse("The database has no tables yet. Run calltime-server migrate.\n", HTTPStatus.SERVICE_UNAVAILABLE)
        return PlainTextResponse("The office is ready.\n")

    for room in ROOMS:
        room.add_to(pages, office)
    return pages
