"""Which ends of a line did no door see: what was entered by hand, and what a provider's own system brought?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from calltime_server.store.brought import read_one_brought
from calltime_server.store.connection import Connection
from calltime_server.store.told import Entered, read_entry
from calltime_server.visits.told import BROUGHT_DEVICE, ENTERED_BY_HAND


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtEnd:
    """An end of a visit that a provider's own system brought, as its visit `their_id`."""

    action: str
    time: datetime
    provider: str
    their_id: str
    by: str
    brought_at: datetime


def entered_ends(connection: Connection, line: Mapping[str, Any]) -> tuple[Entered, ...]:
    """The ends of this ledger line that were entered by hand, as far as whoever asks may see them."""
    found = (read_entry(connection, seq) for _, seq in _ends(line, ENTERED_BY_HAND))
    return tuple(entry for entry in found if entry is not None)


def brought_ends(connection: Connection, line: Mapping[str, Any]) -> tuple[BroughtEnd, ...]:
    """The ends of this ledger line that were brought, as far as whoever asks may see them. Their numbers are those of `visits.brought`."""
    found = ((action, read_one_brought(connection, seq // 2)) for action, seq in _ends(line, BROUGHT_DEVICE))
    return tuple(
        BroughtEnd(action=action, time=at, provider=visit.provider, their_id=visit.their_id, by=visit.noted_by, brought_at=visit.noted_at)
        for action, visit in found
        if visit is not None and (at := visit.started if action == "start" else visit.ended) is not None
    )


def _ends(line: Mapping[str, Any], device: str) -> Iterator[tuple[str, int]]:
    for action in ("start", "stop"):
        if line[f"{action}_device"] == device:
            yield action, line[f"{action}_seq"]
