"""As whom is something done, may they do it, and is it noted? Every page and every program comes through here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from calltime_server.rights import Person, Right, require
from calltime_server.store.audit import About, note_doing
from calltime_server.store.connection import Connection
from calltime_server.store.office_database import OfficeDatabase


@dataclass(frozen=True, slots=True, kw_only=True)
class Seated:
    """Who asks: a person with a session, or a program with a token (`token` is its number)."""

    who: Person
    token: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """Where people and programs are served."""

    database: OfficeDatabase
    now: Callable[[], datetime]

    @contextmanager
    def open(self, seated: Seated, right: Right, did: str, about: About | None = None) -> Iterator[Connection]:
        """One transaction as this person, who must have the right, noted in the audit log as `did` (a fixed phrase) and `about` what.

        Raises NotAllowed. What raises inside is rolled back, with its note.
        """
        require(seated.who, right)
        with self.database.as_person(seated.who) as connection:
            note_doing(connection, seated.who, did, about or {}, now=self.now(), token=seated.token)
            yield connection
