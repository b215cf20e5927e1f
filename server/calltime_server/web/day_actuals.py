"""What was paid for a day, line by line, and why for each visit?"""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from calltime_server.rights import Right
from calltime_server.store.amending import amendments_of
from calltime_server.store.day_lines import PAGE, Wanted, read_day_figures, read_day_lines
from calltime_server.store.door_health import doors_seen
from calltime_server.store.logged import read_visit
from calltime_server.store.looking import planned_start_of, read_actuals, read_latest_settlement
from calltime_server.store.periods import run_of_day
from calltime_server.store.reasons import list_reasons
from calltime_server.visits.civil_day import day_of
from calltime_server.visits.written import as_sheet
from calltime_server.web.actuals import NAMED, OUTCOMES, actuals
from calltime_server.web.asked import around, query_of, read_page
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.run_shown import lines_shown
from calltime_server.web.trouble import Trouble
from calltime_server.web.visit_story import moved_since, visit_story


def add_to(pages: FastAPI, office: Office) -> None:
    """Add these pages."""

    @pages.get("/actuals")
    def day_actuals(
        request: Request, day: str = "", provider: str = "", outcome: str = "", reason: str = "", zone: str = "", carer: str = "",
        service_user: str = "", after: str = "",
    ) -> HTMLResponse:  # fmt: skip
        about = {"day": day, "provider": provider, "carer": carer, "service_user": service_user}
        of = {"reason": _text(reason), "zone": _text(zone), "carer": _text(carer), "service_user": _text(service_user)}
        with office.open(request, Right.SEE_PAY, "looked at the actuals of a day", about) as connection:
            asked = read_page(connection, day, provider, outcome)
            if asked.day is None:
                return render(request, "actuals.html", asked=asked, outcomes=OUTCOMES, around=None, of=of)
            wanted = Wanted(day=asked.day, provider=asked.provider, outcome=asked.outcome, after=_after(after), **of)
            figures = read_day_figures(connection, asked.day, provider=asked.provider)
            frame = read_day_lines(connection, wanted, at_most=PAGE + 1)
            run = read_latest_settlement(connection, day=asked.day)
            may_prepare = seat_of(request).seated.who.may(Right.PREPARE)
            own_run = run_of_day(connection, asked.day) if may_prepare else None
        rows = lines_shown(frame.head(PAGE).iter_rows(named=True))
        query = query_of(asked, **of)
        return render(
            request, "actuals.html", asked=asked, shown=actuals(figures), rows=rows, run=run, outcomes=OUTCOMES, around=around(asked),
            query=query_of(asked), of=of, later=bool(after),
            may_prepare=may_prepare, own_run=own_run,
            next=f"/actuals?{query}&{urlencode({'after': _place(rows[-1])})}" if frame.height > PAGE else None,
        )  # fmt: skip

    @pages.get("/actuals.csv")
    def as_file(request: Request, day: str = "", provider: str = "", outcome: str = "") -> Response:
        with office.open(request, Right.SEE_PAY, "fetched the actuals of a day", {"day": day, "provider": provider}) as connection:
            asked = read_page(connection, day, provider, outcome)
            frame = read_actuals(connection, day=asked.day, provider=asked.provider, outcome=asked.outcome)
        headers = {"Content-Disposition": f'attachment; filename="actuals-{asked.day or "nothing-planned"}.csv"'}
        return Response(as_sheet(frame), media_type="text/csv; charset=utf-8", headers=headers)

    @pages.get("/actuals/{visit_id:path}")
    def visit(request: Request, visit_id: str) -> HTMLResponse:
        visit_id = visit_id.replace("\0", "")  # PostgreSQL has no text with this character in it
        with office.open(request, Right.SEE_PAY, "looked at the payment of a visit", {"visit": visit_id}) as connection:
            story = visit_story(connection, visit_id)
            start = planned_start_of(connection, visit_id)
            amendments = amendments_of(connection, visit_id)
            logged = read_visit(connection, visit_id, now=office.now())
            tapped_at = {each.tap.device for line in story.lines for each in line.evidence} if story is not None else set()
            doors = doors_seen(connection, tapped_at) if seat_of(request).seated.who.may(Right.SEE_DOORS) else frozenset()
            reasons = {each.code: each.in_language(seat_of(request).language) for each in list_reasons(connection, archived=True)}
        if story is None:
            raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no line for this visit"), _why_no_line(visit_id, start))
        moved = moved_since(story, logged)
        return render(request, "visit.html", story=story, amendments=amendments, outcomes=NAMED, moved=moved, reasons=reasons, doors=doors)


def _text(asked: str) -> str | None:
    return asked.replace("\0", "").strip() or None


def _place(row: dict[str, Any]) -> str:
    """Where a page ends: carer, start and visit of its last line."""
    return f"{row['carer_no']} {row['planned_start'].isoformat()} {row['visit_id']}"


def _after(text: str) -> tuple[datetime, str, int] | None:
    carer_no, _, rest = text.replace("\0", "").partition(" ")
    start, _, visit_id = rest.partition(" ")
    try:
        read = datetime.fromisoformat(start)
        return (read, visit_id, int(carer_no[:2])) if read.tzinfo is not None else None
    except ValueError:
        return None


def _why_no_line(visit_id: str, start: datetime | None) -> str:
    if start is None:
        return f"Neither the plan nor the ledger has a visit “{visit_id[:40]}”. Check its id, or look for it in the visit log of its day."
    day = day_of(start)
    return f"The visit {visit_id} is planned for {day:%-d %B %Y} and not settled yet: an officer settles its day from the page of its run."
