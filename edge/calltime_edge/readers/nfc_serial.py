"""How is a PN532 on a serial port reached, and what ails it when it does not answer?

nfcpy could open it by itself, and would raise the line to 921,600 baud. A door has no use for speed: a tap is a few hundred bytes. The
price would be high: the chip keeps that speed when the program is killed, and is deaf until somebody takes its power away. Also nfcpy finds
out the speeds of a port by a shell and `stty`, which a service behind a filter of system calls may not start. So the chip is woken here, by
hand, and the line stays at 115,200. A chip that another program left at a higher speed is found there and set back.
"""

from __future__ import annotations

import errno
import logging
import termios
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import nfc
import nfc.clf.pn532
import nfc.clf.transport

from calltime_edge.readers.sightings import ReaderGone
from calltime_wire.status import ReaderState

_SPEED = 115_200
_SPEEDS = (_SPEED, 921_600, 460_800, 230_400)
_QUIET, _QUIET_AT_LAST = 0.1, 0.5
_ROUNDS = 3
"""Some USB ports of a Raspberry Pi deliver the first answer after opening a second late."""

# On a serial line a chip that sleeps counts five rising edges, and needs a moment more; a chip that is awake ignores them.
_WAKE_UP = bytes(10)

_PN532 = 0x32
_BEGIN, _CONFIRMED = b"\x00\x00\xff", b"\x00\x00\xff\x00\xff\x00"
_MOST_CONFIRMATIONS = 3

# What comes out of nfcpy when the chip or its cable is lost: termios.error is a port that hung up.
_LOST = (OSError, termios.error, nfc.clf.pn532.Chipset.Error)

_SAYS: dict[ReaderState, str] = {
    "gone": "does not answer ({because}). Check that it is plugged in, that the port has the right name, and that this program may use it.",
    "silent": "does not answer: its port is there, and nothing on it speaks as a PN532. Check its power, that its switches say UART (HSU), "
    "and that TXD goes to RXD and RXD to TXD.",
    "babbling": "does not answer: what comes from its port is not what a PN532 says. Check that no console and no other device is on this "
    "port, and the ground wire.",
}
_UNTIL_THEN = "Until it answers, nobody can tap here by NFC."

# nfcpy tells each failed attempt as an error of its own; a door tells a change of state, once.
logging.getLogger("nfc").setLevel(logging.CRITICAL)
_log = logging.getLogger("nfc.clf.pn532")


class _Line(nfc.clf.transport.TTY):  # type: ignore[misc]  # nfcpy has no types
    """nfcpy's serial line; it remembers how it went, because nfcpy's own errors do not say, and it never waits for ever."""

    def __init__(self, port: str) -> None:
        self.state: ReaderState = "gone"
        self._confirmations = 0
        super().__init__(port)

    def open(self, port: str, baudrate: int = _SPEED) -> None:
        """Open it for us alone, and from the first moment: two programs on one port would eat each other's answers."""
        self.tty = nfc.clf.transport.serial.Serial(port, baudrate, timeout=0.05, write_timeout=1.0, exclusive=True)

    def write(self, frame: bytes) -> None:
        self.state, self._confirmations = "gone", 0
        super().write(frame)
        self.state = "silent"

    def read(self, timeout: float) -> bytearray:
        self.state = "gone"
        try:
            frame: bytearray = super().read(timeout)
        except IndexError:
            self.state = "silent"
            raise OSError(errno.EIO, "half an answer came") from None
        except OSError as trouble:
            if trouble.errno == errno.ETIMEDOUT:
                self.state = "silent"
            raise
        self.state = self._judge(frame)
        if self._confirmations > _MOST_CONFIRMATIONS:
            # nfcpy would wait for the answer as long as confirmations come.
            self.state = "babbling"
            raise OSError(errno.EPROTO, "it confirms and never answers")
        return frame

    def hush(self) -> None:
        """Read away what is still being said, until it is quiet: what is left of one try must not be taken for the answer to the next."""
        self.state = "gone"
        self.tty.timeout, enough = _QUIET, time.monotonic() + _QUIET_AT_LAST
        while self.tty.read(1) and time.monotonic() < enough:
            self.tty.reset_input_buffer()
        self.state = "silent"

    @property
    def ails(self) -> ReaderState:
        """What is wrong with it, when something is. Whole frames that make no sense are babble too."""
        return "babbling" if self.state == "ready" else self.state

    def _judge(self, frame: bytearray) -> ReaderState:
        if frame == _CONFIRMED:
            self._confirmations += 1
            return "ready"
        if not frame.startswith(_BEGIN):
            return "babbling"
        whole = 10 + int.from_bytes(frame[5:7], "big") if frame[3:5] == b"\xff\xff" else 7 + frame[3]
        return "silent" if len(frame) < whole else "ready"


@contextmanager
def pn532(port: str, stop: threading.Event) -> Iterator[Any]:
    """Open the PN532 at `port`, as nfcpy's frontend. Raises ReaderGone, also when it is lost meanwhile."""
    line: _Line | None = None
    frontend = nfc.ContactlessFrontend()
    try:
        line = _Line(port)
        frontend.device = nfc.clf.pn532.Device(_awake(line, stop), logger=_log)
        frontend.device._path = port  # noqa: SLF001 - nfcpy's own `open` sets it too, and some of its warnings fail without
        yield frontend
    except _LOST as trouble:
        state = "gone" if line is None else line.ails
        says = _SAYS[state].format(because=trouble.args[-1])
        raise ReaderGone(f"The NFC reader at {port} {says} {_UNTIL_THEN}", state) from trouble
    finally:
        with suppress(*_LOST):
            frontend.close()
        # nfcpy stops half-way through closing when the cable is gone, and leaves the port open.
        if line is not None and line.tty is not None:
            line.tty.close()


def _awake(line: _Line, stop: threading.Event) -> Any:
    """Wake the chip at whatever speed it listens, and bring it back to ours."""
    states: set[ReaderState] = set()
    for speed in _SPEEDS * _ROUNDS:
        if stop.is_set():
            break
        try:
            return _asked(line, speed)
        except _LOST:
            if line.state == "gone":
                raise
        if speed == _SPEED:
            states.add(line.ails)
    line.state = "babbling" if "babbling" in states else "silent"
    raise OSError(errno.ETIMEDOUT, "nothing that a PN532 says was heard")


def _asked(line: _Line, speed: int) -> Any:
    line.baudrate = speed
    line.write(_WAKE_UP)
    line.hush()
    chipset = nfc.clf.pn532.Chipset(line, logger=_log)
    version = bytes(chipset.get_firmware_version())
    if len(version) != 4 or version[0] != _PN532:
        raise OSError(errno.EPROTO, f"a chip of another kind answers: {version.hex()}")
    chipset.sam_configuration("normal")
    if speed != _SPEED:
        chipset.set_serial_baudrate(_SPEED)
        # The chip changes when it has our confirmation, which must have left at the old speed.
        line.tty.flush()
        line.baudrate = _SPEED
    return chipset
