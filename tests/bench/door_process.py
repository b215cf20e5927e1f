"""How much of a machine does the real program take? `calltime-edge run` with a simulated PN532, as its own process, seen from outside.

What works for it meanwhile, such as the stub gateway, runs in processes of its own, so as not to hold the simulated chip up.
"""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from calltime_edge import door_key
from calltime_edge.outbox import Outbox
from calltime_sim.pn532 import SimulatedPn532
from calltime_sim.services.programs import program
from calltime_wire import base64url, enrolment
from fixtures.doors import DOOR, GATEWAY

DEADLINE_SECONDS = 150.0


class Door:
    """The running program."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path, started: float) -> None:
        self._process, self._log, self._started = process, log, started

    def seconds_until_it_logs(self, words: str) -> float:
        wait_for(lambda: words in self._log.read_text(), what=f"{words!r} in the log of the door:\n{self._log.read_text()}")
        return time.monotonic() - self._started

    @property
    def memory_mb(self) -> float:
        return self._number("status", "VmRSS:") / 1000

    @property
    def woken(self) -> int:
        """How often any of its threads has slept and woken so far."""
        tasks = Path(f"/proc/{self._process.pid}/task").iterdir()
        return sum(_number(task / "status", "voluntary_ctxt_switches:") for task in tasks)

    @property
    def cpu_seconds(self) -> float:
        user, system = Path(f"/proc/{self._process.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def _number(self, file: str, name: str) -> int:
        return _number(Path(f"/proc/{self._process.pid}/{file}"), name)


@contextmanager
def running(folder: Path, *, broker: str, filled: Path | None = None, fitted: bool = False) -> Iterator[Door]:
    """Run a door that is enrolled, with the outbox of another folder when one is given, and end it. `fitted`: with lights and a display."""
    folder.mkdir()
    if filled is not None:
        shutil.copytree(filled, folder, dirs_exist_ok=True)
    else:
        Outbox(folder / "outbox.sqlite").close()
    (folder / "door.key").unlink(missing_ok=True)
    key = folder.with_suffix(".key")
    door_key.load_or_make(key, randomness=lambda size: bytes(range(size)))
    shutil.move(key / "door.key", folder / "door.key")
    answer = enrolment.Answer(device=DOOR.device, gateway_key=base64url.encode(GATEWAY.public_key), broker=broker, carer="C12")
    (folder / "enrolment.json").write_bytes(msgspec.json.encode(answer))
    log = folder / "log"
    with SimulatedPn532() as chip, log.open("wb") as out:
        started = time.monotonic()
        door = [sys.executable, "-m", "bench.fitted_door"] if fitted else [program("calltime-edge")]
        process = subprocess.Popen(
            [*door, "--folder", str(folder), "run", "--records-may-be-lost", "--nfc", chip.port], stdout=out, stderr=out
        )
        try:
            yield Door(process, log, started)
        finally:
            process.terminate()
            try:
                process.wait(DEADLINE_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@contextmanager
def being_filled(folder: Path, count: int) -> Iterator[Callable[[], Path]]:
    """Fill an outbox in another process meanwhile; call what is yielded to wait for it."""
    process = subprocess.Popen([sys.executable, "-m", "bench.filling", str(folder), str(count)])

    def finished() -> Path:
        if process.wait(DEADLINE_SECONDS) != 0:
            raise RuntimeError("The outbox could not be filled.")
        return folder

    try:
        yield finished
    finally:
        process.kill()
        process.wait()


@contextmanager
def answered(port: int, count: int) -> Iterator[Callable[[], str]]:
    """Let the stub gateway answer in another process; call what is yielded to wait for its end and for what it saw."""
    process = subprocess.Popen([sys.executable, "-m", "bench.stub_gateway", str(port), str(count)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()  # it listens

    try:
        yield lambda: process.communicate(timeout=DEADLINE_SECONDS)[0]
    finally:
        process.kill()
        process.communicate()


def wait_for(condition: Callable[[], object], *, what: str) -> None:
    """Raise TimeoutError when it does not come true in time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Waited in vain for {what}")
        time.sleep(0.005)


def _number(file: Path, name: str) -> int:
    line = next(line for line in file.read_text().splitlines() if line.startswith(name))
    return int(line.split()[1])
