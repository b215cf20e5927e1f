"""Who may come in, and is a form really ours? Every page but a few asks for a session, and every form for its token."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote, urlencode

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from calltime_server.people import sessions
from calltime_server.store.connection import DatabaseAway, SchemaMissing
from calltime_server.web.language import COOKIE as LANGUAGE_COOKIE
from calltime_server.web.language import LANGUAGES, language_of
from calltime_server.web.office import Office
from calltime_server.web.seat import Seat
from calltime_server.web.trouble import Trouble

COOKIE = "calltime"
CHOICE = "lang"
"""What stands in an address that chooses a language: `?lang=cy`."""
YEAR = 365 * 24 * 60 * 60
OPEN = ("/sign-in", "/accessibility", "/privacy", "/healthz", "/favicon.ico", "/t", "/enrol")
"""Pages for everybody, with what lies below them."""


class SignInNeeded(Exception):
    """Nobody is signed in. `back` is where the person wanted to go."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back


def seat_people(pages: FastAPI, office: Office) -> None:
    """Let every request of these pages know who asks, before anything else is done with it."""

    @pages.middleware("http")
    async def seat(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        if request.query_params.get(CHOICE) in LANGUAGES and request.method == "GET":
            return _in_language(request)
        request.state.now, request.state.office = office.now(), office
        request.state.seat = await run_in_threadpool(_find_seat, request, office)
        return await answer(request)

    @pages.exception_handler(SignInNeeded)
    def sign_in(request: Request, needed: SignInNeeded) -> Response:
        address = f"/sign-in?next={quote(needed.back, safe='')}"
        if request.headers.get("HX-Request"):
            # A part of a page is asked for: the whole page goes to the sign-in.
            return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": address})
        return RedirectResponse(address, HTTPStatus.SEE_OTHER)


def _in_language(request: Request) -> Response:
    """The same page again, after the language that was chosen is noted in this browser."""
    chosen = request.query_params[CHOICE]
    rest = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != CHOICE])
    answer = RedirectResponse(f"/{request.url.path.lstrip('/')}" + (f"?{rest}" if rest else ""), HTTPStatus.SEE_OTHER)
    answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, httponly=True, samesite="lax")
    return answer


def _find_seat(request: Request, office: Office) -> Seat:
    token = request.cookies.get(COOKIE, "")
    chosen = language_of(request)
    if not token or request.url.path.startswith("/static/"):
        return Seat(language=chosen)
    try:
        with office.database.as_office() as connection:
            found = sessions.find(connection, token, now=office.now())
    except (DatabaseAway, SchemaMissing):
        return Seat(language=chosen)
    if found is None:
        return Seat(language=chosen)
    who, csrf, own = found
    # What was chosen in this browser counts before what the account says.
    language = chosen if "language" in request.cookies else next((each for each in LANGUAGES if each == own), chosen)
    return Seat(who=who, language=language, csrf=csrf)


async def guard(request: Request) -> None:
    """Let nobody further who is not signed in, and no form that another site has sent. A dependency of all pages."""
    path = request.url.path
    is_open = path == "/" or any(path == each or path.startswith(f"{each}/") for each in OPEN)
    seat: Seat = request.state.seat
    if seat.who is None and not is_open:
        # A form cannot be sent again after signing in, but where it stood can be opened again.
        back = path if request.method in ("GET", "HEAD") else "/"
        query = f"?{request.url.query}" if request.url.query and back == path else ""
        raise SignInNeeded(back + query)
    if request.method in ("GET", "HEAD"):
        return
    # Before anybody is signed in there is no token to ask for: another site could else sign a visitor in as somebody of its choice.
    if not _is_from_here(request, request.state.office.public_url):
        raise _foreign()
    if seat.who is not None:
        sent = request.headers.get("X-CSRF") or str((await request.form()).get("csrf", ""))
        if not hmac.compare_digest(sent.encode(), seat.csrf.encode()):
            raise _foreign()


def _is_from_here(request: Request, public_url: str) -> bool:
    """Whether the browser says that the form stood in a page of ours. Browsers too old to say either hold back our cookie (SameSite)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is None or origin in (str(request.base_url).rstrip("/"), public_url)


def _foreign() -> Trouble:
    says = (
        "This form was not sent from one of our pages, or the page was open since before you signed in last. Nothing was changed. "
        "Load the page again and repeat what you did."
    )
    return Trouble(HTTPStatus.FORBIDDEN, "This form was not taken", says)
