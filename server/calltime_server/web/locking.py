"""When do days lock for providers, who is let in again, and how much must be electronic? The council's officer says so here."""

from __future__ import annotations

import re
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.jobs.unlocking import answer_unlock
from calltime_server.rights import Right
from calltime_server.store.compliance import read_threshold, set_threshold
from calltime_server.store.locking import list_unlocks, may_lock, read_lock, set_lock, waiting_unlocks
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form, Posted
from calltime_server.web.rendering import render

Faults = dict[str, str]


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/settings/lock")
    def lock(request: Request, done: str = "") -> HTMLResponse:
        return _page(request, office, done=done)

    @pages.post("/settings/lock")
    def write(request: Request, form: Form) -> Response:
        act = {"lock": _lock, "threshold": _threshold, "grant": _decide, "refuse": _decide}.get(form.text("step"))
        faults = act(request, office, form) if act else {"step": N_("Choose what to change.")}
        if faults:
            return _page(request, office, typed=form, faults=faults)
        return RedirectResponse("/settings/lock?done=1", HTTPStatus.SEE_OTHER)


def _page(request: Request, office: Office, *, done: str = "", typed: Posted | None = None, faults: Faults | None = None) -> HTMLResponse:
    with office.open(request, Right.KEEP_LOCK, "looked at the lock date and what was asked to be unlocked") as connection:
        lock, unlocks = read_lock(connection, now=office.now()), list_unlocks(connection, limit=50)
        waiting = waiting_unlocks(connection)
        threshold = read_threshold(connection)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    names = dict(typed.fields) if typed else {}
    return render(
        request, "lock.html", status=status, lock=lock, unlocks=unlocks, waiting=waiting, threshold=threshold, typed=names, done=done,
        faults=faults or {},
    )  # fmt: skip


def _lock(request: Request, office: Office, form: Posted) -> Faults:
    faults: Faults = {}
    through = form.day("through")
    at = form.moment("at") if form.text("at") else office.now()
    if through is None:
        faults["through"] = N_("Choose the last day that is to be locked.")
    if at is None:
        faults["at"] = N_("Choose a day and a time, or leave both out: then it locks now.")
    if through is not None and at is not None and not may_lock(through, at=at, now=office.now()):
        faults["through"] = N_("This day is not over when it is to lock. Choose an earlier day, or a later moment.")
    if faults or through is None or at is None:
        return faults
    with office.open(request, Right.KEEP_LOCK, "set the lock date", {"through": through, "at": at}) as connection:
        set_lock(connection, through=through, at=at, by=seat_of(request).seated.who.name, now=office.now())
    return {}


def _threshold(request: Request, office: Office, form: Posted) -> Faults:
    found = re.fullmatch(r"(\d{1,3})(?:[.,](\d{1,2}))?\s*%?", form.text("share"), re.ASCII)
    hundredths = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else 10_001
    if hundredths > 10_000:
        return {"share": N_("Write a share from 0 to 100 per cent, such as 85 or 92.5.")}
    with office.open(request, Right.KEEP_LOCK, "set the share that must be electronic", {"hundredths": hundredths}) as connection:
        set_threshold(connection, hundredths, by=seat_of(request).seated.who.name, now=office.now())
    return {}


def _decide(request: Request, office: Office, form: Posted) -> Faults:
    number, why, grants = form.text("unlock"), form.text("why"), form.text("step") == "grant"
    until = form.moment("until") if grants else None
    faults: Faults = {}
    if grants and (until is None or until <= office.now()):
        faults[f"until-{number}"] = N_("Choose until when the days stay open: a day and a time that lie ahead.")
    if not 1 <= len(why) <= 1000:
        faults[f"why-{number}"] = N_("Write why: the provider reads it.")
    if faults or not number.isdecimal() or len(number) > 17:
        return faults or {"step": N_("Choose what to change.")}
    about = {"unlock": int(number), "granted": grants}
    with office.open(request, Right.KEEP_LOCK, "decided whether days are unlocked", about) as connection:
        by = seat_of(request).seated.who.name
        decided = answer_unlock(connection, int(number), open_until=until, why=why, by=by, now=office.now())
    return {} if decided else {f"why-{number}": N_("Somebody has answered this meanwhile. Nothing was changed; load the page again.")}
