"""How do our own gateway and server run beside us? As the programs that they are, told by the environment as in service."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path

from calltime_sim.services.service import Service, ServiceTrouble


class CommandFailed(ServiceTrouble):
    """A command of calltime-server ended badly; the message is what it said."""


def program(name: str) -> str:
    """Find one of our programs: the one that belongs to this Python."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else name


def need_port(host: str, port: int) -> None:
    """Raise ServiceTrouble when nothing can listen there now: whoever already does would answer in our place."""
    try:
        with socket.socket() as probe:
            # As the server itself binds: connections that an earlier life left to the kernel are no obstacle.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, OverflowError) as error:
        why = "something else listens there, perhaps another Calltime" if _is_taken(error) else str(error)
        another = 8090 if port != 8090 else 8100
        raise ServiceTrouble(
            f"The pages cannot be served on port {port} of {host}: {why}. "
            f'End what has the port, or choose another: make demo DEMO="--port {another}"'
        ) from error


def _is_taken(error: Exception) -> bool:
    return isinstance(error, OSError) and error.errno == errno.EADDRINUSE


def ask_server(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Run a command of calltime-server and return what it printed. Raises CommandFailed."""
    done = subprocess.run(
        [program("calltime-server"), *words], env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise CommandFailed(f"calltime-server {' '.join(words)}\n{done.stdout}{done.stderr}")
    return done.stdout


class OurProgram(Service):
    """One of our programs, with its settings."""

    words: tuple[str, ...]

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """`environment` is what the program needs beyond ours."""
        super().__init__(folder)
        self._environment = dict(environment)

    def command(self) -> Sequence[str]:
        """Hand the settings over by env(1), which every Unix has."""
        settings = [f"{name}={value}" for name, value in self._environment.items()]
        return [shutil.which("env") or "/usr/bin/env", *settings, program(self.words[0]), *self.words[1:]]


class Gateway(OurProgram):
    """The post room."""

    name = "gateway"
    words = ("calltime-gateway", "run")

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        """Its key and heartbeat are kept in the folder."""
        super().__init__(folder, {**environment, "CALLTIME_STATE": str(folder.resolve())})
        self._heartbeat = self.folder / "gateway.heartbeat"

    def prepare(self) -> None:
        """Forget the heartbeat of an earlier life."""
        super().prepare()
        self._heartbeat.unlink(missing_ok=True)

    def answers(self) -> bool:
        """Say whether it has turned once."""
        return self._heartbeat.exists()


class Server(OurProgram):
    """The office."""

    name = "server"

    def __init__(self, folder: Path, environment: Mapping[str, str], *, port: int | None = None) -> None:
        """Serve on this port, or on a free one."""
        super().__init__(folder, environment)
        self.port = port or self.port
        self.words = ("calltime-server", "serve", "--host", self.host, "--port", str(self.port))

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{self.host}:{self.port}"

    def prepare(self) -> None:
        """Raise ServiceTrouble when the port is taken."""
        super().prepare()
        need_port(self.host, self.port)

    def answers(self) -> bool:
        """Say whether it serves, with its database."""
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5) as answer:  # noqa: S310  # our own loopback
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
