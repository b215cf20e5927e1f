"""Is a door's key made once, kept to itself, and never made anew over a damaged or a lost one?"""

import stat
from pathlib import Path

import pytest

from calltime_edge import door_key
from calltime_edge.door_key import LostDoorKey, UnreadableDoorKey
from calltime_edge.outbox import Outbox
from fixtures.syncing import Synced


def test_the_key_of_the_first_start_is_the_key_of_every_later_one(tmp_path: Path) -> None:
    first = door_key.load_or_make(tmp_path)

    assert door_key.load_or_make(tmp_path).device == first.device


def test_two_doors_have_two_keys(tmp_path: Path) -> None:
    assert door_key.load_or_make(tmp_path / "a").device != door_key.load_or_make(tmp_path / "b").device


def test_nobody_else_on_the_machine_can_read_the_key(tmp_path: Path) -> None:
    folder = tmp_path / "edge"
    door_key.load_or_make(folder)

    assert stat.S_IMODE((folder / "door.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    "written", [b"", b"not base64url!", "schlüssel".encode(), b"AAAA\n"], ids=["empty", "foreign", "no ASCII", "too short"]
)
def test_a_damaged_key_is_refused_with_what_to_do_and_left_as_it_is(tmp_path: Path, written: bytes) -> None:
    (tmp_path / "door.key").write_bytes(written)

    with pytest.raises(UnreadableDoorKey, match=r"door\.key is damaged .* To go on, move the whole folder away, .* enrol this door anew"):
        door_key.load_or_make(tmp_path)

    assert (tmp_path / "door.key").read_bytes() == written


def test_beside_an_outbox_no_new_key_is_made(tmp_path: Path) -> None:
    door_key.load_or_make(tmp_path)
    Outbox(tmp_path / "outbox.sqlite").close()
    (tmp_path / "door.key").unlink()

    with pytest.raises(
        LostDoorKey, match=r"door\.key is gone, and .*outbox\.sqlite holds .* put it back\. If it is lost, move the whole folder away"
    ):
        door_key.load_or_make(tmp_path)

    assert not (tmp_path / "door.key").exists()


def test_a_new_key_its_name_and_the_folders_made_for_it_are_on_disk_before_it_is_used(tmp_path: Path, synced: Synced) -> None:
    folder = tmp_path / "lib" / "edge"

    door_key.load_or_make(folder)

    assert synced.in_order == [synced.file(path) for path in (tmp_path / "lib", tmp_path, folder / "door.key", folder)]
