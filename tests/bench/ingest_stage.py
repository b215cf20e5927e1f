"""On what is everybody measured? The same Mosquitto and TimescaleDB, as in service: fsync on, queue limits of deploy/mosquitto.conf.

Each round has a fresh broker and a fresh database. What stores is a process of its own: our gateway as the program that it is, or a
script. It has begun when the record of a door that is not counted is stored.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from bench import ingest_load, ingest_plain, ingest_wire
from bench.ingest_costs import cpu_seconds
from bench.ingest_load import Kind, Load
from calltime_server.store.migrations import migrate
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.programs import program
from calltime_sim.services.service import Service
from calltime_sim.services.timescaledb import TimescaleDb

BEGINS_WITHIN_SECONDS = 60
SETTINGS = """\
listener {port} 127.0.0.1
allow_anonymous true
user root
persistence true
persistence_location {folder}/
autosave_interval 60
max_queued_messages 1000000
max_queued_bytes 2147483648
max_inflight_messages 6000
max_packet_size 65536
log_dest stderr
"""


class Broker(Mosquitto):
    """With the limits of deploy/mosquitto.conf, but on loopback and open to all."""

    def prepare(self) -> None:
        super().prepare()
        self.settings_file.write_text(SETTINGS.format(port=self.port, folder=self.folder))


@dataclass(frozen=True, slots=True, kw_only=True)
class Contestant:
    """Who stores. `module` is None for our gateway."""

    name: str
    table: str
    kind: Kind
    module: str | None = None


GATEWAY = Contestant(name="gateway", table="tap", kind="signed")
SCRIPT_A = Contestant(name="a: one INSERT and COMMIT a message, unsigned", table="plain_tap", kind="plain", module="bench.ingest_script_a")
SCRIPT_B = Contestant(name="b: careful batches, unsigned", table="plain_tap", kind="plain", module="bench.ingest_script_b")
STORM = Contestant(name="gateway in a storm", table="tap", kind="signed")
CONTESTANTS = {"gateway": GATEWAY, "a": SCRIPT_A, "b": SCRIPT_B, "storm": STORM}


class Stage:
    """A broker and a database for one round."""

    def __init__(self, folder: Path, server: TimescaleDb, load: Load) -> None:
        self.folder, self.server, self.load = folder, server, load
        self.broker = Broker(folder / "broker")
        self.dsn = server.dsn_of(folder.name)

    def connect(self) -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(self.dsn, autocommit=True)

    def cpu(self) -> dict[str, float]:
        """Processor seconds so far of the broker and of the database with all its backends."""
        return {"broker": cpu_seconds(_process_of(self.broker)), "database": cpu_seconds(_process_of(self.server))}

    @contextmanager
    def storing(self, contestant: Contestant) -> Iterator[subprocess.Popen[bytes]]:
        """Run what stores until the block ends. It has its subscription when the block begins."""
        state = self.folder / "state"
        ours = {
            "CALLTIME_DATABASE": self.dsn,
            "CALLTIME_BROKER": f"mqtt://127.0.0.1:{self.broker.port}",
            "CALLTIME_STATE": str(state),
            "CALLTIME_GATEWAY_NAME": "bench",
        }
        words = [sys.executable, "-m", contestant.module, str(self.broker.port), self.dsn] if contestant.module else _our_program()
        with (self.folder / "log").open("ab") as log, subprocess.Popen(words, stdout=log, stderr=log, env=os.environ | ours) as process:
            try:
                self._wait_until_it_stores(contestant, process)
                yield process
            except (RuntimeError, TimeoutError) as error:
                error.add_note(f"The end of its log:\n{(self.folder / 'log').read_text()[-3000:]}")
                raise
            finally:
                process.terminate()

    def _wait_until_it_stores(self, contestant: Contestant, process: subprocess.Popen[bytes]) -> None:
        packet = ingest_load.warming(self.load)[contestant.kind]
        deadline = time.monotonic() + BEGINS_WITHIN_SECONDS
        line = ingest_wire.connected(self.broker.port, "bench-warm")
        with line, self.connect() as connection:
            while connection.execute(sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(contestant.table))).fetchone() is None:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"It does not store: {contestant.name}.")
                line.sendall(packet)
                time.sleep(0.2)


def _our_program() -> list[str]:
    return [program("calltime-gateway"), "run"]


@contextmanager
def staged(folder: Path, server: TimescaleDb, load: Load) -> Iterator[Stage]:
    """Set up a fresh broker and a fresh database in which the doors are enrolled."""
    name = f"bench_{uuid.uuid4().hex[:12]}"
    (folder / name).mkdir()
    stage = Stage(folder / name, server, load)
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            migrate(stage.dsn)
            ingest_plain.make_table(stage.dsn)
            ingest_load.enrol(stage.dsn, load)
            connection.execute("CHECKPOINT")  # what was set up is not written during what is measured
            with stage.broker:
                yield stage
        finally:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def durable(server: TimescaleDb) -> str:
    """Say what the database promises; RuntimeError when it promises less than in service."""
    with psycopg.connect(server.dsn) as connection:
        said = {name: str(connection.execute(f"SHOW {name}").fetchone()) for name in ("fsync", "synchronous_commit", "full_page_writes")}
    if any("on" not in value for value in said.values()):
        raise RuntimeError(f"A figure without fsync is no figure: {said}")
    return "fsync, synchronous_commit and full_page_writes on"


def _process_of(service: Service) -> int:
    assert service._guarded is not None
    return service._guarded.process.pid
