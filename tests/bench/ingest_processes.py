"""How is a round told what to do? The publisher and the reader, each a process of its own that is spoken to over pipes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import msgspec

from bench.ingest_load import Kind
from bench.ingest_publisher import Sent
from bench.ingest_reader import Heard
from bench.ingest_stage import Stage

QUIET_SECONDS = 0.5
"""When so long nothing came, nothing comes."""


class Publisher:
    """The process that sends."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process, self._let = process, 0
        _pipe(process.stdout).readline()  # it is ready

    def let(self, records: int) -> None:
        """Let it have sent so many in all."""
        if records > self._let:  # having been let send all, it may have ended
            self._let = records
            _pipe(self._process.stdin).write(f"{records}\n")
            _pipe(self._process.stdin).flush()

    def result(self) -> Sent:
        return msgspec.json.decode(_pipe(self._process.stdout).readline(), type=Sent)


@contextmanager
def publishing(stage: Stage, kind: Kind, *, rate: float = 0) -> Iterator[Publisher]:
    """Have the load ready to be sent."""
    words = ["bench.ingest_publisher", str(stage.broker.port), str(rate), *map(str, stage.load.files(kind))]
    with _module(words) as process:
        yield Publisher(process)


class Reader:
    """The process that listens."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        _pipe(process.stdout).readline()  # it listens

    def wait_until_quiet(self) -> None:
        """Wait until nothing has come for a while."""
        before, now = -1, 0
        while now != before:
            before = now
            time.sleep(QUIET_SECONDS)
            _pipe(self._process.stdin).write("\n")
            _pipe(self._process.stdin).flush()
            now = int(_pipe(self._process.stdout).readline())

    def result(self) -> Heard:
        """End it, and say what it heard."""
        self.wait_until_quiet()
        _pipe(self._process.stdin).close()
        return msgspec.json.decode(_pipe(self._process.stdout).readline(), type=Heard)


@contextmanager
def listening(stage: Stage, pattern: str) -> Iterator[Reader]:
    """Listen to these topics."""
    with _module(["bench.ingest_reader", str(stage.broker.port), pattern]) as process:
        yield Reader(process)


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


@contextmanager
def _module(words: list[str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-m", *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()
