"""What does a carer see of her own visits?"""

from __future__ import annotations

from datetime import date, timedelta

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from calltime_server.rights import Right
from calltime_server.store.logged import Row, Wanted, read_visits
from calltime_server.store.own_entries import entries_of_own
from calltime_server.visits.civil_day import day_of
from calltime_server.web.office import Office
from calltime_server.web.rendering import render
from calltime_server.web.visit_log import shown
from calltime_server.web.wanted import read_day

AT_MOST = 500
"""More than anybody can make in a week."""
A_WEEK = timedelta(days=7)


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/own")
    def own(request: Request, week: str = "") -> HTMLResponse:
        today = day_of(office.now())
        asked = read_day(week) or today
        first = asked - timedelta(days=asked.weekday())
        last = first + A_WEEK - timedelta(days=1)
        with office.open(request, Right.SEE_OWN, "looked at own visits", {"from": first, "to": last}) as connection:
            # The database shows no others than this carer's.
            rows = read_visits(connection, Wanted(first=first, last=last), now=office.now(), after=None, limit=AT_MOST)
            entries = entries_of_own(connection, first=first, last=last)
        days = [_day(first + timedelta(days=number), rows) for number in range(7)]
        around = [f"/own?week={first + by}" for by in (-A_WEEK, A_WEEK)]
        # Of a week with today in it today comes first: that is what a carer looks for.
        days.sort(key=lambda each: (each["day"] != today, each["day"]))
        return render(request, "own.html", days=days, entries=entries, first=first, last=last, today=today, around=around)


def _day(day: date, rows: list[Row]) -> dict[str, object]:
    """A day of one carer: the visits in the order of their starts, what came of them, and the time between them."""
    visits = sorted(
        shown([row for row in rows if row["day"] == day]), key=lambda row: row["started"] or row["ended"] or row["planned_start"]
    )
    before = [None, *visits][: len(visits)]
    return {
        "day": day,
        "visits": [row | {"gap": _gap(last, row)} for last, row in zip(before, visits, strict=True)],
        "contact": sum(row["contact_seconds"] for row in visits),
        "waiting": sum(row["waiting_seconds"] for row in visits),
        "between": sum(_gap(last, row) or 0 for last, row in zip(before, visits, strict=True)),
    }


def _gap(before: Row | None, row: Row) -> int | None:
    """Seconds from the stop before to this start; None where one of them is missing, or where they lie over each other."""
    if before is None or before["ended"] is None or row["started"] is None or row["started"] < before["ended"]:
        return None
    return int((row["started"] - before["ended"]).total_seconds())
