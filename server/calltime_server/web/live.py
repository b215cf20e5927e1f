"""How does an open page learn that the day has moved on? One connection of this process listens, and tells all browsers that wait."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date

from calltime_server.store.connection import DatabaseAway, execute, heard, session

log = logging.getLogger(__name__)

HEARTBEAT = 15.0
"""Seconds of silence after which a line is sent, so that nobody between us and the browser hangs up."""
BY_THE_CLOCK = 60.0
"""Seconds after which a page is brought up to date though nothing came in: who did not come is late from some minute on."""
LASTS = 600.0
"""Seconds after which a stream ends. The browser comes again by itself, and is asked anew who it is."""
TRY_AGAIN = 2.0


@dataclass(frozen=True, slots=True, eq=False)
class Waiting:
    """A browser that waits. None tells it that the office closes."""

    loop: asyncio.AbstractEventLoop
    told: asyncio.Queue[date | None]


class Live:
    """Listens from the first browser on that waits, in a thread of its own."""

    def __init__(self, dsn: str) -> None:
        """Nobody listens yet."""
        self._dsn = dsn
        self._lock = threading.Lock()
        self._waiting: set[Waiting] = set()
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def close(self) -> None:
        """End all streams, and listen no more. May be called twice."""
        self._closed.set()
        self._tell(None)
        if self._thread is not None:
            self._thread.join()

    async def stream(self) -> AsyncIterator[str]:
        """Server-sent events: `changed`, with the day in London that has changed, or without one when only time has gone by."""
        ends, ticks = time.monotonic() + LASTS, time.monotonic() + BY_THE_CLOCK
        with self._seat() as told:
            yield "retry: 3000\n\n"
            while not self._closed.is_set() and time.monotonic() < ends:
                try:
                    day = await asyncio.wait_for(told.get(), HEARTBEAT)
                except TimeoutError:
                    if time.monotonic() < ticks:
                        yield ": still here\n\n"
                        continue
                    day = None
                if self._closed.is_set():
                    return
                ticks = time.monotonic() + BY_THE_CLOCK
                yield f"event: changed\ndata: {day or ''}\n\n"

    @contextmanager
    def _seat(self) -> Iterator[asyncio.Queue[date | None]]:
        waiting = Waiting(loop=asyncio.get_running_loop(), told=asyncio.Queue())
        with self._lock:
            self._waiting.add(waiting)
            if self._thread is None and not self._closed.is_set():
                self._thread = threading.Thread(target=self._listen, name="live")
                self._thread.start()
        try:
            yield waiting.told
        finally:
            with self._lock:
                self._waiting.discard(waiting)

    def _tell(self, day: date | None) -> None:
        with self._lock:
            for each in self._waiting:
                # Its loop may have ended without it: then nobody is left to be told.
                with suppress(RuntimeError):
                    each.loop.call_soon_threadsafe(each.told.put_nowait, day)

    def _listen(self) -> None:
        while not self._closed.is_set():
            try:
                with session(self._dsn) as connection:
                    execute(connection, "LISTEN calltime_log", {})
                    while not self._closed.is_set():
                        for payload in heard(connection, within=1.0):
                            self._tell(date.fromisoformat(payload))
            except DatabaseAway:
                self._closed.wait(TRY_AGAIN)
            except Exception:
                log.exception("the listening for changes of the visit log stumbled; it begins again")
                self._closed.wait(TRY_AGAIN)
