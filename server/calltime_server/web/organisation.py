"""How does somebody come in whose own organisation vouches for them?"""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from calltime_server.people import organisation as vouching
from calltime_server.people import sign_in
from calltime_server.people.organisation import NotVouched
from calltime_server.people.sessions import digest_of
from calltime_server.store import coming_in
from calltime_server.web.guard import COOKIE
from calltime_server.web.language import N_
from calltime_server.web.office import Office
from calltime_server.web.place import address_of, browser_of, forget, hold, way_on
from calltime_server.web.sign_in import let
from calltime_server.web.trouble import Trouble

HOLDS = "calltime-organisation"
"""The cookie that the browser holds while it is there, so that only the browser that went comes back."""
PATH = "/sign-in/organisation"
_TITLE = N_("You were not signed in")
_TURNED_DOWN = N_("Your organisation's sign-in was ended before it was done, or turned you down. Begin again, or ask whoever runs it.")
_NO_ACCOUNT = N_(
    "Your organisation vouches for you, but no account here is for this way in under your e-mail address. Ask your administrator."
)


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""
    asked = office.organisation
    if asked is None:
        return

    @pages.get(PATH)
    def go(request: Request, next: str = "/") -> Response:  # noqa: A002
        try:
            endpoint = vouching.discover(asked)
        except NotVouched as error:
            raise Trouble(HTTPStatus.BAD_GATEWAY, _TITLE, str(error)) from error
        redirect = address_of(request, office) + PATH + "/back"
        with office.database.as_office() as connection:
            there, holds = vouching.send(connection, asked, endpoint, redirect=redirect, back=way_on(next), now=office.now())
        answer = RedirectResponse(there, HTTPStatus.SEE_OTHER)
        hold(request, answer, HOLDS, holds)
        return answer

    @pages.get(f"{PATH}/back")
    def back(request: Request, code: str = "", state: str = "", error: str = "") -> Response:
        now, browser = office.now(), browser_of(request)
        with office.database.as_office() as connection:
            since = now - vouching.GONE_AT_MOST
            going = coming_in.back_from_elsewhere(connection, digest_of(request.cookies.get(HOLDS, "")), since=since)
        if error or not code:
            raise Trouble(HTTPStatus.FORBIDDEN, _TITLE, _TURNED_DOWN)
        try:
            redirect = address_of(request, office) + PATH + "/back"
            subject = vouching.receive(asked, going, state=state, code=code, redirect=redirect, now=now)
        except NotVouched as trouble:
            raise Trouble(HTTPStatus.FORBIDDEN, _TITLE, str(trouble)) from trouble
        with office.database.as_office() as connection:
            account = vouching.account_of(connection, asked, subject)
            if account is None:
                raise Trouble(HTTPStatus.FORBIDDEN, _TITLE, _NO_ACCOUNT)
            old = request.cookies.get(COOKIE, "")
            token = sign_in.complete(connection, account, old, browser, did="signed in by the organisation", now=now)
        answer = let(request, token, going.back if going else "/")
        forget(request, answer, HOLDS)
        return answer
