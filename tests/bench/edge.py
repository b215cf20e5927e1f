"""Is the door quick, small and sparing enough for a Raspberry Pi? One line of JSON for each figure, in about a minute and a half.

Run as `PYTHONPATH=tests python -m bench.edge` (`make bench-edge`). Figures are of this machine; its disk is the one of /var/tmp. Needs
Mosquitto. The gateway at the other end is a stub (`bench.stub_gateway`), so the drain rate is what the door and a broker can do.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench import confirming
from bench.door_process import Door, answered, being_filled, running, wait_for
from bench.figures import tell
from bench.stub_gateway import Seen
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.service import free_port
from fixtures.scripted_gateway import ScriptedGateway
from fixtures.wires import Wire

BACKLOG = 100_000
IDLE_SECONDS = 30.0
STARTS = 3


def main() -> None:
    """Measure one thing after the other; what is written goes to a folder that is removed."""
    missing = Mosquitto.available()
    if missing is not None:
        sys.exit(missing)
    # The backlog is made in memory and copied: to sync it a hundred thousand times is not what is measured.
    with tempfile.TemporaryDirectory(dir="/var/tmp") as disk, tempfile.TemporaryDirectory(dir="/dev/shm") as memory:
        folder, backlog = Path(disk), Path(memory)
        confirming.latency(folder)
        confirming.written(folder)
        starting(folder)
        with being_filled(backlog, BACKLOG) as filled:
            idling(folder)
            filled()
        holding(folder, backlog)
        draining(folder, backlog)


def starting(folder: Path) -> None:
    """Start of the process → the reader answers."""
    took = []
    for number in range(STARTS):
        with running(folder / f"start {number}", broker=_nobody()) as door:
            took.append(door.seconds_until_it_logs("ready: "))
    tell("start → reader ready", sorted(took)[len(took) // 2], "s", target="< 2", note=f"median of {STARTS} starts")


def idling(folder: Path) -> None:
    """A door that is connected and has nothing to do: what it has to say of its start, such as that its reader was found, included."""
    with _connected(folder, "idle") as (door, wire):
        began, woken = time.monotonic(), door.woken
        time.sleep(IDLE_SECONDS)
        tell("wake-ups of the radio, idle", len(wire.wakeups(since=began, apart=1)), "in 30 s", target="<= 1")
        tell("wake-ups of the processor, idle", door.woken - woken, "in 30 s", note="with a PN532 that is asked again and again")
        tell("resident memory, idle", door.memory_mb, "MB", target="< 45", note="without buzzer, lights and display")
    with _connected(folder, "idle and fitted", fitted=True) as (door, _):
        note = "a display misses it: luma, Pillow and its letters take 12"
        tell("resident memory, idle, with buzzer, lights and display", door.memory_mb, "MB", target="< 45", note=note)


@contextmanager
def _connected(folder: Path, name: str, *, fitted: bool = False) -> Iterator[tuple[Door, Wire]]:
    """A door that has said all that it has to say."""
    with (
        Mosquitto(folder / f"broker of {name}") as broker,
        Wire(broker) as wire,
        ScriptedGateway(broker, answers_every=1) as gateway,
        running(folder / name, broker=wire.url, fitted=fitted) as door,
    ):
        door.seconds_until_it_logs("ready: ")
        wait_for(lambda: gateway.arrived and gateway.statuses and time.monotonic() - wire.passed[-1][0] > 1, what="the line to be quiet")
        yield door, wire


def holding(folder: Path, backlog: Path) -> None:
    """A door that has been offline for long."""
    with running(folder / "holding", broker=_nobody(), filled=backlog) as door:
        took = door.seconds_until_it_logs("ready: ")
        tell(f"start → reader ready, with {BACKLOG} unsent", took, "s", target="< 2")
        tell(f"resident memory, with {BACKLOG} unsent", door.memory_mb, "MB", target="< 45")


def draining(folder: Path, backlog: Path) -> None:
    """A door that comes online after long."""
    with (
        Mosquitto(folder / "drain broker") as broker,
        answered(broker.port, BACKLOG) as finished,
        running(folder / "draining", broker=broker.url, filled=backlog) as door,
    ):
        seen = msgspec.json.decode(finished(), type=Seen)
        tell("backlog drained", BACKLOG / seen.seconds, "records/s", target=">= 1000")
        tell("processor time of the door per record drained", door.cpu_seconds / BACKLOG * 1e6, "µs", note="its start included")
        tell("records sent more than once", seen.arrived - seen.distinct, "records")
        tell("resident memory, after the drain", door.memory_mb, "MB", target="< 45")


def _nobody() -> str:
    return f"mqtt://127.0.0.1:{free_port()}"


if __name__ == "__main__":
    main()
