"""Where does a QR reader without hardware get its codes from?"""

import fcntl
import os
import select
import struct
import termios
import time
import tty
from types import TracebackType
from typing import Self

_FLUSHED = 0x01  # TIOCPKT_FLUSHREAD of the kernel: the other side threw away what it had not read


class SimulatedScanner:
    """A scanner that types on a pty, plugged in from the start until `unplug` or the end of its `with`.

    `port` is the path to give to the reader.
    """

    def __init__(self) -> None:
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        # In packet mode the kernel tells when a reader empties its input, which pyserial does on opening and what is typed before is lost.
        fcntl.ioctl(self._ours, termios.TIOCPKT, struct.pack("i", 1))
        self.port = os.ttyname(self._theirs)
        self._plugged = True

    def wait_until_heard(self, timeout: float = 20.0) -> None:
        """Wait until a reader has opened the port (once for each opening); TimeoutError if none does."""
        deadline = time.monotonic() + timeout
        while select.select([self._ours], [], [], max(0.0, deadline - time.monotonic()))[0]:
            if os.read(self._ours, 4096)[0] & _FLUSHED:
                return
        raise TimeoutError(f"Nobody opened {self.port} in {timeout} s. Is a reader running on it?")

    def scan(self, text: str, *, end: str = "\r\n") -> None:
        """Type what a code says, as one line."""
        self.type_bytes((text + end).encode())

    def type_bytes(self, typed: bytes) -> None:
        """Type anything: half a line, babble."""
        while typed:
            typed = typed[os.write(self._ours, typed) :]

    def unplug(self) -> None:
        """Pull the cable: the reader's port hangs up. Once is enough, twice does no harm."""
        if self._plugged:
            self._plugged = False
            os.close(self._ours)
            os.close(self._theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.unplug()
