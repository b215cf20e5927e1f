"""How is one of them run? In a process of its own, on as many cores as the targets are for."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

CORES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """What a process told. `memory_mb` is the most that it ever had, the reading of the frames included; `rows` is how many it decided."""

    seconds: float
    memory_mb: int
    pence: int
    rows: int


def took(who: str, folder: Path) -> Took:
    """Let one of `bench.settle_one.WHO` do its work on the frames in this folder."""
    words = [sys.executable, "-m", "bench.settle_one", who, str(folder)]
    cores = {"POLARS_MAX_THREADS": str(CORES)}
    done = subprocess.run(words, env=os.environ | cores, stdout=subprocess.PIPE, check=True)
    return Took(**json.loads(done.stdout))


def spread(several: list[Took]) -> str:
    """From the quickest to the slowest."""
    return f"{min(one.seconds for one in several):.2f} to {max(one.seconds for one in several):.2f} s in {len(several)} rounds"
