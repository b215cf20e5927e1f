"""How does a door say how it is? A small retained message without personal data; the broker speaks it for a door that fell silent."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec
from msgspec import Struct

from calltime_wire import one_reading
from calltime_wire.records import Count, Sync

ReaderState: TypeAlias = Literal["ready", "gone", "silent", "babbling"]
"""Gone: its port is not there. Silent: the port is there and nothing answers. Babbling: what comes is not what such a reader says."""


class Status(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type", tag="calltime.status.v1"):
    """State of a door: `waiting` counts the records without a receipt; `readers` says for each reader whether it answers."""

    online: bool
    software: str
    waiting: Count
    clock: Sync
    readers: dict[str, ReaderState]


def encode(status: Status) -> bytes:
    """Write a status."""
    return msgspec.json.encode(status)


def decode(payload: bytes) -> Status:
    """Read a status. Raises ValueError."""
    return one_reading.decode(payload, _decoder)


_decoder = msgspec.json.Decoder(Status)
