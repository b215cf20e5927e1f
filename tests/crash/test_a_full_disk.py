"""What does a door do whose disk is nearly full, and then full? It refuses taps loudly, keeps what it has, and still takes receipts."""

from pathlib import Path

import pytest

from crash import watched_disk
from crash.watched_disk import read_journal


def test_on_a_nearly_full_disk_taps_are_refused_and_receipts_are_still_taken(library: Path, quick: Path) -> None:
    said = dict(line.split(": ", maxsplit=1) for line in watched_disk.run(library, quick, "full-disk", "1000000", "400000"))

    assert int(said["confirmed"]) > 200
    assert said["then"].startswith("NotStored(because='only 0.4 MiB are free on the disk of")
    assert said["waiting"] == said["a power-up is recorded"] == "True"
    assert said["on a full disk"] == "NotStored"
    assert said["with room again"] == "Confirmed"
    assert said["waiting at last"] == "2"  # the power-up, and the tap just made


@pytest.mark.parametrize(("receipts", "kib"), [("no", 7), ("yes", 12)])
def test_little_is_written_for_a_tap_and_it_is_synced_once(library: Path, quick: Path, tmp_path: Path, receipts: str, kib: int) -> None:
    taps = 600  # two checkpoints and more
    watched_disk.run(library, quick, "written-for-a-tap", str(tmp_path / "journal"), f"{taps}", receipts)

    steps = list(read_journal(tmp_path / "journal", 1))
    assert sum(len(step.data) for step in steps if step.kind == "W") < taps * kib * 1024
    assert taps < sum(step.kind == "S" for step in steps) < taps * 1.1
