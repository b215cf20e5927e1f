"""How is a day of care played through real doors? Touch by touch, with the town's clock standing still at each."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from calltime_edge.answers import Confirmed
from calltime_sim.day import Touch
from calltime_sim.door import Door, TownClock

UNKNOWN_TAG = "https://localhost/t/label-of-an-earlier-system"
WITHOUT_SIGNAL = 2
"""So many carers have no signal before noon: their taps of the morning arrive late, those of the last one with the times of 1970."""


class TownTrouble(Exception):
    """The day could not be played; the message says what, why and what next."""


@dataclass(slots=True, kw_only=True)
class Played:
    """What the doors answered so far, by kind of answer."""

    answers: Counter[str] = field(default_factory=Counter)

    @property
    def confirmed(self) -> int:
        """Taps that doors confirmed."""
        return self.answers[Confirmed.__name__]


class Town:
    """The doors of all carers on the road."""

    def __init__(self, *, codes: Mapping[str, str], server: str, folder: Path, begins: datetime, seed: int) -> None:
        """Enrol a door for each carer with its one-time code. The first reads by NFC, the second by QR, through the real drivers."""
        self._clock = TownClock(begins)
        self._offline = list(codes)[-WITHOUT_SIGNAL:]
        self.doors: dict[str, Door] = {}
        for carer, kind in zip(codes, ["nfc", "qr", *["fed"] * len(codes)], strict=False):
            # A device without signal and without a battery for its clock does not know what day it is.
            clock = self._clock.of(carer, knows_the_time=carer != self._offline[-1])
            self.doors[carer] = Door(
                carer=carer, code=codes[carer], server=server, folder=folder / carer, clock=clock, seed=seed, kind=kind
            )

    def __enter__(self) -> Self:
        """Switch the doors on that have a signal."""
        for carer, door in self.doors.items():
            if carer not in self._offline:
                door.go_online()
        return self

    def __exit__(self, *_: object) -> None:
        """Switch all doors off."""
        for door in self.doors.values():
            door.close()

    def play(
        self,
        touches: Sequence[Touch],
        addresses: Mapping[str, str],
        *,
        seconds: float = 0.0,
        before_touch: Callable[[int, Touch, Played], None] = lambda *_: None,
    ) -> Played:
        """Play the day in about so many seconds (0: as fast as the doors answer). `before_touch` hears of each touch before it happens."""
        played = Played()
        began, length = time.monotonic(), max((touches[-1].at - touches[0].at).total_seconds(), 1.0)
        noon = touches[0].at + (touches[-1].at - touches[0].at) / 2
        for number, touch in enumerate(touches):
            due = began + (touch.at - touches[0].at).total_seconds() / length * seconds
            time.sleep(max(0.0, due - time.monotonic()))
            before_touch(number, touch, played)
            if touch.at >= noon:
                self.find_signal()
            self._clock.now = touch.at
            answer = self.doors[touch.carer].touch(addresses[touch.home] if touch.known else UNKNOWN_TAG)
            played.answers[type(answer).__name__] += 1
        self.find_signal()
        self._clock.now += timedelta(seconds=1)
        return played

    def find_signal(self) -> None:
        """Let the doors that had none reach the broker."""
        for carer in self._offline:
            self.doors[carer].go_online()
        self._offline = []

    @property
    def waiting(self) -> int:
        """Records on all doors without a receipt."""
        return sum(door.waiting for door in self.doors.values())

    def wait_for_receipts(self, *, within: float, meanwhile: Callable[[int], None] = lambda _: None) -> None:
        """Wait until every door has a receipt for everything. Raises TownTrouble."""
        deadline = time.monotonic() + within
        while (waiting := self.waiting) > 0:
            meanwhile(waiting)
            if time.monotonic() > deadline:
                silent = ", ".join(carer for carer, door in self.doors.items() if door.waiting)
                raise TownTrouble(
                    f"After {within:.0f} s {waiting} records have no receipt (doors of {silent}). They are safe on the doors. "
                    "Look into the logs of the gateway and the broker."
                )
            time.sleep(0.05)
