"""How does the office know how doors are? It looks every half minute at what came in, beside the visit log."""

from __future__ import annotations

import time
from collections.abc import Callable

from calltime_server.store.connection import connect
from calltime_server.store.door_health import refresh_heard

EVERY = 30.0
"""Seconds: how old what the pages show may be."""


def door_listener(dsn: str, *, clock: Callable[[], float] = time.monotonic) -> Callable[[], None]:
    """What the watch calls in each of its rounds; it does something in the first and then every half minute."""
    due = clock()

    def listen() -> None:
        nonlocal due
        if clock() < due:
            return
        due = clock() + EVERY
        with connect(dsn) as connection:
            refresh_heard(connection)

    return listen
