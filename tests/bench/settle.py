"""How long does a council's month take, from frames to decided lines and from the database to the closed ledger? JSON lines.

Run as `PYTHONPATH=tests python -m bench.settle` (`make bench-settle`): Cornwall's four weeks, in about ten minutes. Beside us run two
scripts written by hand, in Polars and in DuckDB, that only pair, take the nearest planned visit and sum. All in turn, each time in a
process of its own; figures are medians of the rounds. On clean data all must come to the same pence.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench import settle_database
from bench.figures import tell
from bench.settle_council import CORNWALL, council
from bench.settle_one import AGAIN, BY_HAND, OURS, WITHOUT_WORDS, YEAR
from bench.settle_process import Took, spread, took

SCRATCH = "/var/tmp"  # noqa: S108  # a disk, where /tmp may be memory
PARTS = ("frames", "year", "database")
SHORT = ("--size=60", "--rounds=1", "--times=1,2")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line asks for. `size`: service users; `times`: how many times as many, one after the other."""

    size: int
    rounds: int
    times: tuple[int, ...]
    only: tuple[str, ...]


def main() -> None:
    """Measure what is asked for; what is written goes to a folder that is removed."""
    asked = _asked(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="ct-", dir=SCRATCH) as folder:
        for part in asked.only:
            {"frames": frames, "year": year, "database": database}[part](Path(folder), asked.size, asked)


def frames(folder: Path, size: int, asked: Asked) -> None:
    """All sizes, beside the scripts; before that, whether all come to the same."""
    clean = _written(folder / "clean", size, clean=True)
    sums = {who: took(who, clean).pence for who in (WITHOUT_WORDS, *BY_HAND)}
    tell("clean data: what the three come to", sums[WITHOUT_WORDS], "pence")
    tell("clean data: pence that the three do not agree on", max(sums.values()) - min(sums.values()), "pence", target="<= 0")
    a_visit: dict[int, float] = {}
    for times in asked.times:
        made = _written(folder / f"{times} times", size * times)
        a_visit[times] = _beside(made, f"{times}×", asked.rounds, cornwall=size * times == CORNWALL) / size / times
    first, last = asked.times[0], asked.times[-1]
    if first != last:
        note = "1 is linear, below it is better"
        tell(f"a visit at {last}× ÷ a visit at {first}×", a_visit[last] / a_visit[first], "times", target="< 1.2", note=note)


def _beside(folder: Path, size: str, rounds: int, *, cornwall: bool) -> float:
    """Ours with and without words and the scripts, in turn; returns our seconds without words."""
    runs: dict[str, list[Took]] = {who: [] for who in (*OURS, *BY_HAND)}
    for _ in range(rounds):
        for who, each in runs.items():
            each.append(took(who, folder))
    seconds = {who: statistics.median(one.seconds for one in each) for who, each in runs.items()}
    ours = WITHOUT_WORDS
    for who, each in runs.items():
        bounded = cornwall and who == ours
        note = spread(each)
        tell(f"frames → lines, {size}, {who}", seconds[who], "s", target="< 3" if bounded else None, note=note)
        memory = max(one.memory_mb for one in each)
        tell(f"memory, {size}, {who}", memory, "MB", target="< 2000" if bounded else None, note="the most ever resident, frames included")
    leaner = min(seconds[who] for who in BY_HAND)
    tell(f"{ours} ÷ the leaner script, {size}", seconds[ours] / leaner, "times", target="< 6" if cornwall else None)
    return seconds[ours]


def year(folder: Path, size: int, asked: Asked) -> None:
    """A year that is matched already, decided again under new terms."""
    weeks = _written(folder / "four weeks", size)
    runs = [took(AGAIN, weeks) for _ in range(asked.rounds)]
    seconds, target = statistics.median(one.seconds for one in runs), "< 10" if size == CORNWALL else None
    tell(AGAIN, seconds, "s", target=target, note=f"{runs[0].rows} lines; {spread(runs)}")
    tell(f"memory, {AGAIN}", max(one.memory_mb for one in runs), "MB", note=f"{YEAR} times four weeks, made in the process")


def database(folder: Path, size: int, asked: Asked) -> None:
    """From the record of a real database to its closed ledger."""
    settle_database.measure(folder, council(users=size), rounds=asked.rounds)


def _written(folder: Path, users: int, *, clean: bool = False) -> Path:
    """A council's frames in a folder."""
    if not folder.exists():
        folder.mkdir()
        made = council(users=users, clean=clean)
        made.plan.write_parquet(folder / "plan.parquet")
        made.taps.write_parquet(folder / "taps.parquet")
        made.packages.write_parquet(folder / "packages.parquet")
        if not clean:
            tell(f"planned visits of {users} service users", made.plan.height, "visits", note=f"{made.taps.height} taps as delivered")
    return folder


def _asked(words: list[str]) -> Asked:
    parser = argparse.ArgumentParser(prog="bench.settle", description="Figures of settling as JSON lines.")
    parser.add_argument("--size", type=int, default=CORNWALL, help=f"service users ({CORNWALL}, which is Cornwall)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of all in turn (5)")
    parser.add_argument("--times", type=_numbers, default=(1, 3, 10), help="sizes, as multiples (1,3,10)")
    parser.add_argument("--only", type=lambda text: tuple(text.split(",")), default=PARTS, help=f"some of {','.join(PARTS)}")
    parser.add_argument("--short", action="store_true", help="so small that only its counts mean something")
    asked = parser.parse_args(words)
    if asked.short:
        asked = parser.parse_args([*SHORT, *(word for word in words if word != "--short")])
    return Asked(size=asked.size, rounds=asked.rounds, times=asked.times, only=asked.only)


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(each) for each in text.split(","))


if __name__ == "__main__":
    main()
