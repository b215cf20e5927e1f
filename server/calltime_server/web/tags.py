"""Which tag hangs where, which homes have none, and how does a tag come onto paper?"""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode, urlsplit

from fastapi import FastAPI, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from calltime_server.jobs.keeping import AT_ONCE, NOT_YOUR_HOME, Refused, call, hang, make_tags
from calltime_server.rights import Right, require
from calltime_server.store.homes import find_homes, list_homes, read_homes
from calltime_server.store.ledger import share_now
from calltime_server.store.tags import is_known_tag
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.posted import Form
from calltime_server.web.qr import picture_of
from calltime_server.web.rendering import render
from calltime_server.web.trouble import Trouble

A_PAGE = 50
WHICH = {"all": N_("All homes"), "without": N_("Homes without a tag"), "with": N_("Homes with a tag")}
NOTHING_CHOSEN = N_("Choose at least one home in the list, then press the button again. Nothing was done.")


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this part of the room."""

    @pages.get("/doors/tags")
    def tags(request: Request, which: str = "all", text: str = "", tag: str = "", after: str = "", done: str = "") -> HTMLResponse:
        which, text = which if which in WHICH else "all", _tag_in(text.strip().replace("\0", "")[:200])
        with office.open(request, Right.SEE_DOORS, "looked at tags", {"which": which, "text": text}) as connection:
            if text:
                rows = find_homes(connection, text)
            else:
                rows = list_homes(connection, which=which, behind=after.replace("\0", ""), limit=A_PAGE + 1)
            elsewhere = bool(text) and not rows and is_known_tag(connection, text)
        more = len(rows) > A_PAGE and not text
        return render(
            request,
            "tags.html",
            rows=rows[:A_PAGE],
            next="/doors/tags?" + urlencode({"which": which, "after": rows[A_PAGE - 1].service_user}) if more else None,
            which=which,
            choices=WHICH,
            text=text,
            elsewhere=elsewhere,
            tag=tag[:64],
            server=office.public_url,
            may_keep=seat_of(request).seated.who.may(Right.KEEP_DOORS),
            done=done,
            nothing=NOTHING_CHOSEN if done == "nothing" else None,
        )

    @pages.post("/doors/tags/chosen")
    def chosen(request: Request, form: Form) -> Response:
        homes, what = form.all("row")[:AT_ONCE], form.text("do")
        if not homes:
            return RedirectResponse("/doors/tags?done=nothing", HTTPStatus.SEE_OTHER)
        if what == "make":
            with office.open(request, Right.KEEP_DOORS, "made tags", {"service_users": list(homes)}) as connection:
                made = make_tags(connection, seat_of(request).seated.who, homes, now=share_now(connection, office.now))
                if isinstance(made, Refused):
                    raise Trouble(HTTPStatus.UNPROCESSABLE_ENTITY, N_("No tags were made"), made.says)
        return RedirectResponse("/doors/tags/sheets?" + urlencode({"home": homes}, doseq=True), HTTPStatus.SEE_OTHER)

    @pages.get("/doors/tags/sheets")
    def sheets(request: Request, home: Annotated[list[str], Query()] = []) -> HTMLResponse:  # noqa: B006 # FastAPI makes a new one
        wanted = [each.replace("\0", "") for each in home[:AT_ONCE]]
        with office.open(request, Right.SEE_DOORS, "printed tags", {"service_users": wanted}) as connection:
            found = [each for each in read_homes(connection, wanted) if each.tags]
        # The last one made is the one to hang: an older one hangs already, or was lost.
        addresses = [(each.service_user, each.tags[-1], f"{office.public_url}/t/{each.tags[-1]}") for each in found]
        drawn = [(whose, tag, address, picture_of(address, robust=True)) for whose, tag, address in addresses]
        return render(request, "tag_sheets.html", sheets=drawn)

    @pages.get("/doors/tags/hang")
    def ask(request: Request, tag: str = "", service_user: str = "") -> HTMLResponse:
        require(seat_of(request).seated.who, Right.KEEP_DOORS)
        return _form(request, tag[:64], service_user[:64], {})

    @pages.post("/doors/tags/hang")
    def hang_one(request: Request, form: Form) -> Response:
        tag, home = form.text("tag"), form.text("service_user")
        with office.open(request, Right.KEEP_DOORS, "said where a tag hangs", {"tag": tag[:100], "service_user": home[:100]}) as connection:
            refused = hang(connection, seat_of(request).seated.who, tag=tag, home=home, now=share_now(connection, office.now))
        if refused is not None:
            return _form(request, tag, home, {refused.field: refused.says})
        return RedirectResponse(f"/doors/tags?{urlencode({'text': tag, 'done': 'hung'})}", HTTPStatus.SEE_OTHER)

    @pages.get("/doors/tags/called")
    def ask_called(request: Request, service_user: str = "") -> HTMLResponse:
        home = service_user.replace("\0", "")[:64]
        require(seat_of(request).seated.who, Right.KEEP_DOORS)
        with office.open(request, Right.SEE_DOORS, "looked at tags", {"service_user": home}) as connection:
            found = next(iter(read_homes(connection, [home])), None)
        if found is None:
            raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such home"), NOT_YOUR_HOME)
        return _called_form(request, found.service_user, found.called or "", {})

    @pages.post("/doors/tags/called")
    def call_one(request: Request, form: Form) -> Response:
        home, called = form.text("service_user")[:64], form.text("called")
        with office.open(request, Right.KEEP_DOORS, "said what phones call a home", {"service_user": home}) as connection:
            refused = call(connection, seat_of(request).seated.who, home=home, called=called, now=office.now())
        if refused is not None and refused.field == "called":
            return _called_form(request, home, called, {refused.field: refused.says})
        if refused is not None:
            raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such home"), refused.says)
        return RedirectResponse(f"/doors/tags?{urlencode({'text': home, 'done': 'called'})}", HTTPStatus.SEE_OTHER)


def _form(request: Request, tag: str, home: str, faults: dict[str, str]) -> HTMLResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return render(request, "tag_hang.html", status=status, tag=tag, service_user=home, faults=faults)


def _called_form(request: Request, home: str, called: str, faults: dict[str, str]) -> HTMLResponse:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return render(request, "home_called.html", status=status, service_user=home, called=called, faults=faults)


def _tag_in(text: str) -> str:
    """The tag in an address that was read from one, else what was typed."""
    path = urlsplit(text).path if text.startswith(("http://", "https://")) else ""
    return path.removeprefix("/t/") if path.startswith("/t/") else text
