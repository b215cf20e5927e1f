"""How do records reach the gateway? In order over MQTT, again and again until a signed receipt covers them."""

from __future__ import annotations

import logging
import math
import random
import sqlite3
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from calltime_edge import broker_link
from calltime_edge.announcing import Announcing, Pace
from calltime_edge.bell import Bell
from calltime_edge.broker_link import Caller, Link, NotLetIn, Version
from calltime_edge.enrolment import Enrolled
from calltime_edge.outbox import Agreement, Outbox, OutboxDamaged
from calltime_edge.window import Window
from calltime_wire import broker_address, receipts, topics
from calltime_wire import status as door_status
from calltime_wire.identity import DeviceId
from calltime_wire.receipts import NotAReceipt
from calltime_wire.status import Status

log = logging.getLogger(__name__)

WINDOW = 200
"""Records under way at once, at most: what a gateway that is away can make the broker hold for one door."""
UNANSWERED_BEFORE_THE_OTHER_VERSION = 3
"""So often a version that has worked may go unanswered: a broker that is only busy is no reason to change it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds to wait: for a receipt before records are sent again, and between two tries to connect; both double up to the longest.

    `answer` is what a broker has to let a door in, `acknowledgement` what it has to take a message: longer, and the line is dead.
    """

    receipt: float = 10.0
    reconnect: float = 1.0
    longest: float = 300.0
    answer: float = 5.0
    acknowledgement: float = 20.0


class Publisher:
    """The door's link to the gateway. Records stay in the outbox; this only sends, and takes receipts.

    All of it happens in one thread of its own, which sleeps while there is nothing to do. It holds nothing that `Outbox.add` waits for.
    """

    def __init__(
        self,
        *,
        enrolled: Enrolled,
        outbox: Outbox,
        status: Callable[[bool], Status],
        broker: str | None = None,
        ca_file: Path | None = None,
        username: str | None = None,
        password_file: Path | None = None,
        mqtt: Version | Literal["auto"] = "auto",
        patience: Patience | None = None,
        pace: Pace | None = None,
    ) -> None:
        """`status(online)` describes the door. `broker` replaces the enrolment's. Raises ValueError; nothing is connected before `open`."""
        self._enrolled = enrolled
        self._device = DeviceId(enrolled.device)
        self._outbox = outbox
        self._status = status
        address = broker_address.parse(broker or enrolled.broker)
        self._caller = Caller(device=self._device, broker=address, ca_file=ca_file, username=username, password_file=password_file)
        self._versions = VersionChoice(mqtt)
        self._patience = patience or Patience()
        self._pace = pace or Pace()
        self._bell = Bell()
        self._stop = False
        self._told: str | None = None
        self.version: Version | None = None
        self._thread = threading.Thread(target=self._run, name=f"publisher {enrolled.device}", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether its thread is at work."""
        return self._thread.is_alive()

    def open(self) -> None:
        """Begin to connect and to send, until `close`."""
        if self._caller.password_file is not None and not self._caller.broker.tls:
            log.warning("the password goes to %s unencrypted. Use mqtts:// where the broker can.", self._caller.broker)
        self._thread.start()

    def close(self) -> None:
        """Say goodbye and stop. What is not receipted stays in the outbox."""
        self._stop = True
        self._bell.ring()
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        if not self._thread.is_alive():
            self._bell.close()

    def nudge(self) -> None:
        """There is something new to send."""
        self._bell.ring()

    def _run(self) -> None:
        pause = self._patience.reconnect
        while not self._stop:
            served = 0.0
            try:
                served = self._connect_and_serve()
            except OutboxDamaged as error:  # the door ends at its next look, and saves what is left at its next start
                log.error("nothing is sent until the door has started again: %s", error)  # noqa: TRY400  # expected, so no traceback
            except Exception:  # the outermost loop of this thread: a door whose publisher died would look well and send nothing
                log.exception("sending failed in a way that nobody foresaw; nothing is lost, connecting again")
            # A connection that lasts no longer than the pause before it, again and again, is no reason to hurry.
            if served > pause:
                pause = self._patience.reconnect
            # Jitter: after an outage three thousand doors must not come back in the same second.
            self._rest(pause * random.uniform(0.5, 1.5))  # noqa: S311
            pause = min(pause * 2, self._patience.longest)

    def _rest(self, seconds: float) -> None:
        """Let news wait: only the end of the door ends a pause."""
        until = time.monotonic() + seconds
        while not self._stop and time.monotonic() < until:
            self._bell.wait(until - time.monotonic())

    def _connect_and_serve(self) -> float:
        """Stay until the connection ends; return for how many seconds there was one."""
        link = broker_link.connect(
            self._caller,
            self._bell,
            version=self._versions.current,
            keepalive=self._pace.keepalive,
            within=self._patience.answer,
            unless=lambda: self._stop,
            will=door_status.encode(self._status(False)),
        )
        if isinstance(link, NotLetIn):
            self._tell(link)
            if link.why == "no answer":
                self._versions.unanswered()
            return 0.0
        began, self._told = time.monotonic(), None
        self._versions.answered()
        self.version = link.version
        log.info("connected to %s in MQTT %s", self._caller.broker, link.version)
        try:
            self._serve(link)
            if self._stop:
                link.publish(topics.status(self._device), door_status.encode(self._status(False)), retain=True)
                link.finish(self._bell)
        finally:
            self.version = None
            link.drop()
        return time.monotonic() - began

    def _serve(self, link: Link) -> None:
        """Send what is waiting, within the window; send it all again when no receipt came in time; say now and then how the door is."""
        window = Window(self._outbox, size=WINDOW, receipt_within=self._patience.receipt, longest=self._patience.longest)
        announcing = Announcing(self._pace.within(link.keepalive))
        self._announce(link, announcing, riding=False)
        while not self._stop:
            now = time.monotonic()
            receipted = self._take_receipts(link)
            if receipted:
                window.receipted(now)
            elif window.overdue_in(now) == 0.0:
                log.info("no receipt came in time; sending again from the first of %d records", window.under_way)
                window.start_again(now)
            for _, compact in window.take(now, at_most=link.room):
                link.publish(topics.records(self._device), compact.encode("ascii"), record=True)
                announcing.sent(now)
            self._announce(link, announcing, riding=receipted and (window.under_way == 0 or not announcing.fresh(now)))
            if link.lost is not None or link.unanswered_for() > self._patience.acknowledgement:
                log.info("the connection ended: %s", link.lost or "the broker has fallen silent")
                return
            link.wait(min(announcing.look_in(now), window.overdue_in(now) or math.inf, self._patience.acknowledgement), self._bell)

    def _announce(self, link: Link, announcing: Announcing, *, riding: bool) -> None:
        status = announcing.look(time.monotonic(), lambda: self._status(True), riding=riding)
        if status is not None:
            link.publish(topics.status(self._device), door_status.encode(status), retain=True)

    def _take_receipts(self, link: Link) -> bool:
        """Take what arrived; say whether there was a receipt among it that we and the office agree on."""
        arrived, link.arrived = link.arrived, []
        agreed = False
        for payload in arrived:
            agreed |= self._take_receipt(payload)
        return agreed

    def _take_receipt(self, payload: bytes) -> bool:
        try:
            receipt = receipts.decode(payload, device=self._device, gateway=self._enrolled.gateway)
            agreement = self._outbox.take_receipt(receipt)
        except NotAReceipt as error:
            log.warning("a message that is no receipt was ignored: %s", error)
            return False
        except OutboxDamaged:
            raise
        except sqlite3.Error as error:
            log.warning("a receipt could not be noted, so its records are sent again: %s", error)
            return False
        if agreement is Agreement.FORKED:
            log.error("the office holds another chain for this door: its key is in use twice, or its memory was set back. Enrol it anew.")
        return agreement is Agreement.AGREED

    def _tell(self, trouble: NotLetIn) -> None:
        """Log why there is no connection, once: it may stay so for days."""
        level = logging.WARNING if trouble.why in {"not trusted", "no password", "refused"} else logging.INFO
        log.log(logging.DEBUG if trouble.why == self._told else level, "%s", trouble.says)
        self._told = trouble.why


class VersionChoice:
    """Which MQTT version to try. One that has worked is given up only when it goes unanswered several times."""

    def __init__(self, asked: Version | Literal["auto"]) -> None:
        """Begin with 5, unless it was asked for another."""
        self.current: Version = "3.1.1" if asked == "3.1.1" else "5"
        self._may_change = asked == "auto"
        self._chances = 1

    def answered(self) -> None:
        """The current one has worked."""
        self._chances = UNANSWERED_BEFORE_THE_OTHER_VERSION

    def unanswered(self) -> None:
        """The current one went unanswered."""
        self._chances -= 1
        if self._may_change and self._chances <= 0:
            self.current = "3.1.1" if self.current == "5" else "5"
            self._chances = 1
