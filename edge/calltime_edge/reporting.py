"""What did the running door last say of itself, for people at its own machine? A small file beside it, without personal data."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import msgspec
from msgspec import Struct

from calltime_wire.status import Status

SERVICE = Path("/run/calltime-edge")
"""Where the service keeps it: in memory, because a file that is written every few seconds wears an SD card out."""
NAME = "state.json"


class Report(Struct, frozen=True, kw_only=True):
    """The status that the broker has too; whose door it is, whether its program lives, how its brokers are, and how old this is."""

    folder: str
    device: str
    carer: str | None
    home: str | None
    line: str | None = None
    pid: int
    boot: str
    up_ms: int
    now: datetime
    error_ms: int
    mqtt: str | None
    brokers: dict[str, str]
    set_aside: int
    status: Status


def place(folder: Path, environment: Mapping[str, str]) -> Path:
    """Where a running door puts it: systemd's RUNTIME_DIRECTORY, or its own folder when it was started by hand."""
    return Path(environment.get("RUNTIME_DIRECTORY", str(folder))) / NAME


def write(path: Path, report: Report) -> None:
    """Put it there whole, readable for the service's group. Not synced: after a power cut it says nothing."""
    draft = path.with_suffix(".new")
    draft.write_bytes(msgspec.json.encode(report))
    draft.chmod(0o640)
    draft.replace(path)


def remove(path: Path) -> None:
    """A door that has stopped says nothing."""
    path.unlink(missing_ok=True)


def find(folder: Path) -> Report | None:
    """What the door of this folder said last, as a service or by hand; None when it does not run. Raises PermissionError."""
    for place in (folder / NAME, SERVICE / NAME):
        try:
            report = msgspec.json.decode(place.read_bytes(), type=Report)
        except (FileNotFoundError, ValueError):
            continue
        except PermissionError:
            if place.parent == SERVICE:
                raise
            continue
        if report.folder == str(folder) and _lives(report.pid):
            return report
    return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
