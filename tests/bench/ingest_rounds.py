"""How do the gateway and the scripts compare? Rounds of all in turn, so that a slow minute meets everybody; medians are told."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from statistics import median

from bench import ingest_parts, ingest_throughput
from bench.figures import tell
from bench.ingest_confirmed import confirmed
from bench.ingest_load import Load
from bench.ingest_stage import CONTESTANTS, Stage
from bench.ingest_throughput import Run

Staged = Callable[[Load], AbstractContextManager[Stage]]
OURS = ("gateway", "storm")
"""What the gateway does; the parts are measured on the first load."""


def run(loads: Mapping[str, Load], *, rounds: int, stage: Staged, note: str) -> None:
    """Measure each contestant on its load, and the parts beside it; tell."""
    runs: dict[str, list[Run]] = defaultdict(list)
    parts: list[dict[str, float]] = []
    for _ in range(rounds):
        for name, load in loads.items():
            with stage(load) as set_up:
                done = ingest_throughput.run(set_up, CONTESTANTS[name])
                if name in OURS:
                    _check(set_up, done)
                lines = ingest_parts.rows(set_up) if name == "gateway" else {}
            runs[name].append(done)
            if lines:
                parts.append(_alone(load, lines, stage))
    for name, done_each in runs.items():
        _tell_contestant(name, done_each, loads[name], note)
    others = median(run.others for each in runs.values() for run in each)
    tell(
        "processors busy with something else meanwhile", others, f"of {os.cpu_count()}", note="ourselves included: looking, and starting up"
    )
    _tell_ratios(runs)
    if parts:
        _tell_parts(runs["gateway"], parts)


def _check(stage: Stage, done: Run) -> None:
    covered = confirmed(stage, done.heard)
    if covered != done.records:
        raise RuntimeError(f"Of {done.records} stored records the doors' receipts cover {covered}.")


def _alone(load: Load, lines: dict[str, list[bytes]], stage: Staged) -> dict[str, float]:
    with stage(load) as set_up:
        hop = ingest_parts.hop(set_up)
    with stage(load) as set_up:
        writing = ingest_parts.writing(set_up, lines)
    return {"broker hop": hop, "verify": ingest_parts.verifying(load), "COPY": writing}


def _tell_contestant(name: str, runs: list[Run], load: Load, note: str) -> None:
    contestant = CONTESTANTS[name].name
    rates = [run.rate for run in runs]
    said = f"{load.records} records of {load.doors} doors; rounds: {', '.join(f'{rate:.0f}' for rate in rates)}; {note}"
    tell(f"stored, {contestant}", median(rates), "records/s", target=">= 7000" if name in OURS else None, note=said)
    for process in runs[0].cpu:
        tell(f"processor time of {process} per record, {contestant}", median(run.cpu[process] for run in runs), "µs")
    tell(f"most memory, {contestant}", median(run.memory_mb for run in runs), "MB", target="< 200" if name in OURS else None)


def _tell_ratios(runs: Mapping[str, list[Run]]) -> None:
    for name, target in (("a", ">= 5"), ("b", ">= 0.5")):
        if runs["gateway"] and runs[name]:
            each = [ours.rate / theirs.rate for ours, theirs in zip(runs["gateway"], runs[name], strict=True)]
            tell(f"gateway ÷ {name}", median(each), "×", target=target, note=f"rounds: {', '.join(f'{ratio:.2f}' for ratio in each)}")


def _tell_parts(runs: list[Run], parts: list[dict[str, float]]) -> None:
    for part in parts[0]:
        tell(f"processor time per record alone: {part}", median(each[part] for each in parts), "µs")
    spent = median(sum(run.cpu.values()) - run.cpu["generator"] for run in runs)
    needed = median(sum(each.values()) for each in parts)
    tell("processor time per record, gateway with broker and database", spent, "µs")
    tell("the sum of its parts alone", needed, "µs", note="broker hop, verify, COPY")
    tell("gateway ÷ parts alone", spent / needed, "×")
