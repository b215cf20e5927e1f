"""What must be done to the record every hour? Count what came, let go what is too old. Twice is as good as once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calltime_server.config import Keeping
from calltime_server.store.connection import Connection
from calltime_server.store.edition import Edition, edition_of_tap
from calltime_server.store.forgetting import Forgotten, forget
from calltime_server.store.keeping import LetGo, let_go
from calltime_server.store.tending import begin_tending, count_hours, end_tending, hand_to_timescaledb


@dataclass(frozen=True, slots=True, kw_only=True)
class Tended:
    """What was done. `handed_over`: TimescaleDB's own jobs were set up now. `counted` is None where they do the counting."""

    edition: Edition
    handed_over: bool
    counted: int | None
    forgotten: Forgotten | None
    let_go: tuple[LetGo, ...] = ()


def tend(connection: Connection, *, now: datetime, keep_years: int | None, keeping: Keeping | None = None) -> Tended:
    """Do what is due in this edition, as one transaction. Without `keep_years` no tap is forgotten, without `keeping` nothing else."""
    edition = edition_of_tap(connection)
    last = begin_tending(connection)
    community = edition is Edition.COMMUNITY
    handed_over = hand_to_timescaledb(connection) if community else False
    counted = None if community else count_hours(connection, last=last, now=now)
    forgotten = None if keep_years is None else forget(connection, edition, now=now, years=keep_years)
    gone = () if keeping is None else let_go(connection, keeping, now=now)
    end_tending(connection, now=now)
    return Tended(edition=edition, handed_over=handed_over, counted=counted, forgotten=forgotten, let_go=gone)
