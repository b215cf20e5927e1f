"""What happens to a batch of letters? Durable first, acknowledge last: the order here is the promise."""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from calltime_gateway import judging
from calltime_gateway.inbox import Inbox, Letter
from calltime_gateway.judging import Judged, Reading
from calltime_gateway.progress import Progress, told
from calltime_gateway.store import RANGES, DatabaseAway, Desk, Store, Unstorable
from calltime_wire import base64url, receipts, topics
from calltime_wire.admission import Claimed
from calltime_wire.identity import DeviceId
from calltime_wire.jws import Signer
from calltime_wire.receipts import Receipt, SetAside
from calltime_wire.refusals import Reason, Refused

log = logging.getLogger(__name__)

BATCH = 1000


def run(
    inbox: Inbox, store: Store, signer: Signer, *, now: Callable[[], datetime], beat: Callable[[], None], stop: threading.Event
) -> None:
    """Handle letters until told to stop. A database that is away is waited for; nothing is acknowledged meanwhile."""
    while not stop.is_set():
        letters = inbox.take(at_most=BATCH, within=1.0)
        while letters and not stop.is_set():
            try:
                handle(letters, inbox=inbox, store=store, signer=signer, received_at=now())
                break
            except DatabaseAway as error:
                log.warning("the database is away; %d letters wait unacknowledged: %s", len(letters), error)
                stop.wait(1.0)
        beat()


def handle(letters: Sequence[Letter], *, inbox: Inbox, store: Store, signer: Signer, received_at: datetime) -> None:
    """Store a batch, tell the doors, then let the broker forget it."""
    readings = [judging.read(letter.topic, letter.payload) for letter in letters]
    judged, progress = keep(readings, store=store, received_at=received_at)
    inbox.send([(topics.receipts(DeviceId(r.device)), receipts.encode(r, signer)) for r in answers(readings, judged, progress)])
    for letter in letters:
        letter.acknowledge()
    log.info("stored a batch: new=%d known=%d quarantined=%d", len(judged.new), len(judged.known), len(judged.refused))


def keep(readings: Sequence[Reading], *, store: Store, received_at: datetime) -> tuple[Judged, dict[DeviceId, Progress]]:
    """Decide and write the batch; return what was decided and how far each door is now.

    In one transaction. Only when the database does not take what one of the letters holds, each goes alone, so that none keeps the
    others waiting; the one that fails alone is set aside.
    """
    try:
        return _keep_together(readings, store, received_at)
    except Unstorable as complaint:
        log.warning("the database does not take a batch of %d letters: %s", len(readings), complaint)
        if len(readings) == 1:
            return _keep_together([_unstorable(readings[0], complaint)], store, received_at)
    judged, progress = list[Judged](), dict[DeviceId, Progress]()
    for reading in readings:
        alone, moved = keep([reading], store=store, received_at=received_at)
        judged.append(alone)
        progress |= moved
    return _together(judged), progress


def _keep_together(readings: Sequence[Reading], store: Store, received_at: datetime) -> tuple[Judged, dict[DeviceId, Progress]]:
    with store.transaction() as desk:
        judged = _decide(desk, readings, received_at)
        desk.quarantine(judged.refused, received_at=received_at)
        return judged, desk.progress(_doors_of(readings))


def replay(store: Store) -> Judged:
    """Take again what was set aside for want of a door: it may be enrolled by now. What is refused again stays where it is.

    Each is judged and stored as of its first arrival: waiting in quarantine makes no time good that was out of range, and the record
    says when the message came. The doors hear of it in the receipt for their next message.
    """
    with store.transaction() as desk:
        waiting = desk.quarantined()
    return _together([_take_again(store, judging.read(topic, payload), first_at) for topic, payload, first_at in waiting])


def _take_again(store: Store, reading: Reading, first_at: datetime) -> Judged:
    try:
        with store.transaction() as desk:
            judged = _decide(desk, [reading], first_at)
            desk.progress(_doors_of([reading]))
            return judged
    except Unstorable as complaint:
        return judging.judge([_unstorable(reading, complaint)], {})


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
    )


def _decide(desk: Desk, readings: Sequence[Reading], received_at: datetime) -> Judged:
    claimed = [r.result for r in readings if isinstance(r.result, Claimed)]
    admitted = judging.admit(readings, desk.doors({c.record.device for c in claimed}), received_at=received_at)
    judged = judging.judge(admitted, desk.links([r.result for r in admitted if isinstance(r.result, Claimed)]))
    desk.add(judged.new, received_at=received_at)
    return judged


def _doors_of(readings: Sequence[Reading]) -> set[DeviceId]:
    return {r.door for r in readings if r.door is not None}


def answers(readings: Sequence[Reading], judged: Judged, progress: dict[DeviceId, Progress]) -> Iterable[Receipt]:
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
