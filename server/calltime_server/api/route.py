"""What is the same for every operation? Who asks and whether they may, what may be sent, one transaction for a write, and the ETag."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.routing import APIRoute

from calltime_server.api.describing import AT_MOST_BYTES, OPEN_TO_ALL, RIGHT, SIZE, TOLD_ONCE
from calltime_server.api.front import Front, seated_of
from calltime_server.api.guard import address_of, let_in
from calltime_server.api.problem_json import Mistake, Problem, problem_answer
from calltime_server.api.writing import Repeated, writing_of
from calltime_server.people.desk import Seated
from calltime_server.rights import Right

Answer = Callable[[Request], Coroutine[Any, Any, Response]]
READS = frozenset({"GET", "HEAD"})
A_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Operation(APIRoute):
    """One thing that programs can ask for. `openapi_extra` comes from `describing.needs`."""

    def get_route_handler(self) -> Answer:
        """What stands around the part's own function."""
        answer = super().get_route_handler()
        extra = self.openapi_extra or {}
        right = Right(extra[RIGHT]) if RIGHT in extra else None
        at_most = int(extra.get(SIZE, AT_MOST_BYTES))

        async def handle(request: Request) -> Response:
            if extra.get(OPEN_TO_ALL):
                request.app.state.front.pace.knock(address_of(request))
                await _read_body(request, at_most)
                return _dressed(request, await answer(request))
            described = await run_in_threadpool(_let_in, request, self, right)
            _refuse_unknown(request, described)
            body = await _read_body(request, at_most)
            _refuse_media(request, body, described)
            if request.method in READS:
                return _dressed(request, await answer(request))
            return _dressed(request, await _in_one(request, answer, body, secret=bool(extra.get(TOLD_ONCE))))

        return handle


def _let_in(request: Request, route: APIRoute, right: Right | None) -> dict[str, Any]:
    """Let only a known program in, and return how the operation is described: the first that asks waits until all are."""
    let_in(request, request.app.state.front, right)
    described: dict[str, Any] = request.app.openapi()["paths"].get(route.path_format, {}).get(request.method.lower(), {})
    return described


async def _in_one(request: Request, answer: Answer, body: bytes, *, secret: bool) -> Response:
    """Answer a write in one transaction, or as it was answered before."""
    front: Front = request.app.state.front
    writing = request.state.writing = writing_of(request, body, secret=secret)
    try:
        response = await answer(request)
    except BaseException as error:
        await run_in_threadpool(_undo, writing.undo, error)
        if isinstance(error, Repeated):
            await run_in_threadpool(_note_repeated, front, seated_of(request), error)
            return error.answer if isinstance(error.answer, Response) else problem_answer(request, error.answer)
        raise
    await run_in_threadpool(writing.commit, response, seated_of(request), front.now())
    return response


def _note_repeated(front: Front, seated: Seated, repeated: Repeated) -> None:
    """What was told again was told: it may be about somebody."""
    with front.desks.open(seated, repeated.right, "was told again what a write had come to", {"did": repeated.did}):
        pass


def _undo(undo: Callable[[BaseException], None], error: BaseException) -> None:
    try:
        undo(error)
    except BaseException as same:
        if same is not error:
            raise


def _refuse_unknown(request: Request, described: dict[str, Any]) -> None:
    """A mistyped filter must not be answered with everything."""
    known = [parameter["name"] for parameter in described.get("parameters", ()) if parameter.get("in") == "query"]
    unknown = sorted(set(request.query_params) - set(known))
    if unknown:
        takes = f"It takes {', '.join(sorted(known))}." if known else "It takes none."
        mistakes = [Mistake(detail=f"There is no such parameter here. {takes}", parameter=name[:100]) for name in unknown]
        says = f"This address does not take what was asked: {', '.join(name[:100] for name in unknown)}. {takes} Nothing was done."
        raise Problem(HTTPStatus.BAD_REQUEST, says, kind="unknown-parameter", errors=mistakes)
    no_days = [name for name in _days(described) for value in request.query_params.getlist(name) if value and not A_DAY.fullmatch(value)]
    if no_days:
        mistakes = [Mistake(detail="This is not a day. Write year, month and day, as in 2026-10-05.", parameter=name) for name in no_days]
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{mistakes[0].detail} Nothing was done.", kind="invalid-request", errors=mistakes)
    unfit = sorted({name for name, value in request.query_params.multi_items() if _unfit(value)})
    if unfit:
        mistakes = [Mistake(detail=UNFIT, parameter=name) for name in unfit]
        raise Problem(HTTPStatus.BAD_REQUEST, f"{UNFIT} Nothing was done.", kind="invalid-request", errors=mistakes)


def _days(described: dict[str, Any]) -> list[str]:
    """Parameters that are days: what reads them would take a number for seconds since 1970."""
    parameters = [parameter for parameter in described.get("parameters", ()) if parameter.get("in") == "query"]
    return [each["name"] for each in parameters if any(kind.get("format") == "date" for kind in _kinds(each["schema"]))]


def _kinds(schema: dict[str, Any]) -> list[dict[str, Any]]:
    return [schema, *schema.get("anyOf", ())]


async def _read_body(request: Request, at_most: int) -> bytes:
    """The whole body, which is then there for `request.body()`; whoever sends more is cut off before it is held in memory."""
    says = f"A request to this address has at most {at_most:,} bytes. Nothing was done. Send less at once, in several requests."
    told = request.headers.get("Content-Length", "")
    too_long = Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, says, headers={"Connection": "close"})
    if told.isdecimal() and int(told[:20]) > at_most:
        raise too_long
    held = bytearray()
    async for part in request.stream():
        held += part
        if len(held) > at_most:
            raise too_long
    request._body = bytes(held)  # noqa: SLF001 # where Starlette keeps what `request.body()` has read; its own way has no limit
    return request._body  # noqa: SLF001


UNFIT = "A text has a character in it that cannot be kept: U+0000, or half of a surrogate pair. Leave it out."


def _refuse_media(request: Request, body: bytes, described: dict[str, Any]) -> None:
    """Refuse a body of a kind that this operation does not take, and text that no database takes."""
    taken = described.get("requestBody", {}).get("content", {})
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if body and taken and kind not in taken:
        says = f"This address takes {' or '.join(taken)}, not {kind[:100] or 'a body without Content-Type'}. Nothing was done."
        raise Problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, says)
    if kind == "application/json" and (b"\\u0000" in body or b"\\ud" in body.lower()):
        try:
            unfit = _unfit(json.loads(body))
        except (ValueError, RecursionError):
            return  # what is no JSON is refused by whoever reads it
        if unfit:
            raise Problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                f"{UNFIT} Nothing was done.",
                kind="invalid-request",
                errors=[Mistake(detail=UNFIT, pointer="#")],
            )


def _unfit(value: object) -> bool:
    match value:
        case str():
            return "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value)
        case list():
            return any(_unfit(each) for each in value)
        case dict():
            return any(_unfit(name) or _unfit(each) for name, each in value.items())
        case _:
            return False


def etag_of(version: object) -> str:
    """A strong ETag of a version: a number, a time, a digest."""
    return f'"{hashlib.sha256(str(version).encode()).hexdigest()[:32]}"'


def must_match(request: Request, version: object) -> None:
    """Refuse a change that was thought out on an older version than this: header If-Match, which a program may send."""
    wanted = request.headers.get("If-Match")
    if wanted is None or wanted.strip() == "*" or etag_of(version) in (each.strip() for each in wanted.split(",")):
        return
    says = "Somebody has changed this since you read it (If-Match). Nothing was done. Read it again, and decide anew."
    raise Problem(HTTPStatus.PRECONDITION_FAILED, says, kind="changed-meanwhile")


def _dressed(request: Request, response: Response) -> Response:
    response.headers.update(getattr(request.state, "pace", {}))
    if next_part := getattr(request.state, "next", None):
        response.headers["Link"] = f'<{next_part}>; rel="next"'
    if request.method not in READS or response.status_code != HTTPStatus.OK or not hasattr(response, "body"):
        return response
    etag = response.headers.setdefault("ETag", f'"{hashlib.sha256(response.body).hexdigest()[:32]}"')
    known = (each.strip().removeprefix("W/") for each in request.headers.get("If-None-Match", "").split(","))
    if etag in known or request.headers.get("If-None-Match", "").strip() == "*":
        kept = {name: value for name, value in response.headers.items() if name not in ("content-length", "content-type")}
        return Response(status_code=HTTPStatus.NOT_MODIFIED, headers=kept)
    return response
