"""Who may come in, and is a form really ours? Every page but a few asks for a session, and every form for its token."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from urllib.parse import quote, urlencode, urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse

from calltime_server.people import sessions
from calltime_server.store.connection import DatabaseAway, SchemaMissing
from calltime_server.web.language import COOKIE as LANGUAGE_COOKIE
from calltime_server.web.language import LANGUAGES, language_of
from calltime_server.web.letterbox import take, unfit_address
from calltime_server.web.office import Office
from calltime_server.web.seat import Seat
from calltime_server.web.trouble import Trouble, away_page, trouble_page

COOKIE = "calltime"
CHOICE = "lang"
"""What stands in an address that chooses a language: `?lang=cy`."""
YEAR = 365 * 24 * 60 * 60
READS = ("GET", "HEAD")
OPEN = ("/sign-in", "/accessibility", "/privacy", "/healthz", "/favicon.ico", "/t", "/enrol")
"""Pages for everybody, with what lies below them."""
BY_THEMSELVES = ("/today/part", "/live")
"""What an open page asks for without anybody touching it: a computer that was left is still left."""


class SignInNeeded(Exception):
    """Nobody is signed in. `back` is where the person wanted to go."""

    def __init__(self, back: str) -> None:
        super().__init__(back)
        self.back = back


def seat_people(pages: FastAPI, office: Office) -> None:
    """Let every request of these pages know who asks, before anything else is done with it."""

    @pages.middleware("http")
    async def seat(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        unfit = unfit_address(request)
        if unfit is not None:
            return trouble_page(request, unfit)
        if request.query_params.get(CHOICE) in LANGUAGES and request.method == "GET":
            return _in_language(request)
        request.state.now, request.state.office = office.now(), office
        try:
            request.state.seat = await run_in_threadpool(_find_seat, request, office)
        except (DatabaseAway, SchemaMissing) as error:
            # Who it is cannot be looked up: they may well be signed in, and to sign in again would help nobody.
            if request.url.path == "/" or not _is_open(request.url.path):
                return away_page(request, error)
            request.state.seat = Seat(language=language_of(request))
        refused = None if request.method in READS else await _take_form(request)
        return await answer(request) if refused is None else refused

    @pages.exception_handler(SignInNeeded)
    def sign_in(request: Request, needed: SignInNeeded) -> Response:
        return _to_sign_in(request, needed.back)


def _to_sign_in(request: Request, back: str) -> Response:
    address = f"/sign-in?next={quote(back, safe='')}"
    if request.headers.get("HX-Request"):
        # A part of a page is asked for: the whole page goes to the sign-in.
        return Response(status_code=HTTPStatus.UNAUTHORIZED, headers={"HX-Redirect": address})
    if request.headers.get("Accept") == "text/event-stream":
        # A page that stands open after its person has signed out asks for news: by this answer it asks no more (HTML, server-sent events).
        return Response(status_code=HTTPStatus.NO_CONTENT)
    return RedirectResponse(address, HTTPStatus.SEE_OTHER)


async def _take_form(request: Request) -> Response | None:
    """Read what is sent, from whoever may send it and no more than is taken. The answer where it is not."""
    seat: Seat = request.state.seat
    if seat.who is None and not _is_open(request.url.path):
        refused = _to_sign_in(request, _back_of(request))
    else:
        trouble = await take(request, known=seat.who is not None)
        if trouble is None:
            return None
        refused = trouble_page(request, trouble)
    # The rest is not read: the line is of no use for anything else.
    refused.headers["Connection"] = "close"
    return refused


def _in_language(request: Request) -> Response:
    """The same page again, after the language that was chosen is noted in this browser."""
    chosen = request.query_params[CHOICE]
    rest = urlencode([(name, value) for name, value in request.query_params.multi_items() if name != CHOICE])
    answer = RedirectResponse(f"/{request.url.path.lstrip('/')}" + (f"?{rest}" if rest else ""), HTTPStatus.SEE_OTHER)
    answer.set_cookie(LANGUAGE_COOKIE, chosen, max_age=YEAR, httponly=True, samesite="lax")
    return answer


def _find_seat(request: Request, office: Office) -> Seat:
    """Who sits there. Raises DatabaseAway and SchemaMissing where that cannot be looked up."""
    token = request.cookies.get(COOKIE, "")
    chosen = language_of(request)
    if not token or request.url.path.startswith("/static/"):
        return Seat(language=chosen)
    with office.database.as_office() as connection:
        found = sessions.find(connection, token, now=office.now(), seen=request.url.path not in BY_THEMSELVES)
    if found is None:
        return Seat(language=chosen)
    who, csrf, own = found
    # What was chosen in this browser counts before what the account says.
    language = chosen if "language" in request.cookies else next((each for each in LANGUAGES if each == own), chosen)
    return Seat(who=who, language=language, csrf=csrf)


async def guard(request: Request) -> None:
    """Let nobody further who is not signed in, and no form that another site has sent. A dependency of all pages."""
    seat: Seat = request.state.seat
    if seat.who is None and not _is_open(request.url.path):
        raise SignInNeeded(_back_of(request))
    if request.method in READS:
        return
    # Before anybody is signed in there is no token to ask for: another site could else sign a visitor in as somebody of its choice.
    if not _is_from_here(request, request.state.office.public_url):
        raise _foreign()
    if seat.who is not None:
        sent = request.headers.get("X-CSRF") or str((await request.form()).get("csrf", ""))
        if not hmac.compare_digest(sent.encode(), seat.csrf.encode()):
            raise _foreign()


def _is_open(path: str) -> bool:
    return path == "/" or any(path == each or path.startswith(f"{each}/") for each in OPEN)


def _back_of(request: Request) -> str:
    """Where somebody goes on who had to sign in first."""
    if request.headers.get("HX-Request"):
        # The page around a part of it. From somebody else it may be anything, as what stands in our own address may.
        try:
            whole = urlsplit(request.headers.get("HX-Current-URL", ""))
        except ValueError:
            return "/"
        return (whole.path or "/") + (f"?{whole.query}" if whole.query else "")
    # A form cannot be sent again after signing in, but where it stood can be opened again.
    if request.method not in READS:
        return "/"
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


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
