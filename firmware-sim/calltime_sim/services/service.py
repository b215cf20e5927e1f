"""How does a real program run beside us: started until it answers, stopped, killed, started again on the same port?"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

from calltime_sim.services import guard

ANSWERS_WITHIN_SECONDS = 60
ENDS_WITHIN_SECONDS = 30
LOOK_AGAIN_SECONDS = 0.02


class ServiceTrouble(Exception):
    """A service did not start; the message holds the end of its own log and what to do."""


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port


@dataclass(frozen=True, slots=True, kw_only=True)
class Guarded:
    """The guard's process, and our end of the pipe that it listens on."""

    process: subprocess.Popen[bytes]
    line: int


class Service(ABC):
    """A program on loopback, as a child process that ends when we do. What it keeps is in `folder`, and survives stop and start."""

    name: ClassVar[str]
    host = "127.0.0.1"
    stop_signal: ClassVar[signal.Signals] = signal.SIGTERM

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self.port = free_port()
        self.log = self.folder / f"{self.name}.log"
        self._guarded: Guarded | None = None

    @classmethod
    def available(cls) -> str | None:
        """None when it can run here; otherwise what is missing and how to get it."""
        return None

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program and its arguments."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether it serves, not merely listens."""

    def prepare(self) -> None:
        """What must stand before the program starts; called at every start."""
        self.folder.mkdir(parents=True, exist_ok=True)

    @property
    def running(self) -> bool:
        return self._guarded is not None and self._guarded.process.poll() is None

    def start(self) -> None:
        """Start and return when it answers. Raises ServiceTrouble."""
        if self.running:
            return
        missing = self.available()
        if missing is not None:
            raise ServiceTrouble(missing)
        self._end(guard.KILL)  # nothing left to kill, but a service that ended by itself still has its pipe
        self.prepare()
        words = [sys.executable, "-I", "-S", guard.__file__, str(int(self.stop_signal)), *self.command()]
        its_end, our_end = os.pipe()
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C in a terminal reaches us, and we stop it when we are ready.
            process = subprocess.Popen(words, stdin=its_end, stdout=log, stderr=log, cwd="/", start_new_session=True)
        os.close(its_end)
        self._guarded = Guarded(process=process, line=our_end)
        self._wait_until_it_answers()

    def stop(self) -> None:
        """End it as its administrator would: it saves what it has."""
        self._end(guard.STOP)

    def kill(self) -> None:
        """End it by SIGKILL: it saves nothing."""
        self._end(guard.KILL)

    def close(self) -> None:
        """Stop it and remove what it put outside its folder."""
        self.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def log_tail(self, lines: int = 20) -> str:
        if not self.log.exists():
            return "(no log)"
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])

    def _wait_until_it_answers(self) -> None:
        deadline = time.monotonic() + ANSWERS_WITHIN_SECONDS
        while self.running and time.monotonic() < deadline:
            # Looked at in this order: when our own child has ended, the answer came from somebody else on its port.
            if self.answers() and self.running:
                return
            time.sleep(LOOK_AGAIN_SECONDS)
        why = f"did not answer within {ANSWERS_WITHIN_SECONDS} s" if self.running else "ended before it answered"
        self.kill()
        raise ServiceTrouble(
            f"{self.name} {why}. The end of its log ({self.log}):\n{self.log_tail()}\nMend what the log names, then start again."
        )

    def _end(self, how: bytes) -> None:
        guarded, self._guarded = self._guarded, None
        if guarded is None:
            return
        for word in (how, guard.KILL):
            with contextlib.suppress(BrokenPipeError):  # it ended by itself
                os.write(guarded.line, word)
            with contextlib.suppress(subprocess.TimeoutExpired):
                guarded.process.wait(ENDS_WITHIN_SECONDS)
                break
        os.close(guarded.line)
