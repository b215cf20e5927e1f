"""Does a chain come out whole, in whatever order and however often its records arrive?"""

from hypothesis import given
from hypothesis import strategies as some

from calltime_wire import base64url, chain, jws, records
from calltime_wire.chain import Link
from calltime_wire.records import Boot
from calltime_wire.refusals import Reason
from fixtures.wire_records import DOOR, boot

LENGTH = 8
Linked = tuple[Boot, Link]


def a_chain(first: str | None = None, start: int = 1, lost: tuple[tuple[int, int], ...] = ()) -> list[Linked]:
    """Make records that follow each other; the first of them declares the loss."""
    made: list[Linked] = []
    prev = first
    for seq in range(start, start + LENGTH if lost else LENGTH + 1):
        record = boot(seq, prev, lost=() if made else lost)
        digest = jws.digest(records.encode(record, DOOR))
        made.append((record, chain.link(record, digest)))
        prev = base64url.encode(digest)
    return made


CHAIN = a_chain()
FOREIGN = a_chain("A" * 43, start=2)
"""A second chain from 2 on: no record of it follows, or is followed by, one of the first."""
AFTER = a_chain(start=LENGTH + 1, lost=((3, LENGTH),))
"""How the door of the first chain goes on after it lost all but two of its records."""


@given(some.lists(some.integers(0, LENGTH - 1), max_size=30), some.permutations(range(LENGTH)))
def test_every_record_is_stored_once(some_again: list[int], order: list[int]) -> None:
    stored: dict[int, Link] = {}
    new = 0
    for index in [*some_again, *order]:
        record, own = CHAIN[index]
        assert chain.check(record, own, stored) is None
        new += record.data.seq not in stored
        stored[record.data.seq] = own

    assert new == LENGTH
    assert stored == {record.data.seq: own for record, own in CHAIN}


@given(some.permutations([*CHAIN, *AFTER]))
def test_what_was_declared_lost_is_taken_before_and_after_it_was(arrivals: list[Linked]) -> None:
    stored: dict[int, Link] = {}
    for record, own in arrivals:
        assert chain.check(record, own, stored) is None
        stored[record.data.seq] = own

    assert len(stored) == 2 * LENGTH


@given(some.permutations([*CHAIN, *FOREIGN]))
def test_two_chains_are_never_mixed_between_neighbours(arrivals: list[Linked]) -> None:
    stored: dict[int, Link] = {}
    for record, own in arrivals:
        refused = chain.check(record, own, stored)
        if refused is None:
            stored[record.data.seq] = own
        else:
            assert refused.reason is (Reason.FORK if record.data.seq in stored else Reason.CHAIN_BROKEN)

    for seq, own in stored.items():
        assert seq + 1 not in stored or stored[seq + 1].prev == own.digest
