"""What does the far end of a serial port see, when the port is a pty? Bytes, the speed that the host has set, and its flushes."""

import fcntl
import os
import struct
import termios
import tty
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_FLUSHED_WRITING = 0x02  # TIOCPKT_FLUSHWRITE of the kernel
_GET_SPEEDS = 0x802C542A  # TCGETS2: unlike tcgetattr it tells speeds as numbers, odd ones too
_SPEEDS = struct.Struct("=4I20s2I")


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What one look at the line brought: bytes, or that the host threw away what it had not sent."""

    sent: bytes = b""
    flushed: bool = False


class PtyPort:
    """A port that a host may open and close as it likes, called `path`; `link` is another name for it."""

    def __init__(self, link: Path | None) -> None:
        # The host's end is held open here too, so that the line does not go dead when the host closes it.
        self._ours, self._theirs = os.openpty()
        tty.setraw(self._theirs)
        # In packet mode the kernel tells when the host flushes.
        fcntl.ioctl(self._ours, termios.TIOCPKT, struct.pack("i", 1))
        os.set_blocking(self._ours, False)
        self.path = os.ttyname(self._theirs)
        self._link = link
        if link is not None:
            if link.is_symlink():
                link.unlink()
            link.symlink_to(self.path)

    def fileno(self) -> int:
        """For a selector to wait on."""
        return self._ours

    @property
    def host_baud(self) -> int:
        """What the host has set, or 38400 when it never did."""
        read = fcntl.ioctl(self._theirs, _GET_SPEEDS, bytes(_SPEEDS.size))
        speed: int = _SPEEDS.unpack(read)[-1]
        return speed

    def read(self) -> Came:
        """What there is now."""
        try:
            packet = os.read(self._ours, 4096)
        except BlockingIOError:
            return Came()
        return Came(sent=packet[1:]) if packet[0] == 0 else Came(flushed=bool(packet[0] & _FLUSHED_WRITING))

    def write(self, said: bytes) -> None:
        """Say it. A host that sends and never reads loses what it does not take, as on a real line."""
        with suppress(BlockingIOError):
            os.write(self._ours, said)

    def close(self) -> None:
        """Pull the cable: the host's end hangs up."""
        if self._link is not None:
            self._link.unlink(missing_ok=True)
        os.close(self._ours)
        os.close(self._theirs)
