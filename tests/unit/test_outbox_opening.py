"""What does a door make of an outbox that is damaged, gone, or an old copy? All that is legible is saved, and nothing is pretended."""

import errno
import io
import logging
import random
import re
import shutil
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from calltime_edge import high_mark, outbox_file
from calltime_edge.answers import Confirmed, NotStored
from calltime_edge.opening import Opened, open_outbox
from calltime_edge.outbox import Outbox, OutboxDamaged
from calltime_edge.readers.sightings import Card
from calltime_edge.rebuilding import rebuild
from calltime_edge.recording import shares
from calltime_edge.salvage import find
from calltime_wire import base64url, jws
from calltime_wire.ed25519 import Ed25519Signer, Ed25519Verifier
from calltime_wire.receipts import Receipt, SetAside
from calltime_wire.records import Boot
from calltime_wire.refusals import Reason
from fixtures.doors import DOOR, MORNING, DoorAtWork
from fixtures.outboxes import held, the_chain_of

RECORDS = 120
IN_THE_LOG = 20
"""So many of the newest records are in the log file only."""

Ruin = Callable[[Path], object]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as a power cut leaves it: most records in the database, the newest in its log."""
    folder, copy = tmp_path_factory.mktemp("door"), tmp_path_factory.mktemp("copy")
    door = DoorAtWork(folder, home="H7")
    door.agent.begin()
    for nth in range(RECORDS - 1):
        if nth == RECORDS - 1 - IN_THE_LOG:
            door.outbox._db.execute("PRAGMA wal_checkpoint(RESTART)")
        door.clock.wait(minutes=2)
        assert isinstance(door.sees(Card(uid=f"{nth % 4:08X}")), Confirmed)
    for file in folder.iterdir():
        shutil.copy(file, copy)
    door.outbox.close()
    return copy


@pytest.fixture
def folder(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "door"))


def opened(folder: Path) -> Opened:
    return open_outbox(folder / "outbox.sqlite", DOOR, now=MORNING)


def goes_on(folder: Path, found: Opened) -> list[Boot]:
    """The door starts with what was found, declares what it lost, and is tapped. Gives the boot records that declare it."""
    newest = found.outbox.newest()
    door = DoorAtWork(folder, home="H7", outbox=found.outbox)
    door.clock.restart(MORNING + timedelta(days=1))
    door.agent.begin(lost=found.lost)
    assert isinstance(door.sees(Card(uid="0000ABCD")), Confirmed)
    chain = the_chain_of(door.outbox)
    assert door.outbox.missing() == ()
    door.outbox.close()

    again = opened(folder)
    assert (again.lost, again.set_aside) == ((), None)
    again.outbox.close()
    return [record for record in chain if isinstance(record, Boot) and record.data.seq > newest]


def _flip(name: str, at: float) -> Ruin:
    def ruin(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[int(at * len(content))] ^= 0x10
        (folder / name).write_bytes(content)

    return ruin


def _overwrite(name: str, *, first: int, length: int) -> Ruin:
    def ruin(folder: Path) -> None:
        content = bytearray((folder / name).read_bytes())
        content[first : first + length] = random.Random(3).randbytes(length)
        (folder / name).write_bytes(content)

    return ruin


def _shorten(name: str, share: float) -> Ruin:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[: int(share * (folder / name).stat().st_size)])


def _both(*ruins: Ruin) -> Ruin:
    return lambda folder: [ruin(folder) for ruin in ruins]


DB, LOG = "outbox.sqlite", "outbox.sqlite-wal"
RUINS: dict[str, Ruin] = {
    "a letter instead of a database": lambda folder: (folder / DB).write_bytes(b"Dear Sir" * 5000),
    "the first page, and no log": _both(_overwrite(DB, first=0, length=4096), lambda folder: (folder / LOG).unlink()),
    "a page of records": _overwrite(DB, first=5 * 4096, length=4096),
    "many pages": _both(*(_overwrite(DB, first=page * 4096 + 700, length=900) for page in range(4, 20, 3))),
    "a bit in a record": _flip(DB, 0.5),
    "half of the file": _shorten(DB, 0.5),
    "all of the file": _shorten(DB, 0),
    "the file is deleted, its log is there": lambda folder: (folder / DB).unlink(),
    "the head of the log": _flip(LOG, 0),
    "the middle of the log": _overwrite(LOG, first=8 * 4120, length=10),
    "the log and the file": _both(_overwrite(LOG, first=5 * 4120, length=2000), _overwrite(DB, first=3 * 4096, length=3000)),
    "the file and the mark": _both(_overwrite(DB, first=0, length=9000), lambda folder: (folder / "outbox.mark").unlink()),
}


@pytest.mark.parametrize("ruin", RUINS.values(), ids=RUINS.keys())
def test_whatever_is_damaged_all_that_is_legible_is_kept_and_the_door_goes_on_and_says_what_is_gone(
    folder: Path, ruin: Ruin, caplog: pytest.LogCaptureFixture
) -> None:
    every = held(Outbox(shutil.copytree(folder, folder.parent / "undamaged") / DB))
    assert len(every) == RECORDS
    ruin(folder)
    left = b"".join(file.read_bytes() for file in sorted(folder.glob("outbox.sqlite*")) if not file.name.endswith("-shm"))
    legible = {seq: compact for seq, compact in every.items() if compact.encode() in left}

    found = opened(folder)

    assert held(found.outbox) == legible
    assert found.outbox.count_waiting() == len(legible)
    end = found.outbox.newest()
    assert max(legible, default=0) + 1000 <= end
    assert end >= 1000, "numbers that were reserved may have been used"
    gone = {number for first, last in found.lost for number in range(first, last + 1)}
    assert gone == set(range(1, end + 1)) - legible.keys()

    assert found.set_aside is not None
    assert found.set_aside.name == "outbox.damaged-20260407T080000Z.sqlite"
    assert any(file.name.startswith(found.set_aside.name) for file in folder.iterdir())
    [told] = [entry.getMessage() for entry in caplog.records if "were saved" in entry.getMessage()]
    assert told.startswith(
        f"{len(legible)} records were saved, the newest is number {max(legible, default=0)}. Gone, or sent long ago: numbers "
    )
    assert f"{max(legible, default=0) + 1} to {end}. " in told
    assert f"The damaged file is kept as {found.set_aside}." in told

    boots = goes_on(folder, found)
    assert boots[0].data.seq == end + 1
    assert boots[0].data.prev is None
    assert {number for boot in boots for first, last in boot.data.lost for number in range(first, last + 1)} == gone


def test_a_whole_outbox_is_opened_as_it_is(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = opened(folder)

    assert (found.lost, found.set_aside, caplog.messages) == ((), None, [])
    assert len(held(found.outbox)) == RECORDS
    [boot] = goes_on(folder, found)
    assert boot.data.seq == RECORDS + 1
    assert boot.data.lost == ()


def test_a_first_start_has_lost_nothing(tmp_path: Path) -> None:
    found = opened(tmp_path)

    assert (found.lost, found.set_aside, found.outbox.newest()) == ((), None, 0)
    [boot] = goes_on(tmp_path, found)
    assert (boot.data.seq, boot.data.prev) == (1, None)


def test_an_outbox_that_was_deleted_is_a_loss_and_its_numbers_are_not_used_again(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    for file in folder.glob("outbox.sqlite*"):
        file.unlink()

    found = opened(folder)

    assert (found.lost, found.set_aside) == (((1, 1000),), None)
    assert "There is no damaged file: it was deleted." in caplog.text
    [boot] = goes_on(folder, found)
    assert (boot.data.seq, boot.data.prev, boot.data.lost) == (1001, None, ((1, 1000),))


def test_an_old_copy_of_more_than_a_thousand_records_ago_uses_no_number_twice(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    found = opened(tmp_path)
    door = DoorAtWork(tmp_path, home="H7", outbox=found.outbox)
    door.agent.begin()
    door.outbox.close()
    old = (tmp_path / DB).read_bytes()
    high_mark.write(tmp_path / "outbox.mark", 3000)  # as after 2,000 more
    (tmp_path / DB).write_bytes(old)

    found = opened(tmp_path)

    assert (found.lost, found.set_aside) == (((2, 3000),), None)
    assert "an old copy was put back" in caplog.text
    [boot] = goes_on(tmp_path, found)
    assert (boot.data.seq, boot.data.prev) == (3001, None)


def test_a_younger_copy_is_seen_by_the_first_receipt_and_from_then_on_nothing_is_confirmed_under_a_used_number(
    folder: Path, tmp_path: Path
) -> None:
    old = {name: (folder / name).read_bytes() for name in (DB, LOG)}
    door = DoorAtWork(folder, home="H7", outbox=opened(folder).outbox)
    door.clock.restart(MORNING + timedelta(days=1))
    door.agent.begin()
    for nth in range(300):
        door.sees(Card(uid=f"{nth:08X}"))
    newest = door.outbox.newest()
    at_the_office = Receipt(device=DOOR.device, through=newest, digest=base64url.encode(jws.digest(held(door.outbox)[newest])))
    door.outbox.close()
    for name, content in old.items():
        (folder / name).write_bytes(content)
    (folder / "outbox.sqlite-shm").unlink(missing_ok=True)

    door = DoorAtWork(folder, home="H7", outbox=opened(folder).outbox)
    door.clock.restart(MORNING + timedelta(days=2))
    door.agent.begin()
    with pytest.raises(OutboxDamaged, match=f"the office holds record {newest} of this door, and here the newest is {RECORDS + 1}"):
        door.outbox.take_receipt(at_the_office)
    assert isinstance(door.sees(Card(uid="AA")), NotStored)
    door.outbox.close()

    found = opened(folder)
    end = found.outbox.newest()
    assert end > newest
    assert found.lost == ((RECORDS + 2, end),)
    assert held(found.outbox).keys() == set(range(1, RECORDS + 2))
    goes_on(folder, found)
    again = Outbox(folder / DB)
    assert again.take_receipt(at_the_office).value == "agreed"
    again.close()


def test_a_page_that_the_disk_did_not_write_is_seen_at_the_start_and_the_records_on_it_are_declared_lost(tmp_path: Path) -> None:
    door = DoorAtWork(tmp_path / "door", home="H7")
    door.agent.begin()
    pages = []
    for nth in range(60):
        door.clock.wait(minutes=2)
        door.sees(Card(uid=f"{nth:08X}"))
        if nth in {20, 59}:
            door.outbox._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            pages.append((tmp_path / "door" / DB).read_bytes())
    door.outbox.close()
    before, after = ([whole[at : at + 4096] for at in range(0, len(whole), 4096)] for whole in pages)
    leaf = b"\x0d"  # so begins a page that holds rows
    stale = [nth for nth, page in enumerate(before) if page[:1] == after[nth][:1] == leaf and page != after[nth]]
    assert stale, "no page of records was written to after the copy was made"

    for nth in stale:
        folder = tmp_path / f"page {nth}"
        shutil.copytree(tmp_path / "door", folder)
        (folder / DB).write_bytes(b"".join([*after[:nth], before[nth], *after[nth + 1 :]]))

        found = opened(folder)

        assert found.set_aside is not None
        saved = held(found.outbox).keys()
        assert 0 < len(saved) < 61
        assert {seq for first, last in found.lost for seq in range(first, last + 1)} == set(range(1, found.outbox.newest() + 1)) - saved
        assert [seq for seq, _ in found.outbox.waiting(after=0, at_most=100)] == sorted(saved)
        goes_on(folder, found)


def test_records_of_a_file_too_big_to_read_whole_that_are_gone_are_seen_among_the_newest(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox_file, "READ_WHOLE_UP_TO", 0)
    monkeypatch.setattr(outbox_file, "NEWEST", 30)
    with sqlite3.connect(folder / DB) as db:
        db.execute("DELETE FROM record WHERE seq = 5")
    db.close()
    far_back = opened(folder)
    assert far_back.set_aside is None
    far_back.outbox.close()

    with sqlite3.connect(folder / DB) as db:
        db.execute("DELETE FROM record WHERE seq = ?", (RECORDS - 10,))
    db.close()
    near = opened(folder)
    assert near.set_aside is not None
    near.outbox.close()


class _WornOut(io.FileIO):
    """A file with sectors that the disk cannot read: what is before them comes, and then an error."""

    bad = range(0)

    def read(self, size: int | None = -1) -> bytes:
        at = self.tell()
        if at in self.bad:
            raise OSError(errno.EIO, "Input/output error")
        return super().read(self.bad.start - at if at < self.bad.start else size) or b""


def test_a_log_with_sectors_that_cannot_be_read_at_any_start_costs_what_is_on_them_and_stops_no_door(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    well = Outbox(shutil.copytree(folder, folder.parent / "well") / DB)
    every = held(well)
    well.close()
    content = (folder / LOG).read_bytes()
    sector = content.rindex(every[RECORDS].encode()) // 4096 * 4096
    bad = range(sector, sector + 2 * 4096)
    left = (folder / DB).read_bytes() + content[: bad.start] + bytes(len(bad)) + content[bad.stop :]
    legible = {seq for seq, compact in every.items() if compact.encode() in left}
    assert RECORDS - IN_THE_LOG < len(legible) < RECORDS
    monkeypatch.setattr(_WornOut, "bad", bad)
    file, as_it_was = (folder / LOG).stat().st_ino, Path.open

    def open_worn_out(path: Path, mode: str = "r", **more: Any) -> Any:
        worn = path.exists() and path.stat().st_ino == file
        return _WornOut(path, mode.replace("b", "")) if worn else as_it_was(path, mode, **more)

    monkeypatch.setattr(Path, "open", open_worn_out)

    found = opened(folder)

    assert found.set_aside is not None
    assert held(found.outbox).keys() == legible
    goes_on(folder, found)


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="a file that opens and cannot be read is needed")
def test_a_mark_that_the_disk_cannot_read_is_no_mark(folder: Path) -> None:
    (folder / "outbox.mark").unlink()
    (folder / "outbox.mark").symlink_to("/proc/self/mem")

    found = opened(folder)

    assert (found.lost, found.set_aside) == ((), None)
    goes_on(folder, found)
    assert high_mark.read(folder / "outbox.mark") == RECORDS + 1000


def test_a_loss_whose_declaration_was_set_aside_is_declared_again_at_the_next_start(folder: Path) -> None:
    (folder / DB).write_bytes(b"Dear Sir" * 5000)
    found = opened(folder)
    lost = found.lost
    door = DoorAtWork(folder, home="H7", outbox=found.outbox)
    door.agent.begin(lost=lost)
    assert door.outbox.missing() == ()
    newest = door.outbox.newest()
    digest = base64url.encode(jws.digest(held(door.outbox)[newest]))
    aside = SetAside(digest=digest, seq=newest, reason=Reason.TIME_OUT_OF_RANGE)
    told = Receipt(device=DOOR.device, through=0, digest=None, quarantined=(aside,))

    door.outbox.take_receipt(told)
    door.outbox.close()
    again = opened(folder)

    assert again.lost == lost
    [boot] = goes_on(folder, again)
    assert boot.data.lost == lost
    door = DoorAtWork(folder, home="H7", outbox=opened(folder).outbox)
    door.outbox.take_receipt(told)  # it comes with every receipt, and the loss is declared now
    assert door.outbox.missing() == ()
    door.outbox.close()


@pytest.mark.parametrize("written", ["", "1000", "1000 1001\n", "-5 -5\n", "many many\n", "\udcff"], ids=repr)
def test_a_mark_that_is_damaged_is_no_mark(tmp_path: Path, written: str) -> None:
    (tmp_path / "outbox.mark").write_bytes(written.encode("utf-8", "surrogateescape"))

    assert high_mark.read(tmp_path / "outbox.mark") == 0


def test_records_of_another_door_are_not_taken_for_its_own(folder: Path) -> None:
    found = open_outbox(folder / DB, Ed25519Signer(bytes(32)), now=MORNING)

    assert held(found.outbox) == {}
    assert found.set_aside is not None
    found.outbox.close()


def test_damage_that_shows_at_work_is_not_confirmed_over_and_is_mended_at_the_next_start(folder: Path) -> None:
    found = opened(folder)
    door = DoorAtWork(folder, home="H7", outbox=found.outbox)
    door.agent.begin()
    door.outbox._db.execute("UPDATE record SET jws = replace(jws, 'A', 'B') WHERE seq = 7")

    with pytest.raises(OutboxDamaged, match="record 7 is not what was written"):
        door.outbox.waiting(after=0, at_most=10)

    assert isinstance(door.sees(Card(uid="AA")), NotStored)
    assert isinstance(door.outbox.damage, OutboxDamaged)
    door.outbox.close()

    found = opened(folder)
    assert found.set_aside is not None
    assert held(found.outbox).keys() == set(range(1, RECORDS + 2)) - {7}
    goes_on(folder, found)


def test_who_only_looks_leaves_the_files_as_they_are(folder: Path) -> None:
    _overwrite(LOG, first=5 * 4120, length=2000)(folder)
    before = {name: (folder / name).read_bytes() for name in (DB, LOG)}

    looking = Outbox(folder / DB, look_only=True)
    assert 0 < len(looking.log(1000)) < RECORDS
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        looking.give_up(9999)
    looking.close()

    assert {name: (folder / name).read_bytes() for name in (DB, LOG)} == before


def test_a_second_damage_sets_nothing_aside_over_the_first(folder: Path) -> None:
    kept = set()
    for _ in range(3):
        (folder / DB).write_bytes(b"Dear Sir" * 5000)
        found = opened(folder)
        assert found.set_aside is not None
        kept.add(found.set_aside)
        goes_on(folder, found)

    assert {path.read_bytes()[:8] for path in kept} == {b"Dear Sir"}
    assert len(kept) == 3


def test_more_losses_than_a_boot_record_holds_are_declared_by_several(folder: Path) -> None:
    found = opened(folder)
    spared = {seq: compact for seq, compact in held(found.outbox).items() if seq % 2}  # every second record is gone
    found.outbox.close()
    (folder / DB).write_text("\n".join(spared.values()))

    found = opened(folder)

    assert len(found.lost) == RECORDS // 2
    many = tuple((first, first) for first in range(2, 400, 2))
    assert [share[-1][1] for share in shares(many)] == [398, 270, 142, 14]
    goes_on(folder, found)


def test_of_two_records_with_one_number_the_one_stays_that_the_next_one_follows(tmp_path: Path) -> None:
    door = DoorAtWork(tmp_path / "a", home="H7")
    door.agent.begin()
    for uid in ("AA", "BB"):
        door.sees(Card(uid=uid))
    true = held(door.outbox)
    door.outbox.close()
    rival = DoorAtWork(tmp_path / "b", home="H7")
    rival.clock.wait(hours=1)
    rival.agent.begin()
    untold = held(rival.outbox)[1]
    rival.outbox.close()
    (tmp_path / "bytes").write_text(" ".join([true[1], untold, true[2], true[3]]))

    saved = rebuild(tmp_path / "new.sqlite", find(tmp_path / "bytes", DOOR), Ed25519Verifier(DOOR.public_key), used=0)

    assert (saved.records, saved.newest) == (3, 3)
    outbox = Outbox(tmp_path / "new.sqlite")
    assert held(outbox) == true
    outbox.close()


def test_the_office_may_have_what_the_door_lost(folder: Path) -> None:
    """A receipt for a number in the gap is agreed with: there is nothing to compare it by."""
    for file in folder.glob("outbox.sqlite*"):
        file.unlink()
    found = opened(folder)
    door = DoorAtWork(folder, home="H7", outbox=found.outbox)
    door.agent.begin(lost=found.lost)
    door.sees(Card(uid="AA"))
    before = Receipt(device=DOOR.device, through=RECORDS, digest=base64url.encode(bytes(32)), also=((1001, 1001),))

    assert door.outbox.take_receipt(before).value == "agreed"
    assert door.outbox.count_waiting() == 1

    digest = base64url.encode(jws.digest(held(door.outbox)[1002]))
    assert door.outbox.take_receipt(Receipt(device=DOOR.device, through=1002, digest=digest)).value == "agreed"
    assert door.outbox.count_waiting() == 0
    assert isinstance(door.sees(Card(uid="BB")), Confirmed)
    door.outbox.close()


def test_a_file_laid_out_by_a_program_that_is_not_known_is_saved_like_a_damaged_one(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    with sqlite3.connect(folder / DB) as db:
        db.execute("PRAGMA user_version = 77")
    db.close()
    caplog.set_level(logging.ERROR)

    found = opened(folder)

    assert re.search(r"is laid out in a way \(number 77\) that this program does not know", caplog.text)
    assert len(held(found.outbox)) == RECORDS
    found.outbox.close()
