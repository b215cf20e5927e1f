"""How is a figure told? As one line of JSON, with what it should be."""

import json
import sys
from collections.abc import Sequence
from typing import Any


def tell(bench: str, value: float, unit: str, *, target: str | None = None, note: str | None = None) -> None:
    """Print it at once: who waits for two minutes wants to see something. `target`: such as "< 30"; None where a figure only explains."""
    line: dict[str, Any] = {"bench": bench, "value": round(value, 3), "unit": unit, "target": target}
    if target is not None:
        sign, bound = target.split()
        line["met"] = {"<": value < float(bound), "<=": value <= float(bound), ">=": value >= float(bound)}[sign]
    if note is not None:
        line["note"] = note
    sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    sys.stdout.flush()


def percentile(values: Sequence[int], hundredths: int) -> int:
    """The smallest value that so many of a hundred do not exceed."""
    ordered = sorted(values)
    return ordered[-(-len(ordered) * hundredths // 100) - 1]
