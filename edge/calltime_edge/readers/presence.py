"""Has this card just been presented, or does it still lie there?"""

from calltime_edge.readers.sightings import MISSES_UNTIL_GONE


class Presence:
    """Remembers what lies on a reader from one look to the next.

    More than one card is remembered, because two on one key ring answer in turns and would otherwise be new for ever.
    """

    def __init__(self) -> None:
        self._misses: dict[bytes, int] = {}

    def newly_there(self, seen: bytes | None) -> bool:
        """Take in one look, which saw the card `seen` or nothing; True if that card was not there before."""
        new = seen is not None and seen not in self._misses
        missed = {card: misses + 1 for card, misses in self._misses.items()}
        if seen is not None:
            missed[seen] = 0
        self._misses = {card: misses for card, misses in missed.items() if misses < MISSES_UNTIL_GONE}
        return new
