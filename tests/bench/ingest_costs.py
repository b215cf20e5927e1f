"""What does a process cost, with all that it started? Processor seconds and the most memory, as the kernel counts them."""

from __future__ import annotations

import os
from collections import defaultdict
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(root: int) -> float:
    """Of this process, of all under it, and of those under it that have ended."""
    return sum(sum(int(ticks) for ticks in _stat(process)[11:15]) for process in _family(root)) / TICK


def busy_seconds() -> float:
    """Of the whole machine, what its host took from it included."""
    user, nice, system, _idle, _waiting, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICK


def peak_memory_mb(root: int) -> float:
    """The sum of what each process at most had resident."""
    return sum(_high_water_kb(process) for process in _family(root)) / 1024


def _family(root: int) -> list[int]:
    children = defaultdict(list)
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _stat(int(entry.name))):
            children[int(stat[1])].append(int(entry.name))
    family = [root]
    for process in family:
        family += children[process]
    return family


def _stat(process: int) -> list[str]:
    """The fields behind the name; none when it has just ended."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _high_water_kb(process: int) -> int:
    try:
        lines = Path(f"/proc/{process}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)
