"""Which program may ask? One with a token, in the header `Authorization: Bearer …`; only doors that enrol have a code instead."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import Request

from calltime_server.api.front import Front
from calltime_server.api.problem_json import Problem
from calltime_server.people.desk import Seated
from calltime_server.people.sessions import digest_of
from calltime_server.rights import Right, require
from calltime_server.store.tokens import program_of_token


def let_in(request: Request, front: Front, right: Right | None) -> None:
    """Let only a known program in that may do this, and leave who it is in `request.state.seated`. Raises Problem or NotAllowed."""
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise _unknown("This needs a token, and none was sent.")
    with front.desks.database.as_office() as connection:
        found = program_of_token(connection, digest_of(token.strip()), now=front.now())
    if found is None:
        front.pace.stumble(address_of(request))
        raise _unknown("This needs a token, and the one that was sent is not known, or it is over or revoked.")
    who, number = found
    request.state.seated = Seated(who=who, token=number)
    request.state.pace = front.pace.step(number)
    if right is not None:
        require(who, right)


def address_of(request: Request) -> str:
    """Where it comes from, as far as the proxy tells."""
    return request.client.host if request.client else ""


def _unknown(says: str) -> Problem:
    next_step = "Make one under Settings, Tokens, and send it with each request: Authorization: Bearer ct_…"
    return Problem(HTTPStatus.UNAUTHORIZED, f"{says} {next_step}", headers={"WWW-Authenticate": 'Bearer realm="Calltime"'})
