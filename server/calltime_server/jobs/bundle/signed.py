"""Do the records of a bundle hold, each by itself and all together, and what do they say?

Each was signed by its door's key, and the door is named after that key. Each names the digest of the one before it. Each was stored as the
receipts say. What they say becomes the frames that a settlement starts from: nothing of it is taken from a table that somebody wrote.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from calltime_server.evidence import Unreadable, device_of, from_base64url, payload_of, to_base64url, verify
from calltime_server.jobs.bundle.layout import Bundle
from calltime_server.visits.columns import INSTANT

TAP, BOOT, CLOCK = "calltime.tap.v1", "calltime.boot.v1", "calltime.clock.v1"

# What a record says, for those that are taps and for those that tell the time.
SAYS = pl.Schema(
    {
        "device": pl.String(),
        "seq": pl.Int64(),
        "kind": pl.String(),
        "time": pl.String(),
        "boot": pl.String(),
        "up_ms": pl.Int64(),
        "sync": pl.String(),
        "error_ms": pl.Int64(),
        "action": pl.String(),
        "place_via": pl.String(),
        "place_ref": pl.String(),
        "carer_via": pl.String(),
        "carer_ref": pl.String(),
        "received_at": INSTANT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """`says`: SAYS, with instants; sentences about what does not hold: of signatures, of the chain, of receipts. `open_links`: how many
    records name none before them because their door declared it lost.
    """

    says: pl.DataFrame
    signatures: tuple[str, ...]
    chain: tuple[str, ...]
    receipts: tuple[str, ...]
    records: int
    doors: int
    open_links: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Record:
    device: str
    seq: int
    digest: str
    prev: str | None
    lost: tuple[tuple[int, int], ...]
    row: tuple[Any, ...]


def read_records(bundle: Bundle, *, progress: Callable[[int, int], None]) -> Read:
    """Check every record and take out what it says. `progress` is told how many are done, of how many."""
    doors = {device: (alg, key) for device, alg, key in bundle.tables["doors.csv"].select("device", "alg", "public_key").iter_rows()}
    wrong: list[str] = list(_wrong_names(doors))
    records: dict[tuple[str, int], _Record] = {}
    table = bundle.tables["records.csv"]
    for number, (device, seq, received_at, compact) in enumerate(table.iter_rows()):
        if number % 1000 == 0:
            progress(number, table.height)
        found = _read(device, seq, received_at, compact, doors.get(device))
        if isinstance(found, str):
            wrong.append(f"Record {device}/{seq} {found}")
        elif (device, seq) in records:
            wrong.append(f"Record {device}/{seq} stands here twice: a door uses each number once.")
        else:
            records[device, seq] = found
    progress(table.height, table.height)
    wrong_order, open_links = _chain(records)
    known_by = max((each.known_by for each in bundle.run.settlements), default=None)
    late = known_by is not None and table.filter(pl.col("received_at") > known_by).height
    return Read(
        says=_frame([record.row for record in records.values()]),
        signatures=tuple(wrong),
        chain=wrong_order,
        receipts=(
            *_receipts(records, bundle.tables["receipts.csv"]),
            *([f"{late} records are said to have come after the last settlement: such are in no bundle."] if late else []),
        ),
        records=table.height,
        doors=len({device for device, _ in records}),
        open_links=open_links,
    )


def _wrong_names(doors: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    for device, (_, key) in doors.items():
        try:
            named = device_of(from_base64url(key))
        except Unreadable:
            named = None
        if named != device:
            yield f"Door {device} is not named after the key that stands here for it: somebody exchanged the key."


def _read(device: str, seq: int, received_at: Any, compact: str, door: tuple[str, str] | None) -> _Record | str:
    """The record, or what is wrong with it."""
    if door is None:
        return "is of a door whose key is not in this bundle."
    try:
        verdict = verify(compact, alg=door[0], public_key=from_base64url(door[1]))
        said = json.loads(payload_of(compact), object_pairs_hook=_each_once)
        record = _taken(said, received_at, hashlib.sha256(compact.encode()).digest())
    except KeyError as error:
        return f"lacks the field {error}: no door of ours makes such a record."
    except (Unreadable, ValueError, TypeError, AttributeError, RecursionError) as error:
        return f"cannot be read ({error})."
    if verdict != "verifies":
        return "is not signed by the key of its door: it was made or changed by somebody else."
    if (record.device, record.seq) != (device, seq):
        return f"says of itself that it is {record.device}/{record.seq}: it was put in another one's place."
    return record


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError("a field stands twice in it")
    return read


def _taken(said: Mapping[str, Any], received_at: Any, digest: bytes) -> _Record:
    data, clock = said["data"], said["data"]["clock"]
    device, kind = str(said["source"]).removeprefix("/doors/"), said["type"]
    place, carer = (data["place"], data["carer"]) if kind == TAP else ({}, {})
    return _Record(
        device=device,
        seq=int(data["seq"]),
        digest=to_base64url(digest),
        prev=data["prev"],
        lost=tuple((int(first), int(last)) for first, last in data.get("lost", ())),
        row=(
            *(device, int(data["seq"]), kind, said["time"], clock["boot"], clock["up_ms"], clock["sync"], clock["error_ms"]),
            *(data.get("action"), place.get("via"), place.get("ref"), carer.get("via"), carer.get("ref"), received_at),
        ),
    )


def _chain(records: Mapping[tuple[str, int], _Record]) -> tuple[tuple[str, ...], int]:
    """What does not hold, and how many links are open because the door itself declared the number before lost."""
    wrong, open_links = [], 0
    last: dict[str, int] = {}
    # Signed, as all that is read here: only the door's own word makes a missing number a loss.
    losses = [(record.device, first, end) for record in records.values() for first, end in record.lost]
    for device, seq in sorted(records):
        record = records[device, seq]
        before = records.get((device, seq - 1))
        if record.prev is None:
            declared = any(first <= seq - 1 <= end for first, end in record.lost)
            open_links += declared
            if seq > 1 and not declared:
                wrong.append(f"Record {device}/{seq} names no record before it, and its door has not declared {seq - 1} lost.")
        elif before is not None and before.digest != record.prev:
            wrong.append(f"Record {device}/{seq} does not follow record {seq - 1} of this bundle: one of the two was exchanged.")
        gap = (last[device] + 1, seq - 1) if device in last else (seq, seq - 1)
        if gap[0] <= gap[1] and not _is_lost(device, *gap, losses):
            wrong.append(f"Door {device} has no record {_numbers(*gap)} here, though {seq} stands here: something was left out.")
        last[device] = seq
    return tuple(wrong), open_links


def _is_lost(device: str, first: int, last: int, losses: list[tuple[str, int, int]]) -> bool:
    """Whether every number from first to last was declared lost."""
    for start, end in sorted((start, end) for door, start, end in losses if door == device):
        if start <= first <= end:
            first = end + 1
    return first > last


def _numbers(first: int, last: int) -> str:
    return str(first) if first == last else f"{first} to {last}"


def _receipts(records: Mapping[tuple[str, int], _Record], receipts: pl.DataFrame) -> Iterator[str]:
    stored = {(device, seq): (digest, prev) for device, seq, digest, prev in receipts.iter_rows()}
    for key, record in records.items():
        if key not in stored:
            yield f"Record {key[0]}/{key[1]} has no receipt: it was never stored, or its receipt was left out."
        elif stored[key] != (record.digest, record.prev):
            yield f"The receipt of {key[0]}/{key[1]} is for another record than the one in this bundle."
    for device, seq in sorted(stored.keys() - records.keys()):
        yield f"{device}/{seq} was stored, as its receipt says, and no valid record of that number is in this bundle."


def _frame(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    frame = pl.DataFrame(rows, schema=SAYS, orient="row")
    return frame.with_columns(pl.col("time").str.to_datetime("%Y-%m-%dT%H:%M:%S%.3fZ", time_unit="ms", time_zone="UTC"))
