"""What was tapped here, and what became of it? `calltime-edge log`: today's records, or the latest ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

from calltime_edge.clock import LONDON
from calltime_edge.commands import exits
from calltime_edge.outbox import KEPT_FOR_THE_LOG
from calltime_edge.outbox_looking import look_into
from calltime_edge.settings import Settings
from calltime_edge.speaking import london, say
from calltime_wire import jws, records
from calltime_wire.records import Boot, ClockSet, Tap

Record: TypeAlias = Boot | ClockSet | Tap

BECAME = {
    "waiting": "waits here, safe",
    "beyond a gap": "the office has it",
    "stored": "the office has it",
    "quarantined": "the office has set it aside: ask there why",
}
AT_MOST_A_DAY = 10_000
"""No door is tapped so often in a day; and a list of all that waits after a year would help nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One record as a person wants it. `at`: UTC; not `known`: by a clock that nobody had set; `placed`: by one that was set later."""

    seq: int
    at: datetime
    known: bool
    placed: bool
    what: str
    carer: str
    place: str
    state: str


def log(settings: Settings, *, now: datetime, lines: int | None, as_json: bool) -> int:
    """Show today's records in London, or the latest `lines`, newest first. Raises sqlite3.Error."""
    for each in sorted(settings.folder.glob("outbox.damaged-*")):
        if not each.name.endswith(("-wal", "-shm")):
            _tell(f"The memory of this door was damaged once. It was set aside as {each}; keep that file for the office.", as_json=as_json)
    found = read(settings.folder, at_most=AT_MOST_A_DAY if lines is None else lines)
    if found is None:
        _tell(f"Nothing was recorded in {settings.folder} yet. Start the door: sudo systemctl start calltime-edge", as_json=as_json)
        return exits.WELL
    if lines is None:
        today = now.astimezone(LONDON).date()
        found = [line for line in found if line.at.astimezone(LONDON).date() == today or not line.known]
    for line in found:
        say(json.dumps(_as_json(line), ensure_ascii=False) if as_json else shown(line))
    if any(line.placed for line in found):
        _tell("~ The door did not know the time, and was told later.", as_json=as_json)
    if any(not line.known for line in found):
        _tell("? The door does not know the time yet: this is a guess.", as_json=as_json)
    if not found:
        _tell("Nothing was tapped here today. For the latest records: calltime-edge log --lines 20", as_json=as_json)
    return exits.WELL


def read(folder: Path, *, at_most: int) -> list[Line] | None:
    """The latest records, newest first. A tap of a door that did not know the time is placed by a clock record of the same power-up."""
    with look_into(folder) as outbox:
        if outbox is None:
            return None
        kept = [(state, records.decode(jws.split(compact).payload)) for _, state, compact in outbox.log(max(at_most, KEPT_FOR_THE_LOG))]
    clocks = _clocks(record for _, record in kept)
    return [_line(state, record, clocks) for state, record in kept[:at_most]]


def _clocks(kept: Iterable[Record]) -> dict[str, datetime]:
    """For each power-up that has learnt the time: when it began."""
    known = [record for record in kept if record.data.clock.sync != "none"]
    return {record.data.clock.boot: _time(record) - timedelta(milliseconds=record.data.clock.up_ms) for record in known}


def _line(state: str, record: Record, clocks: dict[str, datetime]) -> Line:
    clock = record.data.clock
    begun = clocks.get(clock.boot)
    placed = clock.sync == "none" and begun is not None
    tap = record.data if isinstance(record, Tap) else None
    return Line(
        seq=record.data.seq,
        at=begun + timedelta(milliseconds=clock.up_ms) if placed and begun else _time(record),
        known=clock.sync != "none" or placed,
        placed=placed,
        what=_what(record),
        carer=tap.carer.ref if tap else "",
        place=tap.place.ref if tap else "",
        state=state,
    )


def _what(record: Record) -> str:
    match record:
        case Tap(data=data):
            return data.action
        case Boot(data=data) if data.lost:
            return f"switched on; the memory was damaged, and lost {_ranges(data.lost)}"
        case Boot():
            return "switched on"
        case ClockSet(data=data):
            return f"clock set by {data.clock.sync}"


def _ranges(lost: Sequence[tuple[int, int]]) -> str:
    return "records " + ", ".join(str(first) if first == last else f"{first} to {last}" for first, last in lost)


def _time(record: Record) -> datetime:
    return datetime.fromisoformat(record.time).astimezone(UTC)


def shown(line: Line) -> str:
    """Write it for a person."""
    when = f"{'~' if line.placed else ' ' if line.known else '?'}{london(line.at)}"
    who = f"  carer {line.carer} at {line.place}" if line.carer else ""
    return f"{line.seq:>6}  {when:<25} {line.what:<8}{who}  {BECAME[line.state]}"


def _as_json(line: Line) -> dict[str, str | int | bool]:
    return {
        "seq": line.seq,
        "time": line.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "known": line.known,
        "placed": line.placed,
        "what": line.what,
        "carer": line.carer,
        "place": line.place,
        "state": line.state,
    }


def _tell(sentence: str, *, as_json: bool) -> None:
    """A sentence for a person; a program that reads JSON lines needs none."""
    if not as_json:
        say(sentence)
