"""How does a command speak to the person at the door's machine? In short lines: many read them over SSH on a telephone."""

from __future__ import annotations

import shutil
import sys
import textwrap
from datetime import datetime

from calltime_edge.clock import LONDON


def say(text: str) -> None:
    """Write a line at once: somebody may be waiting for it with a tag in the hand."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def refuse(text: str) -> None:
    """Say on standard error what was not done, why and what next."""
    sys.stderr.write(f"calltime-edge: {text}\n")


def stands_for(*, carer: str | None, home: str | None, line: str | None = None) -> str:
    """Say for whom a door stands."""
    return f"the device of carer {carer}" if carer else f"the reader at the home of {home}" if home else f"the telephone line {line}"


def count(number: int) -> str:
    """So many records."""
    return f"{number:,} {'record' if number == 1 else 'records'}"


def duration(seconds: int) -> str:
    """About how long: `4 s`, `12 min`, `3 h`, `5 days`."""
    for size, unit in ((86_400, "days"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def error(milliseconds: int) -> str:
    """How far a clock may be off."""
    return f"{milliseconds} ms" if milliseconds < 1000 else duration(milliseconds // 1000)


def london(at: datetime) -> str:
    """The day and the second in London."""
    return f"{at.astimezone(LONDON):%a %d %b %Y %H:%M:%S}"


def row(first: str, then: str) -> str:
    """A label, and beside it text that is folded to the width of the terminal."""
    width = min(max(shutil.get_terminal_size().columns, 40), 100)
    return textwrap.fill(f"{first:<13}{then}", width=width, subsequent_indent=" " * 13, break_long_words=False, break_on_hyphens=False)
