"""What is to mend, and how is it mended without inventing a time? In queues by problem, many rows at once, each change shown first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.jobs.mending import check, mend
from calltime_server.jobs.wishes import ENTER, LOOKED_AT, REPORTS, Checked, Typed, Wish
from calltime_server.payment.by_hand import paid_reasons
from calltime_server.rights import Right
from calltime_server.store.compliance import read_deadline
from calltime_server.store.concerned import of_rows
from calltime_server.store.connection import Connection
from calltime_server.store.door_health import doors_seen
from calltime_server.store.elsewhere import Stay, find_elsewhere
from calltime_server.store.locking import bound_since, read_lock
from calltime_server.store.mending import OF_VISITS, Part, ToLookAt, ToMend, count_queues, find_problems, find_visits, list_rows
from calltime_server.store.mending_carers import carers_of, seen_carers
from calltime_server.store.periods import list_periods
from calltime_server.store.reasons import list_reasons
from calltime_server.web.language import N_
from calltime_server.web.locks_next import approved_of
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form, Posted
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble
from calltime_server.web.visit_log import KINDS, ONLY_TOLD

AT_ONCE = 25
HEADINGS = {"missed": N_("Nobody tapped"), **KINDS, "wrong_door": N_("A door that does not fit")}
WAY_WORDS = {
    ENTER: N_("Enter the times that I typed"),
    "no_access": N_("Report: no access"),
    "declined_at_door": N_("Report: declined at the door"),
    "cancelled_by_client": N_("Report: cancelled by the service user"),
    "cancelled_by_council": N_("Report: cancelled by the council"),
    LOOKED_AT: N_("I looked at it, and nothing is to be changed"),
}


class NotWritten(Exception):
    """Ends the transaction of a form that cannot be taken: nothing of it stays, not even that it was done."""

    def __init__(self, checked: Checked) -> None:
        super().__init__()
        self.checked = checked


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/mend")
    def queues(request: Request, provider: str = "") -> HTMLResponse:
        now = office.now()
        with office.open(request, Right.MEND, "looked at what is to mend", {"provider": provider}) as connection:
            lock = read_lock(connection, now=now)
            locking, since = (lock.open_since, lock.next_through), bound_since(lock, seat_of(request).seated.who)
            found = count_queues(connection, since=since, locking=locking, provider=provider or None, now=now)
            deadline = read_deadline(connection, provider=provider or None, now=now)
            approved = approved_of(deadline, list_periods(connection)) if deadline is not None else None
        return render(
            request, "mend.html", queues=found, headings=HEADINGS, deadline=deadline, approved=approved, lock=lock, provider=provider
        )

    @pages.get("/mend/queue/{kind}")
    def queue(request: Request, kind: str, behind: str = "", provider: str = "", written: int = 0) -> HTMLResponse:
        _require_queue(kind)
        with office.open(request, Right.MEND, "looked at a queue of what is to mend", {"queue": kind, "provider": provider}) as connection:
            lock = read_lock(connection, now=office.now())
            since = bound_since(lock, seat_of(request).seated.who)
            behind_of = _read_behind(behind)
            part = Part(kind=kind, since=since, provider=provider or None, now=office.now(), limit=AT_ONCE + 1, behind=behind_of)
            rows = list_rows(connection, part)
            shown = _beside(connection, request, office, rows)
        more = _next_of(kind, rows, provider)
        return _page(request, kind, rows[:AT_ONCE], shown, more=more, written=written, provider=provider)

    @pages.post("/mend/queue/{kind}")
    def mend_rows(request: Request, kind: str, form: Form) -> Response:
        _require_queue(kind)
        wish = _wish_of(kind, form)
        step, who = form.text("step"), seat_of(request).seated.who

        def about(connection: Connection) -> dict[str, object]:
            names, carers = [row.known_as for row in wish.rows], [row.carer for row in wish.rows]
            return {"queue": kind, "way": wish.way, **of_rows(connection, kind, names, carers, now=office.now())}

        did = "mended visits" if step == "write" else "looked at changes to visits before they are written"
        try:
            with office.open(request, Right.MEND, did, about) as connection:
                if step == "write":
                    checked = mend(connection, wish, who, office.terms, clock=office.now)
                else:
                    checked = check(connection, wish, who, office.terms, now=office.now())
                _stop_unless_right(checked)
                elsewhere = find_elsewhere(connection, _stays(checked))
        except NotWritten as refused:
            return _again(request, office, wish, refused.checked, form)
        if step == "back":
            return _again(request, office, wish, checked, form)
        if step == "write":
            query = urlencode({"written": len(checked.changes), **({"provider": provider} if (provider := form.text("provider")) else {})})
            return RedirectResponse(f"/mend/queue/{kind}?{query}", HTTPStatus.SEE_OTHER)
        with office.database.as_person(who) as connection:
            reason = next((each for each in list_reasons(connection) if each.code == wish.reason), None)
        return render(
            request, "mend_check.html", kind=kind, heading=HEADINGS[kind], wish=wish, checked=checked, reason=reason,
            ways=WAY_WORDS, provider=form.text("provider"), elsewhere=elsewhere,
            paid=paid_reasons(office.terms, (change.row.day for change in checked.changes)),
        )  # fmt: skip


def _stop_unless_right(checked: Checked) -> None:
    if checked.wrongs:
        raise NotWritten(checked)


def _stays(checked: Checked) -> tuple[Stay, ...]:
    """Where each carer will have been from when to when, by what is entered and what was tapped."""
    stays = []
    for change in (each for each in checked.changes if each.entries):
        row = change.row
        first = change.entries[0]
        tapped = [at for at in (row.started, row.ended) if at] if isinstance(row, ToMend) else []
        times = [*tapped, *(entry.time for entry in change.entries)]
        stays.append(Stay(known_as=row.known_as, carer=first.carer, home=first.service_user, began=min(times), ended=max(times)))
    return tuple(stays)


def _require_queue(kind: str) -> None:
    if kind not in HEADINGS or kind in ONLY_TOLD:
        says = N_("There is no such queue. Start again from To mend.")
        raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such page"), says)


def _beside(connection: Connection, request: Request, office: Office, rows: Sequence[ToMend | ToLookAt]) -> dict[str, object]:
    """What a queue shows besides its rows. `paid`: with which reasons the terms of their days pay for what is entered."""
    who = seat_of(request).seated.who
    carers: tuple[str, ...] = ()
    if who.provider:
        # Who is noted to work here, and whoever came around these days: either may have come to a visit that nobody tapped.
        seen = seen_carers(connection, who.provider, [row.day for row in rows])
        carers = tuple(sorted({*carers_of(connection, who.provider), *seen}))
    doors = doors_seen(connection, {row.device for row in rows if isinstance(row, ToLookAt) and row.device})
    return {
        "reasons": list_reasons(connection),
        "carers": carers,
        "doors": doors,
        "paid": paid_reasons(office.terms, (row.day for row in rows)),
    }


def _again(request: Request, office: Office, wish: Wish, checked: Checked, form: Posted) -> Response:
    """The queue with the rows that were sent, what was typed, and all that is wrong with it."""
    names = list(dict.fromkeys([*(row.known_as for row in wish.rows), *form.all("shown")]))
    with office.open(request, Right.MEND, "looked at a queue of what is to mend", {"queue": wish.queue}) as connection:
        found: dict[str, ToMend] | dict[str, ToLookAt]
        found = find_visits(connection, names, now=office.now()) if wish.queue in OF_VISITS else find_problems(connection, names)
        shown = _beside(connection, request, office, tuple(found.values()))
    rows: Sequence[ToMend | ToLookAt] = sorted(found.values(), key=lambda row: (row.day, row.place))
    named = {row.known_as: f"{row.service_user or row.carer or ''}, {row.day:%-d %b}: " for row in rows}
    faults = {}
    for wrong in checked.wrongs:
        place, _, known_as = wrong.place.partition(".")
        # What stands no more has no field on the page: it is told beside the list.
        name = place if not known_as or known_as not in named else f"row-{known_as}" if place == "row" else wrong.place
        faults[name] = named.get(known_as, "") + wrong.says
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return _page(request, wish.queue, rows, shown, wish=wish, faults=faults, status=status, provider=form.text("provider"))


def _page(
    request: Request,
    kind: str,
    rows: Sequence[ToMend | ToLookAt],
    shown: dict[str, object],
    *,
    wish: Wish | None = None,
    faults: dict[str, str] | None = None,
    status: HTTPStatus = HTTPStatus.OK,
    more: str | None = None,
    written: int = 0,
    provider: str = "",
) -> HTMLResponse:
    of_visits = kind in OF_VISITS
    ways = [(way, WAY_WORDS[way]) for way in ((ENTER, *REPORTS, LOOKED_AT) if of_visits else (LOOKED_AT,))]
    typed = {row.known_as: row for row in wish.rows} if wish else {}
    return render(
        request, "mend_queue.html", status=status, kind=kind, heading=HEADINGS[kind], rows=rows, of_visits=of_visits, ways=ways, wish=wish,
        typed=typed, faults=faults or {}, more=more, written=written, provider=provider, **shown,
    )  # fmt: skip


def _wish_of(kind: str, form: Posted) -> Wish:
    starts, stops, carers = (form.of_rows(name) for name in ("start", "stop", "carer"))
    # Whoever types a time means its row, ticked or not.
    names = dict.fromkeys([*form.all("row"), *starts, *stops])
    rows = tuple(Typed(known_as=name, start=starts.get(name, ""), stop=stops.get(name, ""), carer=carers.get(name, "")) for name in names)
    words = {name: form.text(name) for name in ("way", "reason", "words", "told_at")}
    return Wish(queue=kind, rows=rows, **words)


def _read_behind(text: str) -> tuple[date, int] | None:
    day, _, place = text.partition("_")
    try:
        return (date.fromisoformat(day), int(place)) if text else None
    except ValueError:
        return None


def _next_of(kind: str, rows: Sequence[ToMend | ToLookAt], provider: str) -> str | None:
    if len(rows) <= AT_ONCE:
        return None
    last = rows[AT_ONCE - 1]
    query = {"behind": f"{last.day}_{last.place}", **({"provider": provider} if provider else {})}
    return f"/mend/queue/{kind}?{urlencode(query)}"
