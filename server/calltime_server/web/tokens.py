"""Which programs may ask, what may they do, and until when?"""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.people.tokens import LONGEST, make
from calltime_server.rights import RIGHTS, Right
from calltime_server.store.tokens import list_tokens, revoke_token
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

A_PAGE = 50
DAYS = 90

SCOPES = {
    Right.SEE_VISITS: N_("See visits and what is to mend"),
    Right.MEND: N_("Mend visits, with a reason"),
    Right.BRING: N_("Bring visits that another system saw"),
    Right.SEE_PAY: N_("See what is paid and why, and pull the lines of runs"),
    Right.SEE_RUNS: N_("See the days of the next period, and pack a run's bundle"),
    Right.PREPARE: N_("Prepare runs"),
    Right.APPROVE: N_("Approve runs"),
    Right.EXPORT: N_("Hand runs to the finance system"),
    Right.SEE_DOORS: N_("See doors and tags"),
    Right.KEEP_DOORS: N_("Enrol and revoke doors, make tags"),
    Right.SEE_CARERS: N_("See carers"),
    Right.KEEP_CARERS: N_("Keep carers and their badges"),
    Right.COMPARE: N_("See figures of providers side by side"),
    Right.SEE_TERMS: N_("See terms and try them out"),
    Right.SEE_PLAN: N_("See plans, packages and absences"),
    Right.PLAN: N_("Bring plans, packages and absences"),
    Right.ASK_UNLOCK: N_("Ask for a locked day to be opened"),
    Right.KEEP_LOCK: N_("Lock days, and decide who may still mend them"),
    Right.KEEP_REASONS: N_("Keep the list of reasons"),
    Right.KEEP_ALERTS: N_("Keep alerts of late and missed visits"),
    Right.KEEP_HOOKS: N_("Keep webhooks"),
    Right.KEEP_TOKENS: N_("List and revoke tokens"),
    Right.SEE_QUARANTINE: N_("See messages that could not be taken"),
    Right.SEE_AUDIT: N_("Read the audit log"),
    Right.KEEP_PEOPLE: N_("Keep people's accounts"),
    Right.SUBJECT_ACCESS: N_("Fetch all that is held of one person"),
}
"""What each scope lets a program do. Carers' own right is not here: programs do not act as carers."""
DONE = {"revoked": N_("The token was revoked. Nobody is let in with it any more.")}


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    def _page(request: Request, typed: dict[str, object], faults: dict[str, str], before: int | None = None) -> HTMLResponse:
        with office.open(request, Right.KEEP_TOKENS, "looked at the tokens") as connection:
            found = list_tokens(connection, before=before, limit=A_PAGE + 1)
        own = RIGHTS[seat_of(request).seated.who.role]
        return render(
            request,
            "tokens.html",
            status=HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK,
            tokens=found[:A_PAGE],
            next=f"/settings/tokens?before={found[A_PAGE - 1].number}" if len(found) > A_PAGE else None,
            choices=[(right.value, words) for right, words in SCOPES.items() if right in own],
            words={right.value: words for right, words in SCOPES.items()},
            typed={"called": "", "days": DAYS, "scopes": ()} | typed,
            faults=faults,
            longest=LONGEST.days,
            done=DONE.get(request.query_params.get("done", "")),
        )

    @pages.get("/settings/tokens")
    def tokens(request: Request, before: str = "") -> HTMLResponse:
        return _page(request, {}, {}, int(before) if before.isascii() and before.isdecimal() and len(before) < 19 else None)

    @pages.post("/settings/tokens")
    def make_one(
        request: Request,
        called: Annotated[str, Form()] = "",
        days: Annotated[str, Form()] = "",
        scope: Annotated[list[str], Form()] = [],  # noqa: B006 # FastAPI makes a new one for each request
    ) -> Response:
        faults = faults_of(called, days, scope)
        if faults:
            return _page(request, {"called": called, "days": days, "scopes": scope}, faults)
        scopes = frozenset(Right(each) for each in scope)
        about = {"called": called.strip(), "scopes": sorted(scopes), "days": int(days)}
        who, now = seat_of(request).seated.who, office.now()
        with office.open(request, Right.KEEP_TOKENS, "made a token", about) as connection:
            token, number = make(connection, who, called=called.strip(), scopes=scopes, lasts=timedelta(days=int(days)), now=now)
        # Answered at once and not after a redirect: the token is in no address, and is shown this once.
        ends = now + timedelta(days=int(days))
        return render(request, "token_made.html", status=HTTPStatus.CREATED, token=token, number=number, called=called.strip(), ends=ends)

    @pages.post("/settings/tokens/{number}/revoke")
    def revoke(request: Request, number: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> Response:
        with office.open(request, Right.KEEP_TOKENS, "revoked a token", {"token": number}) as connection:
            if not revoke_token(connection, number, now=office.now()):
                says = N_("Your organisation has no such token. Nothing was changed. Go back to the list and choose again.")
                raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such token"), says)
        return RedirectResponse("/settings/tokens?done=revoked", HTTPStatus.SEE_OTHER)


def faults_of(called: str, days: str, scopes: list[str]) -> dict[str, str]:
    """What must be mended before a token can be made, by field."""
    faults = {}
    if not 0 < len(called.strip()) <= 200 or "\0" in called:
        faults["called"] = N_("Say which program will use the token, in up to 200 letters, so that you know it again in this list.")
    if not (days.isascii() and days.isdecimal() and len(days) < 4 and 0 < int(days) <= LONGEST.days):
        faults["days"] = N_("Write for how many days the token is to work: a whole number from 1 to 366.")
    if not scopes or not set(scopes) <= {right.value for right in SCOPES}:
        faults["scope"] = N_("Choose what the program may do: at least one, and no more than it needs.")
    return faults
