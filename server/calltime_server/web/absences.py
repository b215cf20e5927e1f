"""Who was not at home?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.jobs.absence_told import read_absence
from calltime_server.rights import Right, require
from calltime_server.store.absences import (
    Absence,
    ToldAbsence,
    history_of_absence,
    list_absences,
    lock_absences,
    standing_absence,
    tell_absence,
    visits_within,
)
from calltime_server.store.concerned import of_absence
from calltime_server.store.connection import Connection
from calltime_server.store.ledger import share_now
from calltime_server.visits.wall import LONDON
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form, Posted
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

A_PAGE = 50
SHOWN = 50
KINDS = {
    "hospital": N_("In hospital"),
    "respite": N_("In respite care"),
    "away": N_("Away"),
    "death": N_("Has died"),
    "withdrawn": N_("Withdrawn: told in error"),
}
FIELDS = ("service_user", "kind", "since_day", "since_time", "until_day", "until_time")


def _sent(form: Posted) -> dict[str, str]:
    return {name: form.text(name)[:200] for name in (*FIELDS, "agreed", "standing")}


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/absences")
    def absences(request: Request, which: str = "lasting", service_user: str = "", after: str = "", told: str = "") -> HTMLResponse:
        lasting, who = which != "all", service_user.strip().replace("\0", "")[:200]
        with office.open(request, Right.SEE_PLAN, "looked at absences", {"service_user": who}) as connection:
            rows = list_absences(connection, now=office.now(), lasting=lasting, service_user=who, behind=_behind(after), limit=A_PAGE + 1)
        return render(
            request,
            "absences.html",
            rows=rows[:A_PAGE],
            which="lasting" if lasting else "all",
            service_user=who,
            kinds=KINDS,
            next=_next(rows, "lasting" if lasting else "all", who),
            may_tell=seat_of(request).seated.who.may(Right.PLAN),
            told=told == "yes",
        )

    @pages.get("/absences/new")
    def new(request: Request, service_user: str = "") -> HTMLResponse:
        require(seat_of(request).seated.who, Right.PLAN)
        return _form(request, {"service_user": service_user[:200]}, {})

    @pages.post("/absences/new")
    def tell(request: Request, form: Form) -> Response:
        return _tell(request, office, _sent(form))

    @pages.get("/absences/{number}")
    def one(request: Request, number: int) -> HTMLResponse:
        with office.open(
            request, Right.SEE_PLAN, "looked at an absence", lambda c: {"absence": number, **of_absence(c, number)}
        ) as connection:
            history = _history(connection, number)
            visits = visits_within(connection, history[0].service_user, history[0].since, history[0].until, limit=SHOWN + 1)
        may_tell = seat_of(request).seated.who.may(Right.PLAN)
        return _one(request, history, visits=visits, may_tell=may_tell)

    @pages.post("/absences/{number}/end")
    def end(request: Request, number: int, form: Form) -> Response:
        with office.open(
            request, Right.PLAN, "looked at the end of an absence", lambda c: {"absence": number, **of_absence(c, number)}
        ) as connection:
            known = _as_fields(_standing(_history(connection, number)))
        given = {name: form.text(name) for name in ("until_day", "until_time", "agreed", "standing")}
        return _tell(request, office, {**known, **given})

    @pages.post("/absences/{number}/withdraw")
    def withdraw(request: Request, number: int, form: Form) -> Response:
        with office.open(request, Right.PLAN, "withdrew an absence", lambda c: {"absence": number, **of_absence(c, number)}) as connection:
            found = _standing(_history(connection, number))
            told = ToldAbsence(service_user=found.service_user, kind="withdrawn", since=found.since, until=None)
            if not form.text("agreed"):
                return _confirm(request, connection, told, known=found, action=f"/absences/{number}/withdraw")
            lock_absences(connection, found.service_user)
            _stop_if_moved(form.text("standing"), standing_absence(connection, found.service_user, found.since))
            tell_absence(connection, told, by=seat_of(request).seated.who.name, now=share_now(connection, office.now))
        return RedirectResponse("/absences?told=yes", HTTPStatus.SEE_OTHER)


def _tell(request: Request, office: Office, sent: Mapping[str, str]) -> Response:
    about = {"service_user": sent["service_user"], "since": f"{sent['since_day']} {sent['since_time']}", "written": bool(sent["agreed"])}
    with office.open(request, Right.PLAN, "told an absence", about) as connection:
        told = read_absence(connection, sent)
        if not isinstance(told, ToldAbsence):
            return _form(request, sent, told)
        if not sent["agreed"]:
            known = standing_absence(connection, told.service_user, told.since)
            return _confirm(request, connection, told, known=known, action="/absences/new")
        lock_absences(connection, told.service_user)
        _stop_if_moved(sent["standing"], standing_absence(connection, told.service_user, told.since))
        tell_absence(connection, told, by=seat_of(request).seated.who.name, now=share_now(connection, office.now))
    return RedirectResponse("/absences?told=yes", HTTPStatus.SEE_OTHER)


def _stop_if_moved(seen: str, known: Absence | None) -> None:
    """Whoever agreed did so to what they saw: the number of the row that stood, or nothing."""
    if seen != (str(known.number) if known is not None else ""):
        says = N_("Somebody has told something else of this absence since you looked at it. Nothing was changed. Look at it again.")
        raise Trouble(HTTPStatus.CONFLICT, N_("This absence has changed"), says)


def _form(request: Request, given: Mapping[str, str], faults: Mapping[str, str]) -> HTMLResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    kinds = [(kind, words) for kind, words in KINDS.items() if kind != "withdrawn"]
    return render(request, "absence_new.html", status=status, given={**dict.fromkeys(FIELDS, ""), **given}, faults=faults, kinds=kinds)


def _confirm(request: Request, connection: Connection, told: ToldAbsence, *, known: Absence | None, action: str) -> HTMLResponse:
    """Show what would be told, and which visits that concerns: those of what stands now, too, if that lasts longer."""
    until = told.until
    if told.kind == "withdrawn" and known is not None:
        until = known.until
    visits = visits_within(connection, told.service_user, told.since, until, limit=SHOWN + 1)
    freed = []
    if known is not None and until is not None and (known.until is None or known.until > until):
        freed = visits_within(connection, told.service_user, until, known.until, limit=SHOWN + 1)
    fields = {name: value for name, value in _as_fields(told).items() if value}
    return render(
        request,
        "absence_look.html",
        told=told,
        known=known,
        visits=visits,
        freed=freed,
        most=SHOWN,
        fields=fields,
        action=action,
        kinds=KINDS,
    )


def _one(request: Request, history: Sequence[Absence], *, visits: Sequence[object], may_tell: bool) -> HTMLResponse:
    return render(
        request, "absence.html", absence=history[0], history=history, visits=visits, most=SHOWN, kinds=KINDS, may_tell=may_tell, faults={}
    )


def _history(connection: Connection, number: int) -> list[Absence]:
    history = history_of_absence(connection, number if 0 < number < 2**63 else 0)
    if not history:
        says = N_("There is no such absence, or it is not one of a service user whom you visit. Look for it in the list of absences.")
        raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such absence"), says)
    return history


def _standing(history: Sequence[Absence]) -> Absence:
    if history[0].kind == "withdrawn":
        says = N_(
            "This absence was withdrawn already, perhaps a moment ago by somebody else. Nothing was changed. Tell it anew if need be."
        )
        raise Trouble(HTTPStatus.CONFLICT, N_("This absence was withdrawn"), says)
    return history[0]


def _as_fields(of: Absence | ToldAbsence) -> dict[str, str]:
    """As the form has them, in London's clocks."""
    since, until = (at.astimezone(LONDON) if at else None for at in (of.since, of.until))
    return {
        "service_user": of.service_user,
        "kind": of.kind,
        "since_day": f"{since:%Y-%m-%d}" if since else "",
        "since_time": f"{since:%H:%M:%S}" if since else "",
        "until_day": f"{until:%Y-%m-%d}" if until else "",
        "until_time": f"{until:%H:%M:%S}" if until else "",
    }


def _behind(after: str) -> tuple[datetime, int] | None:
    start, _, number = after.partition(" ")
    try:
        at = datetime.fromisoformat(start)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)), int(number)
    except ValueError:
        return None


def _next(rows: Sequence[Absence], which: str, service_user: str) -> str | None:
    if len(rows) <= A_PAGE:
        return None
    edge = rows[A_PAGE - 1]
    asked = {"which": which, "service_user": service_user, "after": f"{edge.since:%Y-%m-%dT%H:%M:%SZ} {edge.number}"}
    return "/absences?" + urlencode({name: value for name, value in asked.items() if value})
