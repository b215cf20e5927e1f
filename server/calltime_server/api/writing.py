"""How is a write done once, though it may be asked for twice? In one transaction, with its answer under the program's key."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http import HTTPStatus

from fastapi import Request, Response

from calltime_server.api.problem_json import Problem
from calltime_server.people.desk import Desks, Seated
from calltime_server.rights import Right, require
from calltime_server.store.audit import About, note_doing
from calltime_server.store.connection import Connection
from calltime_server.store.repeating import Answered, find_answer, hold_key, keep_answer

KEEPS = ("content-type", "location", "etag", "content-disposition")
"""Headers of the first answer that are given again."""

TOLD_ONCE = (
    "This was done when it was asked for first, and nothing was done now. Its answer held a secret, which is told once and not kept. If "
    "that answer did not arrive, make another with a new Idempotency-Key, and end what this one made."
)


class Repeated(Exception):
    """This was asked before. `answer` is what was answered then, or the problem that it is not told again; `right` is what it needs."""

    def __init__(self, answered: Answered, right: Right, did: str) -> None:
        super().__init__(answered.status)
        self.right, self.did = right, did
        headers = {**answered.headers, "Idempotency-Replayed": "true"}
        self.answer: Response | Problem
        if answered.body is None:
            self.answer = Problem(HTTPStatus.CONFLICT, TOLD_ONCE, kind="told-once", headers={"Idempotency-Replayed": "true"})
        else:
            self.answer = Response(answered.body, status_code=answered.status, headers=headers)


@dataclass(slots=True, kw_only=True)
class Writing:
    """The one transaction of a write: it is opened when the part first asks for it, and ends when the answer is made.

    `key` is the program's own name for this write, `asked` the digest of the request; `secret`: its answer is told once.
    """

    key: str | None
    asked: bytes
    secret: bool = False
    _held: ExitStack = field(default_factory=ExitStack)
    _connection: Connection | None = None
    _failed: bool = False

    @contextmanager
    def open(self, desks: Desks, seated: Seated, right: Right, did: str, about: About | None) -> Iterator[Connection]:
        """The transaction, opened or gone on with. Raises Repeated, NotAllowed, or Problem for a key that is in use."""
        if self._connection is None:
            self._connection = self._held.enter_context(desks.open(seated, right, did, about))
            self._look_for_an_answer(self._connection, seated, right, did, desks.now())
        else:
            require(seated.who, right)
            note_doing(self._connection, seated.who, did, about or {}, now=desks.now(), token=seated.token)
        try:
            yield self._connection
        except BaseException:
            self._failed = True
            raise

    def _look_for_an_answer(self, connection: Connection, seated: Seated, right: Right, did: str, now: datetime) -> None:
        if self.key is None or seated.token is None:
            return
        if not hold_key(connection, token=seated.token, key=self.key):
            says = "A request with this Idempotency-Key is being answered now. Ask again in a second, and you will be told what came of it."
            raise Problem(HTTPStatus.CONFLICT, says, kind="key-in-use", headers={"Retry-After": "1"})
        answered = find_answer(connection, token=seated.token, key=self.key, now=now)
        if answered is None:
            return
        if answered.asked != self.asked:
            says = (
                "This Idempotency-Key was used for another request: method, address or body differ. Nothing was done. Make a "
                "new key for each new write, and repeat a write byte by byte."
            )
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, says, kind="key-reused")
        raise Repeated(answered, right, did)

    def commit(self, response: Response, seated: Seated, now: datetime) -> None:
        """Make it last, with what is answered. Nothing lasts where the part failed within."""
        connection = self._connection
        if connection is None:
            return
        if self._failed:
            connection.rollback()
        elif self.key is not None and seated.token is not None and hasattr(response, "body"):
            body = None if self.secret and response.status_code < HTTPStatus.BAD_REQUEST else bytes(response.body)
            headers = {name: value for name, value in response.headers.items() if name in KEEPS}
            answered = Answered(asked=self.asked, status=response.status_code, body=body, headers=headers)
            keep_answer(connection, answered, token=seated.token, key=self.key, now=now)
        self._held.close()

    def undo(self, error: BaseException) -> None:
        """Let nothing of it last."""
        self._held.__exit__(type(error), error, error.__traceback__)


def writing_of(request: Request, body: bytes, *, secret: bool = False) -> Writing:
    """The write that a request asks for."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not re.fullmatch(r"[\x21-\x7e]{1,255}", key):
        raise Problem(
            HTTPStatus.BAD_REQUEST, "An Idempotency-Key has 1 to 255 letters, digits or signs of ASCII. A random UUID is a good one."
        )
    address = f"{request.method} {request.url.path}?{request.url.query}\n"
    return Writing(key=key, asked=hashlib.sha256(address.encode() + body).digest(), secret=secret)
