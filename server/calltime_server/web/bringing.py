"""How does a file of the plan, or of what was agreed, come in? Brought, looked at as a difference, and then taken or not."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any, get_args

from fastapi import FastAPI, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.faults import Fault
from calltime_server.jobs.bring_file import BROUGHT, COLUMNS, Brought, days_of_plan, would_change
from calltime_server.jobs.difference import Difference, changes_of
from calltime_server.jobs.take_file import LookedAtOtherwise, as_rows, take_as_looked_at
from calltime_server.rights import Right, require
from calltime_server.store.connection import Connection
from calltime_server.store.periods import list_periods
from calltime_server.store.waiting_files import WaitingFile, keep_file, read_file
from calltime_server.visits.written import as_sheet
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

AT_MOST_BYTES = 64 * 2**20
SHOWN = 100
WORDS: dict[Brought, str] = {
    "plan": N_("Planned visits"),
    "package": N_("Packages of care"),
    "block": N_("Blocks of hours"),
    "provider": N_("Providers and fund holders"),
    "carer_provider": N_("Carers and whom they work for"),
    "journey": N_("Journeys between homes"),
}
BACK: dict[Brought, str] = {
    "plan": "/plan",
    "package": "/plan/agreed/packages",
    "block": "/plan/agreed/blocks",
    "provider": "/plan/agreed/providers",
    "carer_provider": "/carers",
    "journey": "/plan/agreed/journeys",
}
# How columns are called in the file, where the record calls them otherwise.
IN_FILE = {"planned_start": "start", "planned_minutes": "minutes", "budget_pence": "budget_pounds"}
NO_FILE = N_("No file was chosen. Choose the CSV file that is to be brought.")
TOO_LARGE = N_("The file has more than 64 MB. Divide it, and bring its parts one after another.")
NO_KIND = N_("What the file holds was not chosen. Choose it from the list.")
GONE = N_(
    "This file does not wait any more: it was brought more than twelve hours ago, or by somebody else. Nothing of it was taken. "
    "Bring it again."
)
CHANGED = N_("The plan or the agreements have changed since you looked, so nothing was taken. This is what the file would change now.")


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the three steps."""

    @pages.get("/plan/bring")
    def ask(request: Request, what: str = "plan") -> HTMLResponse:
        require(seat_of(request).seated.who, Right.PLAN)
        return _form(request, what=what)

    @pages.post("/plan/bring")
    def bring(
        request: Request,
        what: Annotated[str, Form()] = "",
        removing: Annotated[str, Form()] = "",
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        content = file.file.read(AT_MOST_BYTES + 1) if file is not None else b""
        wrong = _wrong(what, content)
        kind = _kind(what)
        with office.open(request, Right.PLAN, "brought a file to look at", {"what": what, "bytes": len(content)}) as connection:
            if wrong or kind is None or file is None:
                return _form(request, what=what, removing=bool(removing), wrong=wrong)
            cleaning = bool(removing) and kind == "plan"
            found = would_change(connection, content, kind, removing=cleaning, now=office.now())
            if not isinstance(found, Difference):
                return _form(request, what=what, removing=cleaning, faults=found, name=file.filename or "")
            who, name = seat_of(request).seated.who, (file.filename or "").replace("\0", "")[:200]
            number = keep_file(connection, content, what=kind, name=name, removing=cleaning, who=who, now=office.now())
        return RedirectResponse(f"/plan/bring/{number}", HTTPStatus.SEE_OTHER)

    @pages.get("/plan/bring/{number}")
    def look(request: Request, number: int) -> HTMLResponse:
        return _look(request, office, number)

    @pages.get("/plan/bring/{number}/difference.csv")
    def download(request: Request, number: int) -> Response:
        with office.open(request, Right.PLAN, "fetched what a file would change", {"file": number}) as connection:
            waiting = read_file(connection, _small(number), now=office.now())
            kind = _kind(waiting.what) if waiting else None
            if waiting is None or waiting.taken_at or kind is None:
                raise _gone()
            found = would_change(connection, waiting.content, kind, removing=waiting.removing, now=office.now())
        if not isinstance(found, Difference):
            raise _gone()
        headers = {"Content-Disposition": f'attachment; filename="difference-{number}.csv"'}
        return Response(as_sheet(as_rows(found)), media_type="text/csv; charset=utf-8", headers=headers)

    @pages.post("/plan/bring/{number}")
    def take(request: Request, number: int, digest: Annotated[str, Form()] = "") -> Response:
        try:
            with office.open(request, Right.PLAN, "took a file", {"file": number, "digest": digest[:64]}) as connection:
                who = seat_of(request).seated.who
                waiting = read_file(connection, _small(number), now=office.now(), locking=True)
                if waiting is None:
                    raise _gone()
                if waiting.taken_at is None:
                    take_as_looked_at(connection, waiting, digest=digest, by=who.name, clock=office.now)
        except LookedAtOtherwise:
            return _look(request, office, number, status=HTTPStatus.CONFLICT, told=CHANGED)
        return RedirectResponse(f"/plan/bring/{number}", HTTPStatus.SEE_OTHER)


def _look(request: Request, office: Office, number: int, *, status: HTTPStatus = HTTPStatus.OK, told: str = "") -> HTMLResponse:
    with office.open(request, Right.PLAN, "looked at what a file would change", {"file": number}) as connection:
        waiting = read_file(connection, _small(number), now=office.now())
        kind = _kind(waiting.what) if waiting else None
        if waiting is None or kind is None:
            raise _gone()
        if waiting.taken_at:
            return render(request, "brought_file.html", waiting=waiting, words=WORDS[kind], back=BACK[kind])
        found = would_change(connection, waiting.content, kind, removing=waiting.removing, now=office.now())
        closed = _closed_days(connection, found) if kind == "plan" and isinstance(found, Difference) else []
    if not isinstance(found, Difference):
        return _form(request, what=kind, removing=waiting.removing, faults=found, name=waiting.name)
    return render(request, "dry_run.html", status=status, told=told, closed=closed, in_file=IN_FILE, **_shown(waiting, kind, found))


def _closed_days(connection: Connection, found: Difference) -> list[date]:
    """The days of this plan's visits whose pay period takes in nothing more: what changes there is paid by a later run."""
    closed = [each for each in list_periods(connection) if not each.changeable]
    return [day for day in days_of_plan(found) if any(each.first_day <= day <= each.last_day for each in closed)]


def _shown(waiting: WaitingFile, kind: Brought, found: Difference) -> dict[str, Any]:
    rows = zip(found.before.iter_rows(named=True), found.after.iter_rows(named=True), strict=True)
    changed = [
        {
            "key": " · ".join(str(after[name]) for name in found.key),
            "changes": changes_of(before, after),
            "touched": after[found.key[0]] in found.touched,
        }
        for before, after in rows
    ]
    return {
        "waiting": waiting,
        "words": WORDS[kind],
        "back": BACK[kind],
        "found": found,
        "changed": changed[:SHOWN],
        "added": found.added.head(SHOWN).to_dicts(),
        "removed": found.removed.head(SHOWN).to_dicts(),
        "columns": found.added.columns,
        "most": SHOWN,
    }


def _form(
    request: Request,
    *,
    what: str,
    removing: bool = False,
    wrong: dict[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
    name: str = "",
) -> HTMLResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if wrong or faults else HTTPStatus.OK
    given = {"what": what, "removing": removing, "wrong": wrong or {}, "faults": faults, "name": name}
    kinds = [(kind, WORDS[kind]) for kind in BROUGHT]
    return render(request, "bring.html", status=status, kinds=kinds, columns=COLUMNS, most=SHOWN, **given)


def _wrong(what: str, content: bytes) -> dict[str, str]:
    wrong = {} if _kind(what) else {"what": NO_KIND}
    if not content:
        wrong["file"] = NO_FILE
    elif len(content) > AT_MOST_BYTES:
        wrong["file"] = TOO_LARGE
    return wrong


def _kind(what: str) -> Brought | None:
    return next((kind for kind in get_args(Brought) if kind == what), None)


def _small(number: int) -> int:
    """A number that is larger than any file's asks for none."""
    return number if 0 < number < 2**31 else 0


def _gone() -> Trouble:
    return Trouble(HTTPStatus.NOT_FOUND, N_("This file is not here"), GONE)
