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
from typing import Literal, TypeAlias

from calltime_edge import broker_link, calling
from calltime_edge.announcing import Announcing, Pace
from calltime_edge.bell import Bell
from calltime_edge.broker_choice import BrokerChoice
from calltime_edge.broker_link import Link, NotLetIn, Version
from calltime_edge.enrolment import Enrolled
from calltime_edge.outbox import Agreement, Outbox, OutboxDamaged
from calltime_edge.window import Window
from calltime_wire import receipts, topics
from calltime_wire import status as door_status
from calltime_wire.identity import DeviceId
from calltime_wire.receipts import NotAReceipt
from calltime_wire.status import Status

log = logging.getLogger(__name__)

Ending: TypeAlias = Literal["lost", "no receipt", "stopped"]
"""Why a connection ended that there was."""
WINDOW = 200
"""Records under way at once, at most. A broker whose gateway takes nothing holds a copy of them for each time that they were sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """Seconds to wait: for a receipt before records are sent again, and between two rounds of calls; both double up to the longest.

    `answer` is what a broker has to let a door in, `acknowledgement` what it has to take a message: longer, and the line is dead.
    """

    receipt: float = 10.0
    reconnect: float = 1.0
    longest: float = 300.0
    answer: float = 5.0
    acknowledgement: float = 20.0


class Publisher:
    """The door's link to the gateway, by whichever of its brokers serves. Records stay in the outbox; this only sends, and takes receipts.

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
        """`status(online)` describes the door. `broker`, one address or more, replaces the enrolment's; so does who is told to call.

        Raises ValueError. Nothing is connected before `open`.
        """
        self._enrolled = enrolled
        self._device = DeviceId(enrolled.device)
        self._outbox = outbox
        self._status = status
        callers = calling.callers(enrolled, brokers=broker, ca_file=ca_file, username=username, password_file=password_file)
        self._callers = random.sample(callers, len(callers))  # so that doors spread over the brokers, also when one of them is lost
        self._brokers = BrokerChoice(self._callers, mqtt)
        self._patience = patience or Patience()
        self._receipt_patience: float | None = None
        self._pace = pace or Pace()
        self._bell = Bell()
        self._stop = False
        self.version: Version | None = None
        self._thread = threading.Thread(target=self._run, name=f"publisher {enrolled.device}", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether its thread is at work."""
        return self._thread.is_alive()

    @property
    def brokers(self) -> dict[str, str]:
        """How each broker was when it was last called, by its address."""
        return self._brokers.states

    def open(self) -> None:
        """Begin to connect and to send, until `close`."""
        for caller in self._callers:
            if caller.tells_a_password_openly:
                log.warning("the password goes to %s unencrypted. Use mqtts:// where the broker can.", caller.broker)
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
                self._brokers.has_served()
            # Jitter: after an outage three thousand doors must not come back, nor all turn to the next broker, in the same second.
            if self._brokers.move_on():
                self._rest(pause * random.uniform(0.5, 1.5))  # noqa: S311
                pause = min(pause * 2, self._patience.longest)
            else:
                self._rest(self._patience.reconnect * random.uniform(0, 1))  # noqa: S311

    def _rest(self, seconds: float) -> None:
        """Let news wait: only the end of the door ends a pause."""
        until = time.monotonic() + seconds
        while not self._stop and time.monotonic() < until:
            self._bell.wait(until - time.monotonic())

    def _connect_and_serve(self) -> float:
        """Stay until the connection ends; return for how many seconds there was one."""
        broker = self._brokers.current
        link = broker_link.connect(
            broker.caller,
            self._bell,
            version=broker.versions.current,
            keepalive=self._pace.keepalive,
            within=self._patience.answer,
            unless=lambda: self._stop,
            will=door_status.encode(self._status(False)),
        )
        if isinstance(link, NotLetIn):
            _tell(link, news=broker.did_not_let_in(link))
            return 0.0
        began = time.monotonic()
        broker.let_in()
        self.version = link.version
        log.info("connected to %s in MQTT %s", broker.caller.broker, link.version)
        ended: Ending = "lost"
        try:
            ended = self._serve(link)
            if ended != "lost":
                link.publish(topics.status(self._device), door_status.encode(self._status(False)), retain=True)
                link.finish(self._bell)
        finally:
            self.version, broker.state = None, ended
            link.drop()
        return time.monotonic() - began

    def _serve(self, link: Link) -> Ending:
        """Send what is waiting, within the window; send it all again when no receipt came in time; say now and then how the door is.

        When none came the second time either, the broker may be cut off from every gateway: then leave, where there are others, each of
        which gets it once. The patience is taken along, so that a door sends no more often than with one broker when it is all gateways
        that are away.
        """
        window = Window(
            self._outbox,
            size=WINDOW,
            receipt_within=self._patience.receipt,
            longest=self._patience.longest,
            patience=self._receipt_patience,
        )
        self._receipt_patience = None
        announcing = Announcing(self._pace.within(link.keepalive))
        self._announce(link, announcing, riding=False)
        while not self._stop:
            now = time.monotonic()
            receipted = self._take_receipts(link)
            if receipted:
                window.receipted(now)
            elif window.overdue_in(now) == 0.0:
                if window.in_vain and self._brokers.several:
                    log.info("no receipt came by this broker, again; going on to the next one")
                    self._receipt_patience = window.longer()
                    return "no receipt"
                log.info("no receipt came in time; sending again from the first of %d records", window.under_way)
                window.start_again(now)
            for _, compact in window.take(now, at_most=link.room):
                link.publish(topics.records(self._device), compact.encode("ascii"), record=True)
                announcing.sent(now)
            self._announce(link, announcing, riding=receipted and (window.under_way == 0 or not announcing.fresh(now)))
            if link.lost is not None or link.unanswered_for() > self._patience.acknowledgement:
                log.info("the connection ended: %s", link.lost or "the broker has fallen silent")
                return "lost"
            link.wait(min(announcing.look_in(now), window.overdue_in(now) or math.inf, self._patience.acknowledgement), self._bell)
        return "stopped"

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


def _tell(trouble: NotLetIn, *, news: bool) -> None:
    """Log why there is no connection, once: it may stay so for days."""
    level = logging.WARNING if trouble.why in {"not trusted", "no password", "refused"} else logging.INFO
    log.log(level if news else logging.DEBUG, "%s", trouble.says)
