"""How does what a caller keyed in come before the agent, and its answer back to the call?

As with any reader: it is yielded as a sighting, so that one tap is handled at a time, after any other; and the answer is shown. Whoever
holds the call waits meanwhile.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator

from calltime_edge.answers import Answer
from calltime_edge.feedback import Feedback
from calltime_edge.readers.sightings import Called

WITHIN_S = 8.0
"""Seconds until the caller is told that nobody knows. A telephone company waits for 15, and a carer less."""
LOOK_EVERY_S = 1.0


class _Asking:
    """One tap that is asked for. Once it was taken it is not given up: it may be written any moment."""

    def __init__(self, called: Called) -> None:
        self.called = called
        self.answer: Answer | None = None
        self.done = threading.Event()
        self._lock = threading.Lock()
        self._settled = False

    def settle(self) -> bool:
        """True for whoever is first: the agent that takes it, or the caller who gives it up."""
        with self._lock:
            was, self._settled = self._settled, True
            return not was


class Desk:
    """The calls of one line, before its one agent. `asked` is watched as a reader is, and `show` is the agent's feedback."""

    def __init__(self, beside: Feedback) -> None:
        """`beside`: what else is shown each answer."""
        self._beside = beside
        self._queue: queue.SimpleQueue[_Asking] = queue.SimpleQueue()
        self._now = threading.local()

    def ask(self, called: Called) -> Answer | None:
        """Have it recorded. None: nobody can say whether it was, or will be."""
        asking = _Asking(called)
        self._queue.put(asking)
        if not asking.done.wait(WITHIN_S) and not asking.settle():
            asking.done.wait(WITHIN_S / 2)  # the agent has it: a disk that is slow
        return asking.answer

    def asked(self, stop: threading.Event, look: Callable[[], None]) -> Iterator[Called]:
        """Yield what is asked for, until `stop` is set. `look` is called again and again, and may raise."""
        while not stop.is_set():
            look()
            try:
                asking = self._queue.get(timeout=LOOK_EVERY_S)
            except queue.Empty:
                continue
            if not asking.settle():
                continue  # the caller was told that nobody knows, and may have called again
            self._now.asking = asking
            try:
                yield asking.called
            finally:
                self._now.asking = None
                asking.done.set()

    def show(self, answer: Answer) -> None:
        """Give the answer to the call that this thread is handling."""
        asking: _Asking | None = getattr(self._now, "asking", None)
        if asking is not None:
            asking.answer = answer
        self._beside.show(answer)
