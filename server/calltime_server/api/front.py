"""Who asks, as a program, and what do all answers need?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import Request

from calltime_server.api.pace import Pace
from calltime_server.api.writing import Writing
from calltime_server.payment.terms import Terms
from calltime_server.people.desk import Desks, Seated
from calltime_server.rights import Right
from calltime_server.store.audit import About
from calltime_server.store.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """The counter at which programs are served. `terms` are all of the council's files; `position`: phones may say where a tap was.

    `sends_mail`: e-mail that is written goes out; `hooks_private`: webhooks may be in private networks.
    """

    desks: Desks
    terms: tuple[Terms, ...]
    public_url: str
    position: bool = False
    sends_mail: bool = False
    hooks_private: bool = False
    pace: Pace = field(default_factory=Pace)

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock; it gives an aware time."""
        return self.desks.now

    @contextmanager
    def open(self, request: Request, right: Right, did: str, about: About | None = None) -> Iterator[Connection]:
        """A transaction as the program that asks; see `Desks.open`.

        A request that reads has one for each call. A request that writes has one in all, which is committed when its answer is made
        (see `writing`): what it wrote is seen by others only then.
        """
        writing: Writing | None = getattr(request.state, "writing", None)
        opened = (
            self.desks.open(seated_of(request), right, did, about)
            if writing is None
            else writing.open(self.desks, seated_of(request), right, did, about)
        )
        with opened as connection:
            yield connection


def seated_of(request: Request) -> Seated:
    """Who asks; the guard has put it there."""
    seated: Seated = request.state.seated
    return seated
