"""What does the office answer to? Pages for people at /, programs at /api/v1."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from fastapi import FastAPI, Request, Response

from calltime_server.api.programs import make_api
from calltime_server.payment.terms import Terms
from calltime_server.web.pages import make_pages

HEADERS = {
    # Nothing is loaded from anywhere else, and no script runs: there is none.
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    # Who was visited when stays out of the caches of shared computers.
    "Cache-Control": "no-store",
}


def make_app(*, dsn: str, terms: Terms | Sequence[Terms], broker: str, passwords: bool = False, now: Callable[[], datetime]) -> FastAPI:
    """The whole office. `broker` is what doors are told at enrolment, with `passwords` one of their own, too; `now` gives an aware time."""
    app = FastAPI(title="Calltime", openapi_url=None, docs_url=None, redoc_url=None)

    @app.middleware("http")
    async def guard(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
        response = await answer(request)
        response.headers.update(HEADERS)
        return response

    app.mount("/api/v1", make_api(dsn=dsn, terms=terms, broker=broker, passwords=passwords, now=now))
    app.mount("/", make_pages(dsn=dsn, terms=terms, now=now))
    return app
