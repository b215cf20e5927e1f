"""Which long work was asked for, how far is it, and what came out of it?

Whoever asks writes a row; a worker takes it up, beats while it lives, and ends it in the transaction of what it did. So work is either
done, with its outcome, or it has changed nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

from calltime_server.rights import Person, Right, Role
from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_value

State: TypeAlias = Literal["waiting", "under_way", "done", "failed"]

SILENT = timedelta(minutes=2)
"""Whoever has not beaten for so long is not there any more: a worker beats every few seconds."""
DIED = (
    "The program that did this ended before it was done: it was stopped, or its machine failed. Nothing was changed. Ask for it again; "
    "if that happens twice, tell whoever runs the server."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Long work. `asked` is what its kind needs to know; `files` are the names of what came out, where whoever looks may have them."""

    work: int
    kind: str
    asked: Mapping[str, Any]
    person: int
    by_name: str
    provider: str | None
    asked_at: datetime
    begun_at: datetime | None
    done_at: datetime | None
    done: int
    of: int | None
    failed: bool
    says: str
    files: tuple[str, ...]

    @property
    def state(self) -> State:
        """How it stands."""
        if self.done_at is not None:
            return "failed" if self.failed else "done"
        return "under_way" if self.begun_at is not None else "waiting"


def ask_for_work(connection: Connection, kind: str, asked: Mapping[str, object], *, who: Person, now: datetime) -> int:
    """Ask for it in this transaction, and return its number: its page is /work/NUMBER."""
    rows = fetch(
        connection,
        """
        INSERT INTO work (kind, asked, person, by_name, provider, asked_at)
        VALUES (%(kind)s, %(asked)s, %(person)s, %(name)s, %(provider)s, %(now)s) RETURNING work
        """,
        {
            "kind": kind,
            "asked": json.dumps(asked, default=str),
            "person": who.id,
            "name": who.name,
            "provider": who.provider,
            "now": now,
        },
    )
    return int(rows[0][0])


_WORK = """
    SELECT work, kind, asked, person, by_name, provider, asked_at, begun_at, done_at, done, of, failed, says,
           ARRAY(SELECT name FROM work_file f WHERE f.work = w.work ORDER BY name) FROM work w
"""


def list_work(connection: Connection, *, person: int, before: int | None = None, at_most: int = 25) -> tuple[Work, ...]:
    """What this person asked for, the latest first; those before a number, for the next page."""
    rows = fetch(
        connection,
        _WORK
        + """ WHERE person = %(person)s AND work < coalesce(%(before)s::bigint, 9223372036854775807)
        ORDER BY work DESC LIMIT %(at_most)s
        """,
        {"person": person, "before": before, "at_most": at_most},
    )
    return tuple(_work(row) for row in rows)


def find_work(connection: Connection, work: int) -> Work | None:
    """One of them; None: there is none that whoever asks may see."""
    rows = fetch(connection, _WORK + " WHERE work = %(work)s", {"work": work})
    return _work(rows[0]) if rows else None


def work_on_run(connection: Connection, run: int) -> tuple[Work, ...]:
    """What waits or is under way for a run, oldest first."""
    rows = fetch(
        connection,
        """
        SELECT work, kind, asked, person, by_name, provider, asked_at, begun_at, done_at, done, of, failed, says, ARRAY[]::text[]
        FROM work WHERE done_at IS NULL AND asked @> jsonb_build_object('run', %(run)s::bigint) ORDER BY work
        """,
        {"run": run},
    )
    return tuple(_work(row) for row in rows)


def _work(row: tuple[Any, ...]) -> Work:
    *values, files = row
    return as_value(Work, (*values, tuple(files)))


def read_file_of_work(connection: Connection, work: int, name: str) -> tuple[str, bytes] | None:
    """Its media type and content; None: there is none that whoever asks may have."""
    rows = fetch(connection, "SELECT media, content FROM work_file WHERE work = %(work)s AND name = %(name)s", {"work": work, "name": name})
    return (rows[0][0], bytes(rows[0][1])) if rows else None


def find_result(connection: Connection, work: int, *, kind: str, name: str) -> tuple[Work, dict[str, Any]] | None:
    """What came out of work of this kind, as a JSON object in a file of this name. None: nothing that whoever asks may have."""
    found, file = find_work(connection, work), read_file_of_work(connection, work, name)
    return (found, json.loads(file[1])) if found and found.kind == kind and file else None


def take_work(connection: Connection, *, now: datetime) -> Work | None:
    """Take up what has waited longest, and nobody else takes it. To be committed at once. None: nothing waits."""
    rows = fetch(
        connection,
        """
        UPDATE work SET begun_at = %(now)s, beat_at = %(now)s
        WHERE work = (SELECT work FROM work WHERE done_at IS NULL AND begun_at IS NULL ORDER BY work LIMIT 1 FOR UPDATE SKIP LOCKED)
        RETURNING work, kind, asked, person, by_name, provider, asked_at, begun_at, done_at, done, of, failed, says, ARRAY[]::text[]
        """,
        {"now": now},
    )
    return _work(rows[0]) if rows else None


def may_have(connection: Connection, work: Work, right: Right | None) -> bool:
    """Whether whoever asked for it has this right now, and works for whom they worked then. As the office; None: nobody's right."""
    rows = fetch(
        connection,
        "SELECT name, role, provider, carer FROM person WHERE person = %(person)s AND disabled_at IS NULL",
        {"person": work.person},
    )
    if not rows or right is None:
        return False
    name, role, provider, carer = rows[0]
    return provider == work.provider and Person(id=work.person, name=name, role=Role(role), provider=provider, carer=carer).may(right)


def beat(connection: Connection, work: int, *, done: int, of: int | None, says: str, now: datetime) -> None:
    """Say that it is under way, and how far. To be committed at once, apart from the work itself."""
    execute(
        connection,
        "UPDATE work SET beat_at = %(now)s, done = %(done)s, of = %(of)s, says = %(says)s WHERE work = %(work)s AND done_at IS NULL",
        {"work": work, "done": done, "of": of, "says": says, "now": now},
    )


def end_work(connection: Connection, work: int, *, says: str, now: datetime, failed: bool = False) -> bool:
    """End it. False: it was given up for dead meanwhile, so what it did must not stand."""
    ended = execute(
        connection,
        "UPDATE work SET done_at = %(now)s, failed = %(failed)s, says = %(says)s WHERE work = %(work)s AND done_at IS NULL",
        {"work": work, "says": says, "failed": failed, "now": now},
    )
    return ended == 1


def keep_file(connection: Connection, work: int, *, name: str, media: str, content: bytes) -> None:
    """Keep what came out."""
    execute(
        connection,
        "INSERT INTO work_file (work, name, media, content) VALUES (%(work)s, %(name)s, %(media)s, %(content)s)",
        {"work": work, "name": name, "media": media, "content": content},
    )


def give_up_dead_work(connection: Connection, *, now: datetime) -> int:
    """End what was taken up by a worker that is not there any more, and say how many that were."""
    return execute(
        connection,
        """
        UPDATE work SET done_at = %(now)s, failed = true, says = %(says)s
        WHERE done_at IS NULL AND begun_at IS NOT NULL AND beat_at < %(silent)s
        """,
        {"now": now, "says": DIED, "silent": now - SILENT},
    )
