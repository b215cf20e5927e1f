"""Is what somebody agreed to still what a file would change? Then that is written, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast

import polars as pl

from calltime_server.jobs.bring_file import Brought, take, would_change
from calltime_server.jobs.difference import Difference
from calltime_server.store.connection import Connection
from calltime_server.store.ledger import share_now
from calltime_server.store.noting import one_file_at_a_time
from calltime_server.store.waiting_files import WaitingFile, mark_taken


class LookedAtOtherwise(Exception):
    """What the file would change now is not what was shown."""


def take_as_looked_at(connection: Connection, waiting: WaitingFile, *, digest: str, by: str, clock: Callable[[], datetime]) -> Difference:
    """Write what the file changes, if that has the digest of the difference that was shown. Raises LookedAtOtherwise."""
    one_file_at_a_time(connection)
    what = cast(Brought, waiting.what)
    found = would_change(connection, waiting.content, what, removing=waiting.removing, now=clock())
    if not isinstance(found, Difference) or found.digest != digest:
        raise LookedAtOtherwise
    # Only now: while days are settled a file may be taken, for what is noted then is later than what was settled. A planned visit bears no
    # such time: a settlement under way has paid by the plan that it read, and keeps it.
    now = share_now(connection, clock)
    take(connection, what, found, by=by, now=now)
    mark_taken(connection, waiting.file, says=told(found), now=now)
    return found


def told(found: Difference) -> str:
    """In numbers: what was written."""
    return f"{found.added.height:,} added, {found.after.height:,} changed, {found.removed.height:,} removed, {found.unchanged:,} unchanged."


def as_rows(found: Difference) -> pl.DataFrame:
    """All of a difference as one frame: `change` is added, before, after or removed, in front of the columns of the file's rows."""
    named = (("added", found.added), ("before", found.before), ("after", found.after), ("removed", found.removed))
    return pl.concat([frame.select(pl.lit(name).alias("change"), pl.all()) for name, frame in named])
