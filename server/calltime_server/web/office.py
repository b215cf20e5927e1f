"""What does every page need from the office?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from fastapi import Request

from calltime_server.config import Keeping, Organisation, Phones
from calltime_server.payment.terms import Terms
from calltime_server.people.desk import Desks
from calltime_server.rights import Right
from calltime_server.store.audit import About
from calltime_server.store.connection import Connection
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.web.live import Live
from calltime_server.web.seat import Seat

PHONE_APP = Path(__file__).parent / "static/phone"
"""Where the build puts it; nothing is there where it was not built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """`terms` are all of the council's files; `public_url` is the server's address as people, doors and tags know it.

    `organisation`: whose sign-in vouches for people, where that is set up; `sends_mail`: e-mail that is written goes out;
    `hooks_private`: webhooks may be in private networks. `keeping` and `keep_years` (of taps; None: for ever) are how long each kind of
    record is kept. `phones` is what carers' phones are told, of which `passwords` that brokers ask them for one; `phone_app` the folder of
    the app that they are given; `finance` is the council's file of finance settings, if it has one.
    """

    desks: Desks
    live: Live
    terms: tuple[Terms, ...]
    public_url: str
    organisation: Organisation | None = None
    sends_mail: bool = False
    hooks_private: bool = False
    keeping: Keeping = field(default_factory=Keeping)
    keep_years: int | None = None
    phones: Phones = field(default_factory=Phones)
    passwords: bool = False
    phone_app: Path = PHONE_APP
    finance: Path | None = None

    @property
    def database(self) -> OfficeDatabase:
        """For signing in, and for what is nobody's."""
        return self.desks.database

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock; it gives an aware time."""
        return self.desks.now

    @contextmanager
    def open(self, request: Request, right: Right, did: str, about: About | None = None) -> Iterator[Connection]:
        """One transaction as whoever asks for this page; see `Desks.open`."""
        with self.desks.open(seat_of(request).seated, right, did, about) as connection:
            yield connection


def seat_of(request: Request) -> Seat:
    """Who asks; the guard has put it there."""
    seat: Seat = request.state.seat
    return seat
