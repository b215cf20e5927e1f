"""How is the thread woken that sleeps on a broker's line? By a byte on a pair of sockets: ringing waits for nobody and is cheap."""

from __future__ import annotations

import socket
from contextlib import suppress


class Bell:
    """Anybody rings, one thread listens. Many rings before it listens are one."""

    def __init__(self) -> None:
        """Open it; it is to be closed when nobody rings any more."""
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._theirs.setblocking(False)
        self._rung = False

    def fileno(self) -> int:
        """Give `poll` something to listen to."""
        return self._ours.fileno()

    def ring(self) -> None:
        """Wake the thread. First put there what it is to find."""
        if not self._rung:
            self._rung = True
            with suppress(OSError):  # closed: nobody listens any more
                self._theirs.send(b"!")

    def silence(self) -> None:
        """Take note of all rings until now; only then look for what was put there."""
        if self._rung:
            with suppress(OSError):
                self._ours.recv(64)
            self._rung = False

    def close(self) -> None:
        """Close it."""
        self._ours.close()
        self._theirs.close()
