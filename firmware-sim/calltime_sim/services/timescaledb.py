"""How does a real TimescaleDB run beside us without Docker? From the folder that .ci/install-timescaledb made, or as installed here."""

import os
import shutil
import subprocess
import time
import uuid
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path, PurePath

from calltime_sim.services.postgres import Installation, Postgres, as_user
from calltime_sim.services.service import ServiceTrouble

CONTROL = Path("extension/timescaledb.control")
SERVER_USER = "postgres"
A_DAY = 24 * 60 * 60
MISSING = (
    "TimescaleDB was not found: neither in {root} (which only root may enter) nor beside a pg_config of this machine. "
    "As root, run .ci/install-timescaledb (about a minute) and then this; or name its folder in CALLTIME_TIMESCALEDB_ROOT."
)


def _root() -> Path:
    return Path(os.environ.get("CALLTIME_TIMESCALEDB_ROOT", "/var/cache/calltime/timescaledb"))


def _root_is_usable() -> bool:
    # Only root may enter a chroot.
    return os.geteuid() == 0 and (_root() / "usr/share/postgresql/17" / CONTROL).exists()


def _local() -> tuple[Path, Path, Path] | None:
    """The share, library and program folders of a PostgreSQL on this machine that has the extension."""
    on_path = shutil.which("pg_config")
    newest_first = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_config"), reverse=True)
    for pg_config in [*([Path(on_path)] if on_path else []), *newest_first]:
        said = subprocess.run(
            [pg_config, "--sharedir", "--pkglibdir", "--bindir"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False
        )
        match [Path(line) for line in said.stdout.splitlines()]:
            case [share, libraries, programs] if (share / CONTROL).exists():
                return share, libraries, programs
    return None


def _found() -> tuple[Path, Path, Path]:
    local = _local()
    if local is None:
        raise ServiceTrouble(MISSING.format(root=_root()))
    return local


class TimescaleDb(Postgres):
    """Which edition it is, `SHOW timescaledb.license` says; Debian's is the Apache edition."""

    name = "timescaledb"

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        super().__init__(folder, durable=durable)
        self._in_root = PurePath("/var/lib/calltime") / f"{os.getpid()}-{uuid.uuid4().hex[:12]}"
        if _root_is_usable():
            # The server sees nothing outside its root, so its data lives in there; close() removes it.
            self.data = _root() / self._in_root.relative_to("/")

    @classmethod
    def available(cls) -> str | None:
        if _root_is_usable() or _local() is not None:
            return None
        return MISSING.format(root=_root())

    @property
    def data_as_it_sees_it(self) -> PurePath:
        return self._in_root if _root_is_usable() else self.data

    def installation(self) -> Installation:
        return self._installation

    @cached_property
    def _installation(self) -> Installation:
        if _root_is_usable():
            uid, gid = _user_in(_root())
            enter = ("chroot", f"--userspec={SERVER_USER}", str(_root()))
            return Installation(programs=PurePath("/usr/lib/postgresql/17/bin"), enter=enter, uid=uid, gid=gid)
        _, _, programs = _found()
        return as_user(SERVER_USER, programs) if os.geteuid() == 0 else Installation(programs=programs)

    def settings(self) -> Mapping[str, str]:
        return {
            "listen_addresses": self.host,
            "unix_socket_directories": "",
            "shared_preload_libraries": "timescaledb",
            "timescaledb.telemetry_level": "off",
        }

    def prepare(self) -> None:
        if _root_is_usable():
            remove_what_was_left(self.data.parent)
        super().prepare()

    def close(self) -> None:
        super().close()
        if _root_is_usable():
            shutil.rmtree(self.data, ignore_errors=True)

    @classmethod
    def version(cls) -> str:
        share = _root() / "usr/share/postgresql/17" if _root_is_usable() else _found()[0]
        wanted = "default_version = "
        lines = (share / CONTROL).read_text().splitlines()
        return next(line.removeprefix(wanted).strip("'") for line in lines if line.startswith(wanted))

    @classmethod
    def edition(cls) -> str:
        """Which one is installed: the Community edition has a second library, under the Timescale licence."""
        libraries = _root() / "usr/lib/postgresql/17/lib" if _root_is_usable() else _found()[1]
        return "Community" if any(libraries.glob("timescaledb-tsl-*")) else "Apache"


def remove_what_was_left(folder: Path) -> None:
    """A process that was killed removes nothing. No test lasts a day, so what is older belongs to nobody."""
    for data in folder.glob("*"):
        if time.time() - data.stat().st_mtime > A_DAY:
            shutil.rmtree(data, ignore_errors=True)


def _user_in(root: Path) -> tuple[int, int]:
    for line in (root / "etc/passwd").read_text().splitlines():
        match line.split(":"):
            case [name, _, uid, gid, *_] if name == SERVER_USER:
                return int(uid), int(gid)
    raise LookupError(f"{root}/etc/passwd has no user {SERVER_USER}. Remove {root} and run .ci/install-timescaledb again.")
