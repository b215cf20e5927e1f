"""Why may an end of a visit be entered by hand? The council's own list: a reason is archived and never removed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """`welsh` is None where nobody has written it; `needs_words`: it says nothing without a sentence beside it."""

    code: str
    english: str
    welsh: str | None
    needs_words: bool
    archived: bool

    def in_language(self, language: str) -> str:
        """Its words; English where there are none in Welsh."""
        return self.welsh if language == "cy" and self.welsh else self.english


def list_reasons(connection: Connection, *, archived: bool = False) -> tuple[Reason, ...]:
    """The reasons as they stand, in the order in which they came; with those that are offered no more, if wanted."""
    rows = fetch(
        connection,
        """
        SELECT code, english, welsh, needs_words, archived FROM (
            SELECT DISTINCT ON (code) *, min(number) OVER (PARTITION BY code) AS first FROM reason ORDER BY code, number DESC
        ) AS latest WHERE %(archived)s OR NOT archived ORDER BY first
        """,
        {"archived": archived},
    )
    return as_values(Reason, rows)


def write_reason(connection: Connection, reason: Reason, *, by: str, now: datetime) -> None:
    """Let a reason stand like this from now on: a new one, other words, or archived."""
    execute(
        connection,
        """
        INSERT INTO reason (code, english, welsh, needs_words, archived, noted_by, noted_at)
        VALUES (%(code)s, %(english)s, %(welsh)s, %(needs_words)s, %(archived)s, %(by)s, %(now)s)
        """,
        {
            "code": reason.code,
            "english": reason.english,
            "welsh": reason.welsh,
            "needs_words": reason.needs_words,
            "archived": reason.archived,
            "by": by,
            "now": now,
        },
    )
