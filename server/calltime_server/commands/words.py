"""How does a command answer? In a table, or with every fault and its place."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence

from calltime_server.faults import Fault


class Refusal(Exception):
    """The command cannot be carried out; the message says what, why and what next."""


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under a head, each column as wide as it needs."""
    cells = [list(head), *[["" if cell is None else str(cell) for cell in row] for row in rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(head))]
    for row in cells:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")


def say(text: str) -> None:
    """Print one line."""
    sys.stdout.write(text + "\n")


def located(fault: Fault, file: str) -> str:
    """Write a fault with its place: file:line, column."""
    place = file if fault.line is None else f"{file}:{fault.line}"
    return f"{place}: {f'{fault.column}: ' if fault.column else ''}{fault.says}"


def refuse_faults(faults: Sequence[Fault], file: str) -> Refusal:
    """Turn all faults of a file into one refusal."""
    count = f"{len(faults)} fault{'s' if len(faults) != 1 else ''}"
    return Refusal("\n".join([*(located(fault, file) for fault in faults), f"{count}; nothing was changed."]))
