"""What becomes of each letter of a batch? Stored, known already, or refused: decided before anything is written, and written as decided."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from calltime_wire import admission, chain
from calltime_wire.admission import Claimed, KnownDoor
from calltime_wire.identity import DeviceId
from calltime_wire.refusals import Refused


class Reading(Struct, frozen=True, kw_only=True, gc=False):
    """A letter and what was read in it. `door` is the one whose topic it came on: the one to answer.

    `signed`: whether its signature is that of the door's key; None where nobody has looked yet.
    """

    topic: str
    payload: bytes
    door: DeviceId | None
    result: Claimed | Refused
    signed: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The batch, decided: new records, those that are stored already, and refusals with the letter that they are about.

    `let_go`: so many letters of a flood are neither kept nor answered.
    """

    new: tuple[Claimed, ...]
    known: tuple[Claimed, ...]
    refused: tuple[tuple[Reading, Refused], ...]
    let_go: int = 0


def read(topic: str, payload: bytes) -> Reading:
    """Read one letter."""
    result = admission.read(topic, payload)
    door = result.record.device if isinstance(result, Claimed) else result.device
    return Reading(topic=topic, payload=payload, door=door, result=result)


def admit(readings: Sequence[Reading], doors: Mapping[DeviceId, KnownDoor], *, received_at: datetime) -> list[Reading]:
    """Check signatures, where that is not done yet, and times; the result of what fails becomes its refusal."""
    return [_admit_one(reading, doors, received_at) for reading in readings]


def _admit_one(reading: Reading, doors: Mapping[DeviceId, KnownDoor], received_at: datetime) -> Reading:
    match reading.result:
        case Claimed() as claimed:
            door = doors.get(claimed.record.device)
            refused = admission.verify(claimed, door, received_at=received_at, signed=reading.signed)
            if refused is not None:
                return replace(reading, result=refused)
    return reading


def judge(readings: Sequence[Reading], links: Mapping[DeviceId, MutableMapping[int, chain.Link]]) -> Judged:
    """Check admitted readings against the stored links of their doors, and against each other.

    `links` holds, for every door of the batch, the stored links of the numbers in the batch and of their neighbours;
    the records that are taken are added to it.
    """
    new: list[Claimed] = []
    known: list[Claimed] = []
    refusals: list[tuple[Reading, Refused]] = []
    for reading in readings:
        match reading.result:
            case Refused() as refused:
                refusals.append((reading, refused))
            case Claimed() as claimed:
                stored = links[claimed.record.device]
                own = chain.link(claimed.record, claimed.digest)
                refused_by_chain = chain.check(claimed.record, own, stored)
                if refused_by_chain is not None:
                    refusals.append((reading, refused_by_chain))
                elif claimed.record.data.seq in stored:
                    known.append(claimed)
                else:
                    stored[claimed.record.data.seq] = own
                    new.append(claimed)
    return Judged(new=tuple(new), known=tuple(known), refused=tuple(refusals))
