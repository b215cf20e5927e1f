"""Which records are under way, and when are they sent again? What no receipt covers in time goes once more; so many at once and no more."""

from __future__ import annotations

import random

from calltime_edge.outbox import Outbox


class Window:
    """What was sent over one connection. Time is handed in, in seconds of one monotonic clock."""

    def __init__(self, outbox: Outbox, *, size: int, receipt_within: float, longest: float, patience: float | None = None) -> None:
        """Nothing is under way yet. `receipt_within` doubles, with jitter, up to `longest` as long as none comes.

        `patience`: what it has come to already, at another broker where all of it was sent in vain.
        """
        self._outbox = outbox
        self._size = size
        self._receipt_within = receipt_within
        self._patience = patience or receipt_within
        self._longest = longest
        self._sent = 0
        self._since = 0.0
        self.under_way = 0
        self.in_vain = patience is not None  # whether it was all sent for nothing, here or at another broker, since a receipt covered some

    def take(self, now: float, *, at_most: int) -> list[tuple[int, str]]:
        """Take the next records to send, in order."""
        room = min(self._size - self.under_way, at_most)
        records = self._outbox.waiting(after=self._sent, at_most=room) if room > 0 else []
        if records:
            if self.under_way == 0:
                self._since = now
            self._sent = records[-1][0]
            self.under_way += len(records)
        return records

    def receipted(self, now: float) -> None:
        """Look what a receipt has left under way. One that covers nothing new buys no patience."""
        left = self._outbox.count_waiting(through=self._sent)
        if left < self.under_way:
            self._since, self._patience, self.in_vain = now, self._receipt_within, False
        self.under_way = left

    def overdue_in(self, now: float) -> float | None:
        """Say in how many seconds a receipt is overdue; None when none is expected."""
        return max(0.0, self._since + self._patience - now) if self.under_way else None

    def start_again(self, now: float) -> None:
        """Send everything once more, and wait longer than the last time."""
        self._sent = self.under_way = 0
        self._since = now
        self._patience = self.longer()
        self.in_vain = True

    def longer(self) -> float:
        """Say for how many seconds to wait the next time, when no receipt came this time either."""
        return min(self._patience * random.uniform(1.5, 2.5), self._longest)  # noqa: S311
