"""What may a person do to a run or a pay period? Each form of their pages: it is done, or the page says why not."""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Protocol, get_args

from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.rights import Right
from calltime_server.store.next_period import refuse_half_periods
from calltime_server.store.periods import PeriodRefused
from calltime_server.store.run_steps import NEEDS, Seen, Step, begin_period, take_step
from calltime_server.store.runs import RunRefused, read_run_facts
from calltime_server.store.work import ask_for_work
from calltime_server.web.from_to import NOT_A_DAY
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.run_shown import FORMAT_WORDS

DID = {
    "send": "sent a run to the provider",
    "return": "made a run a draft again",
    "approve": "approved a run",
    "paid": "noted that a run was paid",
}
SAY_WHY = N_("Say why, in a sentence: it is kept with the run.")


class ShowRun(Protocol):
    """The page of a run, with what was wrong."""

    def __call__(
        self, request: Request, office: Office, run: int, *, faults: dict[str, str] | None = None, typed: dict[str, str] | None = None,
        refused: str = "",
    ) -> HTMLResponse: ...  # fmt: skip


class ShowRuns(Protocol):
    """The list of runs, with what was wrong."""

    def __call__(
        self, request: Request, office: Office, *, faults: dict[str, str] | None = None, typed: dict[str, str] | None = None
    ) -> HTMLResponse: ...


Text = Annotated[str, Form()]


def add_to(pages: FastAPI, office: Office, *, show_run: ShowRun, show_runs: ShowRuns) -> None:
    """Add what the forms of these pages ask for."""

    @pages.post("/runs")
    def open_next(request: Request, first_day: Text = "", last_day: Text = "") -> Response:
        first, last = _day(first_day), _day(last_day)
        read = (("first_day", first_day, first), ("last_day", last_day, last))
        faults = {name: NOT_A_DAY if text.strip() else N_("Choose a day.") for name, text, day in read if day is None}
        if first and last:
            about = {"first_day": first, "last_day": last}
            try:
                with office.open(request, Right.PREPARE, "opened a pay period", about) as connection:
                    refuse_half_periods(office.terms, first, last)
                    begin_period(connection, first_day=first, last_day=last, who=seat_of(request).seated.who, now=office.now())
                return _to("/runs?done=open")
            except (PeriodRefused, RunRefused) as refused:
                faults = {"first_day": str(refused)}
        return show_runs(request, office, faults=faults, typed={"first_day": first_day, "last_day": last_day})

    @pages.post("/runs/{run}/step")
    def step(
        request: Request, run: int, step: Text = "", why: Text = "", state: Text = "", through: Text = "", pence: Text = ""
    ) -> Response:
        wanted = next((each for each in get_args(Step) if each == step), None)
        seen = _seen(state, through, pence)
        if wanted is None or seen is None:
            return show_run(request, office, run, refused=N_("This form was not whole. Nothing was changed. Choose what to do again."))
        if not why.strip():
            return show_run(request, office, run, faults={f"why-{wanted}": SAY_WHY})
        who = seat_of(request).seated.who
        right = next((each for each in NEEDS[wanted] if who.may(each)), NEEDS[wanted][0])
        try:
            with office.open(request, right, DID[wanted], {"run": run, "why": why}) as connection:
                take_step(connection, run, step=wanted, why=why, seen=seen, who=who, now=office.now())
        except RunRefused as refused:
            return show_run(request, office, run, refused=str(refused), typed={f"why-{wanted}": why})
        return _to(f"/runs/{run}?done={wanted}")

    @pages.post("/runs/{run}/settle")
    def settle(request: Request, run: int) -> Response:
        with office.open(request, Right.PREPARE, "asked to settle the days of a run", {"run": run}) as connection:
            facts = read_run_facts(connection, run)
            asked = {"run": run, "first_day": facts.first_day, "last_day": facts.last_day}
            number = ask_for_work(connection, "settle", asked, who=seat_of(request).seated.who, now=office.now())
        return _to(f"/work/{number}")

    @pages.post("/runs/{run}/export")
    def export(request: Request, run: int, formats: Annotated[list[str], Form()] = []) -> Response:  # noqa: B006 (FastAPI reads it, nobody changes it)
        chosen = [name for name in FORMAT_WORDS if name in formats]
        if not chosen:
            return show_run(request, office, run, faults={"formats": N_("Choose at least one kind of file.")})
        with office.open(request, Right.EXPORT, "asked for the files of a run", {"run": run, "formats": chosen}) as connection:
            asked = {"run": run, "formats": chosen}
            number = ask_for_work(connection, "export", asked, who=seat_of(request).seated.who, now=office.now())
        return _to(f"/work/{number}")

    @pages.post("/runs/{run}/bundle")
    def bundle(request: Request, run: int) -> Response:
        with office.open(request, Right.SEE_RUNS, "asked for the bundle of a run", {"run": run}) as connection:
            number = ask_for_work(connection, "bundle", {"run": run}, who=seat_of(request).seated.who, now=office.now())
        return _to(f"/work/{number}")


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 2000 <= day.year <= 2099 else None


def _seen(state: str, through: str, pence: str) -> Seen | None:
    try:
        return Seen(state=state, through=int(through), pence=int(pence))
    except ValueError:
        return None
