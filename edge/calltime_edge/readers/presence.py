"""What has just been presented, what still lies there, and what lies there together with something else?"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from calltime_edge.readers.sightings import MISSES_UNTIL_GONE

CHANGING = b"changing"
"""Stands for any card that has another number at each look, as telephones have. It is nobody's badge."""

REMEMBERED_SECONDS = 30.0
"""A reader that was lost and found again within this time finds what still lies on it, and nobody presented that a second time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """This card lies there alone and has no answer yet. Said at every look until `settle`: a first read is often torn."""

    card: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """A card lies there beside another one. Whose tap it was meant to be cannot be known: neither counts before it was taken away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stayed:
    """This card has been lying there alone for `hold_seconds` since it was settled. Said once."""

    card: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """This card came, and was taken away before it could be settled."""

    card: bytes


Event: TypeAlias = Came | Together | Stayed | Left


@dataclass(slots=True, kw_only=True)
class _Lying:
    misses: int = 0
    came: bool = False
    settled_at: float | None = None
    may_stay: bool = True


class Presence:
    """Remembers what lies on a reader from one look to the next. Times are seconds of any clock that only goes forward."""

    def __init__(self, *, hold_seconds: float) -> None:
        """`hold_seconds` = 0: nothing is ever said to have stayed."""
        self._hold_seconds = hold_seconds
        self._there: dict[bytes, _Lying] = {}
        self._looked_at = 0.0

    def look(self, seen: Collection[bytes], at: float) -> list[Event]:
        """Take in one look, and say what it means."""
        events: list[Event] = [*self._take_in(seen, at)]
        lies = self._alone(seen)
        if self._is_beside_another(seen):
            for lying in self._there.values():
                lying.settled_at, lying.may_stay = at, False
            events.append(Together())
        elif lies is not None and (lying := self._there[lies]).settled_at is None:
            lying.came = True
            events.append(Came(card=lies))
        elif lies is not None and self._has_stayed(lying, at):
            lying.may_stay = False
            events.append(Stayed(card=lies))
        return events

    def settle(self, card: bytes, at: float) -> bool:
        """This card has its answer now; False when it must not have one, because by now it does not lie there alone."""
        lying = self._there[card]
        if lying.settled_at is not None:
            return False
        lying.settled_at = at
        return True

    def _take_in(self, seen: Collection[bytes], at: float) -> Iterator[Left]:
        if at - self._looked_at > REMEMBERED_SECONDS:
            self._there = {}
        self._looked_at = at
        for card, lying in list(self._there.items()):
            lying.misses = 0 if card in seen else lying.misses + 1
            if lying.misses >= MISSES_UNTIL_GONE:
                del self._there[card]
                if lying.came and lying.settled_at is None:
                    yield Left(card=card)
        for card in seen:
            self._there.setdefault(card, _Lying())
        if CHANGING in self._there and len(self._there) > 1:
            # The badge in the case of a telephone: the telephone is not told off, now or when it is taken away last.
            self._there[CHANGING].settled_at, self._there[CHANGING].may_stay = at, False

    def _alone(self, seen: Collection[bytes]) -> bytes | None:
        """The one card that lies there and was seen. A card that is only missed now and then lies there too."""
        numbered = self._numbered()
        one = numbered[0] if len(numbered) == 1 else CHANGING if not numbered else None
        return one if one in seen else None

    def _is_beside_another(self, seen: Collection[bytes]) -> bool:
        """Whether the last one that came has no answer yet, and one that came before is seen as well.

        One that came while another was only just out of sight waits until that is gone, or is seen again.
        """
        numbered = self._numbered()
        if not numbered or self._there[numbered[-1]].settled_at is not None:
            return False
        return any(card in seen for card in numbered[:-1])

    def _numbered(self) -> list[bytes]:
        return [card for card in self._there if card != CHANGING]

    def _has_stayed(self, lying: _Lying, at: float) -> bool:
        return bool(self._hold_seconds and lying.may_stay and lying.settled_at is not None and at - lying.settled_at >= self._hold_seconds)
