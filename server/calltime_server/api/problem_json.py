"""How does a program learn what went wrong? As problem details (RFC 9457), with a sentence for the person who reads its log."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException

from calltime_server.faults import Fault
from calltime_server.jobs.keeping import Refused
from calltime_server.rights import NotAllowed
from calltime_server.store.connection import NOT_KEPT, WROTE_AT_ONCE, DatabaseAway, SchemaMissing, is_unforeseen
from calltime_server.store.forgetting import TapsForgotten

MEDIA = "application/problem+json"
NOWHERE = "There is nothing at this address, or not by this method. Look up in openapi.json what can be asked for."


class Mistake(BaseModel):
    """One of several things that are wrong with a request."""

    model_config = ConfigDict(frozen=True)

    detail: str = Field(description="What is wrong, and what is right.")
    parameter: str | None = Field(default=None, description="The parameter of the address or the header in which it is.")
    pointer: str | None = Field(default=None, description="The place in the body, as a JSON pointer (RFC 6901) behind #.")


class ProblemDetails(BaseModel):
    """What went wrong (RFC 9457)."""

    model_config = ConfigDict(
        frozen=True,
        title="Problem",
        json_schema_extra={
            "examples": [
                {
                    "type": "about:blank",
                    "title": "Not Found",
                    "status": 404,
                    "detail": "The ledger has no line of such a visit. Check its id, or settle its day first.",
                }
            ]
        },
    )

    type: str = Field(description="about:blank, or a name that stays: urn:calltime:problem:…; docs/api.md lists them.")
    title: str
    status: int
    detail: str = Field(description="What, why and what next, in English, for people.")
    errors: list[Mistake] | None = Field(default=None, description="Every mistake in the request, at once; only there where there are any.")


class Problem(Exception):
    """Ends a request. `detail` says what, why and what next; `kind` names what programs should tell apart beyond the status."""

    def __init__(
        self,
        status: HTTPStatus,
        detail: str,
        *,
        kind: str | None = None,
        errors: Sequence[Mistake] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.kind = kind
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def answer_with_problems(app: FastAPI) -> None:
    """Let every failure of this app be answered as problem details."""

    @app.exception_handler(Problem)
    def problem(request: Request, error: Problem) -> JSONResponse:
        return problem_answer(request, error)

    @app.exception_handler(RequestValidationError)
    def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        mistakes = [_mistake(each) for each in error.errors()]
        says = f"{len(mistakes)} thing{'s are' if len(mistakes) != 1 else ' is'} wrong with this request; nothing was done. See errors."
        return problem_answer(request, Problem(HTTPStatus.UNPROCESSABLE_ENTITY, says, kind="invalid-request", errors=mistakes))

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        return problem_answer(request, Problem(HTTPStatus(error.status_code), _says(error), headers=error.headers))

    @app.exception_handler(TapsForgotten)
    def forgotten(request: Request, error: TapsForgotten) -> JSONResponse:
        return problem_answer(request, Problem(HTTPStatus.GONE, str(error)))

    @app.exception_handler(NotAllowed)
    def not_allowed(request: Request, error: NotAllowed) -> JSONResponse:
        return problem_answer(request, Problem(HTTPStatus.FORBIDDEN, str(error)))

    @app.exception_handler(DatabaseAway)
    def away(request: Request, _error: DatabaseAway) -> JSONResponse:
        says = "The database cannot be reached. Nothing was changed. Ask again in a minute."
        return problem_answer(request, Problem(HTTPStatus.SERVICE_UNAVAILABLE, says, headers={"Retry-After": "60"}))

    def unfit(request: Request, error: Exception) -> JSONResponse:
        if is_unforeseen(error):
            raise error
        says = "A number or a text in this request is longer than any that is kept. Nothing was changed."
        return problem_answer(request, Problem(HTTPStatus.UNPROCESSABLE_ENTITY, says, kind="invalid-request"))

    def at_once(request: Request, _error: Exception) -> JSONResponse:
        says = "Somebody else wrote the same in this moment, and only one can at a time. Nothing was changed. Ask again."
        return problem_answer(request, Problem(HTTPStatus.SERVICE_UNAVAILABLE, says, kind="wrote-at-once", headers={"Retry-After": "1"}))

    for kept in NOT_KEPT:
        app.add_exception_handler(kept, unfit)
    for wrote in WROTE_AT_ONCE:
        app.add_exception_handler(wrote, at_once)

    @app.exception_handler(SchemaMissing)
    def unmigrated(request: Request, _error: SchemaMissing) -> JSONResponse:
        says = "The database has not the tables of this version yet. Tell whoever runs the server, who makes it ready; then ask again."
        return problem_answer(request, Problem(HTTPStatus.SERVICE_UNAVAILABLE, says, headers={"Retry-After": "60"}))

    @app.exception_handler(Exception)
    def broken(request: Request, _error: Exception) -> JSONResponse:
        says = "The office has a fault of its own; it is in the server's log. Nothing was changed. Tell whoever runs the server."
        # The error goes on to the server, which writes it into its log and ends the connection: that is told here.
        return problem_answer(request, Problem(HTTPStatus.INTERNAL_SERVER_ERROR, says, headers={"Connection": "close"}))


def refuse(fault: Fault) -> Problem:
    """A fault in what was asked."""
    return Problem(HTTPStatus.BAD_REQUEST, fault.says)


def refuse_keeping(refused: Refused) -> Problem:
    """What was not kept of doors, tags, badges and carers."""
    mistake = Mistake(detail=refused.says, pointer=f"#/{refused.field}")
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, refused.says, errors=[mistake])


def _says(error: HTTPException) -> str:
    match error.status_code:
        case HTTPStatus.NOT_FOUND | HTTPStatus.METHOD_NOT_ALLOWED:
            return NOWHERE
        case _:
            return f"This could not be read ({error.detail}). Look up in openapi.json what this address takes."


def _mistake(error: Mapping[str, object]) -> Mistake:
    where = error["loc"]
    place, *names = (str(part) for part in where) if isinstance(where, tuple) else ("body",)
    if place != "body":
        return Mistake(detail=str(error["msg"]), parameter="/".join(names))
    pointer = "".join(f"/{name.replace('~', '~0').replace('/', '~1')}" for name in names)
    return Mistake(detail=str(error["msg"]), pointer="#" if error["type"] == "json_invalid" else f"#{pointer}")


def problem_answer(request: Request, problem: Problem) -> JSONResponse:
    """The answer that tells it."""
    told = ProblemDetails(
        type=f"urn:calltime:problem:{problem.kind}" if problem.kind else "about:blank",
        title=problem.status.phrase,
        status=problem.status.value,
        detail=problem.detail,
        errors=list(problem.errors) or None,
    )
    headers = {**getattr(request.state, "pace", {}), **problem.headers}
    return JSONResponse(told.model_dump(exclude_none=True), status_code=problem.status, media_type=MEDIA, headers=headers)
