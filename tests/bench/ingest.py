"""Does the post room take a nation's reconnect storm on a small machine? One line of JSON for each figure, in about ten minutes.

Run as `PYTHONPATH=tests python -m bench.ingest` (`make bench-ingest`). Real Mosquitto, real TimescaleDB with fsync on, the gateway as the
program that it is, and the load from processes of their own, all on this machine. Beside the gateway, round by round in turn, two
scripts that check no signature: (a) what most people write, one INSERT and COMMIT a message; (b) careful batches. They get the unsigned
JSON of the same taps and write the same columns and the message. Needs root or a TimescaleDB of this machine (.ci/install-timescaledb).
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bench import ingest_backlog, ingest_latency, ingest_load, ingest_rounds
from bench.figures import percentile, tell
from bench.ingest_load import Load
from bench.ingest_stage import CONTESTANTS, GATEWAY, durable, staged
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.timescaledb import TimescaleDb

SCRATCH = "/var/tmp"  # noqa: S108  # a disk, where /tmp may be memory
PARTS = ("throughput", "latency", "backlog")
AGO = timedelta(hours=6)
"""When the first tap happened: long enough that the millionth is not in the future, and no door's clock looks wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for. `records`: of a round of the gateway's and of (b)'s; (a) gets a sixth."""

    records: int
    rounds: int
    doors: int
    storm: int
    seconds: int
    backlog: int
    only: tuple[str, ...]
    contestants: tuple[str, ...]


def main() -> None:
    """Measure what is asked for; what is written goes to folders that are removed."""
    asked = _asked()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("Told to stop."))  # so that the folders are removed then, too
    missing = Mosquitto.available() or TimescaleDb.available()
    if missing is not None:
        sys.exit(missing)
    # Data on a real disk, the load in memory: reading it is not what is measured.
    with (
        tempfile.TemporaryDirectory(prefix="ct-", dir=SCRATCH) as disk,
        tempfile.TemporaryDirectory(prefix="ct-", dir="/dev/shm") as memory,
        TimescaleDb(Path(disk) / "database") as server,
    ):
        bench = Bench(asked, Path(disk), Path(memory), server)
        for part in asked.only:
            {"throughput": bench.throughput, "latency": bench.latency, "backlog": bench.backlog}[part]()


class Bench:
    """The parts, each with its own loads."""

    def __init__(self, asked: Asked, disk: Path, memory: Path, server: TimescaleDb) -> None:
        self._asked, self._disk, self._memory, self._server = asked, disk, memory, server
        self._promise = durable(server)

    def throughput(self) -> None:
        """Rounds of all contestants in turn."""
        asked = self._asked
        steady = self._load("steady", doors=asked.doors, records=asked.records)
        small = self._load("small", doors=asked.doors, records=max(asked.records // 6, 1))
        storm = self._load("storm", doors=asked.storm, records=asked.records, run=20)
        loads = {"gateway": steady, "storm": storm, "a": small, "b": steady}
        ingest_rounds.run(
            {name: loads[name] for name in asked.contestants},
            rounds=asked.rounds,
            stage=lambda load: staged(self._disk, self._server, load),
            note=self._promise,
        )

    def latency(self) -> None:
        """From published to stored, at an even rate, in turn."""
        load = self._load("even", doors=self._asked.doors, records=ingest_latency.RATE * self._asked.seconds, streams=1)
        times: dict[str, list[int]] = {name: [] for name in self._asked.contestants if name != "storm"}
        for _ in range(self._asked.rounds):
            for name, took in times.items():
                with staged(self._disk, self._server, load) as stage:
                    took += ingest_latency.microseconds(stage, CONTESTANTS[name])
        for name, took in times.items():
            for hundredths, bound in ((50, "< 20"), (90, None), (99, "< 150")):
                told = f"published → stored at {ingest_latency.RATE}/s, p{hundredths}, {CONTESTANTS[name].name}"
                tell(told, percentile(took, hundredths) / 1000, "ms", target=bound if name == "gateway" else None)

    def backlog(self) -> None:
        """A backlog in the broker while the gateway was away."""
        load = self._load("backlog", doors=self._asked.doors, records=self._asked.backlog, kinds=("signed",))
        with staged(self._disk, self._server, load) as stage:
            drained = ingest_backlog.drain(stage)
        held = f"queued in Mosquitto in {drained.queued_in:.0f} s while the gateway was away"
        tell("backlog: published", load.records, "records", note=held)
        tell("backlog: stored", drained.stored, "records", target=f">= {load.records}")
        tell("backlog: stored twice", drained.stored - drained.distinct, "records", target="<= 0")
        tell("backlog: covered by the doors' receipts", drained.confirmed, "records", target=f">= {load.records}")
        tell("backlog: quarantined", drained.quarantined, "messages", target="<= 0")
        tell("backlog: drained in", drained.seconds, "s", note="the start of the gateway included")
        tell("backlog: drained", load.records / drained.seconds, "records/s")
        tell("backlog: most memory of the gateway", drained.memory_mb, "MB", target="< 200", note=f"{GATEWAY.name}: VmHWM")

    def _load(
        self,
        name: str,
        *,
        doors: int,
        records: int,
        run: int = 1,
        streams: int = ingest_load.STREAMS,
        kinds: tuple[ingest_load.Kind, ...] = ("signed", "plain"),
    ) -> Load:
        base = (datetime.now(UTC) - AGO).replace(microsecond=0)
        return ingest_load.make(
            Load(folder=self._memory / name, doors=doors, records=records, run=run, base=base, streams=min(streams, doors), kinds=kinds)
        )


def _asked() -> Asked:
    parser = argparse.ArgumentParser(prog="bench.ingest", description="Figures of the post room as JSON lines.")
    parser.add_argument("--records", type=int, default=60_000, help="records of a round (60000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of all contestants in turn (3)")
    parser.add_argument("--doors", type=int, default=200, help="doors of the steady load, of latency and of the backlog (200)")
    parser.add_argument("--storm", type=int, default=3000, help="doors of the reconnect storm, each with runs of 20 (3000)")
    parser.add_argument("--seconds", type=int, default=6, help="length of a round of latency (6)")
    parser.add_argument("--backlog", type=int, default=1_000_000, help="records of the backlog (1000000)")
    parser.add_argument("--only", type=_some(PARTS), default=PARTS, help=f"some of {','.join(PARTS)}")
    parser.add_argument(
        "--contestants", type=_some(tuple(CONTESTANTS)), default=tuple(CONTESTANTS), help=f"some of {','.join(CONTESTANTS)}"
    )
    return Asked(**vars(parser.parse_args()))


class _some:  # noqa: N801  # it is used as a type of argparse's
    """Words between commas, of those that there are."""

    def __init__(self, words: tuple[str, ...]) -> None:
        self._words = words

    def __call__(self, text: str) -> tuple[str, ...]:
        chosen = tuple(text.split(","))
        if not set(chosen) <= set(self._words):
            raise argparse.ArgumentTypeError(f"choose from {', '.join(self._words)}, with commas between")
        return chosen


if __name__ == "__main__":
    main()
