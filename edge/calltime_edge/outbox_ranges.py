"""Which of the door's numbers does the office still wait for? All but the settled ones: a few ranges, however many numbers they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

State: TypeAlias = Literal["stored", "beyond a gap", "quarantined", "missing", "declared"]
"""`stored`, `beyond a gap`, `quarantined`: by the word of the office. `missing`: no longer held by the door; `declared`: it has said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Range:
    """Numbers from `first` to `last`, both included, that need not be sent, and why."""

    first: int
    last: int
    state: State


Settled: TypeAlias = tuple[Range, ...]
"""Ascending, no number twice, and neighbours of one state are one range."""


def stored_through(settled: Settled) -> int:
    """Say up to which number everything is stored; 0: nothing."""
    return settled[0].last if settled and settled[0].first == 1 and settled[0].state == "stored" else 0


def store_through(settled: Settled, number: int) -> Settled:
    """Settle everything up to a number as stored, whatever was thought of it before."""
    if number == 0:
        return settled
    beyond = [replace(each, first=max(each.first, number + 1)) for each in settled if each.last > number]
    return _joined([Range(first=1, last=number, state="stored"), *beyond])


def settle(settled: Settled, new: Range) -> Settled:
    """Settle what of a range was open; what was settled before stays as it is."""
    still = open_between(settled, new.first, new.last)
    return _joined([*settled, *(Range(first=first, last=last, state=new.state) for first, last in still)])


def take_back(settled: Settled, declared: Iterable[tuple[int, int]]) -> Settled:
    """Make ranges missing again that were declared lost: the declaration did not arrive, and the next start makes another."""
    ranges = tuple(declared)

    def anew(each: Range) -> Range:
        touched = each.state == "declared" and any(first <= each.last and each.first <= last for first, last in ranges)
        return replace(each, state="missing") if touched else each

    return _joined(anew(each) for each in settled)


def open_between(settled: Settled, first: int, last: int) -> Iterator[tuple[int, int]]:
    """List the ranges within `first` and `last`, both included, that are not settled."""
    for each in settled:
        if each.last < first:
            continue
        if each.first > last:
            break
        if each.first > first:
            yield first, each.first - 1
        first = each.last + 1
    if first <= last:
        yield first, last


def count_open(settled: Settled, through: int) -> int:
    """Count the numbers up to one, included, that are not settled."""
    return sum(last - first + 1 for first, last in open_between(settled, 1, through))


def state_of(settled: Settled, number: int) -> State | Literal["waiting"]:
    """Say what has become of a number."""
    return next((each.state for each in settled if each.first <= number <= each.last), "waiting")


def _joined(ranges: Iterable[Range]) -> Settled:
    joined: list[Range] = []
    for each in sorted(ranges, key=lambda each: each.first):
        if joined and joined[-1].state == each.state and joined[-1].last + 1 == each.first:
            joined[-1] = replace(joined[-1], last=each.last)
        else:
            joined.append(each)
    return tuple(joined)
