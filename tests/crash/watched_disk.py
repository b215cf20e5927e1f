"""How does a test see every step that a real process makes on its disk, and let one fail? Through a library that is loaded into it."""

import os
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import calltime_edge
import calltime_wire

HERE = Path(__file__).parent
_HEAD = struct.Struct("=cBHIIIQ")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One change: C(reate), O(pen), W(rite), T(runcate), S(ync), U(nlink), R(ename), L(ink). `file`: process, and its number for it."""

    kind: str
    failed: bool
    file: tuple[int, int]
    name: str
    data: bytes
    offset: int


def build(folder: Path) -> Path:
    """Compile the library, or skip the test that needs it."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        pytest.skip("a C compiler on Linux is needed to watch what a process writes (Debian: apt install gcc libc6-dev)")
    library = folder / "watched_disk.so"
    words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(library), str(HERE / "watched_disk.c"), "-ldl", "-lpthread"]
    subprocess.run(words, check=True)
    return library


def run(library: Path, folder: Path, part: str, *words: str) -> list[str]:
    """Play a part of `door_on_a_watched_disk` in a process of its own; return what it printed."""
    # It looks for our code where this process found it: an installation may point to another checkout.
    places = [str(HERE.parent), *(str(Path(each).parent) for each in [*calltime_edge.__path__, *calltime_wire.__path__])]
    before = filter(None, [os.environ.get("PYTHONPATH")])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([*places, *before]), "LD_PRELOAD": str(library)}
    command = [sys.executable, str(HERE / "door_on_a_watched_disk.py"), part, str(folder), *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def read_journal(path: Path, process: int) -> Iterator[Step]:
    """Read the steps that a process made."""
    with path.open("rb") as file:
        while head := file.read(_HEAD.size):
            kind, failed, name, number, length, _, offset = _HEAD.unpack(head)
            yield Step(
                kind=kind.decode(),
                failed=bool(failed),
                file=(process, number),
                name=file.read(name).decode(),
                data=file.read(length),
                offset=offset,
            )
