"""Does what is written into a folder outlast the power? In memory, or on the overlay of a read-only root, a tap is beeped and then lost."""

from __future__ import annotations

import re
from pathlib import Path

FORGETFUL = frozenset({"tmpfs", "ramfs", "overlay"})
MOUNTS = Path("/proc/self/mountinfo")

_OCTAL = re.compile(r"\\([0-7]{3})")


def forgets(folder: Path, *, mounts: Path = MOUNTS) -> str | None:
    """Say why a folder loses what is written into it when the power goes; None when it keeps it. It need not be there yet."""
    there = folder.resolve()
    kind, at = "", Path()
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except FileNotFoundError:  # a system that is only being put together, and has no kernel of its own to ask
        return None
    for line in lines:
        before, _, after = line.partition(" - ")
        mounted = Path(_OCTAL.sub(lambda octal: chr(int(octal[1], 8)), before.split()[4]))
        # The last of several at one place lies over the others.
        if there.is_relative_to(mounted) and len(mounted.parts) >= len(at.parts):
            kind, at = after.split()[0], mounted
    if kind not in FORGETFUL:
        return None
    return f"{folder} lies on {kind} (mounted at {at}), and what is written there is gone with the power"
