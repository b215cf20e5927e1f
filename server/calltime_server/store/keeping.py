"""What is let go for its age, besides taps? Each kind by its own time, and each removal is written down."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import LiteralString

from calltime_server.config import Keeping
from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.repeating import KEPT, forget_answers


@dataclass(frozen=True, slots=True, kw_only=True)
class LetGo:
    """How many rows of a kind were removed, all older than `before`."""

    kind: str
    before: datetime
    rows: int


_DELETE: dict[str, tuple[LiteralString, ...]] = {
    # Of a session nothing is told any more once it is over; what was done in it stands in the audit log.
    "sessions and attempts": (
        "DELETE FROM session WHERE ends_at < %(before)s",
        "DELETE FROM sign_in_link WHERE expires_at < %(before)s",
        "DELETE FROM sign_in_attempt WHERE at < %(before)s",
        "DELETE FROM sign_in_elsewhere WHERE made_at < %(before)s",
    ),
    "quarantine": ("DELETE FROM quarantine WHERE last_at < %(before)s",),
    "files": ("DELETE FROM work_file USING work WHERE work_file.work = work.work AND work.done_at < %(before)s",),
    "messages": ("DELETE FROM message WHERE made_at < %(before)s AND (sent_at IS NOT NULL OR given_up_at IS NOT NULL)",),
}


def let_go(connection: Connection, keeping: Keeping, *, now: datetime) -> tuple[LetGo, ...]:
    """Remove all that is older than it is kept, and note it."""
    limits = {
        "sessions and attempts": now - timedelta(days=keeping.sign_in_days),
        "files": now - timedelta(days=keeping.files_days),
        "messages": now - timedelta(days=keeping.notices_days),
    }
    if keeping.quarantine_days is not None:
        limits["quarantine"] = now - timedelta(days=keeping.quarantine_days)
    gone = [LetGo(kind=kind, before=before, rows=_delete(connection, kind, before)) for kind, before in limits.items()]
    gone += [
        LetGo(kind="answers", before=now - KEPT, rows=forget_answers(connection, now=now)),
        _alerts(connection, now - timedelta(days=keeping.notices_days)),
        _audit(connection, _years_before(now, keeping.audit_years)),
    ]
    done = tuple(each for each in gone if each.rows)
    for each in done:
        execute(
            connection,
            "INSERT INTO let_go (kind, before, rows, at) VALUES (%(kind)s, %(before)s, %(rows)s, %(now)s)",
            {"kind": each.kind, "before": each.before, "rows": each.rows, "now": now},
        )
    return done


def _delete(connection: Connection, kind: str, before: datetime) -> int:
    return sum(execute(connection, statement, {"before": before}) for statement in _DELETE[kind])


def _years_before(now: datetime, years: int) -> datetime:
    # The 29th, 30th and 31st are not in every year and month that is asked for.
    return now.replace(year=now.year - years, day=min(now.day, 28))


def _audit(connection: Connection, before: datetime) -> LetGo:
    if not fetch(connection, "SELECT EXISTS (SELECT FROM audit WHERE at < %(before)s)", {"before": before})[0][0]:
        return LetGo(kind="audit", before=before, rows=0)
    # The trigger stands aside for this transaction only; whoever is noted meanwhile waits that long.
    execute(connection, "ALTER TABLE audit DISABLE TRIGGER append_only", {})
    rows = execute(connection, "DELETE FROM audit WHERE at < %(before)s", {"before": before})
    execute(connection, "ALTER TABLE audit ENABLE TRIGGER append_only", {})
    return LetGo(kind="audit", before=before, rows=rows)


def _alerts(connection: Connection, before: datetime) -> LetGo:
    if not fetch(connection, "SELECT EXISTS (SELECT FROM alert WHERE raised_at < %(before)s)", {"before": before})[0][0]:
        return LetGo(kind="alerts", before=before, rows=0)
    execute(connection, "ALTER TABLE alert DISABLE TRIGGER append_only", {})
    rows = execute(connection, "DELETE FROM alert WHERE raised_at < %(before)s", {"before": before})
    execute(connection, "ALTER TABLE alert ENABLE TRIGGER append_only", {})
    return LetGo(kind="alerts", before=before, rows=rows)
