"""What would terms come to that are not in force? Checked, and tried on days of the past; nothing is written by it."""

from __future__ import annotations

from datetime import date, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.faults import Fault
from calltime_server.jobs.tried import KIND, RESULT
from calltime_server.payment.spanning import in_force
from calltime_server.payment.terms_file import Trial, load_to_try
from calltime_server.rights import Right, require
from calltime_server.store.planned_visits import planned_days
from calltime_server.store.work import ask_for_work, find_result
from calltime_server.visits.civil_day import day_of
from calltime_server.web.actuals import NAMED
from calltime_server.web.from_to import FromTo, read_from_to
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

AT_MOST_BYTES = 2**20
A_WEEK = timedelta(days=6)
NOTHING = N_("No terms were written here and no file was chosen. Do one of the two.")
TOO_LARGE = N_("The file has more than 1 MB, and terms never have. Choose the terms' own file.")
NOT_TEXT = N_("The file is not UTF-8 text. Save it as UTF-8, and choose it again.")
HEADINGS = {
    "provider": N_("By provider"),
    "zone": N_("By zone"),
    "service": N_("By service"),
    "delivery": N_("By what became of the visit"),
}


def add_to(pages: FastAPI, office: Office) -> None:
    """Add them."""

    @pages.get("/terms/try")
    def ask(request: Request, starts: str = "") -> HTMLResponse:
        with office.open(request, Right.COMPARE, "opened the try-out of terms") as connection:
            known = planned_days(connection)
        found = next((each for each in office.terms if each.starts.isoformat() == starts), None)
        basis = found or in_force(office.terms, day_of(office.now()))
        return _form(request, text=basis.text, days=read_from_to("", "", otherwise=_last_week(known, day_of(office.now()))))

    @pages.post("/terms/try")
    def tried(
        request: Request,
        text: Annotated[str, Form()] = "",
        first: Annotated[str, Form()] = "",
        last: Annotated[str, Form()] = "",
        act: Annotated[str, Form()] = "check",
        file: Annotated[UploadFile | None, File()] = None,
    ) -> Response:
        require(seat_of(request).seated.who, Right.COMPARE)
        written, wrong = _text(text, file)
        name = (file.filename if file is not None and file.filename else "") or "tried.toml"
        today = day_of(office.now())
        days = read_from_to(first, last, otherwise=(today, today))
        found = load_to_try(written, name=name) if not wrong else ()
        if not isinstance(found, Trial) or days.faults or act != "try":
            came = found if isinstance(found, Trial) else None
            faults = () if isinstance(found, Trial) else found
            return _form(request, text=written, days=days, typed=(first, last), faults=faults, wrong=wrong, came=came)
        terms = found.terms
        asked = {"text": written, "name": name[:200], "first": days.first, "last": days.last}
        about = {"terms": terms.sha256, "first": days.first, "last": days.last}
        with office.open(request, Right.COMPARE, "tried terms on the past", about) as connection:
            number = ask_for_work(connection, KIND, asked, who=seat_of(request).seated.who, now=office.now())
        return RedirectResponse(f"/work/{number}", HTTPStatus.SEE_OTHER)

    @pages.get("/terms/tried/{number}")
    def result(request: Request, number: int) -> HTMLResponse:
        with office.open(request, Right.COMPARE, "looked at what tried terms come to", {"work": number}) as connection:
            found = find_result(connection, number, kind=KIND, name=RESULT)
        if found is None:
            says = N_(
                "Nothing was tried under this number, it is not done yet, or somebody else asked for it. See under Work how far it is."
            )
            raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such result"), says)
        work, came = found
        return render(request, "tried.html", work=work, came=came, headings=HEADINGS, outcomes=NAMED, days=_days_of(came))


def _form(
    request: Request,
    *,
    text: str,
    days: FromTo,
    typed: tuple[str, str] = ("", ""),
    faults: tuple[Fault, ...] = (),
    wrong: str = "",
    came: Trial | None = None,
) -> HTMLResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults or wrong or days.faults else HTTPStatus.OK
    return render(request, "try_terms.html", status=status, text=text, days=days, typed=typed, faults=faults, wrong=wrong, came=came)


def _text(text: str, file: UploadFile | None) -> tuple[str, str]:
    """The terms as they were sent, and what is wrong with how; a file goes before what stands in the form."""
    content = file.file.read(AT_MOST_BYTES + 1) if file is not None and file.filename else b""
    if len(content) > AT_MOST_BYTES or len(text) > AT_MOST_BYTES:
        return "", TOO_LARGE
    if content:
        try:
            return content.decode("utf-8-sig"), ""
        except UnicodeDecodeError:
            return text, NOT_TEXT
    return text.replace("\r\n", "\n"), "" if text.strip() else NOTHING


def _last_week(known: tuple[Any, Any] | None, today: date) -> tuple[date, date]:
    last = today - timedelta(days=1)
    if known is not None:
        last = max(min(last, day_of(known[1])), day_of(known[0]))
    return last - A_WEEK, last


def _days_of(came: dict[str, Any]) -> tuple[date, date]:
    return date.fromisoformat(came["first"]), date.fromisoformat(came["last"])
