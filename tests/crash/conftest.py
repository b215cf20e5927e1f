"""What does a test of crashes need? A place to write much and quickly, a library to watch a disk with, and a door whose sizes are small."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from crash import watched_disk
from crash.door_on_a_watched_disk import SMALL


@pytest.fixture
def quick() -> Iterator[Path]:
    """In memory, if there is such a place."""
    memory = Path("/dev/shm")  # noqa: S108
    folder = Path(tempfile.mkdtemp(prefix="calltime-", dir=memory if memory.is_dir() else None))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return watched_disk.build(tmp_path_factory.mktemp("library"))


@pytest.fixture(autouse=True)
def _as_small_as_in_the_story(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name, value in SMALL:
        monkeypatch.setattr(owner, name, value)
