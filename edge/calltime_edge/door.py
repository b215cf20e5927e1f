"""What is a whole door, how is it, and does everything in it still move?"""

from __future__ import annotations

import logging
import os
import signal
import sqlite3
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from calltime_edge import reporting
from calltime_edge.agent import Agent
from calltime_edge.clock import Clock, Reading
from calltime_edge.enrolment import Enrolled
from calltime_edge.feedback import Fitted
from calltime_edge.notifying import Notifier
from calltime_edge.outbox import Outbox, OutboxDamaged
from calltime_edge.publisher import Publisher
from calltime_edge.reporting import Report
from calltime_edge.speaking import count
from calltime_edge.watching import Watch
from calltime_wire.status import Status

log = logging.getLogger(__name__)

ENDING = {signal.SIGTERM, signal.SIGINT}
FIRST_LOOKS = 0.5
"""Seconds until the second look, then twice as long each time: whoever fits a door wants to see at once that it is connected."""
LOOK_EVERY = 10.0
"""Seconds between two looks at clock, threads and outbox, at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """The parts of a door at work. `readers` are their names, and those of their threads."""

    folder: Path
    enrolled: Enrolled
    outbox: Outbox
    clock: Clock
    fitted: Fitted
    publisher: Publisher
    agent: Agent
    watch: Watch
    readers: tuple[str, ...]

    def work(self, notifier: Notifier, state: Path) -> bool:
        """Work until SIGTERM or SIGINT, which must be blocked in every thread; say whether that was the end, and not a damaged outbox."""
        self.publisher.open()
        self.watch.open()
        notifier.ready()
        well = self._look_after(notifier, state)
        notifier.stopping()
        reporting.remove(state)
        self.watch.close()
        self.publisher.close()
        self.fitted.close()
        self.outbox.close()
        return well

    def _look_after(self, notifier: Notifier, state: Path) -> bool:
        """Look again and again whether everything moves. Who is stuck in here is ended by the service manager."""
        every, pause = min(LOOK_EVERY, notifier.every or LOOK_EVERY), FIRST_LOOKS
        while True:
            self.agent.look_at_clock()
            try:
                self._tell(notifier, state)
            except OutboxDamaged as error:
                log.error("%s The program ends, and its next start saves what can be saved.", error)  # noqa: TRY400  # expected, so no traceback
                return False
            except sqlite3.Error as error:  # the service manager hears nothing, and starts the door again if it stays so
                log.warning("the outbox does not answer: %s", error)
            if signal.sigtimedwait(ENDING, pause) is not None:
                return True
            pause = min(pause * 2, every)

    def _tell(self, notifier: Notifier, state: Path) -> None:
        reading, mqtt = self.clock.read(), self.publisher.version
        status = describe(self.outbox, self.clock, self.watch, online=mqtt is not None)
        if status.readers:  # before any was looked for, it is not known whether a carer can tap
            ready = "ready" in status.readers.values()
            self.fitted.state(queued=status.waiting, online=status.online, knows_time=reading.sync != "none", readers_ready=ready)
        with suppress(OSError):  # a full disk must not end a door, and `calltime-edge status` tells how old it is what it shows
            reporting.write(state, self._report(reading, mqtt, status))
        if dead := self._dead():
            log.error("%s ended, and should not have: the service manager starts this door again", ", ".join(dead))
        elif stuck := self.watch.stuck(time.monotonic()):
            log.error("%s: stuck. Unless that ends by itself, the service manager starts this door again", ", ".join(stuck))
        else:
            notifier.alive(one_line(status))

    def _dead(self) -> list[str]:
        living = {thread.name for thread in threading.enumerate()}
        dead = [name for name in self.readers if name not in living]
        return dead if self.publisher.alive else [*dead, "the publisher"]

    def _report(self, reading: Reading, mqtt: str | None, status: Status) -> Report:
        return Report(
            folder=str(self.folder),
            device=self.enrolled.device,
            carer=self.enrolled.carer,
            home=self.enrolled.home,
            line=self.enrolled.line,
            pid=os.getpid(),
            boot=reading.boot,
            up_ms=reading.up_ms,
            now=reading.now,
            error_ms=reading.error_ms,
            mqtt=mqtt,
            brokers=self.publisher.brokers,
            set_aside=self.outbox.count_set_aside(),
            status=status,
        )


def describe(outbox: Outbox, clock: Clock, watch: Watch, *, online: bool) -> Status:
    """Say how a door is, as the broker and people at its own machine are told."""
    return Status(
        online=online,
        software=f"calltime-edge {version('calltime')}",
        waiting=outbox.count_waiting(),
        clock=clock.read().sync,
        readers=dict(watch.states),
    )


def one_line(status: Status) -> str:
    """Put it in one line, for `systemctl status`."""
    link = "online" if status.online else "offline"
    readers = ", ".join(f"{name}: {state}" for name, state in status.readers.items()) or "no reader was found yet"
    return f"{link}, {count(status.waiting)} waiting, clock {status.clock}, {readers}"
