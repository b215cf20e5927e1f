"""How do letters come in from all brokers? Each broker has a thread that stays connected to it, and none of them waits for another."""

from __future__ import annotations

import logging
import threading
import time

from calltime_gateway import broker_line
from calltime_gateway.bell import Bell
from calltime_gateway.broker_access import Access
from calltime_gateway.broker_client import Version
from calltime_gateway.broker_line import Ended
from calltime_gateway.figures import Figures
from calltime_gateway.letters import Letter, Letters
from calltime_gateway.settings import MqttVersion, Settings
from calltime_wire.broker_address import BrokerAddress

log = logging.getLogger(__name__)

UNDER_WAY = 6000
"""So many letters all brokers together may have under way to us (receive maximum; a little more is in what was just read)."""
SHORTEST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
"""Seconds between two tries to connect. A connection that held longer than that begins anew with the shortest."""
UNANSWERED_BEFORE_THE_OTHER_VERSION = 3
"""So often a version that has worked may go unanswered: a broker that is only busy is no reason to change it."""

SAYS = {
    "not reached": "the broker cannot be reached; trying again",
    "not let in": "the broker does not let the gateway in; trying again",
    "no answer": "the broker did not answer in MQTT %s; trying again (a port for TLS wants mqtts:// in CALLTIME_BROKER)",
    "nonsense": "the broker does not keep to MQTT; connecting again",
    "lost": "the connection to the broker is lost; connecting again",
}


class Inbox:
    """The gateway's side of all brokers. One connection has one client: a stale acknowledgement can then never hit a newer message."""

    def __init__(self, settings: Settings, figures: Figures) -> None:
        """Nothing is connected before `open`."""
        self._figures = figures
        self._letters = Letters(count_let_go=figures.let_go)
        figures.waiting(self._letters.__len__)
        self._stop = threading.Event()
        self._settings = settings
        self._keepers: list[_Keeper] = []

    def open(self) -> None:
        """Begin to connect to all brokers, and stay connected until `close`."""
        window = max(1, UNDER_WAY // len(self._settings.brokers))
        for broker in self._settings.brokers:
            access = _access(self._settings, broker)
            self._keepers.append(_Keeper(access, self._settings.mqtt, self._letters, self._figures, self._stop, window=window))
        for keeper in self._keepers:
            keeper.thread.start()

    def close(self) -> None:
        """Leave the brokers; what is not acknowledged comes again. Nobody may use a letter any more."""
        self._stop.set()
        for keeper in self._keepers:
            keeper.bell.ring()
        for keeper in self._keepers:
            keeper.thread.join(timeout=15)
            keeper.bell.close()

    @property
    def waiting(self) -> int:
        """How many letters nobody has taken yet."""
        return len(self._letters)

    def take(self, *, at_most: int, within: float) -> list[Letter]:
        """Wait some seconds for a first letter, then take what lies there, of each door the same share."""
        for keeper in self._keepers:
            if not keeper.thread.is_alive():
                raise RuntimeError(f"The thread for the broker {keeper.access.broker} has died; what it said stands above.")
        return self._letters.take(at_most=at_most, within=within)


class _Keeper:
    """Stays connected to one broker."""

    def __init__(
        self, access: Access, mqtt: MqttVersion, letters: Letters, figures: Figures, stop: threading.Event, *, window: int
    ) -> None:
        self.access = access
        self.bell = Bell()
        self.thread = threading.Thread(target=self._keep_connected, name=f"line to {access.broker}", daemon=True)
        self._auto = mqtt == "auto"
        self._version: Version = "3.1.1" if mqtt == "3.1.1" else "5"
        self._patience = 1
        self._letters, self._figures, self._stop, self._window = letters, figures, stop, window
        figures.broker(access.broker, connected=False)

    def _keep_connected(self) -> None:
        pause, said = SHORTEST_PAUSE, ""
        while not self._stop.is_set():
            began = time.monotonic()
            ended = self._serve_one_connection()
            if ended is None:
                return
            if ended.how == "lost" and time.monotonic() - began > LONGEST_PAUSE:
                pause, said = SHORTEST_PAUSE, ""
            # Said once, and not at each try.
            level = logging.DEBUG if ended.why == said else logging.WARNING
            log.log(level, SAYS[ended.how], *self._tried(ended), extra={"broker": str(self.access.broker), "why": ended.why})
            said = ended.why
            self._choose_version(ended)
            self._stop.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    def _serve_one_connection(self) -> Ended | None:
        """Stay until the connection ends, and say how it went; None when told to leave."""
        line = broker_line.call(self.access, self._version, window=self._window, letters=self._letters, bell=self.bell)
        if isinstance(line, Ended):
            return line
        try:
            return line.serve(until=self._stop, let_in=self._let_in)
        finally:
            self._figures.broker(self.access.broker, connected=False)

    def _let_in(self) -> None:
        log.info("connected to the broker in MQTT %s", self._version, extra={"broker": str(self.access.broker)})
        self._patience = UNANSWERED_BEFORE_THE_OTHER_VERSION
        self._figures.broker(self.access.broker, connected=True)

    def _choose_version(self, ended: Ended) -> None:
        if ended.how != "no answer" or not self._auto:
            return
        self._patience -= 1
        if self._patience <= 0:
            self._version, self._patience = ("3.1.1" if self._version == "5" else "5"), 1

    def _tried(self, ended: Ended) -> tuple[str, ...]:
        return (self._version,) if ended.how == "no answer" else ()


def _access(settings: Settings, broker: BrokerAddress) -> Access:
    return Access(
        broker=broker,
        client=f"calltime-{settings.name}",
        username=settings.username,
        password_file=settings.password_file,
        ca_file=settings.ca_file,
    )
