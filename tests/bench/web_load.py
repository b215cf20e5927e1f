"""How long does somebody wait who asks at a steady pace? Requests are due at their times, however long the ones before them take."""

from __future__ import annotations

import http.client
import queue
import threading
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

ASKERS = 20
"""Connections that are kept open: one page that takes a second holds up none of the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What an address was answered with: milliseconds from when each request was due, and the answers that were no success."""

    milliseconds: tuple[float, ...]
    failed: tuple[int, ...]


def ask(address: str, path: str, headers: dict[str, str], *, a_second: int, seconds: int) -> Answered:
    """Ask for a path at a steady pace. What waits in our own queue counts, for a person would wait, too."""
    due: queue.SimpleQueue[float | None] = queue.SimpleQueue()
    took: list[float] = []
    failed: list[int] = []
    askers = [threading.Thread(target=_asker, args=(address, path, headers, due, took, failed)) for _ in range(ASKERS)]
    for asker in askers:
        asker.start()
    begin = time.perf_counter() + 0.1
    for number in range(a_second * seconds):
        at = begin + number / a_second
        time.sleep(max(0.0, at - time.perf_counter()))
        due.put(at)
    for _ in askers:
        due.put(None)
    for asker in askers:
        asker.join()
    return Answered(milliseconds=tuple(took), failed=tuple(failed))


def _asker(
    address: str, path: str, headers: dict[str, str], due: queue.SimpleQueue[float | None], took: list[float], failed: list[int]
) -> None:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    while (at := due.get()) is not None:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        took.append((time.perf_counter() - at) * 1000)
        if answer.status != 200:
            failed.append(answer.status)
    connection.close()
