"""Which file waits until somebody has looked at what it would change?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from calltime_server.rights import Person
from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_value

KEPT_FOR = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingFile:
    """A file as it was brought. `taken_at` is None while it only waits; `says` is what came of it."""

    file: int
    what: str
    name: str
    sha256: str
    content: bytes
    removing: bool
    brought_at: datetime
    expires_at: datetime
    taken_at: datetime | None
    says: str


def keep_file(connection: Connection, content: bytes, *, what: str, name: str, removing: bool, who: Person, now: datetime) -> int:
    """Keep a file for some hours and return its number; what waited longer is let go."""
    execute(connection, "DELETE FROM waiting_file WHERE expires_at <= %(now)s", {"now": now})
    rows = fetch(
        connection,
        """
        INSERT INTO waiting_file (what, name, sha256, content, removing, person, brought_at, expires_at)
        VALUES (%(what)s, %(name)s, %(sha256)s, %(content)s, %(removing)s, %(person)s, %(now)s, %(expires)s) RETURNING file
        """,
        {
            "what": what,
            "name": name,
            "sha256": sha256(content).hexdigest(),
            "content": content,
            "removing": removing,
            "person": who.id,
            "now": now,
            "expires": now + KEPT_FOR,
        },
    )
    return int(rows[0][0])


def read_file(connection: Connection, file: int, *, now: datetime, locking: bool = False) -> WaitingFile | None:
    """One's own file that still waits, or that was taken lately. `locking`: whoever else would take it waits for this transaction."""
    if locking:
        execute(connection, "SELECT pg_advisory_xact_lock(hashtext('calltime waiting_file'), %(file)s::int)", {"file": file})
    rows = fetch(
        connection,
        """
        SELECT file, what, name, sha256, content, removing, brought_at, expires_at, taken_at, says
        FROM waiting_file WHERE file = %(file)s AND expires_at > %(now)s
        """,
        {"file": file, "now": now},
    )
    return as_value(WaitingFile, rows[0]) if rows else None


def mark_taken(connection: Connection, file: int, *, says: str, now: datetime) -> None:
    """Its content is in the tables now and is not kept twice."""
    execute(
        connection,
        "UPDATE waiting_file SET taken_at = %(now)s, says = %(says)s, content = '' WHERE file = %(file)s",
        {"file": file, "now": now, "says": says},
    )
