"""What happens on one connection to one broker? Letters come in, and are acknowledged in the order in which they came; receipts go out."""

from __future__ import annotations

import select
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from calltime_gateway.bell import Bell
from calltime_gateway.broker_access import Access, Unusable
from calltime_gateway.broker_client import KEEPALIVE, BrokerClient, Version
from calltime_gateway.letters import Letter, Letters
from calltime_gateway.packets import Nonsense
from calltime_wire import topics

GROUP = "gateway"
ANSWER_WITHIN = 3.0
"""Seconds that a broker has to let us in. One that does not know MQTT 5 may say nothing at all."""
RECEIPTS_UNDER_WAY = 1000
"""So many receipts that the broker has not acknowledged, at most; it may itself want fewer."""
RECEIPTS_KEPT = 4000
"""So many receipts wait to be sent. Beyond that the oldest is dropped: a later one says the same and more, or the door asks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a connection went. `why` is for people; only after `no answer` may the other version be worth a try."""

    how: Literal["not reached", "no answer", "not let in", "nonsense", "lost"]
    why: str


class BrokerLine:
    """One connection. Its own thread calls `serve`, once; any thread may send and acknowledge."""

    def __init__(self, access: Access, version: Version, *, window: int, letters: Letters, bell: Bell) -> None:
        """`window`: so many letters are not acknowledged at a time. Raises Unusable."""
        self._access, self._version, self._window = access, version, window
        self._letters, self._bell = letters, bell
        pattern = topics.shared(GROUP) if version == "5" else topics.RECORDS_FROM_ALL
        self._client = BrokerClient(access, version, window=window, pattern=pattern)
        self._in_order: deque[Letter] = deque()
        self._receipts: deque[tuple[str, str]] = deque(maxlen=RECEIPTS_KEPT)
        self._pinged = 0.0

    def send(self, topic: str, text: str) -> None:
        """Send a receipt, or drop it: the door asks again."""
        self._receipts.append((topic, text))
        self._bell.ring()

    def acknowledged(self, letter: Letter) -> None:
        """Take note that a letter is done with. The broker is told in the order in which it sent, so only the first is news."""
        try:
            news = self._in_order[0] is letter
        except IndexError:
            return
        if news:
            self._bell.ring()

    def serve(self, *, until: threading.Event, let_in: Callable[[], None]) -> Ended | None:
        """Connect, call `let_in` when we are subscribed, and stay until the connection ends; return None when told to leave."""
        try:
            self._client.connect(self._access)
        except ssl.SSLCertVerificationError as error:
            return Ended(how="not reached", why=self._access.why_not(error))
        except (OSError, UnicodeError) as error:
            return Ended(
                how="not reached", why=f"{error}. Doors keep what they have. Look whether the broker runs, and at CALLTIME_BROKER."
            )
        try:
            return self._stay(until, let_in)
        except Nonsense as nonsense:
            return Ended(how="nonsense", why=f"{nonsense}. The operator of the broker must look at it.")
        finally:
            self._client.close()
            self._letters.forget(self)

    def _stay(self, until: threading.Event, let_in: Callable[[], None]) -> Ended | None:
        client, deadline = self._client, time.monotonic() + ANSWER_WITHIN
        welcome = False
        while not until.is_set():
            self._turn()
            if client.ended is not None or client.refused is not None or (not client.subscribed and time.monotonic() > deadline):
                return self._how_it_ended()
            if client.subscribed and not welcome:
                welcome = True
                let_in()
        self._answer()  # what the last batch has left
        return None

    def _how_it_ended(self) -> Ended:
        client = self._client
        if client.speaks_another_version:
            return Ended(how="no answer", why=client.ended or client.refused or f"nothing within {ANSWER_WITHIN:g} s")
        if client.refused is not None:
            then = "Its operator must allow it; see CALLTIME_BROKER_USER and CALLTIME_BROKER_PASSWORD_FILE."
            return Ended(how="not let in", why=f"{client.refused}. {then}")
        return Ended(how="lost", why=client.ended or "")

    def _turn(self) -> None:
        """Sleep until there is something to do, a second at most; then do all of it."""
        full = self._full()
        news = self._sleep(listening=not full)
        self._bell.silence()
        if news & ~select.POLLOUT:
            self._read()
        self._answer()
        if not full:
            self._client.stay_alive()
        elif time.monotonic() - self._pinged > KEEPALIVE / 2:
            self._pinged = time.monotonic()
            self._client.ping()

    def _full(self) -> bool:
        """Whether we do not read on before something is done with: so the line itself fills up, and the broker has to keep the rest.

        MQTT 3.1.1 has no other way. In MQTT 5 the broker was told our window; Mosquitto 2.0.11 nevertheless sends some more at times.
        """
        return len(self._in_order) > self._window

    def _sleep(self, *, listening: bool) -> int:
        """Return what poll has to say about the connection."""
        line = self._client.fileno()
        if line < 0 or (listening and self._client.holds_more):
            return select.POLLIN  # to read is to find out
        poll = select.poll()
        poll.register(self._bell, select.POLLIN)
        poll.register(line, (select.POLLIN if listening else 0) | (select.POLLOUT if self._client.wants_to_write else 0))
        return dict(poll.poll(1000)).get(line, 0)

    def _read(self) -> None:
        # Without a number it is of QoS 0: no door sends that, and nobody can hold back who does.
        came = [Letter(topic, payload, self, mid) for topic, payload, mid in self._client.read() if mid]
        self._in_order.extend(came)
        if came:
            self._letters.put(came)

    def _answer(self) -> None:
        """First the receipts, then the acknowledgements. What is done is looked up before: its receipts are there by then."""
        done = self._done()
        self._send()
        if done:
            self._client.acknowledge(done)
        self._client.write()

    def _done(self) -> list[int]:
        done, in_order = list[int](), self._in_order
        # Popped first, then looked at the next: `acknowledged`, which does it the other way round, else might miss that it is the first.
        while in_order and in_order[0].done:
            done.append(in_order.popleft().mid)
        return done

    def _send(self) -> None:
        client, receipts = self._client, self._receipts
        if not client.subscribed:
            return
        room = min(client.room, RECEIPTS_UNDER_WAY)
        while receipts and client.under_way < room:
            client.publish(*receipts.popleft())


def call(access: Access, version: Version, *, window: int, letters: Letters, bell: Bell) -> BrokerLine | Ended:
    """Prepare a connection; the password is read now, since it may have been put right meanwhile."""
    try:
        return BrokerLine(access, version, window=window, letters=letters, bell=bell)
    except Unusable as error:
        return Ended(how="not reached", why=str(error))
