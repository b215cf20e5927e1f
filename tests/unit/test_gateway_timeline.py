"""Does a gateway tell a primary that was replaced from the one that took its place?"""

from pathlib import Path

import pytest

from calltime_gateway.timeline import Timeline, Timelines

OLD, NEW = Timeline(system=7, number=1), Timeline(system=7, number=2)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gateway.timeline"


def test_the_same_timeline_and_a_newer_one_are_believed(file: Path) -> None:
    timelines = Timelines(file)

    assert [timelines.is_stale(found) for found in (OLD, OLD, NEW, NEW)] == [False] * 4


def test_an_older_one_is_not_believed_by_this_gateway_nor_by_its_next_life(file: Path) -> None:
    timelines = Timelines(file)
    timelines.is_stale(NEW)

    assert timelines.is_stale(OLD)
    assert Timelines(file).is_stale(OLD)
    assert not Timelines(file).is_stale(NEW)


def test_another_system_has_timelines_of_its_own(file: Path) -> None:
    Timelines(file).is_stale(NEW)

    assert not Timelines(file).is_stale(Timeline(system=8, number=1))


@pytest.mark.parametrize("holds", ["", "7", "seven two"])
def test_a_damaged_file_remembers_nothing(file: Path, holds: str) -> None:
    file.write_text(holds)

    assert not Timelines(file).is_stale(OLD)


def test_a_file_that_cannot_be_written_costs_only_the_memory_of_the_next_life(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    timelines = Timelines(tmp_path / "no such folder" / "gateway.timeline")

    assert not timelines.is_stale(NEW)
    assert timelines.is_stale(OLD)
    assert "a restart forgets it" in caplog.text
