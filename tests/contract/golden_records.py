"""What do the doors of the golden messages say? Ordinary records of one morning, as dicts, so that each can be changed or spoilt."""

from __future__ import annotations

import copy
from datetime import datetime
from typing import Any

from contract.golden_doors import Signer, compact, digest_of

ARRIVED = "2026-04-07T08:30:00.000Z"
EARLIER = "Zm9yIHRlc3RzIG9ubHk6IHRoZSByZWNvcmQgYmVmb3I"
"""Stands for the digest of the record before, where that record is not part of the example."""
BOOT = "5f0c7a52-9d0e-4b58-8a58-1f6f3f0a2c11"

Fields = dict[str, Any]


def boot(door: Signer, *, seq: int = 1, time: str = "2026-04-07T06:30:00.000Z", **more: Any) -> Fields:
    """Make a boot record."""
    return _record(door, "calltime.boot.v1", seq=seq, time=time, **{"up_ms": 2_150, **more})


def clock_set(door: Signer, *, seq: int = 3, time: str = "2026-04-07T08:20:00.000Z", **more: Any) -> Fields:
    """Make a record of a clock that was set."""
    return _record(door, "calltime.clock.v1", seq=seq, time=time, **more)


def tap(door: Signer, *, seq: int = 2, time: str = "2026-04-07T08:00:12.345Z", action: str = "start", **more: Any) -> Fields:
    """Make a tap of a carer's phone at a home's NFC tag."""
    made = _record(door, "calltime.tap.v1", seq=seq, time=time, **more)
    made["data"] |= {"action": action, "place": {"via": "nfc", "ref": "t-4c1f09"}, "carer": {"via": "device", "ref": "C-017"}}
    return made


def badge_tap(door: Signer) -> Fields:
    """Make a tap of a badge at a home's reader."""
    return changed(tap(door), {"data.place": {"via": "reader", "ref": "SU-204"}, "data.carer": {"via": "badge", "ref": "04A2C91B5E6480"}})


def away_tap(door: Signer) -> Fields:
    """Make a tap of a carer who is with somebody away from the home: nothing was touched, and she says with whom."""
    return changed(tap(door), {"data.place": {"via": "away", "ref": "SU-204"}})


def called_tap(door: Signer) -> Fields:
    """Make a tap by telephone: digests with a key of the line's own stand for the caller's number and for the PIN."""
    place = {"via": "line", "ref": "tel_ncmjytl3ir5hb2ieoezyu6zr5q", "proof": "call=CA00000000000000000000000000000017"}
    return changed(tap(door), {"data.place": place, "data.carer": {"via": "pin", "ref": "pin_d5pqn7ro4nmmo2sl6lfudb2quy"}})


def changed(record: Fields, changes: Fields) -> Fields:
    """Copy a record with other values, by path: `data.clock.sync`."""
    made = copy.deepcopy(record)
    for path, value in changes.items():
        parent, name = _find(made, path)
        parent[name] = value
    return made


def without(record: Fields, path: str) -> Fields:
    """Copy a record without one field."""
    made = copy.deepcopy(record)
    parent, name = _find(made, path)
    del parent[name]
    return made


def chain(door: Signer, length: int, *, first: int = 1, prev: str | None = None, minute: int = 0) -> list[str]:
    """Sign a boot and the taps after it, each naming the one before. `minute` makes another chain of the same door."""
    made: list[str] = []
    for seq in range(first, first + length):
        prev = digest_of(made[-1]) if made else prev
        time = f"2026-04-07T08:{minute + seq:02}:00.000Z"
        make = boot if seq == 1 else tap
        made.append(compact(make(door, seq=seq, time=time, prev=prev), door))
    return made


def _record(
    door: Signer,
    kind: str,
    *,
    seq: int,
    time: str,
    prev: str | None = EARLIER,
    sync: str = "ntp",
    up_ms: int = 5_412_345,
    error_ms: int = 12,
) -> Fields:
    return {
        "specversion": "1.0",
        "id": _uuid7(time, seq),
        "source": f"/doors/{door.device}",
        "type": kind,
        "time": time,
        "data": {
            "seq": seq,
            "prev": None if seq == 1 else prev,
            "clock": {"boot": BOOT, "up_ms": up_ms, "sync": sync, "error_ms": error_ms},
        },
    }


def _uuid7(time: str, seq: int) -> str:
    """Write the UUID of a moment; the number stands where chance would."""
    moment = f"{int(datetime.fromisoformat(time).timestamp()) * 1000:012x}"
    return f"{moment[:8]}-{moment[8:]}-7000-8000-{seq:012x}"


def _find(record: Fields, path: str) -> tuple[Fields, str]:
    *parents, name = path.split(".")
    for parent in parents:
        record = record[parent]
    return record, name
