"""What does the outbox keep, what may it forget, and on whose word?"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from calltime_edge import high_mark, outbox_receipts
from calltime_edge import outbox as the_outbox
from calltime_edge.answers import Confirmed, NotStored
from calltime_edge.outbox import KEPT_FOR_THE_LOG, Agreement, Move, Outbox, OutboxDamaged
from calltime_edge.readers.sightings import Card
from calltime_wire import base64url, jws
from calltime_wire.receipts import Receipt, SetAside
from calltime_wire.refusals import Reason
from fixtures.doors import DOOR, MORNING, DoorAtWork

ANOTHER = base64url.encode(bytes(32))


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    box = Outbox(tmp_path / "outbox.sqlite")
    yield box
    box.close()


def simple(seq: int, prev: str | None) -> str:
    """Not a whole record: the outbox looks at the digest only."""
    return jws.sign(f'{{"seq":{seq},"prev":"{prev}"}}'.encode(), DOOR)


def fill(outbox: Outbox, count: int, make: Callable[[int, str | None], str] = simple) -> None:
    for _ in range(count):
        outbox.add(make)


def digests(outbox: Outbox) -> dict[int, str]:
    return {seq: base64url.encode(jws.digest(compact)) for seq, _, compact in outbox.log(at_most=1_000_000)}


def states(outbox: Outbox) -> list[str]:
    """The state of each record, oldest first."""
    return [state for _, state, _ in reversed(outbox.log(at_most=1_000_000))]


def receipt(
    outbox: Outbox,
    through: int,
    *,
    also: tuple[tuple[int, int], ...] = (),
    quarantined: tuple[SetAside, ...] = (),
    digest: str | None = None,
) -> Receipt:
    """A receipt; the digest of `through` is ours unless another is given."""
    proof = digest or (digests(outbox)[through] if through else None)
    return Receipt(device=DOOR.device, through=through, digest=proof, also=also, quarantined=quarantined)


def test_records_are_numbered_without_gaps_and_each_names_the_one_before(outbox: Outbox) -> None:
    asked: list[tuple[int, str | None]] = []

    def make(seq: int, prev: str | None) -> str:
        asked.append((seq, prev))
        return simple(seq, prev)

    assert [outbox.add(make) for _ in range(3)] == [1, 2, 3]
    ours = digests(outbox)
    assert asked == [(1, None), (2, ours[1]), (3, ours[2])]


def test_the_chain_goes_on_after_the_file_was_closed_and_opened(tmp_path: Path) -> None:
    first = Outbox(tmp_path / "outbox.sqlite")
    fill(first, 2)
    before = first.log(10)
    first.close()

    again = Outbox(tmp_path / "outbox.sqlite")
    assert again.log(10) == before
    assert again.add(simple) == 3
    again.close()


def test_what_a_carer_did_last_is_known_after_a_restart(tmp_path: Path) -> None:
    door = DoorAtWork(tmp_path, home="H7")
    door.agent.begin()
    door.sees(Card(uid="AA"))
    door.sees(Card(uid="BB"))
    door.clock.wait(minutes=30)
    door.sees(Card(uid="AA"))
    before = {uid: door.outbox.last_tap(uid, "H7") for uid in ("AA", "BB", "CC")}
    door.outbox.close()

    again = Outbox(tmp_path / "outbox.sqlite")

    assert {uid: again.last_tap(uid, "H7") for uid in ("AA", "BB", "CC")} == before
    assert [move and move.action for move in before.values()] == ["stop", "start", None]
    again.close()


def test_a_record_that_cannot_be_made_leaves_no_gap(outbox: Outbox) -> None:
    def fail(seq: int, prev: str | None) -> str:
        raise ValueError("no such record")

    with pytest.raises(ValueError, match="no such record"):
        outbox.add(fail)

    assert outbox.add(simple) == 1


def test_a_receipt_with_the_right_digest_covers_everything_through_it(outbox: Outbox) -> None:
    fill(outbox, 5)

    assert outbox.take_receipt(receipt(outbox, 3)) is Agreement.AGREED
    assert [seq for seq, _ in outbox.waiting(after=0, at_most=10)] == [4, 5]
    assert outbox.count_waiting() == 2


def test_a_receipt_with_a_wrong_digest_is_a_fork_and_nothing_is_forgotten(outbox: Outbox) -> None:
    fill(outbox, 5)
    ours = digests(outbox)
    everything = receipt(outbox, 3, digest=ANOTHER, also=((5, 5),), quarantined=(SetAside(digest=ours[4], seq=4, reason=Reason.FORK),))

    assert outbox.take_receipt(everything) is Agreement.FORKED
    assert states(outbox) == ["waiting"] * 5


def test_a_record_that_waits_and_is_gone_is_not_passed_over(outbox: Outbox) -> None:
    fill(outbox, 9)
    outbox.take_receipt(receipt(outbox, 2, also=((4, 5),)))
    outbox._db.execute("DELETE FROM record WHERE seq IN (1, 4, 8)")

    assert [seq for seq, _ in outbox.waiting(after=0, at_most=3)] == [3, 6, 7]
    with pytest.raises(OutboxDamaged, match="record 8 waits to be sent, and is gone"):
        outbox.waiting(after=0, at_most=4)


@pytest.mark.parametrize(("through", "also"), [(6, ()), (5000, ()), (2, ((4, 6),))])
def test_a_receipt_beyond_our_newest_record_shows_that_the_memory_was_set_back(
    tmp_path: Path, outbox: Outbox, through: int, also: tuple[tuple[int, int], ...]
) -> None:
    fill(outbox, 5)
    told = receipt(outbox, through, digest=ANOTHER if through > 5 else None, also=also)

    with pytest.raises(OutboxDamaged, match=f"the office holds record {max(through, 6)} of this door, and here the newest is 5"):
        outbox.take_receipt(told)

    with pytest.raises(OutboxDamaged):
        outbox.add(simple)
    assert (tmp_path / "outbox.suspect").exists()
    assert high_mark.read(tmp_path / "outbox.mark") >= max(through, 6)


def test_an_empty_outbox_knows_as_well_that_it_was_set_back(outbox: Outbox) -> None:
    with pytest.raises(OutboxDamaged, match="here the newest is 0"):
        outbox.take_receipt(receipt(outbox, 1, digest=ANOTHER))


def test_an_old_receipt_that_comes_late_changes_nothing(outbox: Outbox) -> None:
    fill(outbox, 5)
    old = receipt(outbox, 2)
    outbox.take_receipt(receipt(outbox, 4))

    assert outbox.take_receipt(old) is Agreement.AGREED
    assert states(outbox) == ["stored"] * 4 + ["waiting"]


def test_what_is_stored_beyond_a_gap_is_not_sent_again_and_not_forgotten(outbox: Outbox) -> None:
    fill(outbox, 6)

    assert outbox.take_receipt(receipt(outbox, 1, also=((3, 4), (6, 6)))) is Agreement.AGREED
    assert states(outbox) == ["stored", "waiting", "beyond a gap", "beyond a gap", "waiting", "beyond a gap"]
    assert [seq for seq, _ in outbox.waiting(after=0, at_most=10)] == [2, 5]


def test_a_gap_that_is_closed_makes_what_was_beyond_it_stored(outbox: Outbox) -> None:
    fill(outbox, 4)
    outbox.take_receipt(receipt(outbox, 1, also=((3, 4),)))
    outbox.take_receipt(receipt(outbox, 4))

    assert states(outbox) == ["stored"] * 4


def test_what_is_in_quarantine_is_not_sent_again_and_not_forgotten(outbox: Outbox) -> None:
    fill(outbox, 3)
    aside = SetAside(digest=digests(outbox)[2], seq=2, reason=Reason.UNKNOWN_DOOR)

    assert outbox.take_receipt(receipt(outbox, 0, quarantined=(aside,))) is Agreement.AGREED
    assert states(outbox) == ["waiting", "quarantined", "waiting"]


def test_a_record_whose_number_the_office_could_not_read_is_known_by_its_digest(outbox: Outbox) -> None:
    fill(outbox, 3)
    aside = SetAside(digest=digests(outbox)[2], seq=None, reason=Reason.MALFORMED)

    outbox.take_receipt(receipt(outbox, 0, quarantined=(aside,)))

    assert states(outbox) == ["waiting", "quarantined", "waiting"]


def test_what_is_in_quarantine_stays_there_until_it_is_stored(outbox: Outbox) -> None:
    fill(outbox, 4)
    aside = SetAside(digest=digests(outbox)[2], seq=2, reason=Reason.UNKNOWN_DOOR)
    outbox.take_receipt(receipt(outbox, 0, quarantined=(aside,)))

    outbox.take_receipt(receipt(outbox, 1, also=((2, 3),)))
    assert states(outbox) == ["stored", "quarantined", "beyond a gap", "waiting"]

    outbox.take_receipt(receipt(outbox, 3))
    assert states(outbox) == ["stored"] * 3 + ["waiting"]


def test_what_is_counted_is_what_waits(outbox: Outbox) -> None:
    fill(outbox, 9)
    aside = SetAside(digest=digests(outbox)[8], seq=8, reason=Reason.FORK)
    outbox.take_receipt(receipt(outbox, 2, also=((4, 5),), quarantined=(aside,)))

    assert [seq for seq, _ in outbox.waiting(after=0, at_most=10)] == [3, 6, 7, 9]
    assert [seq for seq, _ in outbox.waiting(after=3, at_most=2)] == [6, 7]
    assert outbox.waiting(after=0, at_most=0) == outbox.waiting(after=0, at_most=-1) == []
    assert [outbox.count_waiting(through=seq) for seq in range(1, 12)] == [0, 0, 1, 1, 1, 2, 3, 3, 4, 4, 4]
    assert outbox.count_waiting() == 4


def test_a_stranger_in_quarantine_with_our_number_does_not_stop_our_record(outbox: Outbox) -> None:
    fill(outbox, 3)
    stranger = SetAside(digest=ANOTHER, seq=2, reason=Reason.BAD_SIGNATURE)

    outbox.take_receipt(receipt(outbox, 0, quarantined=(stranger,)))

    assert states(outbox) == ["waiting"] * 3


def test_a_thousand_stored_records_are_kept_for_the_log(outbox: Outbox) -> None:
    assert KEPT_FOR_THE_LOG == 1000
    fill(outbox, 1100)
    early = receipt(outbox, 5)
    outbox.take_receipt(receipt(outbox, 1098))

    assert list(reversed([seq for seq, _, _ in outbox.log(at_most=2000)])) == list(range(99, 1101))
    assert outbox.take_receipt(early) is Agreement.AGREED  # it was compared while record 5 was still here
    assert outbox.add(simple) == 1101


def test_a_few_more_are_kept_until_it_is_worth_a_page_to_forget_them(outbox: Outbox) -> None:
    fill(outbox, 1063)
    outbox.take_receipt(receipt(outbox, 1063))
    assert len(states(outbox)) == 1063

    fill(outbox, 1)
    outbox.take_receipt(receipt(outbox, 1064))
    assert len(states(outbox)) == 1000


def test_what_is_not_stored_is_kept_however_old_it_is(outbox: Outbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(the_outbox, "KEPT_FOR_THE_LOG", 1)
    monkeypatch.setattr(outbox_receipts, "FORGOTTEN_AT_ONCE", (1, 1))
    fill(outbox, 5)
    outbox.take_receipt(receipt(outbox, 0, also=((2, 5),)))

    assert states(outbox) == ["waiting", *["beyond a gap"] * 4]


def test_a_full_disk_confirms_nothing_leaves_nothing_behind_and_the_next_tap_is_kept(tmp_path: Path) -> None:
    door = DoorAtWork(tmp_path, home="H7")
    door.agent.begin()
    pages = door.outbox._db.execute("PRAGMA page_count").fetchone()[0]
    door.outbox._db.execute(f"PRAGMA max_page_count = {pages}")
    confirmed = 0
    while isinstance(answer := door.sees(Card(uid=f"{confirmed:08X}")), Confirmed):
        confirmed += 1

    assert isinstance(answer, NotStored)
    assert answer.because == "database or disk is full"
    assert door.outbox.count_waiting() == door.nudges == 1 + confirmed  # the boot, and every tap that was confirmed
    assert door.outbox.last_tap(f"{confirmed:08X}", "H7") is None

    door.outbox._db.execute("PRAGMA max_page_count = 1000000")
    again = door.sees(Card(uid=f"{confirmed:08X}"))
    assert isinstance(again, Confirmed)
    assert (again.seq, again.action) == (confirmed + 2, "start")
    door.outbox.close()


def test_on_a_nearly_full_disk_a_tap_is_refused_and_a_power_up_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    door = DoorAtWork(tmp_path, home="H7")
    monkeypatch.setattr(the_outbox, "RESERVE", 2**60)

    door.agent.begin()
    answer = door.sees(Card(uid="AA"))

    assert isinstance(answer, NotStored)
    assert "MiB are free on the disk of" in answer.because
    assert answer.because.endswith("make room, or bring the door online")
    assert door.outbox.count_waiting() == 1
    door.outbox.close()


def test_an_outbox_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite"
    path.write_bytes(b"this is a letter" * 1000)

    with pytest.raises(OutboxDamaged, match="not a database"):
        Outbox(path)


def test_the_last_tap_is_the_last_of_this_carer_at_this_home(outbox: Outbox) -> None:
    def tap(carer: str, place: str, minutes: int) -> Move:
        move = Move(carer=carer, place=place, action="start", at=MORNING + timedelta(minutes=minutes), boot="a", up_ms=minutes)
        outbox.add(simple, move)
        return move

    tap("C1", "H1", 0)
    latest = tap("C1", "H1", 5)
    tap("C1", "H2", 6)
    tap("C2", "H1", 7)

    assert outbox.last_tap("C1", "H1") == latest
    assert outbox.last_tap("C3", "H1") is None
