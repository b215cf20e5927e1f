"""Who checks many signatures? A process beside the gateway, run from this file; a few are checked at once and here.

A thread would give the interpreter up for each signature, and may then wait for whichever thread has it. What that is worth: docs/adr/0017.
"""

from __future__ import annotations

import logging
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import IO

import msgspec

from calltime_wire.ed25519 import Ed25519Verifier
from calltime_wire.es256 import Es256Verifier
from calltime_wire.jws import Algorithm

log = logging.getLogger(__name__)

FEW = 32
"""Fewer are not worth the way to the other process and back."""
PATIENCE = 10.0
"""Seconds in which it must take a question, and then give more of its answer. One that hangs must not stop the gateway."""
KEYS = 20_000
"""So many public keys are kept ready for use."""

Key = Ed25519Verifier | Es256Verifier


class Claim(msgspec.Struct, frozen=True, array_like=True):
    """Somebody says that the owner of this key has signed this."""

    alg: Algorithm
    public_key: bytes
    message: bytes
    signature: bytes


@lru_cache(maxsize=KEYS)
def key(alg: Algorithm, public_key: bytes) -> Key:
    """Make a public key ready for use."""
    return Ed25519Verifier(public_key) if alg == "EdDSA" else Es256Verifier(public_key)


class Checker:
    """The way to the other process. One question at a time is under way: its answer is fetched before the next is asked."""

    def __init__(self) -> None:
        """It is started when it is needed."""
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def ask(self, claims: Sequence[Claim]) -> Callable[[], Sequence[bool]]:
        """Have it checked whether these are true. What is returned waits for the answer, one of each."""
        if len(claims) >= FEW:
            try:
                self._send(claims)
            except OSError as error:
                self._lost(error)
            else:
                return lambda: self._answer(claims)
        verdicts = _check(claims)
        return lambda: verdicts

    def _send(self, claims: Sequence[Claim]) -> None:
        if self._line is None:
            self._line, theirs = socket.socketpair()
            self._line.settimeout(PATIENCE)
            with theirs:
                words = [sys.executable, "-P", "-m", "calltime_gateway.checking"]
                self._process = subprocess.Popen(words, stdin=theirs.fileno(), stdout=theirs.fileno())
        self._line.sendall(_packed(msgspec.msgpack.encode(claims)))

    def _answer(self, claims: Sequence[Claim]) -> Sequence[bool]:
        try:
            with _there(self._line).makefile("rb") as end:
                answer = _read(end)
        except OSError as error:
            self._lost(error)
            return _check(claims)
        if len(answer) != len(claims):
            self._lost(OSError(f"it answered {len(answer)} of {len(claims)} questions"))
            return _check(claims)
        return [bool(verdict) for verdict in answer]

    def _lost(self, error: OSError) -> None:
        log.warning("the process that checks signatures has ended or hangs; they are checked here, and it is started again: %s", error)
        self.close()

    def close(self) -> None:
        """End the other process."""
        if self._line is not None:
            self._line.close()
            self._line = None
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _check(claims: Sequence[Claim]) -> list[bool]:
    return [key(claim.alg, claim.public_key).verify(claim.message, claim.signature) for claim in claims]


def _there(line: socket.socket | None) -> socket.socket:
    if line is None:
        raise OSError("there is no way to it")
    return line


def _packed(said: bytes) -> bytes:
    return len(said).to_bytes(4, "big") + said


def _read(end: IO[bytes]) -> bytes:
    """Read what was written; nothing when the other end is closed."""
    return end.read(int.from_bytes(end.read(4), "big"))


def _serve() -> None:
    # Ctrl-C in a terminal is meant for the gateway: it finishes its batch, and then closes our end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    decoder = msgspec.msgpack.Decoder(list[Claim])
    while asked := _read(sys.stdin.buffer):
        sys.stdout.buffer.write(_packed(bytes(_check(decoder.decode(asked)))))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve()
