"""What does the QR scanner on a serial port type?

The only file that knows pyserial.
"""

import termios
import threading
from collections.abc import Callable, Iterator

import serial

from calltime_edge.readers.address import LONGEST_ADDRESS, read_address
from calltime_edge.readers.scanned_lines import Overlong, ScannedLines
from calltime_edge.readers.sightings import ReaderGone, Sighting, Unreadable, Why

# How long a silent port is listened to before `stop` is looked at again.
_LISTEN_SECONDS = 0.1


class CodeReader:
    """A scanner that types one line per scan. It cannot tell that a code was taken away: each line is a presentation."""

    def __init__(self, port: str, baud: int = 9600) -> None:
        self.name = f"QR scanner at {port}"
        self._port = port
        self._baud = baud

    def sightings(self, stop: threading.Event, found: Callable[[], None]) -> Iterator[Sighting]:
        """See `Reader.sightings`."""
        try:
            with serial.Serial(self._port, self._baud, timeout=_LISTEN_SECONDS) as port:
                found()
                lines = ScannedLines(longest=LONGEST_ADDRESS)
                while not stop.is_set():
                    typed = port.read(1)
                    for line in lines.feed(typed + port.read(port.in_waiting)):
                        yield _sighting(line)
        except (OSError, termios.error) as trouble:
            next_step = "Check its cable; until it answers, nobody can tap here by code."
            raise ReaderGone(f"The {self.name} does not answer ({trouble.args[-1]}). {next_step}") from trouble


def _sighting(line: bytes | Overlong) -> Sighting:
    if isinstance(line, Overlong):
        return Unreadable(via="qr", why=Why.OVERLONG)
    if not line.isascii():
        return Unreadable(via="qr", why=Why.BABBLE)
    return read_address(line.decode("ascii"), via="qr")
