"""What has a carer been told, and what is there, when a door is killed or its disk fails at any step of a tap or of a start?"""

import errno
from pathlib import Path

import pytest

from crash import watched_disk
from crash.what_is_left import Promised, judge

KILLED, KILLED_HALFWAY, FAILS_ONCE, FAILS_FROM_NOW_ON = 1, 2, 3, 4


def live(library: Path, folder: Path, part: str, kind: int, error: int = 0) -> list[str]:
    """Live the part once for every step of it, with this trouble there; judge what each life leaves. Returns what was answered."""
    before = Promised()
    if part == "start":
        (folder / "before").mkdir()
    else:
        _yesterday(library, folder, before)
    watched_disk.run(library, folder, "lives", part, str(kind), str(error))
    answered = []
    for notes in sorted(folder.glob("*.notes"), key=lambda notes: int(notes.stem)):
        lines = notes.read_text().splitlines()
        promised = Promised(digests=dict(before.digests), receipted=before.receipted)
        promised.hear(lines)
        try:
            judge(folder / notes.stem, promised).close()
        except BaseException as trouble:
            trouble.add_note(f"The trouble came at step {notes.stem} of {part}; what was left is in {folder / notes.stem}")
            raise
        answered += [line.split()[1] for line in lines if line.startswith("answered")]
    return answered


def _yesterday(library: Path, folder: Path, promised: Promised) -> None:
    """A door that has worked for a day and crashed: with a log file, and a checkpoint before long."""
    before = folder / "before"
    before.mkdir()
    watched_disk.run(library, before, "first-day", str(folder / "journal"))
    promised.hear((before / "notes").read_text().splitlines())


@pytest.mark.parametrize("part", ["work", "start"])
@pytest.mark.parametrize("kind", [KILLED, KILLED_HALFWAY])
def test_a_door_that_is_killed_at_any_step_has_what_it_confirmed_and_nothing_half(library: Path, quick: Path, part: str, kind: int) -> None:
    answered = live(library, quick, part, kind)

    assert len(list(quick.glob("*.notes"))) > 30, "a part of a day has more steps than this"
    assert set(answered) == {"Confirmed"}  # said by the one life that was over before the trouble came


@pytest.mark.parametrize("part", ["work", "start"])
@pytest.mark.parametrize(("kind", "error"), [(FAILS_ONCE, errno.EIO), (FAILS_FROM_NOW_ON, errno.ENOSPC)], ids=["broken once", "full"])
def test_a_disk_that_fails_at_any_step_leaves_nothing_half_and_the_next_tap_is_right(
    library: Path, quick: Path, part: str, kind: int, error: int
) -> None:
    answered = live(library, quick, part, kind, error)

    assert set(answered) == {"Confirmed", "NotStored"}
