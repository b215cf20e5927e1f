"""Which of the office's reports does somebody want, of which days, and what does it say?"""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.jobs.reported import KIND, RESULT
from calltime_server.jobs.reports import REPORTS
from calltime_server.rights import Right
from calltime_server.store.planned_visits import names_in_plan
from calltime_server.store.work import ask_for_work, find_result
from calltime_server.visits.civil_day import day_of
from calltime_server.web.from_to import FromTo, read_from_to
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form
from calltime_server.web.rendering import render
from calltime_server.web.report_words import DAYS, HEADINGS, OF_A_FEW, VALUES, shown_columns
from calltime_server.web.trouble import Trouble

NO_REPORT = N_("There is no report of this name. Choose one of those under Variance.")
FOUR_WEEKS = timedelta(days=27)


def add_to(pages: FastAPI, office: Office) -> None:
    """Add them."""

    @pages.get("/variance/reports/{name}")
    def ask(request: Request, name: str, first: str = "", last: str = "", provider: str = "") -> HTMLResponse:
        return _form(request, office, name, first=first, last=last, provider=provider)

    @pages.post("/variance/reports/{name}")
    def make(request: Request, name: str, form: Form) -> Response:
        typed = {each: form.text(each)[:200] for each in ("first", "last", "provider")}
        days = _days(office, typed["first"], typed["last"])
        if days.faults or name not in REPORTS:
            return _form(request, office, name, **typed)
        asked = {"name": name, "first": days.first, "last": days.last, "provider": typed["provider"]}
        with office.open(request, Right.COMPARE, "asked for a report", asked) as connection:
            number = ask_for_work(connection, KIND, asked, who=seat_of(request).seated.who, now=office.now())
        return RedirectResponse(f"/work/{number}", HTTPStatus.SEE_OTHER)

    @pages.get("/variance/made/{number}")
    def made(request: Request, number: int) -> HTMLResponse:
        with office.open(request, Right.COMPARE, "looked at a report", {"work": number}) as connection:
            found = find_result(connection, number, kind=KIND, name=RESULT)
        if found is None:
            says = N_(
                "There is no report with this number, it is not made yet, or somebody else asked for it. See under Work how far it is."
            )
            raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such report"), says)
        work, came = found
        days = date.fromisoformat(came["first"]), date.fromisoformat(came["last"])
        return render(
            request,
            "report.html",
            work=work,
            came=came,
            days=days,
            report=REPORTS[came["name"]],
            most=_most(came),
            columns=shown_columns(came),
            words={"headings": HEADINGS, "values": VALUES, "of_a_few": OF_A_FEW, "days": DAYS, "as_day": date.fromisoformat},
        )


def _days(office: Office, first: str, last: str) -> FromTo:
    yesterday = day_of(office.now()) - timedelta(days=1)
    return read_from_to(first, last, otherwise=(yesterday - FOUR_WEEKS, yesterday))


def _form(request: Request, office: Office, name: str, *, first: str, last: str, provider: str) -> HTMLResponse:
    report = REPORTS.get(name)
    if report is None:
        raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such report"), NO_REPORT)
    days = _days(office, first, last)
    with office.open(request, Right.COMPARE, "opened a report", {"report": name}) as connection:
        names = names_in_plan(connection)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if days.faults else HTTPStatus.OK
    given = {"name": name, "report": report, "days": days, "typed": (first, last), "provider": provider, "names": names}
    return render(request, "report_ask.html", status=status, **given)


def _most(came: dict[str, Any]) -> int:
    """The largest number of the column that is drawn."""
    return max((abs(row[came["drawn"]] or 0) for row in came["rows"]), default=0)
