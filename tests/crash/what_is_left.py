"""Is everything there that was promised? Asked of what a power cut, a kill or a failing disk has left."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from calltime_edge import high_mark, outbox
from calltime_edge.answers import Confirmed
from calltime_edge.outbox import Outbox
from calltime_wire import base64url, jws
from calltime_wire.records import Tap
from crash.door_on_a_watched_disk import Door
from fixtures.outboxes import held, the_chain_of


@dataclass(slots=True)
class Promised:
    """What carers were told, and up to where the office has said that it has it."""

    digests: dict[int, str] = field(default_factory=dict)
    receipted: int = 0

    def hear(self, lines: Iterable[str]) -> None:
        for line in lines:
            what, number, digest = line.split()
            if what == "confirmed":
                self.digests[int(number)] = digest
            elif what == "receipted":
                self.receipted = max(self.receipted, int(number))


def judge(folder: Path, promised: Promised) -> Door:
    """Open what is left as a door does. Every promise is kept, nothing is half, and the door goes on."""
    assert high_mark.read(folder / "outbox.mark") >= max(promised.digests, default=0), "a number was used that was not reserved"
    door = Door(folder, day=3)
    assert door.opened.set_aside is None, "a power cut is no damage"
    assert door.opened.lost == ()
    _check_promises(door.outbox, promised)
    chain = the_chain_of(door.outbox)
    first = chain[0].data.seq if chain else 0
    assert [record.data.seq for record in chain] == list(range(first, first + len(chain)))
    remembered = [record for record in chain[-outbox.KEPT_FOR_THE_LOG :] if isinstance(record, Tap)]
    for latest in {tap.data.carer.ref: tap for tap in remembered}.values():
        move = door.outbox.last_tap(latest.data.carer.ref, "H7")
        assert move is not None
        assert (move.action, move.up_ms, move.boot) == (latest.data.action, latest.data.clock.up_ms, latest.data.clock.boot)
    newest = door.outbox.newest()
    door.begin()
    answer = door.tap(1)
    assert isinstance(answer, Confirmed), answer
    assert answer.seq == newest + 2
    the_chain_of(door.outbox)
    return door


def _check_promises(box: Outbox, promised: Promised) -> None:
    left = {seq: (state, base64url.encode(jws.digest(compact))) for seq, state, compact in box.log(10_000)}
    for seq, digest in promised.digests.items():
        if seq in left:
            assert left[seq][1] == digest, f"record {seq} is another one than was confirmed"
            assert left[seq][0] != "stored" or seq <= promised.receipted
        else:
            assert seq <= promised.receipted, f"record {seq} was confirmed and is gone"


def judge_what_was_saved(folder: Path, legible: dict[int, str], used: int) -> Door:
    """Open what is left while a damaged outbox was being saved. All that was legible is there, and no number is used again."""
    door = Door(folder, day=3)
    left = held(door.outbox)
    assert legible.items() <= left.items()
    newest = door.outbox.newest()
    assert newest >= used
    door.begin()
    assert isinstance(door.tap(1), Confirmed)
    the_chain_of(door.outbox)
    assert door.outbox.missing() == ()
    return door
