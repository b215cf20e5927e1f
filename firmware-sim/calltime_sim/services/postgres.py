"""How does a PostgreSQL of our own start, stop and start again, whichever installation it comes from?"""

import os
import pwd
import signal
import subprocess
import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from urllib.parse import quote

from calltime_sim.services.service import ANSWERS_WITHIN_SECONDS, LOOK_AGAIN_SECONDS, Service, ServiceTrouble

# Says that processes of a server that was killed have not noticed yet.
STILL_ENDING = "pre-existing shared memory block"


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """Where the programs are, how to enter there, and who owns the data. PostgreSQL refuses to run as root."""

    programs: PurePath
    enter: tuple[str, ...] = ()
    uid: int | None = None
    gid: int | None = None


def as_user(user: str, programs: PurePath) -> Installation:
    """An installation on this machine whose programs root runs as `user`."""
    entry = pwd.getpwnam(user)
    enter = ("setpriv", f"--reuid={user}", f"--regid={entry.pw_gid}", "--clear-groups", "--")
    return Installation(programs=programs, enter=enter, uid=entry.pw_uid, gid=entry.pw_gid)


def let_through(path: Path) -> None:
    """Let the server's user pass (not list) the folders above `path`; only root calls this, and only for folders that were closed."""
    for above in path.parents:
        mode = above.stat().st_mode
        if not mode & 0o001:
            above.chmod(mode | 0o001)


class Postgres(Service):
    """A cluster of its own. `durable=False` leaves out fsync: commits survive a killed server, but not a machine that loses power."""

    stop_signal = signal.SIGINT  # "fast": ends the sessions instead of waiting for them

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        super().__init__(folder)
        self.durable = durable
        self.data = self.folder / "data"

    @classmethod
    @abstractmethod
    def version(cls) -> str:
        """The version of PostgreSQL, or of TimescaleDB where that is the point."""

    @abstractmethod
    def installation(self) -> Installation:
        """Looked up once, when it is first started."""

    def settings(self) -> Mapping[str, str]:
        """Beyond the ones that all share."""
        return {}

    @property
    def data_as_it_sees_it(self) -> PurePath:
        return self.data

    @property
    def address(self) -> str:
        """What libpq calls the host: a name, or the folder of a Unix socket."""
        return self.host

    def dsn_of(self, database: str) -> str:
        return f"postgresql://postgres@/{quote(database)}?host={quote(self.address)}&port={self.port}"

    @property
    def dsn(self) -> str:
        return self.dsn_of("postgres")

    def prepare(self) -> None:
        super().prepare()
        if (self.data / "PG_VERSION").exists():
            return
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o700)
        self._give_to_the_server(self.data)
        program, *words = self.maker()
        made = self._run(program, "-D", str(self.data_as_it_sees_it), *words)
        if made.returncode != 0:
            raise ServiceTrouble(f"{self.name}: {program} could not make a database in {self.data}. It said:\n{made.stdout}")

    def maker(self) -> Sequence[str]:
        """What makes the data at the first start."""
        return ["initdb", "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]

    def ask(self, statement: str) -> str:
        """Run one statement as its administrator, outside a transaction, and return what it says. Raises ServiceTrouble."""
        told = self._run("psql", "-XAtq", "-h", self.address, "-p", str(self.port), "-U", "postgres", "-d", "postgres", "-c", statement)
        if told.returncode != 0:
            raise ServiceTrouble(f"{self.name} did not take {statement!r}. It said:\n{told.stdout}")
        return told.stdout.strip()

    def start(self) -> None:
        deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
        while True:
            try:
                super().start()
                return
            except ServiceTrouble:
                if STILL_ENDING not in self.log_tail() or time.monotonic() > deadline:
                    raise
                time.sleep(LOOK_AGAIN_SECONDS)

    def command(self) -> Sequence[str]:
        settings = {"port": str(self.port), "timezone": "UTC", "log_timezone": "UTC", **self.settings()}
        if not self.durable:
            # synchronous_commit stays on: without it a killed server loses its last commits, and a test would blame us for it.
            settings |= {"fsync": "off", "full_page_writes": "off"}
        installation = self.installation()
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [*installation.enter, str(installation.programs / "postgres"), "-D", str(self.data_as_it_sees_it), *words]

    def answers(self) -> bool:
        return self._run("pg_isready", "-q", "-U", "postgres", "-h", self.address, "-p", str(self.port)).returncode == 0

    def _run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        installation = self.installation()
        words = [*installation.enter, str(installation.programs / program), *arguments]
        return subprocess.run(
            words, cwd="/", env={**os.environ, "LC_ALL": "C"}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
        )

    def _give_to_the_server(self, folder: Path) -> None:
        installation = self.installation()
        if installation.uid is not None and installation.gid is not None:
            os.chown(folder, installation.uid, installation.gid)
            let_through(folder)
