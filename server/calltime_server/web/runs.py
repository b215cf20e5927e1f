"""How do pay periods and their runs stand, and what does a run come to?"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from calltime_server.rights import Right
from calltime_server.store.connection import Connection
from calltime_server.store.locking import read_lock
from calltime_server.store.next_period import next_period
from calltime_server.store.periods import read_life
from calltime_server.store.run_differences import read_differences, runs_of_lines
from calltime_server.store.run_figures import list_run_rows, read_run_figures
from calltime_server.store.run_lines import Wanted, read_moved, read_run_lines, read_taken_back
from calltime_server.store.run_steps import may_take
from calltime_server.store.runs import Change, RunFacts, RunRefused, read_changes, read_run_facts
from calltime_server.store.work import work_on_run
from calltime_server.web import run_actions
from calltime_server.web.actuals import NAMED, OUTCOMES
from calltime_server.web.language import N_, translations
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.run_files import lacking
from calltime_server.web.run_shown import FORMAT_WORDS, STATES, lines_shown, run_shown, said_of, sums_of
from calltime_server.web.trouble import Trouble

ON_A_PAGE = 26
PAGE = 50
DONE = {
    "send": N_("The provider can look at the run now."),
    "return": N_("The run is a draft again."),
    "approve": N_("The run is approved. It does not change any more: late news goes into the next open period."),
    "paid": N_("It is noted that the run was paid."),
    "open": N_("The pay period is open. What is settled for its days goes into its run."),
    "close": N_("The pay period is closed."),
}


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/runs")
    def runs(request: Request, before: int | None = None, done: str = "") -> HTMLResponse:
        return show_runs(request, office, before=before, done=done)

    @pages.get("/runs/{run}")
    def run(request: Request, run: int, done: str = "") -> HTMLResponse:
        return show_run(request, office, run, done=done)

    @pages.get("/runs/{run}/lines")
    def lines(
        request: Request, run: int, provider: str = "", outcome: str = "", reason: str = "", differences: bool = False, after: int = 0
    ) -> HTMLResponse:
        wanted = Wanted(
            provider=provider or None, outcome=outcome if outcome in NAMED else None, reason=reason or None, differences=differences,
            after=after,
        )  # fmt: skip
        about = {"run": run, "provider": provider, "outcome": outcome, "reason": reason}
        with office.open(request, Right.SEE_RUNS, "looked at the lines of a run", about) as connection:
            facts = found(connection, run)
            frame = read_run_lines(connection, run, wanted, at_most=PAGE + 1)
            figures = read_run_figures(connection, run)
            taken = read_differences(connection, run, wanted) if any(each.differences for each in figures) else ()
            reversed_lines = [line for line in frame["reverses"] if line is not None]
            stands_in = runs_of_lines(connection, reversed_lines) if reversed_lines else {}
        rows = lines_shown(frame.head(PAGE).iter_rows(named=True))
        return render(
            request, "run_lines.html", run=facts, wanted=wanted, rows=rows, outcomes=OUTCOMES, states=STATES,
            next=rows[-1]["line"] if frame.height > PAGE else None, reason=said_of(reason) if reason else None,
            stands_in=stands_in, sums=sums_of(figures, taken, wanted),
            providers=sorted({each.provider for each in figures}),
            reasons=sorted({(each.reason, said_of(each.reason)) for each in figures}),
        )  # fmt: skip

    run_actions.add_to(pages, office, show_run=show_run, show_runs=show_runs)


def show_runs(
    request: Request, office: Office, *, before: int | None = None, done: str = "", faults: dict[str, str] | None = None,
    typed: dict[str, str] | None = None,
) -> HTMLResponse:  # fmt: skip
    """The list of runs, with the form by which the next period is opened; with its faults, if it had any."""
    with office.open(request, Right.SEE_RUNS, "looked at the runs") as connection:
        rows = list_run_rows(connection, before=before, at_most=ON_A_PAGE + 1)
        proposed = next_period(connection, office.terms)
    return render(
        request, "runs.html", status=HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK, rows=rows[:ON_A_PAGE],
        next=rows[ON_A_PAGE - 1].run if len(rows) > ON_A_PAGE else None, proposed=proposed, states=STATES, outcomes=OUTCOMES,
        faults=in_words(request, faults), typed=typed or {}, done=DONE.get(done),
        may_prepare=seat_of(request).seated.who.may(Right.PREPARE),
    )  # fmt: skip


def show_run(
    request: Request, office: Office, run: int, *, done: str = "", faults: dict[str, str] | None = None,
    typed: dict[str, str] | None = None, refused: str = "",
) -> HTMLResponse:  # fmt: skip
    """A run; with the faults of a form of its page, or why a step was refused."""
    who = seat_of(request).seated.who
    with office.open(request, Right.SEE_RUNS, "looked at a run", {"run": run}) as connection:
        facts = found(connection, run)
        figures = read_run_figures(connection, run)
        changes = read_changes(connection, run)
        sent = _last_sent(changes) if facts.state in ("draft", "with_provider") else None
        moved = read_moved(connection, run, through=sent.through) if sent and sent.through != facts.through else ()
        under_way = work_on_run(connection, run)
        taken_back = read_taken_back(connection, run)
        takes_back = read_differences(connection, run, Wanted()) if any(each.differences for each in figures) else ()
        life, lock = read_life(connection, run), read_lock(connection, now=office.now())
        lack = lacking(connection, figures, office.finance) if who.may(Right.EXPORT) else {}
    announced = lock.next_through is not None and facts.first_day <= lock.next_through
    bad = faults or refused
    return render(
        request, "run.html", status=HTTPStatus.UNPROCESSABLE_ENTITY if bad else HTTPStatus.OK, run=facts, shown=run_shown(figures),
        changes=changes, sent=sent, moved=moved, life=life, closed=life.closed_at is not None,
        mended_until=lock.next_at if announced else None, takes_back=takes_back, lack=lack,
        steps=may_take(who, facts), may_prepare=who.may(Right.PREPARE), may_export=who.may(Right.EXPORT),
        under_way=under_way, taken_back=taken_back, states=STATES, outcomes=OUTCOMES, named=NAMED, said_of=said_of, formats=FORMAT_WORDS,
        faults=in_words(request, faults), typed=typed or {}, refused=refused, done=DONE.get(done),
    )  # fmt: skip


def _last_sent(changes: tuple[Change, ...]) -> Change | None:
    return next((change for change in reversed(changes) if change.state == "with_provider"), None)


def found(connection: Connection, run: int) -> RunFacts:
    """The run, or the page that says that there is none."""
    try:
        return read_run_facts(connection, run)
    except RunRefused as none:
        says = N_("There is no run with this number. Look it up under Periods and runs.")
        raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such run"), says) from none


def in_words(request: Request, faults: dict[str, str] | None) -> dict[str, str]:
    """The faults of a form in the person's language."""
    said = translations(seat_of(request).language).gettext
    return {name: said(says) for name, says in (faults or {}).items()}
