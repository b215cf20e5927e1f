"""Who signed? Checked for a whole batch before its transaction, with keys that are fetched once and kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace

from calltime_gateway.checking import Checker, Claim, Key
from calltime_gateway.judging import Reading
from calltime_gateway.store import DatabaseAway, Store
from calltime_wire.admission import Claimed
from calltime_wire.identity import DeviceId

KEPT = 20_000
"""Doors whose keys are kept. They are right for ever, as a door's id is made from its key; that it is revoked, the transaction sees."""


class Verifying:
    """The keys that were needed so far, the connection that fetches those that are missing, and who checks with them."""

    def __init__(self, store: Store) -> None:
        """The store is for this alone: its connection is used beside the one of the transaction."""
        self._store = store
        self._keys: dict[DeviceId, Key] = {}
        self._checker = Checker()

    def begin(self, readings: Sequence[Reading]) -> Callable[[], list[Reading]]:
        """Have the signatures of a batch checked, as far as the doors' keys can be had now. What is returned waits for the verdicts.

        To be called, in turn, before the next batch is begun.
        """
        self._learn({reading.door for reading in readings if reading.door is not None and isinstance(reading.result, Claimed)})
        claims = {number: claim for number, reading in enumerate(readings) if (claim := self._claim(reading)) is not None}
        answer = self._checker.ask(list(claims.values()))

        def verified() -> list[Reading]:
            signed = dict(zip(claims, answer(), strict=True))
            return [replace(reading, signed=signed.get(number)) for number, reading in enumerate(readings)]

        return verified

    def _claim(self, reading: Reading) -> Claim | None:
        """Say what is to be checked. None: it is no record, its door is not known, or it names another algorithm than its door has."""
        match reading.result:
            case Claimed(record=record, parts=parts):
                key = self._keys.get(record.device)
                if key is not None and key.alg == parts.alg:
                    return Claim(key.alg, key.public_key, parts.signing_input, parts.signature)
        return None

    def _learn(self, doors: set[DeviceId]) -> None:
        missing = doors - self._keys.keys()
        if not missing:
            return
        try:
            with self._store.transaction() as desk:
                self._keys |= desk.keys(missing)
        except DatabaseAway:
            return  # the transaction of this batch will find the same, and wait
        while len(self._keys) > KEPT:
            del self._keys[next(iter(self._keys))]

    def close(self) -> None:
        """Let the connection and the checking process go."""
        self._checker.close()
        self._store.close()
