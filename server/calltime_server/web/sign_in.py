"""How does somebody come in? By password and second factor, and out again."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from urllib.parse import quote

from fastapi import FastAPI, Form, Request
from fastapi.responses import RedirectResponse, Response

from calltime_server.people import codes, passkeys, sign_in
from calltime_server.people.sessions import digest_of
from calltime_server.people.sign_in import Let, Wait
from calltime_server.store import credentials, people
from calltime_server.store.audit import note_doing
from calltime_server.store.connection import Connection
from calltime_server.store.credentials import Account
from calltime_server.web.guard import COOKIE
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.place import browser_of, give_cookie, site_of, take_cookie, way_on
from calltime_server.web.rendering import render

Field = Annotated[str, Form()]
_NOT_RIGHT = N_("The e-mail address or the password is not right. Check both; capital letters count in a password.")
_CODE_NOT_RIGHT = N_(
    "This code is not right, or was used before. Wait for the next one in your app, and check that the clock of your phone is right."
)
_KEY_NOT_RIGHT = N_("This passkey is not one of yours here, or it took too long. Try again, or use a code.")


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/sign-in")
    def form(request: Request, next: str = "/") -> Response:  # noqa: A002
        if seat_of(request).who is not None:
            return RedirectResponse(way_on(next), HTTPStatus.SEE_OTHER)
        return _ask_password(request, office, back=way_on(next))

    @pages.post("/sign-in")
    def password(request: Request, email: Field = "", password: Field = "", next: Field = "/") -> Response:  # noqa: A002
        back = way_on(next)
        answer = sign_in.by_password(office.database, email, password, browser_of(request), now=office.now())
        match answer:
            case Let(token=token):
                return let(request, token, f"/sign-in/second?next={quote(back, safe='')}")
            case Wait(until=until):
                return _ask_password(request, office, back=back, email=email, until=until)
        return _ask_password(request, office, back=back, email=email, faults={"email": _NOT_RIGHT})

    @pages.get("/sign-in/second")
    def second(request: Request, next: str = "/") -> Response:  # noqa: A002
        return _ask_second(request, office, way_on(next))

    @pages.post("/sign-in/second")
    def shown(request: Request, code: Field = "", passkey: Field = "", next: Field = "/") -> Response:  # noqa: A002
        token, now, site = request.cookies.get(COOKIE, ""), office.now(), site_of(request, office)

        def proof(connection: Connection, account: Account) -> bool:
            if passkey:
                challenge, _ = people.asked_of_session(connection, digest_of(token))
                return passkeys.take_one(connection, account.who.id, passkey, challenge, site, now=now)
            return codes.take_code(connection, account, code, now=now)

        answer = sign_in.by_second_factor(office.database, token, proof, browser_of(request), now=now)
        match answer:
            case Let(token=whole):
                return let(request, whole, way_on(next))
            case Wait(until=until):
                return _ask_second(request, office, way_on(next), until=until)
        faults = {"passkey": _KEY_NOT_RIGHT} if passkey else {"code": _CODE_NOT_RIGHT}
        return _ask_second(request, office, way_on(next), faults=faults)

    @pages.post("/sign-out")
    def out(request: Request) -> Response:
        who = seat_of(request).seated.who
        with office.database.as_office() as connection:
            people.end_session(connection, digest_of(request.cookies.get(COOKIE, "")))
            note_doing(connection, who, "signed out", {}, now=office.now())
        answer = RedirectResponse("/sign-in", HTTPStatus.SEE_OTHER)
        take_cookie(request, answer)
        return answer


def let(request: Request, token: str, to: str) -> Response:
    """On to a page, with the session in the browser."""
    answer = RedirectResponse(to, HTTPStatus.SEE_OTHER)
    give_cookie(request, answer, token)
    return answer


def _ask_password(
    request: Request,
    office: Office,
    *,
    back: str,
    email: str = "",
    faults: dict[str, str] | None = None,
    until: datetime | None = None,
) -> Response:
    status = HTTPStatus.TOO_MANY_REQUESTS if until else HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    values = {"back": back, "email": email, "faults": faults or {}, "until": until, "by_organisation": office.organisation is not None}
    return render(request, "sign_in.html", status=status, **values)


def _ask_second(
    request: Request, office: Office, back: str, *, faults: dict[str, str] | None = None, until: datetime | None = None
) -> Response:
    token = request.cookies.get(COOKIE, "")
    with office.database.as_office() as connection:
        half = sign_in.half(connection, token, now=office.now())
        account = credentials.account_of_person(connection, half.who.id) if half else None
        if half is None or account is None:
            return RedirectResponse(f"/sign-in?next={quote(back, safe='')}", HTTPStatus.SEE_OTHER)
        if not account.has_second:
            return RedirectResponse("/sign-in/set-up", HTTPStatus.SEE_OTHER)
        options = ""
        if account.passkeys:
            options, challenge = passkeys.ask_for_one(connection, account.who.id, site_of(request, office))
            people.keep_challenge(connection, digest_of(token), challenge)
    status = HTTPStatus.TOO_MANY_REQUESTS if until else HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    has_app = account.totp_secret is not None
    values = {"back": back, "half": half, "has_app": has_app, "options": options, "faults": faults or {}, "until": until}
    return render(request, "second_factor.html", status=status, **values)
