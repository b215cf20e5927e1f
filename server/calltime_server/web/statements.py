"""What does a statement say: what a run comes to for a provider, line by line with how it came about?"""

from __future__ import annotations

from collections.abc import Iterator

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from calltime_server.rights import Right, Role
from calltime_server.store.compliance import read_deadline
from calltime_server.store.run_figures import list_run_rows, read_run_figures
from calltime_server.store.run_lines import PAGE, Wanted, read_run_lines, read_taken_back, stream_run
from calltime_server.web import day_actuals
from calltime_server.web.actuals import NAMED, OUTCOMES
from calltime_server.web.locks_next import locks_next_of
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.run_shown import STATES, lines_shown, run_shown
from calltime_server.web.runs import ON_A_PAGE, found

PRINTED = 2000
"""Lines of a statement that is printed: some ninety sheets. Who needs more takes the file."""


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/statements")
    def statements(request: Request, before: int | None = None) -> HTMLResponse:
        with office.open(request, Right.SEE_PAY, "looked at the statements") as connection:
            rows = list_run_rows(connection, before=before, at_most=ON_A_PAGE + 1)
            locks = locks_next_of(connection, seat_of(request).seated.who, now=office.now())
        of_provider = seat_of(request).seated.who.role is Role.PROVIDER
        next_page = rows[ON_A_PAGE - 1].run if len(rows) > ON_A_PAGE else None
        return render(
            request, "statements.html", rows=rows[:ON_A_PAGE], next=next_page, states=STATES, locks=locks, of_provider=of_provider
        )

    @pages.get("/statements/{run}")
    def statement(request: Request, run: int, provider: str = "", outcome: str = "", after: int = 0, printed: bool = False) -> HTMLResponse:
        # A provider has one statement, its own; the database would show it no other.
        of = seat_of(request).seated.who.provider or provider or None
        wanted = Wanted(provider=of, outcome=outcome if outcome in NAMED else None, after=after)
        most = PRINTED if printed else PAGE
        about = {"run": run, "provider": of}
        with office.open(request, Right.SEE_PAY, "looked at a statement", about) as connection:
            facts = found(connection, run)
            figures = read_run_figures(connection, run)
            taken_back = read_taken_back(connection, run)
            of_provider = seat_of(request).seated.who.role is Role.PROVIDER
            deadline = read_deadline(connection, provider=None, now=office.now()) if of_provider else None
            frame = read_run_lines(connection, run, wanted, at_most=most + 1)
        rows = lines_shown(frame.head(most).iter_rows(named=True))
        more = frame.height > most
        return render(
            request, "statement.html", run=facts, provider=of, choices=sorted({each.provider for each in figures}), wanted=wanted,
            shown=run_shown([each for each in figures if of is None or each.provider == of]), rows=rows, outcomes=OUTCOMES, states=STATES,
            taken_back=taken_back, of_provider=of_provider, deadline=deadline,
            next=rows[-1]["line"] if more and not printed else None, cut=more and printed, printed=printed,
        )  # fmt: skip

    @pages.get("/statements/{run}/lines.csv")
    def lines(request: Request, run: int, provider: str = "") -> Response:
        seated = seat_of(request).seated
        of = seated.who.provider or provider or None
        with office.open(request, Right.SEE_PAY, "fetched the lines of a run", {"run": run, "provider": of}) as connection:
            facts = found(connection, run)

        def parts() -> Iterator[bytes]:
            # Noted above. Opened when the first part is asked for, so that nobody who turns away keeps a connection.
            with office.database.as_person(seated.who) as connection:
                yield from stream_run(connection, run, through=facts.through, provider=of, form="csv")

        headers = {"Content-Disposition": f'attachment; filename="run-{run}.csv"'}
        return StreamingResponse(parts(), media_type="text/csv; charset=utf-8", headers=headers)

    day_actuals.add_to(pages, office)
