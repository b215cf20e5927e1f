"""By which terms is paid, and what would others come to?"""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from calltime_server.payment.examples import play, telling_lines
from calltime_server.payment.spanning import in_force
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_rules import calculation, not_paid, rates, special_days, who_pays
from calltime_server.payment.terms_told import came_of
from calltime_server.rights import Right, require
from calltime_server.store.reasons import list_reasons
from calltime_server.visits.civil_day import day_of
from calltime_server.web import trying
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

# Name, what came, and the explanations of each worked example.
_Told = tuple[tuple[str, str, tuple[str, ...]], ...]


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""
    trying.add_to(pages, office)
    # Terms are the same where their text is: what was worked once is not worked again for the next who looks.
    worked: dict[str, _Told] = {}

    @pages.get("/terms")
    def terms(request: Request) -> HTMLResponse:
        require(seat_of(request).seated.who, Right.SEE_TERMS)
        # Terms name nobody: to read them leaves no entry in the audit log.
        standing = in_force(office.terms, day_of(office.now()))
        may_try = seat_of(request).seated.who.may(Right.COMPARE)
        return render(request, "terms.html", files=tuple(reversed(office.terms)), standing=standing, may_try=may_try)

    @pages.get("/terms/from/{starts}")
    def one(request: Request, starts: str) -> HTMLResponse:
        require(seat_of(request).seated.who, Right.SEE_TERMS)
        found = file_from(office.terms, starts)
        with office.database.as_office() as connection:  # the council's own words are nobody's
            reasons = {each.code: each.english for each in list_reasons(connection, archived=True)}
        return render(
            request,
            "terms_file.html",
            terms=found,
            standing=found is in_force(office.terms, day_of(office.now())),
            rules=tuple(calculation(found)),
            rates=rates(found),
            who_pays=tuple(who_pays(found)),
            not_paid=tuple(not_paid(found, reasons)),
            special_days=special_days(found),
            examples=worked.get(found.sha256) or worked.setdefault(found.sha256, _examples(found)),
            may_try=seat_of(request).seated.who.may(Right.COMPARE),
        )

    @pages.get("/terms/from/{starts}/file.toml")
    def text(request: Request, starts: str) -> Response:
        require(seat_of(request).seated.who, Right.SEE_TERMS)
        found = file_from(office.terms, starts)
        headers = {"Content-Disposition": f'attachment; filename="{found.council}-{found.starts}.toml"'}
        return Response(found.text, media_type="application/toml; charset=utf-8", headers=headers)


def file_from(files: Sequence[Terms], starts: str) -> Terms:
    """The terms that start on this day, or a page that says that there are none."""
    found = next((each for each in files if each.starts.isoformat() == starts), None)
    if found is None:
        says = N_("No terms of the council start on this day. Choose those that are meant from the list under Terms.")
        raise Trouble(HTTPStatus.NOT_FOUND, N_("There are no such terms"), says)
    return found


def _examples(terms: Terms) -> _Told:
    return tuple((each.example.name, came_of(each), tuple(telling_lines(each.lines))) for each in play(terms))
