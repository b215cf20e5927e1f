"""How does a program that expects a PN532 on a serial port get to the simulated one?"""

import os
import select
import selectors
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from calltime_edge.readers.sightings import MISSES_UNTIL_GONE
from calltime_sim.pn532 import waveform
from calltime_sim.pn532.cards import Card
from calltime_sim.pn532.chip import Chip
from calltime_sim.pn532.hostile import Cable, Faults, HungUp
from calltime_sim.pn532.hsu import SerialUnit, Talk
from calltime_sim.pn532.pty_port import PtyPort

_LOOK_AGAIN_SECONDS = 0.02
_GOOD = Faults()


def _nobody(_: Talk) -> None:
    """Nobody listens in."""


class SimulatedPn532:
    """A PN532 on a pty, plugged in from the start until `unplug` or the end of its `with`. `port` is the path to give to the reader.

    `link` is a name of your choice for the port, the same after every `plug`. `to_host` and `to_chip` are what the cable does to the bytes.
    `overheard` is called with what is said, in the cable's own thread.
    """

    def __init__(
        self,
        *,
        link: Path | None = None,
        to_host: Faults = _GOOD,
        to_chip: Faults = _GOOD,
        overheard: Callable[[Talk], None] = _nobody,
    ) -> None:
        self._chip = Chip()
        self._unit = SerialUnit(self._chip, overheard)
        self._link, self._to_host, self._to_chip = link, to_host, to_chip
        self._plugged: _Plugged | None = None
        self.plug()

    @property
    def baud(self) -> int:
        """The speed at which the chip talks now."""
        return self._unit.baud

    def present(self, *cards: Card, vanish_after: int | None = None) -> None:
        """Hold these cards to the reader, instead of what was there; after so many exchanges over the air they are torn away."""
        self._chip.lay(*cards, exchanges=vanish_after)

    def remove(self) -> None:
        """Take the cards away. To present again as a new presentation, let the reader notice first: `wait_until_noticed`."""
        self._chip.lay()

    def wait_until_noticed(self, *, looks: int = MISSES_UNTIL_GONE, timeout: float = 20.0) -> None:
        """Wait until the reader has looked often enough since the last `present` or `remove`; TimeoutError if it does not look."""
        if not self._chip.wait_for_looks(looks, timeout):
            raise TimeoutError(f"Nobody looked for cards at {self.port} {looks} times in {timeout} s. Is a reader running on it?")

    def power_cycle(self) -> None:
        """Take its power away for a moment: it is back at 115200 and asleep. The cards stay where they lie."""
        self._chip.power_up()
        self._unit.power_up()

    def plug(self) -> None:
        """Plug the cable in again, which also brings the power. Without a `link` the port has another name now."""
        self.unplug()
        self.power_cycle()
        port = PtyPort(self._link)
        self.port = str(self._link or port.path)
        self._plugged = _Plugged(port, self._unit, Cable(self._to_chip), Cable(self._to_host))

    def unplug(self) -> None:
        """Pull the cable: the reader's port hangs up. Once is enough, twice does no harm."""
        plugged, self._plugged = self._plugged, None
        if plugged is not None:
            plugged.pull()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.unplug()


class _Plugged:
    """One time that the cable is plugged in: a thread carries bytes until it is pulled, or hangs up by itself."""

    def __init__(self, port: PtyPort, unit: SerialUnit, to_chip: Cable, to_host: Cable) -> None:
        self._port, self._unit, self._to_chip, self._to_host = port, unit, to_chip, to_host
        self._pulled, self._pull = os.pipe()
        self._thread = threading.Thread(target=self._serve, name="simulated PN532", daemon=True)
        self._thread.start()

    def pull(self) -> None:
        """Hang up, and return when it is done."""
        os.write(self._pull, b"!")
        self._thread.join()
        os.close(self._pull)
        os.close(self._pulled)

    def _serve(self) -> None:
        with closing(self._port), suppress(HungUp), selectors.DefaultSelector() as waiting:
            waiting.register(self._pulled, selectors.EVENT_READ)
            waiting.register(self._port, selectors.EVENT_READ)
            while True:
                ready = {key.fd for key, _ in waiting.select(_LOOK_AGAIN_SECONDS if self._unit.looking else None)}
                if self._pulled in ready:
                    return
                if ready:
                    self._listen()
                self._say(self._unit.found_or_given_up(now=time.monotonic()))

    def _listen(self) -> None:
        came = self._port.read()
        if came.flushed:
            self._unit.confirmation_was_flushed()
        host_baud = self._port.host_baud
        for lot in self._to_chip.carry(came.sent):
            self._wait(self._to_chip)
            for said in self._unit.hear(lot, host_baud, now=time.monotonic()):
                self._say(said)

    def _say(self, said: bytes) -> None:
        arriving = waveform.heard(said, sent_at=self._unit.baud, heard_at=self._port.host_baud)
        for lot in self._to_host.carry(arriving):
            self._wait(self._to_host)
            self._port.write(lot)

    def _wait(self, cable: Cable) -> None:
        """The delay of a slow cable; a cable that is pulled meanwhile is dead at once."""
        if cable.faults.delay_ms and select.select([self._pulled], [], [], cable.faults.delay_ms / 1000)[0]:
            raise HungUp
