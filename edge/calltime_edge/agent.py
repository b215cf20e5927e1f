"""What does the door do with what it sees? Decide, sign, make safe, and only then confirm."""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable

from calltime_edge import recording
from calltime_edge.anchoring import worth_recording
from calltime_edge.answers import AlreadyDone, Answer, BadgeNext, Confirmed, NotStored
from calltime_edge.called import recorded_calls, remember
from calltime_edge.clock import Clock, Reading
from calltime_edge.enrolment import Enrolled
from calltime_edge.feedback import Feedback
from calltime_edge.outbox import Move, Outbox
from calltime_edge.readers.sightings import Called, Sighting
from calltime_edge.tapping import Meeting, meeting, next_action
from calltime_wire.ed25519 import Ed25519Signer

log = logging.getLogger(__name__)

BADGE_WITHIN_MS = 30_000
"""So long after the home's waiting tag a badge is taken for the one who waits."""


class Agent:
    """One door at work. Everything that a test or a simulation wants fixed is handed in."""

    def __init__(
        self,
        *,
        enrolled: Enrolled,
        signer: Ed25519Signer,
        outbox: Outbox,
        clock: Clock,
        feedback: Feedback,
        recorded: Callable[[], None],
    ) -> None:
        """`recorded` is called whenever there is something new to send."""
        self._enrolled = enrolled
        self._signer = signer
        self._outbox = outbox
        self._clock = clock
        self._feedback = feedback
        self._recorded = recorded
        self._anchor: Reading | None = None  # the last of this power-up that the record has and that knew the time
        self._anchoring = threading.Lock()  # readers and the look at the clock have threads of their own
        self._waiting_next_until = 0
        self._calls = recorded_calls(outbox) if enrolled.line is not None else {}
        self._just_started: set[tuple[str, str]] = set()  # (carer, place) whose last tap was answered with a start: a hold may change it

    def begin(self, *, lost: tuple[tuple[int, int], ...] = ()) -> None:
        """Record that the door was powered up, and which numbers it has lost (`opening`).

        Raises sqlite3.Error: a door that cannot write must not begin.
        """
        reading = self._clock.read()
        for some in recording.shares(lost):
            self._outbox.add(recording.boot(self._signer, reading, lost=some), declares=some)
        if reading.sync != "none":
            self._anchor = reading
        self._recorded()

    def look_at_clock(self) -> None:
        """Record it when the clock was set: taps that were made before can then be placed. To be called every few seconds."""
        self._record_clock(self._clock.read())

    def _record_clock(self, reading: Reading) -> None:
        with self._anchoring:
            if not worth_recording(self._anchor, reading):
                return
            try:
                self._outbox.add(recording.clock_set(self._signer, reading))
            except sqlite3.Error as error:
                log.warning("that the clock was set could not be recorded; trying again: %s", error)
                return
            self._anchor = reading
        log.info("the clock is set by %s, to within %d ms", reading.sync, reading.error_ms)
        self._recorded()

    def handle(self, sighting: Sighting) -> None:
        """Answer one sighting. The record is on disk before the answer is shown."""
        answer = self._answer(sighting)
        if answer is None:
            return
        self._feedback.show(answer)
        if isinstance(answer, Confirmed):
            self._recorded()

    def _answer(self, sighting: Sighting) -> Answer | None:
        if isinstance(sighting, Called) and (before := self._calls.get(sighting.call)):
            return before
        reading = self._clock.read()
        met = meeting(sighting, self._enrolled, waiting_next=reading.up_ms < self._waiting_next_until)
        if not isinstance(met, Meeting):
            if isinstance(met, BadgeNext):
                self._waiting_next_until = reading.up_ms + BADGE_WITHIN_MS
            return met
        self._waiting_next_until = 0
        if self._anchor is not None:  # the clock may have been set, and set back, since the last look
            self._record_clock(reading)
        try:
            answer = self._record(met, reading)
        except sqlite3.Error as error:
            log.warning("the outbox cannot be written: %s", error)
            return NotStored(because=str(error))
        if isinstance(sighting, Called) and isinstance(answer, Confirmed):
            remember(self._calls, sighting.call, answer)
        return answer

    def _record(self, met: Meeting, reading: Reading) -> Confirmed | AlreadyDone | None:
        carer, place = met.carer.ref, met.place.ref
        if met.held and (carer, place) not in self._just_started:
            return None  # what is held on to did not start anything now: "nothing was changed" stays true
        action = next_action(met, self._outbox.last_tap(carer, place), reading)
        self._just_started.discard((carer, place))
        if action is None or isinstance(action, AlreadyDone):
            return action
        made = recording.tap(self._signer, reading, action=action, place=met.place, carer=met.carer)
        move = Move(
            carer=carer, place=place, action=action, at=reading.now, boot=reading.boot, up_ms=reading.up_ms, known=reading.sync != "none"
        )
        seq = self._outbox.add(made, move)
        if action == "start":
            self._just_started.add((carer, place))
        return Confirmed(seq=seq, action=action, at=reading.now, queued=self._outbox.count_waiting())
