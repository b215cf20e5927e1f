"""How does one carer's door run in the town? The real agent, outbox and publisher.

Only its clock is the town's, and its tags are held to it by us.
"""

from __future__ import annotations

import hashlib
import queue
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from calltime_edge import door_key, enrolment
from calltime_edge.agent import Agent
from calltime_edge.answers import Answer
from calltime_edge.clock import Reading
from calltime_edge.outbox import Outbox
from calltime_edge.publisher import Patience, Publisher
from calltime_edge.watching import Watch
from calltime_sim.hands import plug_in
from calltime_wire.status import Status

ANSWERED_WITHIN = 20.0
IMPATIENT = Patience(receipt=2.0, reconnect=0.2, longest=3.0)
"""A town's day lasts half a minute, so its doors do not wait as long as real ones."""


class TownClock:
    """The one clock of the town: it stands still until it is set."""

    def __init__(self, begins: datetime) -> None:
        """Every door was switched on an hour before the day begins."""
        self._switched_on = begins - timedelta(hours=1)
        self.now = begins

    def of(self, name: str, *, knows_the_time: bool) -> DoorClock:
        """Give a door its clock; one that does not know the time begins in 1970."""
        return DoorClock(town=self, boot=str(uuid.uuid5(uuid.NAMESPACE_OID, name)), knows_the_time=knows_the_time)

    @property
    def up_ms(self) -> int:
        """Milliseconds since the doors were switched on."""
        return (self.now - self._switched_on) // timedelta(milliseconds=1)


@dataclass(slots=True, kw_only=True)
class DoorClock:
    """The town's clock as one door reads it: set over the network, or counting from 1970 until it is."""

    town: TownClock
    boot: str
    knows_the_time: bool

    def read(self) -> Reading:
        """Read it."""
        if not self.knows_the_time:
            since_1970 = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=self.town.up_ms)
            return Reading(now=since_1970, boot=self.boot, up_ms=self.town.up_ms, sync="none", error_ms=86_400_000)
        return Reading(now=self.town.now.astimezone(UTC), boot=self.boot, up_ms=self.town.up_ms, sync="ntp", error_ms=20)


class Door:
    """One carer's device at work in the town."""

    def __init__(self, *, carer: str, code: str, server: str, folder: Path, clock: DoorClock, seed: int, kind: str = "fed") -> None:
        """Make the key (the same for the same seed, so that a day can be lived twice), enrol, and plug the reader in."""
        folder.mkdir(parents=True, exist_ok=True)
        own = f"{seed}/{carer}".encode()
        signer = door_key.load_or_make(folder, randomness=lambda size: hashlib.sha256(own).digest()[:size])
        enrolled = enrolment.enrol(code, server=server, signer=signer, folder=folder)
        self.carer, self.kind = carer, kind
        self._outbox = Outbox(folder / "outbox.sqlite")
        self._hand, reader = plug_in(kind)
        self._answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
        self._publisher = Publisher(enrolled=enrolled, outbox=self._outbox, status=self._status, patience=IMPATIENT)
        self._clock = clock
        self._agent = Agent(
            enrolled=enrolled, signer=signer, outbox=self._outbox, clock=clock, feedback=self, recorded=self._publisher.nudge
        )
        self._watch = Watch([reader], self._agent.handle)
        self._agent.begin()
        self._watch.open()

    def show(self, answer: Answer) -> None:
        """Be the carer who looks at the device (`Feedback`)."""
        self._answers.put(answer)

    def go_online(self) -> None:
        """Let it reach a time server and the broker. Until then every tap stays on the device."""
        self._clock.knows_the_time = True
        self._agent.look_at_clock()
        self._publisher.open()

    def touch(self, address: str) -> Answer:
        """Hold a tag to the reader until the device has answered. Raises TimeoutError when it does not."""
        self._hand.hold(address)
        try:
            answer = self._answers.get(timeout=ANSWERED_WITHIN)
        except queue.Empty:
            says = f"The door of {self.carer} did not answer a tag within {ANSWERED_WITHIN:.0f} s. Is this machine very busy? Start again."
            raise TimeoutError(says) from None
        self._hand.take_away()
        return answer

    @property
    def waiting(self) -> int:
        """How many records have no receipt yet."""
        return self._outbox.count_waiting()

    @property
    def mqtt(self) -> str | None:
        """The version that the broker answered in; None while there is no connection."""
        return self._publisher.version

    def close(self) -> None:
        """Switch it off."""
        self._watch.close()
        self._publisher.close()
        self._hand.close()
        self._outbox.close()

    def _status(self, online: bool) -> Status:
        readers = dict(self._watch.states)
        return Status(online=online, software="calltime-sim", waiting=self._outbox.count_waiting(), clock="ntp", readers=readers)
