"""What is held to an NFC reader, and when does it count?"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any, TypeAlias

from calltime_edge.readers import nfc_cards, nfc_serial
from calltime_edge.readers.presence import Came, Event, Left, Presence, Stayed, Together
from calltime_edge.readers.sightings import Card, Held, ReaderGone, Sighting, Tag, Unreadable, Why
from calltime_wire.status import ReaderState

Opening: TypeAlias = Callable[[str, threading.Event], AbstractContextManager[Any]]
"""Opens the chip at a port, as nfcpy's frontend, for as long as a `with` lasts. Whatever goes wrong meanwhile comes out as ReaderGone."""


class NfcReader:
    """A PN532 on a serial port, or whatever else `opening` finds. An idle reader looks every `poll_seconds`."""

    def __init__(
        self,
        port: str,
        *,
        opening: Opening = nfc_serial.pn532,
        hold_seconds: float = 3.0,
        poll_seconds: float = 0.05,
    ) -> None:
        """`hold_seconds`: who leaves a card there so long says that she waits; 0: nobody can say it that way."""
        self.name = f"NFC reader at {port}"
        self._port = port
        self._opening = opening
        self._poll_seconds = poll_seconds
        # Both outlive a reader that is lost: a card that still lies there when it is found again was not presented twice.
        self._presence = Presence(hold_seconds=hold_seconds)
        self._answered: dict[bytes, Sighting] = {}

    def sightings(self, stop: threading.Event, tell: Callable[[ReaderState], None]) -> Iterator[Sighting]:
        """See `Reader.sightings`."""
        if stop.is_set():
            return
        try:
            with self._opening(self._port, stop) as frontend:
                while not stop.is_set():
                    tell("ready")
                    for event in self._look(frontend):
                        yield from self._answer(frontend, event)
                    stop.wait(self._poll_seconds)
        except ReaderGone:
            if not stop.is_set():
                raise

    def _look(self, frontend: Any) -> list[Event]:
        return self._presence.look(nfc_cards.look(frontend), time.monotonic())

    def _answer(self, frontend: Any, event: Event) -> Iterator[Sighting]:
        match event:
            case Came(card=card):
                yield from self._read(frontend, card)
            case Stayed(card=card):
                seen = self._answered.get(card)
                if isinstance(seen, Tag | Card):
                    yield Held(seen=seen)
            case Together():
                yield Unreadable(via="nfc", why=Why.TOGETHER)
            case Left():
                yield Unreadable(via="nfc", why=Why.TAKEN_AWAY)

    def _read(self, frontend: Any, card: bytes) -> Iterator[Sighting]:
        """Read a card, and answer it only if nothing else lies beside it by then: of two in one purse, one comes into the field first."""
        sighting = nfc_cards.read(frontend, card)
        if sighting is None:
            return
        if any(isinstance(event, Together) for event in self._look(frontend)):
            yield Unreadable(via="nfc", why=Why.TOGETHER)
        elif self._presence.settle(card, time.monotonic()):
            self._answered = {card: sighting}
            yield sighting
