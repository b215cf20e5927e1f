"""How is a pay period closed for good? On a page of its own, which says what that means, and what of its run was not done yet."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.rights import Right
from calltime_server.store.periods import CHANGEABLE, PeriodRefused, read_life
from calltime_server.store.run_steps import end_period
from calltime_server.store.runs import RunFacts, RunRefused
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.run_actions import SAY_WHY
from calltime_server.web.runs import found, in_words

Text = Annotated[str, Form()]
NOT_SURE = N_("Tick this if you mean it: a period that is closed cannot be opened again. Otherwise go back.")
NOT_DONE = N_("Tick this if the period is to be closed all the same. Otherwise go back and let that be done first.")
# What was not done yet with the run of a period that is to be closed, by the run's state.
UNDONE = {
    "approved": N_("The run is not exported yet: no files were made for the finance system, so by this run nobody has been paid."),
    "exported": N_("It is not noted yet that the run was paid."),
}


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the page."""

    @pages.get("/runs/{run}/close")
    def ask(request: Request, run: int) -> HTMLResponse:
        return _page(request, office, run)

    @pages.post("/runs/{run}/close")
    def close(request: Request, run: int, why: Text = "", sure: Text = "", undone: Text = "") -> Response:
        typed = {"why": why, "sure": sure, "undone": undone}
        facts, _ = _look(request, office, run)
        faults = _faults(facts, typed)
        if faults:
            return _page(request, office, run, typed=typed, faults=faults)
        try:
            with office.open(request, Right.PREPARE, "closed a pay period", {"run": run, "why": why}) as connection:
                # A run of no pay period has none that begins with it, and that is told.
                first, who = facts.posted_in or facts.first_day, seat_of(request).seated.who
                end_period(connection, first_day=first, why=why, who=who, now=office.now())
        except (PeriodRefused, RunRefused) as refused:
            return _page(request, office, run, typed=typed, refused=str(refused))
        return RedirectResponse(f"/runs/{run}?done=close", HTTPStatus.SEE_OTHER)


def _faults(facts: RunFacts, typed: dict[str, str]) -> dict[str, str]:
    faults = {}
    if not typed["why"].strip():
        faults["why"] = SAY_WHY
    if facts.state in UNDONE and not typed["undone"]:
        faults["undone"] = NOT_DONE
    if not typed["sure"]:
        faults["sure"] = NOT_SURE
    return faults


def _page(
    request: Request,
    office: Office,
    run: int,
    *,
    typed: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
    refused: str = "",
) -> HTMLResponse:
    facts, closed = _look(request, office, run)
    return render(
        request, "run_close.html", status=HTTPStatus.UNPROCESSABLE_ENTITY if faults or refused else HTTPStatus.OK, run=facts,
        closed=closed, early=not facts.posted_in or facts.state in CHANGEABLE, undone=UNDONE.get(facts.state),
        typed=typed or {}, faults=in_words(request, faults), refused=refused,
    )  # fmt: skip


def _look(request: Request, office: Office, run: int) -> tuple[RunFacts, bool]:
    """The run, and whether its period is closed already."""
    with office.open(request, Right.PREPARE, "looked at what closing a pay period means", {"run": run}) as connection:
        return found(connection, run), read_life(connection, run).closed_at is not None
