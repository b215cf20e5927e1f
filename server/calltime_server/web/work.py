"""How far is the long work that somebody asked for, and what came out of it?"""

from __future__ import annotations

from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from calltime_server.jobs.asked_settling import RESULT as SETTLED
from calltime_server.jobs.reported import RESULT as REPORTED
from calltime_server.jobs.tried import RESULT as TRIED
from calltime_server.rights import Person, Right, require_of_work
from calltime_server.store.connection import Connection
from calltime_server.store.work import Work, find_result, find_work, list_work, read_file_of_work
from calltime_server.web.actuals import Outcome
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

PAGE = 25
KINDS = {
    "settle": N_("Settle days"),
    "export": N_("Files for a finance system"),
    "bundle": N_("Bundle to check a run with"),
    "try-terms": N_("Try out terms"),
    "report": N_("Report"),
    "subject-access": N_("Subject access"),
}
# Kinds whose outcome has a page of its own.
OUTCOMES = {"try-terms": "/terms/tried/", "report": "/variance/made/"}
# What a page reads to show it: nothing for people to fetch.
FOR_PAGES = (SETTLED, REPORTED, TRIED)
STATES = {
    "waiting": Outcome(name="open", symbol="○", words=N_("Waiting")),
    "under_way": Outcome(name="open", symbol="…", words=N_("Under way")),
    "done": Outcome(name="good", symbol="✓", words=N_("Done")),
    "failed": Outcome(name="bad", symbol="✕", words=N_("Not done")),
}


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/work")
    def all_work(request: Request, before: int | None = None) -> HTMLResponse:
        who = seat_of(request).seated.who
        with office.open(request, right_of(who), "looked at own long work") as connection:
            works = list_work(connection, person=who.id, before=before, at_most=PAGE + 1)
        next_page = works[PAGE - 1].work if len(works) > PAGE else None
        return render(request, "works.html", works=works[:PAGE], next=next_page, kinds=KINDS, states=STATES)

    @pages.get("/work/{work}")
    def one(request: Request, work: int) -> HTMLResponse:
        return _show(request, office, work, "work.html")

    @pages.get("/work/{work}/progress")
    def progress(request: Request, work: int) -> HTMLResponse:
        return _show(request, office, work, "work_progress.html")

    @pages.get("/work/{work}/files/{name}")
    def file(request: Request, work: int, name: str) -> Response:
        right = right_of(seat_of(request).seated.who)
        with office.open(request, right, "fetched a file of long work", {"work": work, "file": name}) as connection:
            asked = find_work(connection, work)
            if asked is not None:
                require_of_work(seat_of(request).seated.who, asked.kind)
            found = read_file_of_work(connection, work, name)
        if found is None:
            says = N_("There is no such file, or somebody else asked for it: what came out is for whoever asked. Ask for it yourself.")
            raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such file"), says)
        media, content = found
        return Response(content, media_type=media, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"})


def right_of(who: Person) -> Right:
    """Each sees long work by the right by which they are here at all; the database shows them what is theirs."""
    return Right.SEE_PAY if who.may(Right.SEE_PAY) else Right.SUBJECT_ACCESS


def _show(request: Request, office: Office, work: int, template: str) -> HTMLResponse:
    with office.open(request, right_of(seat_of(request).seated.who), "looked at long work", {"work": work}) as connection:
        found = _found(connection, work)
        settled = find_result(connection, work, kind="settle", name=SETTLED) if found.kind == "settle" else None
    back = f"/runs/{found.asked['run']}" if "run" in found.asked and seat_of(request).seated.who.may(Right.SEE_RUNS) else "/work"
    first, *others = found.says.split("\n")
    return render(
        request, template, work=found, kinds=KINDS, states=STATES, back=back, outcomes=OUTCOMES, settled=settled, says=(first, others),
        files=[name for name in found.files if name not in FOR_PAGES],
    )  # fmt: skip


def _found(connection: Connection, work: int) -> Work:
    found = find_work(connection, work)
    if found is None:
        says = N_("There is no long work with this number that you may see. Look under Long work for what you asked for.")
        raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such work"), says)
    return found
