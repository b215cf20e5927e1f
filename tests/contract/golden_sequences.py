"""What must a gateway decide about the records of one door, in the order in which they arrive?"""

from __future__ import annotations

from collections.abc import Iterator

from contract.golden_doors import PHONE, compact, digest_of, enrolled
from contract.golden_records import ARRIVED, Fields, boot, chain, changed, tap

A = chain(PHONE, 5)
"""The door's true records, 1 to 5."""
B = chain(PHONE, 5, minute=20)
"""What a copy of its key would say: the same numbers, other records, a chain that is good in itself."""


def sequences() -> Iterator[tuple[str, Fields]]:
    """Name and content of each file."""
    yield "in-order", _arriving("Each record follows the one before.", *_stored(A))
    again = [(A[0], "known"), (A[2], "known")]
    yield "redelivered", _arriving("A record that comes again is the same record.", *_stored(A[:3]), *again, *_stored(A[3:]))
    yield (
        "out-of-order",
        _arriving("Several gateways, or a door that began again: any order will do.", *_stored([A[3], A[0], A[4], A[2], A[1]])),
    )
    yield "backwards", _arriving("The last record comes first.", *_stored(A[::-1]))
    yield "gap", _arriving("The record 3 never comes; what is beyond the gap is stored.", *_stored([*A[:2], *A[3:]]))
    yield (
        "fork",
        _arriving("Two devices hold the same key: the first to be stored stays.", *_stored(A[:3]), (B[2], "fork"), (A[3], "stored")),
    )
    yield "fork-of-the-first-record", _arriving("The memory of the door was set back to nothing.", *_stored(A[:2]), (B[0], "fork"))
    again = [(B[2], "fork"), (A[2], "known"), (B[2], "fork")]
    yield "fork-that-comes-again", _arriving("A fork stays a fork; the stored record stays known.", *_stored(A[:3]), *again)
    yield (
        "names-another-before",
        _arriving("A record of the other chain cannot go on with this one.", *_stored(A[:2]), (B[2], "chain broken")),
    )
    late = [(A[0], "stored"), (A[2], "stored"), (B[1], "chain broken"), (A[1], "stored")]
    yield "successor-names-another", _arriving("The record after it is stored already, and follows another one.", *late)
    between = [(A[0], "stored"), (B[2], "stored"), (A[1], "chain broken"), (B[1], "chain broken")]
    yield "neighbours-of-two-chains", _arriving("Nothing fits between records of two chains, so nothing is stored there.", *between)
    yield from _first_records()
    yield from _losses()


def _first_records() -> Iterator[tuple[str, Fields]]:
    named = compact(_with_prev(1, digest_of(A[4])), PHONE)
    yield "first-names-a-record", _arriving("There is none before the first.", (named, "chain broken"), (A[0], "stored"))
    silent = compact(_with_prev(2, None), PHONE)
    yield "later-names-none", _arriving("Only the first record names none before it.", (silent, "chain broken"), (A[1], "stored"))


def _losses() -> Iterator[tuple[str, Fields]]:
    told = "The door's memory is gone from 3 on; it says so, names no record before, and goes on."
    after = [_lossy(6, [[3, 5]], None)]
    after.append(compact(tap(PHONE, seq=7, prev=digest_of(after[0])), PHONE))
    yield "lost", _arriving(told, *_stored([*A[:2], *after]), through=7)
    first = "A loss is believed whenever it is heard of; before 1 and 2 have come it closes no gap."
    yield "lost-and-told-first", _arriving(first, *_stored([*after, A[1], A[0]]), through=7)
    late = "What was declared lost had been under way, and is welcome."
    yield "lost-and-still-come", _arriving(late, *_stored([*A[:2], *after, A[3], A[2], A[4]]), through=7)
    held = "The office had what the door has lost, and there is no link between the two to check."
    yield "lost-and-stored-before", _arriving(held, *_stored([*A, *after]), through=7)
    known = "The door still knows the digest of the record that it lost: then the link is checked."
    links = [(_lossy(6, [[3, 5]], digest_of(B[4])), "chain broken"), (_lossy(6, [[3, 5]], digest_of(A[4])), "stored")]
    yield "lost-and-still-named", _arriving(known, *_stored(A), *links, through=6)
    gaps = "A loss closes only the numbers that it names: 1 and 4 have not come yet."
    yield "lost-with-gaps-between", _arriving(gaps, (_lossy(8, [[2, 3], [5, 7]], None), "stored"), through=0)
    other = "Who names no record before must have lost the number just before."
    yield "lost-but-not-the-one-before", _arriving(other, (_lossy(6, [[2, 4]], None), "chain broken"), *_stored(A[:1]), through=1)
    fork = "A number that is stored stays, whatever is declared lost with it."
    yield "lost-under-a-number-in-use", _arriving(fork, *_stored(A[:4]), (_lossy(4, [[1, 3]], None), "fork"), through=4)


def _lossy(seq: int, lost: list[list[int]], prev: str | None) -> str:
    """Sign the boot of a door that lost records."""
    return compact(changed(boot(PHONE, seq=seq, time=f"2026-04-07T08:{seq:02}:30.000Z"), {"data.prev": prev, "data.lost": lost}), PHONE)


def _with_prev(seq: int, prev: str | None) -> Fields:
    record = boot(PHONE) if seq == 1 else tap(PHONE, seq=seq)
    record["data"]["prev"] = prev
    return record


def _stored(payloads: list[str]) -> list[tuple[str, str]]:
    return [(payload, "stored") for payload in payloads]


def _arriving(says: str, *arrivals: tuple[str, str], through: int | None = None) -> Fields:
    """`through` is what the receipt says at the end."""
    example = {
        "says": says,
        "topic": f"calltime/v1/{PHONE.device}/records",
        "door": enrolled(PHONE),
        "received_at": ARRIVED,
        "arrivals": [{"payload": payload, "verdict": verdict} for payload, verdict in arrivals],
    }
    return example if through is None else {**example, "through": through}
