"""Which visits did a provider's own system bring, what became of them, and how are more brought?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.faults import Fault
from calltime_server.jobs.bring_visits import READERS, Bringing, bring_visits, read_visits
from calltime_server.rights import Right, require
from calltime_server.store.asked import list_providers
from calltime_server.store.brought import list_agreements, list_brought
from calltime_server.store.concerned import of_brought
from calltime_server.store.connection import Connection
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render

A_PAGE = 50
FAULTS_AT_MOST = 100
AT_MOST_BYTES = 8 * 2**20
NO_FILE = N_("No file was chosen. Choose the CSV file that is to be brought.")
TOO_LARGE = N_("The file has more than 8 MB. Divide it, and bring its parts one after another.")
NO_PROVIDER = N_("Whose visits the file holds was not chosen. Choose the provider from the list.")
BECAME = {
    "matched": ("good", "✓", N_("Counts as a planned visit")),
    "not_planned": ("odd", "?", N_("Counts, and nobody planned it")),
    "not_counted": ("mend", "!", N_("Does not count")),
    "replaced": ("open", "↻", N_("Corrected since")),
    "withdrawn": ("open", "×", N_("Withdrawn")),
}
"""How a row stands, by what became of it."""


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/brought")
    def brought(request: Request, before: str = "") -> HTMLResponse:
        with office.open(request, Right.BRING, "looked at brought visits") as connection:
            return _page(request, connection, before=_number(before), told=_told(request))

    @pages.post("/brought")
    def bring(
        request: Request,
        step: Annotated[str, Form()] = "check",
        provider: Annotated[str, Form()] = "",
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        who = seat_of(request).seated.who
        require(who, Right.BRING)  # before the file is read
        whose, dry_run = who.provider or provider, step != "bring"
        did = "checked a file of visits of another system" if dry_run else "brought visits of another system"
        content = file.file.read(AT_MOST_BYTES + 1) if file is not None else b""
        rows, unread = read_visits(content) if 0 < len(content) <= AT_MOST_BYTES else ([], ())

        def about(connection: Connection) -> dict[str, object]:
            return {"provider": whose, **of_brought(connection, whose, (row for _, row in rows))}

        with office.open(request, Right.BRING, did, about) as connection:
            wrong = _wrong(content, known=whose in list_providers(connection) or whose == who.provider)
            if wrong:
                return _page(request, connection, wrong=wrong, provider=whose)
            found = bring_visits(
                connection, rows, provider=whose, by=who.name, for_council=who.provider is None, clock=office.now, dry_run=dry_run,
                unread=unread,
            )  # fmt: skip
            if isinstance(found, tuple) or dry_run:
                faults = found if isinstance(found, tuple) else ()
                told = found if isinstance(found, Bringing) else None
                return _page(request, connection, faults=faults, provider=whose, would=told)
        counts = f"{found.new}-{found.corrected}-{found.withdrawn}-{found.unchanged}-{found.not_agreed}"
        return RedirectResponse(f"/brought?done={counts}", HTTPStatus.SEE_OTHER)


def _page(
    request: Request,
    connection: Connection,
    *,
    before: int | None = None,
    wrong: dict[str, str] | None = None,
    faults: tuple[Fault, ...] = (),
    provider: str = "",
    would: Bringing | None = None,
    told: Bringing | None = None,
) -> HTMLResponse:
    own = seat_of(request).seated.who.provider
    found = list_brought(connection, provider=own, before=before, limit=A_PAGE + 1)
    agreed = [each for each in list_agreements(connection) if own in (None, each.provider)]
    return render(
        request,
        "brought.html",
        status=HTTPStatus.UNPROCESSABLE_ENTITY if wrong or faults else HTTPStatus.OK,
        visits=found[:A_PAGE],
        next=f"/brought?before={found[A_PAGE - 1].brought}" if len(found) > A_PAGE else None,
        agreed=agreed,
        own=own,
        may_agree=seat_of(request).seated.who.may(Right.PREPARE),
        providers=[] if own else list_providers(connection),
        provider=provider,
        columns=tuple(READERS),
        wrong=wrong or {},
        faults=faults,
        most=FAULTS_AT_MOST,
        would=would,
        told=told,
        became={name: {"name": colour, "symbol": symbol, "words": words} for name, (colour, symbol, words) in BECAME.items()},
    )


def _wrong(content: bytes, *, known: bool) -> dict[str, str]:
    wrong = {} if known else {"provider": NO_PROVIDER}
    if not content:
        return wrong | {"file": NO_FILE}
    return wrong | {"file": TOO_LARGE} if len(content) > AT_MOST_BYTES else wrong


def _told(request: Request) -> Bringing | None:
    """What was just brought, as the redirect says it."""
    parts = request.query_params.get("done", "").split("-")
    if len(parts) != 5 or not all(part.isascii() and part.isdecimal() and len(part) < 7 for part in parts):
        return None
    new, corrected, withdrawn, unchanged, not_agreed = map(int, parts)
    return Bringing(new=new, corrected=corrected, withdrawn=withdrawn, unchanged=unchanged, not_agreed=not_agreed)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
