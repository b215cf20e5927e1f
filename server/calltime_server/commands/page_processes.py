"""How do pages get more than one processor? By further processes, which take requests from the same port as the first."""

from __future__ import annotations

import logging
import multiprocessing
import threading
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from socket import socket
from typing import TYPE_CHECKING

import uvicorn

if TYPE_CHECKING:
    from fastapi import FastAPI

BREATH_S = 1.0
"""Before another is started for one that ended, so that one that cannot begin does not eat the machine."""

logger = logging.getLogger(__name__)


class PageServer(uvicorn.Server):
    """Ends the streams of open pages first: they last, and uvicorn would wait for them."""

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        """Close the office."""
        self.config.app.state.live.close()  # type: ignore[union-attr] # it is the app that we gave it
        await super().shutdown(sockets)


class PageProcesses:
    """So many processes that serve pages until stopped; another is started for one that ends.

    `make` makes the app, anew in each process, so it must be a function that other processes can import, bound to what they can be sent.
    """

    def __init__(self, make: Callable[[], FastAPI], port: socket, count: int) -> None:
        """Nothing is started yet. `port` is bound, and stays the caller's."""
        self._make, self._port, self._count = make, port, count
        self._spawn = multiprocessing.get_context("spawn")
        self._ends = threading.Event()
        self._keeping = threading.Thread(target=self._keep, name="page processes")

    def start(self) -> None:
        """Start them, and see to it that there are as many."""
        if self._count:
            self._keeping.start()

    def stop(self) -> None:
        """End all, after the answers that are under way."""
        self._ends.set()
        if self._count:
            self._keeping.join()

    def _keep(self) -> None:
        running = [self._another() for _ in range(self._count)]
        while not self._ends.is_set():
            wait([each.sentinel for each in running], timeout=BREATH_S)
            for at, each in enumerate(running):
                if not each.is_alive() and not self._ends.wait(BREATH_S):
                    logger.error("A process that serves pages has ended (exit status %s). Starting another.", each.exitcode)
                    running[at] = self._another()
        for each in running:
            each.terminate()
        for each in running:
            each.join()

    def _another(self) -> BaseProcess:
        process = self._spawn.Process(target=partial(_serve, self._make, self._port), daemon=True)
        process.start()
        return process


def _serve(make: Callable[[], FastAPI], port: socket) -> None:
    server = PageServer(uvicorn.Config(make(), log_level="warning", server_header=False))
    threading.Thread(target=_end_with_the_first, args=(server,), daemon=True).start()
    server.run(sockets=[port])


def _end_with_the_first(server: PageServer) -> None:
    """Who is killed cannot tell the others to end, and the port would never be free again."""
    first = multiprocessing.parent_process()
    if first is not None:
        first.join()
        server.should_exit = True
