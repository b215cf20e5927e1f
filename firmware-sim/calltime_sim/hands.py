"""Who holds a tag to a reader, and what is the reader plugged into? A chip on a pty, a scanner on a serial line, or nothing at all."""

from __future__ import annotations

import hashlib
import queue
import threading
from collections.abc import Callable, Iterator
from typing import Protocol

from calltime_edge.readers.address import read_address
from calltime_edge.readers.code_reader import CodeReader
from calltime_edge.readers.nfc_reader import NfcReader
from calltime_edge.readers.sightings import Reader, Sighting
from calltime_sim.pn532 import Ntag213, SimulatedPn532
from calltime_sim.scanner import SimulatedScanner
from calltime_wire.status import ReaderState


class Hand(Protocol):
    """Whatever holds an address to a reader."""

    def hold(self, address: str) -> None:
        """Hold it there."""

    def take_away(self) -> None:
        """Take it away, and return when the reader has noticed."""

    def close(self) -> None:
        """Unplug what was plugged in."""


class Fed:
    """A reader without a cable: it sees what it is fed. For the doors whose hardware is not what is being shown."""

    name = "fed by hand"

    def __init__(self) -> None:
        """Nothing is there yet."""
        self._seen: queue.SimpleQueue[Sighting] = queue.SimpleQueue()

    def sightings(self, stop: threading.Event, tell: Callable[[ReaderState], None]) -> Iterator[Sighting]:
        """See `Reader.sightings`."""
        while not stop.is_set():
            tell("ready")
            try:
                yield self._seen.get(timeout=0.2)
            except queue.Empty:
                continue

    def hold(self, address: str) -> None:
        """Hold it there."""
        self._seen.put(read_address(address, "nfc"))

    def take_away(self) -> None:
        """Nothing to wait for."""

    def close(self) -> None:
        """Nothing to unplug."""


class Chip:
    """An NTAG213 held to a simulated PN532: read through nfcpy's own driver, from the bytes on."""

    def __init__(self) -> None:
        """Plug it in."""
        self._chip = SimulatedPn532().__enter__()
        # However slow the machine that plays the town is, nobody waits at a door by holding on.
        self.reader = NfcReader(self._chip.port, hold_seconds=0)

    def hold(self, address: str) -> None:
        """Hold it there."""
        uid = b"\x04" + hashlib.sha256(address.encode("ascii")).digest()[:6]
        self._chip.present(Ntag213(uid=uid, address=address))

    def take_away(self) -> None:
        """Take it away."""
        self._chip.remove()
        self._chip.wait_until_noticed()

    def close(self) -> None:
        """Unplug it."""
        self._chip.unplug()


class Scanner:
    """A QR scanner on a serial line: read through pyserial."""

    def __init__(self) -> None:
        """Plug it in."""
        self._scanner = SimulatedScanner().__enter__()
        # In a town whose hours are seconds the same code may be scanned again at once.
        self.reader = CodeReader(self._scanner.port, again_seconds=0)
        self._heard = False

    def hold(self, address: str) -> None:
        """Pull the trigger."""
        if not self._heard:
            self._scanner.wait_until_heard()
            self._heard = True
        self._scanner.scan(address)

    def take_away(self) -> None:
        """A scan is over when it is typed."""

    def close(self) -> None:
        """Unplug it."""
        self._scanner.unplug()


def plug_in(kind: str) -> tuple[Hand, Reader]:
    """Plug in a reader of this kind: `nfc`, `qr`, or anything else for one that is fed by hand."""
    match kind:
        case "nfc":
            chip = Chip()
            return chip, chip.reader
        case "qr":
            scanner = Scanner()
            return scanner, scanner.reader
        case _:
            fed = Fed()
            return fed, fed
