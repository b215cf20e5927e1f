"""How does the day stand now?"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, StreamingResponse

from calltime_server.rights import Right, Role, require
from calltime_server.store.alerts import read_alerts
from calltime_server.store.connection import Connection
from calltime_server.store.locking import waiting_unlocks
from calltime_server.store.logged import choices
from calltime_server.store.logged_now import QUEUES, count_now, read_now
from calltime_server.store.periods import list_periods
from calltime_server.store.visit_log import latest_with_visits
from calltime_server.visits.civil_day import day_of, span_of
from calltime_server.web.alert_told import told_of
from calltime_server.web.language import N_
from calltime_server.web.locks_next import locks_next_of
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.visit_log import NAMED, State, shown

AT_MOST = 50
"""Rows of a queue that are shown; the whole day is in the visit log."""
HEADINGS = {
    "late": N_("Late"),
    "due": N_("Due next"),
    "here": N_("Here now"),
    "missed": N_("Missed"),
    "mend": N_("Start or stop missing"),
    "unplanned": N_("Not planned"),
    "told": N_("Not made, with a reason"),
    "done": N_("Done"),
}
LOOKS: dict[str, State] = {queue: NAMED[states[0]] for queue, states in QUEUES.items()}


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/today")
    def today(request: Request, queue: str = "", provider: str = "") -> HTMLResponse:
        with office.open(request, Right.SEE_VISITS, "looked at today", {"queue": queue, "provider": provider}) as connection:
            providers = choices(connection, day_of(office.now()))["provider"] if _is_of_council(request) else ()
            part = _part(connection, office, queue, provider) | _alerts(request, connection, office)
            locks = locks_next_of(connection, seat_of(request).seated.who, now=office.now())
            # Officers answer what providers ask; it would wait unseen on their settings page.
            asked = len(waiting_unlocks(connection)) if seat_of(request).seated.who.may(Right.KEEP_LOCK) else 0
            periods = list_periods(connection) if seat_of(request).seated.who.may(Right.APPROVE) else ()
        to_approve = [each for each in periods if each.awaits_approval]
        return render(request, "today.html", providers=providers, locks=locks, asked_unlocks=asked, to_approve=to_approve, **part)

    @pages.get("/today/part")
    def part_of_today(request: Request, queue: str = "", provider: str = "") -> HTMLResponse:
        # Fetched again with every change by a page that is open: that it was opened stands in the audit log, and once is enough.
        who = seat_of(request).seated.who
        require(who, Right.SEE_VISITS)
        with office.database.as_person(who) as connection:
            part = _part(connection, office, queue, provider) | _alerts(request, connection, office)
        return render(request, "today_part.html", **part)

    @pages.get("/live")
    async def live() -> StreamingResponse:
        # It says that a day has changed, and nothing of whom: everybody who is signed in may know that.
        return StreamingResponse(office.live.stream(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


def _part(connection: Connection, office: Office, queue: str, provider: str) -> dict[str, Any]:
    """What is brought up to date while it is looked at. A queue that is not known is the most urgent one that has somebody in it."""
    now, asked = office.now(), provider.replace("\0", "") or None
    counts = count_now(connection, today=day_of(now), provider=asked, now=now)
    chosen = queue if queue in QUEUES else next((each for each in QUEUES if counts[each]), "due")
    rows = shown(read_now(connection, queue=chosen, today=day_of(now), provider=asked, now=now, limit=AT_MOST))
    tiles = [{"queue": each, "words": HEADINGS[each], "look": LOOKS[each], "count": counts[each]} for each in QUEUES]
    return {
        "tiles": tiles,
        "queue": chosen,
        "rows": rows,
        "provider": asked or "",
        "day": day_of(now),
        "at": now,
        "heading": HEADINGS[chosen],
        "nothing": not any(counts.values()),
        "latest": None if any(counts.values()) else latest_with_visits(connection, until=day_of(now), provider=asked),
    }


def _alerts(request: Request, connection: Connection, office: Office) -> dict[str, Any]:
    """Of which visits of today a provider was told."""
    since, _ = span_of(day_of(office.now()))
    found = () if _is_of_council(request) else read_alerts(connection, since=since)
    return {"alerts": found, "told_of": told_of(connection, found, office)}


def _is_of_council(request: Request) -> bool:
    return seat_of(request).seated.who.role is not Role.PROVIDER
