"""Which visits were there?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from calltime_server.rights import Right
from calltime_server.store.amending import amendments_of
from calltime_server.store.connection import Connection
from calltime_server.store.forgotten import forgettings, forgotten_on, gone_says
from calltime_server.store.logged import Row, Sums, Wanted, choices, read_visit, read_visits, sum_visits
from calltime_server.store.logged_csv import csv_of
from calltime_server.store.logged_problems import problems_of_day, problems_of_visit
from calltime_server.store.looking import planned_start_of
from calltime_server.store.reported import reports_of
from calltime_server.store.visit_log import latest_with_visits, planned_of, unlogged
from calltime_server.visits.civil_day import day_of
from calltime_server.web.language import N_
from calltime_server.web.locks_next import locks_next_of
from calltime_server.web.mending import WAY_WORDS
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.timeline import BY, read_lines
from calltime_server.web.trouble import Trouble
from calltime_server.web.visit_log import DELIVERIES, NAMED, ONLY_TOLD, STATES, hours, shown, told_apart
from calltime_server.web.wanted import Question, read_question, write_place

ON_A_PAGE = 50
PRINTED = 500
"""Rows that are printed: a month of a service user with eight carer visits a day has half of that."""
LOOKED = "looked at visits"


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/visits")
    def visits(request: Request) -> HTMLResponse:
        words = dict(request.query_params)
        with office.open(request, Right.SEE_VISITS, LOOKED, words) as connection:
            question = read_question(connection, words, now=office.now())
            if words.get("view") in BY:
                return _timeline(request, connection, office, question, words["view"])
            if words.get("print") and question.wanted.service_user:
                return _printed(request, connection, office, question)
            return _list(request, connection, office, question)

    @pages.get("/visits.csv")
    def as_csv(request: Request) -> StreamingResponse:
        words = dict(request.query_params)
        with office.open(request, Right.SEE_VISITS, "took visits away as CSV", words) as connection:
            question = read_question(connection, words, now=office.now())
        # Part by part as the same person, so that no transaction is held open for as long as somebody's line takes.
        parts: Iterator[str] = csv_of(office.database, seat_of(request).seated.who, question.wanted, now=office.now())
        name = f"visits-{question.wanted.first}{'' if question.wanted.first == question.wanted.last else f'-to-{question.wanted.last}'}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingResponse(parts, media_type="text/csv; charset=utf-8", headers=headers)

    @pages.get("/visits/{visit_id:path}")
    def visit(request: Request, visit_id: str) -> HTMLResponse:
        with office.open(request, Right.SEE_VISITS, "looked at a visit", {"visit": visit_id}) as connection:
            return _visit(request, connection, office, visit_id)


def _list(request: Request, connection: Connection, office: Office, question: Question) -> HTMLResponse:
    """A list of carer visits; of a single day with what it comes to, and with its problems."""
    wanted, now = question.wanted, office.now()
    found = read_visits(connection, wanted, now=now, after=question.after, limit=ON_A_PAGE + 1)
    whole_day = wanted.first == wanted.last and question.after is None
    problems = problems_of_day(connection, wanted, now=now) if whole_day else {}
    sums = sum_visits(connection, wanted, now=now) if whole_day else Sums()
    return render(
        request,
        "visits.html",
        question=question,
        wanted=wanted,
        rows=shown(found[:ON_A_PAGE]),
        printed=question.address(print=1, service_user=whose, q=None) if (whose := _only_service_user(wanted, found)) else None,
        next=question.address(after=write_place((found[ON_A_PAGE - 1]["day"], found[ON_A_PAGE - 1]["place"])))
        if len(found) > ON_A_PAGE
        else None,
        sums=sums,
        hours=hours(sums.by_hour),
        to_mend=told_apart(problems, only_told=False),
        only_told=told_apart(problems, only_told=True),
        locks=locks_next_of(connection, seat_of(request).seated.who, now=now),
        **_asked(connection, question),
        **_latest(connection, office, wanted, empty=not found),
    )


def _latest(connection: Connection, office: Office, wanted: Wanted, *, empty: bool) -> dict[str, Any]:
    """Where there are visits, if there are none here: on the latest day that has any, but for the days that were asked for."""
    latest = latest_with_visits(connection, until=day_of(office.now()), provider=wanted.provider) if empty else None
    return {"latest": None if latest is None or wanted.first <= latest <= wanted.last else latest}


def _only_service_user(wanted: Wanted, rows: list[Row]) -> str | None:
    """Of whom alone these visits are, if somebody asked for one service user."""
    asked = wanted.service_user or wanted.search
    return asked if asked and rows and all(row["service_user"] == asked for row in rows) else None


def _printed(request: Request, connection: Connection, office: Office, question: Question) -> HTMLResponse:
    """The visits of one service user, for paper that anybody can read."""
    wanted = question.wanted
    found = read_visits(connection, wanted, now=office.now(), after=None, limit=PRINTED + 1)
    forgotten = forgotten_on(forgettings(connection, since=wanted.first), wanted.first)
    return render(
        request,
        "visits_printed.html",
        wanted=wanted,
        rows=shown(found[:PRINTED]),
        cut=len(found) > PRINTED,
        question=question,
        forgotten=forgotten,
    )


def _timeline(request: Request, connection: Connection, office: Office, question: Question, by: str) -> HTMLResponse:
    """A day drawn as planned against actual, a row for each carer or for each service user."""
    lines = read_lines(connection, question.wanted, by=BY[by], after=question.words.get("row", ""), now=office.now())
    return render(
        request,
        "visits_timeline.html",
        question=question,
        wanted=question.wanted,
        by=by,
        lines=lines,
        **_asked(connection, question),
        **_latest(connection, office, question.wanted, empty=not lines.rows),
    )


def _asked(connection: Connection, question: Question) -> dict[str, Any]:
    """What the form shows, and where the days around are."""
    wanted = question.wanted
    a_day = timedelta(days=1)
    around = [f"/visits?{question.address(day=day, until=None, row=None)}" for day in (wanted.first - a_day, wanted.last + a_day)]
    known, missing = forgettings(connection, since=wanted.first), unlogged(connection, wanted.first, wanted.last)
    return {
        "choices": choices(connection, wanted.last),
        "states": (*STATES, NAMED["not_planned"]),
        "deliveries": DELIVERIES,
        "around": around,
        "forgotten": forgotten_on(known, wanted.first),
        "gone": [day for day in missing if forgotten_on(known, day)],
        # A day on which nothing is planned is missed by nobody.
        "unlogged": planned_of(connection, [day for day in missing if not forgotten_on(known, day)]),
    }


def _visit(request: Request, connection: Connection, office: Office, visit_id: str) -> HTMLResponse:
    known = "\0" not in visit_id
    rows = read_visit(connection, visit_id, now=office.now()) if known else []
    if not rows:
        planned = planned_start_of(connection, visit_id) if known else None
        if planned is not None:
            forgotten = forgotten_on(forgettings(connection, since=day_of(planned)), day_of(planned))
            if forgotten is not None:
                raise Trouble(HTTPStatus.GONE, N_("The taps of this day were forgotten"), gone_says(forgotten, day_of(planned)))
            says = f"The visit is planned for {day_of(planned):%-d %B %Y}, and that day is not in the visit log yet: {NOT_YET}"
            raise Trouble(HTTPStatus.NOT_FOUND, N_("This visit is not in the log yet"), says)
        says = f"The visit log has no visit “{visit_id[:80]}” that you may see. Look it up in the visit log by its day."
        raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such visit"), says)
    problems = problems_of_visit(connection, visit_id, now=office.now())
    return render(
        request,
        "visit_seen.html",
        visit_id=visit_id,
        rows=shown(rows),
        problems=[each for each in problems if each.kind not in ONLY_TOLD],
        only_told=[each for each in problems if each.kind in ONLY_TOLD],
        amendments=amendments_of(connection, visit_id),
        reports=reports_of(connection, visit_id),
        ways=WAY_WORDS,
        forgotten=forgotten_on(forgettings(connection, since=rows[0]["day"]), rows[0]["day"]),
    )


NOT_YET = "the log keeps itself up to date within a minute while the office is open. If this stays so, tell whoever runs the server."
