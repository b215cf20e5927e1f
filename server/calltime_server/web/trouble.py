"""What does a person see when there is nothing to see? A page that says what, why and what next."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from calltime_server.store.connection import DatabaseAway, SchemaMissing
from calltime_server.store.forgetting import TapsForgotten
from calltime_server.web.rendering import render


class Trouble(Exception):
    """Ends a request with a page. `says` gives what, why and what next."""

    def __init__(self, status: HTTPStatus, title: str, says: str) -> None:
        super().__init__(says)
        self.status = status
        self.title = title
        self.says = says


def answer_with_pages(app: FastAPI) -> None:
    """Let every failure of this app be answered with a page."""

    @app.exception_handler(Trouble)
    def trouble(_: Request, error: Trouble) -> HTMLResponse:
        return _page(error.status, error.title, error.says)

    @app.exception_handler(HTTPException)
    def http(_: Request, error: HTTPException) -> HTMLResponse:
        says = "There is no page at this address; perhaps it was mistyped or is from an older version. Start again from the visit log."
        return _page(HTTPStatus(error.status_code), "There is no such page", says)

    @app.exception_handler(TapsForgotten)
    def forgotten(_: Request, error: TapsForgotten) -> HTMLResponse:
        return _page(HTTPStatus.GONE, "The taps of this day were forgotten", str(error))

    @app.exception_handler(DatabaseAway)
    def away(_: Request, _error: DatabaseAway) -> HTMLResponse:
        says = (
            "The database cannot be reached, so nothing can be shown. Nothing is lost: doors keep their taps until they are stored. "
            "Load this page again in a minute; if that does not help, tell whoever runs the server."
        )
        return _page(HTTPStatus.SERVICE_UNAVAILABLE, "The record cannot be reached", says)

    @app.exception_handler(SchemaMissing)
    def unmigrated(_: Request, _error: SchemaMissing) -> HTMLResponse:
        says = "The database has no tables yet. Run calltime-server migrate, then load this page again."
        return _page(HTTPStatus.SERVICE_UNAVAILABLE, "The database is not ready", says)


def _page(status: HTTPStatus, title: str, says: str) -> HTMLResponse:
    return render("trouble.html", status=status, title=title, says=says)
