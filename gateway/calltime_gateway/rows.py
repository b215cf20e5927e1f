"""How does a record stand in a table? As a line of COPY's text format, made ready here: that is cheaper than telling psycopg each value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

from calltime_wire.admission import Claimed
from calltime_wire.chain import link
from calltime_wire.records import Boot, ClockSet, Tap

_TAP = (
    "(time, device, seq, action, place_via, place_ref, place_proof, carer_via, carer_ref, lat, lon, accuracy_m,"
    " boot, up_ms, sync, error_ms, received_at, jws)"
)
RECEIPT = "receipt (device, seq, digest, prev, received_at)"
TAP = f"tap {_TAP}"
UNTIMED_TAP = f"untimed_tap {_TAP}"
CLOCK_RECORD = "clock_record (time, device, seq, kind, boot, up_ms, sync, error_ms, received_at, jws)"
DECLARED_LOSS = "declared_loss (device, declared_by, first, last, received_at)"

_NOTHING = "\\N"


def lines(new: Iterable[Claimed], *, received_at: datetime) -> Mapping[str, list[str]]:
    """Write the receipt of each record, the tap or the clock record, and what a boot declares lost; by the table and its columns.

    None of it needs escaping but a tag's proof: the shape of every other field has neither tab nor backslash.
    """
    at = received_at.isoformat()
    made: dict[str, list[str]] = defaultdict(list)
    for claimed in new:
        record, data, clock = claimed.record, claimed.record.data, claimed.record.data.clock
        device, own = record.device, link(record, claimed.digest)
        prev = _NOTHING if own.prev is None else _bytes(own.prev)
        made[RECEIPT].append(f"{device}\t{data.seq}\t{_bytes(own.digest)}\t{prev}\t{at}\n")
        knew = f"{clock.boot}\t{clock.up_ms}\t{clock.sync}\t{clock.error_ms}\t{at}\t{claimed.compact}\n"
        match record:
            case Tap():
                table = UNTIMED_TAP if clock.sync == "none" else TAP
                made[table].append(f"{record.time}\t{device}\t{data.seq}\t{_tapped(record)}\t{knew}")
            case Boot() | ClockSet():
                kind = "boot" if isinstance(record, Boot) else "clock"
                made[CLOCK_RECORD].append(f"{record.time}\t{device}\t{data.seq}\t{kind}\t{knew}")
        for first, last in record.data.lost if isinstance(record, Boot) else ():
            made[DECLARED_LOSS].append(f"{device}\t{data.seq}\t{first}\t{last}\t{at}\n")
    return made


def _tapped(record: Tap) -> str:
    data, place, carer, position = record.data, record.data.place, record.data.carer, record.data.position
    proof = _NOTHING if place.proof is None else place.proof.replace("\\", "\\\\")
    where = "\\N\t\\N\t\\N" if position is None else f"{position.lat!r}\t{position.lon!r}\t{position.accuracy_m!r}"
    return f"{data.action}\t{place.via}\t{place.ref}\t{proof}\t{carer.via}\t{carer.ref}\t{where}"


def _bytes(value: bytes) -> str:
    return f"\\\\x{value.hex()}"
