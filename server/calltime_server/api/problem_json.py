"""How does a program learn what went wrong? As problem details (RFC 9457), with a sentence for the person who reads its log."""

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from calltime_server.faults import Fault
from calltime_server.store.connection import DatabaseAway, SchemaMissing
from calltime_server.store.forgetting import TapsForgotten


class Problem(Exception):
    """Ends a request. `detail` says what, why and what next."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail


def answer_with_problems(app: FastAPI) -> None:
    """Let every failure of this app be answered as problem details."""

    @app.exception_handler(Problem)
    def problem(_: Request, error: Problem) -> JSONResponse:
        return _response(error.status, error.detail)

    @app.exception_handler(HTTPException)
    def http(_: Request, error: HTTPException) -> JSONResponse:
        says = "There is nothing at this address, or not by this method. Look up in openapi.json what can be asked for."
        return _response(HTTPStatus(error.status_code), says)

    @app.exception_handler(TapsForgotten)
    def forgotten(_: Request, error: TapsForgotten) -> JSONResponse:
        return _response(HTTPStatus.GONE, str(error))

    @app.exception_handler(DatabaseAway)
    def away(_: Request, _error: DatabaseAway) -> JSONResponse:
        return _response(HTTPStatus.SERVICE_UNAVAILABLE, "The database cannot be reached. Nothing was changed. Ask again in a minute.")

    @app.exception_handler(SchemaMissing)
    def unmigrated(_: Request, _error: SchemaMissing) -> JSONResponse:
        return _response(HTTPStatus.SERVICE_UNAVAILABLE, "The database has no tables yet. Run calltime-server migrate, then ask again.")


def refuse(fault: Fault) -> Problem:
    """A fault in what was asked."""
    return Problem(HTTPStatus.BAD_REQUEST, fault.says)


def _response(status: HTTPStatus, detail: str) -> JSONResponse:
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail}
    return JSONResponse(body, status_code=status, media_type="application/problem+json")
