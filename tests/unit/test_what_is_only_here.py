"""Before a door's folder is deleted: is everything named that would be lost with it, and nothing else?"""

from collections.abc import Callable
from pathlib import Path

import pytest

from calltime_edge.outbox_looking import only_here
from fixtures.doors import DoorAtWork


def emptied(folder: Path) -> Path:
    """The folder of a door all of whose records the office has: it lies there as if none was made."""
    DoorAtWork(folder, carer="C12").outbox.close()
    return folder


def test_with_a_door_that_has_sent_all_nothing_is_lost(tmp_path: Path) -> None:
    assert only_here(tmp_path) == ""
    assert only_here(emptied(tmp_path)) == ""


def test_records_without_a_receipt_are_counted(tmp_path: Path) -> None:
    door = DoorAtWork(tmp_path, carer="C12")
    door.agent.begin()
    door.outbox.close()

    assert only_here(tmp_path) == "1 record"
    (tmp_path / "outbox.damaged-20260401T000000Z.sqlite").touch()
    assert only_here(tmp_path) == "1 record and a damaged memory (outbox.damaged-20260401T000000Z.sqlite)"


def gone(folder: Path) -> None:
    (folder / "outbox.sqlite").unlink()
    (folder / "outbox.mark").write_text("1000 1000\n")


def only_a_log(folder: Path) -> None:
    (folder / "outbox.sqlite").unlink()
    (folder / "outbox.sqlite-wal").write_bytes(b"records")


def suspected(folder: Path) -> None:
    (folder / "outbox.suspect").write_text("half a page is missing")


def no_database(folder: Path) -> None:
    (folder / "outbox.sqlite").write_bytes(b"no database" * 1000)


@pytest.mark.parametrize("break_it", [gone, only_a_log, suspected, no_database])
def test_a_memory_that_cannot_be_read_may_hold_anything(tmp_path: Path, break_it: Callable[[Path], None]) -> None:
    break_it(emptied(tmp_path))

    assert only_here(tmp_path).startswith("nobody can say how many records (")
