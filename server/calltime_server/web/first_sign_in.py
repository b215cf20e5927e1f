"""How does somebody come in for the first time, or again after losing everything? By a link, a password and a second factor to set up."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from calltime_server.people import codes, passkeys, passwords, sign_in
from calltime_server.people.sessions import digest_of
from calltime_server.people.sign_in import Let, Link
from calltime_server.store import credentials, people
from calltime_server.store.connection import Connection
from calltime_server.store.people import HalfIn
from calltime_server.web.guard import COOKIE
from calltime_server.web.language import N_
from calltime_server.web.office import Office
from calltime_server.web.place import browser_of, give_cookie, site_of
from calltime_server.web.rendering import render
from calltime_server.web.sign_in import Field, let
from calltime_server.web.trouble import Trouble

_CODE_NOT_RIGHT = N_("This code does not belong to the picture. Scan the picture again and write the code that the app shows now.")
_KEY_NOT_MADE = N_("No passkey was made, or it took too long. Try again, or use an app for codes instead.")
_TWICE = N_("The two passwords differ. Write the same one twice.")
_NO_LINK = N_("This link was used already, or its time is over. Ask your administrator for another.")


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/sign-in/link/{token}")
    def arrive(request: Request, token: str) -> Response:
        return _show_link(request, _link(office, token))

    @pages.post("/sign-in/link/{token}")
    def begin(request: Request, token: str, password: Field = "", again: Field = "") -> Response:
        link = _link(office, token)
        if link.purpose == "invitation":
            fault = passwords.fault_of(password, email=link.account.email)
            faults = {"password": fault} if fault else {"again": _TWICE} if password != again else {}
            if faults:
                return _show_link(request, link, faults)
        old = request.cookies.get(COOKIE, "")
        answer = sign_in.by_link(office.database, token, old, password, browser_of(request), now=office.now())
        if not isinstance(answer, Let):
            raise _no_link()
        return let(request, answer.token, "/" if answer.whole else "/sign-in/second")

    @pages.get("/sign-in/set-up")
    def set_up(request: Request) -> Response:
        return _show_set_up(request, office)

    @pages.post("/sign-in/set-up")
    def done(request: Request, code: Field = "", passkey: Field = "") -> Response:
        old, now = request.cookies.get(COOKIE, ""), office.now()
        with office.database.as_office() as connection:
            half = _half_without_second(connection, old, office)
            if half is None:
                return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
            if passkey:
                site = site_of(request, office)
                good = passkeys.take_new(connection, half.who, passkey, half.challenge, site, called="Passkey", now=now)
            else:
                good = sign_in.set_up_code_app(connection, half, code, now=now)
            account = credentials.account_of_person(connection, half.who.id)
            if good and account is not None:
                recovery = codes.new_recovery_codes(connection, half.who.id)
                did = "set up a second factor and signed in"
                whole = sign_in.complete(connection, account, old, browser_of(request), did=did, now=now)
        if not good or account is None:
            return _show_set_up(request, office, {"passkey": _KEY_NOT_MADE} if passkey else {"code": _CODE_NOT_RIGHT})
        answer = render(request, "recovery_codes.html", codes=recovery)
        give_cookie(request, answer, whole)
        return answer


def _link(office: Office, token: str) -> Link:
    with office.database.as_office() as connection:
        link = sign_in.link_of(connection, token, now=office.now())
    if link is None:
        raise _no_link()
    return link


def _no_link() -> Trouble:
    return Trouble(HTTPStatus.GONE, N_("This link is good no more"), _NO_LINK)


def _show_link(request: Request, link: Link, faults: dict[str, str] | None = None) -> Response:
    # Whoever looks at an e-mail's links before the person does uses nothing up: the link counts when the button is pressed.
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return render(request, "sign_in_link.html", status=status, link=link, faults=faults or {})


def _half_without_second(connection: Connection, token: str, office: Office) -> HalfIn | None:
    """Who is half way in and has no second factor yet: whoever has one must show it and cannot set another up in its place."""
    half = sign_in.half(connection, token, now=office.now())
    account = credentials.account_of_person(connection, half.who.id) if half else None
    return half if account is not None and not account.has_second else None


def _show_set_up(request: Request, office: Office, faults: dict[str, str] | None = None) -> Response:
    token = request.cookies.get(COOKIE, "")
    with office.database.as_office() as connection:
        half = _half_without_second(connection, token, office)
        if half is None:
            return RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        secret = half.offered or codes.new_secret()
        options, challenge = passkeys.ask_for_new(connection, half.who, half.email, site_of(request, office))
        people.keep_offered(connection, digest_of(token), secret)
        people.keep_challenge(connection, digest_of(token), challenge)
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    picture = codes.picture_of(secret, email=half.email)
    values = {"half": half, "secret": secret, "picture": picture, "options": options, "faults": faults or {}}
    return render(request, "set_up_second.html", status=status, **values)
