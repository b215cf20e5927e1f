"""Was this database replaced? A standby that is promoted begins a new timeline, and who has seen that believes no older one any more.

The old primary may come back and take writes again, although nobody will ever see them. Only its timeline tells it from the new one.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

log = logging.getLogger(__name__)

ASK = """
SELECT (pg_control_system()).system_identifier, ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::int
WHERE NOT pg_is_in_recovery()
"""
"""What a primary is asked. Not pg_control_checkpoint, which hears of a promotion only at the next checkpoint."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """Where a database stands. `system` is one number for a primary and all its standbys, and another for any other database."""

    system: int
    number: int


class Timelines:
    """The newest timeline that this gateway has seen, in its memory and in a file, because it may be started again after a fail-over."""

    def __init__(self, file: Path) -> None:
        """Read the file. One that is missing or damaged remembers nothing."""
        self._file = file
        try:
            system, number = map(int, file.read_text(encoding="ascii").split())
            self._newest: Timeline | None = Timeline(system=system, number=number)
        except (OSError, ValueError):
            self._newest = None

    def is_stale(self, found: Timeline) -> bool:
        """Say whether a newer one of the same system was seen; else remember this one."""
        newest = self._newest
        if newest is not None and newest.system == found.system and newest.number > found.number:
            return True
        if found != newest:
            self._newest = found
            self._keep(found)
        return False

    def _keep(self, found: Timeline) -> None:
        draft = self._file.with_name(f"{self._file.name}.new")
        try:
            draft.write_text(f"{found.system} {found.number}\n", encoding="ascii")
            draft.replace(self._file)
        except OSError as error:
            log.warning("the newest timeline of the database is not kept, so a restart forgets it: %s", error)
