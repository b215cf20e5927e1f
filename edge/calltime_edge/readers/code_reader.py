"""What does the QR scanner on a serial port type?

The only file that knows pyserial.
"""

import termios
import threading
from collections.abc import Callable, Iterator

import serial

from calltime_edge.readers.scanning import LISTEN_SECONDS, scanned
from calltime_edge.readers.scans import AGAIN_SECONDS
from calltime_edge.readers.sightings import ReaderGone, Sighting
from calltime_wire.status import ReaderState

_NEXT = "Check its cable and the name of the port, and that this program may use it; until it answers, nobody can tap here by code."


class CodeReader:
    """A scanner that types one line per scan. It cannot tell that a code was taken away; `scans` says what is a new presentation."""

    def __init__(self, port: str, baud: int = 9600, *, again_seconds: float = AGAIN_SECONDS) -> None:
        self.name = f"QR scanner at {port}"
        self._port = port
        self._baud = baud
        self._again_seconds = again_seconds

    def sightings(self, stop: threading.Event, tell: Callable[[ReaderState], None]) -> Iterator[Sighting]:
        """See `Reader.sightings`."""
        try:
            with serial.Serial(self._port, self._baud, timeout=LISTEN_SECONDS, exclusive=True) as port:
                yield from scanned(lambda: port.read(1) + port.read(port.in_waiting), stop, tell, again_seconds=self._again_seconds)
        except (OSError, termios.error) as trouble:
            raise ReaderGone(f"The {self.name} does not answer ({trouble.args[-1]}). {_NEXT}") from trouble
