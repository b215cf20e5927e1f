"""By which way does a gateway reach its database in a test? One that can be slow, swallow everything, or end."""

from __future__ import annotations

import socket
from typing import cast
from urllib.parse import urlsplit

from calltime_sim.services.broker import Broker
from calltime_sim.services.postgres import Postgres
from fixtures.wires import Wire


class Way(Wire):
    """A wire to a database. `delay`: seconds that everything takes which is said."""

    def __init__(self, server: Postgres) -> None:
        super().__init__(cast(Broker, server))  # a wire asks for nothing but host and port, and both have them
        self.delay = 0.0

    @property
    def port(self) -> int:
        port: int = self._socket.getsockname()[1]
        return port

    def end(self) -> None:
        """Nobody is there any more: what was connected is cut, and nobody else gets through."""
        self.__exit__(None, None, None)

    def _pass_on(self, end: socket.socket, other_end: dict[socket.socket, socket.socket]) -> None:
        self._ended.wait(self.delay)
        super()._pass_on(end, other_end)


def by(dsn: str, *ports: int) -> str:
    """The same database by these ports of loopback, the first that can be written to."""
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    return f"postgresql://postgres@{hosts}{urlsplit(dsn).path}?target_session_attrs=read-write"
