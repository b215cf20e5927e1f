"""What does a person see when there is nothing to see? A page that says what, why and what next."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from starlette.exceptions import HTTPException

from calltime_server.rights import NotAllowed
from calltime_server.store.connection import NOT_KEPT, WROTE_AT_ONCE, DatabaseAway, SchemaMissing, is_unforeseen
from calltime_server.store.forgetting import TapsForgotten
from calltime_server.web.language import N_
from calltime_server.web.rendering import render
from calltime_server.web.role_words import ROLE_WORDS

CANNOT_BE_REACHED = N_(
    "The database cannot be reached, so nothing can be shown. Nothing is lost: doors keep their taps until they are stored. "
    "Load this page again in a minute; if that does not help, tell whoever runs the server."
)
NOT_READY = N_(
    "The database has not the tables of this version yet, so nothing can be shown. Tell whoever runs the server, who makes it ready; "
    "then load this page again."
)


class Trouble(Exception):
    """Ends a request with a page. `says` gives what, why and what next; what is always the same is marked with N_, and translated."""

    def __init__(self, status: HTTPStatus, title: str, says: str) -> None:
        super().__init__(says)
        self.status = status
        self.title = title
        self.says = says


def answer_with_pages(app: FastAPI) -> None:
    """Let every failure of this app be answered with a page."""

    @app.exception_handler(Trouble)
    def trouble(request: Request, error: Trouble) -> HTMLResponse:
        return trouble_page(request, error)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> HTMLResponse:
        says = N_("There is no page at this address; perhaps it was mistyped or is from an older version. Start again from the visit log.")
        return _page(request, HTTPStatus(error.status_code), N_("There is no such page"), says)

    @app.exception_handler(TapsForgotten)
    def forgotten(request: Request, error: TapsForgotten) -> HTMLResponse:
        return _page(request, HTTPStatus.GONE, N_("The taps of this day were forgotten"), str(error))

    @app.exception_handler(NotAllowed)
    def not_allowed(request: Request, error: NotAllowed) -> HTMLResponse:
        if error.roles:
            return render(request, "not_allowed.html", status=HTTPStatus.FORBIDDEN, words=ROLE_WORDS, roles=error.roles)
        return _page(request, HTTPStatus.FORBIDDEN, N_("You may not do this"), str(error))

    def unfit(request: Request, error: Exception) -> HTMLResponse:
        if is_unforeseen(error):
            raise error
        says = N_("A number or a text in it is longer than any that is kept. Nothing was changed. Start again from the visit log.")
        return _page(request, HTTPStatus.BAD_REQUEST, N_("This cannot be looked up"), says)

    def at_once(request: Request, _error: Exception) -> HTMLResponse:
        says = N_("Somebody else wrote the same in this moment, and only one can at a time. Nothing was changed. Do it again.")
        return _page(request, HTTPStatus.CONFLICT, N_("Somebody wrote at the same moment"), says)

    for kept in (*NOT_KEPT, RequestValidationError):
        app.add_exception_handler(kept, unfit)
    for wrote in WROTE_AT_ONCE:
        app.add_exception_handler(wrote, at_once)

    for away in (DatabaseAway, SchemaMissing):
        app.add_exception_handler(away, away_page)


def away_page(request: Request, error: Exception) -> HTMLResponse:
    """The page that tells that there is no record to look at, by whether it is away or was never made (SchemaMissing)."""
    if isinstance(error, SchemaMissing):
        title, says = N_("The database is not ready"), NOT_READY
    else:
        title, says = N_("The record cannot be reached"), CANNOT_BE_REACHED
    answer = _page(request, HTTPStatus.SERVICE_UNAVAILABLE, title, says)
    answer.headers["Retry-After"] = "60"
    return answer


def trouble_page(request: Request, error: Trouble) -> HTMLResponse:
    """The page that tells it, for whoever answers before the pages do."""
    return _page(request, error.status, error.title, error.says)


def _page(request: Request, status: HTTPStatus, title: str, says: str) -> HTMLResponse:
    return render(request, "trouble.html", status=status, title=title, says=says)
