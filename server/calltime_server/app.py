"""What does the office answer to? Pages for people at /, programs at /api/v1."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI, Request, Response

from calltime_server.api.front import Front
from calltime_server.api.problem_json import answer_with_problems
from calltime_server.api.programs import make_api
from calltime_server.config import Keeping, Organisation, Phones
from calltime_server.payment.terms import Terms
from calltime_server.people.desk import Desks
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.store.span import all_of
from calltime_server.web.live import Live
from calltime_server.web.office import PHONE_APP, Office
from calltime_server.web.pages import make_pages

HEADERS = {
    # Nothing is loaded from anywhere else, and what runs is a file of ours: nothing that stands in a page.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # No window of another site holds on to ours, and pages ask for nothing of the device but a passkey.
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "X-Frame-Options": "DENY",
    # Browsers heed it where they came by https, and nowhere else.
    "Strict-Transport-Security": "max-age=31536000",
    # Who was visited when stays out of the caches of shared computers.
    "Cache-Control": "no-store",
}


def make_app(
    *,
    dsn: str,
    terms: Terms | Sequence[Terms],
    broker: str,
    public_url: str,
    passwords: bool = False,
    organisation: Organisation | None = None,
    sends_mail: bool = False,
    hooks_private: bool = False,
    keeping: Keeping | None = None,
    keep_years: int | None = None,
    phones: Phones | None = None,
    phone_app: Path = PHONE_APP,
    finance: Path | None = None,
    now: Callable[[], datetime],
) -> FastAPI:
    """The whole office. `broker` is what doors are told at enrolment, with `passwords` one of their own, too; `now` gives an aware time.

    `organisation` is whose sign-in vouches for people, besides passwords; `sends_mail`: e-mail that is written goes out;
    `hooks_private`: webhooks may be in private networks. How long records are kept is shown by `keeping` and `keep_years` (of taps; None:
    for ever). `phones` is what carers' phones are told, `phone_app` the folder of what was built for them; `finance` the council's file of
    finance settings, if it has one.
    """
    desks = Desks(database=OfficeDatabase(dsn), now=now)
    files = all_of(terms)
    live = Live(dsn)

    @asynccontextmanager
    async def open_hours(_: FastAPI) -> AsyncIterator[None]:
        yield
        live.close()
        desks.database.close()

    app = FastAPI(title="Calltime", openapi_url=None, docs_url=None, redoc_url=None, lifespan=open_hours)
    app.state.live = live
    # What is below neither, such as an address with a line break in it, is nowhere; programs look for such by chance.
    answer_with_problems(app)

    @app.middleware("http")
    async def guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)  # the phone's app has some of its own
        return response

    told = phones or Phones()
    front = Front(
        desks=desks, terms=files, public_url=public_url, position=told.position, sends_mail=sends_mail, hooks_private=hooks_private
    )
    app.mount("/api/v1", make_api(front, broker=broker, passwords=passwords))
    office = Office(
        desks=desks,
        live=live,
        terms=files,
        public_url=public_url,
        organisation=organisation,
        sends_mail=sends_mail,
        hooks_private=hooks_private,
        keeping=keeping or Keeping(),
        keep_years=keep_years,
        phones=told,
        passwords=passwords,
        phone_app=phone_app,
        finance=finance,
    )
    app.mount("/", make_pages(office))
    return app
