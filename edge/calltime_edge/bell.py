"""How is a thread woken that sleeps on a network connection? By a byte on a pair of sockets: ringing never waits for anybody."""

from __future__ import annotations

import select
import socket
from contextlib import suppress


class Bell:
    """Anybody rings, one thread listens. Many rings before it listens are one."""

    def __init__(self) -> None:
        """Open it; it is to be closed."""
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._theirs.setblocking(False)

    def fileno(self) -> int:
        """Give `poll` something to listen to."""
        return self._ours.fileno()

    def ring(self) -> None:
        """Wake the thread. Whoever rings a full or a closed bell is not told."""
        with suppress(OSError):
            self._theirs.send(b"!")

    def silence(self) -> None:
        """Take note of all rings until now."""
        with suppress(BlockingIOError):
            while self._ours.recv(4096):
                pass

    def wait(self, seconds: float) -> None:
        """Sleep until it rings, or so long."""
        poll = select.poll()
        poll.register(self, select.POLLIN)
        poll.poll(max(0.0, seconds) * 1000)
        self.silence()

    def close(self) -> None:
        """Close it."""
        self._ours.close()
        self._theirs.close()
