"""How does something that happened become a signed record of this door's chain?"""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from calltime_edge.clock import Reading
from calltime_wire import records
from calltime_wire.ed25519 import Ed25519Signer
from calltime_wire.records import Action, Boot, BootData, CarerSeen, Clock, ClockData, ClockSet, Place, Tap, TapData

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

MOST_LOST_RANGES = 64
"""The wire lets a boot record declare so many."""

Maker = Callable[[int, str | None], str]
"""(number, digest of the record before it) → compact JWS."""


def boot(signer: Ed25519Signer, reading: Reading, *, lost: tuple[tuple[int, int], ...] = ()) -> Maker:
    """Make the record of a power-up. `lost`: ranges of numbers that this door no longer holds, at most `MOST_LOST_RANGES`."""

    def make(seq: int, prev: str | None) -> str:
        data = BootData(seq=seq, prev=prev, clock=_clock(reading), lost=lost)
        return records.encode(Boot(specversion="1.0", **_envelope(signer, reading.now), data=data), signer)

    return make


def shares(lost: tuple[tuple[int, int], ...]) -> list[tuple[tuple[int, int], ...]]:
    """Share lost ranges out among boot records. The newest go first: only a boot that declares the number before its own may name none."""
    newest_first = [lost[max(0, end - MOST_LOST_RANGES) : end] for end in range(len(lost), 0, -MOST_LOST_RANGES)]
    return newest_first or [()]


def clock_set(signer: Ed25519Signer, reading: Reading) -> Maker:
    """Make the record with which every earlier tap of this power-up can be placed."""

    def make(seq: int, prev: str | None) -> str:
        data = ClockData(seq=seq, prev=prev, clock=_clock(reading))
        return records.encode(ClockSet(specversion="1.0", **_envelope(signer, reading.now), data=data), signer)

    return make


def tap(signer: Ed25519Signer, reading: Reading, *, action: Action, place: Place, carer: CarerSeen) -> Maker:
    """Make the record of a tap."""

    def make(seq: int, prev: str | None) -> str:
        data = TapData(seq=seq, prev=prev, clock=_clock(reading), action=action, place=place, carer=carer)
        return records.encode(Tap(specversion="1.0", **_envelope(signer, reading.now), data=data), signer)

    return make


def uuid7(now: datetime, random: bytes) -> str:
    """Write a UUID of version 7 (RFC 9562 §5.7): milliseconds since 1970 in front, ten random bytes behind."""
    since = (now - _EPOCH) // timedelta(milliseconds=1)
    value = (since & (2**48 - 1)).to_bytes(6, "big") + random
    bits = (int.from_bytes(value, "big") & ~(0xF000 << 64) & ~(0xC000 << 48)) | (0x7000 << 64) | (0x8000 << 48)
    return str(uuid.UUID(int=bits))


def _envelope(signer: Ed25519Signer, now: datetime) -> dict[str, str]:
    return {
        "id": uuid7(now, os.urandom(10)),
        "source": f"/doors/{signer.device}",
        "time": records.milliseconds(now),
    }


def _clock(reading: Reading) -> Clock:
    return Clock(boot=reading.boot, up_ms=reading.up_ms, sync=reading.sync, error_ms=reading.error_ms)
