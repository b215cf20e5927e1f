"""What is asked? The office as a process of its own, with the clock of the bench."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from urllib.error import URLError

import uvicorn
from fastapi import FastAPI

from bench.settle_one import EXAMPLE, terms_of
from calltime_server.app import make_app
from calltime_server.commands.page_processes import PageProcesses, PageServer

WITHIN_SECONDS = 60
PROCESSES = os.cpu_count() or 1


@contextmanager
def serving(dsn: str, now: datetime) -> Iterator[str]:
    """The address of an office that runs as long as the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "bench.web_server", dsn, now.isoformat(), str(port)]
    process = subprocess.Popen(words, env=os.environ)
    try:
        _wait(f"http://127.0.0.1:{port}/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait(address: str) -> None:
    until = time.monotonic() + WITHIN_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310  # our own loopback
                return
        except (URLError, ConnectionError):
            time.sleep(0.2)
    raise TimeoutError(address)


def main() -> None:
    """Serve, as `calltime-server serve --processes` does, without what goes on beside the pages."""
    dsn, now, port = sys.argv[1:]
    how = uvicorn.Config(_office(dsn, now), host="127.0.0.1", port=int(port), log_level="warning")
    with how.bind_socket() as bound:
        beside = PageProcesses(partial(_office, dsn, now), bound, PROCESSES - 1)
        beside.start()
        PageServer(how).run(sockets=[bound])
        beside.stop()


def _office(dsn: str, now: str) -> FastAPI:
    at = datetime.fromisoformat(now)
    return make_app(dsn=dsn, terms=terms_of(EXAMPLE), broker="mqtt://127.0.0.1", public_url="http://127.0.0.1", now=lambda: at)


if __name__ == "__main__":
    main()
