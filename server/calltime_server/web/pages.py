"""Which pages are there? The visit log for providers, the actuals for councils, and every line's explanation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from importlib import resources
from pathlib import Path
from urllib.parse import urlencode

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from fastapi.staticfiles import StaticFiles

from calltime_server.faults import Fault
from calltime_server.payment.spanning import in_force
from calltime_server.payment.terms import Terms
from calltime_server.store.asked import Asked, read_asked
from calltime_server.store.connection import Connection, DatabaseAway, SchemaMissing, connect
from calltime_server.store.looking import planned_start_of, read_actuals, read_latest_settlement, require_schema
from calltime_server.store.span import all_of, settle_day
from calltime_server.visits.civil_day import day_of
from calltime_server.web.actuals import NAMED, OUTCOMES, actuals
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble, answer_with_pages
from calltime_server.web.visit_log import visit_log
from calltime_server.web.visit_story import visit_story


def make_pages(*, dsn: str, terms: Terms | Sequence[Terms], now: Callable[[], datetime]) -> FastAPI:
    """The pages, with their style sheet."""
    pages = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    answer_with_pages(pages)
    pages.mount("/static", StaticFiles(directory=Path(str(resources.files("calltime_server.web") / "static"))))

    @pages.get("/")
    def start() -> RedirectResponse:
        return RedirectResponse("/visits")

    @pages.get("/visits")
    def visits(day: str = "", provider: str = "") -> HTMLResponse:
        with connect(dsn) as connection:
            asked = _read(connection, day, provider)
            settlement = settle_day(connection, day=asked.day, provider=asked.provider, terms=terms)
            settled = set(read_actuals(connection, day=asked.day, provider=asked.provider, outcome=None)["visit_id"])
        log = visit_log(settlement, terms=in_force(all_of(terms), asked.day or day_of(now())), now=now())
        return render("visits.html", asked=asked, log=log, settled=settled, around=_around(asked), query=_query(asked))

    @pages.get("/actuals")
    def day_actuals(day: str = "", provider: str = "", outcome: str = "") -> HTMLResponse:
        with connect(dsn) as connection:
            asked = _read(connection, day, provider, outcome)
            lines = read_actuals(connection, day=asked.day, provider=asked.provider, outcome=None)
            run = read_latest_settlement(connection, day=asked.day) if asked.day else None
        shown = actuals(lines, outcome=asked.outcome)
        return render("actuals.html", asked=asked, shown=shown, run=run, outcomes=OUTCOMES, around=_around(asked), query=_query(asked))

    @pages.get("/actuals/{visit_id:path}")
    def visit(visit_id: str) -> HTMLResponse:
        visit_id = visit_id.replace("\0", "")  # PostgreSQL has no text with this character in it
        with connect(dsn) as connection:
            story = visit_story(connection, visit_id)
            start = planned_start_of(connection, visit_id)
        if story is None:
            raise Trouble(HTTPStatus.NOT_FOUND, "There is no line for this visit", _why_no_line(visit_id, start))
        return render("visit.html", story=story, outcomes=NAMED)

    @pages.get("/healthz")
    def health() -> PlainTextResponse:
        try:
            with connect(dsn) as connection:
                require_schema(connection)
        except DatabaseAway:
            return PlainTextResponse("The database cannot be reached.\n", HTTPStatus.SERVICE_UNAVAILABLE)
        except SchemaMissing:
            return PlainTextResponse("The database has no tables yet. Run calltime-server migrate.\n", HTTPStatus.SERVICE_UNAVAILABLE)
        return PlainTextResponse("The office is ready.\n")

    return pages


def _read(connection: Connection, day: str, provider: str, outcome: str = "") -> Asked:
    asked = read_asked(connection, day=day, provider=provider, outcome=outcome)
    if isinstance(asked, Fault):
        raise Trouble(HTTPStatus.BAD_REQUEST, "This cannot be shown", asked.says)
    return asked


def _query(asked: Asked, **changed: object) -> str:
    """The part of an address after the question mark that asks the same again."""
    wanted = {"day": asked.day, "provider": asked.provider, "outcome": asked.outcome, **changed}
    return urlencode({name: value for name, value in wanted.items() if value})


def _around(asked: Asked) -> tuple[str, str] | None:
    """How the day before and the day after are asked for."""
    if asked.day is None:
        return None
    return _query(asked, day=asked.day - timedelta(days=1)), _query(asked, day=asked.day + timedelta(days=1))


def _why_no_line(visit_id: str, start: datetime | None) -> str:
    if start is None:
        return f"Neither the plan nor the ledger has a visit “{visit_id[:40]}”. Check its id, or look for it in the visit log of its day."
    day = day_of(start)
    return f"The visit {visit_id} is planned and not settled yet. Run calltime-server settle --day {day}, then load this page again."
