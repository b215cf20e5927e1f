"""Is every confirmed tap still there, whenever the power goes? At every write and every sync of a real door's disk."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calltime_edge import high_mark
from calltime_edge.outbox import Outbox
from crash import watched_disk
from crash.door_on_a_watched_disk import NOTES
from crash.power_cut import Disk
from crash.watched_disk import Step, read_journal
from crash.what_is_left import Promised, judge, judge_what_was_saved
from fixtures.outboxes import held


def play(steps: list[Step], folder: Path, *, begin: int = 0, every: int = 1) -> int:
    """Cut the power after every step, and judge what may be left. Returns how many states were judged."""
    disk, promised, states = Disk(), Promised(), 0
    chance = random.Random(7)
    for number, step in enumerate(steps):
        disk.take(step)
        if step.kind == "W" and disk.is_of(step, NOTES):
            promised.hear(step.data.decode().splitlines())
        elif number >= begin and number % every == 0:
            for state in disk.after_a_power_cut(chance):
                states += 1
                left = _lay_out(folder / f"{states}", state)
                with _telling(f"step {number} of {len(steps)}, {step.kind} {step.name}", left):
                    judge(left, promised).close()
    return states


def _lay_out(left: Path, state: dict[str, bytes]) -> Path:
    left.mkdir()
    for name, content in state.items():
        if name != NOTES:
            (left / name).write_bytes(content)
    return left


@contextmanager
def _telling(step: str, left: Path) -> Iterator[None]:
    try:
        yield
    except BaseException as error:
        error.add_note(f"The power went after {step}; what was left is in {left}")
        raise


@pytest.fixture
def watched(tmp_path: Path) -> Path:
    folder = tmp_path / "door"
    folder.mkdir()
    return folder


def test_whenever_the_power_goes_every_confirmed_tap_is_there_and_the_door_goes_on(
    library: Path, watched: Path, tmp_path: Path, quick: Path
) -> None:
    watched_disk.run(library, watched, "first-day", str(tmp_path / "first"))
    watched_disk.run(library, watched, "second-day", str(tmp_path / "second"))

    steps = [*read_journal(tmp_path / "first", 1), *read_journal(tmp_path / "second", 2)]

    kinds = {step.kind for step in steps}
    assert kinds == set("COWTSURL"), "the story no longer has every kind of step"
    assert play(steps, quick) > 500


@pytest.mark.parametrize("then", ["crash", "go on"])
@pytest.mark.parametrize("nth", [1, 4])
def test_after_a_sync_that_failed_nothing_is_built_on_what_is_not_on_the_disk(
    library: Path, watched: Path, tmp_path: Path, quick: Path, nth: int, then: str
) -> None:
    watched_disk.run(library, watched, "day-with-a-sync-that-fails", str(tmp_path / "first"), str(nth), then)
    watched_disk.run(library, watched, "second-day", str(tmp_path / "second"))

    steps = [*read_journal(tmp_path / "first", 1), *read_journal(tmp_path / "second", 2)]

    [failed] = [number for number, step in enumerate(steps) if step.failed]
    assert play(steps, quick, begin=failed, every=6) > 30


def test_whenever_the_power_goes_while_a_damaged_outbox_is_saved_it_is_saved_at_the_next_start(
    library: Path, watched: Path, tmp_path: Path, quick: Path
) -> None:
    watched_disk.run(library, watched, "first-day", str(tmp_path / "journal"))
    used = high_mark.read(watched / "outbox.mark")
    outbox = Outbox(watched / "outbox.sqlite")
    every = held(outbox)
    before = {file.name: file.read_bytes() for file in watched.iterdir() if not file.name.endswith("-shm")}
    before["outbox.sqlite-wal"] = bytes(32) + before["outbox.sqlite-wal"][32:]  # SQLite would take it for an empty log
    outbox.close()
    folder = _lay_out(tmp_path / "damaged", before)
    watched_disk.run(library, folder, "start", str(tmp_path / "saving"))

    steps = list(read_journal(tmp_path / "saving", 1))
    assert [step.name for step in steps if step.kind == "R"] == [
        *("outbox.sqlite", "outbox.sqlite-wal", "outbox.salvage"),
        "outbox.mark-new",
    ]
    disk, chance, states = Disk(before), random.Random(7), 0
    for step in steps:
        disk.take(step)
        for state in disk.after_a_power_cut(chance):
            states += 1
            left = _lay_out(quick / f"{states}", state)
            with _telling(f"{step.kind} {step.name}", left):
                judge_what_was_saved(left, every, used).close()

    assert states > 50
