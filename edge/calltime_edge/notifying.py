"""How does the service manager learn that the door is ready, and not stuck? By sd_notify: datagrams of a line or two."""

from __future__ import annotations

import logging
import socket
from collections.abc import Mapping

log = logging.getLogger(__name__)


class Notifier:
    """Speaks to systemd, or to nobody where nobody asked. Speaking never fails and never waits."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        """Take NOTIFY_SOCKET and WATCHDOG_USEC as systemd sets them. `every`: seconds, half of those after which a door is stuck."""
        address = environment.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is one without a file, which the kernel writes with a zero byte in front.
        self._address = f"\0{address[1:]}" if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC | socket.SOCK_NONBLOCK) if address else None
        microseconds = environment.get("WATCHDOG_USEC", "")
        self.every = int(microseconds) / 2_000_000 if microseconds.isdecimal() and int(microseconds) else None

    def ready(self) -> None:
        """A carer can tap from now on."""
        self._say("READY=1")

    def alive(self, status: str) -> None:
        """Everything moves; and how the door is, in one line for `systemctl status`."""
        self._say(f"STATUS={status}\nWATCHDOG=1")

    def status(self, status: str) -> None:
        """How the door is, and no word that everything moves."""
        self._say(f"STATUS={status}")

    def stopping(self) -> None:
        """It was told to stop, and does."""
        self._say("STOPPING=1")

    def close(self) -> None:
        """Let go of the socket."""
        if self._socket is not None:
            self._socket.close()

    def _say(self, words: str) -> None:
        if self._socket is None:
            return
        try:
            self._socket.sendto(words.encode(), self._address)
        except OSError as error:
            log.warning("the service manager cannot be told how the door is: %s", error)
