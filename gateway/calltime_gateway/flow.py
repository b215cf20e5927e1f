"""What happens to a batch of letters? Durable first, acknowledge last: the order here is the promise."""

from __future__ import annotations

import hashlib
import logging
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec.structs import replace

from calltime_gateway import judging
from calltime_gateway.desk import RANGES, Desk
from calltime_gateway.figures import Figures
from calltime_gateway.floods import Floods
from calltime_gateway.judging import Judged, Reading
from calltime_gateway.letters import Letter, Line
from calltime_gateway.progress import Progress, told
from calltime_gateway.store import Store, StoredMeanwhile, Unstorable
from calltime_wire import base64url, receipts, topics
from calltime_wire.admission import Claimed
from calltime_wire.identity import DeviceId
from calltime_wire.jws import Signer
from calltime_wire.receipts import Receipt, SetAside
from calltime_wire.refusals import Reason, Refused

log = logging.getLogger(__name__)

NAMED = 3
"""So many doors of a batch are named in the log."""


def handle(
    letters: Sequence[Letter],
    readings: Sequence[Reading],
    *,
    store: Store,
    signer: Signer,
    received_at: datetime,
    floods: Floods,
    figures: Figures,
) -> None:
    """Store a batch, tell the doors, then let the brokers forget it. `readings` says what was read in each letter."""
    began = time.monotonic()
    judged, progress = keep(readings, store=store, received_at=received_at, floods=floods)
    figures.kept(judged, received_at=received_at, seconds=time.monotonic() - began)
    figures.let_go(judged.let_go)
    lines = _lines_of(letters, readings)
    for receipt in answers(readings, judged, progress):
        door = DeviceId(receipt.device)
        text = receipts.encode(receipt, signer)
        for line in lines[door]:
            line.send(topics.receipts(door), text)
    for letter in letters:
        letter.acknowledge()
    counts = {"new": len(judged.new), "known": len(judged.known), "quarantined": len(judged.refused), "let_go": judged.let_go}
    log.info("stored a batch", extra=counts)
    if judged.refused:
        # One line a batch, however many: a flood of bad messages is none of lines. What each says may quote a stranger, so it stays out.
        reasons = Counter(refused.reason.value for _, refused in judged.refused)
        named = sorted({refused.device for _, refused in judged.refused if refused.device is not None})
        log.warning("messages were set aside; see calltime-gateway quarantine", extra={"reasons": dict(reasons), "devices": named[:NAMED]})


def keep(
    readings: Sequence[Reading], *, store: Store, received_at: datetime, floods: Floods | None = None
) -> tuple[Judged, dict[DeviceId, Progress]]:
    """Decide and write the batch; return what was decided and how far each door is now.

    In one transaction. Only when the database does not take what one of the letters holds, each half goes for itself, so that none keeps
    the others waiting; the one that fails alone is set aside.
    """
    try:
        return _keep_together(readings, store, received_at, floods)
    except Unstorable as complaint:
        log.warning("the database does not take a batch", extra={"letters": len(readings), "fault": type(complaint.__cause__).__name__})
        if len(readings) == 1:
            return _keep_alone(readings[0], complaint, store, received_at, floods)
    half = len(readings) // 2
    (first, so_far), (second, after) = (
        keep(part, store=store, received_at=received_at, floods=floods) for part in (readings[:half], readings[half:])
    )
    return _together([first, second]), so_far | after


def _keep_alone(
    reading: Reading, complaint: Unstorable, store: Store, received_at: datetime, floods: Floods | None
) -> tuple[Judged, dict[DeviceId, Progress]]:
    if isinstance(complaint, StoredMeanwhile):
        try:
            return _keep_together([reading], store, received_at, floods)
        except Unstorable as again:
            complaint = again
    return _keep_together([_unstorable(reading, complaint)], store, received_at, floods)


def _keep_together(
    readings: Sequence[Reading], store: Store, received_at: datetime, floods: Floods | None
) -> tuple[Judged, dict[DeviceId, Progress]]:
    with store.transaction() as desk:
        judged, progress = _decide(desk, readings, received_at)
        if floods is not None:
            judged = floods.bounded(judged)
        desk.quarantine(judged.refused, received_at=received_at)
    if floods is not None:
        floods.spent(judged)
    return judged, progress


def replay(store: Store, waiting: Iterable[tuple[str, bytes, datetime]]) -> Judged:
    """Take again what was set aside, as (topic, bytes, as of when to judge). What is refused again stays where it is.

    The doors hear of it in the receipt for their next message.
    """
    return _together([_take_again(store, judging.read(topic, payload), as_of) for topic, payload, as_of in waiting])


def _take_again(store: Store, reading: Reading, as_of: datetime) -> Judged:
    try:
        with store.transaction() as desk:
            judged, _ = _decide(desk, [reading], as_of)
        return judged
    except Unstorable as complaint:
        return judging.judge([_unstorable(reading, complaint)], {})


def _decide(desk: Desk, readings: Sequence[Reading], received_at: datetime) -> tuple[Judged, dict[DeviceId, Progress]]:
    standings = desk.standings(_doors_of(readings))
    doors = {device: standing.door for device, standing in standings.items()}
    admitted = judging.admit(readings, doors, received_at=received_at)
    judged = judging.judge(admitted, desk.links([r.result for r in admitted if isinstance(r.result, Claimed)], standings))
    desk.add(judged.new, received_at=received_at)
    return judged, desk.progress(standings, judged.new)


def _unstorable(reading: Reading, complaint: Unstorable) -> Reading:
    match reading.result:
        case Claimed(record=record):
            device, seq = record.device, record.data.seq
        case Refused(device=device, seq=seq):
            pass
    refused = Refused(reason=Reason.MALFORMED, says=f"The database does not take it: {complaint}", device=device, seq=seq)
    return replace(reading, result=refused)


def _together(parts: Sequence[Judged]) -> Judged:
    return Judged(
        new=tuple(one for part in parts for one in part.new),
        known=tuple(one for part in parts for one in part.known),
        refused=tuple(one for part in parts for one in part.refused),
        let_go=sum(part.let_go for part in parts),
    )


def _doors_of(readings: Iterable[Reading]) -> set[DeviceId]:
    return {r.door for r in readings if r.door is not None}


def _lines_of(letters: Sequence[Letter], readings: Sequence[Reading]) -> Mapping[DeviceId, set[Line]]:
    lines: dict[DeviceId, set[Line]] = defaultdict(set)
    for letter, reading in zip(letters, readings, strict=True):
        if reading.door is not None:
            lines[reading.door].add(letter.line)
    return lines


def answers(readings: Sequence[Reading], judged: Judged, progress: Mapping[DeviceId, Progress]) -> Iterable[Receipt]:
    """Make one receipt for every door of the batch: for those, too, that sent nothing new or nothing good."""
    arrived: dict[DeviceId, list[int]] = defaultdict(list)
    for claimed in (*judged.new, *judged.known):
        arrived[claimed.record.device].append(claimed.record.data.seq)
    aside: dict[DeviceId | None, list[SetAside]] = defaultdict(list)
    for reading, refused in judged.refused:
        aside[reading.door].append(_set_aside(reading, refused))
    nothing = Progress(through=0, digest=None, also=())
    for door in sorted(_doors_of(readings)):
        stored = progress.get(door, nothing)
        yield Receipt(
            device=door,
            through=stored.through,
            digest=None if stored.digest is None else base64url.encode(stored.digest),
            also=told(stored, arrived=arrived[door], at_most=RANGES),
            quarantined=tuple(aside[door]),
        )


def _set_aside(reading: Reading, refused: Refused) -> SetAside:
    digest = hashlib.sha256(reading.payload).digest()
    return SetAside(digest=base64url.encode(digest), seq=refused.seq, reason=refused.reason)
