"""What was amended, by whom, when and why, and who asks to amend days that are locked?"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.jobs.withdrawing import withdraw_end, withdraw_report
from calltime_server.rights import Right
from calltime_server.store.amending import Filter, find_entry, list_amendments, list_editors
from calltime_server.store.concerned import of_entry, of_report
from calltime_server.store.connection import Connection
from calltime_server.store.locking import ask_unlock, list_unlocks, read_lock
from calltime_server.store.reasons import list_reasons
from calltime_server.store.reported import Reported, find_report, list_looks, list_reports
from calltime_server.web.language import N_
from calltime_server.web.mending import HEADINGS, WAY_WORDS
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form, read_day
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

AT_ONCE = 50
EDITORS_OVER = timedelta(days=28)


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/mend/amendments")
    def amendments(
        request: Request,
        provider: str = "",
        by: str = "",
        reason: str = "",
        day: str = "",
        behind: str = "",
        reports: str = "",
        looks: str = "",
        withdrawn: str = "",
    ) -> HTMLResponse:
        asked = {"provider": provider, "by": by, "reason": reason, "day": day}
        wanted = Filter(provider=provider or None, by=by or None, reason=reason or None, day=read_day(day))
        with office.open(request, Right.SEE_VISITS, "looked at amendments", asked) as connection:
            rows = list_amendments(connection, wanted, limit=AT_ONCE + 1, behind=_number(behind))
            reported = list_reports(connection, wanted, limit=AT_ONCE + 1, behind=_number(reports))
            looked = list_looks(connection, wanted, limit=AT_ONCE + 1, behind=_number(looks))
            reasons = list_reasons(connection, archived=True)
            editors = list_editors(connection, since=office.now() - EDITORS_OVER)
        query = {name: value for name, value in asked.items() if value}
        more = _more(query, "behind", [each.entry for each in rows])
        more_reports, more_looks = (
            _more(query, "reports", [each.number for each in reported]),
            _more(query, "looks", [each.number for each in looked]),
        )
        return render(
            request, "amendments.html", rows=rows[:AT_ONCE], reasons=reasons, editors=editors, wanted=wanted, more=more,
            all_entered=sum(each.entered for each in editors), days=EDITORS_OVER.days, withdrawn=withdrawn,
            reports=reported[:AT_ONCE], looks=looked[:AT_ONCE], more_reports=more_reports, more_looks=more_looks, ways=WAY_WORDS,
            headings=HEADINGS,
        )  # fmt: skip

    @pages.get("/mend/amendments/{entry}/withdraw")
    def ask_why(request: Request, entry: int) -> HTMLResponse:
        with office.open(request, Right.MEND, "looked at an amendment", lambda c: {"entry": entry, **of_entry(c, entry)}) as connection:
            found = find_entry(connection, entry)
        if found is None:
            raise _no_entry()
        return render(request, "withdraw.html", entry=found, why="", faults={})

    @pages.post("/mend/amendments/{entry}/withdraw")
    def withdraw(request: Request, entry: int, form: Form) -> Response:
        why, who = form.text("why"), seat_of(request).seated.who
        with office.open(request, Right.MEND, "withdrew an amendment", lambda c: {"entry": entry, **of_entry(c, entry)}) as connection:
            found = find_entry(connection, entry)
            if found is None:
                raise _no_entry()
            wrong = withdraw_end(connection, found, who, why=why, clock=office.now)
        if wrong is not None:
            return render(
                request, "withdraw.html", status=HTTPStatus.UNPROCESSABLE_ENTITY, entry=found, why=why, faults={"why": wrong}
            )  # fmt: skip
        return RedirectResponse(f"/mend/amendments?withdrawn={entry}", HTTPStatus.SEE_OTHER)

    @pages.get("/mend/reports/{number}/withdraw")
    def ask_why_of_report(request: Request, number: int) -> HTMLResponse:
        with office.open(request, Right.MEND, "looked at a report", lambda c: {"report": number, **of_report(c, number)}) as connection:
            found = _report(connection, number)
        return render(request, "withdraw_report.html", report=found, ways=WAY_WORDS, why="", faults={})

    @pages.post("/mend/reports/{number}/withdraw")
    def withdraw_one_report(request: Request, number: int, form: Form) -> Response:
        why, who = form.text("why"), seat_of(request).seated.who
        with office.open(request, Right.MEND, "withdrew a report", lambda c: {"report": number, **of_report(c, number)}) as connection:
            found = _report(connection, number)
            wrong = withdraw_report(connection, found, who, why=why, clock=office.now)
        if wrong is not None:
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return render(request, "withdraw_report.html", status=status, report=found, ways=WAY_WORDS, why=why, faults={"why": wrong})
        return RedirectResponse(f"/mend/amendments?withdrawn={number}", HTTPStatus.SEE_OTHER)

    @pages.get("/mend/unlock")
    def unlocks(request: Request, asked: str = "") -> HTMLResponse:
        return _unlocks(request, office, asked=asked)

    @pages.post("/mend/unlock")
    def ask(request: Request, form: Form) -> Response:
        first, last, why = form.day("first_day"), form.day("last_day"), form.text("why")
        faults = {}
        if first is None:
            faults["first_day"] = N_("Choose the first day that you want to amend.")
        if last is None:
            faults["last_day"] = N_("Choose the last day that you want to amend.")
        elif first is not None and last < first:
            faults["last_day"] = N_("The last day lies before the first one. Exchange them.")
        if not 1 <= len(why) <= 1000:
            faults["why"] = N_("Write why, in at most 1,000 characters: the council decides by it.")
        if faults or first is None or last is None:
            return _unlocks(request, office, typed=dict(form.fields), faults=faults)
        who = seat_of(request).seated.who
        about = {"first_day": first, "last_day": last}
        with office.open(request, Right.ASK_UNLOCK, "asked for days to be unlocked", about) as connection:
            ask_unlock(connection, who, first_day=first, last_day=last, why=why, now=office.now())
        return RedirectResponse("/mend/unlock?asked=1", HTTPStatus.SEE_OTHER)


def _unlocks(
    request: Request, office: Office, *, asked: str = "", typed: dict[str, str] | None = None, faults: dict[str, str] | None = None
) -> HTMLResponse:
    with office.open(request, Right.MEND, "looked at what was asked to be unlocked") as connection:
        lock, rows = read_lock(connection, now=office.now()), list_unlocks(connection, limit=AT_ONCE)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return render(request, "unlock.html", status=status, lock=lock, unlocks=rows, asked=asked, typed=typed or {}, faults=faults or {})


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 18 else None


def _more(query: dict[str, str], name: str, numbers: Sequence[int]) -> str | None:
    """Where the rows behind those of this page are, if there are any."""
    return f"/mend/amendments?{urlencode({**query, name: numbers[AT_ONCE - 1]})}" if len(numbers) > AT_ONCE else None


def _report(connection: Connection, number: int) -> Reported:
    found = find_report(connection, number if 0 < number < 2**63 else 0)
    if found is None:
        raise _no_entry()
    return found


def _no_entry() -> Trouble:
    says = N_("There is no amendment of this number that you may see. Start again from the list of amendments.")
    return Trouble(HTTPStatus.NOT_FOUND, N_("There is no such page"), says)
