"""What can happen to bytes on a bad cable? They are lost, doubled, joined by noise, cut off, late, and at last the line hangs up.

Pure, and the same for the same seed.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass


class HungUp(Exception):
    """So many bytes have passed that the line is dead from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """One direction of a cable. `lose`, `double` and `noise` strike so many bytes in a thousand; 0 or None: that never happens."""

    seed: int = 0
    lose: int = 0
    double: int = 0
    noise: int = 0
    # Of every so many things that are said, the second half of one is lost.
    halve_every: int = 0
    # Bytes arrive so many at a time, each lot this much after the one before.
    at_a_time: int = 0
    delay_ms: int = 0
    hang_up_after: int | None = None


class Cable:
    """One direction of a cable, good unless faults are given."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self._chance = random.Random(faults.seed)
        self._said = self._passed = 0

    def carry(self, said: bytes) -> Iterator[bytes]:
        """Yield what arrives of it, lot by lot; HungUp in the middle when the line dies."""
        if not said:
            return
        arriving = self._struck(self._halved(said))
        left = len(arriving) if self.faults.hang_up_after is None else self.faults.hang_up_after - self._passed
        self._passed += len(arriving)
        whole, arriving = len(arriving), arriving[:left]
        size = self.faults.at_a_time or max(1, len(arriving))
        for at in range(0, len(arriving), size):
            yield arriving[at : at + size]
        if left < whole:
            raise HungUp

    def _halved(self, said: bytes) -> bytes:
        self._said += 1
        cut = self.faults.halve_every and self._said % self.faults.halve_every == 0
        return said[: len(said) // 2] if cut else said

    def _struck(self, said: bytes) -> bytes:
        arriving = bytearray()
        for byte in said:
            if self._strikes(self.faults.noise):
                arriving.append(self._chance.randrange(256))
            if not self._strikes(self.faults.lose):
                arriving.append(byte)
            if self._strikes(self.faults.double):
                arriving.append(byte)
        return bytes(arriving)

    def _strikes(self, in_a_thousand: int) -> bool:
        return in_a_thousand > 0 and self._chance.randrange(1000) < in_a_thousand
